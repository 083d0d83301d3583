/* SPDX-License-Identifier: BSD-2-Clause */
/* ask - see ask.h. */
#include "output/ask.h"

#include "base/text.h"
#include "output/query.h"

/* --- the paths */

enum {
	READS = 1 << HEAD_GET | 1 << HEAD_HEAD | 1 << HEAD_OPTIONS,
	POSTS = 1 << HEAD_POST,
};

struct row {
	const char *path;
	enum ask_what what;
	unsigned methods;
	unsigned may;
	bool json;
	const char *format;
};

static const struct row rows[] = {
	{ "/", ASK_PAGE, READS, QUERY_ROUTE, false, NULL },
	{ "/api/v1/origins/", ASK_FORMAT, READS, QUERY_SELECT, true, "json" },
	{ "/api/v1/origins", ASK_FORMAT, READS, QUERY_SELECT, true, "json" },
	{ "/validity", ASK_VALIDITY, READS | POSTS, QUERY_ROUTE, true, NULL },
	{ "/json-delta", ASK_DELTA, READS, QUERY_SESSION, true, NULL },
	{ "/json-delta/notify", ASK_NOTIFY, READS, QUERY_SESSION, true, NULL },
	{ "/api/v1/status", ASK_STATUS, READS, 0, true, NULL },
	{ "/status", ASK_STATUS_TEXT, READS, 0, false, NULL },
	{ "/metrics", ASK_METRICS, READS, 0, false, NULL },
	{ "/version", ASK_VERSION, READS, 0, false, NULL },
	{ "/log", ASK_LOG, READS, 0, false, NULL },
	{ "/healthz", ASK_HEALTH, READS, 0, false, NULL },
	{ "/readyz", ASK_READY, READS, 0, false, NULL },
	{ "/api/v1/faults", ASK_FAULTS, READS, QUERY_FAULTS, true, NULL },
	{ "/api/v1/explain", ASK_EXPLAIN, READS, QUERY_ROUTE | QUERY_EXPLAIN,
	    true, NULL },
	{ "/api/v1/changes", ASK_CHANGES, READS, QUERY_SINCE, true, NULL },
};

/* "/api/v1/validity/AS64496/192.0.2.0/24": the route is part of the path. */
static const char validity_path[] = "/api/v1/validity/";
static const struct row validity_row = { validity_path, ASK_VALIDITY, READS, 0,
	true, NULL };

static struct head_refusal
refuse(unsigned status, const char *why)
{
	return (struct head_refusal){ status, why };
}

static const struct head_refusal fine = { 0, NULL };

/* --- from path to plan */

static const struct row *
find_row(struct bytes path)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (text_same(path, rows[i].path)) {
			return &rows[i];
		}
	}
	return NULL;
}

/* "/csv": a format by its name. */
static const struct format *
find_format(struct bytes path)
{
	for (size_t i = 0; format_row(i) != NULL; i++) {
		if (text_same(bytes_of(path.at + 1, path.len - 1),
			format_row(i)->name)) {
			return format_row(i);
		}
	}
	return NULL;
}

/* AS/PREFIX, the rest of the path. */
static struct head_refusal
read_route(struct ask *ask, struct bytes rest, struct arena *arena)
{
	struct bytes text;
	struct bytes asn;

	if (!query_decode(&text, rest, QUERY_PLUS, arena)) {
		return refuse(400, "the path is badly encoded");
	}
	asn = text_cut(&text, '/');
	ask->has_asn = text_asn(asn, &ask->asn);
	ask->has_prefix = ip_prefix_parse(&ask->prefix, text, IP_QUESTION);
	if (!ask->has_asn || !ask->has_prefix) {
		return refuse(400, "the path is like "
				   "/api/v1/validity/AS64496/192.0.2.0/24");
	}
	return fine;
}

/* The row of the path, and what the path itself says. */
static const struct row *
read_path(struct ask *ask, struct bytes path, struct arena *arena,
    struct head_refusal *refusal)
{
	static const struct row text_row = { NULL, ASK_FORMAT, READS,
		QUERY_SELECT, false, NULL };
	static const struct row json_row = { NULL, ASK_FORMAT, READS,
		QUERY_SELECT, true, NULL };
	const struct row *row = find_row(path);
	size_t prefix = strlen(validity_path);

	if (row != NULL) {
		ask->format =
		    row->format == NULL ? NULL : format_find(row->format);
		return row;
	}
	if (path.len > prefix && memcmp(path.at, validity_path, prefix) == 0) {
		*refusal = read_route(ask,
		    bytes_of(path.at + prefix, path.len - prefix), arena);
		return &validity_row;
	}
	ask->format = find_format(path);
	if (ask->format == NULL) {
		return NULL;
	}
	return strcmp(ask->format->media_type, "application/json") == 0
		   ? &json_row
		   : &text_row;
}

