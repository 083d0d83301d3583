/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/supervise.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

struct play {
	struct arena *arena;
	struct supervise_end end;
	int64_t took; /* milliseconds */
	char lines[256];
	unsigned ticks;
};

static void
on_line(void *arg, enum log_level level, const char *line)
{
	struct play *play = arg;

	(void)level;
	snprintf(play->lines, sizeof(play->lines), "%s", line);
}

static void
on_progress(void *arg, const struct wire_progress *news)
{
	struct play *play = arg;

	(void)news;
	play->ticks++;
}

/* The fake engine lies beside this test. */
static const char *
fake(void)
{
	static char path[4096];
	const char *build = getenv("KEDGE_BUILD");

	snprintf(path, sizeof(path), "%s/tests/unit/daemon/fake_engine",
	    build != NULL ? build : ".");
	return path;
}

static void
play(struct play *play, const char *how, const char *engine)
{
	struct policy policy;
	struct log *log = log_new(LOG_LEVEL_DEBUG);
	struct supervise_work work = { .engine = engine,
		.log = log,
		.policy = &policy,
		.hello_seconds = 1,
		.stop_seconds = 1,
		.on_progress = on_progress,
		.arg = play };
	int64_t began = clock_mono_ms();

	*play = (struct play){ .arena = arena_new() };
	log_to_sink(log, on_line, play);
	policy_init(&policy);
	policy.cache = how;
	supervise_run(&play->end, &work, play->arena);
	play->took = clock_mono_ms() - began;
	log_free(log);
}

static void
finish(struct play *play)
{
	snapshot_put(play->end.snapshot);
	arena_free(play->arena);
}

static void
a_good_run_gives_the_set(void **state)
{
	struct play p;

	(void)state;
	play(&p, "good", fake());
	assert_int_equal(p.end.how, SUPERVISE_DONE);
	assert_int_equal(p.end.code, 0);
	assert_non_null(p.end.snapshot);
	assert_int_equal(snapshot_vrps(p.end.snapshot), 1);
	assert_true(p.end.complete);
	assert_int_equal(p.end.report->finished, 1772323200);
	/* A line feed in a log line does not make a second line. */
	assert_string_equal(p.lines, "two\\x0alines");
	finish(&p);
	play(&p, "incomplete", fake());
	assert_false(p.end.complete);
	assert_non_null(p.end.snapshot);
	finish(&p);
}

static const struct {
	const char *how;
	enum supervise_how end;
	const char *why;
} bad[] = {
	{ "version", SUPERVISE_LOST, "install both together" },
	{ "mute", SUPERVISE_LOST, "did not speak" },
	{ "loader", SUPERVISE_LOST,
	    "ended with 127: libx.so.9: no such file\\x1b" },
	{ "early", SUPERVISE_LOST, "before its name" },
	{ "refuse", SUPERVISE_DONE, "a.tal:3: not a key" },
	{ "die", SUPERVISE_LOST, "died of signal 9" },
	{ "unsealed", SUPERVISE_LOST, "died of signal 9" },
	{ "garbage", SUPERVISE_LOST, "too long" },
	{ "liar", SUPERVISE_LOST, "its seal does not fit" },
};

static void
whatever_goes_wrong_gives_no_set(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct play p;

		play(&p, bad[i].how, fake());
		print_message("# %s: %s\n", bad[i].how, p.end.why);
		assert_int_equal(p.end.how, bad[i].end);
		assert_int_not_equal(p.end.code, 0);
		assert_null(p.end.snapshot);
		assert_non_null(strstr(p.end.why, bad[i].why));
		assert_true(p.took < 5000);
		finish(&p);
	}
}

static void
half_a_set_is_no_set(void **state)
{
	struct play p;

	(void)state;
	play(&p, "half", fake());
	assert_int_equal(p.end.how, SUPERVISE_DONE);
	assert_null(p.end.snapshot);
	finish(&p);
}

static void
an_engine_that_is_not_there_is_said(void **state)
{
	struct play p;

	(void)state;
	play(&p, "good", "/nonexistent/kedge-engine");
	assert_int_equal(p.end.how, SUPERVISE_LOST);
	assert_non_null(strstr(p.end.why, "No such file"));
	finish(&p);
	play(&p, "good", "/dev/null");
	assert_int_equal(p.end.how, SUPERVISE_LOST);
	finish(&p);
}

static void *
interrupt(void *arg)
{
	(void)arg;
	clock_sleep_ms(300);
	kill(getpid(), SIGTERM);
	return NULL;
}

static void
a_signal_ends_it_and_keeps_outputs(void **state)
{
	struct play p;
	sigset_t set;
	pthread_t thread;

	(void)state;
	/* Only the supervisor may see it, not the other thread. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_create(&thread, NULL, interrupt, NULL);
	play(&p, "hang", fake());
	pthread_join(thread, NULL);
	assert_int_equal(p.end.how, SUPERVISE_STOPPED);
	assert_null(p.end.snapshot);
	assert_non_null(strstr(p.end.why, "signal 15"));
	assert_true(p.took < 3000);
	assert_true(p.ticks > 0);
	finish(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_run_gives_the_set),
		cmocka_unit_test(whatever_goes_wrong_gives_no_set),
		cmocka_unit_test(half_a_set_is_no_set),
		cmocka_unit_test(an_engine_that_is_not_there_is_said),
		cmocka_unit_test(a_signal_ends_it_and_keeps_outputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
