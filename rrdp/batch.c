/* SPDX-License-Identifier: BSD-2-Clause */
/* batch - see batch.h. */
#include "rrdp/batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cursor.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"
#include "fetch/spool.h"
#include "store/mirror.h"
#include "store/objects.h"

enum {
	PART = 1 << 16,
	HEAD = 2 + 2 * HASH_SIZE + 4 + 4, /* of a record */
	MUCH = 2 << 20,                   /* octets */
};

/* What comes with an item besides its hash. */
enum { WITH_NOTHING, WITH_OCTETS, WITH_STORED };

struct batch {
	struct spool *spool;
	uint64_t max_object;
	struct kv_txn *reader;
	uint64_t octets;    /* of objects, about */
	int64_t early;      /* they are in the store, put there then; 0: not */
	struct octets head; /* of the record under way, with its URI */
	/* Reading back. */
	struct octets in;
	size_t used; /* of in */
};

/* One record, lent until the next is read. */
struct record {
	enum document_change change;
	uint8_t with;
	struct hash old, hash;
	struct bytes octets;
	const char *uri;
	uint64_t max_object; /* of the batch */
	bool early;          /* its octets should be in the store */
};

/* A snapshot's apply: what is listed, and what is to go. */
struct leftovers {
	const struct map *listed;
	char **uris;
	size_t count, room;
};

struct batch *
batch_new(const char *dir, uint64_t max_object)
{
	struct batch *batch = mem_zero(1, sizeof(*batch));

	batch->spool = spool_new_own(dir);
	batch->max_object = max_object;
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (batch != NULL) {
		spool_free(batch->spool);
		octets_clear(&batch->head);
		octets_clear(&batch->in);
		free(batch);
	}
}

void
batch_look(struct batch *batch, struct kv_txn *reader)
{
	batch->reader = reader;
}

static uint8_t
comes_with(const struct batch *batch, const struct document_item *item)
{
	struct bytes stored;

	if (item->change == DOCUMENT_WITHDRAW || item->oversize) {
		return WITH_NOTHING;
	}
	return batch->reader != NULL &&
		       objects_get(batch->reader, &item->hash, &stored) == 0
		   ? WITH_STORED
		   : WITH_OCTETS;
}

enum fault
batch_add(void *arg, const struct document_item *item)
{
	struct batch *batch = arg;
	struct octets *out = &batch->head;
	uint8_t with = comes_with(batch, item);

	batch->octets += with == WITH_OCTETS ? HEAD + item->octets.len : 0;
	octets_reset(out);
	octets_u8(out, (uint8_t)item->change);
	octets_u8(out, with);
	octets_add(out, item->old.at, HASH_SIZE);
	octets_add(out, item->hash.at, HASH_SIZE);
	octets_u32(out, (uint32_t)strlen(item->uri) + 1);
	octets_u32(out, with == WITH_OCTETS ? (uint32_t)item->octets.len : 0);
	octets_add(out, item->uri, strlen(item->uri) + 1);
	return spool_add(batch->spool, octets_bytes(out)) == 0 &&
		       (with != WITH_OCTETS ||
			   spool_add(batch->spool, item->octets) == 0)
		   ? FAULT_NONE
		   : FAULT_SPOOL_IO;
}

/* Have `need` octets at hand: 1, 0 at the very end, -EIO when cut off. */
static int
fill(struct batch *batch, size_t need)
{
	struct octets *in = &batch->in;

	if (in->len - batch->used < need && batch->used > 0) {
		memmove(in->at, in->at + batch->used, in->len - batch->used);
		in->len -= batch->used;
		batch->used = 0;
	}
	while (in->len - batch->used < need) {
		uint8_t part[PART];
		long n = spool_read(batch->spool, part, sizeof(part));

		if (n < 0) {
			return (int)n;
		}
		if (n == 0) {
			return in->len == batch->used ? 0 : -EIO;
		}
		octets_add(in, part, (size_t)n);
	}
	return 1;
}

