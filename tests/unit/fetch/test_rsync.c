/* SPDX-License-Identifier: BSD-2-Clause */
/* What rsync.h promises, with a real rsyncd on loopback and with scripts. */
#include "fetch/rsync.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "leashed.h"

struct served {
	struct leashed leashed;
	pid_t daemon;
	unsigned port;
	char module[256]; /* the folder it serves */
	struct rsync_config config;
};

static unsigned
free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(0, bind(fd, (struct sockaddr *)&at, len));
	assert_int_equal(0, getsockname(fd, (struct sockaddr *)&at, &len));
	close(fd);
	return ntohs(at.sin_port);
}

static bool
answers(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool there = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

	close(fd);
	return there;
}

static void
start_daemon(struct served *s)
{
	char conf[256], conf_arg[300], port_arg[32], text[1024];
	int64_t until = clock_mono_ms() + 5000;

	s->port = free_port();
	leashed_path(&s->leashed, "rsyncd.conf", conf);
	snprintf(text, sizeof(text),
	    "use chroot = no\nmotd file = %s\n%s[m]\npath = %s\n", conf,
	    geteuid() == 0 ? "uid = 0\ngid = 0\n" : "", s->module);
	leashed_write(conf, text, 1);
	snprintf(conf_arg, sizeof(conf_arg), "--config=%s", conf);
	snprintf(port_arg, sizeof(port_arg), "--port=%u", s->port);
	s->daemon = fork();
	if (s->daemon == 0) {
		int null = open("/dev/null", O_RDWR);

		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		(void)execlp("rsync", "rsync", "--daemon", "--no-detach",
		    "--address=127.0.0.1", conf_arg, port_arg, (char *)NULL);
		_exit(127);
	}
	while (!answers(s->port) && clock_mono_ms() < until) {
		clock_sleep_ms(20);
	}
}

static void
configure(struct served *s)
{
	s->config = (struct rsync_config){ .launcher = s->leashed.launcher,
		.connect_seconds = 2,
		.stall_seconds = 3,
		.total_seconds = 10,
		.max_octets = 10000000,
		.max_files = 1000,
		.max_object = 5000 };
}

static void
serve(struct served *s)
{
	leashed_make(&s->leashed, NULL, 2);
	leashed_path(&s->leashed, "module", s->module);
	assert_int_equal(0, mkdir(s->module, 0755));
	start_daemon(s);
	configure(s);
}

static void
end(struct served *s)
{
	(void)kill(s->daemon, SIGTERM);
	(void)waitpid(s->daemon, NULL, 0);
	leashed_remove(&s->leashed);
}

static const char *
uri(const struct served *s, const char *path, char out[256])
{
	snprintf(out, 256, "rsync://127.0.0.1:%u/m/%s", s->port, path);
	return out;
}

static void
put(const struct served *s, const char *name, const char *text, size_t times)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", s->module, name);
	leashed_write(path, text, times);
}

static bool
here(const struct served *s, const char *name)
{
	char path[600];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", s->leashed.folder, name);
	return lstat(path, &st) == 0;
}

static enum fault
fetch(struct served *s, struct rsync_answer *answer)
{
	char from[256];

	return rsync_tree(&s->config, uri(s, "", from), s->leashed.folder,
	    answer);
}

