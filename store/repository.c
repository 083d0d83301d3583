/* SPDX-License-Identifier: BSD-2-Clause */
/* repository - see repository.h. */
#include "store/repository.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "base/octets.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "store/meta.h"
#include "store/mirror.h"
#include "store/record.h"

enum { FORMAT = 3, DELTA = 8 + HASH_SIZE, NUMBER = 4 };

static const char counter[] = "last repository";

static struct hash
key_of(const char *uri)
{
	struct hash hash;

	digest_of(text_bytes(uri), &hash);
	return hash;
}

static void
write_row(struct octets *to, const struct repository *row)
{
	record_begin(to, FORMAT);
	octets_text(to, row->uri);
	octets_u32(to, row->number);
	octets_text(to, row->session);
	octets_u64(to, row->serial);
	record_hash(to, &row->snapshot);
	octets_text(to, row->etag);
	octets_text(to, row->last_modified);
	octets_u64(to, row->snapshot_octets);
	octets_u64(to, row->weight);
	octets_u64(to, (uint64_t)row->last_success);
	octets_u64(to, (uint64_t)row->last_attempt);
	octets_u64(to, (uint64_t)row->next_due);
	octets_u64(to, (uint64_t)row->fallback_at);
	octets_u32(to, row->failures);
	octets_text(to, row->trouble);
	octets_u32(to, (uint32_t)row->status);
	octets_u32(to, (uint32_t)row->payload_status);
	octets_u32(to, row->back);
	octets_u32(to, (uint32_t)row->delta_count);
	for (size_t i = 0; i < row->delta_count; i++) {
		octets_u64(to, row->deltas[i].serial);
		record_hash(to, &row->deltas[i].hash);
	}
}

static void
read_deltas(struct cursor *body, struct repository *row, struct arena *arena)
{
	size_t count = cursor_count(body, DELTA);
	struct repository_delta *deltas =
	    arena_zero(arena, count, sizeof(*deltas));

	for (size_t i = 0; i < count; i++) {
		deltas[i].serial = cursor_u64(body);
		deltas[i].hash = record_take_hash(body);
	}
	row->deltas = deltas;
	row->delta_count = count;
}

static int
read_row(struct cursor *body, struct repository *row, struct arena *arena)
{
	*row = (struct repository){ .uri = cursor_text(body, arena) };
	row->number = cursor_u32(body);
	row->session = cursor_text(body, arena);
	row->serial = cursor_u64(body);
	row->snapshot = record_take_hash(body);
	row->etag = cursor_text(body, arena);
	row->last_modified = cursor_text(body, arena);
	row->snapshot_octets = cursor_u64(body);
	row->weight = cursor_u64(body);
	row->last_success = (int64_t)cursor_u64(body);
	row->last_attempt = (int64_t)cursor_u64(body);
	row->next_due = (int64_t)cursor_u64(body);
	row->fallback_at = (int64_t)cursor_u64(body);
	row->failures = cursor_u32(body);
	row->trouble = cursor_text(body, arena);
	row->status = (int32_t)cursor_u32(body);
	row->payload_status = (int32_t)cursor_u32(body);
	row->back = cursor_u32(body);
	read_deltas(body, row, arena);
	return cursor_end(body) && row->uri != NULL && row->number != 0
		   ? 0
		   : -EBADMSG;
}

int
repository_get(struct kv_txn *txn, const char *uri, struct repository *row,
    struct arena *arena)
{
	struct hash key = key_of(uri);
	struct cursor body;
	int rc =
	    record_get(txn, KV_REPOSITORY, FORMAT, hash_bytes(&key), &body);

	if (rc == 0) {
		rc = read_row(&body, row, arena);
	}
	if (rc == 0 && strcmp(row->uri, uri) != 0) {
		rc = -ENOENT;
	}
	if (rc != 0) {
		*row = (struct repository){ .uri = arena_text(arena, uri) };
	}
	return rc == -EBADMSG ? -ENOENT : rc;
}

static int
highest(void *arg, const struct repository *row)
{
	uint32_t *number = arg;

	if (row->number > *number) {
		*number = row->number;
	}
	return 0;
}

/* The counter cannot be read: above every number that a row or a mirror has,
 * since a number given twice would mix two repositories. */
