/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder of state over restarts, crashes and disks that fail. */
#include "daemon/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "tests/unit/payload/make.h"

struct home {
	char folder[64];
	char lines[1024];
	struct log *log;
	struct keep *keep;
	struct kept kept;
};

static void
on_line(void *arg, enum log_level level, const char *line)
{
	struct home *home = arg;
	size_t len = strlen(home->lines);

	(void)level;
	snprintf(home->lines + len, sizeof(home->lines) - len, "%s\n", line);
}

static const struct snapshot *
set_of(unsigned from, unsigned to)
{
	struct builder *builder = builder_new();

	builder_ta(builder, "alpha");
	for (unsigned i = from; i < to; i++) {
		make_add(builder, "10.0.0.0/8", 8 + i % 16, i);
	}
	return builder_seal(builder);
}

static void
path_of(const struct home *home, const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", home->folder, name);
}

static int
set_up(void **state)
{
	struct home *home = calloc(1, sizeof(*home));

	strcpy(home->folder, "/tmp/test_keep.XXXXXX");
	assert_non_null(mkdtemp(home->folder));
	home->log = log_new(LOG_LEVEL_DEBUG);
	log_to_sink(home->log, on_line, home);
	*state = home;
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "state", "ahead", "state.bad",
		"ahead.bad" };
	struct home *home = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(home, names[i], path);
		if (unlink(path) != 0) {
			rmdir(path);
		}
	}
	assert_int_equal(rmdir(home->folder), 0);
	log_free(home->log);
	free(home);
	return 0;
}

static void
start(struct home *home)
{
	assert_int_equal(keep_open(&home->keep, home->folder, home->log), 0);
	keep_load(home->keep, &home->kept);
}

static void
end(struct home *home)
{
	keep_close(home->keep);
	kept_clear(&home->kept);
}

static struct keep_news
hear(struct home *home)
{
	struct keep_news news;

	while (!keep_hear(home->keep, &news)) {
		struct pollfd wait = { .fd = keep_bell(home->keep),
			.events = POLLIN };

		assert_true(poll(&wait, 1, 60000) > 0);
	}
	return news;
}

/* Bring out a set as a service does: ahead, and only then told. */
static enum keep_event
publish(struct home *home, const struct snapshot *set)
{
	struct kept *kept = &home->kept;
	enum keep_event event = KEEP_TOLD;

	if (kept->current != NULL) {
		const struct delta *delta = delta_new(kept->current, set);

		keep_ahead(home->keep, &kept->ids,
		    &(struct ahead_serial){ .serial = kept->serial + 1,
			.when = clock_wall(),
			.delta = delta,
			.to = set });
		event = hear(home).event;
		if (event == KEEP_RENAME) {
			keep_draw(&kept->ids, &kept->serial);
		} else {
			kept->serial++;
		}
		delta_put(delta);
	}
	snapshot_put(kept->current);
	snapshot_put(kept->plain);
	kept->current = set;
	kept->plain = snapshot_get(set);
	return event;
}

static enum keep_event
save(struct home *home)
{
	keep_save(home->keep, &home->kept);
	return hear(home).event;
}

static void
starts_with_new_names(void **state)
{
	struct home *home = *state;
	struct kept_ids first;

	start(home);
	assert_null(home->kept.current);
	assert_string_equal(home->lines, "");
	assert_int_equal(home->kept.serial, 1);
	first = home->kept.ids;
	end(home);
	/* Somebody may have been told of serial 1 meanwhile. */
	start(home);
	assert_memory_not_equal(&home->kept.ids, &first, sizeof(first));
	end(home);
}

/* As often as it takes for two of 65,536 to be the same by chance. */
static void
draws_other_names(void **state)
{
	struct kept_ids ids = { .json = 0 };

	(void)state;
	for (unsigned n = 0; n < 300000; n++) {
		struct kept_ids old = ids;

		keep_draw(&ids, NULL);
		for (unsigned i = 0; i < PDU_VERSIONS; i++) {
			for (unsigned j = 0; j < PDU_VERSIONS; j++) {
				assert_int_not_equal(ids.rtr[i], old.rtr[j]);
				assert_true(i == j || ids.rtr[i] != ids.rtr[j]);
			}
		}
	}
}

