/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proviso - one line of what an operator lets a trust anchor speak for.
 *
 * `allow` or `deny`, then a prefix, an address range, an AS number or a range
 * of them; '#' begins a comment. The server reads them only to see whether they
 * are good; whom they hold to what is validator/constraints.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ip.h"
#include "base/octets.h"

struct proviso {
	bool deny;
	bool numbers; /* AS numbers, else addresses */
	uint32_t first_as, last_as;
	struct ip_prefix first, last; /* from where the one begins to where the
					 other ends; of one family */
};

enum proviso_line { PROVISO_NONE, PROVISO_GOOD, PROVISO_WRONG };

/* What the line says goes to *out where it is good; none says nothing. */
enum proviso_line proviso_read(struct proviso *out, struct bytes line);

/* The first line that is wrong, counted from one; 0: none is. */
unsigned proviso_check(struct bytes text);

/* Say of that line of the file `origin` that it is wrong, and what is right. */
void proviso_complain(struct bytes text, const char *origin, unsigned line,
    struct octets *why);