/* The next record: 1, 0 when there is none, -errno. */
static int
next(struct batch *batch, struct record *record)
{
	uint32_t uri_len, len;
	struct cursor c;
	int rc = fill(batch, HEAD);

	if (rc != 1) {
		return rc;
	}
	c = cursor_open(bytes_of(batch->in.at + batch->used, HEAD));
	record->change = (enum document_change)cursor_u8(&c);
	record->with = cursor_u8(&c);
	record->max_object = batch->max_object;
	record->early = batch->early != 0;
	cursor_copy(&c, record->old.at, HASH_SIZE);
	cursor_copy(&c, record->hash.at, HASH_SIZE);
	uri_len = cursor_u32(&c);
	len = cursor_u32(&c);
	rc = fill(batch, (size_t)HEAD + uri_len + len);
	if (rc != 1) {
		return rc == 0 ? -EIO : rc;
	}
	record->uri = (const char *)batch->in.at + batch->used + HEAD;
	record->octets =
	    bytes_of(batch->in.at + batch->used + HEAD + uri_len, len);
	batch->used += (size_t)HEAD + uri_len + len;
	return 1;
}

static void
rewind_all(struct batch *batch)
{
	spool_rewind(batch->spool);
	batch->in.len = batch->used = 0;
}

/* Objects on their way, a transaction at a time. */
struct slice {
	struct kv *kv;
	uint64_t weight;
	struct kv_txn *txn;
};

static int
begin_slice(struct slice *slice)
{
	return kv_write_much(slice->kv, slice->weight, &slice->txn);
}

static int
end_slice(struct slice *slice, int rc)
{
	if (slice->txn != NULL) {
		rc = kv_end(slice->txn, rc);
		slice->txn = NULL;
	}
	return rc;
}

typedef int each_object_fn(const struct batch *batch, struct kv_txn *txn,
    const struct record *record);

static int
do_slices(struct batch *batch, struct slice *slice, each_object_fn *each)
{
	struct record record;
	int rc = 0, more = 0;

	rewind_all(batch);
	while (rc == 0 && (more = next(batch, &record)) == 1) {
		if (record.with != WITH_OCTETS) {
			continue;
		}
		rc = slice->txn == NULL ? begin_slice(slice) : 0;
		if (rc == 0) {
			rc = each(batch, slice->txn, &record);
		}
		if (rc == 0 && kv_enough(slice->txn)) {
			rc = end_slice(slice, 0);
		}
	}
	return end_slice(slice, rc != 0 ? rc : more);
}

static int
put_early(const struct batch *batch, struct kv_txn *txn,
    const struct record *record)
{
	return objects_put_early(txn, &record->hash, record->octets,
	    batch->early);
}

static int
take_back(const struct batch *batch, struct kv_txn *txn,
    const struct record *record)
{
	return objects_take_back(txn, &record->hash, batch->early);
}

uint64_t
batch_weight(const struct batch *batch)
{
	return spool_size(batch->spool);
}

int
batch_keep(struct batch *batch, struct kv *kv, int64_t now)
{
	struct slice slice = { .kv = kv, .weight = batch_weight(batch) };
	int rc;

	if (batch->octets < MUCH) {
		return 0;
	}
	rc = begin_slice(&slice);
	if (rc == 0 && batch->octets > kv_room(slice.txn)) {
		return end_slice(&slice, -ENOSPC); /* and nothing was begun */
	}
	batch->early = now > 0 ? now : 1;
	return rc == 0 ? do_slices(batch, &slice, put_early) : rc;
}

/* Best effort: sweep knows them for what they are. */
void
batch_take_back(struct batch *batch, struct kv *kv)
{
	struct slice slice = { .kv = kv, .weight = batch_weight(batch) };

	if (batch->early != 0) {
		(void)do_slices(batch, &slice, take_back);
		batch->early = 0;
	}
}

/* Does the mirror hold what the change is said to change? */
static bool
fits(const struct record *record, int found, const struct hash *held)
{
	if (record->change == DOCUMENT_PUBLISH) {
		return found == -ENOENT;
	}
	return found == 0 && hash_equal(&record->old, held);
}

static int
list_object(struct kv_txn *txn, const struct record *record)
{
	int rc = -ENOENT;

	if (record->with == WITH_OCTETS) {
		if (record->early) {
			rc = objects_list(txn, &record->hash);
		}
		return rc == -ENOENT
			   ? objects_put(txn, &record->hash, record->octets)
			   : rc;
	}
	if (record->with == WITH_STORED) {
		rc = objects_list(txn, &record->hash);
		return rc == -ENOENT ? -ESTALE : rc;
	}
	return 0; /* too large: listed, so that later changes fit */
}

