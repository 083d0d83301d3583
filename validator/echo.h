/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo - a run that fetches nothing says what an earlier one said, where it
 * would find out the same.
 *
 * What such a run says follows from what it is asked, from the rows of the
 * store, from the time and from this program. The first, the second and the
 * last are the key under which it is kept (store/reel.h); of the time it is
 * known within which seconds no comparison with the clock comes out otherwise
 * (validator/span.h). So nothing is walked, and what is said is to the octet
 * what was said; only when the run was and what it took are its own.
 */
#pragma once

#include "store/kv.h"
#include "validator/gather.h"
#include "validator/talk.h"
#include "validator/walk.h"

struct echo;

/* The state of the store is that of now: whatever decides is read later. NULL:
 * this run neither gives nor takes one. Lends the policy and kv. */
struct echo *echo_new(const struct policy *policy, struct kv *kv);
/* What was overheard and not kept is forgotten. NULL is fine. */
void echo_free(struct echo *echo);

/* Say it again, if it can be; else nothing that is believed was said. */
bool echo_again(const struct echo *echo, int64_t now, struct talk *talk,
    const struct gather_facts *facts);

/* From now on hear what is said. */
void echo_listen(struct echo *echo, struct talk *talk);
/* This walk is what it was said of, and it has come to its end. */
void echo_keep(struct echo *echo, const struct walk *walk);
