/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rack - answers that are kept until the set changes, as many as there is room
 * for; the ones not asked for longest go first.
 */
#pragma once

#include "output/response.h"

struct rack;

struct rack *rack_new(size_t octets);
void rack_free(struct rack *rack); /* NULL is fine */

/* Lent; NULL: not there. */
const struct response *rack_find(struct rack *rack, struct bytes key);
/* Keeps a reference of its own, unless it alone is larger than the rack. */
void rack_keep(struct rack *rack, struct bytes key,
    const struct response *response);
size_t rack_octets(const struct rack *rack);
