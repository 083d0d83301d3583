/* SPDX-License-Identifier: BSD-2-Clause */
/* publish - see publish.h. */
#include "daemon/publish.h"

#include <stdlib.h>

#include "base/mem.h"

struct publish *
publish_new(const struct snapshot *plain, const struct snapshot *before,
    const struct shape *shape)
{
	struct publish *publish = mem_zero(1, sizeof(*publish));

	publish->plain = plain;
	publish->before = before;
	publish->shape = *shape;
	return publish;
}

void
publish_free(struct publish *publish)
{
	if (publish == NULL) {
		return;
	}
	snapshot_put(publish->plain);
	snapshot_put(publish->before);
	snapshot_put(publish->fresh);
	delta_put(publish->delta);
	shape_clear(&publish->effects);
	free(publish);
}

void
publish_work(struct publish *publish)
{
	publish->fresh =
	    shape_apply(&publish->shape, publish->plain, &publish->effects);
	if (publish->before != NULL) {
		publish->delta = delta_new(publish->before, publish->fresh);
	}
}
