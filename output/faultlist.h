/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * faultlist - what the last run found wrong, as JSON: by repository, trust
 * anchor and label, and one by one.
 */
#pragma once

#include "output/jot.h"
#include "output/still.h"

/* NULL: any. */
struct faultlist_choice {
	const char *repository, *ta, *label;
};

void faultlist_write(struct pen *pen, const struct still *still,
    const struct faultlist_choice *choice);

/* One finding as an object; also for those who explain. */
void faultlist_put(struct jot *jot, const struct report *report,
    const struct report_finding *finding);
