/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every row decoder of the store. The first octet chooses the table, the rest
 * is the body: sealed as its own writer would, so that the checksum does not
 * stand in the way, and once more with the seal broken.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/lastgood.h"
#include "store/mirror.h"
#include "store/quarantine.h"
#include "store/record.h"
#include "store/repository.h"
#include "store/results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that a decoder handed out can be read. */
static size_t
length(const char *text)
{
	return text == NULL ? 0 : strlen(text);
}

static int
read_mirror(struct bytes key, struct bytes value, struct arena *arena)
{
	struct mirror_row row;
	int rc = mirror_read(key, value, &row, arena);

	if (rc == 0 && (row.uri == NULL || length(row.uri) > value.len)) {
		abort();
	}
	return rc;
}

static int
read_repository(struct bytes key, struct bytes value, struct arena *arena)
{
	struct repository row;
	size_t sum = 0;
	int rc = repository_read(key, value, &row, arena);

	if (rc != 0) {
		return rc;
	}
	sum = length(row.uri) + length(row.session) + length(row.etag) +
	      length(row.last_modified);
	for (size_t i = 0; i < row.delta_count; i++) {
		sum += row.deltas[i].hash.at[31] == 0 ? 0 : 1;
	}
	if (sum > value.len || row.number == 0) {
		abort();
	}
	return 0;
}

static int
read_lastgood(struct bytes key, struct bytes value, struct arena *arena)
{
	struct lastgood row;
	int rc = lastgood_read(key, value, &row, arena);

	if (rc == 0 &&
	    row.file_count * HASH_SIZE + length(row.uri) > value.len) {
		abort();
	}
	return rc;
}

static int
read_result(struct bytes key, struct bytes value, struct arena *arena)
{
	int64_t until;

	(void)arena;
	return results_until(key, value, &until);
}

static int
read_quarantine(struct bytes key, struct bytes value, struct arena *arena)
{
	struct quarantine row;
	int rc = quarantine_read(key, value, &row, arena);

	if (rc == 0 && length(row.uri) + length(row.version) > value.len) {
		abort();
	}
	return rc;
}

static const struct {
	enum kv_table table;
	size_t key;
	int (*read)(struct bytes key, struct bytes value, struct arena *arena);
} rows[] = {
	{ KV_MIRROR, 36, read_mirror },
	{ KV_REPOSITORY, 32, read_repository },
	{ KV_LASTGOOD, 52, read_lastgood },
	{ KV_RESULT, 32, read_result },
	{ KV_QUARANTINE, 33, read_quarantine },
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t zeros[64];
	struct octets row = { 0 };
	struct arena *arena;
	struct bytes key;
	unsigned which;

	if (size == 0) {
		return 0;
	}
	arena = arena_new();
	which = data[0] % (sizeof(rows) / sizeof(rows[0]));
	key = bytes_of(zeros, rows[which].key);
	record_begin(&row, 1);
	octets_add(&row, data + 1, size - 1);
	record_seal(&row, rows[which].table, key);
	rows[which].read(key, octets_bytes(&row), arena);
	row.at[1] ^= 1;
	if (rows[which].read(key, octets_bytes(&row), arena) == 0) {
		abort();
	}
	/* Anything at all as a row; a fuzzer that sees the checksum compared
	 * can even make it right. */
	rows[which].read(key, bytes_of(data, size), arena);
	octets_clear(&row);
	arena_free(arena);
	return 0;
}
