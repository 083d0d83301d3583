/* SPDX-License-Identifier: BSD-2-Clause */
/* validity - see validity.h. */
#include "output/validity.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/text.h"

const char *
validity_sentence(const struct origin_answer *answer)
{
	switch (answer->state) {
	case ORIGIN_VALID:
		return "At least one VRP Matches the Route Prefix";
	case ORIGIN_NOT_FOUND:
		return "No VRP Covers the Route Prefix";
	case ORIGIN_INVALID:
		break;
	}
	return answer->reason == ORIGIN_AS
		   ? "At least one VRP Covers the Route Prefix, but no VRP ASN "
		     "matches the route origin ASN"
		   : "At least one VRP Covers the Route Prefix, but the Route Prefix "
		     "length is greater than the maximum length allowed by VRP(s) "
		     "matching this route origin ASN";
}

const char *
validity_reason(const struct origin_answer *answer)
{
	switch (answer->reason) {
	case ORIGIN_AS:
		return "as";
	case ORIGIN_LENGTH:
		return "length";
	case ORIGIN_NO_REASON:
		break;
	}
	return NULL;
}

static void
put_list(struct pen *pen, const struct origin_index *index,
    const struct origin_list *list, const char *name)
{
	pen_printf(pen, "          \"%s\": [", name);
	for (size_t i = 0; i < list->count; i++) {
		const struct vrp *vrp = origin_vrp(index, list->at[i]);

		pen_printf(pen,
		    "%s\n            { \"asn\": \"AS%u\", \"prefix\": \"",
		    i == 0 ? "" : ",", vrp->asn);
		pen_prefix(pen, &vrp->prefix);
		pen_printf(pen, "\", \"max_length\": \"%u\" }",
		    vrp->max_length);
	}
	pen_text(pen, list->count == 0 ? "]" : "\n          ]");
}

static void
put_route(struct pen *pen, const struct origin_index *index,
    const struct validity_route *route, const struct origin_answer *answer)
{
	const char *reason = validity_reason(answer);

	pen_printf(pen,
	    "{\n      \"route\": {\n        \"origin_asn\": \"AS%u\",\n"
	    "        \"prefix\": \"",
	    route->asn);
	pen_prefix(pen, &route->prefix);
	pen_printf(pen,
	    "\"\n      },\n      \"validity\": {\n        \"state\": \"%s\",\n",
	    origin_state_name(answer->state));
	if (reason != NULL) {
		pen_printf(pen, "        \"reason\": \"%s\",\n", reason);
	}
	pen_printf(pen,
	    "        \"description\": \"%s\",\n        \"VRPs\": {\n",
	    validity_sentence(answer));
	put_list(pen, index, &answer->matched, "matched");
	pen_text(pen, ",\n");
	put_list(pen, index, &answer->unmatched_as, "unmatched_as");
	pen_text(pen, ",\n");
	put_list(pen, index, &answer->unmatched_length, "unmatched_length");
	pen_text(pen, "\n        }\n      }\n    }");
}

void
validity_write(struct pen *pen, const struct origin_index *index,
    const struct validity_route *route, int64_t now, struct arena *arena)
{
	struct origin_answer answer =
	    origin_explain(index, &route->prefix, route->asn, arena);

	pen_text(pen, "{\n  \"validated_route\": ");
	put_route(pen, index, route, &answer);
	pen_text(pen, ",\n  \"generatedTime\": \"");
	pen_time(pen, now);
	pen_text(pen, "\"\n}\n");
}

void
validity_begin(struct pen *pen)
{
	pen_text(pen, "{\n  \"validated_routes\": [");
}

void
validity_add(struct pen *pen, const struct origin_index *index,
    const struct validity_route *route, size_t place, struct arena *arena)
{
	struct origin_answer answer =
	    origin_explain(index, &route->prefix, route->asn, arena);

	pen_text(pen, place == 0 ? "\n    " : ",\n    ");
	put_route(pen, index, route, &answer);
}

void
validity_end(struct pen *pen, int64_t now)
{
	pen_text(pen, "\n  ],\n  \"generatedTime\": \"");
	pen_time(pen, now);
	pen_text(pen, "\"\n}\n");
}

/* --- bulk questions */

struct reading {
	struct bytes in, rest;
	struct octets *why;
};

