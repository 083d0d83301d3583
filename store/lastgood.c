/* SPDX-License-Identifier: BSD-2-Clause */
/* lastgood - see lastgood.h. */
#include "store/lastgood.h"

#include <errno.h>
#include <string.h>

#include "base/octets.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "store/record.h"
#include "store/used.h"

enum { FORMAT = 2 };

struct bytes
lastgood_key(struct lastgood_key *key, const struct keyid *ca, const char *uri)
{
	struct hash hash;

	digest_of(text_bytes(uri), &hash);
	memcpy(key->at, ca->at, KEYID_SIZE);
	memcpy(key->at + KEYID_SIZE, hash.at, HASH_SIZE);
	return bytes_of(key->at, LASTGOOD_KEY);
}

/* All but the files, whose count is next. */
static int
read_front(struct cursor *body, const struct bytes row[2],
    struct lastgood *into, struct arena *arena)
{
	*into = (struct lastgood){ 0 };
	if (record_open(body, KV_LASTGOOD, FORMAT, row) != 0) {
		return -EBADMSG;
	}
	into->uri = cursor_text(body, arena);
	into->manifest = record_take_hash(body);
	cursor_copy(body, into->number, sizeof(into->number));
	into->this_update = (int64_t)cursor_u64(body);
	into->next_update = (int64_t)cursor_u64(body);
	into->beside = cursor_u8(body) != 0;
	return body->bad || into->uri == NULL ? -EBADMSG : 0;
}

int
lastgood_read(struct bytes key, struct bytes value, struct lastgood *row,
    struct arena *arena)
{
	struct cursor body;
	struct hash *files;

	if (read_front(&body, (struct bytes[2]){ key, value }, row, arena) !=
	    0) {
		return -EBADMSG;
	}
	row->file_count = cursor_count(&body, HASH_SIZE);
	files = arena_zero(arena, row->file_count, sizeof(*files));
	for (size_t i = 0; i < row->file_count; i++) {
		files[i] = record_take_hash(&body);
	}
	row->files = files;
	return cursor_end(&body) ? 0 : -EBADMSG;
}

int
lastgood_get(struct kv_txn *txn, const struct keyid *ca, const char *uri,
    struct lastgood *row, struct arena *arena)
{
	struct lastgood_key key;
	struct bytes k = lastgood_key(&key, ca, uri);
	struct bytes value;
	int rc = kv_get(txn, KV_LASTGOOD, k, &value);

	*row = (struct lastgood){ 0 };
	if (rc == 0) {
		rc = lastgood_read(k, value, row, arena);
	}
	return rc == 0 && strcmp(row->uri, uri) != 0 ? -ENOENT : rc;
}

int
lastgood_put(struct kv_txn *txn, const struct keyid *ca,
    const struct lastgood *row)
{
	struct lastgood_key key;
	struct bytes k = lastgood_key(&key, ca, row->uri);
	struct octets value = { 0 };
	int rc = used_forget(txn, KV_LASTGOOD, k);

	if (rc != 0) {
		return rc;
	}
	record_begin(&value, FORMAT);
	octets_text(&value, row->uri);
	record_hash(&value, &row->manifest);
	octets_add(&value, row->number, sizeof(row->number));
	octets_u64(&value, (uint64_t)row->this_update);
	octets_u64(&value, (uint64_t)row->next_update);
	octets_u8(&value, row->beside);
	octets_u32(&value, (uint32_t)row->file_count);
	for (size_t i = 0; i < row->file_count; i++) {
		record_hash(&value, &row->files[i]);
	}
	return record_put(txn, KV_LASTGOOD, k, &value);
}

int
lastgood_remove(struct kv_txn *txn, const struct keyid *ca, const char *uri)
{
	struct lastgood_key key;
	struct bytes k = lastgood_key(&key, ca, uri);
	int rc = used_forget(txn, KV_LASTGOOD, k);

	return rc != 0 ? rc : kv_del(txn, KV_LASTGOOD, k);
}

struct newest {
	struct lastgood *row;
	struct arena *arena;
	bool found;
};

/* Numbers under different names say nothing to each other; times do. */
bool
lastgood_later(const struct lastgood *a, const struct lastgood *b)
{
	if (a->this_update != b->this_update) {
		return a->this_update > b->this_update;
	}
	return memcmp(a->number, b->number, sizeof(a->number)) > 0;
}

static int
keep_newer(void *arg, struct bytes key, struct bytes value)
{
	struct newest *newest = arg;
	struct cursor body;
	struct lastgood row;

	if (read_front(&body, (struct bytes[2]){ key, value }, &row,
		newest->arena) == 0 &&
	    (!newest->found || lastgood_later(&row, newest->row))) {
		*newest->row = row;
		newest->found = true;
	}
	return 0;
}

int
lastgood_newest(struct kv_txn *txn, const struct keyid *ca,
    struct lastgood *row, struct arena *arena)
{
	struct newest newest = { row, arena, false };
	int rc;

	*row = (struct lastgood){ 0 };
	rc = kv_each(txn, KV_LASTGOOD, bytes_of(ca->at, KEYID_SIZE), keep_newer,
	    &newest);
	return rc == 0 && !newest.found ? -ENOENT : rc;
}

bool
lastgood_due(struct kv_txn *txn, const struct keyid *ca, const char *uri,
    int64_t now)
{
	struct lastgood_key key;

	return used_due(txn, KV_LASTGOOD, lastgood_key(&key, ca, uri), now);
}

int
lastgood_touch(struct kv_txn *txn, const struct keyid *ca, const char *uri,
    int64_t now)
{
	struct lastgood_key key;

	return used_touch(txn, KV_LASTGOOD, lastgood_key(&key, ca, uri), now);
}
