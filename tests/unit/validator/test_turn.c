/* SPDX-License-Identifier: BSD-2-Clause */
/* However much waits on one branch, its neighbours get their part. */
#include "validator/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/unit/between.h"

enum { MANY = 5000, COST = 10 };

static struct turn *
branches(struct turn *above, size_t count)
{
	struct turn *turns = mem_zero(count, sizeof(*turns));

	for (size_t i = 0; i < count; i++) {
		turn_init(&turns[i], above, &turns[i]);
	}
	return turns;
}

static void
all_wait(struct turn *turns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		turn_wait(&turns[i]);
	}
}

static void
test_nobody(void **state)
{
	struct turn top, one;

	(void)state;
	turn_init(&top, NULL, &top);
	turn_init(&one, &top, &one);
	assert_null(turn_next(&top, COST));
	turn_wait(&one);
	assert_ptr_equal(turn_next(&top, COST), &one);
	assert_null(turn_next(&top, COST));
	turn_wait(&one);
	turn_wait(&one);
	assert_ptr_equal(turn_next(&top, COST), &one);
	assert_null(turn_next(&top, COST));
}

/* Those of one branch in the order in which they came. */
static void
test_in_order(void **state)
{
	struct turn top, *turns;

	(void)state;
	turn_init(&top, NULL, NULL);
	turns = branches(&top, MANY);
	all_wait(turns, MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_ptr_equal(turn_next(&top, COST), &turns[i]);
	}
	assert_null(turn_next(&top, COST));
	free(turns);
}

/* One CA with 5,000 that wait, another with two: the second job of the other
 * is among the first four. */
static void
test_crowd_beside_few(void **state)
{
	struct turn top, sides[2], *crowd, *few;
	unsigned seen = 0, at = 0;

	(void)state;
	turn_init(&top, NULL, NULL);
	turn_init(&sides[0], &top, NULL);
	turn_init(&sides[1], &top, NULL);
	crowd = branches(&sides[0], MANY);
	few = branches(&sides[1], 2);
	all_wait(crowd, MANY);
	all_wait(few, 2);
	while (seen < 2) {
		struct turn *turn = turn_next(&top, COST);

		at++;
		seen += turn == &few[0] || turn == &few[1];
	}
	assert_true(at <= 4);
	while (turn_next(&top, COST) != NULL) {
		at++;
	}
	assert_int_equal(at, MANY + 2);
	free(crowd);
	free(few);
}

/* Who costs a hundred times as much goes a hundred times less often. */
static void
test_dear_ones(void **state)
{
	struct turn top, dear, cheap;
	unsigned of_dear = 0, of_cheap = 0;

	(void)state;
	turn_init(&top, NULL, NULL);
	turn_init(&dear, &top, &dear);
	turn_init(&cheap, &top, &cheap);
	for (unsigned i = 0; i < 10100; i++) {
		struct turn *turn;

		turn_wait(&dear);
		turn_wait(&cheap);
		turn = turn_next(&top, COST);
		if (turn == &dear) {
			turn_charge(&dear, 99 * COST);
			of_dear++;
		} else {
			of_cheap++;
		}
	}
	assert_between(of_dear, 99, 101);
	assert_int_equal(of_dear + of_cheap, 10100);
}

/* Who comes late is no later than others, and has saved nothing up. */
static void
test_late(void **state)
{
	struct turn top, early, late;
	unsigned of_late = 0;

	(void)state;
	turn_init(&top, NULL, NULL);
	turn_init(&early, &top, &early);
	turn_init(&late, &top, &late);
	for (unsigned i = 0; i < 1000; i++) {
		turn_wait(&early);
		assert_ptr_equal(turn_next(&top, COST), &early);
	}
	for (unsigned i = 0; i < 100; i++) {
		turn_wait(&early);
		turn_wait(&late);
		of_late += turn_next(&top, COST) == &late;
	}
	assert_between(of_late, 49, 51);
}

/* A binary tree of 4,095: each once, and every branch at the same pace. */
static void
test_tree(void **state)
{
	enum { TREE = 4095, HALF = TREE / 2 };
	struct turn top, *tree = mem_zero(TREE, sizeof(*tree));
	int left = 0, right = 0;

	(void)state;
	turn_init(&top, NULL, NULL);
	for (size_t i = 0; i < TREE; i++) {
		turn_init(&tree[i], i == 0 ? &top : &tree[(i - 1) / 2],
		    &tree[i]);
	}
	all_wait(tree, TREE);
	for (size_t i = 0; i < TREE; i++) {
		struct turn *turn = turn_next(&top, COST);
		size_t at;

		assert_non_null(turn);
		for (at = (size_t)(turn - tree); at > 2;) {
			at = (at - 1) / 2;
		}
		left += at == 1;
		right += at == 2;
		assert_between(left - right + 1, 0, 2);
	}
	assert_null(turn_next(&top, COST));
	assert_int_equal(left, HALF);
	assert_int_equal(right, HALF);
	free(tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_crowd_beside_few),
		cmocka_unit_test(test_dear_ones),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
