/* SPDX-License-Identifier: BSD-2-Clause */
/* routes - see routes.h. */
#include "daemon/routes.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/slurp.h"
#include "base/text.h"

enum { ROUTES_OCTETS = 64 << 20 };

static void
add(struct routes *routes, const struct route *route)
{
	routes->at = array_room(routes->at, routes->count, &routes->room,
	    sizeof(*routes->at));
	routes->at[routes->count++] = *route;
}

static bool
read_pair(struct route *route, struct bytes prefix, struct bytes asn)
{
	return ip_prefix_parse(&route->prefix, prefix, IP_LONE_ADDRESS) &&
	       text_asn(asn, &route->asn);
}

void
routes_one(struct routes *routes, const char *prefix, const char *asn)
{
	struct route route;

	if (read_pair(&route, text_bytes(prefix), text_bytes(asn))) {
		add(routes, &route);
	}
}

/* Cut at " => ", however many blanks there are. */
static bool
read_line(struct route *route, struct bytes line)
{
	const uint8_t *arrow = memmem(line.at, line.len, "=>", 2);
	size_t before;

	if (arrow == NULL) {
		return false;
	}
	before = (size_t)(arrow - line.at);
	return read_pair(route, text_trim(bytes_of(line.at, before)),
	    text_trim(bytes_of(arrow + 2, line.len - before - 2)));
}

static bool
parse_text(struct routes *routes, struct bytes text, const char *path,
    struct octets *why)
{
	for (unsigned n = 1; text.len > 0; n++) {
		struct bytes line = text_trim(text_cut(&text, '\n'));
		struct route route;

		if (line.len > 0 && line.at[line.len - 1] == '\r') {
			line.len--;
		}
		if (line.len == 0 || line.at[0] == '#') {
			continue;
		}
		if (!read_line(&route, line)) {
			octets_printf(why, "%s:%u: `", path, n);
			text_escape(why,
			    bytes_of(line.at, line.len < 80 ? line.len : 80));
			octets_printf(why,
			    "` is not like `192.0.2.0/24 => AS64496`");
			return false;
		}
		add(routes, &route);
	}
	return true;
}

static bool
read_object(struct route *route, const json_t *object)
{
	const json_t *prefix = json_object_get(object, "prefix");
	const json_t *asn = json_object_get(object, "asn");
	struct bytes text =
	    bytes_of(json_string_value(prefix), json_string_length(prefix));

	if (!json_is_string(prefix)) {
		return false;
	}
	if (json_is_string(asn)) {
		return read_pair(route, text,
		    bytes_of(json_string_value(asn), json_string_length(asn)));
	}
	if (!json_is_integer(asn) || json_integer_value(asn) < 0 ||
	    json_integer_value(asn) > UINT32_MAX) {
		return false;
	}
	route->asn = (uint32_t)json_integer_value(asn);
	return ip_prefix_parse(&route->prefix, text, IP_LONE_ADDRESS);
}

static bool
parse_list(struct routes *routes, const json_t *list, const char *path,
    struct octets *why)
{
	if (!json_is_array(list)) {
		octets_printf(why,
		    "%s: not an object with a list called \"routes\"", path);
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct route route;

		if (!read_object(&route, json_array_get(list, i))) {
			octets_printf(why,
			    "%s: route %zu is not like {\"asn\": \"AS64496\", "
			    "\"prefix\": \"192.0.2.0/24\"}",
			    path, i + 1);
			return false;
		}
		add(routes, &route);
	}
	return true;
}

static bool
parse_json(struct routes *routes, struct bytes text, const char *path,
    struct octets *why)
{
	json_error_t error;
	json_t *root = json_loadb(text.len > 0 ? (const char *)text.at : "",
	    text.len, JSON_REJECT_DUPLICATES, &error);
	bool good = false;

	if (root == NULL) {
		octets_printf(why, "%s:%d: ", path, error.line);
		text_escape(why, text_bytes(error.text));
	} else {
		good = parse_list(routes, json_object_get(root, "routes"), path,
		    why);
	}
	json_decref(root);
	return good;
}

bool
routes_parse(struct routes *routes, struct bytes text, const char *path,
    enum routes_form form, struct octets *why)
{
	return form == ROUTES_JSON ? parse_json(routes, text, path, why)
				   : parse_text(routes, text, path, why);
}

bool
routes_read(struct routes *routes, const char *path, enum routes_form form,
    struct octets *why)
{
	struct octets text = { 0 };
	bool good = slurp_file(&text, path, ROUTES_OCTETS, why) &&
		    routes_parse(routes, octets_bytes(&text), path, form, why);

	octets_clear(&text);
	return good;
}

void
routes_clear(struct routes *routes)
{
	free(routes->at);
	*routes = (struct routes){ 0 };
}
