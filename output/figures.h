/* SPDX-License-Identifier: BSD-2-Clause */
/* figures - the metrics of a run: trust anchors, repositories and faults. */
#pragma once

#include "output/metric.h"

void figures_write(struct metric_pen *m, const struct still *still);
