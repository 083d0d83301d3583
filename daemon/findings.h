/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * findings - what a run found wrong, a line each in the log, and what it cost.
 */
#pragma once

#include <stdbool.h>

#include "base/log.h"
#include "payload/report.h"

/*
 * One line at "info" of what the run did. What it found wrong: one line each,
 * at "warn" when the operator asked for them, else at "debug".
 */
void findings_log(struct log *log, const struct report *report, bool asked);
