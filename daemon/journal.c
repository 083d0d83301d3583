/* SPDX-License-Identifier: BSD-2-Clause */
/* journal - see journal.h. */
#include "daemon/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/pool.h"
#include "daemon/entry.h"
#include "daemon/segments.h"

enum {
	MAGIC = 8,
	FORMAT = 1,
	HEADER = MAGIC + 4,
	SEGMENTS = 16,   /* of which the size is made up, at least */
	LARGE = 1 << 26, /* octets of a segment; an entry may be larger */
};

static const char magic[MAGIC + 1] = "kedgejnl";

/* --- what goes in and comes out */

void
journal_encode(struct octets *out, const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		entry_change(out, &changes[i]);
	}
}

static bool
begin_reading(struct cursor *c, struct bytes segment)
{
	struct bytes head;

	*c = cursor_open(segment);
	head = cursor_take(c, MAGIC);
	return cursor_u32(c) == FORMAT && !c->bad &&
	       memcmp(head.at, magic, MAGIC) == 0;
}

size_t
journal_walk(struct bytes segment, journal_ear *ear, void *arg)
{
	struct arena *arena = arena_new();
	size_t held = 0;
	bool more = true;
	struct bytes body;
	struct cursor c;

	if (begin_reading(&c, segment)) {
		held = HEADER;
		while (more && cursor_left(&c) > 0 && entry_next(&c, &body)) {
			held = (size_t)(c.at - segment.at);
			more = ear == NULL || entry_tell(body, ear, arg, arena);
		}
	}
	arena_free(arena);
	return held;
}

/* --- the worker */

struct journal {
	struct pool *pool;
	struct log *log;
	struct segments segments;
	uint64_t size;
	int fd;          /* of the newest segment, or -1 */
	uint64_t length; /* octets of it that hold */
	bool failing;
};

static int
append(struct journal *j, struct bytes octets)
{
	uint64_t from = j->length;
	int rc = 0;

	while (octets.len > 0 && rc == 0) {
		ssize_t n =
		    pwrite(j->fd, octets.at, octets.len, (off_t)j->length);

		if (n < 0 && errno != EINTR) {
			rc = -errno;
		} else if (n > 0) {
			j->length += (uint64_t)n;
			octets =
			    bytes_of(octets.at + n, octets.len - (size_t)n);
		}
	}
	if (rc != 0) {
		(void)!ftruncate(j->fd, (off_t)from);
		j->length = from;
	}
	return rc;
}

/* A disk that is full for weeks is not to hold an empty file for each serial of
 * them. */
static int
begin_segment(struct journal *j)
{
	static const uint8_t format[] = { 0, 0, 0, FORMAT };
	uint8_t header[HEADER];
	int rc;

	if (j->fd >= 0) {
		close(j->fd);
	}
	j->fd = segments_next(&j->segments);
	j->length = 0;
	if (j->fd < 0) {
		return j->fd;
	}
	memcpy(header, magic, MAGIC);
	memcpy(header + MAGIC, format, sizeof(format));
	rc = append(j, bytes_of(header, sizeof(header)));
	if (rc != 0) {
		close(j->fd);
		j->fd = -1;
		segments_undo(&j->segments);
	}
	return rc;
}

static void
say(struct journal *j, int rc)
{
	if (rc != 0 && !j->failing) {
		log_error(j->log, "%s: %s: changes are not written down",
		    j->segments.folder, strerror(-rc));
	} else if (rc == 0 && j->failing) {
		log_warn(j->log, "%s: changes are written down again",
		    j->segments.folder);
	}
	j->failing = rc != 0;
}

struct job {
	struct journal_head head;
	struct octets changes;
};

static void
free_job(void *arg)
{
	struct job *job = arg;

	octets_clear(&job->changes);
	free(job);
}

static uint64_t
segment_most(const struct journal *j)
{
	uint64_t part = j->size / SEGMENTS;

	return part < LARGE ? part : LARGE;
}

static void *
work(void *self, void *arg)
{
	struct journal *j = self;
	struct job *job = arg;
	struct octets o = { .at = NULL };
	int rc = 0;

	entry_put(&o, &job->head, octets_bytes(&job->changes));
	if (o.len > j->size) {
		/* More than all there is to be: that it was is kept. */
		octets_reset(&o);
		entry_put(&o, &job->head, bytes_of(NULL, 0));
	}
	if (j->fd < 0 || j->length + o.len > segment_most(j)) {
		rc = begin_segment(j);
	}
	if (rc == 0) {
		rc = append(j, octets_bytes(&o));
	}
	segments_trim(&j->segments, j->size);
	say(j, rc);
	octets_clear(&o);
	return job;
}

