/* SPDX-License-Identifier: BSD-2-Clause */
/* turnstile - see turnstile.h. A place is handed over to whom it is for: nobody
 * who wakes up finds it taken. */
#include "base/turnstile.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"

/* On the stack of who waits. */
struct waiter {
	struct waiter *next;
	uint64_t weight;
	pthread_cond_t called;
	bool in;
};

struct turnstile {
	pthread_mutex_t lock;
	unsigned places;        /* not taken */
	struct waiter *waiters; /* the lightest first */
};

struct turnstile *
turnstile_new(unsigned places)
{
	struct turnstile *turnstile = mem_zero(1, sizeof(*turnstile));

	assert(places > 0);
	pthread_mutex_init(&turnstile->lock, NULL);
	turnstile->places = places;
	return turnstile;
}

void
turnstile_free(struct turnstile *turnstile)
{
	if (turnstile == NULL) {
		return;
	}
	assert(turnstile->waiters == NULL);
	pthread_mutex_destroy(&turnstile->lock);
	free(turnstile);
}

/* Under the lock. */
static void
wait_for_place(struct turnstile *turnstile, uint64_t weight)
{
	struct waiter self = { .weight = weight };
	struct waiter **link = &turnstile->waiters;

	while (*link != NULL && (*link)->weight <= weight) {
		link = &(*link)->next;
	}
	self.next = *link;
	*link = &self;
	pthread_cond_init(&self.called, NULL);
	while (!self.in) {
		pthread_cond_wait(&self.called, &turnstile->lock);
	}
	pthread_cond_destroy(&self.called);
}

void
turnstile_enter(struct turnstile *turnstile, uint64_t weight)
{
	pthread_mutex_lock(&turnstile->lock);
	if (turnstile->places > 0) {
		turnstile->places--;
	} else {
		wait_for_place(turnstile, weight);
	}
	pthread_mutex_unlock(&turnstile->lock);
}

void
turnstile_leave(struct turnstile *turnstile)
{
	struct waiter *next;

	pthread_mutex_lock(&turnstile->lock);
	next = turnstile->waiters;
	if (next == NULL) {
		turnstile->places++;
	} else {
		turnstile->waiters = next->next;
		next->in = true;
		pthread_cond_signal(&next->called);
	}
	pthread_mutex_unlock(&turnstile->lock);
}

bool
turnstile_wanted(struct turnstile *turnstile, uint64_t weight)
{
	bool wanted;

	pthread_mutex_lock(&turnstile->lock);
	wanted =
	    turnstile->waiters != NULL && turnstile->waiters->weight < weight;
	pthread_mutex_unlock(&turnstile->lock);
	return wanted;
}

size_t
turnstile_waiting(struct turnstile *turnstile)
{
	size_t count = 0;

	pthread_mutex_lock(&turnstile->lock);
	for (struct waiter *w = turnstile->waiters; w != NULL; w = w->next) {
		count++;
	}
	pthread_mutex_unlock(&turnstile->lock);
	return count;
}
