/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sync - bring one RRDP repository's mirror up to date (RFC 8182, 9674, 9697).
 *
 * notice -> plan -> deltas | snapshot. Everything fetched is unpacked into a
 * batch as it comes, and verified before one store transaction applies it: a
 * crash at any instant leaves the old state or the new.
 *
 * An object above max_object does not cost the repository: the mirror lists it,
 * so that later deltas fit, but the object table has no octets for it, and only
 * the point whose manifest lists it suffers.
 *
 * Why a snapshot was taken: new-repository, new-session, outdated-local,
 * too-many-deltas, inconsistent-delta-set, delta-mutation, snapshot-mutation,
 * serial-back (plan.h); large-delta-set, unavailable-delta, bad-delta,
 * conflicting-delta (while taking deltas).
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "fetch/http.h"
#include "store/repository.h"
#include "store/store.h"

enum sync_step { SYNC_NOTICE, SYNC_DELTAS, SYNC_SNAPSHOT };

struct sync_job {
	const char *notify; /* checked https URI */
	struct store *store;
	struct http *http;
	struct log *log;
	int64_t now;         /* wall clock of the run */
	int64_t deadline_ms; /* clock_mono_ms() at which to give up */
	uint64_t max_notification, max_file, max_repository, max_object;
	unsigned max_deltas;
	uint32_t max_items;             /* of one snapshot or delta */
	bool allow_dubious, allow_near; /* fetch/http.h */
	void (*on_step)(void *arg, enum sync_step step); /* may be NULL */
	void *arg;
	/* What a success changes in the row beside what sync knows of: called
	 * within the transaction that writes it. May be NULL. */
	void (*note)(const void *arg, struct repository *row);
	const void *note_arg;
	atomic_ullong *meter; /* counts octets as they come; or NULL */
};

struct sync_result {
	enum fault fault; /* FAULT_NONE: the mirror is what the server offers */
	char detail[256];
	int status;         /* HTTP status of the notification; -1 */
	int payload_status; /* of the last snapshot or delta; 0: none asked for
			     */
	bool changed;       /* the mirror is not what it was */
	bool noted;         /* the row was written, note() included */
	uint32_t mirror;    /* its number; 0: there is no row */
	const char *snapshot_reason; /* static word; NULL: deltas or nothing */
	char session[40];
	uint64_t serial, octets;
	uint32_t objects;
	int64_t retry_after; /* seconds that a server too busy asked for; 0 */
};

/* Never fails in another way: a machine error is a fault too (store-io). */
void sync_run(const struct sync_job *job, struct sync_result *result);
