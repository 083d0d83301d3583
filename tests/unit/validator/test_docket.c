/* SPDX-License-Identifier: BSD-2-Clause */
/* How many points judges get ahead, and that dear ones do not stand before a
 * neighbour's. */
#include "validator/docket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

enum { JUDGES = 2, ROOM = 16, MANY = 40, CHEAP = 300, COSTLY = 500000 };

struct scene {
	struct walk walk;
	struct ca ca[3];
	struct spot top, evil, good;
	struct spot evils[MANY], goods[MANY];
	struct point_result *held[ROOM]; /* with judges */
	size_t held_count;
};

static void *
hand_back(void *self, void *item)
{
	struct point_job *job = item;
	struct point_result *result = mem_zero(1, sizeof(*result));

	(void)self;
	result->job = *job;
	free(job);
	return result;
}

static int
set_up(void **state)
{
	struct scene *s = mem_zero(1, sizeof(*s));

	turn_init(&s->walk.turn, NULL, NULL);
	s->walk.judge_count = JUDGES;
	s->walk.judge_room = ROOM;
	s->walk.judges =
	    pool_new(&(struct pool_work){ .work = hand_back }, 1, 0);
	s->evil.parent = s->good.parent = &s->top;
	docket_enter(&s->walk, &s->top);
	docket_enter(&s->walk, &s->evil);
	docket_enter(&s->walk, &s->good);
	for (size_t i = 0; i < MANY; i++) {
		s->evils[i].parent = &s->evil;
		s->goods[i].parent = &s->good;
		docket_enter(&s->walk, &s->evils[i]);
		docket_enter(&s->walk, &s->goods[i]);
	}
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *s = *state;

	pool_free(s->walk.judges, free, NULL);
	free(s);
	return 0;
}

static void
all_are_ready(struct spot *spots)
{
	for (size_t i = 0; i < MANY; i++) {
		docket_add(&spots[i]);
	}
}

/* As many as judges take now; they hold them until end_one(). */
static size_t
send(struct scene *s)
{
	struct spot *spot;
	size_t count = 0;

	for (; (spot = docket_next(&s->walk)) != NULL; count++) {
		docket_judge(&s->walk, spot);
		s->held[s->held_count++] = pool_wait(s->walk.judges);
	}
	return count;
}

static void
end_one(struct scene *s, size_t which, uint64_t us)
{
	struct point_result *result = s->held[which];

	s->held[which] = s->held[--s->held_count];
	result->judging_us = us;
	docket_done(&s->walk, result);
	docket_answered(result->job.owner);
	free(result);
}

static void
end_all(struct scene *s, uint64_t us)
{
	while (s->held_count > 0) {
		end_one(s, 0, us);
	}
}

static void
test_cheap(void **state)
{
	struct scene *s = *state;

	all_are_ready(s->evils);
	for (size_t i = 0; i < 4; i++) { /* nobody knows what they take */
		assert_int_equal(send(s), JUDGES);
		end_all(s, CHEAP);
	}
	assert_int_equal(send(s), ROOM);
	end_all(s, CHEAP);
	assert_int_equal(send(s), ROOM);
	end_all(s, CHEAP);
	assert_int_equal(s->walk.ahead, 0);
	assert_int_equal(s->walk.judging, 0);
}

/* The neighbour's come as soon as a judge is free, and before all others. */
static void
test_dear(void **state)
{
	struct scene *s = *state;

	all_are_ready(s->evils);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(send(s), JUDGES);
		end_all(s, COSTLY);
	}
	assert_int_equal(send(s), JUDGES);
	all_are_ready(s->goods);
	assert_int_equal(send(s), 0);
	end_one(s, JUDGES - 1, COSTLY);
	for (size_t i = 0; i < MANY; i++) {
		const struct spot *spot;

		assert_int_equal(send(s), 1);
		spot = s->held[JUDGES - 1]->job.owner;
		assert_ptr_equal(spot->parent, &s->good);
		end_one(s, JUDGES - 1, CHEAP); /* the other is a dear one */
	}
	end_all(s, CHEAP);
	assert_int_equal(s->walk.ahead, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cheap),
		TEST(test_dear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
