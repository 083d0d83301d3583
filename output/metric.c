/* SPDX-License-Identifier: BSD-2-Clause */
/* metric - see metric.h. */
#include "output/metric.h"

#include "base/text.h"

enum kind { GAUGE, COUNTER, UNKNOWN };

static const struct {
	const char *name;
	enum kind kind;
	const char *unit;
	const char *help;
} rows[] = {
#define METRIC(id, name, kind, unit, labels, help)                             \
	[METRIC_##id] = { name, kind, unit, help },
#include "output/metrics.def"
#undef METRIC
};

static const char *
kind_name(enum kind kind, enum metrics_form form)
{
	switch (kind) {
	case GAUGE:
		return "gauge";
	case COUNTER:
		return "counter";
	case UNKNOWN:
		break;
	}
	return form == METRICS_OPEN ? "unknown" : "untyped";
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len > tail && text[len - tail - 1] == '_' &&
	       strcmp(text + len - tail, end) == 0;
}

/* In the old text, a counter's family is named like its samples. */
static const char *
total(const struct metric_pen *m)
{
	return rows[m->metric].kind == COUNTER ? "_total" : "";
}

void
metric_begin(struct metric_pen *m, enum metric metric)
{
	const char *name = rows[metric].name;
	const char *unit = rows[metric].unit;
	const char *end;

	m->metric = metric;
	end = m->form == METRICS_OPEN ? "" : total(m);
	pen_printf(m->pen, "# HELP kedge_%s%s ", name, end);
	pen_text(m->pen, rows[metric].help);
	pen_printf(m->pen, "\n# TYPE kedge_%s%s %s\n", name, end,
	    kind_name(rows[metric].kind, m->form));
	if (m->form == METRICS_OPEN && unit[0] != '\0' && ends_in(name, unit)) {
		pen_printf(m->pen, "# UNIT kedge_%s %s\n", name, unit);
	}
}

/* JSON's escapes for quotes, backslashes and bad UTF-8 are the same; what else
 * it escapes is not let in. */
static void
put_label(struct pen *pen, const char *value)
{
	struct octets clean = { 0 };

	for (const char *p = value; *p != '\0'; p++) {
		octets_u8(&clean,
		    (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : (uint8_t)*p);
	}
	text_json(&pen->buffer, octets_bytes(&clean));
	octets_clear(&clean);
}

static void
put_name(struct metric_pen *m, const char *const *labels)
{
	pen_text(m->pen, "kedge_");
	pen_text(m->pen, rows[m->metric].name);
	pen_text(m->pen, total(m));
	for (size_t i = 0; labels != NULL && labels[i] != NULL; i += 2) {
		pen_text(m->pen, i == 0 ? "{" : ",");
		pen_text(m->pen, labels[i]);
		pen_text(m->pen, "=\"");
		put_label(m->pen, labels[i + 1]);
		pen_text(m->pen, labels[i + 2] == NULL ? "\"}" : "\"");
	}
}

void
metric_number(struct metric_pen *m, const char *const *labels, uint64_t value)
{
	put_name(m, labels);
	pen_printf(m->pen, " %llu\n", (unsigned long long)value);
}

void
metric_signed(struct metric_pen *m, const char *const *labels, int64_t value)
{
	put_name(m, labels);
	pen_printf(m->pen, " %lld\n", (long long)value);
}

void
metric_micro(struct metric_pen *m, const char *const *labels, int64_t value)
{
	bool minus = value < 0;
	uint64_t size = minus ? 0 - (uint64_t)value : (uint64_t)value;

	put_name(m, labels);
	if (value == INT64_MIN) {
		pen_text(m->pen, " NaN\n");
		return;
	}
	pen_printf(m->pen, " %s%llu.%06llu\n", minus ? "-" : "",
	    (unsigned long long)(size / 1000000),
	    (unsigned long long)(size % 1000000));
}

void
metric_one(struct metric_pen *m, enum metric metric, uint64_t value)
{
	metric_begin(m, metric);
	metric_number(m, NULL, value);
}

void
metric_one_signed(struct metric_pen *m, enum metric metric, int64_t value)
{
	metric_begin(m, metric);
	metric_signed(m, NULL, value);
}

void
metric_one_micro(struct metric_pen *m, enum metric metric, int64_t value)
{
	metric_begin(m, metric);
	metric_micro(m, NULL, value);
}
