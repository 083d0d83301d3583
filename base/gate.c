/* SPDX-License-Identifier: BSD-2-Clause */
/* gate - see gate.h. A place is handed over to whom it is for: nobody who wakes
 * up finds it taken. */
#include "base/gate.h"

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

struct gate {
	pthread_mutex_t lock;
	unsigned places;        /* not taken */
	struct waiter *waiters; /* the lightest first */
};

struct gate *
gate_new(unsigned places)
{
	struct gate *gate = mem_zero(1, sizeof(*gate));

	assert(places > 0);
	pthread_mutex_init(&gate->lock, NULL);
	gate->places = places;
	return gate;
}

void
gate_free(struct gate *gate)
{
	if (gate == NULL) {
		return;
	}
	assert(gate->waiters == NULL);
	pthread_mutex_destroy(&gate->lock);
	free(gate);
}

/* Under the lock. */
static void
wait_for_place(struct gate *gate, uint64_t weight)
{
	struct waiter self = { .weight = weight };
	struct waiter **link = &gate->waiters;

	while (*link != NULL && (*link)->weight <= weight) {
		link = &(*link)->next;
	}
	self.next = *link;
	*link = &self;
	pthread_cond_init(&self.called, NULL);
	while (!self.in) {
		pthread_cond_wait(&self.called, &gate->lock);
	}
	pthread_cond_destroy(&self.called);
}

void
gate_enter(struct gate *gate, uint64_t weight)
{
	pthread_mutex_lock(&gate->lock);
	if (gate->places > 0) {
		gate->places--;
	} else {
		wait_for_place(gate, weight);
	}
	pthread_mutex_unlock(&gate->lock);
}

void
gate_leave(struct gate *gate)
{
	struct waiter *next;

	pthread_mutex_lock(&gate->lock);
	next = gate->waiters;
	if (next == NULL) {
		gate->places++;
	} else {
		gate->waiters = next->next;
		next->in = true;
		pthread_cond_signal(&next->called);
	}
	pthread_mutex_unlock(&gate->lock);
}

bool
gate_wanted(struct gate *gate, uint64_t weight)
{
	bool wanted;

	pthread_mutex_lock(&gate->lock);
	wanted = gate->waiters != NULL && gate->waiters->weight < weight;
	pthread_mutex_unlock(&gate->lock);
	return wanted;
}

size_t
gate_waiting(struct gate *gate)
{
	size_t count = 0;

	pthread_mutex_lock(&gate->lock);
	for (struct waiter *w = gate->waiters; w != NULL; w = w->next) {
		count++;
	}
	pthread_mutex_unlock(&gate->lock);
	return count;
}
