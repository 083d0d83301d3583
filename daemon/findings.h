/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * findings - what a run found wrong, a line each in the log, and what it cost.
 */
#pragma once

#include "base/log.h"
#include "payload/report.h"

enum findings_tell {
	FINDINGS_QUIETLY, /* at "debug" */
	FINDINGS_ASKED,   /* rejections at "warn", oddities at "info" */
	FINDINGS_STRICT,  /* oddities reject: all at "warn" */
};

/* One line at "info" of what the run did, and one for each thing that it found
 * wrong. */
void findings_log(struct log *log, const struct report *report,
    enum findings_tell tell);