static int
recount(struct kv_txn *txn, uint32_t *number)
{
	struct bytes last;
	int rc;

	*number = 0;
	rc = repository_each(txn, highest, number);
	if (rc == 0) {
		rc = kv_last(txn, KV_MIRROR, &last);
	}
	if (rc == 0) {
		struct cursor c = cursor_open(last);
		uint32_t used = cursor_u32(&c);

		*number = used > *number ? used : *number;
	}
	return rc == -ENOENT ? 0 : rc;
}

static int
give_number(struct kv_txn *txn, uint32_t *number)
{
	struct octets next = { 0 };
	struct bytes value;
	int rc = meta_get(txn, counter, &value);

	if (rc == 0 && value.len == NUMBER) {
		struct cursor c = cursor_open(value);

		*number = cursor_u32(&c);
	} else if (rc == 0 || rc == -ENOENT || rc == -EBADMSG) {
		rc = recount(txn, number);
	}
	if (rc != 0 || *number == UINT32_MAX) {
		return rc != 0 ? rc : -EOVERFLOW;
	}
	*number += 1;
	octets_u32(&next, *number);
	rc = meta_put(txn, counter, octets_bytes(&next));
	octets_clear(&next);
	return rc;
}

int
repository_put(struct kv_txn *txn, struct repository *row)
{
	struct hash key = key_of(row->uri);
	struct octets value = { 0 };
	int rc = 0;

	if (row->number == 0) {
		rc = give_number(txn, &row->number);
	}
	if (rc != 0) {
		row->number = 0;
		return rc;
	}
	write_row(&value, row);
	return record_put(txn, KV_REPOSITORY, hash_bytes(&key), &value);
}

int
repository_refetch(struct kv_txn *txn, const char *uri)
{
	struct arena *arena = arena_new();
	struct repository row;
	int rc = repository_get(txn, uri, &row, arena);

	if (rc == 0) {
		row.session = NULL;
		row.serial = 0;
		row.snapshot = (struct hash){ { 0 } };
		row.etag = NULL;
		row.last_modified = NULL;
		row.delta_count = 0;
		rc = repository_put(txn, &row);
	}
	arena_free(arena);
	return rc;
}

int
repository_remove(struct kv_txn *txn, const char *uri)
{
	struct hash key = key_of(uri);
	struct arena *arena = arena_new();
	struct repository row;
	int rc = repository_get(txn, uri, &row, arena);

	if (rc == 0) {
		rc = mirror_clear(txn, row.number);
	}
	if (rc == 0 || rc == -ENOENT) {
		rc = kv_del(txn, KV_REPOSITORY, hash_bytes(&key));
	}
	arena_free(arena);
	return rc;
}

struct reading {
	repository_each_fn *each;
	void *arg;
	struct arena *arena;
};

static int
visit(void *arg, struct bytes key, struct bytes value)
{
	struct reading *reading = arg;
	struct repository row;

	arena_reset(reading->arena);
	if (repository_read(key, value, &row, reading->arena) != 0) {
		return 0;
	}
	return reading->each(reading->arg, &row);
}

int
repository_each(struct kv_txn *txn, repository_each_fn *each, void *arg)
{
	struct reading reading = { each, arg, arena_new() };
	int rc =
	    kv_each(txn, KV_REPOSITORY, bytes_of(NULL, 0), visit, &reading);

	arena_free(reading.arena);
	return rc;
}

struct call {
	uint32_t number;
	char *uri;
};

static int
note_uri(void *arg, const struct repository *row)
{
	const struct call *call = arg;

	if (row->number != call->number || strlen(row->uri) > LIMIT_URI) {
		return 0;
	}
	memcpy(call->uri, row->uri, strlen(row->uri) + 1);
	return 1;
}

int
repository_called(struct kv_txn *txn, uint32_t number, char uri[LIMIT_URI + 1])
{
	struct call call = { number, uri };
	int rc = repository_each(txn, note_uri, &call);

	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
repository_read(struct bytes key, struct bytes value, struct repository *row,
    struct arena *arena)
{
	struct cursor body;
	int rc = record_open(&body, KV_REPOSITORY, FORMAT,
	    (struct bytes[2]){ key, value });

	return rc != 0 ? rc : read_row(&body, row, arena);
}
