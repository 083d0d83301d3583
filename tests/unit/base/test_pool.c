/* SPDX-License-Identifier: BSD-2-Clause */
/* A pool loses no job, makes up none, and ends whatever it was doing. */
#include "base/pool.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

enum { JOBS = 5000 };

/* What the workers of one test share. */
struct watch {
	atomic_uint begun, ended, worked, dropped;
	int64_t sleep_ms;
	atomic_bool unmasked, misnamed;
};

struct job {
	struct watch *watch;
	uint64_t in, out;
};

struct self {
	struct watch *watch;
	unsigned worker;
};

static void *
begin(void *arg, unsigned worker)
{
	struct self *self = mem_zero(1, sizeof(*self));

	self->watch = arg;
	self->worker = worker;
	atomic_fetch_add(&self->watch->begun, 1);
	return self;
}

static void *
work(void *arg, void *item)
{
	struct self *self = arg;
	struct job *job = item;

	clock_sleep_ms(self->watch->sleep_ms);
	job->out = job->in * job->in;
	atomic_fetch_add(&self->watch->worked, 1);
	return job;
}

static void
end(void *arg)
{
	struct self *self = arg;

	atomic_fetch_add(&self->watch->ended, 1);
	free(self);
}

static void
drop(void *item)
{
	struct job *job = item;

	atomic_fetch_add(&job->watch->dropped, 1);
	free(job);
}

static struct pool *
pool_for(struct watch *watch, unsigned threads, size_t bound)
{
	struct pool_work how = { .name = "test",
		.begin = begin,
		.work = work,
		.end = end,
		.arg = watch };

	return pool_new(&how, threads, bound);
}

static void
submit(struct pool *pool, struct watch *watch, uint64_t in)
{
	struct job *job = mem_zero(1, sizeof(*job));

	job->watch = watch;
	job->in = in;
	pool_submit(pool, job);
}

/* Add up and free. */
static uint64_t
take(struct job *job)
{
	uint64_t in = job->in;

	assert_int_equal(job->out, in * in);
	free(job);
	return in;
}

/* All jobs at once through queues of this bound. */
static void
check_all(size_t bound)
{
	struct watch watch = { 0 };
	struct pool *pool = pool_for(&watch, 3, bound);
	uint64_t sum = 0;
	struct job *job;

	for (uint64_t i = 0; i < JOBS; i++) {
		submit(pool, &watch, i);
	}
	assert_int_equal(pool_busy(pool), JOBS);
	while ((job = pool_wait(pool)) != NULL) {
		sum += take(job);
	}
	assert_int_equal(pool_busy(pool), 0);
	assert_null(pool_collect(pool));
	assert_int_equal(sum, (uint64_t)JOBS * (JOBS - 1) / 2);
	pool_free(pool, drop, drop);
	assert_int_equal(watch.begun, 3);
	assert_int_equal(watch.ended, 3);
	assert_int_equal(watch.worked, JOBS);
	assert_int_equal(watch.dropped, 0);
}

static void
test_wait(void **state)
{
	(void)state;
	check_all(0);
	check_all(2);
	check_all(1);
}

static void
test_bell(void **state)
{
	struct watch watch = { 0 };
	struct pool *pool = pool_for(&watch, 2, 8);
	uint64_t sum = 0, sent = 0;
	struct pollfd p = { .fd = pool_bell(pool), .events = POLLIN };

	(void)state;
	for (; sent < 10; sent++) {
		submit(pool, &watch, sent);
	}
	while (pool_busy(pool) > 0) {
		struct job *job;

		assert_int_equal(poll(&p, 1, 10000), 1);
		while ((job = pool_collect(pool)) != NULL) {
			sum += take(job);
			if (sent < JOBS) {
				submit(pool, &watch, sent++);
			}
		}
	}
	assert_int_equal(sum, (uint64_t)JOBS * (JOBS - 1) / 2);
	assert_int_equal(poll(&p, 1, 0), 0);
	pool_free(pool, NULL, NULL);
}

/* Freed while jobs wait, are worked on, and results lie uncollected. */
static void
test_free_in_the_middle(void **state)
{
	(void)state;
	for (size_t bound = 1; bound < 40; bound += 13) {
		struct watch watch = { .sleep_ms = 2 };
		struct pool *pool = pool_for(&watch, 4, bound);

		for (uint64_t i = 0; i < 50; i++) {
			submit(pool, &watch, i);
		}
		clock_sleep_ms((int64_t)bound);
		pool_free(pool, drop, drop);
		assert_int_equal(watch.dropped, 50);
		assert_int_equal(watch.ended, 4);
	}
	pool_free(NULL, NULL, NULL);
}

static void *
look_around(void *arg, void *item)
{
	struct job *job = item;
	sigset_t mask;
	char name[32];

	(void)arg;
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	atomic_store(&job->watch->unmasked,
	    sigismember(&mask, SIGTERM) != 1 ||
		sigismember(&mask, SIGCHLD) != 1);
	clock_sleep_ms(20);
	pthread_getname_np(pthread_self(), name, sizeof(name));
	atomic_store(&job->watch->misnamed, strcmp(name, "judge") != 0);
	return job;
}

static void
test_threads(void **state)
{
	struct pool_work how = { .name = "judge", .work = look_around };
	struct watch watch = { .unmasked = true, .misnamed = true };
	struct pool *pool = pool_new(&how, 1, 1);
	sigset_t mask;

	(void)state;
	submit(pool, &watch, 1);
	free(pool_wait(pool));
	assert_false(watch.unmasked);
	assert_false(watch.misnamed);
	pool_free(pool, NULL, NULL);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	assert_int_equal(sigismember(&mask, SIGTERM), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_bell),
		cmocka_unit_test(test_free_in_the_middle),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
