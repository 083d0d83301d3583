/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics - how kedge does, for Prometheus: metrics.def says what there is.
 */
#pragma once

#include "output/format.h"
#include "output/pen.h"
#include "output/still.h"

enum metrics_form { METRICS_PROMETHEUS, METRICS_OPEN };
enum metrics_routers { METRICS_SUMMED, METRICS_EACH };

const char *metrics_media(enum metrics_form form);

/* The still must have routers and rules. Without a report or an atlas, what
 * comes from them is left out. */
void metrics_write(struct pen *pen, const struct still *still,
    enum metrics_form form, enum metrics_routers routers);

/* What there is to say of one run and its set, whole: for a file that a
 * collector picks up. */
void metrics_write_run(struct pen *pen, const struct format_input *input);
