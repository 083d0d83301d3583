/* SPDX-License-Identifier: BSD-2-Clause */
/* What is written down is read again, in order, bounded and after accidents. */
#include "daemon/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/segments.h"
#include "daemon/since.h"
#include "tests/unit/between.h"
#include "tests/unit/payload/make.h"

enum { SIZE = 1 << 20 };

struct home {
	char folder[64];
	char lines[1024];
	struct log *log;
	struct journal *journal;
};

static void
on_line(void *arg, enum log_level level, const char *line)
{
	struct home *home = arg;
	size_t len = strlen(home->lines);

	(void)level;
	snprintf(home->lines + len, sizeof(home->lines) - len, "%s\n", line);
}

static int
set_up(void **state)
{
	struct home *home = calloc(1, sizeof(*home));

	strcpy(home->folder, "/tmp/test_journal.XXXXXX");
	assert_non_null(mkdtemp(home->folder));
	home->log = log_new(LOG_LEVEL_DEBUG);
	log_to_sink(home->log, on_line, home);
	*state = home;
	return 0;
}

static void
path_of(const struct home *home, uint32_t number, char path[128])
{
	snprintf(path, 128, "%s/journal/%08u", home->folder, (unsigned)number);
}

static int
tear_down(void **state)
{
	struct home *home = *state;
	struct segments segments;
	char path[128];

	if (segments_open(&segments, home->folder, SEGMENTS_READ) == 0) {
		for (size_t i = 0; i < segments.count; i++) {
			path_of(home, segments.numbers[i], path);
			unlink(path);
		}
	}
	segments_close(&segments);
	snprintf(path, sizeof(path), "%s/journal", home->folder);
	rmdir(path);
	assert_int_equal(rmdir(home->folder), 0);
	log_free(home->log);
	free(home);
	return 0;
}

static void
start(struct home *home, uint64_t size)
{
	assert_int_equal(journal_open(&home->journal, home->folder, size,
			     home->log),
	    0);
}

/* So many new VRPs: AS 0 to count - 1. */
static struct change *
make_changes(unsigned count)
{
	struct change *changes = calloc(count + 1, sizeof(*changes));

	for (unsigned i = 0; i < count; i++) {
		changes[i] = (struct change){
			.action = DELTA_ANNOUNCE,
			.kind = ITEM_VRP,
			.cause = CAUSE_OBJECT_NEW,
			.item.vrp = make_vrp("10.0.0.0/8", 24, i),
			.uri = "rsync://r.example/m/x.roa",
			.ta = "alpha",
			.detail = "",
		};
	}
	return changes;
}

static void
note(struct home *home, uint32_t serial, int64_t when, unsigned count)
{
	struct journal_head head = { .session = 7,
		.serial = serial,
		.when = when };
	struct change *changes = make_changes(count);
	struct octets o = { .at = NULL };

	journal_encode(&o, changes, count);
	journal_add(home->journal, &head, &o);
	free(changes);
}

struct heard {
	uint32_t first, last; /* serials */
	size_t count, begins;
	uint32_t next_asn;
	bool in_order;
};

static bool
ear(void *arg, const struct journal_head *head, const struct change *change)
{
	struct heard *heard = arg;

	if (heard->count + heard->begins == 0) {
		heard->first = head->serial;
		heard->in_order = true;
	}
	heard->in_order &= head->serial >= heard->last;
	heard->next_asn = head->serial == heard->last ? heard->next_asn : 0;
	heard->last = head->serial;
	if (change == NULL) {
		heard->begins++;
		return true;
	}
	heard->in_order &= change->item.vrp.asn == heard->next_asn++;
	heard->count++;
	assert_string_equal(change->uri, "rsync://r.example/m/x.roa");
	assert_string_equal(change->ta, "alpha");
	return true;
}

static struct heard
listen(const struct home *home, const char *since)
{
	struct heard heard = { .count = 0 };
	struct since from;

	assert_true(since_read(&from, since, 100000));
	assert_int_equal(since_tell(home->folder, &from, ear, &heard), 0);
	return heard;
}

