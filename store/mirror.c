/* SPDX-License-Identifier: BSD-2-Clause */
/* mirror - see mirror.h. */
#include "store/mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/cursor.h"
#include "base/octets.h"
#include "base/text.h"
#include "base/uri.h"
#include "crypto/digest.h"
#include "store/record.h"

/*
 * After the number of the repository comes something of the folder, so that
 * what one manifest lists stands together, and then most of the hash of the
 * URI. Folders may meet there; the row has the URI.
 */
enum { FORMAT = 1, NUMBER = 4, NEAR = 8 };

static void
number_octets(uint8_t out[NUMBER], uint32_t number)
{
	for (unsigned i = 0; i < NUMBER; i++) {
		out[i] = (uint8_t)(number >> (8 * (NUMBER - 1 - i)));
	}
}

/* The front of the key, which all that stands in one folder have. */
static void
folder_octets(struct mirror_key *key, uint32_t number, const char *uri)
{
	size_t folder = (size_t)(uri_name(uri) - uri);
	uint64_t near = checksum_of(0, bytes_of(uri, folder));

	number_octets(key->at, number);
	memcpy(key->at + NUMBER, &near, sizeof(near));
}

struct mirror_key
mirror_key(uint32_t number, const char *uri)
{
	struct mirror_key key;
	struct hash hash;

	digest_of(text_bytes(uri), &hash);
	folder_octets(&key, number, uri);
	memcpy(key.at + NUMBER + NEAR, hash.at, HASH_SIZE - NEAR);
	return key;
}

/* The body but for the URI, which is all that is left in *body. */
static void
read_front(struct cursor *body, struct mirror_row *row)
{
	row->hash = record_take_hash(body);
	row->stamp.mtime_ns = (int64_t)cursor_u64(body);
	row->stamp.ctime_ns = (int64_t)cursor_u64(body);
	row->stamp.inode = cursor_u64(body);
	row->stamp.octets = cursor_u64(body);
}

int
mirror_find(struct kv_txn *txn, uint32_t number, const char *uri,
    struct hash *hash)
{
	struct mirror_key key = mirror_key(number, uri);
	struct mirror_row row = { 0 };
	struct cursor body;
	struct bytes found;
	int rc = record_get(txn, KV_MIRROR, FORMAT,
	    bytes_of(key.at, MIRROR_KEY), &body);

	*hash = (struct hash){ { 0 } };
	if (rc != 0) {
		return rc;
	}
	read_front(&body, &row);
	found = cursor_run(&body);
	if (!cursor_end(&body)) {
		return -EBADMSG;
	}
	if (!bytes_equal(found, text_bytes(uri))) {
		return -ENOENT;
	}
	*hash = row.hash;
	return 0;
}

/* A row of a shelf: what is left of its key, and of its body. */
struct mirror_file {
	const uint8_t *name;
	struct bytes hash, uri;
};

/* A folder on its way to its digest. */
struct folder {
	struct octets rows;
	uint32_t most;
	struct mirror_shelf *shelf; /* NULL: nobody looks at single files */
};

static int
add_file(struct mirror_shelf *shelf, struct bytes key, struct cursor *body)
{
	struct mirror_file *file = &shelf->files[shelf->count++];
	struct mirror_row row;

	file->name = key.at + NUMBER + NEAR;
	file->hash = bytes_of(body->at, HASH_SIZE);
	read_front(body, &row);
	file->uri = cursor_run(body);
	return cursor_end(body) ? 0 : -EBADMSG;
}

/* Which file, as the key says, and its hash, which is first in the row. */
static int
add_row(void *arg, struct bytes key, struct bytes value)
{
	struct folder *folder = arg;
	struct cursor body;

	if (folder->most-- == 0) {
		return -E2BIG;
	}
	if (key.len != MIRROR_KEY ||
	    record_open(&body, KV_MIRROR, FORMAT,
		(struct bytes[2]){ key, value }) != 0 ||
	    cursor_left(&body) < HASH_SIZE) {
		return -EBADMSG;
	}
	octets_add_bytes(&folder->rows, key);
	octets_add(&folder->rows, body.at, HASH_SIZE);
	return folder->shelf == NULL ? 0 : add_file(folder->shelf, key, &body);
}

