/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * publish - what a worker does to make a set ready: nothing is lost for want of
 * newcomers, the collapse guard holds what could not be fetched, what has ended
 * leaves, local policy is applied, and the difference to what is served is
 * found. Pure.
 */
#pragma once

#include "base/octets.h"
#include "daemon/shape.h"
#include "payload/account.h"
#include "payload/delta.h"
#include "payload/expire.h"
#include "payload/guard.h"

struct publish {
	/* Given; all references are its own. */
	int64_t now;
	const struct snapshot *offered; /* by an engine; NULL: plain anew */
	const struct account *account;  /* of offered */
	bool early;                     /* it did not wait for all */
	const struct snapshot *plain;   /* made ready last; or NULL */
	const struct account *then;     /* of the run it came from; or NULL */
	const struct snapshot *before;  /* what is served; or NULL */
	struct shape shape;
	struct guard_config config;
	struct guard guard; /* and brought up to date */
	/* Found. */
	enum guard_event *events;     /* for each trust anchor of account */
	const struct snapshot *whole; /* before local policy */
	struct expire expire;
	const struct snapshot *fresh; /* to be served */
	const struct delta *delta;    /* NULL: nothing before */
	/* From plain to whole; NULL: that is no other set than fresh. */
	const struct delta *plain_delta;
	bool moved; /* other items than before, or of other trust anchors */
	struct shape_effects effects;
	struct octets changes; /* for the journal, with their causes */
};

/* Zeroed, to be filled in. */
struct publish *publish_new(void);
void publish_free(struct publish *publish); /* NULL is fine */

void publish_work(struct publish *publish);