static void
says_what_it_was_told(void **state)
{
	struct home *home = *state;
	struct heard heard;

	start(home, SIZE);
	note(home, 1, 1000, 0);
	note(home, 2, 2000, 3);
	note(home, 3, 3000, 2);
	journal_close(home->journal);
	heard = listen(home, NULL);
	assert_int_equal(heard.begins, 1);
	assert_int_equal(heard.count, 5);
	assert_true(heard.in_order);
	heard = listen(home, "2");
	assert_int_equal(heard.first, 3);
	assert_int_equal(heard.count, 2);
	heard = listen(home, "1970-01-01T00:33:20Z");
	assert_int_equal(heard.first, 2);
	heard = listen(home, "98000s");
	assert_int_equal(heard.first, 2);
	/* It goes on where it was. */
	start(home, SIZE);
	note(home, 4, 4000, 1);
	journal_close(home->journal);
	heard = listen(home, NULL);
	assert_int_equal(heard.last, 4);
	assert_int_equal(heard.count, 6);
}

static uint64_t
octets_on_disk(const struct home *home)
{
	struct segments segments;
	uint64_t sum = 0;
	struct stat st;
	char path[128];

	assert_int_equal(segments_open(&segments, home->folder, SEGMENTS_READ),
	    0);
	for (size_t i = 0; i < segments.count; i++) {
		path_of(home, segments.numbers[i], path);
		assert_int_equal(stat(path, &st), 0);
		sum += (uint64_t)st.st_size;
	}
	segments_close(&segments);
	return sum;
}

static struct journal_note
left(uint64_t session, uint32_t serial, unsigned count)
{
	struct journal_note note = {
		.head = { .session = session, .serial = serial, .when = 1000 }
	};
	struct change *changes = make_changes(count);

	journal_encode(&note.changes, changes, count);
	free(changes);
	return note;
}

/* A server was killed before its last serials were written down, or while they
 * were: what it told routers is there, once and whole. */
static void
is_mended(void **state)
{
	struct home *home = *state;
	struct journal_note notes[] = { left(7, 2, 3), left(7, 3, 20000),
		left(7, 4, 2) };
	struct journal_note others[] = { left(8, 1, 1) };
	struct heard heard;
	char path[128];

	path_of(home, 1, path);
	start(home, 64 * SIZE);
	note(home, 1, 1000, 1);
	note(home, 2, 1000, 3);
	note(home, 3, 1000, 20000);
	journal_close(home->journal);
	assert_int_equal(truncate(path, (off_t)octets_on_disk(home) / 2), 0);
	assert_between(listen(home, NULL).count, 1000, 15000);
	for (unsigned again = 0; again < 2; again++) {
		start(home, 64 * SIZE);
		journal_mend(home->journal, notes, 3);
		journal_close(home->journal);
		heard = listen(home, NULL);
		assert_true(heard.in_order);
		assert_int_equal(heard.last, 4);
		assert_int_equal(heard.count, 1 + 3 + 20000 + 2);
		notes[2] = left(7, 4, 2); /* it was taken */
	}
	start(home, 64 * SIZE);
	journal_mend(home->journal, others, 1);
	journal_close(home->journal);
	assert_int_equal(listen(home, NULL).count, heard.count + 1);
	for (unsigned i = 0; i < 3; i++) {
		octets_clear(&notes[i].changes);
	}
}

/* One serial with more changes than a record holds. */
static void
carries_large_ones(void **state)
{
	struct home *home = *state;
	struct heard heard;

	start(home, 64 * SIZE);
	note(home, 1, 1000, 20000);
	journal_close(home->journal);
	heard = listen(home, NULL);
	assert_int_equal(heard.count, 20000);
	assert_true(heard.in_order);
}

static void
stays_within_its_size(void **state)
{
	struct home *home = *state;
	struct heard heard;

	start(home, SIZE / 8);
	for (uint32_t serial = 1; serial <= 200; serial++) {
		note(home, serial, 1000 + serial, 50);
	}
	/* More than all there may be: only that it was. */
	note(home, 201, 2000, 5000);
	journal_close(home->journal);
	assert_true(octets_on_disk(home) <= SIZE / 8);
	heard = listen(home, NULL);
	assert_true(heard.first > 100);
	assert_int_equal(heard.last, 201);
	assert_int_equal(heard.begins, 1);
	assert_true(heard.in_order);
	heard = listen(home, "190");
	assert_int_equal(heard.first, 191);
	assert_int_equal(heard.count, 500);
}

