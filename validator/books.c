/* SPDX-License-Identifier: BSD-2-Clause */
/* books - see books.h. */
#include "validator/books.h"

#include <errno.h>

#include "base/clock.h"
#include "base/limits.h"

enum { FIRST_PAUSE = 60 }; /* seconds */

/* What became of a fetch, for the repository's row. */
enum note { NOTE_BEGUN, NOTE_FAILED, NOTE_DONE };

/* A failing repository's points may turn to rsync after a time that differs
 * from one validator to the next, so that an outage sends no stampede. */
static int64_t
fallback_time(const struct fetcher_desk *desk, int64_t last_success)
{
	int64_t most = (int64_t)desk->policy->rrdp_fallback_time;
	/* Not from when it was first seen to fail: a cache of yesterday has
	 * waited long enough. What came in the future is of no known age. */
	int64_t since = last_success != 0 && last_success < desk->now
			    ? last_success
			    : desk->now;
	uint32_t random;

	clock_random(&random, sizeof(random));
	return since + most / 2 + (most > 1 ? random % (most / 2) : 0);
}

/* Longer with each failure, and not the same for everybody: what fails for many
 * is not to be asked by all of them at once. */
static int64_t
pause_after(uint32_t failures)
{
	int64_t pause = FIRST_PAUSE;
	uint32_t random;

	for (uint32_t i = 1; i < failures && pause < LIMIT_BACK_OFF_SECONDS;
	     i++) {
		pause *= 2;
	}
	pause = pause < LIMIT_BACK_OFF_SECONDS ? pause : LIMIT_BACK_OFF_SECONDS;
	clock_random(&random, sizeof(random));
	return pause * 3 / 4 + random % (pause / 4);
}

/* A busy server may ask for more (RFC 9110 10.2.3), but not for any time. */
static int64_t
pause_of(uint32_t failures, int64_t asked)
{
	int64_t pause = pause_after(failures);

	asked = asked < LIMIT_BACK_OFF_SECONDS ? asked : LIMIT_BACK_OFF_SECONDS;
	return pause > asked ? pause : asked;
}

static void
note_failed(struct fetcher *self, const struct fetcher_result *r,
    struct repository *row)
{
	const struct fetcher_desk *desk = self->desk;
	const char *more = fetcher_more(r);

	row->failures++;
	row->next_due =
	    desk->now + pause_of(row->failures, r->outcome.retry_after);
	if (row->fallback_at == 0) {
		row->fallback_at = fallback_time(desk, row->last_success);
	}
	row->trouble = arena_printf(self->arena, "%s%s%s",
	    fault_label(r->outcome.fault), more[0] == '\0' ? "" : ": ", more);
	row->status = r->outcome.status;
	row->payload_status = r->outcome.payload_status;
}

void
books_note_done(const void *arg, struct repository *row)
{
	const struct fetcher_desk *desk = arg;

	row->last_attempt = row->last_success = desk->now;
	row->failures = 0;
	row->trouble = NULL;
	row->next_due = 0;
	row->fallback_at = 0;
}

/* 0 or -errno; *row is what the store now holds. */
static int
take_note(struct fetcher *self, const struct fetcher_result *r, enum note note,
    struct repository *row)
{
	const char *uri = r->job.uri;
	struct kv_txn *txn = NULL;
	int rc = kv_write(store_kv(self->desk->store), &txn);

	if (rc != 0) {
		return rc;
	}
	rc = repository_get(txn, uri, row, self->arena);
	if (rc != 0 && rc != -ENOENT && rc != -EBADMSG) {
		kv_abort(txn);
		return rc;
	}
	row->uri = uri;
	row->last_attempt = self->desk->now;
	switch (note) {
	case NOTE_BEGUN:
		break;
	case NOTE_FAILED:
		note_failed(self, r, row);
		break;
	case NOTE_DONE:
		books_note_done(self->desk, row);
		break;
	}
	return kv_end(txn, repository_put(txn, row));
}

static int
read_row(struct fetcher *self, const char *uri, struct repository *row)
{
	struct kv_txn *txn;
	int rc = kv_read(store_kv(self->desk->store), &txn);

	if (rc == 0) {
		rc = repository_get(txn, uri, row, self->arena);
		kv_abort(txn);
	}
	return rc;
}

/* Where all was well before, a success changes nothing but times: they are kept
 * with what else the run remembers, and nobody waits for the disk. */
static bool
was_well(struct fetcher *self, const char *uri, struct repository *row)
{
	return read_row(self, uri, row) == 0 && row->last_success != 0 &&
	       row->failures == 0 && row->next_due == 0 &&
	       row->fallback_at == 0;
}

int
books_open(struct fetcher *self, const struct fetcher_result *r,
    struct repository *row)
{
	int rc = read_row(self, r->job.uri, row);

	return rc == 0 && row->last_success != 0
		   ? 0
		   : take_note(self, r, NOTE_BEGUN, row);
}

int
books_close(struct fetcher *self, struct fetcher_result *r)
{
	struct repository row = { 0 };
	bool came = r->outcome.fault == FAULT_NONE || r->partial;
	int rc;

	if (came && r->outcome.noted) {
		return 0;
	}
	if (!came && atomic_load(&self->desk->ended)) {
		return 0;
	}
	if (came && was_well(self, r->job.uri, &row)) {
		r->outcome.mirror = row.number;
		r->later = true;
		return 0;
	}
	rc = take_note(self, r, came ? NOTE_DONE : NOTE_FAILED, &row);
	r->outcome.mirror = row.number;
	r->fallback_at = row.fallback_at;
	return came ? rc : 0;
}
