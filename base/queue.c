/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue - see queue.h. A ring that doubles until it reaches its bound, under
 * one lock; the eventfd is written only when nobody has rung it yet.
 */
#include "base/queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

enum { ROOM_FIRST = 16 };

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t more; /* there is an item, or no more will come */
	pthread_cond_t less; /* there is room, or none is wanted */
	void **ring;
	size_t room; /* a power of two */
	size_t first;
	size_t count;
	size_t bound;
	int bell;
	bool rung;
	bool closed;
};

struct queue *
queue_new(size_t bound)
{
	struct queue *q = mem_zero(1, sizeof(*q));

	assert(bound > 0);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	pthread_cond_init(&q->less, NULL);
	q->room = ROOM_FIRST;
	q->ring = mem_zero(q->room, sizeof(*q->ring));
	q->bound = bound;
	q->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->bell < 0) {
		perror("kedge: eventfd");
		abort();
	}
	return q;
}

void
queue_free(struct queue *q)
{
	if (q == NULL) {
		return;
	}
	close(q->bell);
	pthread_cond_destroy(&q->less);
	pthread_cond_destroy(&q->more);
	pthread_mutex_destroy(&q->lock);
	free(q->ring);
	free(q);
}

static void
ring_bell(struct queue *q)
{
	uint64_t one = 1;

	if (!q->rung) {
		ssize_t done = write(q->bell, &one, sizeof(one));

		q->rung = done == sizeof(one);
	}
}

static void
grow(struct queue *q)
{
	void **ring = mem_zero(q->room * 2, sizeof(*ring));

	for (size_t i = 0; i < q->count; i++) {
		ring[i] = q->ring[(q->first + i) & (q->room - 1)];
	}
	free(q->ring);
	q->ring = ring;
	q->room *= 2;
	q->first = 0;
}

/* Under the lock, with count below bound. */
static void
put_last(struct queue *q, void *item)
{
	if (q->count == q->room) {
		grow(q);
	}
	q->ring[(q->first + q->count++) & (q->room - 1)] = item;
	pthread_cond_signal(&q->more);
	ring_bell(q);
}

/* Under the lock; NULL when empty. */
static void *
take_first(struct queue *q)
{
	void *item;

	if (q->count == 0) {
		return NULL;
	}
	item = q->ring[q->first];
	q->first = (q->first + 1) & (q->room - 1);
	q->count--;
	pthread_cond_signal(&q->less);
	return item;
}

bool
queue_push(struct queue *q, void *item)
{
	bool open;

	assert(item != NULL);
	pthread_mutex_lock(&q->lock);
	while (!q->closed && q->count == q->bound) {
		pthread_cond_wait(&q->less, &q->lock);
	}
	open = !q->closed;
	if (open) {
		put_last(q, item);
	}
	pthread_mutex_unlock(&q->lock);
	return open;
}

bool
queue_try_push(struct queue *q, void *item)
{
	bool room;

	assert(item != NULL);
	pthread_mutex_lock(&q->lock);
	room = !q->closed && q->count < q->bound;
	if (room) {
		put_last(q, item);
	}
	pthread_mutex_unlock(&q->lock);
	return room;
}

void *
queue_pop(struct queue *q)
{
	void *item;

	pthread_mutex_lock(&q->lock);
	while (q->count == 0 && !q->closed) {
		pthread_cond_wait(&q->more, &q->lock);
	}
	item = take_first(q);
	pthread_mutex_unlock(&q->lock);
	return item;
}

void *
queue_try_pop(struct queue *q)
{
	void *item;

	pthread_mutex_lock(&q->lock);
	item = take_first(q);
	pthread_mutex_unlock(&q->lock);
	return item;
}

void
queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->more);
	pthread_cond_broadcast(&q->less);
	ring_bell(q);
	pthread_mutex_unlock(&q->lock);
}

size_t
queue_count(struct queue *q)
{
	size_t count;

	pthread_mutex_lock(&q->lock);
	count = q->count;
	pthread_mutex_unlock(&q->lock);
	return count;
}

int
queue_bell(struct queue *q)
{
	return q->bell;
}

void
queue_hush(struct queue *q)
{
	uint64_t rings;

	pthread_mutex_lock(&q->lock);
	if (read(q->bell, &rings, sizeof(rings)) == sizeof(rings)) {
		q->rung = false;
	}
	pthread_mutex_unlock(&q->lock);
}