/* A mistake at the place that was come to. */
static bool
wrong(struct reading *r, const char *what)
{
	unsigned line = 1;

	for (const uint8_t *p = r->in.at; p < r->rest.at; p++) {
		line += *p == '\n';
	}
	octets_printf(r->why, "line %u of the body: %s", line, what);
	return false;
}

static void
blanks(struct reading *r)
{
	while (r->rest.len > 0 && memchr(" \t\r\n", r->rest.at[0], 4) != NULL) {
		r->rest = bytes_of(r->rest.at + 1, r->rest.len - 1);
	}
}

/* Is this the next mark? Then it is behind us. */
static bool
mark(struct reading *r, char c)
{
	blanks(r);
	if (r->rest.len == 0 || r->rest.at[0] != (uint8_t)c) {
		return false;
	}
	r->rest = bytes_of(r->rest.at + 1, r->rest.len - 1);
	return true;
}

/* The next value, whatever it is; NULL with a complaint. */
static json_t *
value(struct reading *r)
{
	json_error_t error;
	json_t *root;

	blanks(r);
	root = json_loadb((const char *)r->rest.at, r->rest.len,
	    JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
	    &error);
	if (root == NULL) {
		(void)wrong(r, "no JSON here");
		return NULL;
	}
	r->rest = bytes_of(r->rest.at + error.position,
	    r->rest.len - (size_t)error.position);
	return root;
}

static bool
take_asn(const json_t *asn, uint32_t *out)
{
	if (json_is_string(asn)) {
		return text_asn(bytes_of(json_string_value(asn),
				    json_string_length(asn)),
		    out);
	}
	if (!json_is_integer(asn) || json_integer_value(asn) < 0 ||
	    json_integer_value(asn) > UINT32_MAX) {
		return false;
	}
	*out = (uint32_t)json_integer_value(asn);
	return true;
}

static bool
read_pair(struct reading *r, struct validity_route *route)
{
	json_t *object = value(r);
	const json_t *prefix = json_object_get(object, "prefix");
	bool good;

	if (object == NULL) {
		return false;
	}
	good =
	    json_is_string(prefix) &&
	    ip_prefix_parse(&route->prefix,
		bytes_of(json_string_value(prefix), json_string_length(prefix)),
		IP_LONE_ADDRESS) &&
	    take_asn(json_object_get(object, "asn"), &route->asn);
	json_decref(object);
	return good || wrong(r, "a route is like {\"asn\": \"AS64496\", "
				"\"prefix\": \"192.0.2.0/24\"}");
}

static bool
read_list(struct reading *r, struct validity_route **routes, size_t *count)
{
	size_t room = 0;

	if (!mark(r, '[')) {
		return wrong(r, "\"routes\" is not a list");
	}
	if (mark(r, ']')) {
		return true;
	}
	do {
		*routes = array_room(*routes, *count, &room, sizeof(**routes));
		if (!read_pair(r, &(*routes)[*count])) {
			return false;
		}
		(*count)++;
	} while (mark(r, ','));
	return mark(r, ']') || wrong(r, "the list has no end");
}

/* One member of the outer object; others than "routes" are passed over. */
static bool
read_member(struct reading *r, struct validity_route **routes, size_t *count,
    bool *found)
{
	json_t *key = value(r);
	bool ours = json_is_string(key) &&
		    strcmp(json_string_value(key), "routes") == 0;
	bool named = json_is_string(key);
	json_t *other;

	json_decref(key);
	if (key == NULL) {
		return false;
	}
	if (!named || !mark(r, ':')) {
		return wrong(r, "an object has names with colons");
	}
	if (ours) {
		bool first = !*found;

		*found = true;
		return first ? read_list(r, routes, count)
			     : wrong(r, "a second \"routes\"");
	}
	other = value(r);
	json_decref(other);
	return other != NULL;
}

bool
validity_read(struct validity_route **routes, size_t *count, struct bytes text,
    struct octets *why)
{
	struct reading r = { .in = text, .rest = text, .why = why };
	bool found = false;

	*routes = NULL;
	*count = 0;
	if (!mark(&r, '{')) {
		return wrong(&r, "not a JSON object");
	}
	if (!mark(&r, '}')) {
		do {
			if (!read_member(&r, routes, count, &found)) {
				return false;
			}
		} while (mark(&r, ','));
		if (!mark(&r, '}')) {
			return wrong(&r, "the object has no end");
		}
	}
	blanks(&r);
	if (r.rest.len != 0) {
		return wrong(&r, "something follows the object");
	}
	return found || wrong(&r, "there is no list called \"routes\"");
}
