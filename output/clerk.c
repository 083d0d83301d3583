/* SPDX-License-Identifier: BSD-2-Clause */
/* clerk - see clerk.h. */
#include "output/clerk.h"

#include <assert.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/pool.h"

struct clerk {
	struct pool *pools[CLERK_LANES];
	struct map *shared; /* orders that can be joined, by key */
	struct clerk_order *all;
	struct clerk_order *queue[CLERK_LANES]; /* for workers, as they came */
	unsigned threads[CLERK_LANES];
	unsigned working[CLERK_LANES]; /* orders that workers have */
	unsigned busy[CLERK_LANES];    /* these, and the queue */
	bool for_all[CLERK_LANES];     /* the last one was at nobody's cost */
};

struct clerk *
clerk_new(unsigned threads)
{
	struct clerk *clerk = mem_zero(1, sizeof(*clerk));
	struct pool_work work = { .name = "kedge-http", .work = render_work };

	clerk->shared = map_new();
	clerk->threads[CLERK_QUICK] = 1;
	clerk->threads[CLERK_SLOW] = threads;
	for (unsigned lane = 0; lane < CLERK_LANES; lane++) {
		clerk->pools[lane] = pool_new(&work, clerk->threads[lane], 0);
	}
	return clerk;
}

void
clerk_free(struct clerk *clerk)
{
	if (clerk == NULL) {
		return;
	}
	for (unsigned lane = 0; lane < CLERK_LANES; lane++) {
		pool_free(clerk->pools[lane], render_free, render_free);
	}
	while (clerk->all != NULL) {
		clerk_drop(clerk->all);
	}
	map_free(clerk->shared);
	free(clerk);
}

struct clerk_order *
clerk_order(struct clerk *clerk, enum clerk_lane lane)
{
	struct clerk_order *order = mem_zero(1, sizeof(*order));

	order->clerk = clerk;
	order->lane = lane;
	order->next = clerk->all;
	if (order->next != NULL) {
		order->next->prev = order;
	}
	clerk->all = order;
	order->render = render_new(order);
	return order;
}

void
clerk_charge(struct clerk_order *order, struct guest *guest,
    enum guest_good good)
{
	assert(order->guest == NULL);
	order->guest = guest_get(guest);
	order->good = good;
}

/* What is at nobody's cost goes first, and then a guest, if there is one: else
 * who asks for one such after the other would keep guests waiting for good. */
static bool
goes_before(const struct clerk_order *a, const struct clerk_order *b)
{
	bool all_a = a->guest == NULL, all_b = b->guest == NULL;

	if (all_a || all_b) {
		return all_a != all_b && all_a != a->clerk->for_all[a->lane];
	}
	return guest_turn(a->guest) < guest_turn(b->guest);
}

/* Out of the queue, which is not empty. */
static struct clerk_order *
next_in_turn(struct clerk *clerk, enum clerk_lane lane)
{
	struct clerk_order **found = &clerk->queue[lane], *order;

	for (struct clerk_order **at = found; *at != NULL;
	     at = &(*at)->behind) {
		if (goes_before(*at, *found)) {
			found = at;
		}
	}
	order = *found;
	*found = order->behind;
	order->behind = NULL;
	return order;
}

/* Workers get no more than they work on: who comes later may be next. */
static void
hand_on(struct clerk *clerk, enum clerk_lane lane)
{
	while (clerk->queue[lane] != NULL &&
	       clerk->working[lane] < clerk->threads[lane]) {
		struct clerk_order *order = next_in_turn(clerk, lane);

		clerk->for_all[lane] = order->guest == NULL;
		if (order->guest != NULL) {
			guest_has_turn(order->guest);
		}
		clerk->working[lane]++;
		pool_submit(clerk->pools[lane], order->render);
		order->render = NULL;
	}
}

void
clerk_submit(struct clerk_order *order)
{
	struct clerk *clerk = order->clerk;
	struct clerk_order **at = &clerk->queue[order->lane];

	while (*at != NULL) {
		at = &(*at)->behind;
	}
	*at = order;
	clerk->busy[order->lane]++;
	hand_on(clerk, order->lane);
}

void
clerk_drop(struct clerk_order *order)
{
	struct clerk *clerk = order->clerk;

	clerk_close(order);
	if (order->prev != NULL) {
		order->prev->next = order->next;
	} else {
		clerk->all = order->next;
	}
	if (order->next != NULL) {
		order->next->prev = order->prev;
	}
	if (order->guest != NULL) {
		guest_give(order->guest, order->good, 1);
		guest_put(order->guest);
	}
	render_free(order->render);
	octets_clear(&order->key);
	free(order);
}

void
clerk_share(struct clerk_order *order)
{
	(void)map_set(order->clerk->shared, octets_bytes(&order->key), order);
}

struct clerk_order *
clerk_find(const struct clerk *clerk, struct bytes key)
{
	return map_get(clerk->shared, key);
}

void
clerk_close(struct clerk_order *order)
{
	struct map *shared = order->clerk->shared;
	struct bytes key = octets_bytes(&order->key);

	if (key.len > 0 && map_get(shared, key) == order) {
		(void)map_remove(shared, key);
	}
}

struct clerk_order *
clerk_collect(struct clerk *clerk)
{
	for (unsigned lane = 0; lane < CLERK_LANES; lane++) {
		struct render *render = pool_collect(clerk->pools[lane]);

		if (render != NULL) {
			struct clerk_order *order = render->owner;

			clerk->busy[lane]--;
			clerk->working[lane]--;
			order->render = render;
			hand_on(clerk, (enum clerk_lane)lane);
			return order;
		}
	}
	return NULL;
}

int
clerk_bell(const struct clerk *clerk, enum clerk_lane lane)
{
	return pool_bell(clerk->pools[lane]);
}

unsigned
clerk_busy(const struct clerk *clerk, enum clerk_lane lane)
{
	return clerk->busy[lane];
}

void
clerk_wait(struct desk_visit *visit, struct desk_visit **list)
{
	assert(visit->list == NULL);
	visit->list = list;
	visit->next = *list;
	*list = visit;
}

void
clerk_wake(struct desk_visit *visit)
{
	struct desk_visit **at = visit->list;

	while (*at != visit) {
		at = &(*at)->next;
	}
	*at = visit->next;
	visit->list = NULL;
	visit->next = NULL;
}
