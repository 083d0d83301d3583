/* SPDX-License-Identifier: BSD-2-Clause */
/* What launcher.h promises, with programs that misbehave (T-RSYNC). */
#include "fetch/launcher.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/footprint.h"
#include "leashed.h"

static int
order(struct leashed *l, int64_t timeout_ms, struct launcher_answer *answer)
{
	const char *argv[] = { "program", l->folder, "-x", "a b", NULL };
	struct launcher_order o = {
		.argv = argv,
		.dir = l->folder,
		.timeout_ms = timeout_ms,
		.max_octets = 2000000,
		.max_files = 50,
	};

	return launcher_run(l->launcher, &o, answer);
}

struct script_case {
	const char *what, *script;
	int exit_code;
	bool timed_out, too_large;
	const char *detail;
};

static const struct script_case cases[] = {
	{ "ends well", "exit 0\n", 0, false, false, "" },
	{ "exit code and last line", "echo one >&2; echo two >&2; exit 7\n", 7,
	    false, false, "two" },
	{ "arguments", "test \"$2\" = -x && test \"$3\" = 'a b' && test $# = 3",
	    0, false, false, "" },
	{ "line that would forge a log",
	    "printf 'a\\033[2Jb\\rc\\n' >&2; exit 1\n", 1, false, false,
	    "a\\x1b[2Jb\\x0dc" },
	{ "endless line", "yes | head -c 1000000 | tr -d '\\n' >&2\n", 0, false,
	    false, "" },
	{ "stdin is empty", "test -z \"$(cat)\"\n", 0, false, false, "" },
	{ "stdout is nobody's", "yes | head -c 10000000; exit 3\n", 3, false,
	    false, "" },
	{ "stderr flood", "yes | head -c 30000000 >&2\n", 0, false, false,
	    "y" },
	{ "killed by itself", "kill -9 $$\n", -1, false, false, "" },
	{ "environment",
	    "test \"$LC_ALL\" = C && test -z \"$RSYNC_RSH\" && "
	    "test -z \"$LD_PRELOAD\" && test -z \"$HOME\"\n",
	    0, false, false, "" },
	{ "no descriptor of ours",
	    "for f in 3 4 5 6 7 8 9; do (eval \"true >&$f\") 2> $1/e && exit $f; "
	    "done; exit 0\n",
	    0, false, false, "" },
	{ "own group", "kill -0 -$$\n", 0, false, false, "" },
	{ "hangs", "sleep 60\n", -1, true, false, "" },
	{ "hangs and ignores SIGTERM",
	    "trap '' TERM; while :; do sleep 1; done\n", -1, true, false, "" },
	{ "drips", "while :; do echo . >&2; sleep 0.1; done\n", -1, true, false,
	    "." },
	{ "fills the disk with files",
	    "i=0; while :; do i=$((i+1)); yes | head -c 90000 > $1/f$i; done\n",
	    -1, false, true, "" },
	{ "one giant file", "yes > $1/f; exit 4\n", 4, false, false, NULL },
	{ "many files",
	    "i=0; while test $i -lt 300; do i=$((i+1)); : > $1/n$i; done\n"
	    "sleep 60\n",
	    -1, false, true, "" },
	{ "deep folders",
	    "cd $1; i=0; while test $i -lt 45; do i=$((i+1)); mkdir d; cd d; "
	    "done; cd $1; mkdir -p x/x/x/x/x/x\nsleep 60\n",
	    -1, false, true, "" },
};

/* The time a case may take: its own second and what it takes to kill. */
enum { TIMEOUT = 1500, SLACK = 12000 };

static void
test_programs(void **state)
{
	(void)state;
	setenv("RSYNC_RSH", "/bin/false", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct script_case *c = &cases[i];
		int64_t timeout = c->timed_out ? TIMEOUT : TIMEOUT + SLACK;
		int64_t began = clock_mono_ms();
		struct launcher_answer answer;
		struct leashed l;

		print_message("%s\n", c->what);
		leashed_make(&l, c->script, 2);
		assert_int_equal(0, order(&l, timeout, &answer));
		if (c->exit_code != answer.exit_code) {
			print_message("detail %s\n", answer.detail);
		}
		assert_int_equal(c->exit_code, answer.exit_code);
		assert_int_equal(c->timed_out, answer.timed_out);
		assert_int_equal(c->too_large, answer.too_large);
		if (c->detail != NULL) {
			assert_string_equal(c->detail, answer.detail);
		}
		assert_true(clock_mono_ms() - began < TIMEOUT + SLACK);
		leashed_remove(&l);
	}
	unsetenv("RSYNC_RSH");
}

static void
test_grandchildren_go_too(void **state)
{
	struct launcher_answer answer;
	struct leashed l;

	(void)state;
	leashed_make(&l, "sleep 60 & echo $! > $1/pid; exit 0\n", 1);
	assert_int_equal(0, order(&l, 10000, &answer));
	assert_int_equal(0, answer.exit_code);
	assert_true(leashed_gone(leashed_number(&l, "pid")));
	leashed_remove(&l);
}

static void
test_stop_kills_children(void **state)
{
	struct leashed l;
	struct launcher_answer answer;
	pid_t asker;
	long pid;

	(void)state;
	leashed_make(&l, "echo $$ > $1/pid; exec sleep 60\n", 1);
	asker = fork();
	if (asker == 0) {
		_exit(order(&l, 60000, &answer) == 0 ? 0 : 1);
	}
	pid = leashed_number(&l, "pid");
	(void)kill(asker, SIGKILL); /* who waits for the answer gives up */
	(void)waitpid(asker, NULL, 0);
	assert_true(leashed_gone(pid));
	leashed_remove(&l);
}

