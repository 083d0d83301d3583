/* SPDX-License-Identifier: BSD-2-Clause */
/* openbgpd - what bgpd.conf(5) includes: roa-set and aspa-set. Always with
 * expires, so that a router drops what nobody renews. */
#pragma once

#include "output/format.h"

void openbgpd_write(struct pen *pen, const struct format_input *input);
