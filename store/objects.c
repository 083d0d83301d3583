/* SPDX-License-Identifier: BSD-2-Clause */
/* objects - see objects.h. */
#include "store/objects.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cursor.h"
#include "base/octets.h"
#include "crypto/digest.h"

/* The octets stand under a growing number, which lets LMDB append pages; the
 * hash leads to the number. The octets prove the row, so it has no checksum. */
enum { NUMBER = 8, ROW = 8 + 4 + 8 };

struct row {
	uint64_t number;
	struct objects_row shown;
};

struct number_key {
	uint8_t at[NUMBER];
};

static struct number_key
number_key(uint64_t number)
{
	struct number_key key;

	for (unsigned i = 0; i < NUMBER; i++) {
		key.at[i] = (uint8_t)(number >> (8 * (NUMBER - 1 - i)));
	}
	return key;
}

static int
read_row(struct bytes value, struct row *row)
{
	struct cursor c = cursor_open(value);

	row->number = cursor_u64(&c);
	row->shown.octets = cursor_u32(&c);
	row->shown.unlisted = (int64_t)cursor_u64(&c);
	return cursor_end(&c) ? 0 : -EBADMSG;
}

static int
get_row(struct kv_txn *txn, const struct hash *hash, struct row *row)
{
	struct bytes value;
	int rc = kv_get(txn, KV_HASH, hash_bytes(hash), &value);

	*row = (struct row){ 0 };
	return rc != 0 ? rc : read_row(value, row);
}

static int
put_row(struct kv_txn *txn, const struct hash *hash, const struct row *row)
{
	struct octets value = { 0 };
	int rc;

	octets_u64(&value, row->number);
	octets_u32(&value, row->shown.octets);
	octets_u64(&value, (uint64_t)row->shown.unlisted);
	rc = kv_put(txn, KV_HASH, hash_bytes(hash), octets_bytes(&value));
	octets_clear(&value);
	return rc;
}

static int
get_octets(struct kv_txn *txn, uint64_t number, struct bytes *octets)
{
	struct number_key key = number_key(number);

	return kv_get(txn, KV_OBJECT, bytes_of(key.at, NUMBER), octets);
}

int
objects_get(struct kv_txn *txn, const struct hash *hash, struct bytes *octets)
{
	struct row row;
	struct hash found;
	int rc = get_row(txn, hash, &row);

	*octets = bytes_of(NULL, 0);
	if (rc != 0) {
		return rc;
	}
	rc = get_octets(txn, row.number, octets);
	if (rc != 0) {
		return rc == -ENOENT ? -EBADMSG : rc;
	}
	digest_of(*octets, &found);
	if (!hash_equal(&found, hash)) {
		*octets = bytes_of(NULL, 0);
		return -EBADMSG;
	}
	return 0;
}

bool
objects_has(struct kv_txn *txn, const struct hash *hash)
{
	struct row row;

	return get_row(txn, hash, &row) == 0;
}

static int
next_number(struct kv_txn *txn, uint64_t *number)
{
	struct bytes last;
	int rc = kv_last(txn, KV_OBJECT, &last);

	*number = 0;
	if (rc == -ENOENT) {
		return 0;
	}
	if (rc == 0) {
		struct cursor c = cursor_open(last);

		*number = cursor_u64(&c) + 1;
		rc = cursor_end(&c) && *number != 0 ? 0 : -EBADMSG;
	}
	return rc;
}

static int
append(struct kv_txn *txn, const struct hash *hash, struct bytes octets,
    int64_t unlisted)
{
	struct row row = { .shown = { (uint32_t)octets.len, unlisted } };
	int rc =
	    octets.len > UINT32_MAX ? -EFBIG : next_number(txn, &row.number);

	if (rc == 0) {
		struct number_key key = number_key(row.number);

		rc =
		    kv_append(txn, KV_OBJECT, bytes_of(key.at, NUMBER), octets);
	}
	return rc != 0 ? rc : put_row(txn, hash, &row);
}

/* Is it there, and are the octets these? 0, -ENOENT: no, -errno. */
static int
look_for(struct kv_txn *txn, const struct hash *hash, struct bytes octets)
{
	struct row row;
	struct bytes held;
	int rc = get_row(txn, hash, &row);

	if (rc == 0) {
		rc = get_octets(txn, row.number, &held);
	}
	if (rc == -EBADMSG || (rc == 0 && !bytes_equal(held, octets))) {
		/* Damaged. Its number may be another's by a flipped bit, so
		 * what stands there is left to those whose it is. */
		rc = -ENOENT;
	}
	return rc;
}

