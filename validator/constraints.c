/* SPDX-License-Identifier: BSD-2-Clause */
/* constraints - see constraints.h. */
#include "validator/constraints.h"

#include "base/text.h"
#include "payload/proviso.h"
#include "validator/ranges.h"

static void
take(const struct proviso *proviso, struct ranges *out)
{
	if (proviso->numbers) {
		ranges_add_as(out,
		    (struct as_range){ proviso->first_as, proviso->last_as });
	} else {
		ranges_add_ip(out, proviso->first.family,
		    (struct ip_range){
			.min = ranges_of_prefix(&proviso->first).min,
			.max = ranges_of_prefix(&proviso->last).max,
		    });
	}
}

bool
constraints_read(struct constraints *constraints, struct bytes text,
    unsigned *line, struct arena *arena)
{
	struct ranges *allow = ranges_new();
	struct ranges *deny = ranges_new();
	enum proviso_line what = PROVISO_NONE;

	*constraints = (struct constraints){ 0 };
	*line = 0;
	while (what != PROVISO_WRONG && text.len > 0) {
		struct proviso proviso;

		++*line;
		what = proviso_read(&proviso, text_cut(&text, '\n'));
		if (what == PROVISO_GOOD) {
			take(&proviso, proviso.deny ? deny : allow);
		}
	}
	ranges_seal(allow, &constraints->allow, arena);
	ranges_seal(deny, &constraints->deny, arena);
	return what != PROVISO_WRONG;
}

static bool
ip_meets(const struct ip_set *a, const struct ip_set *b)
{
	size_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		if (ranges_compare(a->ranges[i].max, b->ranges[j].min) < 0) {
			i++;
		} else if (ranges_compare(b->ranges[j].max, a->ranges[i].min) <
			   0) {
			j++;
		} else {
			return true;
		}
	}
	return false;
}

static bool
as_meets(const struct as_set *a, const struct as_set *b)
{
	size_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		if (a->ranges[i].max < b->ranges[j].min) {
			i++;
		} else if (b->ranges[j].max < a->ranges[i].min) {
			j++;
		} else {
			return true;
		}
	}
	return false;
}

/* The part of `r` about which `allow` has something to say: both list it. */
static struct resources
spoken_for(const struct resources *r, const struct resources *allow)
{
	struct resources part = { 0 };

	if (allow->v4.choice == r->v4.choice) {
		part.v4 = r->v4;
	}
	if (allow->v6.choice == r->v6.choice) {
		part.v6 = r->v6;
	}
	if (allow->as.choice == r->as.choice) {
		part.as = r->as;
	}
	return part;
}

bool
constraints_allow(const struct constraints *constraints,
    const struct resources *own, enum cert_kind kind)
{
	struct resources part;

	if (constraints == NULL || kind == CERT_CA || kind == CERT_TA) {
		return true;
	}
	part = spoken_for(own, &constraints->allow);
	return resources_within(&part, &constraints->allow) &&
	       !ip_meets(&own->v4, &constraints->deny.v4) &&
	       !ip_meets(&own->v6, &constraints->deny.v6) &&
	       !as_meets(&own->as, &constraints->deny.as);
}