/* What the table cannot say. */
static struct head_refusal
check(struct ask *ask, const struct head *head)
{
	if (ask->what == ASK_VALIDITY && head->method == HEAD_POST) {
		ask->what = ASK_BULK;
		/* Names of media types have no case (RFC 9110 8.3.1). */
		return text_same_word(head->type, "application/json")
			   ? fine
			   : refuse(415, "the body must be application/json");
	}
	if (ask->what == ASK_VALIDITY && (!ask->has_asn || !ask->has_prefix)) {
		return refuse(400, "both asn and prefix are needed");
	}
	if (ask->what == ASK_EXPLAIN && ask->has_prefix == (ask->uri != NULL)) {
		return refuse(400,
		    "either prefix (with asn, perhaps) or uri is needed");
	}
	if (ask->what == ASK_EXPLAIN && ask->uri != NULL && ask->has_asn) {
		return refuse(400, "asn goes with prefix");
	}
	return fine;
}

struct head_refusal
ask_read(struct ask *ask, const struct head *head, struct arena *arena)
{
	struct head_refusal refusal = fine;
	const struct row *row;

	*ask = (struct ask){ .what = ASK_WHATS };
	if (head->method == HEAD_OPTIONS && text_same(head->path, "*")) {
		ask->what = ASK_OPTIONS;
		ask->methods = READS | POSTS;
		return fine;
	}
	row = read_path(ask, head->path, arena, &refusal);
	if (row == NULL) {
		return refuse(404,
		    "there is nothing at this path; / leads to what there is");
	}
	ask->what = row->what;
	ask->methods = row->methods;
	ask->json = row->json;
	if (head->method == HEAD_METHODS) {
		return refuse(501,
		    "only GET, HEAD, POST and OPTIONS are known");
	}
	if ((row->methods & 1u << head->method) == 0) {
		return refuse(405, "this path does not take that method");
	}
	if (head->method == HEAD_OPTIONS) {
		ask->what = ASK_OPTIONS;
		return fine;
	}
	if (refusal.status == 0) {
		refusal =
		    query_read(ask, head->method == HEAD_POST ? 0 : row->may,
			head->query, arena);
	}
	return refusal.status == 0 ? check(ask, head) : refusal;
}

const char *
ask_methods(unsigned methods)
{
	return (methods & POSTS) != 0 ? "GET, HEAD, OPTIONS, POST"
				      : "GET, HEAD, OPTIONS";
}

void
ask_copy(struct ask *to, const struct ask *from, struct arena *arena)
{
	struct filter *filter = &to->filter;

	*to = *from;
	filter->asns =
	    arena_zero(arena, filter->asn_count + 1, sizeof(*filter->asns));
	filter->prefixes = arena_zero(arena, filter->prefix_count + 1,
	    sizeof(*filter->prefixes));
	/* WHY the casts: these copies were made a line before. */
	for (size_t i = 0; i < filter->asn_count; i++) {
		((uint32_t *)(uintptr_t)filter->asns)[i] = from->filter.asns[i];
	}
	for (size_t i = 0; i < filter->prefix_count; i++) {
		((struct ip_prefix *)(uintptr_t)filter->prefixes)[i] =
		    from->filter.prefixes[i];
	}
	to->uri = arena_text(arena, from->uri);
	to->repository = arena_text(arena, from->repository);
	to->ta = arena_text(arena, from->ta);
	to->label = arena_text(arena, from->label);
	to->since = arena_text(arena, from->since);
}

static void
key_text(struct octets *out, const char *name, const char *text)
{
	if (text != NULL) {
		octets_printf(out, " %s=%zu:%s", name, strlen(text), text);
	}
}

void
ask_key(struct octets *out, const struct ask *ask)
{
	const struct filter *filter = &ask->filter;
	char text[IP_TEXT];

	octets_printf(out, "%u %s", (unsigned)ask->what,
	    ask->format == NULL ? "" : ask->format->name);
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		octets_printf(out, "%c", filter->without[kind] ? '-' : '+');
	}
	octets_printf(out, "%c",
	    filter->more_specifics && filter->prefix_count > 0 ? 'm' : ' ');
	for (size_t i = 0; i < filter->asn_count; i++) {
		octets_printf(out, " %u", filter->asns[i]);
	}
	for (size_t i = 0; i < filter->prefix_count; i++) {
		ip_prefix_text(&filter->prefixes[i], text);
		octets_printf(out, " %s", text);
	}
	if (ask->has_session) {
		octets_printf(out, " %llu %u", (unsigned long long)ask->session,
		    ask->serial);
	}
	key_text(out, "r", ask->repository);
	key_text(out, "t", ask->ta);
	key_text(out, "l", ask->label);
}