int
objects_put(struct kv_txn *txn, const struct hash *hash, struct bytes octets)
{
	int rc = look_for(txn, hash, octets);

	return rc == -ENOENT ? append(txn, hash, octets, 0)
	       : rc == 0     ? objects_list(txn, hash)
			     : rc;
}

int
objects_put_early(struct kv_txn *txn, const struct hash *hash,
    struct bytes octets, int64_t now)
{
	int rc = look_for(txn, hash, octets);

	return rc == -ENOENT ? append(txn, hash, octets, now) : rc;
}

int
objects_take_back(struct kv_txn *txn, const struct hash *hash, int64_t now)
{
	struct row row;
	int rc = get_row(txn, hash, &row);

	if (rc != 0 || row.shown.unlisted != now) {
		return rc == -ENOENT || rc == -EBADMSG ? 0 : rc;
	}
	return objects_remove(txn, hash);
}

int
objects_list(struct kv_txn *txn, const struct hash *hash)
{
	struct row row;
	int rc = get_row(txn, hash, &row);

	if (rc != 0 || row.shown.unlisted == 0) {
		return rc;
	}
	row.shown.unlisted = 0;
	return put_row(txn, hash, &row);
}

int
objects_unlist(struct kv_txn *txn, const struct hash *hash, int64_t now)
{
	struct row row;
	int rc = get_row(txn, hash, &row);

	if (rc != 0) {
		return rc;
	}
	row.shown.unlisted = now;
	return put_row(txn, hash, &row);
}

int
objects_remove(struct kv_txn *txn, const struct hash *hash)
{
	struct row row;
	struct bytes held;
	struct hash found;
	struct number_key key;
	int rc = get_row(txn, hash, &row);

	if (rc == 0) {
		key = number_key(row.number);
		rc = get_octets(txn, row.number, &held);
	}
	if (rc == 0) {
		/* Only what is this object's, should the row be damaged. */
		digest_of(held, &found);
		if (hash_equal(&found, hash)) {
			rc = kv_del(txn, KV_OBJECT, bytes_of(key.at, NUMBER));
		}
	}
	if (rc == -EBADMSG || rc == -ENOENT) {
		rc = 0;
	}
	return rc != 0 ? rc : kv_del(txn, KV_HASH, hash_bytes(hash));
}

int
objects_read(struct bytes value, struct objects_row *shown)
{
	struct row row;
	int rc = read_row(value, &row);

	*shown = rc == 0 ? row.shown : (struct objects_row){ 0 };
	return rc;
}

/* Numbers that rows lead to, in order after sorting. */
struct numbers {
	struct kv_txn *txn;
	uint64_t *at;
	size_t count, room;
	uint64_t removed;
};

static int
note_number(void *arg, struct bytes key, struct bytes value)
{
	struct numbers *numbers = arg;
	struct row row;

	(void)key;
	if (read_row(value, &row) == 0) {
		numbers->at = array_room(numbers->at, numbers->count,
		    &numbers->room, sizeof(*numbers->at));
		numbers->at[numbers->count++] = row.number;
	}
	return 0;
}

static int
drop_unknown(void *arg, struct bytes key, struct bytes value)
{
	struct numbers *numbers = arg;
	struct cursor c = cursor_open(key);
	uint64_t number = cursor_u64(&c);
	struct number_key copy = number_key(number);

	(void)value;
	if (!cursor_end(&c)) {
		return -EBADMSG;
	}
	if (numbers->count > 0 && bsearch(&number, numbers->at, numbers->count,
				      sizeof(number), array_by_u64) != NULL) {
		return 0;
	}
	numbers->removed++;
	return kv_del(numbers->txn, KV_OBJECT, bytes_of(copy.at, NUMBER));
}

int
objects_reconcile(struct kv_txn *txn, uint64_t *removed)
{
	struct numbers numbers = { .txn = txn };
	int rc =
	    kv_each(txn, KV_HASH, bytes_of(NULL, 0), note_number, &numbers);

	if (rc == 0) {
		if (numbers.count > 0) {
			qsort(numbers.at, numbers.count, sizeof(*numbers.at),
			    array_by_u64);
		}
		rc = kv_each(txn, KV_OBJECT, bytes_of(NULL, 0), drop_unknown,
		    &numbers);
	}
	*removed = numbers.removed;
	free(numbers.at);
	return rc;
}
