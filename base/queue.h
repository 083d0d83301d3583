/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue - a bounded queue of pointers between threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct queue;

struct queue *queue_new(size_t bound);
void queue_free(struct queue *queue); /* must be empty of what anyone owns */

/* Wait for room. False when the queue was closed: the item stays yours. */
bool queue_push(struct queue *queue, void *item);
/* Do not wait: false when full or closed. */
bool queue_try_push(struct queue *queue, void *item);
/* Wait for an item; NULL once closed and empty. */
void *queue_pop(struct queue *queue);
/* Do not wait: NULL when empty. */
void *queue_try_pop(struct queue *queue);

/* No more pushes; poppers drain what is left and then get NULL. */
void queue_close(struct queue *queue);
size_t queue_count(struct queue *queue);

/*
 * A descriptor that is readable while the queue may hold items (an eventfd):
 * for an owner that polls. Call queue_hush() before draining by try_pop.
 */
int queue_bell(struct queue *queue);
void queue_hush(struct queue *queue);
