/* SPDX-License-Identifier: BSD-2-Clause */
/* fresh - see fresh.h. */
#include "daemon/fresh.h"

struct fresh
fresh_look(const struct fresh_contract *contract, int64_t age)
{
	struct fresh fresh = { .now = FRESH_SERVE };

	if (contract->after != 0 && age > contract->after) {
		fresh.now = contract->policy;
		fresh.stale = age - contract->after;
	}
	return fresh;
}
