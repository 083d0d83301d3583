/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * repository - one row per RRDP repository or rsync module: what we know.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "store/kv.h"

struct repository_delta {
	uint64_t serial;
	struct hash hash;
};

struct repository {
	const char *uri;     /* notify URI, or rsync://host/module/ */
	uint32_t number;     /* given on first put; names its mirror */
	const char *session; /* RRDP; NULL: nothing held */
	uint64_t serial;
	struct hash snapshot; /* of the last notification; zero: unknown */
	const char *etag, *last_modified; /* of the notification, or NULL */
	uint64_t snapshot_octets;         /* of the last snapshot taken */
	uint64_t weight; /* octets of what it lists, see store/weight.h */
	size_t delta_count;
	const struct repository_delta *deltas; /* RFC 9697 */
	int64_t last_success, last_attempt, next_due;
	int64_t fallback_at; /* when rsync may stand in; 0: not failing */
	uint32_t failures;
	const char *trouble;            /* what the last of them was, or NULL */
	int32_t status, payload_status; /* then, see payload/report.h */
	/* Times in a row that the serial went back; with rsync, runs in a row
	 * after which a file was not what its manifest says. */
	uint32_t back;
};

/* -ENOENT when never seen, or seen but not readable any more: *row is then
 * zeroed but for uri, and putting it begins anew under a new number. */
int repository_get(struct kv_txn *txn, const char *uri, struct repository *row,
    struct arena *arena);
/* Gives row->number when it is 0. */
int repository_put(struct kv_txn *txn, struct repository *row);
/* Something that its mirror lists is lost or damaged: forget session, ETag and
 * dates, so that the next fetch takes everything again. -ENOENT. */
int repository_refetch(struct kv_txn *txn, const char *uri);
/* With its mirror. -ENOENT. */
int repository_remove(struct kv_txn *txn, const char *uri);
/* The URI of whose mirror has this number. -ENOENT. */
int repository_called(struct kv_txn *txn, uint32_t number,
    char uri[LIMIT_URI + 1]);
/* Rows that cannot be read are passed over. */
typedef int repository_each_fn(void *arg, const struct repository *row);
int repository_each(struct kv_txn *txn, repository_each_fn *each, void *arg);

/* A row as it stands in the table; -EBADMSG. For sweep. */
int repository_read(struct bytes key, struct bytes value,
    struct repository *row, struct arena *arena);
