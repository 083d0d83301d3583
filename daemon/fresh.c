/* SPDX-License-Identifier: BSD-2-Clause */
/* fresh - see fresh.h. */
#include "daemon/fresh.h"

struct fresh
fresh_look(const struct fresh_contract *contract, int64_t now,
    int64_t last_good)
{
	struct fresh fresh = { .now = FRESH_SERVE, .next = INT64_MAX };

	if (contract->after == 0 || last_good == 0) {
		return fresh;
	}
	/* A clock that was set back makes nothing stale, nor fresh for long. */
	if (now - last_good <= contract->after) {
		fresh.next = last_good + contract->after + 1;
		return fresh;
	}
	fresh.now = contract->policy;
	fresh.since = last_good + contract->after;
	return fresh;
}