static int
read_folder(struct kv_txn *txn, uint32_t number, const char *uri,
    struct folder *folder, struct hash *sum)
{
	struct mirror_key key;
	int rc;

	folder_octets(&key, number, uri);
	rc = kv_each(txn, KV_MIRROR, bytes_of(key.at, NUMBER + NEAR), add_row,
	    folder);
	*sum = (struct hash){ { 0 } };
	if (rc == 0) {
		digest_of(octets_bytes(&folder->rows), sum);
	}
	octets_clear(&folder->rows);
	return rc;
}

int
mirror_folder(struct kv_txn *txn, uint32_t number, const char *uri,
    uint32_t most, struct hash *sum)
{
	struct folder folder = { .most = most };

	return read_folder(txn, number, uri, &folder, sum);
}

int
mirror_shelf(struct kv_txn *txn, uint32_t number, const char *uri,
    uint32_t most, struct mirror_shelf *shelf, struct arena *arena)
{
	struct folder folder = { .most = most, .shelf = shelf };

	*shelf = (struct mirror_shelf){
		.files = arena_zero(arena, most, sizeof(*shelf->files)),
	};
	return read_folder(txn, number, uri, &folder, &shelf->sum);
}

static int
compare_names(const void *name, const void *file)
{
	return memcmp(name, ((const struct mirror_file *)file)->name,
	    HASH_SIZE - NEAR);
}

int
mirror_shelf_find(const struct mirror_shelf *shelf, const char *uri,
    struct hash *hash)
{
	const struct mirror_file *file = NULL;
	struct hash name;

	digest_of(text_bytes(uri), &name);
	if (shelf->count > 0) {
		file = bsearch(name.at, shelf->files, shelf->count,
		    sizeof(*file), compare_names);
	}
	*hash = (struct hash){ { 0 } };
	if (file == NULL || !bytes_equal(file->uri, text_bytes(uri))) {
		return -ENOENT;
	}
	memcpy(hash->at, file->hash.at, HASH_SIZE);
	return 0;
}

bool
mirror_bare(struct kv_txn *txn, uint32_t number, const char *uri,
    uint64_t max_object)
{
	struct mirror_key key = mirror_key(number, uri);
	struct mirror_row row = { 0 };
	struct cursor body;

	if (record_get(txn, KV_MIRROR, FORMAT, bytes_of(key.at, MIRROR_KEY),
		&body) != 0) {
		return false;
	}
	read_front(&body, &row);
	/* Files are looked at again whenever they are fetched. */
	return !body.bad && row.stamp.octets == MIRROR_BARE &&
	       (row.stamp.ctime_ns != 0 || row.stamp.inode >= max_object);
}

int
mirror_put(struct kv_txn *txn, uint32_t number, const char *uri,
    const struct hash *hash)
{
	const struct mirror_row row = { number, uri, *hash, { 0 } };

	return mirror_put_row(txn, &row);
}

int
mirror_put_bare(struct kv_txn *txn, uint32_t number, const char *uri,
    const struct hash *hash, uint64_t max_object)
{
	const struct mirror_row row = { number, uri, *hash,
		{ .inode = max_object, .octets = MIRROR_BARE } };

	return mirror_put_row(txn, &row);
}

int
mirror_put_row(struct kv_txn *txn, const struct mirror_row *row)
{
	struct mirror_key key = mirror_key(row->number, row->uri);
	struct octets value = { 0 };

	record_begin(&value, FORMAT);
	record_hash(&value, &row->hash);
	octets_u64(&value, (uint64_t)row->stamp.mtime_ns);
	octets_u64(&value, (uint64_t)row->stamp.ctime_ns);
	octets_u64(&value, row->stamp.inode);
	octets_u64(&value, row->stamp.octets);
	octets_text(&value, row->uri);
	return record_put(txn, KV_MIRROR, bytes_of(key.at, MIRROR_KEY), &value);
}

int
mirror_remove(struct kv_txn *txn, uint32_t number, const char *uri)
{
	struct mirror_key key = mirror_key(number, uri);

	return kv_del(txn, KV_MIRROR, bytes_of(key.at, MIRROR_KEY));
}

