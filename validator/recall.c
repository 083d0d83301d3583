/* SPDX-License-Identifier: BSD-2-Clause */
/* recall - see recall.h. */
#include "validator/recall.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/mirror.h"
#include "validator/past.h"

/* To look at so many rows is not cheap: a judge may. */
enum { MOST_ROWS = 1 << 13 };

struct recall {
	const struct point_court *court;
	struct arena *arena;
	struct kv_txn *txn; /* NULL: at rest */
};

struct recall *
recall_new(const struct point_court *court)
{
	struct recall *recall = mem_zero(1, sizeof(*recall));

	recall->court = court;
	recall->arena = arena_new();
	return recall;
}

void
recall_free(struct recall *recall)
{
	if (recall == NULL) {
		return;
	}
	recall_rest(recall);
	arena_free(recall->arena);
	free(recall);
}

void
recall_rest(struct recall *recall)
{
	kv_abort(recall->txn);
	recall->txn = NULL;
}

/* Each row of the folder is read for that, and a damaged one is none that
 * stands as before. */
static bool
same_folder(const struct recall *recall, const struct point_job *job,
    const struct result *kept)
{
	const char *folder = job->ca->own.repository_uri;
	struct hash now;

	return kept->most != 0 && kept->most <= MOST_ROWS &&
	       mirror_folder(recall->txn, job->mirror, folder, kept->most,
		   &now) == 0 &&
	       hash_equal(&now, &kept->folder);
}

static bool
left_alone(const struct recall *recall, const struct result *kept)
{
	const struct ward *ward = recall->court->ward;

	return ward != NULL &&
	       ward_has(ward, QUARANTINE_OBJECT, &kept->manifest);
}

static struct point_result *
recall_in_txn(struct recall *recall, const struct point_job *job)
{
	struct point_result *result;
	struct answer_head head;
	struct result kept;
	struct past past;

	past_look(&past, recall->court, job, recall->txn, recall->arena);
	if (!past_answer(&past, recall->court, recall->txn, &kept, &head) ||
	    left_alone(recall, &kept) || !same_folder(recall, job, &kept)) {
		return NULL;
	}
	result = mem_zero(1, sizeof(*result));
	result->job = *job;
	result->key = past.key;
	past_use(result, &kept, &head);
	return result;
}

struct point_result *
recall_point(struct recall *recall, const struct point_job *job)
{
	struct point_result *result;

	if (!recall->court->policy->memory || job->left_out ||
	    job->mirror == 0 || job->ca->own.apart ||
	    (recall->txn == NULL &&
		kv_read(recall->court->kv, &recall->txn) != 0)) {
		return NULL;
	}
	result = recall_in_txn(recall, job);
	arena_reset(recall->arena);
	return result;
}
