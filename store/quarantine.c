/* SPDX-License-Identifier: BSD-2-Clause */
/* quarantine - see quarantine.h. */
#include "store/quarantine.h"

#include <errno.h>
#include <string.h>

#include "base/octets.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "store/record.h"

enum { FORMAT = 1, KEY = 1 + HASH_SIZE };

struct row_key {
	uint8_t at[KEY];
};

static struct bytes
make_key(struct row_key *key, enum quarantine_kind kind,
    const struct hash *name)
{
	key->at[0] = (uint8_t)kind;
	memcpy(key->at + 1, name->at, HASH_SIZE);
	return bytes_of(key->at, KEY);
}

int
quarantine_read(struct bytes key, struct bytes value, struct quarantine *row,
    struct arena *arena)
{
	struct cursor k = cursor_open(key);
	struct cursor body;

	*row = (struct quarantine){ 0 };
	row->kind = (enum quarantine_kind)cursor_u8(&k);
	row->name = record_take_hash(&k);
	if (!cursor_end(&k) || record_open(&body, KV_QUARANTINE, FORMAT,
				   (struct bytes[2]){ key, value }) != 0) {
		return -EBADMSG;
	}
	row->uri = cursor_text(&body, arena);
	row->version = cursor_text(&body, arena);
	row->when = (int64_t)cursor_u64(&body);
	row->signal = (int32_t)cursor_u32(&body);
	return cursor_end(&body) && row->version != NULL ? 0 : -EBADMSG;
}

int
quarantine_get(struct kv_txn *txn, enum quarantine_kind kind,
    const struct hash *name, struct quarantine *row, struct arena *arena)
{
	struct row_key key;
	struct bytes k = make_key(&key, kind, name);
	struct bytes value;
	int rc = kv_get(txn, KV_QUARANTINE, k, &value);

	*row = (struct quarantine){ 0 };
	if (rc == 0) {
		rc = quarantine_read(k, value, row, arena);
	}
	return rc == -EBADMSG ? -ENOENT : rc;
}

struct hash
quarantine_name(const char *uri)
{
	struct hash name;

	digest_of(text_bytes(uri), &name);
	return name;
}

int
quarantine_put(struct kv_txn *txn, const struct quarantine *row)
{
	struct row_key key;
	struct octets value = { 0 };

	record_begin(&value, FORMAT);
	octets_text(&value, row->uri);
	octets_text(&value, row->version);
	octets_u64(&value, (uint64_t)row->when);
	octets_u32(&value, (uint32_t)row->signal);
	return record_put(txn, KV_QUARANTINE,
	    make_key(&key, row->kind, &row->name), &value);
}

int
quarantine_remove(struct kv_txn *txn, enum quarantine_kind kind,
    const struct hash *name)
{
	struct row_key key;

	return kv_del(txn, KV_QUARANTINE, make_key(&key, kind, name));
}

struct reading {
	quarantine_each_fn *each;
	void *arg;
	struct arena *arena;
};

static int
visit(void *arg, struct bytes key, struct bytes value)
{
	struct reading *reading = arg;
	struct quarantine row;

	arena_reset(reading->arena);
	if (quarantine_read(key, value, &row, reading->arena) != 0) {
		return 0;
	}
	return reading->each(reading->arg, &row);
}

int
quarantine_each(struct kv_txn *txn, quarantine_each_fn *each, void *arg)
{
	struct reading reading = { each, arg, arena_new() };
	int rc =
	    kv_each(txn, KV_QUARANTINE, bytes_of(NULL, 0), visit, &reading);

	arena_free(reading.arena);
	return rc;
}