static void
cuts_a_torn_tail(void **state)
{
	struct home *home = *state;
	struct heard heard;
	struct stat st;
	char path[128];

	start(home, SIZE);
	note(home, 1, 1000, 1);
	note(home, 2, 2000, 1);
	journal_close(home->journal);
	path_of(home, 1, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	heard = listen(home, NULL);
	assert_int_equal(heard.last, 1);
	start(home, SIZE);
	note(home, 3, 3000, 1);
	journal_close(home->journal);
	heard = listen(home, NULL);
	assert_int_equal(heard.count, 2);
	assert_int_equal(heard.last, 3);
}

static void
passes_over_damage(void **state)
{
	struct home *home = *state;
	struct heard heard;
	char path[128];
	int fd;

	start(home, SIZE);
	note(home, 1, 1000, 1);
	journal_close(home->journal);
	path_of(home, 1, path);
	fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "no journal", 10), 10);
	close(fd);
	start(home, SIZE);
	note(home, 2, 2000, 1);
	journal_close(home->journal);
	heard = listen(home, NULL);
	assert_int_equal(heard.first, 2);
	assert_int_equal(heard.count, 1);
}

static void
survives_a_full_disk(void **state)
{
	struct home *home = *state;
	struct rlimit old, none;
	struct heard heard;

	start(home, SIZE);
	note(home, 1, 1000, 1);
	journal_close(home->journal);
	start(home, SIZE);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = old;
	none.rlim_cur = 200;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	note(home, 2, 2000, 3);
	note(home, 3, 3000, 3);
	journal_close(home->journal);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(home->lines, "changes are not written down"));
	assert_ptr_equal(strchr(home->lines, '\n'), strrchr(home->lines, '\n'));
	heard = listen(home, NULL);
	assert_int_equal(heard.last, 1);
	start(home, SIZE);
	note(home, 4, 4000, 1);
	journal_close(home->journal);
	heard = listen(home, NULL);
	assert_int_equal(heard.count, 2);
	assert_int_equal(heard.last, 4);
}

/* Whoever reads holds a segment at a time. */
static void
has_no_large_segments(void **state)
{
	struct home *home = *state;
	struct segments segments;
	struct octets room = { .at = NULL };

	start(home, UINT64_C(1) << 40);
	for (uint32_t serial = 1; serial <= 100; serial++) {
		note(home, serial, serial, 10000);
	}
	journal_close(home->journal);
	assert_int_equal(segments_open(&segments, home->folder, SEGMENTS_READ),
	    0);
	for (size_t i = 0; i < segments.count; i++) {
		octets_reset(&room);
		assert_int_equal(segments_load(&segments, i, UINT64_MAX, &room),
		    0);
		assert_true(room.len <= 64 * SIZE);
	}
	assert_true(segments.count >= 2);
	octets_clear(&room);
	segments_close(&segments);
	assert_int_equal(listen(home, NULL).last, 100);
}

static void
leaves_nothing_on_a_full_disk(void **state)
{
	struct home *home = *state;
	struct rlimit old, none;
	struct segments segments;

	start(home, SIZE);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = (struct rlimit){ 4, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	for (uint32_t serial = 1; serial <= 20; serial++) {
		note(home, serial, serial, 1);
	}
	journal_close(home->journal);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(home->lines, "File too large"));
	assert_int_equal(segments_open(&segments, home->folder, SEGMENTS_READ),
	    0);
	assert_int_equal(segments.count, 0);
	segments_close(&segments);
	start(home, SIZE);
	note(home, 21, 21, 1);
	journal_close(home->journal);
	assert_int_equal(listen(home, NULL).count, 1);
}

static void
refuses_what_is_no_time(void **state)
{
	static const char *const bad[] = { "", "-1", "yesterday", "5x", "m",
		"4294967296", "2026-13-01T00:00:00Z" };
	struct since since;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(since_read(&since, bad[i], 0));
	}
}

static void
is_absent_where_there_is_none(void **state)
{
	struct home *home = *state;
	struct since since = { .kind = SINCE_ALL };
	struct heard heard = { .count = 0 };

	assert_int_equal(since_tell(home->folder, &since, ear, &heard),
	    -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(says_what_it_was_told),
		TEST(is_mended),
		TEST(carries_large_ones),
		TEST(stays_within_its_size),
		TEST(cuts_a_torn_tail),
		TEST(passes_over_damage),
		TEST(survives_a_full_disk),
		TEST(has_no_large_segments),
		TEST(leaves_nothing_on_a_full_disk),
		TEST(refuses_what_is_no_time),
		TEST(is_absent_where_there_is_none),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
