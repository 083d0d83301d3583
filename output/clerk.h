/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clerk - has workers carry out orders, and knows who waits for which. Two
 * lanes, so that what is quick never waits for what is large. In each of them
 * guests take turns, and what all may ask for with them.
 */
#pragma once

#include "output/desk.h"
#include "output/guest.h"
#include "output/render.h"

enum clerk_lane { CLERK_QUICK, CLERK_SLOW, CLERK_LANES };

/* A job, and who waits for it. */
struct clerk_order {
	struct clerk_order *next, *prev;
	struct clerk_order *behind; /* in the queue of its lane */
	struct clerk *clerk;
	struct render *render; /* NULL while a worker has it */
	struct octets key;     /* others may join by it; empty: nobody */
	uint64_t edition;      /* of the set that it is made from */
	enum clerk_lane lane;
	struct guest *guest;  /* at whose cost; NULL: nobody's */
	enum guest_good good; /* what he has taken for it */
	struct desk_visit *waiting;
};

struct clerk;

struct clerk *clerk_new(unsigned threads); /* of the slow lane */
/* With all orders, whoever waits. NULL is fine. */
void clerk_free(struct clerk *clerk);

/* An order with an empty render, to be filled in and submitted. */
struct clerk_order *clerk_order(struct clerk *clerk, enum clerk_lane lane);
/* At the cost of a guest, who has taken one of these. */
void clerk_charge(struct clerk_order *order, struct guest *guest,
    enum guest_good good);
void clerk_submit(struct clerk_order *order);
void clerk_drop(struct clerk_order *order); /* not before it is carried out */

/* Let others join by order->key; find one to join; let nobody join it. */
void clerk_share(struct clerk_order *order);
struct clerk_order *clerk_find(const struct clerk *clerk, struct bytes key);
void clerk_close(struct clerk_order *order);

/* The next order that was carried out, with its render; NULL: none. */
struct clerk_order *clerk_collect(struct clerk *clerk);
int clerk_bell(const struct clerk *clerk, enum clerk_lane lane);

unsigned clerk_busy(const struct clerk *clerk, enum clerk_lane lane);

/* A visit waits in one list at most. */
void clerk_wait(struct desk_visit *visit, struct desk_visit **list);
void clerk_wake(struct desk_visit *visit);
