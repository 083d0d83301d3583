/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan - decide how to bring one RRDP repository up to date.
 *
 * Compares what we hold with what the notification offers. Pure: no I/O, no
 * clock, no memory of earlier calls. What to do with the answer is sync's
 * business (rrdp/sync.h).
 */
#pragma once

#include <stdint.h>

#include "rrdp/notice.h"
#include "store/repository.h"

enum plan_way {
	PLAN_NOTHING,  /* same session, same serial, nothing changed */
	PLAN_DELTAS,   /* deltas from `first` on lead there */
	PLAN_SNAPSHOT, /* `reason` says why */
	PLAN_REFUSE,   /* the serial went back: keep what we have */
};

struct plan {
	enum plan_way way;
	size_t first; /* of notice->deltas */
	/* new-repository, new-session, serial-back, delta-mutation,
	 * snapshot-mutation, outdated-local, inconsistent-delta-set,
	 * too-many-deltas; NULL unless it is the snapshot. */
	const char *reason;
};

/*
 * The cheapest way from *have to *offer. Never fails: whatever cannot be
 * reached by deltas is reached by the snapshot. A delta or snapshot that was
 * offered before under another hash betrays a session that went astray (RFC
 * 9697).
 */
struct plan plan_choose(const struct repository *have,
    const struct notice *offer, unsigned max_deltas);