static void
continues(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;
	uint32_t serial;

	start(home);
	publish(home, set_of(0, 5));
	assert_int_equal(save(home), KEEP_SAVED);
	assert_int_equal(publish(home, set_of(0, 6)), KEEP_TOLD);
	ids = home->kept.ids;
	serial = home->kept.serial;
	end(home); /* the state file is one serial behind */
	for (unsigned i = 0; i < 3; i++) {
		start(home);
		assert_memory_equal(&home->kept.ids, &ids, sizeof(ids));
		assert_int_equal(home->kept.serial, serial + i);
		assert_int_equal(snapshot_vrps(home->kept.current), 6 + i);
		assert_int_equal(home->kept.delta_count, 1 + i);
		assert_int_equal(publish(home, set_of(0, 7 + i)), KEEP_TOLD);
		end(home);
	}
	assert_string_equal(home->lines, "");
}

/* What asks for a save while one is under way: the last one wins. */
static void
saves_the_newest(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;

	start(home);
	ids = home->kept.ids;
	for (unsigned i = 1; i < 50; i++) {
		snapshot_put(home->kept.current);
		snapshot_put(home->kept.plain);
		home->kept.current = set_of(0, i);
		home->kept.plain = snapshot_get(home->kept.current);
		home->kept.last_run = i;
		keep_save(home->keep, &home->kept);
	}
	end(home);
	start(home);
	assert_memory_equal(&home->kept.ids, &ids, sizeof(ids));
	assert_int_equal(home->kept.last_run, 49);
	assert_int_equal(snapshot_vrps(home->kept.current), 49);
	end(home);
}

/* A save that was asked for before a serial must not be written after it. */
static void
never_goes_back(void **state)
{
	struct home *home = *state;
	struct kept older;
	uint32_t serial;

	start(home);
	publish(home, set_of(0, 5));
	assert_int_equal(save(home), KEEP_SAVED);
	kept_copy(&older, &home->kept);
	assert_int_equal(publish(home, set_of(0, 6)), KEEP_TOLD);
	serial = home->kept.serial;
	keep_save(home->keep, &older);
	(void)hear(home);
	kept_clear(&older);
	end(home);
	start(home);
	assert_int_equal(home->kept.serial, serial);
	assert_int_equal(snapshot_vrps(home->kept.current), 6);
	end(home);
}

static void
damage(const struct home *home, const char *name, long at)
{
	char path[128];
	uint8_t octet;
	int fd;

	path_of(home, name, path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &octet, 1, at), 1);
	octet ^= 0x10;
	assert_int_equal(pwrite(fd, &octet, 1, at), 1);
	close(fd);
}

static void
assert_started_anew(struct home *home, const struct kept_ids *old)
{
	start(home);
	assert_memory_not_equal(&home->kept.ids, old, sizeof(*old));
	assert_null(home->kept.current);
	assert_non_null(strstr(home->lines, "set aside"));
	/* And goes on as usual. */
	publish(home, set_of(0, 3));
	assert_int_equal(save(home), KEEP_SAVED);
	assert_int_equal(publish(home, set_of(0, 4)), KEEP_TOLD);
	end(home);
}

static void
damaged_state_is_set_aside(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;
	char path[128];

	start(home);
	publish(home, set_of(0, 5));
	assert_int_equal(save(home), KEEP_SAVED);
	ids = home->kept.ids;
	end(home);
	damage(home, "state", 60);
	assert_started_anew(home, &ids);
	path_of(home, "state.bad", path);
	assert_int_equal(access(path, F_OK), 0);
}

/* A state, and a serial that was told ahead of it. */
static struct kept_ids
leave_ahead(struct home *home)
{
	struct kept_ids ids;

	start(home);
	publish(home, set_of(0, 5));
	assert_int_equal(save(home), KEEP_SAVED);
	assert_int_equal(publish(home, set_of(0, 6)), KEEP_TOLD);
	ids = home->kept.ids;
	end(home);
	return ids;
}

static void
damaged_ahead_is_set_aside(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;

	ids = leave_ahead(home);
	damage(home, "ahead", 70);
	assert_started_anew(home, &ids);
}

/* It is read whole: by no more than was ever written. */
static void
long_ahead_is_set_aside(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;
	char path[128];

	ids = leave_ahead(home);
	path_of(home, "ahead", path);
	assert_int_equal(truncate(path, LIMIT_AHEAD_OCTETS + 1), 0);
	assert_started_anew(home, &ids);
	assert_non_null(strstr(home->lines, "ahead: File too large"));
}

