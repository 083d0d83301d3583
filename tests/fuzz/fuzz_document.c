/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a snapshot or a delta: built once as each. */
#include <string.h>

#include "rrdp/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const char *const fuzz_folders[];
const char *const fuzz_folders[] = { FUZZ_FOLDER, NULL };

/* Touch what is lent, so that a sanitizer sees what is not there. */
static enum fault
touch(void *arg, const struct document_item *item)
{
	size_t *sum = arg;

	*sum += strlen(item->uri);
	for (size_t i = 0; i < item->octets.len; i++) {
		*sum += item->octets.at[i];
	}
	return FAULT_NONE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes left = bytes_of(data, size);
	struct xml_source source = xml_octets(&left);
	struct document_report report;
	size_t sum = 0;
	struct document_job job = {
		.kind = FUZZ_KIND,
		.session = "9df4b597-af9e-4dca-bdda-719cce2c4e28",
		.serial = 3,
		.max_object = 2000,
		.max_octets = 10000,
		.max_items = 100,
		.item = touch,
		.arg = &sum,
	};

	(void)document_read(&job, &source, &report);
	return 0;
}
