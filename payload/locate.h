/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * locate - where in a JSON text a value stands: for messages to people.
 *
 * The text must have been parsed without fault before; a JSON library keeps
 * no places, so the text is walked again for the one mistake that is told.
 */
#pragma once

#include <stddef.h>

#include "base/bytes.h"

/* One step down: into a member, or with a NULL key to an item. */
struct locate_step {
	const char *key;
	size_t index;
};

struct locate_place {
	unsigned line, column; /* from 1; columns are octets */
};

/* Where the value begins; or of the nearest around it that can be found. */
struct locate_place locate_find(struct bytes text,
    const struct locate_step *steps, size_t count);