int
mirror_clear(struct kv_txn *txn, uint32_t number)
{
	uint8_t prefix[NUMBER];

	number_octets(prefix, number);
	return kv_del_prefix(txn, KV_MIRROR, bytes_of(prefix, NUMBER));
}

int
mirror_read(struct bytes key, struct bytes value, struct mirror_row *row,
    struct arena *arena)
{
	struct cursor k = cursor_open(key);
	struct cursor body;

	*row = (struct mirror_row){ 0 };
	if (key.len != MIRROR_KEY) {
		return -EBADMSG;
	}
	row->number = cursor_u32(&k);
	if (record_open(&body, KV_MIRROR, FORMAT,
		(struct bytes[2]){ key, value }) != 0) {
		return -EBADMSG;
	}
	read_front(&body, row);
	row->uri = cursor_text(&body, arena);
	return cursor_end(&body) && row->uri != NULL ? 0 : -EBADMSG;
}

int
mirror_get_row(struct kv_txn *txn, const struct mirror_key *key,
    struct mirror_row *row, struct arena *arena)
{
	struct bytes k = bytes_of(key->at, MIRROR_KEY);
	struct bytes value;
	int rc = kv_get(txn, KV_MIRROR, k, &value);

	*row = (struct mirror_row){ 0 };
	return rc != 0 ? rc : mirror_read(k, value, row, arena);
}

static int
stop_at_once(void *arg, struct bytes key, struct bytes value)
{
	(void)arg;
	(void)key;
	(void)value;
	return 1;
}

int
mirror_empty(struct kv_txn *txn, uint32_t number)
{
	uint8_t prefix[NUMBER];
	int rc;

	number_octets(prefix, number);
	rc = kv_each(txn, KV_MIRROR, bytes_of(prefix, NUMBER), stop_at_once,
	    NULL);
	return rc < 0 ? rc : rc == 0;
}

static int
count_one(void *arg, struct bytes key, struct bytes value)
{
	uint32_t *count = arg;

	(void)key;
	(void)value;
	*count += 1;
	return 0;
}

int
mirror_count(struct kv_txn *txn, uint32_t number, uint32_t *count)
{
	uint8_t prefix[NUMBER];

	*count = 0;
	number_octets(prefix, number);
	return kv_each(txn, KV_MIRROR, bytes_of(prefix, NUMBER), count_one,
	    count);
}

struct reading {
	mirror_each_fn *each;
	void *arg;
	struct arena *arena;
};

static int
visit(void *arg, struct bytes key, struct bytes value)
{
	struct reading *reading = arg;
	struct mirror_row row;

	arena_reset(reading->arena);
	if (mirror_read(key, value, &row, reading->arena) != 0) {
		return 0;
	}
	return reading->each(reading->arg, row.uri, &row.hash);
}

int
mirror_each(struct kv_txn *txn, uint32_t number, mirror_each_fn *each,
    void *arg)
{
	struct reading reading = { each, arg, arena_new() };
	uint8_t prefix[NUMBER];
	int rc;

	number_octets(prefix, number);
	rc = kv_each(txn, KV_MIRROR, bytes_of(prefix, NUMBER), visit, &reading);
	arena_free(reading.arena);
	return rc;
}

struct mending {
	struct kv_txn *txn;
	struct arena *arena;
};

static int
drop_unreadable(void *arg, struct bytes key, struct bytes value)
{
	struct mending *mending = arg;
	struct mirror_row row;

	arena_reset(mending->arena);
	if (mirror_read(key, value, &row, mending->arena) == 0) {
		return 0;
	}
	return kv_del(mending->txn, KV_MIRROR, arena_copy(mending->arena, key));
}

int
mirror_mend(struct kv_txn *txn, uint32_t number)
{
	struct mending mending = { txn, arena_new() };
	uint8_t prefix[NUMBER];
	int rc;

	number_octets(prefix, number);
	rc = kv_each(txn, KV_MIRROR, bytes_of(prefix, NUMBER), drop_unreadable,
	    &mending);
	arena_free(mending.arena);
	return rc;
}
