/* SPDX-License-Identifier: BSD-2-Clause */
/* constraints - see constraints.h. */
#include "validator/constraints.h"

#include "base/ip.h"
#include "base/text.h"
#include "validator/ranges.h"

static bool
read_numbers(struct bytes first, struct bytes last, struct ranges *out)
{
	uint32_t min, max;

	if (!text_asn(first, &min) || !text_asn(last, &max) || min > max) {
		return false;
	}
	ranges_add_as(out, (struct as_range){ min, max });
	return true;
}

static bool
read_addresses(struct bytes first, struct bytes last, struct ranges *out)
{
	struct ip_prefix min, max;
	struct ip_range range;

	if (!ip_prefix_parse(&min, first, IP_LONE_ADDRESS) ||
	    !ip_prefix_parse(&max, last, IP_LONE_ADDRESS) ||
	    min.family != max.family) {
		return false;
	}
	range.min = ranges_of_prefix(&min).min;
	range.max = ranges_of_prefix(&max).max;
	if (ranges_compare(range.min, range.max) > 0) {
		return false;
	}
	ranges_add_ip(out, min.family, range);
	return true;
}

static bool
read_value(struct bytes value, struct ranges *out)
{
	struct bytes rest = value;
	struct bytes first = text_trim(text_cut(&rest, '-'));
	struct bytes last = rest.len > 0 ? text_trim(rest) : first;

	return read_numbers(first, last, out) ||
	       read_addresses(first, last, out);
}

static bool
read_line(struct bytes line, struct ranges *allow, struct ranges *deny)
{
	struct bytes word;

	line = text_trim(text_cut(&line, '#'));
	if (line.len > 0 && line.at[line.len - 1] == '\r') {
		line = text_trim(bytes_of(line.at, line.len - 1));
	}
	if (line.len == 0) {
		return true;
	}
	word = text_cut(&line, ' ');
	if (text_same(word, "allow")) {
		return read_value(text_trim(line), allow);
	}
	return text_same(word, "deny") && read_value(text_trim(line), deny);
}

bool
constraints_read(struct constraints *constraints, struct bytes text,
    unsigned *line, struct arena *arena)
{
	struct ranges *allow = ranges_new();
	struct ranges *deny = ranges_new();
	bool good = true;

	*constraints = (struct constraints){ 0 };
	*line = 0;
	while (good && text.len > 0) {
		++*line;
		good = read_line(text_cut(&text, '\n'), allow, deny);
	}
	ranges_seal(allow, &constraints->allow, arena);
	ranges_seal(deny, &constraints->deny, arena);
	return good;
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
