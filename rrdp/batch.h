/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batch - verified changes on their way into the store.
 *
 * Items wait in a spool, decoded and hashed, so that a write transaction lasts
 * no longer than the writing itself.
 */
#pragma once

#include <stdint.h>

#include "rrdp/document.h"
#include "store/store.h"

struct batch;

/* In a spool below `dir`; what its items are too large for is max_object. */
struct batch *batch_new(const char *dir, uint64_t max_object);
void batch_free(struct batch *batch);

/* From now on octets of objects that `reader` shows whole in the store are not
 * kept again; NULL: all are, as at the beginning. */
void batch_look(struct batch *batch, struct kv_txn *reader);

/* As a document_item_fn, the batch being its argument: spool-io. */
enum fault batch_add(void *batch, const struct document_item *item);

/*
 * What is much goes into the store ahead of what lists it, a slice at a time,
 * so that nobody with little to write waits long for his turn; what is little
 * waits for batch_apply(). 0 or -errno; what came in that nobody listed until
 * then batch_take_back() removes.
 */
int batch_keep(struct batch *batch, struct kv *kv, int64_t now);
void batch_take_back(struct batch *batch, struct kv *kv);
/* Octets that it has to write. */
uint64_t batch_weight(const struct batch *batch);

enum batch_mode {
	BATCH_CHANGE,  /* each item must fit what the mirror holds */
	BATCH_REPLACE, /* the mirror becomes exactly the items */
};

struct batch_result {
	bool changed;
	bool conflict; /* an item does not fit: abort the transaction */
	char uri[256]; /* which; shortened */
};

/*
 * Write all of it to mirror `number` within the transaction. 0 or -errno;
 * -ESTALE when the store lost an object meanwhile that was left out: begin
 * again and keep all.
 */
int batch_apply(struct batch *batch, struct kv_txn *txn, uint32_t number,
    enum batch_mode mode, struct batch_result *result);
