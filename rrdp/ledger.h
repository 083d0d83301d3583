/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger - what the store says of one RRDP repository, and how it changes.
 *
 * Mirror and row change in one transaction, in which the row is read again:
 * others keep things there too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "rrdp/batch.h"
#include "rrdp/notice.h"
#include "store/kv.h"
#include "store/repository.h"

struct ledger {
	struct kv *kv;
	const char *uri; /* of the notification */
	int64_t now;
	struct arena *arena;
	/* What else a success changes in the row; may be NULL. */
	void (*note)(const void *arg, struct repository *row);
	const void *arg;
};

/* The row (without a session when there is none that can be read) and, when
 * `objects` is not NULL, how many the mirror lists. 0 or -errno. */
int ledger_read(const struct ledger *ledger, struct repository *row,
    uint32_t *objects);

/* What a notification told. */
struct ledger_news {
	const struct notice *notice;
	const char *etag, *last_modified; /* empty: not given */
};

/* Would the row stay as it is? The hashes were compared by the plan. */
bool ledger_current(const struct repository *row,
    const struct ledger_news *news);
int ledger_renew(const struct ledger *ledger, const struct ledger_news *news);
/* So many times in a row the serial went back by now. */
int ledger_back(const struct ledger *ledger, uint32_t times);

struct ledger_change {
	struct batch *batch;
	enum batch_mode mode;
	uint64_t snapshot_octets; /* 0: as it was */
	struct batch_result result;
};

/* The batch and the news: all or nothing. Returns as batch_apply() does. */
int ledger_apply(const struct ledger *ledger, const struct ledger_news *news,
    struct ledger_change *change);
