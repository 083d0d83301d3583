/* SPDX-License-Identifier: BSD-2-Clause */
/* summary - see summary.h. */
#include "output/summary.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdlib.h>

/* What is in the set, by the trust anchor of the first source. */
struct finals {
	uint64_t items[ITEM_KINDS];
};

static void
put_counts(struct pen *pen, const char *name,
    const uint64_t counters[REPORT_COUNTERS], const struct finals *finals)
{
	static const uint64_t none[REPORT_COUNTERS];
	const uint64_t *c = counters != NULL ? counters : none;

	pen_text(pen, name);
	pen_printf(pen, ": \n            ROAs: %7llu verified;\n",
	    (unsigned long long)c[REPORT_VALID_ROAS]);
	pen_printf(pen, "            VRPs: %7llu verified, %7llu final;\n",
	    (unsigned long long)c[REPORT_VRPS],
	    (unsigned long long)finals->items[ITEM_VRP]);
	pen_printf(pen, "    router certs: %7llu verified;\n",
	    (unsigned long long)c[REPORT_VALID_ROUTER_CERTS]);
	pen_printf(pen, "     router keys: %7llu verified, %7llu final;\n",
	    (unsigned long long)c[REPORT_ROUTER_KEYS],
	    (unsigned long long)finals->items[ITEM_ROUTER_KEY]);
	pen_printf(pen, "           ASPAs: %7llu verified, %7llu final;\n",
	    (unsigned long long)c[REPORT_VALID_ASPAS],
	    (unsigned long long)finals->items[ITEM_ASPA]);
}

static void
count_finals(const struct format_input *input, struct finals *tas,
    size_t ta_count, struct finals *total)
{
	struct source_room room;

	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; format_next(input, kind, &i); i++) {
			unsigned ta =
			    snapshot_source(input->snapshot, kind, i, 0, &room)
				->ta;

			total->items[kind]++;
			if (ta < ta_count) {
				tas[ta].items[kind]++;
			}
		}
	}
}

static void
add_counters(uint64_t sum[REPORT_COUNTERS], const struct report *report)
{
	for (size_t ta = 0; ta < report->ta_count; ta++) {
		for (unsigned i = 0; i < REPORT_COUNTERS; i++) {
			sum[i] += report->tas[ta].counters[i];
		}
	}
}

void
summary_write(struct pen *pen, const struct format_input *input)
{
	size_t count = snapshot_ta_count(input->snapshot);
	struct finals *tas = mem_zero(count + 1, sizeof(*tas));
	uint64_t sum[REPORT_COUNTERS] = { 0 };
	struct finals total = { { 0 } };
	struct clock_civil at;

	count_finals(input, tas, count, &total);
	clock_to_civil(input->now, &at);
	pen_printf(pen, "Summary at %04d-%02d-%02d %02d:%02d:%02d UTC\n",
	    at.year, at.month, at.day, at.hour, at.minute, at.second);
	for (size_t ta = 0; ta < count; ta++) {
		bool told =
		    input->report != NULL && ta < input->report->ta_count;

		put_counts(pen, snapshot_ta_name(input->snapshot, ta),
		    told ? input->report->tas[ta].counters : NULL, &tas[ta]);
	}
	if (input->report != NULL) {
		add_counters(sum, input->report);
	}
	put_counts(pen, "total", sum, &total);
	free(tas);
}
