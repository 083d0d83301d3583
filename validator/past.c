/* SPDX-License-Identifier: BSD-2-Clause */
/* past - see past.h. */
#include "validator/past.h"

#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "store/bars.h"

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

void
past_look(struct past *past, const struct point_court *court,
    const struct point_job *job, struct kv_txn *txn, struct arena *arena)
{
	*past = (struct past){ 0 };
	past->has_last =
	    bars_find(court->bars, txn, &job->ca->own.ski,
		job->ca->own.manifest_uri, &past->last, arena) == 0;
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
