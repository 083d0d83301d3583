/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as the lines of an HTTP answer's header, as a library would hand
 * them over: what is kept of them can be sent back, and what one answer said is
 * forgotten at the next.
 */
#include <assert.h>
#include <string.h>

#include "fetch/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 4000 };

static void
look(const char *kept, size_t room)
{
	assert(memchr(kept, '\0', room) != NULL);
	for (; *kept != '\0'; kept++) {
		assert(*kept >= ' ' && *kept <= '~');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header header = { .most = MOST };
	struct bytes rest = bytes_of(data, size);
	enum fault fault = FAULT_NONE;

	while (rest.len > 0 && fault == FAULT_NONE) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		size_t len =
		    end == NULL ? rest.len : (size_t)(end - rest.at) + 1;

		fault = header_line(&header, bytes_of(rest.at, len));
		rest = bytes_of(rest.at + len, rest.len - len);
		look(header.etag, sizeof(header.etag));
		look(header.last_modified, sizeof(header.last_modified));
		assert(header.length <= INT64_MAX);
	}
	assert(fault == FAULT_HTTP_HEADER || header.octets <= MOST);
	return 0;
}
