/* SPDX-License-Identifier: BSD-2-Clause */
/* ledger - see ledger.h. */
#include "rrdp/ledger.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "store/mirror.h"

static int
read_row(const struct ledger *ledger, struct kv_txn *txn,
    struct repository *row)
{
	int rc = repository_get(txn, ledger->uri, row, ledger->arena);

	if (rc == -ENOENT || rc == -EBADMSG) {
		*row = (struct repository){ .uri = ledger->uri };
		return 0;
	}
	return rc;
}

int
ledger_read(const struct ledger *ledger, struct repository *row,
    uint32_t *objects)
{
	struct kv_txn *txn;
	int rc = kv_read(ledger->kv, &txn);

	if (rc != 0) {
		return rc;
	}
	rc = read_row(ledger, txn, row);
	if (rc == 0 && objects != NULL && row->number != 0) {
		rc = mirror_count(txn, row->number, objects);
	}
	kv_abort(txn);
	return rc;
}

/* The newest that are worth remembering. */
static size_t
first_known(const struct notice *notice)
{
	size_t most = LIMIT_RRDP_KNOWN_DELTAS;

	return notice->delta_count > most ? notice->delta_count - most : 0;
}

static bool
same_text(const char *kept, const char *given)
{
	return strcmp(kept != NULL ? kept : "", given) == 0;
}

bool
ledger_current(const struct repository *row, const struct ledger_news *news)
{
	const struct notice *notice = news->notice;
	size_t first = first_known(notice);

	if (row->back != 0 || row->delta_count != notice->delta_count - first ||
	    !same_text(row->etag, news->etag) ||
	    !same_text(row->last_modified, news->last_modified)) {
		return false;
	}
	for (size_t i = 0; i < row->delta_count; i++) {
		if (row->deltas[i].serial != notice->deltas[first + i].serial) {
			return false;
		}
	}
	return true;
}

static void
list_deltas(const struct ledger *ledger, const struct notice *notice,
    struct repository *row)
{
	size_t first = first_known(notice);
	size_t count = notice->delta_count - first;
	struct repository_delta *deltas =
	    arena_zero(ledger->arena, count + 1, sizeof(*deltas));

	for (size_t i = 0; i < count; i++) {
		deltas[i].serial = notice->deltas[first + i].serial;
		deltas[i].hash = notice->deltas[first + i].hash;
	}
	row->deltas = deltas;
	row->delta_count = count;
}

static const char *
given(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static int
write_news(const struct ledger *ledger, struct kv_txn *txn,
    struct repository *row, const struct ledger_news *news)
{
	row->session = news->notice->session;
	row->serial = news->notice->serial;
	row->snapshot = news->notice->snapshot.hash;
	row->etag = given(news->etag);
	row->last_modified = given(news->last_modified);
	row->back = 0;
	list_deltas(ledger, news->notice, row);
	if (ledger->note != NULL) {
		ledger->note(ledger->arg, row);
	}
	return repository_put(txn, row);
}

static int
change_mirror(struct kv_txn *txn, struct repository *row,
    struct ledger_change *change)
{
	int rc = row->number == 0 ? repository_put(txn, row) : 0;

	if (rc == 0) {
		rc = batch_apply(change->batch, txn, row->number, change->mode,
		    &change->result);
	}
	if (change->snapshot_octets != 0) {
		row->snapshot_octets = change->snapshot_octets;
	}
	return rc;
}

/* One transaction: the mirror's change, if any, and the news. */
static int
transact(const struct ledger *ledger, const struct ledger_news *news,
    struct ledger_change *change)
{
	struct repository row;
	struct kv_txn *txn;
	uint64_t weight = change == NULL ? 0 : batch_weight(change->batch);
	int rc = kv_write_much(ledger->kv, weight, &txn);

	if (rc != 0) {
		return rc;
	}
	rc = read_row(ledger, txn, &row);
	if (rc == 0 && change != NULL) {
		rc = change_mirror(txn, &row, change);
	}
	if (rc == 0) {
		rc = write_news(ledger, txn, &row, news);
	}
	return kv_end(txn, rc);
}

int
ledger_renew(const struct ledger *ledger, const struct ledger_news *news)
{
	return transact(ledger, news, NULL);
}

int
ledger_back(const struct ledger *ledger, uint32_t times)
{
	struct repository row;
	struct kv_txn *txn;
	int rc = kv_write(ledger->kv, &txn);

	if (rc != 0) {
		return rc;
	}
	rc = read_row(ledger, txn, &row);
	if (rc == 0) {
		row.back = times;
		rc = repository_put(txn, &row);
	}
	return kv_end(txn, rc);
}

int
ledger_apply(const struct ledger *ledger, const struct ledger_news *news,
    struct ledger_change *change)
{
	int rc = batch_keep(change->batch, ledger->kv, ledger->now);

	if (rc == 0) {
		rc = transact(ledger, news, change);
	}
	if (rc != 0) {
		batch_take_back(change->batch, ledger->kv);
	}
	return rc;
}
