/* SPDX-License-Identifier: BSD-2-Clause */
/* csv - see csv.h. */
#include "output/csv.h"

#include "base/clock.h"

/* "AS1,10.0.0.0/8,8" with `between` for the commas; where it is called, so that
 * what is between is a store. */
static inline __attribute__((always_inline)) void
put_vrp(struct pen *pen, const struct vrp *vrp, const char *between)
{
	pen_text(pen, "AS");
	pen_number(pen, vrp->asn);
	pen_text(pen, between);
	pen_prefix(pen, &vrp->prefix);
	pen_text(pen, between);
	pen_number(pen, vrp->max_length);
}

void
csv_write(struct pen *pen, const struct format_input *input)
{
	const struct snapshot *s = input->snapshot;

	pen_text(pen, "ASN,IP Prefix,Max Length,Trust Anchor\n");
	for (size_t i = 0; format_next(input, ITEM_VRP, &i); i++) {
		put_vrp(pen, snapshot_vrp(s, i), ",");
		pen_text(pen, ",");
		pen_text(pen, snapshot_ta(s, ITEM_VRP, i));
		pen_text(pen, "\n");
	}
}

void
csv_write_compat(struct pen *pen, const struct format_input *input)
{
	const struct snapshot *s = input->snapshot;

	pen_text(pen,
	    "\"ASN\",\"IP Prefix\",\"Max Length\",\"Trust Anchor\"\n");
	for (size_t i = 0; format_next(input, ITEM_VRP, &i); i++) {
		pen_text(pen, "\"");
		put_vrp(pen, snapshot_vrp(s, i), "\",\"");
		pen_text(pen, "\",\"");
		pen_text(pen, snapshot_ta(s, ITEM_VRP, i));
		pen_text(pen, "\"\n");
	}
}

static void
put_time(struct pen *pen, int64_t when)
{
	struct clock_civil at;

	clock_to_civil(when, &at);
	pen_printf(pen, "%04d-%02d-%02d %02d:%02d:%02d", at.year, at.month,
	    at.day, at.hour, at.minute, at.second);
}

void
csv_write_ext(struct pen *pen, const struct format_input *input)
{
	const struct snapshot *s = input->snapshot;
	struct source_room room;

	pen_text(pen, "URI,ASN,IP Prefix,Max Length,Not Before,Not After\n");
	for (size_t i = 0; format_next(input, ITEM_VRP, &i); i++) {
		const struct source *source =
		    snapshot_source(s, ITEM_VRP, i, 0, &room);
		bool local = source->kind == SOURCE_EXCEPTION;

		pen_text(pen, local ? "N/A" : source->uri);
		pen_text(pen, ",");
		put_vrp(pen, snapshot_vrp(s, i), ",");
		pen_text(pen, ",");
		if (local) {
			pen_text(pen, "N/A,N/A\n");
			continue;
		}
		put_time(pen, source->not_before);
		pen_text(pen, ",");
		put_time(pen, source->not_after);
		pen_text(pen, "\n");
	}
}

/* What never ends has an empty field: no number would be true. */
void
csv_write_rpkiclient(struct pen *pen, const struct format_input *input)
{
	const struct snapshot *s = input->snapshot;

	pen_text(pen, "ASN,IP Prefix,Max Length,Trust Anchor,Expires\n");
	for (size_t i = 0; format_next(input, ITEM_VRP, &i); i++) {
		int64_t expires = snapshot_expires(s, ITEM_VRP, i);

		put_vrp(pen, snapshot_vrp(s, i), ",");
		pen_text(pen, ",");
		pen_text(pen, snapshot_ta(s, ITEM_VRP, i));
		pen_text(pen, ",");
		if (expires != INT64_MAX) {
			pen_printf(pen, "%lld", (long long)expires);
		}
		pen_text(pen, "\n");
	}
}
