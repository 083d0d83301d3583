/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text is a set of exceptions or a mistake with a place. */
#include <stddef.h>
#include <stdint.h>

#include "payload/builder.h"
#include "payload/slurm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slurm_file file = { "f", bytes_of(data, size) };
	struct octets why = { .at = NULL };
	struct slurm *slurm = slurm_read(&file, 1, &why);
	const struct snapshot *empty, *applied;

	if (slurm == NULL) {
		if (why.len == 0) {
			__builtin_trap();
		}
	} else {
		empty = builder_seal(builder_new());
		applied = slurm_apply(slurm, empty, NULL);
		snapshot_put(applied);
		snapshot_put(empty);
		slurm_free(slurm);
	}
	octets_clear(&why);
	return 0;
}
