/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * past - what earlier runs left of a point: manifests believed, and an answer.
 *
 * The answer stands under the CA's certificate, its resources, the name of its
 * manifest and the rules (point_rules()); its row says which manifest it was
 * given to. It is given again to the same manifest, while the time allows, if
 * all that the manifest lists is there as it was.
 */
#pragma once

#include "store/results.h"
#include "validator/point.h"

struct past {
	bool has_last;        /* some manifest of this CA was believed */
	struct lastgood last; /* the newest of them; its own: lastgood.h */
	struct hash key;      /* of the answer, in the table of results */
};

void past_look(struct past *past, const struct point_court *court,
    const struct point_job *job, struct kv_txn *txn, struct arena *arena);

/* Is this the last manifest that was believed? */
bool past_is_last(const struct past *past, const struct hash *manifest);

/* The answer that still holds; whether it was given to what is there now, the
 * caller looks. Lent like kv_get(). */
bool past_answer(const struct past *past, const struct point_court *court,
    struct kv_txn *txn, struct result *kept, struct answer_head *head);

/* A remembered answer becomes that of this run. */
void past_use(struct point_result *result, const struct result *kept,
    const struct answer_head *head);
