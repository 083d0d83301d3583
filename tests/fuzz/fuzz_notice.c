/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a notification. */
#include "rrdp/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const char *const fuzz_folders[];
const char *const fuzz_folders[] = { "rrdp/notification", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes left = bytes_of(data, size);
	struct xml_source source = xml_octets(&left);
	struct arena *arena = arena_new();
	struct notice notice;
	char detail[XML_DETAIL];

	if (notice_read(&notice, &source, arena, detail) == FAULT_NONE) {
		(void)notice_origin(&notice, &notice.snapshot.uri);
	}
	arena_free(arena);
	return 0;
}
