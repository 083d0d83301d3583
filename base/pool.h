/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool - threads that turn jobs into results; the only place that makes any.
 *
 * A worker is a function from a job to a result. `begin` makes what a worker
 * keeps between jobs (buffers, contexts), `end` frees it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/queue.h"

struct pool_work {
	const char *name; /* thread name, at most 15 octets */
	void *(*begin)(void *arg, unsigned worker);
	void *(*work)(void *self, void *job); /* never NULL */
	void (*end)(void *self);
	void *arg;
};

struct pool;

/* threads workers; jobs and results queues bounded by `bound` (0: 2^20). */
struct pool *pool_new(const struct pool_work *work, unsigned threads,
    size_t bound);

/* Hand in a job. Never waits: the owner must not block on its own pool. */
void pool_submit(struct pool *pool, void *job);
/* A finished result, or NULL when none is ready. */
void *pool_collect(struct pool *pool);
/* Wait for one; NULL when nothing is under way. */
void *pool_wait(struct pool *pool);
/* Readable when pool_collect() may have something. */
int pool_bell(struct pool *pool);
size_t pool_busy(const struct pool *pool); /* submitted, not yet collected */

/* Close, let workers finish what they hold, join them, free. Jobs still
 * queued and results not collected are given to drop (may be NULL). */
void pool_free(struct pool *pool, void (*drop_job)(void *),
    void (*drop_result)(void *));

/* Do this on a thread of its own that nobody waits for, as what may never end.
 * False: the system gives none. Signals are blocked as with the caller. */
bool pool_aside(void (*work)(void *), void *arg);
