/* SPDX-License-Identifier: BSD-2-Clause */
/* Who waits at a turnstile goes in the order of weights, and no more than may.
 */
#include "base/turnstile.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/between.h"

enum { MANY = 16, ROUNDS = 2000, PLACES = 3 };

struct line {
	struct turnstile *turnstile;
	uint64_t order[MANY];
	size_t count;
};

struct one {
	struct line *line;
	uint64_t weight, name;
	pthread_t thread;
};

static void *
go_through(void *arg)
{
	struct one *one = arg;
	struct line *line = one->line;

	turnstile_enter(line->turnstile, one->weight);
	line->order[line->count++] = one->name; /* alone in here */
	turnstile_leave(line->turnstile);
	return NULL;
}

/* All wait before the first may go, one after the other. */
static void
send_through(struct line *line, struct one *ones, size_t count)
{
	line->turnstile = turnstile_new(1);
	line->count = 0;
	turnstile_enter(line->turnstile, 0);
	for (size_t i = 0; i < count; i++) {
		ones[i].line = line;
		assert_int_equal(pthread_create(&ones[i].thread, NULL,
				     go_through, &ones[i]),
		    0);
		while (turnstile_waiting(line->turnstile) <= i) {
			sched_yield();
		}
	}
	assert_true(turnstile_wanted(line->turnstile, UINT64_MAX));
	assert_false(turnstile_wanted(line->turnstile, 0));
	turnstile_leave(line->turnstile);
	for (size_t i = 0; i < count; i++) {
		pthread_join(ones[i].thread, NULL);
	}
	assert_int_equal(line->count, count);
	assert_false(turnstile_wanted(line->turnstile, UINT64_MAX));
	turnstile_free(line->turnstile);
}

static void
test_lightest_first(void **state)
{
	struct one ones[MANY];
	struct line line;

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		ones[i] = (struct one){ .weight = (i * 7 + 5) % MANY };
		ones[i].name = ones[i].weight;
	}
	send_through(&line, ones, MANY);
	for (uint64_t i = 0; i < MANY; i++) {
		assert_int_equal(line.order[i], i);
	}
}

static void
test_equals_in_turn(void **state)
{
	struct one ones[MANY];
	struct line line;

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		ones[i] = (struct one){ .weight = i % 2, .name = i };
	}
	send_through(&line, ones, MANY);
	for (uint64_t i = 0; i < MANY; i++) {
		assert_int_equal(line.order[i],
		    i < MANY / 2 ? 2 * i : 2 * (i - MANY / 2) + 1);
	}
}

struct room {
	struct turnstile *turnstile;
	atomic_int inside, most;
};

static void *
come_and_go(void *arg)
{
	struct room *room = arg;

	for (uint64_t i = 0; i < ROUNDS; i++) {
		int inside, most;

		turnstile_enter(room->turnstile, i);
		inside = atomic_fetch_add(&room->inside, 1) + 1;
		most = atomic_load(&room->most);
		while (
		    inside > most &&
		    !atomic_compare_exchange_weak(&room->most, &most, inside)) {
		}
		atomic_fetch_sub(&room->inside, 1);
		turnstile_leave(room->turnstile);
	}
	return NULL;
}

static void
test_no_more_than_may(void **state)
{
	struct room room = { .turnstile = turnstile_new(PLACES) };
	pthread_t threads[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go,
				     &room),
		    0);
	}
	for (size_t i = 0; i < MANY; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_between(atomic_load(&room.most), 1, PLACES);
	assert_int_equal(turnstile_waiting(room.turnstile), 0);
	for (int i = 0; i < PLACES; i++) { /* none was lost */
		turnstile_enter(room.turnstile, 0);
	}
	for (int i = 0; i < PLACES; i++) {
		turnstile_leave(room.turnstile);
	}
	turnstile_free(room.turnstile);
	turnstile_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lightest_first),
		cmocka_unit_test(test_equals_in_turn),
		cmocka_unit_test(test_no_more_than_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
