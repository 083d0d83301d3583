/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool - see pool.h. Jobs that find the queue full wait in a backlog that only
 * the owner touches, and move up whenever it collects.
 */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"

enum { STACK = 1024 * 1024, STACK_ASIDE = STACK / 4, BOUND = 1 << 20 };

struct worker {
	struct pool *pool;
	unsigned number;
	pthread_t thread;
	void *orphan; /* a result that came after the results were closed */
};

struct pool {
	struct pool_work work;
	struct queue *jobs;
	struct queue *results;
	struct worker *workers;
	unsigned threads;
	size_t busy;
	void **backlog; /* what jobs had no room for, oldest first */
	size_t backlog_first;
	size_t backlog_count;
	size_t backlog_room;
};

static void *
run(void *arg)
{
	struct worker *worker = arg;
	struct pool *pool = worker->pool;
	const struct pool_work *work = &pool->work;
	void *self = NULL;
	void *job;

	if (work->name != NULL) {
		/* Its own: that of another is a file, and out of reach. */
		(void)pthread_setname_np(pthread_self(), work->name);
	}
	if (work->begin != NULL) {
		self = work->begin(work->arg, worker->number);
	}
	while (
	    worker->orphan == NULL && (job = queue_pop(pool->jobs)) != NULL) {
		void *result = work->work(self, job);

		assert(result != NULL);
		if (!queue_push(pool->results, result)) {
			worker->orphan = result;
		}
	}
	if (work->end != NULL) {
		work->end(self);
	}
	return NULL;
}

/* Start workers until there are enough or the system refuses; how many. */
static unsigned
start(struct pool *pool, unsigned threads)
{
	pthread_attr_t how;
	unsigned n = 0;

	pthread_attr_init(&how);
	pthread_attr_setstacksize(&how, STACK);
	for (; n < threads; n++) {
		struct worker *worker = &pool->workers[n];

		*worker = (struct worker){ .pool = pool, .number = n };
		if (pthread_create(&worker->thread, &how, run, worker) != 0) {
			break;
		}
	}
	pthread_attr_destroy(&how);
	return n;
}

struct pool *
pool_new(const struct pool_work *work, unsigned threads, size_t bound)
{
	struct pool *pool = mem_zero(1, sizeof(*pool));
	/* What a thread brings upon itself it must answer for. */
	static const int own[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
		SIGSYS };
	sigset_t all, before;

	assert(work->work != NULL && threads > 0);
	bound = bound == 0 ? BOUND : bound;
	pool->work = *work;
	pool->jobs = queue_new(bound);
	pool->results = queue_new(bound);
	pool->workers = mem_zero(threads, sizeof(*pool->workers));
	/* Signals are for the owner's loop; a thread inherits its mask. */
	sigfillset(&all);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		sigdelset(&all, own[i]);
	}
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pool->threads = start(pool, threads);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pool->threads == 0) {
		fputs("kedge: no thread to be had\n", stderr);
		abort();
	}
	return pool;
}

/* Let the backlog move up, oldest first, as far as there is room. */
static void
move_up(struct pool *pool)
{
	while (pool->backlog_first < pool->backlog_count &&
	       queue_try_push(pool->jobs, pool->backlog[pool->backlog_first])) {
		pool->backlog_first++;
	}
	if (pool->backlog_first == pool->backlog_count) {
		pool->backlog_first = 0;
		pool->backlog_count = 0;
	}
}

void
pool_submit(struct pool *pool, void *job)
{
	assert(job != NULL);
	pool->busy++;
	move_up(pool);
	if (pool->backlog_count == 0 && queue_try_push(pool->jobs, job)) {
		return;
	}
	if (pool->backlog_count == pool->backlog_room &&
	    pool->backlog_first > pool->backlog_count / 2) {
		pool->backlog_count -= pool->backlog_first;
		memmove(pool->backlog, pool->backlog + pool->backlog_first,
		    pool->backlog_count * sizeof(*pool->backlog));
		pool->backlog_first = 0;
	}
	pool->backlog = array_room(pool->backlog, pool->backlog_count,
	    &pool->backlog_room, sizeof(*pool->backlog));
	pool->backlog[pool->backlog_count++] = job;
}

static void *
collected(struct pool *pool, void *result)
{
	if (result != NULL) {
		pool->busy--;
		move_up(pool);
	}
	return result;
}

void *
pool_collect(struct pool *pool)
{
	void *result = queue_try_pop(pool->results);

	if (result == NULL) {
		/* The bell may only be hushed before the last look. */
		queue_hush(pool->results);
		result = queue_try_pop(pool->results);
	}
	return collected(pool, result);
}

void *
pool_wait(struct pool *pool)
{
	if (pool->busy == 0) {
		return NULL;
	}
	move_up(pool);
	return collected(pool, queue_pop(pool->results));
}

int
pool_bell(struct pool *pool)
{
	return queue_bell(pool->results);
}

size_t
pool_busy(const struct pool *pool)
{
	return pool->busy;
}

static void
drop_all(struct queue *queue, void (*drop)(void *))
{
	void *item;

	while ((item = queue_try_pop(queue)) != NULL) {
		if (drop != NULL) {
			drop(item);
		}
	}
}

void
pool_free(struct pool *pool, void (*drop_job)(void *),
    void (*drop_result)(void *))
{
	if (pool == NULL) {
		return;
	}
	drop_all(pool->jobs, drop_job);
	for (size_t i = pool->backlog_first; i < pool->backlog_count; i++) {
		if (drop_job != NULL) {
			drop_job(pool->backlog[i]);
		}
	}
	queue_close(pool->jobs);
	queue_close(pool->results);
	for (unsigned i = 0; i < pool->threads; i++) {
		struct worker *worker = &pool->workers[i];

		pthread_join(worker->thread, NULL);
		if (worker->orphan != NULL && drop_result != NULL) {
			drop_result(worker->orphan);
		}
	}
	drop_all(pool->results, drop_result);
	queue_free(pool->jobs);
	queue_free(pool->results);
	free(pool->workers);
	free(pool->backlog);
	free(pool);
}

struct aside {
	void (*work)(void *arg);
	void *arg;
};

static void *
run_aside(void *arg)
{
	struct aside aside = *(struct aside *)arg;

	free(arg);
	aside.work(aside.arg);
	return NULL;
}

bool
pool_aside(void (*work)(void *), void *arg)
{
	struct aside *aside = mem_zero(1, sizeof(*aside));
	pthread_attr_t how;
	pthread_t thread;
	bool begun;

	*aside = (struct aside){ work, arg };
	pthread_attr_init(&how);
	pthread_attr_setstacksize(&how, STACK_ASIDE);
	pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
	begun = pthread_create(&thread, &how, run_aside, aside) == 0;
	pthread_attr_destroy(&how);
	if (!begun) {
		free(aside);
	}
	return begun;
}
