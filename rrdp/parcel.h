/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parcel - a snapshot or delta on its way from the network into a batch.
 *
 * It is unpacked while it comes and not kept: however large, it is written
 * nowhere and read once. What was taken out of it counts for nothing before all
 * of it is there and has the hash that the notification told.
 */
#pragma once

#include "fetch/spool.h"
#include "rrdp/batch.h"
#include "rrdp/document.h"

struct parcel_job {
	struct hash hash; /* of the whole, as the notification told */
	uint64_t ceiling; /* octets of it, at most */
	struct document_job document; /* its items go to the batch */
	struct batch *batch;
	struct kv *kv; /* what is whole in there goes into no batch; or NULL */
};

struct parcel;

struct parcel *parcel_new(const struct parcel_job *job);
void parcel_free(struct parcel *parcel); /* NULL is fine */

/* Lends what its octets are to be put into. */
struct spool *parcel_spool(struct parcel *parcel);

/* That was all. Faults: rrdp-hash, else those of document.h. */
enum fault parcel_end(struct parcel *parcel);
/* Lends what was found, once it has ended. */
const struct document_report *parcel_report(const struct parcel *parcel);
