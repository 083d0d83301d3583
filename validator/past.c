/* SPDX-License-Identifier: BSD-2-Clause */
/* past - see past.h. */
#include "validator/past.h"

#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"

static void
make_key(struct hash *key, const struct point_court *court, const struct ca *ca)
{
	const uint8_t path[] = { (uint8_t)(ca->ta >> 8), (uint8_t)ca->ta,
		ca->depth == 0 };
	const struct bytes parts[] = {
		hash_bytes(&court->rules),
		bytes_of(path, sizeof(path)),
		hash_bytes(&ca->own.certificate),
		hash_bytes(&ca->holds),
		text_bytes(ca->own.manifest_uri),
	};

	digest_of_pieces(parts, sizeof(parts) / sizeof(parts[0]), key);
}

/* The newest, wherever it lay, but for points of one key that are believed side
 * by side: each is held to its own. */
static void
look_for_last(struct past *past, const struct ca_seed *own, struct kv_txn *txn,
    struct arena *arena)
{
	struct lastgood here;

	past->has_last =
	    lastgood_newest(txn, &own->ski, &past->last, arena) == 0;
	if (past->has_last && past->last.beside &&
	    strcmp(past->last.uri, own->manifest_uri) != 0 &&
	    lastgood_get(txn, &own->ski, own->manifest_uri, &here, arena) ==
		0 &&
	    here.beside) {
		past->last = here;
	}
}

void
past_look(struct past *past, const struct point_court *court,
    const struct point_job *job, struct kv_txn *txn, struct arena *arena)
{
	*past = (struct past){ 0 };
	look_for_last(past, &job->ca->own, txn, arena);
	make_key(&past->key, court, job->ca);
}

bool
past_is_last(const struct past *past, const struct hash *manifest)
{
	return past->has_last && hash_equal(&past->last.manifest, manifest);
}

bool
past_answer(const struct past *past, const struct point_court *court,
    struct kv_txn *txn, struct result *kept, struct answer_head *head)
{
	struct answer_reader reader;
	bool last;

	if (!court->policy->memory ||
	    results_get(txn, &past->key, court->now, kept) != 0 ||
	    !answer_open(&reader, head, kept->octets, NULL)) {
		return false;
	}
	/* What is believed must also stand as the last good version; beside
	 * one, what was rejected is compared with it anew. */
	last = past_is_last(past, &kept->manifest);
	return last || (!past->has_last && head->state != ANSWER_VALID);
}

void
past_use(struct point_result *result, const struct result *kept,
    const struct answer_head *head)
{
	result->head = *head;
	octets_reset(&result->answer);
	octets_reserve(&result->answer, kept->octets.len);
	octets_add_bytes(&result->answer, kept->octets);
	result->remembered = true;
}
