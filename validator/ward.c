/* SPDX-License-Identifier: BSD-2-Clause */
/* ward - see ward.h. */
#include "validator/ward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

struct bed {
	enum quarantine_kind kind;
	struct hash name;
};

struct ward {
	struct bed *beds;
	size_t count, room;
	struct span span;
};

static const char *
kind_name(enum quarantine_kind kind)
{
	switch (kind) {
	case QUARANTINE_OBJECT:
		return "object";
	case QUARANTINE_DOCUMENT:
		return "document";
	case QUARANTINE_ANCHOR:
		return "anchor";
	case QUARANTINE_FETCH:
		return "repository";
	}
	return "unknown";
}

/* Another version may not die of it; and no fault of ours is for ever. */
static bool
in_force(const struct quarantine *row, struct span *span)
{
	return strcmp(row->version, PACKAGE_VERSION) == 0 &&
	       span_reached(span, row->when - LIMIT_QUARANTINE_SECONDS) &&
	       !span_reached(span, row->when + LIMIT_QUARANTINE_SECONDS);
}

static int
take_row(void *arg, const struct quarantine *row)
{
	struct ward *ward = arg;

	if (in_force(row, &ward->span)) {
		ward->beds = array_room(ward->beds, ward->count, &ward->room,
		    sizeof(*ward->beds));
		ward->beds[ward->count++] =
		    (struct bed){ row->kind, row->name };
	}
	return 0;
}

static int
put_all(struct kv_txn *txn, const struct blackbox_past *past, int64_t now)
{
	for (unsigned i = 0; i < past->count; i++) {
		const struct blackbox_item *item = &past->culprits[i];
		struct quarantine row = {
			.kind = (enum quarantine_kind)item->kind,
			.name = item->name,
			.uri = item->uri,
			.version = PACKAGE_VERSION,
			.when = now,
			.signal = past->signal,
		};
		int rc = quarantine_put(txn, &row);

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static void
take_in(struct store *store, const struct blackbox_past *past, int64_t now,
    struct log *log)
{
	struct kv_txn *txn = NULL;
	int rc;

	for (unsigned i = 0; i < past->count; i++) {
		log_error(log,
		    "%s: engines died of this %s twice: it is left alone for "
		    "a day, or until kedge quarantine --release",
		    past->culprits[i].uri,
		    kind_name((enum quarantine_kind)past->culprits[i].kind));
	}
	rc = kv_write(store_kv(store), &txn);
	if (rc == 0) {
		rc = kv_end(txn, put_all(txn, past, now));
	}
	if (rc != 0) {
		log_warn(log, "quarantine: %s", strerror(-rc));
	}
}

struct ward *
ward_new(struct store *store, const struct blackbox_past *past, int64_t now,
    struct log *log)
{
	struct ward *ward = mem_zero(1, sizeof(*ward));
	struct kv_txn *txn = NULL;

	ward->span = span_at(now);
	if (past->count > 0) {
		take_in(store, past, now, log);
	}
	if (kv_read(store_kv(store), &txn) == 0) {
		(void)quarantine_each(txn, take_row, ward);
		kv_abort(txn);
	}
	return ward;
}

void
ward_free(struct ward *ward)
{
	if (ward == NULL) {
		return;
	}
	free(ward->beds);
	free(ward);
}

struct span
ward_span(const struct ward *ward)
{
	return ward->span;
}

bool
ward_has(const struct ward *ward, enum quarantine_kind kind,
    const struct hash *name)
{
	for (size_t i = 0; i < ward->count; i++) {
		if (ward->beds[i].kind == kind &&
		    hash_equal(&ward->beds[i].name, name)) {
			return true;
		}
	}
	return false;
}

/* --- for the operator */

struct listing {
	struct octets *out;
	struct span span;
};

static int
list_row(void *arg, const struct quarantine *row)
{
	struct listing *listing = arg;
	char hash[HASH_TEXT], when[CLOCK_TEXT];

	hash_text(&row->name, hash);
	clock_text(row->when, when);
	octets_printf(listing->out,
	    "%s %s %s signal %d, kedge %s, %s: ", kind_name(row->kind), hash,
	    when, (int)row->signal, row->version,
	    in_force(row, &listing->span) ? "left alone" : "tried again");
	text_escape(listing->out, text_bytes(row->uri != NULL ? row->uri : ""));
	octets_u8(listing->out, '\n');
	return 0;
}

void
ward_list(struct store *store, int64_t now, struct octets *out)
{
	struct listing listing = { out, span_at(now) };
	struct kv_txn *txn = NULL;

	if (kv_read(store_kv(store), &txn) == 0) {
		(void)quarantine_each(txn, list_row, &listing);
		kv_abort(txn);
	}
}

struct release {
	const char *name;
	struct bed *beds;
	size_t count, room;
};

static int
choose_row(void *arg, const struct quarantine *row)
{
	struct release *release = arg;
	char hash[HASH_TEXT];

	hash_text(&row->name, hash);
	if (strcmp(release->name, "all") != 0 &&
	    strcmp(release->name, hash) != 0 &&
	    (row->uri == NULL || strcmp(release->name, row->uri) != 0)) {
		return 0;
	}
	release->beds = array_room(release->beds, release->count,
	    &release->room, sizeof(*release->beds));
	release->beds[release->count++] = (struct bed){ row->kind, row->name };
	return 0;
}

int
ward_release(struct store *store, const char *name)
{
	struct release release = { .name = name };
	struct kv_txn *txn = NULL;
	int rc = kv_write(store_kv(store), &txn);

	if (rc != 0) {
		return rc;
	}
	rc = quarantine_each(txn, choose_row, &release);
	for (size_t i = 0; rc == 0 && i < release.count; i++) {
		rc = quarantine_remove(txn, release.beds[i].kind,
		    &release.beds[i].name);
	}
	rc = kv_end(txn, rc);
	free(release.beds);
	return rc == 0 ? (int)release.count : rc;
}
