/* SPDX-License-Identifier: BSD-2-Clause */
/* query - see query.h. */
#include "output/query.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/text.h"

enum { PARAMETERS_MOST = 1000, VALUE_MOST = 8192 };

static const struct head_refusal fine = { 0, NULL };

static struct head_refusal
refuse(const char *why)
{
	return (struct head_refusal){ 400, why };
}

/* --- percent-encoding */

bool
query_decode(struct bytes *out, struct bytes in, enum query_plus plus,
    struct arena *arena)
{
	uint8_t *text = arena_zero(arena, in.len + 1, 1);
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.at[i];

		if (c == '%') {
			bool room = i + 2 < in.len;
			int high = room ? text_digit(in.at[i + 1]) : -1;
			int low = room ? text_digit(in.at[i + 2]) : -1;

			if (high < 0 || low < 0) {
				return false;
			}
			c = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus == QUERY_BLANK) {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f) {
			return false;
		}
		text[len++] = c;
	}
	*out = bytes_of(text, len);
	return true;
}

/* --- the parameters */

struct reading {
	struct ask *ask;
	struct arena *arena;
	uint32_t *asns; /* the heap's until they are sorted */
	size_t asn_room;
	struct ip_prefix *prefixes;
	size_t prefix_room;
	bool has_serial;
};

static struct head_refusal
add_asn(struct reading *r, struct bytes value)
{
	struct filter *filter = &r->ask->filter;
	uint32_t asn;

	if (!text_asn(value, &asn)) {
		return refuse("not an AS number, like AS64496");
	}
	r->asns = array_room(r->asns, filter->asn_count, &r->asn_room,
	    sizeof(*r->asns));
	r->asns[filter->asn_count++] = asn;
	return fine;
}

static struct head_refusal
add_prefix(struct reading *r, struct bytes value)
{
	struct filter *filter = &r->ask->filter;
	struct ip_prefix prefix;

	if (!ip_prefix_parse(&prefix, value, IP_LONE_ADDRESS)) {
		return refuse("not a prefix, like 192.0.2.0/24");
	}
	r->prefixes = array_room(r->prefixes, filter->prefix_count,
	    &r->prefix_room, sizeof(*r->prefixes));
	r->prefixes[filter->prefix_count++] = prefix;
	return fine;
}

/* A list of either, with commas. */
static struct head_refusal
add_resources(struct reading *r, struct bytes value)
{
	while (value.len > 0) {
		struct bytes item = text_trim(text_cut(&value, ','));
		uint32_t asn;
		struct head_refusal refusal = text_asn(item, &asn)
						  ? add_asn(r, item)
						  : add_prefix(r, item);

		if (refusal.status != 0) {
			return refuse(
			    "select-resources is a list of AS numbers and "
			    "prefixes, with commas");
		}
	}
	return fine;
}

static struct head_refusal
set_include(struct reading *r, struct bytes value)
{
	while (value.len > 0) {
		if (!text_same(text_cut(&value, ','), "more-specifics")) {
			return refuse("include can only be more-specifics");
		}
		r->ask->filter.more_specifics = true;
	}
	return fine;
}

static struct head_refusal
set_exclude(struct reading *r, struct bytes value)
{
	static const char *const names[ITEM_KINDS] = {
		[ITEM_VRP] = "routeOrigins",
		[ITEM_ROUTER_KEY] = "routerKeys",
		[ITEM_ASPA] = "aspas",
	};

	while (value.len > 0) {
		struct bytes item = text_cut(&value, ',');
		unsigned kind = 0;

		while (kind < ITEM_KINDS && !text_same(item, names[kind])) {
			kind++;
		}
		if (kind == ITEM_KINDS) {
			return refuse(
			    "exclude lists routeOrigins, routerKeys, aspas");
		}
		r->ask->filter.without[kind] = true;
	}
	return fine;
}

/* The page's form sends every field, also those left empty. */
static bool
left_empty(const struct reading *r, struct bytes value)
{
	return value.len == 0 && r->ask->what == ASK_PAGE;
}

static struct head_refusal
set_prefix(struct reading *r, struct bytes value)
{
	if (left_empty(r, value)) {
		return fine;
	}
	if (r->ask->has_prefix ||
	    !ip_prefix_parse(&r->ask->prefix, value, IP_QUESTION)) {
		return refuse("prefix is one prefix, like 192.0.2.0/24");
	}
	r->ask->has_prefix = true;
	return fine;
}

static struct head_refusal
set_asn(struct reading *r, struct bytes value)
{
	if (left_empty(r, value)) {
		return fine;
	}
	if (r->ask->has_asn || !text_asn(value, &r->ask->asn)) {
		return refuse("asn is one AS number, like AS64496");
	}
	r->ask->has_asn = true;
	return fine;
}

static struct head_refusal
set_session(struct reading *r, struct bytes value)
{
	if (r->ask->has_session ||
	    !text_uint(value, UINT64_MAX, &r->ask->session)) {
		return refuse("session is one number");
	}
	r->ask->has_session = true;
	return fine;
}

