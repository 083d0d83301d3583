/* SPDX-License-Identifier: BSD-2-Clause */
/* rpsl - see rpsl.h. */
#include "output/rpsl.h"

#include <ctype.h>

static void
put_upper(struct pen *pen, const char *text)
{
	for (; *text != 0; text++) {
		const char one[2] = { (char)toupper((unsigned char)*text) };

		pen_text(pen, one);
	}
}

void
rpsl_write(struct pen *pen, const struct format_input *input)
{
	const struct snapshot *s = input->snapshot;

	for (size_t i = 0; format_next(input, ITEM_VRP, &i); i++) {
		const struct vrp *vrp = snapshot_vrp(s, i);

		pen_text(pen,
		    vrp->prefix.family == IP_V4 ? "\nroute: " : "\nroute6: ");
		pen_prefix(pen, &vrp->prefix);
		pen_text(pen, "\norigin: AS");
		pen_number(pen, vrp->asn);
		pen_text(pen,
		    "\ndescr: RPKI attestation\nmnt-by: NA\ncreated: ");
		pen_time(pen, input->now);
		pen_text(pen, "\nlast-modified: ");
		pen_time(pen, input->now);
		pen_text(pen, "\nsource: ROA-");
		put_upper(pen, snapshot_ta(s, ITEM_VRP, i));
		pen_text(pen, "-RPKI-ROOT\n\n");
	}
}