static void
make_hostile_module(const struct served *s)
{
	static const char *const names[] = { "a.roa", "sub/b.cer",
		".hidden.roa", ".dir/c.roa", "noext", "long.extension",
		".long.extension", "x\ny.roa" };
	char path[600];

	snprintf(path, sizeof(path), "%s/sub", s->module);
	assert_int_equal(0, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/.dir", s->module);
	assert_int_equal(0, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/empty", s->module);
	assert_int_equal(0, mkdir(path, 0755));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		put(s, names[i], "object", 10);
	}
	put(s, "big.roa", "x", 5001 + RSYNC_SLACK);
	put(s, "max.roa", "x", 5000 + RSYNC_SLACK);
	snprintf(path, sizeof(path), "%s/link.roa", s->module);
	assert_int_equal(0, symlink("/etc/passwd", path));
	snprintf(path, sizeof(path), "%s/pipe.roa", s->module);
	assert_int_equal(0, mkfifo(path, 0644));
	snprintf(path, sizeof(path), "%s/a.roa", s->module);
	assert_int_equal(0, chmod(path, 06755));
}

/* T-RSYNC-02: files of ours to read come, nothing else. */
static void
test_what_comes(void **state)
{
	static const char *const absent[] = { "noext", "long.extension",
		".long.extension", "big.roa", "link.roa", "pipe.roa", "empty" };
	struct rsync_answer answer;
	struct served s;
	struct stat st;
	char path[600];

	(void)state;
	serve(&s);
	make_hostile_module(&s);
	assert_string_equal(fault_label(FAULT_NONE),
	    fault_label(fetch(&s, &answer)));
	assert_int_equal(0, answer.exit_code);
	assert_true(here(&s, "a.roa"));
	assert_true(here(&s, "sub/b.cer"));
	assert_true(here(&s, "max.roa"));
	assert_true(here(&s, ".hidden.roa"));
	assert_true(here(&s, ".dir/c.roa"));
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		print_message("%s\n", absent[i]);
		assert_false(here(&s, absent[i]));
	}
	snprintf(path, sizeof(path), "%s/a.roa", s.leashed.folder);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	end(&s);
}

static void
test_follows_the_server(void **state)
{
	struct rsync_answer answer;
	struct served s;
	char path[600];
	struct stat st;

	(void)state;
	serve(&s);
	put(&s, "gone.roa", "x", 10);
	put(&s, "stays.roa", "x", 10);
	assert_int_equal(FAULT_NONE, fetch(&s, &answer));
	assert_true(here(&s, "gone.roa"));
	snprintf(path, sizeof(path), "%s/gone.roa", s.module);
	assert_int_equal(0, unlink(path));
	put(&s, "stays.roa", "xy", 10);
	put(&s, "new.mft", "x", 10);
	assert_int_equal(FAULT_NONE, fetch(&s, &answer));
	assert_false(here(&s, "gone.roa"));
	assert_true(here(&s, "new.mft"));
	snprintf(path, sizeof(path), "%s/stays.roa", s.leashed.folder);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(20, st.st_size);
	end(&s);
}

static void
test_no_such_module(void **state)
{
	struct rsync_answer answer;
	struct served s;
	char from[256];

	(void)state;
	serve(&s);
	snprintf(from, sizeof(from), "rsync://127.0.0.1:%u/none/", s.port);
	assert_string_equal("rsync-exit",
	    fault_label(
		rsync_tree(&s.config, from, s.leashed.folder, &answer)));
	assert_int_equal(5, answer.exit_code);
	assert_string_equal("exit code 5: @ERROR: Unknown module 'none'",
	    answer.detail);
	assert_string_equal("rsync-exit",
	    fault_label(rsync_tree(&s.config, "rsync://127.0.0.1:1/m/",
		s.leashed.folder, &answer)));
	assert_int_equal(10, answer.exit_code);
	assert_non_null(strstr(answer.detail, "Connection refused"));
	end(&s);
}

static void
test_one_file(void **state)
{
	static const struct {
		const char *name;
		const char *label;
	} rows[] = {
		{ "ta.cer", "ok" },
		{ "max.cer", "ok" },
		{ "big.cer", "rsync-object" },
		{ "far-too-big.cer", "rsync-missing" },
		{ "folder.cer", "rsync-missing" },
		{ "none.cer", "rsync-exit" },
		{ "link.cer", "rsync-missing" },
	};
	struct rsync_answer answer;
	struct octets out = { 0 };
	struct served s;
	char path[600], from[256];

	(void)state;
	serve(&s);
	put(&s, "ta.cer", "certificate", 1);
	put(&s, "max.cer", "x", 5000);
	put(&s, "big.cer", "x", 5001);
	put(&s, "far-too-big.cer", "x", 20000);
	snprintf(path, sizeof(path), "%s/folder.cer", s.module);
	assert_int_equal(0, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/link.cer", s.module);
	assert_int_equal(0, symlink("/etc/passwd", path));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_string_equal(rows[i].label,
		    fault_label(
			rsync_file(&s.config, uri(&s, rows[i].name, from),
			    s.leashed.folder, &out, &answer)));
		if (i > 1) {
			assert_int_equal(0, out.len);
		}
	}
	assert_int_equal(FAULT_NONE,
	    rsync_file(&s.config, uri(&s, "ta.cer", from), s.leashed.folder,
		&out, &answer));
	assert_int_equal(11, out.len);
	assert_memory_equal("certificate", out.at, 11);
	octets_clear(&out);
	end(&s);
}

