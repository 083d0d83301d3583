/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metric - one metric at a time in Prometheus' text or in OpenMetrics: names
 * and help from metrics.def, samples with labels escaped.
 */
#pragma once

#include "output/metrics.h"

enum metric {
#define METRIC(id, name, kind, unit, labels, help) METRIC_##id,
#include "output/metrics.def"
#undef METRIC
	METRICS
};

/* Where samples are written, and of which metric. */
struct metric_pen {
	struct pen *pen;
	enum metrics_form form;
	enum metric metric;
};

/* HELP and TYPE; the samples follow. */
void metric_begin(struct metric_pen *m, enum metric metric);

/* Labels as name and value in turn, ended by NULL. */
void metric_number(struct metric_pen *m, const char *const *labels,
    uint64_t value);
void metric_signed(struct metric_pen *m, const char *const *labels,
    int64_t value);
/* Millionths. NaN for INT64_MIN. */
void metric_micro(struct metric_pen *m, const char *const *labels,
    int64_t value);

/* A metric with one sample and no labels, whole. */
void metric_one(struct metric_pen *m, enum metric metric, uint64_t value);
void metric_one_signed(struct metric_pen *m, enum metric metric, int64_t value);
void metric_one_micro(struct metric_pen *m, enum metric metric, int64_t value);
