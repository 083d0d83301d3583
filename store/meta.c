/* SPDX-License-Identifier: BSD-2-Clause */
/* meta - see meta.h. */
#include "store/meta.h"

#include <assert.h>
#include <string.h>

#include "base/octets.h"
#include "base/text.h"
#include "store/record.h"
#include "store/used.h"

enum { FORMAT = 1 };

/* Keys are a letter for the kind, then a name or a hash. */
struct key {
	uint8_t at[1 + META_NAME];
	size_t len;
};

static struct bytes
make_key(struct key *key, char kind, struct bytes name)
{
	assert(name.len <= META_NAME);
	key->at[0] = (uint8_t)kind;
	memcpy(key->at + 1, name.at, name.len);
	key->len = 1 + name.len;
	return bytes_of(key->at, key->len);
}

static int
get(struct kv_txn *txn, struct bytes key, struct bytes *value)
{
	struct cursor body;
	int rc = record_get(txn, KV_META, FORMAT, key, &body);

	*value = cursor_take(&body, cursor_left(&body));
	return rc;
}

static int
put(struct kv_txn *txn, struct bytes key, struct bytes value)
{
	struct octets row = { 0 };

	record_begin(&row, FORMAT);
	octets_add_bytes(&row, value);
	return record_put(txn, KV_META, key, &row);
}

int
meta_ta_get(struct kv_txn *txn, const struct hash *spki,
    struct bytes *certificate)
{
	struct key key;

	return get(txn, make_key(&key, 'a', hash_bytes(spki)), certificate);
}

int
meta_ta_put(struct kv_txn *txn, const struct hash *spki,
    struct bytes certificate)
{
	struct key key;

	return put(txn, make_key(&key, 'a', hash_bytes(spki)), certificate);
}

int
meta_ta_settled(struct kv_txn *txn, const struct hash *spki, int64_t *when)
{
	struct key key;
	struct bytes own = make_key(&key, 's', hash_bytes(spki));
	struct bytes nothing;
	int rc = get(txn, own, &nothing);

	return rc == 0 ? used_last(txn, KV_META, own, when) : rc;
}

int
meta_ta_settle(struct kv_txn *txn, const struct hash *spki, int64_t now)
{
	struct key key;
	struct bytes own = make_key(&key, 's', hash_bytes(spki));
	struct bytes nothing;
	int rc = 0;

	if (get(txn, own, &nothing) != 0) {
		rc = put(txn, own, bytes_of(NULL, 0));
	}
	return rc != 0 ? rc : used_touch(txn, KV_META, own, now);
}

struct settled {
	struct kv_txn *txn;
	meta_ta_fn *each;
	void *arg;
};

static int
on_settled(void *arg, struct bytes key, struct bytes value)
{
	const struct settled *settled = arg;
	struct hash spki;
	int64_t when;

	(void)value;
	if (key.len != 1 + HASH_SIZE ||
	    used_last(settled->txn, KV_META, key, &when) != 0) {
		return 0;
	}
	memcpy(spki.at, key.at + 1, HASH_SIZE);
	return settled->each(settled->arg, &spki, when);
}

int
meta_ta_each(struct kv_txn *txn, meta_ta_fn *each, void *arg)
{
	struct settled settled = { txn, each, arg };

	return kv_each(txn, KV_META, text_bytes("s"), on_settled, &settled);
}

int
meta_get(struct kv_txn *txn, const char *name, struct bytes *value)
{
	struct key key;

	return get(txn, make_key(&key, 'n', text_bytes(name)), value);
}

int
meta_put(struct kv_txn *txn, const char *name, struct bytes value)
{
	struct key key;

	return put(txn, make_key(&key, 'n', text_bytes(name)), value);
}