static int
put(struct kv_txn *txn, uint32_t number, const struct record *record,
    const struct hash *held, struct batch_result *result)
{
	bool bare = record->with == WITH_NOTHING;
	int rc = list_object(txn, record);

	if (rc != 0 || (held != NULL && hash_equal(held, &record->hash) &&
			   mirror_bare(txn, number, record->uri,
			       record->max_object) == bare)) {
		return rc;
	}
	result->changed = true;
	return bare ? mirror_put_bare(txn, number, record->uri, &record->hash,
			  record->max_object)
		    : mirror_put(txn, number, record->uri, &record->hash);
}

static int
change(struct kv_txn *txn, uint32_t number, const struct record *record,
    struct batch_result *result)
{
	struct hash held;
	int found = mirror_find(txn, number, record->uri, &held);

	if (found != 0 && found != -ENOENT) {
		return found;
	}
	if (!fits(record, found, &held)) {
		result->conflict = true;
		snprintf(result->uri, sizeof(result->uri), "%s", record->uri);
		return -ECANCELED;
	}
	if (record->change != DOCUMENT_WITHDRAW) {
		return put(txn, number, record, found == 0 ? &held : NULL,
		    result);
	}
	result->changed = true;
	return mirror_remove(txn, number, record->uri);
}

static int
gather(void *arg, const char *uri, const struct hash *hash)
{
	struct leftovers *left = arg;

	(void)hash;
	if (map_get(left->listed, text_bytes(uri)) == NULL) {
		left->uris = array_room(left->uris, left->count, &left->room,
		    sizeof(*left->uris));
		left->uris[left->count++] = mem_text(uri);
	}
	return 0;
}

/* What the mirror holds beyond the items. */
static int
drop_rest(struct kv_txn *txn, uint32_t number, const struct map *listed,
    struct batch_result *result)
{
	struct leftovers left = { .listed = listed };
	int rc = mirror_each(txn, number, gather, &left);

	for (size_t i = 0; i < left.count; i++) {
		if (rc == 0) {
			result->changed = true;
			rc = mirror_remove(txn, number, left.uris[i]);
		}
		free(left.uris[i]);
	}
	free(left.uris);
	return rc;
}

/* Where there was nothing there is nothing to compare with or to remove, and no
 * URI comes twice in a document. */
static int
fill_empty(struct batch *batch, struct kv_txn *txn, uint32_t number,
    struct batch_result *result)
{
	struct record record;
	int rc;

	while ((rc = next(batch, &record)) == 1) {
		rc = put(txn, number, &record, NULL, result);
		if (rc != 0) {
			break;
		}
	}
	return rc;
}

static int
replace(struct batch *batch, struct kv_txn *txn, uint32_t number,
    struct batch_result *result)
{
	struct map *listed = map_new();
	struct record record;
	int rc;

	while ((rc = next(batch, &record)) == 1) {
		struct hash held;
		/* A row that is damaged is as good as none. */
		int found = mirror_find(txn, number, record.uri, &held);

		rc = put(txn, number, &record, found == 0 ? &held : NULL,
		    result);
		if (rc != 0) {
			break;
		}
		(void)map_set(listed, text_bytes(record.uri), listed);
	}
	if (rc == 0) {
		rc = drop_rest(txn, number, listed, result);
	}
	map_free(listed);
	return rc;
}

int
batch_apply(struct batch *batch, struct kv_txn *txn, uint32_t number,
    enum batch_mode mode, struct batch_result *result)
{
	struct record record;
	int rc;

	*result = (struct batch_result){ .changed = false };
	rewind_all(batch);
	if (mode == BATCH_REPLACE) {
		int empty = mirror_empty(txn, number);

		return empty < 0    ? empty
		       : empty == 1 ? fill_empty(batch, txn, number, result)
				    : replace(batch, txn, number, result);
	}
	while ((rc = next(batch, &record)) == 1) {
		rc = change(txn, number, &record, result);
		if (rc != 0) {
			break;
		}
	}
	return rc;
}