/* The engine dies without a word: nothing of it may stay. */
static void
test_engine_dies(void **state)
{
	struct leashed l = { .launcher = NULL };
	struct launcher_answer answer;
	char top[64];
	int ends[2];
	pid_t engine;
	long pid;

	(void)state;
	assert_int_equal(0, pipe(ends));
	engine = fork();
	if (engine == 0) {
		leashed_make(&l,
		    "trap '' TERM; echo $$ > $1/pid; while :; do sleep 1; "
		    "done\n",
		    1);
		(void)!write(ends[1], &l, sizeof(l));
		_exit(order(&l, 60000, &answer));
	}
	assert_int_equal(sizeof(l), read(ends[0], &l, sizeof(l)));
	memcpy(top, l.top, sizeof(top));
	pid = leashed_number(&l, "pid");
	(void)kill(engine, SIGKILL);
	(void)waitpid(engine, NULL, 0);
	assert_true(leashed_gone(pid));
	l.launcher = NULL;
	leashed_remove(&l);
	close(ends[0]);
	close(ends[1]);
}

static void
give_two(const char *script, unsigned children)
{
	struct launcher_answer answer;
	struct leashed l;
	pid_t other;
	int status = -1;

	leashed_make(&l, script, children);
	other = fork();
	if (other == 0) {
		_exit(order(&l, 60000, &answer) != 0 || answer.exit_code != 0);
	}
	assert_int_equal(0, order(&l, 60000, &answer));
	assert_int_equal(0, answer.exit_code);
	(void)waitpid(other, &status, 0);
	assert_int_equal(0, status);
	leashed_remove(&l);
}

static void
test_children_at_once(void **state)
{
	(void)state;
	/* Each waits for the other; no two may be there at once. */
	give_two(": >$1/$$; until [ $(ls $1 | wc -l) = 2 ]; do sleep 0.05; "
		 "done\n",
	    2);
	give_two("mkdir $1/busy && sleep 0.2 && rmdir $1/busy\n", 1);
}

static void
test_folder_must_be_ours(void **state)
{
	static const char *const dirs[] = { "/tmp", "%s", "%s/..", "%s/0/../..",
		"%s/nowhere", "%s/link" };
	struct launcher_answer answer;
	struct leashed l;

	(void)state;
	leashed_make(&l, "exit 0\n", 1);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		const char *argv[] = { "program", NULL };
		char dir[256], link[256];
		struct launcher_order o = { .argv = argv, .dir = dir };

		snprintf(link, sizeof(link), "%s/link", l.dir);
		(void)!symlink("/etc", link);
		snprintf(dir, sizeof(dir), i == 0 ? "/tmp%.0s" : "%s%s",
		    i == 0 ? "" : l.dir, i == 0 ? "" : dirs[i] + 2);
		o.timeout_ms = 1000;
		assert_int_equal(0, launcher_run(l.launcher, &o, &answer));
		assert_int_equal(-1, answer.exit_code);
		assert_string_equal("folder is not ours", answer.detail);
	}
	leashed_remove(&l);
}

/* Landlock, where the kernel has it: a child writes in its folder only. */
static void
test_confined(void **state)
{
	struct launcher_answer answer;
	struct leashed l;

	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		1U /* which version */) < 1) {
		print_message("no Landlock here\n");
		return;
	}
	leashed_make(&l,
	    "mkdir -p $1/in && echo x > $1/in/f || exit 1\n"
	    "echo x > $1/../other && exit 2\n"
	    "echo x > /tmp/kedge-outside && exit 3\n"
	    "cat $1/../../secret && exit 4\n"
	    "exit 0\n",
	    1);
	char path[256];

	leashed_write(leashed_path(&l, "secret", path), "x", 1);
	assert_int_equal(0, order(&l, 5000, &answer));
	assert_int_equal(0, answer.exit_code);
	leashed_remove(&l);
}

static void
test_start_needs_a_program(void **state)
{
	static const char *const names[] = { "no-such-program", "/etc/passwd",
		"/tmp", "/no/such/file" };
	struct launcher *launcher = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct launcher_config config = { .program = names[i],
			.rsync_dir = "/tmp",
			.children = 1 };

		assert_int_equal(-ENOENT, launcher_start(&launcher, &config));
		assert_null(launcher);
	}
}

static void
test_footprint(void **state)
{
	struct footprint sum;
	struct leashed l;
	char path[300];

	(void)state;
	leashed_make(&l, "exit 0\n", 1);
	assert_int_equal(0, footprint_measure(l.folder, 0, 0, &sum));
	assert_int_equal(0, sum.files);
	snprintf(path, sizeof(path), "%s/a", l.folder);
	leashed_write(path, "x", 1000);
	snprintf(path, sizeof(path), "%s/loop", l.folder);
	assert_int_equal(0, symlink(l.top, path));
	assert_int_equal(0, footprint_measure(l.folder, 0, 0, &sum));
	assert_int_equal(2, sum.files);
	assert_int_equal(1000, sum.octets);
	assert_int_equal(-ENOENT,
	    footprint_measure("/no/such/folder", 0, 0, &sum));
	leashed_remove(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_grandchildren_go_too),
		cmocka_unit_test(test_stop_kills_children),
		cmocka_unit_test(test_engine_dies),
		cmocka_unit_test(test_children_at_once),
		cmocka_unit_test(test_folder_must_be_ours),
		cmocka_unit_test(test_confined),
		cmocka_unit_test(test_start_needs_a_program),
		cmocka_unit_test(test_footprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
