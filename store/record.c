/* SPDX-License-Identifier: BSD-2-Clause */
/* record - see record.h. */
#include "store/record.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/checksum.h"

enum { SUM = 8 };

/* The seed of all rows; kinds of files have others. */
static const uint64_t seed = 0x6b656467652d7277;

static void
write_sum(uint8_t out[SUM], uint64_t sum)
{
	for (unsigned i = 0; i < SUM; i++) {
		out[i] = (uint8_t)(sum >> (8 * (SUM - 1 - i)));
	}
}

/* Of each row that a run looks at this is asked at least once. */
static void
checksum(uint8_t out[SUM], enum kv_table table, const struct bytes row[2])
{
	const uint8_t head[] = { (uint8_t)table, row[1].at[0],
		(uint8_t)(row[0].len >> 8), (uint8_t)row[0].len };
	struct checksum sum;

	static_assert(KV_KEY <= UINT16_MAX, "its length is two octets");
	checksum_begin(&sum, seed);
	checksum_add(&sum, bytes_of(head, sizeof(head)));
	checksum_add(&sum, row[0]);
	checksum_add(&sum,
	    bytes_of(row[1].at + RECORD_HEAD, row[1].len - RECORD_HEAD));
	write_sum(out, checksum_end(&sum));
}

void
record_begin(struct octets *row, uint8_t format)
{
	static const uint8_t empty[SUM];

	octets_reset(row);
	octets_u8(row, format);
	octets_add(row, empty, SUM);
}

void
record_seal(struct octets *row, enum kv_table table, struct bytes key)
{
	assert(row->len >= RECORD_HEAD);
	checksum(row->at + 1, table,
	    (struct bytes[2]){ key, octets_bytes(row) });
}

int
record_open(struct cursor *body, enum kv_table table, uint8_t format,
    const struct bytes row[2])
{
	uint8_t sum[SUM];
	struct bytes value = row[1];

	*body = cursor_open(bytes_of(NULL, 0));
	if (value.len < RECORD_HEAD || value.at[0] != format) {
		return -EBADMSG;
	}
	checksum(sum, table, row);
	if (memcmp(sum, value.at + 1, SUM) != 0) {
		return -EBADMSG;
	}
	*body = cursor_open(
	    bytes_of(value.at + RECORD_HEAD, value.len - RECORD_HEAD));
	return 0;
}

int
record_get(struct kv_txn *txn, enum kv_table table, uint8_t format,
    struct bytes key, struct cursor *body)
{
	struct bytes row[2] = { key, { NULL, 0 } };
	int rc = kv_get(txn, table, key, &row[1]);

	*body = cursor_open(bytes_of(NULL, 0));
	return rc != 0 ? rc : record_open(body, table, format, row);
}

int
record_put(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct octets *row)
{
	int rc;

	record_seal(row, table, key);
	rc = kv_put(txn, table, key, octets_bytes(row));
	octets_clear(row);
	return rc;
}

void
record_hash(struct octets *row, const struct hash *hash)
{
	octets_add(row, hash->at, sizeof(hash->at));
}

struct hash
record_take_hash(struct cursor *body)
{
	struct hash hash = { { 0 } };

	cursor_copy(body, hash.at, sizeof(hash.at));
	return hash;
}
