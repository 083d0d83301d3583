/* SPDX-License-Identifier: BSD-2-Clause */
/* parcel - see parcel.h. */
#include "rrdp/parcel.h"

#include <stdlib.h>

#include "base/mem.h"

struct parcel {
	struct parcel_job job;
	struct spool *spool;
	struct document *document;
	struct document_report report;
};

/* The store is looked at for the length of a piece, never while waiting for
 * the next one. */
static void
unpack(void *arg, struct bytes more)
{
	struct parcel *parcel = arg;
	struct kv_txn *reader = NULL;

	if (parcel->job.kv != NULL && kv_read(parcel->job.kv, &reader) != 0) {
		reader = NULL; /* then the batch keeps all */
	}
	batch_look(parcel->job.batch, reader);
	(void)document_feed(parcel->document, more);
	batch_look(parcel->job.batch, NULL);
	kv_abort(reader);
}

struct parcel *
parcel_new(const struct parcel_job *job)
{
	struct parcel *parcel = mem_zero(1, sizeof(*parcel));

	parcel->job = *job;
	parcel->job.document.item = batch_add;
	parcel->job.document.arg = job->batch;
	parcel->document = document_new(&parcel->job.document, &parcel->report);
	parcel->spool = spool_new_passing(job->ceiling, unpack, parcel);
	return parcel;
}

void
parcel_free(struct parcel *parcel)
{
	if (parcel != NULL) {
		spool_free(parcel->spool);
		document_free(parcel->document);
		free(parcel);
	}
}

struct spool *
parcel_spool(struct parcel *parcel)
{
	return parcel->spool;
}

enum fault
parcel_end(struct parcel *parcel)
{
	enum fault fault = document_end(parcel->document);
	struct hash hash;

	spool_digest(parcel->spool, &hash);
	return hash_equal(&hash, &parcel->job.hash) ? fault : FAULT_RRDP_HASH;
}

const struct document_report *
parcel_report(const struct parcel *parcel)
{
	return &parcel->report;
}
