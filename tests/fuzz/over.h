/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * over - the input laid over octets that are in order: its first two octets
 * say where, the rest is written there. So a form that changes now and then is
 * reached behind its first fields, and no seed goes out of date.
 */
#pragma once

#include "base/octets.h"

static inline void
over_lay(struct octets *good, struct bytes in)
{
	size_t at, i;

	if (in.len < 2) {
		return;
	}
	at = (size_t)(in.at[0] << 8 | in.at[1]) % (good->len + 1);
	for (i = 2; i < in.len && at < good->len; i++, at++) {
		good->at[at] = in.at[i];
	}
}