static struct head_refusal
set_serial(struct reading *r, struct bytes value)
{
	uint64_t serial;

	if (r->has_serial || !text_uint(value, UINT32_MAX, &serial)) {
		return refuse("serial is one number of 32 bits");
	}
	r->ask->serial = (uint32_t)serial;
	r->has_serial = true;
	return fine;
}

/* The value is in the arena and ends in NUL. */
static struct head_refusal
set_text(const char **text, struct bytes value, const char *why)
{
	if (*text != NULL || value.len == 0) {
		return refuse(why);
	}
	*text = (const char *)value.at;
	return fine;
}

static struct head_refusal
set_uri(struct reading *r, struct bytes value)
{
	return set_text(&r->ask->uri, value, "uri is one URI");
}

static struct head_refusal
set_repository(struct reading *r, struct bytes value)
{
	return set_text(&r->ask->repository, value, "repository is one URI");
}

static struct head_refusal
set_ta(struct reading *r, struct bytes value)
{
	return set_text(&r->ask->ta, value, "ta is one name");
}

static struct head_refusal
set_label(struct reading *r, struct bytes value)
{
	return set_text(&r->ask->label, value, "label is one fault's label");
}

static struct head_refusal
set_since(struct reading *r, struct bytes value)
{
	return set_text(&r->ask->since, value, "since is one time or serial");
}

static const struct {
	const char *name;
	unsigned may;
	struct head_refusal (*take)(struct reading *, struct bytes value);
} parameters[] = {
	{ "select-asn", QUERY_SELECT, add_asn },
	{ "filter-asn", QUERY_SELECT, add_asn },
	{ "select-prefix", QUERY_SELECT, add_prefix },
	{ "filter-prefix", QUERY_SELECT, add_prefix },
	{ "select-resources", QUERY_SELECT, add_resources },
	{ "include", QUERY_SELECT, set_include },
	{ "exclude", QUERY_SELECT, set_exclude },
	{ "prefix", QUERY_ROUTE, set_prefix },
	{ "asn", QUERY_ROUTE, set_asn },
	{ "session", QUERY_SESSION, set_session },
	{ "serial", QUERY_SESSION, set_serial },
	{ "uri", QUERY_EXPLAIN, set_uri },
	{ "repository", QUERY_FAULTS, set_repository },
	{ "ta", QUERY_FAULTS, set_ta },
	{ "label", QUERY_FAULTS, set_label },
	{ "since", QUERY_SINCE, set_since },
};

enum { PARAMETERS = sizeof(parameters) / sizeof(parameters[0]) };

/* What this path does know. */
static const char *
known(unsigned may, struct arena *arena)
{
	const char *said = may == 0 ? "none" : "";

	for (size_t i = 0; i < PARAMETERS; i++) {
		if ((parameters[i].may & may) != 0) {
			said = arena_printf(arena, "%s%s%s", said,
			    said[0] == '\0' ? "" : ", ", parameters[i].name);
		}
	}
	return arena_printf(arena,
	    "this path does not know that query parameter; it knows %s", said);
}

static struct head_refusal
read_parameter(struct reading *r, unsigned may, struct bytes item)
{
	struct bytes raw = text_cut(&item, '=');
	struct bytes name, value;

	if (item.len > VALUE_MOST ||
	    !query_decode(&name, raw, QUERY_BLANK, r->arena) ||
	    !query_decode(&value, item, QUERY_BLANK, r->arena)) {
		return refuse("the query is badly encoded");
	}
	for (size_t i = 0; i < PARAMETERS; i++) {
		if ((parameters[i].may & may) != 0 &&
		    text_same(name, parameters[i].name)) {
			return parameters[i].take(r, value);
		}
	}
	return refuse(known(may, r->arena));
}

static void
keep_lists(struct reading *r)
{
	struct filter *filter = &r->ask->filter;

	filter_select(filter, r->asns, filter->asn_count, r->prefixes,
	    filter->prefix_count);
	filter->asns = (const uint32_t *)(const void *)arena_copy(r->arena,
	    bytes_of(r->asns, filter->asn_count * sizeof(*r->asns)))
			   .at;
	filter->prefixes =
	    (const struct ip_prefix *)(const void *)arena_copy(r->arena,
		bytes_of(r->prefixes,
		    filter->prefix_count * sizeof(*r->prefixes)))
		.at;
	free(r->asns);
	free(r->prefixes);
}

struct head_refusal
query_read(struct ask *ask, unsigned may, struct bytes query,
    struct arena *arena)
{
	struct reading r = { .ask = ask, .arena = arena };
	struct head_refusal refusal = fine;
	unsigned count = 0;

	while (query.len > 0 && refusal.status == 0) {
		struct bytes item = text_cut(&query, '&');

		if (item.len > 0) {
			refusal = count++ < PARAMETERS_MOST
				      ? read_parameter(&r, may, item)
				      : refuse("too many parameters");
		}
	}
	keep_lists(&r);
	if (refusal.status == 0 && r.has_serial != ask->has_session) {
		refusal = refuse("session and serial go together");
	}
	ask->filtered = ask->filter.asn_count > 0 ||
			ask->filter.prefix_count > 0 || ask->label != NULL ||
			ask->ta != NULL || ask->repository != NULL;
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		ask->filtered |= ask->filter.without[kind];
	}
	return refusal;
}
