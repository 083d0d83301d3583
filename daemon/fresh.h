/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fresh - the freshness contract: what is served when no run succeeds any more.
 * Pure.
 */
#pragma once

#include <stdint.h>

enum fresh_policy {
	FRESH_SERVE,   /* what is there, as long as it has not expired */
	FRESH_NO_DATA, /* No Data Available, until a run succeeds */
	FRESH_CLOSE,   /* routers are sent away, so that they turn to others */
};

struct fresh_contract {
	int64_t after; /* seconds since the last good run; 0: never stale */
	enum fresh_policy policy;
};

struct fresh {
	enum fresh_policy now;
	int64_t stale; /* for so many seconds; 0: it is not */
};

/* age: seconds since the last good run ended, below 0: never in memory. A
 * server that never had one serves nothing anyway. */
struct fresh fresh_look(const struct fresh_contract *contract, int64_t age);
