/* SPDX-License-Identifier: BSD-2-Clause */
/* damage - see damage.h. */
#include "store/damage.h"

#include <errno.h>

#include "base/limits.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/repository.h"

/* One step of mending, in a transaction of its own. */
typedef int step_fn(struct kv_txn *txn, uint32_t number, struct log *log);

static int
take(struct store *store, step_fn *step, uint32_t number, struct log *log)
{
	struct kv_txn *txn;
	int rc = kv_write(store_kv(store), &txn);

	if (rc != 0) {
		return rc;
	}
	return kv_end(txn, step(txn, number, log));
}

/* A mirror that no repository owns: its row could not be read and was given a
 * new number. Asked again, since a repository may have come meanwhile. */
static int
drop_orphan(struct kv_txn *txn, uint32_t number, struct log *log)
{
	char uri[LIMIT_URI + 1];
	int rc = repository_called(txn, number, uri);

	(void)log;
	return rc == -ENOENT ? mirror_clear(txn, number) : rc;
}

/* What a mirror lists was lost to damage. Nobody would bring it again, since
 * as far as its publisher knows we have it. */
static int
heal(struct kv_txn *txn, uint32_t number, struct log *log)
{
	char uri[LIMIT_URI + 1];
	int rc = repository_called(txn, number, uri);

	if (rc == 0) {
		log_warn(log,
		    "%s: objects lost from the store, to be fetched again",
		    uri);
		rc = repository_refetch(txn, uri);
	}
	return rc == 0 || rc == -ENOENT ? mirror_mend(txn, number) : rc;
}

int
damage_mend(struct store *store, const struct live *live, struct log *log)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < live->orphans.count; i++) {
		rc = take(store, drop_orphan, live->orphans.at[i], log);
	}
	for (size_t i = 0; rc == 0 && i < live->wanting.count; i++) {
		rc = take(store, heal, live->wanting.at[i], log);
	}
	return rc;
}

int
damage_reconcile(struct store *store, uint64_t *removed)
{
	struct kv_usage usage;
	struct kv_txn *txn;
	uint64_t gone = 0;
	int rc = kv_usage(store_kv(store), &usage);

	if (rc != 0 || usage.entries[KV_OBJECT] == usage.entries[KV_HASH]) {
		return rc;
	}
	rc = kv_write(store_kv(store), &txn);
	if (rc != 0) {
		return rc;
	}
	rc = objects_reconcile(txn, &gone);
	if (rc == 0) {
		*removed += gone;
	}
	return kv_end(txn, rc);
}
