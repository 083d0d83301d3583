/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tal - trust anchor locators (RFC 8630 2.2).
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"

struct tal {
	size_t count;
	const char **uris; /* normal form, in the order of the file */
	struct bytes spki; /* whatever the base64 says, in the arena */
};

/*
 * Read the text of a TAL, but for what the key is: that is validator/locator.h.
 * *line is where it went wrong, counted from one.
 */
enum fault tal_read(struct tal *tal, struct bytes text, unsigned *line,
    struct arena *arena);
