/* SPDX-License-Identifier: BSD-2-Clause */
/* used - see used.h. */
#include "store/used.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "base/octets.h"

enum { DAY = 86400, LONGEST = 64 };

struct mark_key {
	uint8_t at[1 + LONGEST];
};

static struct bytes
make_key(struct mark_key *mark, enum kv_table table, struct bytes key)
{
	assert(key.len <= LONGEST);
	mark->at[0] = (uint8_t)table;
	memcpy(mark->at + 1, key.at, key.len);
	return bytes_of(mark->at, 1 + key.len);
}

static uint32_t
day_of(int64_t now)
{
	int64_t day = now / DAY;

	return day < 0 ? 0 : day > UINT32_MAX ? UINT32_MAX : (uint32_t)day;
}

static int
get(struct kv_txn *txn, struct bytes key, uint32_t *day)
{
	struct bytes value;
	struct cursor c;
	int rc = kv_get(txn, KV_USED, key, &value);

	*day = 0;
	if (rc != 0) {
		return rc;
	}
	c = cursor_open(value);
	*day = cursor_u32(&c);
	/* A mark that cannot be read says as much as none. */
	return cursor_end(&c) ? 0 : -ENOENT;
}

bool
used_due(struct kv_txn *txn, enum kv_table table, struct bytes key, int64_t now)
{
	struct mark_key mark;
	uint32_t day;

	return get(txn, make_key(&mark, table, key), &day) != 0 ||
	       day != day_of(now);
}

int
used_touch(struct kv_txn *txn, enum kv_table table, struct bytes key,
    int64_t now)
{
	struct mark_key mark;
	struct octets value = { 0 };
	int rc;

	if (!used_due(txn, table, key, now)) {
		return 0;
	}
	octets_u32(&value, day_of(now));
	rc = kv_put(txn, KV_USED, make_key(&mark, table, key),
	    octets_bytes(&value));
	octets_clear(&value);
	return rc;
}

int
used_last(struct kv_txn *txn, enum kv_table table, struct bytes key,
    int64_t *when)
{
	struct mark_key mark;
	uint32_t day;
	int rc = get(txn, make_key(&mark, table, key), &day);

	*when = ((int64_t)day + 1) * DAY;
	return rc;
}

int
used_forget(struct kv_txn *txn, enum kv_table table, struct bytes key)
{
	struct mark_key mark;
	int rc = kv_del(txn, KV_USED, make_key(&mark, table, key));

	return rc == -ENOENT ? 0 : rc;
}
