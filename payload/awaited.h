/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * awaited - what those may speak of who are waited for: all addresses and AS
 * numbers that their certificates cover, below one trust anchor.
 *
 * As one union, and not point by point: so whoever has many points, or many
 * ranges, takes nobody else's place in it.
 */
#pragma once

#include "base/cursor.h"
#include "base/ip.h"
#include "payload/report.h"

/* The whole prefix? */
bool awaited_prefix(const struct report_awaited *awaited,
    const struct ip_prefix *prefix);
bool awaited_asn(const struct report_awaited *awaited, uint32_t asn);

/* AS numbers stand as addresses do, in the first four octets. */
void awaited_write_asn(uint8_t out[16], uint32_t asn);

/* As a part of a report; a broken one fails the cursor. */
void awaited_put(struct octets *out, const struct report_awaited *awaited);
void awaited_read(struct report_awaited *awaited, struct cursor *c,
    struct arena *arena);
