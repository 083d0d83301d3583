/* SPDX-License-Identifier: BSD-2-Clause */
/* keep - see keep.h. */
#include "daemon/keep.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/pool.h"
#include "daemon/locker.h"

struct job {
	enum { JOB_AHEAD, JOB_SAVE } kind;
	struct kept_ids ids;      /* JOB_AHEAD */
	struct ahead_serial next; /* references are its own */
	struct octets changes;    /* what it lends */
	struct kept kept;         /* JOB_SAVE */
	struct keep_news news;    /* how it went; the serial from the start */
};

struct keep {
	struct locker *locker; /* the worker's, once jobs run */
	struct pool *pool;
	bool saving;
	struct job *next; /* the save that waits for the one under way */
};

/* --- the worker */

/* Sets may have gone meanwhile but for this reference, and the loop is not to
 * free them. */
static void
let_go(struct job *job)
{
	kept_clear(&job->kept);
	delta_put(job->next.delta);
	job->next.delta = NULL;
	snapshot_put(job->next.to);
	job->next.to = NULL;
	delta_put(job->next.plain_delta);
	job->next.plain_delta = NULL;
	snapshot_put(job->next.plain);
	job->next.plain = NULL;
	octets_clear(&job->changes);
}

static void
free_job(void *arg)
{
	struct job *job = arg;

	if (job != NULL) {
		let_go(job);
		free(job);
	}
}

static void *
begin_work(void *arg, unsigned worker)
{
	(void)worker;
	return arg;
}

static void *
work(void *self, void *arg)
{
	struct locker *locker = self;
	struct job *job = arg;

	switch (job->kind) {
	case JOB_AHEAD:
		job->news.event = locker_ahead(locker, &job->ids, &job->next)
				      ? KEEP_TOLD
				      : KEEP_RENAME;
		break;
	case JOB_SAVE:
		job->news.event =
		    locker_save(locker, &job->kept) ? KEEP_SAVED : KEEP_FAILED;
		break;
	}
	let_go(job);
	return job;
}

static void
end_work(void *self)
{
	(void)self;
}

/* --- opening */

int
keep_open(struct keep **out, const char *folder, struct log *log)
{
	struct keep *keep = mem_zero(1, sizeof(*keep));
	int rc = locker_open(&keep->locker, folder, log);

	if (rc != 0) {
		free(keep);
		keep = NULL;
	}
	*out = keep;
	return rc;
}

static bool
is_among(uint16_t id, const uint16_t *ids, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (ids[i] == id) {
			return true;
		}
	}
	return false;
}

void
keep_draw(struct kept_ids *ids, uint32_t *serial)
{
	struct kept_ids old = *ids;

	for (unsigned i = 0; i < PDU_VERSIONS; i++) {
		do {
			clock_random(&ids->rtr[i], sizeof(ids->rtr[i]));
		} while (is_among(ids->rtr[i], old.rtr, PDU_VERSIONS) ||
			 is_among(ids->rtr[i], ids->rtr, i));
	}
	clock_random(&ids->json, sizeof(ids->json));
	ids->json &= (UINT64_C(1) << 53) - 1;
	if (serial != NULL) {
		clock_random(serial, sizeof(*serial));
		*serial &= 0xffffff;
	}
}

/* A new folder gets a state at once, so that it is new but once. */
static bool
begin(struct keep *keep, struct kept *kept)
{
	keep_draw(&kept->ids, NULL);
	kept->serial = 1;
	return locker_begin(keep->locker, kept);
}

void
keep_load(struct keep *keep, struct kept *kept)
{
	const struct pool_work job = { .name = "kedge-keep",
		.begin = begin_work,
		.work = work,
		.end = end_work,
		.arg = keep->locker };
	enum locker_found found;

	*kept = (struct kept){ .serial = 0 };
	found = locker_load(keep->locker, kept);
	if (found == LOCKER_NEW && !begin(keep, kept)) {
		found = LOCKER_LOST;
	}
	if (found == LOCKER_LOST) {
		keep_draw(&kept->ids, &kept->serial);
	}
	keep->pool = pool_new(&job, 1, 0);
}

/* --- asking */

void
keep_ahead(struct keep *keep, const struct kept_ids *ids,
    const struct ahead_serial *next)
{
	struct job *job = mem_zero(1, sizeof(*job));

	job->kind = JOB_AHEAD;
	job->ids = *ids;
	octets_add_bytes(&job->changes, next->changes);
	job->next = *next;
	job->next.changes = octets_bytes(&job->changes);
	(void)delta_get(next->delta);
	(void)snapshot_get(next->to);
	if (next->plain_delta != NULL) {
		(void)delta_get(next->plain_delta);
		(void)snapshot_get(next->plain);
	}
	job->news.serial = next->serial;
	pool_submit(keep->pool, job);
}

void
keep_save(struct keep *keep, const struct kept *kept)
{
	struct job *job = mem_zero(1, sizeof(*job));

	job->kind = JOB_SAVE;
	kept_copy(&job->kept, kept);
	job->news.serial = kept->serial;
	if (keep->saving) {
		free_job(keep->next);
		keep->next = job;
		return;
	}
	keep->saving = true;
	pool_submit(keep->pool, job);
}

int
keep_bell(const struct keep *keep)
{
	return pool_bell(keep->pool);
}

static void
finish(struct keep *keep, struct job *job, struct keep_news *news)
{
	*news = job->news;
	if (job->kind == JOB_SAVE) {
		keep->saving = keep->next != NULL;
		if (keep->next != NULL) {
			pool_submit(keep->pool, keep->next);
			keep->next = NULL;
		}
	}
	free_job(job);
}

bool
keep_hear(struct keep *keep, struct keep_news *news)
{
	struct job *job = pool_collect(keep->pool);

	*news = (struct keep_news){ .event = KEEP_NONE };
	if (job != NULL) {
		finish(keep, job, news);
	}
	return job != NULL;
}

void
keep_close(struct keep *keep)
{
	struct keep_news news;
	struct job *job;

	if (keep == NULL) {
		return;
	}
	while (keep->pool != NULL && (job = pool_wait(keep->pool)) != NULL) {
		finish(keep, job, &news);
	}
	if (keep->pool != NULL) {
		pool_free(keep->pool, free_job, free_job);
	}
	locker_close(keep->locker);
	free(keep);
}