struct fake_case {
	const char *what, *script, *label;
};

static const struct fake_case fakes[] = {
	{ "hangs", "sleep 60\n", "rsync-timeout" },
	{ "says so itself", "exit 30\n", "rsync-timeout" },
	{ "no connection in time", "exit 35\n", "rsync-timeout" },
	{ "partial", "exit 23\n", "rsync-exit" },
	{ "files vanished", "exit 24\n", "rsync-exit" },
	{ "killed", "kill -9 $$\n", "rsync-exit" },
	{ "many files",
	    "for d; do :; done; i=0; while test $i -lt 1100; do i=$((i+1)); "
	    ": > $d/n$i; done; sleep 60\n",
	    "rsync-limit" },
	{ "options end before operands",
	    "while test \"$1\" != --; do shift; done; "
	    "test $# = 3 && test \"$2\" = rsync://h/m/ && rm \"$3\"stray "
	    "&& exit 0; exit 1\n",
	    "ok" },
	{ "an operator's own",
	    "for d; do :; done; rm \"$d\"stray; "
	    "for a; do test $a = --bwlimit=9 && exit 0; "
	    "done; exit 1\n",
	    "ok" },
	{ "well, and nothing was done", "exit 0\n", "rsync-exit" },
};

static void
test_fakes(void **state)
{
	static const char *const args[] = { "--bwlimit=9" };

	(void)state;
	for (size_t i = 0; i < sizeof(fakes) / sizeof(fakes[0]); i++) {
		struct rsync_answer answer;
		struct served s;

		print_message("%s\n", fakes[i].what);
		leashed_make(&s.leashed, fakes[i].script, 1);
		configure(&s);
		s.config.args = args;
		s.config.arg_count = 1;
		s.config.total_seconds = i == 0 ? 1 : 10;
		assert_string_equal(fakes[i].label,
		    fault_label(rsync_tree(&s.config, "rsync://h/m",
			s.leashed.folder, &answer)));
		leashed_remove(&s.leashed);
	}
}

/* One more try, and only where there is something else to try. */
static void
test_other_family(void **state)
{
	static const struct {
		int family;
		const char *option, *label;
	} cases[] = {
		{ AF_INET, "--ipv4", "ok" },
		{ AF_INET6, "--ipv6", "ok" },
		{ AF_INET, "--ipv6", "rsync-timeout" },
		{ 0, "--ipv4", "rsync-timeout" },
	};
	char script[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rsync_answer answer;
		struct served s;

		snprintf(script, sizeof(script),
		    "for d; do :; done; test \"$1\" = %s && rm \"$d\"stray && "
		    "exit 0; exit 35\n",
		    cases[i].option);
		leashed_make(&s.leashed, script, 1);
		configure(&s);
		s.config.other_family = cases[i].family;
		assert_string_equal(cases[i].label,
		    fault_label(rsync_tree(&s.config, "rsync://h/m",
			s.leashed.folder, &answer)));
		leashed_remove(&s.leashed);
	}
}

/* T-RSYNC-04: what is no rsync URI never becomes an argument. */
static void
test_not_a_uri(void **state)
{
	static const char *const uris[] = { "--rsh=touch", "-e sh", "h::m/",
		"/etc/passwd", "https://h/m/", "" };
	struct rsync_answer answer;
	struct octets out = { 0 };
	struct served s;

	(void)state;
	leashed_make(&s.leashed, "exit 0\n", 1);
	configure(&s);
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		assert_string_equal("uri-scheme",
		    fault_label(rsync_tree(&s.config, uris[i], s.leashed.folder,
			&answer)));
		assert_string_equal("uri-scheme",
		    fault_label(rsync_file(&s.config, uris[i], s.leashed.folder,
			&out, &answer)));
	}
	leashed_remove(&s.leashed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_comes),
		cmocka_unit_test(test_follows_the_server),
		cmocka_unit_test(test_no_such_module),
		cmocka_unit_test(test_one_file),
		cmocka_unit_test(test_fakes),
		cmocka_unit_test(test_other_family),
		cmocka_unit_test(test_not_a_uri),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
