/* SPDX-License-Identifier: BSD-2-Clause */
/* mandate - see mandate.h. */
#include "validator/mandate.h"

#include <stdlib.h>

#include "base/mem.h"
#include "payload/proviso.h"
#include "validator/locator.h"

/* Say which line of the constraints is none. */
static int
refuse_line(struct regret *regret, const struct policy_tal *tal, unsigned line)
{
	struct octets why = { 0 };
	int rc;

	proviso_complain(tal->constraints, tal->constraints_origin, line, &why);
	octets_u8(&why, 0);
	rc = regret_say(regret, "%s", (const char *)why.at);
	octets_clear(&why);
	return rc;
}

static int
read_one(const struct policy_tal *tal, struct walk_anchor *anchor,
    struct arena *arena, struct regret *regret)
{
	unsigned line = 0;
	enum fault fault;

	anchor->name = tal->name;
	fault = locator_read(&anchor->tal, tal->text, &line, arena);
	if (fault != FAULT_NONE) {
		return regret_say(regret, "%s:%u: %s: %s (%s)", tal->origin,
		    line, fault_label(fault), fault_text(fault),
		    fault_source(fault));
	}
	if (!constraints_read(&anchor->constraints, tal->constraints, &line,
		arena)) {
		return refuse_line(regret, tal, line);
	}
	return 0;
}

int
mandate_read(struct mandate *mandate, const struct policy *policy,
    struct arena *arena, struct regret *regret)
{
	size_t n = policy->tal_count;
	int rc = 0;

	*mandate = (struct mandate){ .count = n };
	if (n == 0) {
		return regret_say(regret, "no trust anchor: give a TAL");
	}
	mandate->anchors = mem_zero(n, sizeof(*mandate->anchors));
	mandate->constraints =
	    arena_zero(arena, n + 1, sizeof(*mandate->constraints));
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = read_one(&policy->tals[i], &mandate->anchors[i], arena,
		    regret);
		mandate->constraints[i] = mandate->anchors[i].constraints;
	}
	if (rc != 0) {
		free(mandate->anchors);
		*mandate = (struct mandate){ 0 };
	}
	return rc;
}
