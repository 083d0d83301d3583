/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fetcher - the worker that brings octets in: one job, one result.
 *
 * Jobs: a trust anchor's certificate, an RRDP repository, an rsync module.
 * Blocks as long as the job takes; everything lands in the store.
 */
#pragma once

#include <stdatomic.h>

#include "base/log.h"
#include "crypto/verify.h"
#include "fetch/http.h"
#include "fetch/launcher.h"
#include "payload/policy.h"
#include "payload/report.h"
#include "payload/tal.h"
#include "rrdp/sync.h"
#include "store/store.h"
#include "validator/ward.h"

/* What all fetchers of a run share; never changes. */
struct fetcher_desk {
	const struct policy *policy;
	struct store *store;
	struct launcher *launcher; /* NULL: no rsync */
	const struct trust *trust; /* NULL: no HTTPS */
	struct log *log;
	const struct ward *ward;     /* what is left alone; NULL: nothing */
	struct blackbox *box;        /* NULL: nobody notes anything */
	struct turnstile *turnstile; /* of those that fetch much; NULL: none */
	int64_t now;
	int64_t deadline_ms; /* of the run; clock_mono_ms() */
	/* The engine was told to end: who is cut off has not failed. */
	atomic_bool ended;
};

enum fetcher_kind { FETCHER_ANCHOR, FETCHER_RRDP, FETCHER_RSYNC };

struct fetcher_job {
	enum fetcher_kind kind;
	void *owner;
	const char *uri;       /* RRDP: notify URI; rsync: module */
	bool near;             /* its anchor is in our own network */
	const struct tal *tal; /* anchor */
	/* What it is at, for those who watch; NULL: nobody does. */
	atomic_int *step;     /* enum repository_state; which URI of a TAL */
	atomic_ullong *meter; /* octets so far */
};

struct fetcher_result {
	struct fetcher_job job;
	/* Of an RRDP repository, as it says itself. Others fill in what they
	 * have of it: the status is an exit code of rsync, or -1. */
	struct sync_result outcome;
	bool partial;        /* all came but what the fault tells of */
	bool later;          /* nothing of its row changes but when it came */
	int64_t fallback_at; /* when rsync may stand in */
	int64_t duration_ms;
	/* anchor */
	struct octets certificate; /* empty: none */
	bool kept;                 /* it is the one kept from before */
	bool near;                 /* its host is in our own network */
	const char *from; /* URI it came from, lent by the TAL; or NULL */
};

/* For base/pool.h; arg is a struct fetcher_desk. */
void *fetcher_begin(void *desk, unsigned worker);
void *fetcher_work(void *self, void *job); /* frees the job */
void fetcher_end(void *self);

void fetcher_result_free(struct fetcher_result *result);

/* What a worker keeps; for anchor.c. */
struct fetcher {
	const struct fetcher_desk *desk;
	struct http *http; /* NULL: could not be made */
	struct verifier *verifier;
	struct arena *arena;
	struct blackbox_slot *slot; /* what it has in hand; may be NULL */
	unsigned number;
};

/* What the detail tells beyond the fault's own sentence; perhaps nothing. */
const char *fetcher_more(const struct fetcher_result *result);

/* An rsync configuration as the policy asks. */
struct rsync_config;
void fetcher_rsync(const struct fetcher *self, struct rsync_config *config);

/*
 * Before rsync is asked, which sets itself no limit for looking up a name, and
 * which a CA may lead into our own network; `near`: it may be there. rsync
 * looks up once more: who answers it otherwise by then has us connect to the
 * port of rsync, and has nothing of it. rsync-timeout, rsync-dubious.
 */
struct uri;
enum fault fetcher_look_up(const struct fetcher *self, const struct uri *uri,
    bool near, struct rsync_config *config, char detail[256]);