static void
torn_ahead_is_cut(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;
	uint32_t serial;
	char path[128];
	struct stat st;

	start(home);
	publish(home, set_of(0, 5));
	assert_int_equal(save(home), KEEP_SAVED);
	ids = home->kept.ids;
	serial = home->kept.serial;
	assert_int_equal(publish(home, set_of(0, 6)), KEEP_TOLD);
	end(home);
	path_of(home, "ahead", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 3), 0);
	start(home);
	assert_memory_equal(&home->kept.ids, &ids, sizeof(ids));
	assert_int_equal(home->kept.serial, serial);
	/* What was cut is overwritten by the serial that follows now. */
	assert_int_equal(publish(home, set_of(0, 9)), KEEP_TOLD);
	end(home);
	start(home);
	assert_int_equal(home->kept.serial, serial + 1);
	assert_int_equal(snapshot_vrps(home->kept.current), 9);
	end(home);
}

/* No room on the disk: every write fails from here on. */
static void
without_room(struct rlimit *old)
{
	struct rlimit none;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, old), 0);
	none = *old;
	none.rlim_cur = 0;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
}

/* The serial is announced, so the files that do not have it must be gone. */
static void
full_disk_costs_the_session(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;
	struct rlimit old;
	enum keep_event ahead, saved;

	start(home);
	publish(home, set_of(0, 5));
	assert_int_equal(save(home), KEEP_SAVED);
	ids = home->kept.ids;
	without_room(&old);
	ahead = publish(home, set_of(0, 6));
	saved = save(home);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(ahead, KEEP_TOLD);
	assert_int_equal(saved, KEEP_FAILED);
	assert_memory_equal(&home->kept.ids, &ids, sizeof(ids));
	/* Said once. */
	assert_non_null(strstr(home->lines, "File too large"));
	assert_ptr_equal(strchr(home->lines, '\n'), strrchr(home->lines, '\n'));
	end(home);
	start(home);
	assert_memory_not_equal(&home->kept.ids, &ids, sizeof(ids));
	assert_null(home->kept.current);
	end(home);
}

/* And if they cannot even be removed, the running server changes its name. */
static void
stuck_disk_renames(void **state)
{
	struct home *home = *state;
	struct kept_ids ids;
	struct rlimit old;
	char path[128];
	enum keep_event ahead;

	start(home);
	publish(home, set_of(0, 5));
	assert_int_equal(save(home), KEEP_SAVED);
	ids = home->kept.ids;
	path_of(home, "state", path);
	/* A folder in its place is what cannot be unlinked, even by root. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	without_room(&old);
	ahead = publish(home, set_of(0, 6));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(ahead, KEEP_RENAME);
	assert_memory_not_equal(&home->kept.ids, &ids, sizeof(ids));
	end(home);
}

/* Killed at any instant, what was told is found again. */
static void
survives_being_killed(void **state)
{
	struct home *home = *state;

	for (unsigned round = 0; round < 12; round++) {
		int pipes[2];
		uint32_t told[2] = { 0, 0 };
		uint32_t next[2];
		pid_t child;

		assert_int_equal(pipe(pipes), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			start(home);
			for (unsigned i = 0; i < 100000; i++) {
				publish(home, set_of(0, 10 + i % 50));
				told[0] = home->kept.serial;
				told[1] =
				    (uint32_t)snapshot_vrps(home->kept.current);
				(void)!write(pipes[1], told, sizeof(told));
				if (i % 3 == 0) {
					keep_save(home->keep, &home->kept);
					(void)hear(home);
				}
			}
			_exit(0);
		}
		close(pipes[1]);
		for (unsigned i = 0; i < 5 + round * 7; i++) {
			assert_int_equal(read(pipes[0], told, sizeof(told)),
			    sizeof(told));
		}
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(pipes[0], next, sizeof(next)) == sizeof(next)) {
			memcpy(told, next, sizeof(told));
		}
		close(pipes[0]);
		start(home);
		assert_true(home->kept.serial - told[0] <= 1);
		if (home->kept.serial == told[0]) {
			assert_int_equal(snapshot_vrps(home->kept.current),
			    told[1]);
		}
		end(home);
	}
	assert_string_equal(home->lines, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(starts_with_new_names),
		TEST(draws_other_names),
		TEST(continues),
		TEST(saves_the_newest),
		TEST(never_goes_back),
		TEST(damaged_state_is_set_aside),
		TEST(damaged_ahead_is_set_aside),
		TEST(long_ahead_is_set_aside),
		TEST(torn_ahead_is_cut),
		TEST(full_disk_costs_the_session),
		TEST(stuck_disk_renames),
		TEST(survives_being_killed),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
