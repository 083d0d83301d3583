/* SPDX-License-Identifier: BSD-2-Clause */
/* What a box tells of the processes that had it before. */
#include "store/blackbox.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

enum ending { CLEAN, KILLED, CRASHED, EXCUSED, BLAMED };

/* A process that holds one thing, or nothing (kind 0), and how it ends. */
struct life {
	unsigned kind;
	uint8_t name;
	enum ending ending;
};

static void
end(struct blackbox *box, struct blackbox_slot *slot, enum ending ending)
{
	switch (ending) {
	case CLEAN:
		blackbox_close(box);
		break;
	case KILLED:
		(void)raise(SIGKILL);
		break;
	case CRASHED:
		(void)raise(SIGFPE);
		break;
	case EXCUSED:
		blackbox_excuse(box);
		(void)raise(SIGKILL);
		break;
	case BLAMED:
		blackbox_blame(box, slot);
		break;
	}
}

static void
live(const char *dir, const struct life *life)
{
	struct hash name = { .at = { life->name } };
	struct blackbox_past past;
	struct blackbox_slot *slot;
	struct blackbox *box;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0) {
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		return;
	}
	/* The test's own handlers, and a sanitizer's, are not in the play. */
	(void)signal(SIGFPE, SIG_DFL);
	box = blackbox_open(dir, &past);
	slot = blackbox_slot(box);
	if (life->kind != 0) {
		blackbox_hold(slot, life->kind, &name, "rsync://r/m/x.roa");
	}
	end(box, slot, life->ending);
	_exit(0);
}

static void
test_lives(void **state)
{
	static const struct {
		const char *what;
		struct life lives[4];
		unsigned culprits, empty;
	} cases[] = {
		{ "it crashed once", { { 1, 7, CRASHED } }, 0, 0 },
		{ "twice", { { 1, 7, CRASHED }, { 1, 7, CRASHED } }, 1, 0 },
		{ "of two things", { { 1, 7, CRASHED }, { 1, 8, CRASHED } }, 0,
		    0 },
		{ "of two kinds", { { 1, 7, CRASHED }, { 2, 7, CRASHED } }, 0,
		    0 },
		{ "with a good end between",
		    { { 1, 7, CRASHED }, { 1, 7, CLEAN }, { 1, 7, CRASHED } },
		    0, 0 },
		{ "killed with an object in hand, twice",
		    { { 1, 7, KILLED }, { 1, 7, KILLED } }, 1, 0 },
		{ "killed in a fetch, twice",
		    { { 4, 7, KILLED }, { 4, 7, KILLED } }, 0, 0 },
		{ "crashed in a fetch, twice",
		    { { 4, 7, CRASHED }, { 4, 7, CRASHED } }, 1, 0 },
		{ "ended by somebody else, twice",
		    { { 1, 7, EXCUSED }, { 1, 7, EXCUSED } }, 0, 0 },
		{ "hung twice", { { 1, 7, BLAMED }, { 1, 7, BLAMED } }, 1, 0 },
		{ "crashed with nothing in hand, twice",
		    { { 0, 0, CRASHED }, { 0, 0, CRASHED } }, 0, 2 },
		{ "killed with nothing in hand, twice",
		    { { 0, 0, KILLED }, { 0, 0, KILLED } }, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct blackbox_past past;
		struct scratch s;

		scratch_make(&s);
		for (size_t j = 0; j < 4; j++) {
			if (cases[i].lives[j].ending != CLEAN ||
			    cases[i].lives[j].kind != 0) {
				live(s.dir, &cases[i].lives[j]);
			}
		}
		blackbox_close(blackbox_open(s.dir, &past));
		if (past.count != cases[i].culprits ||
		    past.empty_deaths != cases[i].empty) {
			fail_msg("%s: %u culprits, %u empty deaths",
			    cases[i].what, past.count, past.empty_deaths);
		}
		scratch_remove(&s);
	}
}

static void
test_foreign_file_says_nothing(void **state)
{
	struct scratch *s = *state;
	struct blackbox_past past;
	char noise[100000];

	memset(noise, 0xa5, sizeof(noise));
	scratch_file(s, "blackbox", noise, sizeof(noise));
	blackbox_close(blackbox_open(s->dir, &past));
	assert_false(past.died);
	assert_int_equal(past.count, 0);
}

static void
test_nothing_outlives_us_without_a_folder(void **state)
{
	struct blackbox_past past;
	struct blackbox *box = blackbox_open("/nowhere/at/all", &past);
	struct hash name = { .at = { 1 } };
	const struct blackbox_slot *slot;
	struct blackbox_item item;
	int64_t since;

	(void)state;
	assert_null(blackbox_oldest(box, 1, &since));
	blackbox_hold(blackbox_slot(box), 1, &name, "rsync://r/m/x.roa");
	assert_null(blackbox_oldest(box, 2, &since));
	slot = blackbox_oldest(box, 1, &since);
	assert_non_null(slot);
	blackbox_look(slot, &item);
	assert_string_equal(item.uri, "rsync://r/m/x.roa");
	blackbox_close(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test_setup_teardown(test_foreign_file_says_nothing,
		    scratch_setup, scratch_teardown),
		cmocka_unit_test(test_nothing_outlives_us_without_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
