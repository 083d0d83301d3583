/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue alone, at its bound, closed, and between many threads. */
#include "base/queue.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PUSHERS = 4, POPPERS = 4, EACH = 20000 };

static void *
item(uintptr_t number)
{
	return (void *)(number + 1);
}

static void
test_order_and_bound(void **state)
{
	struct queue *q = queue_new(1000);

	(void)state;
	assert_null(queue_try_pop(q));
	for (uintptr_t round = 0; round < 3; round++) {
		for (uintptr_t i = 0; i < 1000; i++) {
			assert_true(queue_try_push(q, item(i)));
		}
		assert_false(queue_try_push(q, item(0)));
		assert_int_equal(queue_count(q), 1000);
		for (uintptr_t i = 0; i < 1000; i++) {
			assert_ptr_equal(queue_pop(q), item(i));
			if (i == 500) {
				assert_true(queue_try_push(q, item(1000)));
			}
		}
		assert_ptr_equal(queue_try_pop(q), item(1000));
		assert_null(queue_try_pop(q));
	}
	queue_free(q);
	queue_free(NULL);
}

static void
test_closed(void **state)
{
	struct queue *q = queue_new(4);

	(void)state;
	assert_true(queue_push(q, item(1)));
	queue_close(q);
	assert_false(queue_push(q, item(2)));
	assert_false(queue_try_push(q, item(2)));
	assert_ptr_equal(queue_pop(q), item(1));
	assert_null(queue_pop(q));
	assert_null(queue_pop(q));
	queue_free(q);
}

static bool
rings(struct queue *q)
{
	struct pollfd p = { .fd = queue_bell(q), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
test_bell(void **state)
{
	struct queue *q = queue_new(4);

	(void)state;
	assert_false(rings(q));
	queue_hush(q);
	queue_try_push(q, item(1));
	queue_try_push(q, item(2));
	assert_true(rings(q));
	queue_hush(q);
	assert_false(rings(q));
	queue_try_push(q, item(3));
	assert_true(rings(q));
	while (queue_try_pop(q) != NULL) {
		continue;
	}
	queue_hush(q);
	queue_close(q);
	assert_true(rings(q));
	queue_free(q);
}

static void *
push_some(void *arg)
{
	struct queue *q = arg;

	for (uintptr_t i = 0; i < EACH; i++) {
		if (!queue_push(q, item(i))) {
			return NULL;
		}
	}
	return arg;
}

struct popper {
	struct queue *q;
	uint64_t count;
	uint64_t sum;
};

static void *
pop_all(void *arg)
{
	struct popper *popper = arg;
	void *got;

	while ((got = queue_pop(popper->q)) != NULL) {
		popper->count++;
		popper->sum += (uintptr_t)got - 1;
	}
	return NULL;
}

static void
test_many_threads(void **state)
{
	struct queue *q = queue_new(7);
	pthread_t pushers[PUSHERS], poppers[POPPERS];
	struct popper popped[POPPERS] = { 0 };
	uint64_t count = 0, sum = 0;

	(void)state;
	for (int i = 0; i < POPPERS; i++) {
		popped[i].q = q;
		pthread_create(&poppers[i], NULL, pop_all, &popped[i]);
	}
	for (int i = 0; i < PUSHERS; i++) {
		pthread_create(&pushers[i], NULL, push_some, q);
	}
	for (int i = 0; i < PUSHERS; i++) {
		void *whole;

		pthread_join(pushers[i], &whole);
		assert_non_null(whole);
	}
	queue_close(q);
	for (int i = 0; i < POPPERS; i++) {
		pthread_join(poppers[i], NULL);
		count += popped[i].count;
		sum += popped[i].sum;
	}
	assert_int_equal(count, PUSHERS * EACH);
	assert_int_equal(sum, (uint64_t)PUSHERS * EACH * (EACH - 1) / 2);
	queue_free(q);
}

static void
test_close_wakes_a_pusher(void **state)
{
	struct queue *q = queue_new(3);
	pthread_t pusher;
	void *whole;

	(void)state;
	pthread_create(&pusher, NULL, push_some, q);
	while (queue_count(q) < 3) {
		continue;
	}
	queue_close(q);
	pthread_join(pusher, &whole);
	assert_null(whole);
	while (queue_try_pop(q) != NULL) {
		continue;
	}
	queue_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_bound),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_bell),
		cmocka_unit_test(test_many_threads),
		cmocka_unit_test(test_close_wakes_a_pusher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
