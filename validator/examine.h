/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine - `kedge inspect`: what objects are, and whether they validate.
 *
 * kedge gives one object after the other, in the hand or by name, and gets a
 * sheet for each. doc/inspect.md has what is on it.
 */
#pragma once

#include "validator/request.h"
#include "validator/talk.h"
#include "validator/walk.h"

struct examine_desk {
	struct request *request;
	struct talk *talk;
	int64_t now;
	struct kv *kv;           /* NULL: no cache */
	const struct walk *walk; /* over; NULL: there is nothing to judge by */
	const char *why;         /* then: why not */
};

enum { /* how it ends: the worst of all objects */
	EXAMINE_VALID = 0,
	EXAMINE_REJECTED = 1, /* or not there */
	EXAMINE_OPEN = 2,     /* nothing is wrong, but it is not known valid */
};

/* Ask for objects until there are no more. One of the codes above. */
int examine_all(const struct examine_desk *desk);
