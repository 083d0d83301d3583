/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * findings - what a run found wrong, a line each in the log, and what it cost.
 */
#pragma once

#include "base/log.h"
#include "payload/policy.h"
#include "payload/report.h"

enum findings_tell {
	FINDINGS_QUIETLY, /* at "debug" */
	FINDINGS_ASKED,   /* rejections at "warn", oddities at "info" */
};

/*
 * At "info" what the run did and how often it met each fault; then a line for
 * each thing that it found wrong. The policy says what an oddity is.
 */
void findings_log(struct log *log, const struct report *report,
    const struct policy *policy, enum findings_tell tell);