static void *
begin_work(void *arg, unsigned worker)
{
	(void)worker;
	return arg;
}

static void
end_work(void *self)
{
	(void)self;
}

/* Go on in the newest segment, behind what holds. */
static void
resume(struct journal *j)
{
	struct octets o = { .at = NULL };

	if (j->segments.count == 0 ||
	    segments_load(&j->segments, j->segments.count - 1,
		LIMIT_SEGMENT_OCTETS, &o) != 0) {
		octets_clear(&o);
		return;
	}
	j->length = journal_walk(octets_bytes(&o), NULL, NULL);
	octets_clear(&o);
	if (j->length == 0) {
		return; /* not ours: another segment is begun */
	}
	j->fd = segments_reopen(&j->segments);
	if (j->fd >= 0 && ftruncate(j->fd, (off_t)j->length) != 0) {
		close(j->fd);
		j->fd = -1;
	}
}

int
journal_open(struct journal **out, const char *folder, uint64_t size,
    struct log *log)
{
	struct journal *j = mem_zero(1, sizeof(*j));
	const struct pool_work works = { .name = "kedge-journal",
		.begin = begin_work,
		.work = work,
		.end = end_work,
		.arg = j };
	int rc = segments_open(&j->segments, folder, SEGMENTS_WRITE);

	j->log = log;
	j->size = size;
	j->fd = -1;
	if (rc != 0) {
		segments_close(&j->segments);
		free(j);
		*out = NULL;
		return rc;
	}
	resume(j);
	j->pool = pool_new(&works, 1, 0);
	*out = j;
	return 0;
}

void
journal_close(struct journal *j)
{
	void *job;

	if (j == NULL) {
		return;
	}
	while ((job = pool_wait(j->pool)) != NULL) {
		free_job(job);
	}
	pool_free(j->pool, free_job, free_job);
	if (j->fd >= 0) {
		close(j->fd);
	}
	segments_close(&j->segments);
	free(j);
}

void
journal_add(struct journal *j, const struct journal_head *head,
    struct octets *changes)
{
	struct job *job = mem_zero(1, sizeof(*job));
	void *done;

	while ((done = pool_collect(j->pool)) != NULL) {
		free_job(done);
	}
	job->head = *head;
	job->changes = *changes;
	*changes = (struct octets){ .at = NULL };
	pool_submit(j->pool, job);
}

void
journal_drop(struct journal_note *notes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		octets_clear(&notes[i].changes);
	}
	free(notes);
}

/* The last entry there is, and where it begins in the newest segment; 0: it is
 * in an older one. */
struct last_entry {
	struct journal_head head;
	bool any;
	uint64_t at;
};

static struct last_entry
find_last_in(struct bytes segment)
{
	struct last_entry last = { .any = false };
	struct cursor c;
	struct bytes body;
	bool good = begin_reading(&c, segment);
	const uint8_t *at = c.at;

	while (good && entry_next(&c, &body)) {
		struct journal_head head;

		if (entry_head(body, &head) &&
		    !(last.any && head.session == last.head.session &&
			head.serial == last.head.serial)) {
			last = (struct last_entry){ head, true,
				(uint64_t)(at - segment.at) };
		}
		at = c.at;
	}
	return last;
}

static struct last_entry
find_last(const struct segments *segments)
{
	struct last_entry last = { .any = false };
	struct octets room = { .at = NULL };

	for (size_t i = segments->count; i > 0 && !last.any; i--) {
		octets_reset(&room);
		if (segments_load(segments, i - 1, LIMIT_SEGMENT_OCTETS,
			&room) == 0) {
			last = find_last_in(octets_bytes(&room));
			last.at = i == segments->count ? last.at : 0;
		}
	}
	octets_clear(&room);
	return last;
}

/* Is it there as a whole? What may be a part of it is cut. */
static bool
has_whole(struct journal *j, const struct last_entry *last,
    const struct journal_head *head)
{
	if (!last->any || last->head.session != head->session ||
	    last->head.serial - head->serial >= 0x80000000u) {
		return false;
	}
	if (last->head.serial != head->serial || last->at == 0) {
		return true;
	}
	if (j->fd < 0 || ftruncate(j->fd, (off_t)last->at) != 0) {
		return true; /* a part of it is better than two */
	}
	j->length = last->at;
	return false;
}

void
journal_mend(struct journal *j, struct journal_note *notes, size_t count)
{
	struct last_entry last = { .any = false };

	if (count > 0) {
		last = find_last(&j->segments);
	}
	for (size_t i = 0; i < count; i++) {
		if (!has_whole(j, &last, &notes[i].head)) {
			journal_add(j, &notes[i].head, &notes[i].changes);
		}
	}
}
