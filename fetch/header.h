/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header - what the header of one HTTP answer says that matters to us.
 *
 * Fed line by line as it arrives. Pure: no library, no I/O.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

struct header {
	size_t most;   /* octets of all lines together */
	size_t octets; /* so far, also those of 1xx answers */
	char etag[256], last_modified[64]; /* empty: none that can be kept */
	bool length_seen, encoding_seen;
	uint64_t length;
	bool closed; /* the body has begun: what still comes is a trailer */
};

/*
 * The next line, its end included; a status line forgets what was said before.
 * Faults: http-header, http-encoding, http-protocol.
 */
enum fault header_line(struct header *header, struct bytes line);
