/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quarantine - what an engine had in hand when it died.
 *
 * Such a thing is not looked at again by the same version of kedge: a fault of
 * ours costs that thing, not the service.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "store/kv.h"

enum quarantine_kind {
	QUARANTINE_OBJECT = 1, /* named by the hash of its octets */
	QUARANTINE_DOCUMENT,   /* an RRDP file: by the hash of its octets */
	QUARANTINE_ANCHOR,     /* a TA certificate: by the hash of its octets */
	QUARANTINE_FETCH,      /* a repository: by the hash of its URI */
};

struct quarantine {
	enum quarantine_kind kind;
	struct hash name;
	const char *uri;     /* for people; NULL: not known */
	const char *version; /* of the kedge that died */
	int64_t when;
	int32_t signal; /* that it died of */
};

/* -ENOENT, also for a row that cannot be read. */
int quarantine_get(struct kv_txn *txn, enum quarantine_kind kind,
    const struct hash *name, struct quarantine *row, struct arena *arena);
/* The name of a repository in this table. */
struct hash quarantine_name(const char *uri);
int quarantine_put(struct kv_txn *txn, const struct quarantine *row);
int quarantine_remove(struct kv_txn *txn, enum quarantine_kind kind,
    const struct hash *name);
typedef int quarantine_each_fn(void *arg, const struct quarantine *row);
int quarantine_each(struct kv_txn *txn, quarantine_each_fn *each, void *arg);
/* A row as it stands in the table; -EBADMSG. For sweep. */
int quarantine_read(struct bytes key, struct bytes value,
    struct quarantine *row, struct arena *arena);
