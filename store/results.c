/* SPDX-License-Identifier: BSD-2-Clause */
/* results - see results.h. */
#include "store/results.h"

#include <errno.h>

#include "base/octets.h"
#include "store/record.h"
#include "store/used.h"

enum { FORMAT = 3 };

int
results_get(struct kv_txn *txn, const struct hash *key, int64_t now,
    struct result *result)
{
	struct cursor body;
	int rc = record_get(txn, KV_RESULT, FORMAT, hash_bytes(key), &body);

	*result = (struct result){ 0 };
	if (rc != 0) {
		return rc == -EBADMSG ? -ENOENT : rc;
	}
	result->from = (int64_t)cursor_u64(&body);
	result->until = (int64_t)cursor_u64(&body);
	result->manifest = record_take_hash(&body);
	result->most = cursor_u32(&body);
	result->folder = record_take_hash(&body);
	if (body.bad || now < result->from || now > result->until) {
		*result = (struct result){ 0 };
		return -ENOENT;
	}
	result->octets = cursor_take(&body, cursor_left(&body));
	return 0;
}

int
results_put(struct kv_txn *txn, const struct hash *key,
    const struct result *result)
{
	struct octets row = { 0 };
	int rc = used_forget(txn, KV_RESULT, hash_bytes(key));

	if (rc != 0) {
		return rc;
	}
	record_begin(&row, FORMAT);
	octets_u64(&row, (uint64_t)result->from);
	octets_u64(&row, (uint64_t)result->until);
	record_hash(&row, &result->manifest);
	octets_u32(&row, result->most);
	record_hash(&row, &result->folder);
	octets_add_bytes(&row, result->octets);
	return record_put(txn, KV_RESULT, hash_bytes(key), &row);
}

int
results_remove(struct kv_txn *txn, const struct hash *key)
{
	int rc = used_forget(txn, KV_RESULT, hash_bytes(key));

	return rc != 0 ? rc : kv_del(txn, KV_RESULT, hash_bytes(key));
}

bool
results_due(struct kv_txn *txn, const struct hash *key, int64_t now)
{
	return used_due(txn, KV_RESULT, hash_bytes(key), now);
}

int
results_touch(struct kv_txn *txn, const struct hash *key, int64_t now)
{
	return used_touch(txn, KV_RESULT, hash_bytes(key), now);
}

int
results_until(struct bytes key, struct bytes value, int64_t *until)
{
	struct cursor body;
	int rc = record_open(&body, KV_RESULT, FORMAT,
	    (struct bytes[2]){ key, value });

	cursor_u64(&body);
	*until = (int64_t)cursor_u64(&body);
	return rc != 0 || body.bad ? -EBADMSG : 0;
}
