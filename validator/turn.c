/* SPDX-License-Identifier: BSD-2-Clause */
/* turn - see turn.h. */
#include "validator/turn.h"

#include <stddef.h>

static bool
before(const struct turn *a, const struct turn *b)
{
	return a->cost != b->cost ? a->cost < b->cost : a->order < b->order;
}

static struct turn *
meld(struct turn *a, struct turn *b)
{
	if (a == NULL || b == NULL) {
		return a == NULL ? b : a;
	}
	if (before(b, a)) {
		struct turn *other = a;

		a = b;
		b = other;
	}
	b->by = a->sub;
	a->sub = b;
	return a;
}

/* What is left of a heap without its first: pairs from left to right, and
 * those from right to left. */
static struct turn *
without_first(struct turn *first)
{
	struct turn *left = first->sub, *pairs = NULL, *all = NULL;

	first->sub = NULL;
	while (left != NULL) {
		struct turn *a = left, *b = left->by;

		left = b == NULL ? NULL : b->by;
		a->by = NULL;
		if (b != NULL) {
			b->by = NULL;
		}
		a = meld(a, b);
		a->by = pairs;
		pairs = a;
	}
	while (pairs != NULL) {
		struct turn *next = pairs->by;

		pairs->by = NULL;
		all = meld(all, pairs);
		pairs = next;
	}
	return all;
}

static void
list(struct turn *turn)
{
	struct turn *above = turn->above;

	turn->listed = true;
	above->below = meld(above->below, turn);
}

static void
unlist(struct turn *turn)
{
	turn->listed = false;
	turn->above->below = without_first(turn);
}

void
turn_init(struct turn *turn, struct turn *above, void *what)
{
	*turn = (struct turn){ .above = above, .what = what };
}

void
turn_wait(struct turn *turn)
{
	turn->waiting = true;
	for (; turn->above != NULL && !turn->listed; turn = turn->above) {
		if (turn->cost < turn->above->floor) {
			turn->cost = turn->above->floor;
		}
		turn->order = turn->above->orders++;
		list(turn);
	}
}

/* The one below that has cost least, what it owes counted in. */
static struct turn *
cheapest(struct turn *turn)
{
	struct turn *first = turn->below;

	while (first->owed > 0) {
		unlist(first);
		first->cost += first->owed;
		first->owed = 0;
		list(first);
		first = turn->below;
	}
	turn->floor = first->cost;
	return first;
}

/* It has had its turn: to its new place in the row, if it has more to do. */
static void
settle(struct turn *turn, uint64_t least)
{
	unlist(turn);
	turn->cost += least;
	if (turn->waiting || turn->below != NULL) {
		turn->order = turn->above->orders++;
		list(turn);
	}
}

void *
turn_next(struct turn *top, uint64_t least)
{
	struct turn *turn = top;
	void *what;

	while (!turn->waiting) {
		if (turn->below == NULL) {
			return NULL; /* only the top */
		}
		turn = cheapest(turn);
	}
	what = turn->what;
	turn->waiting = false;
	for (; turn->above != NULL; turn = turn->above) {
		settle(turn, least);
	}
	return what;
}

void
turn_charge(struct turn *turn, uint64_t more)
{
	for (; turn->above != NULL; turn = turn->above) {
		turn->owed += more;
	}
}
