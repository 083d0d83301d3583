/* SPDX-License-Identifier: BSD-2-Clause */
/* json - see json.h. */
#include "output/json.h"

#include "base/text.h"

static const char *const type_names[] = {
	[SOURCE_ROA] = "roa",
	[SOURCE_CERT] = "cer",
	[SOURCE_ASPA] = "aspa",
	[SOURCE_EXCEPTION] = "exception",
};

typedef void put_end(struct pen *pen, const struct snapshot *s,
    enum item_kind kind, size_t i);

/* --- Routinator's shape */

static void
put_vrp(struct pen *pen, const struct vrp *vrp)
{
	pen_text(pen, "    { \"asn\": \"AS");
	pen_number(pen, vrp->asn);
	pen_text(pen, "\", \"prefix\": \"");
	pen_prefix(pen, &vrp->prefix);
	pen_text(pen, "\", \"maxLength\": ");
	pen_number(pen, vrp->max_length);
}

static void
put_router_key(struct pen *pen, const struct router_key *key)
{
	pen_text(pen, "    { \"asn\": \"AS");
	pen_number(pen, key->asn);
	pen_text(pen, "\", \"SKI\": \"");
	text_hex_upper(&pen->buffer, bytes_of(key->ski.at, KEYID_SIZE));
	pen_text(pen, "\", \"routerPublicKey\": \"");
	text_base64(&pen->buffer, bytes_of(key->spki, key->spki_len),
	    TEXT_BASE64_UNPADDED);
	pen_text(pen, "\"");
}

static void
put_aspa(struct pen *pen, const struct aspa *aspa)
{
	pen_text(pen, "    { \"customer\": \"AS");
	pen_number(pen, aspa->customer);
	pen_text(pen, "\", \"providers\": [");
	for (uint32_t i = 0; i < aspa->count; i++) {
		pen_text(pen, i == 0 ? "\"AS" : ", \"AS");
		pen_number(pen, aspa->providers[i]);
		pen_text(pen, "\"");
	}
	pen_text(pen, "]");
}

static void
put_item(struct pen *pen, const struct snapshot *s, enum item_kind kind,
    size_t i)
{
	switch (kind) {
	case ITEM_VRP:
		put_vrp(pen, snapshot_vrp(s, i));
		break;
	case ITEM_ROUTER_KEY:
		put_router_key(pen, snapshot_router_key(s, i));
		break;
	case ITEM_ASPA:
		put_aspa(pen, snapshot_aspa(s, i));
		break;
	case ITEM_KINDS:
		break;
	}
}

static void
put_ta(struct pen *pen, const struct snapshot *s, enum item_kind kind, size_t i)
{
	pen_text(pen, ", \"ta\": \"");
	pen_json(pen, snapshot_ta(s, kind, i));
	pen_text(pen, "\" }");
}

static void
put_span(struct pen *pen, const char *name, int64_t from, int64_t until)
{
	pen_text(pen, name);
	pen_text(pen, "{ \"notBefore\": \"");
	pen_time(pen, from);
	pen_text(pen, "\", \"notAfter\": \"");
	pen_time(pen, until);
	pen_text(pen, "\" }");
}

static void
put_exception(struct pen *pen, const struct source *source)
{
	pen_text(pen, "\"path\": ");
	if (source->uri[0] == 0) {
		pen_text(pen, "null");
	} else {
		pen_text(pen, "\"");
		pen_json(pen, source->uri);
		pen_text(pen, "\"");
	}
	if (source->comment != NULL) {
		pen_text(pen, ", \"comment\": \"");
		pen_json(pen, source->comment);
		pen_text(pen, "\"");
	}
}

static void
put_object(struct pen *pen, const struct source *source, const char *ta)
{
	pen_text(pen, "\"uri\": \"");
	pen_json(pen, source->uri);
	pen_text(pen, "\", \"tal\": \"");
	pen_json(pen, ta);
	pen_text(pen, "\", ");
	put_span(pen, "\"validity\": ", source->not_before, source->not_after);
	put_span(pen, ", \"chainValidity\": ", source->chain_not_before,
	    source->chain_not_after);
	pen_text(pen, ", \"stale\": \"");
	pen_time(pen, source->stale);
	pen_text(pen, "\"");
}

static void
put_sources(struct pen *pen, const struct snapshot *s, enum item_kind kind,
    size_t i)
{
	struct source_room room;

	pen_text(pen, ", \"source\": [");
	for (size_t n = 0; n < snapshot_sources(s, kind, i); n++) {
		const struct source *source =
		    snapshot_source(s, kind, i, n, &room);

		pen_text(pen, n == 0 ? " { \"type\": \"" : ",  { \"type\": \"");
		pen_text(pen, type_names[source->kind]);
		pen_text(pen, "\", ");
		if (source->kind == SOURCE_EXCEPTION) {
			put_exception(pen, source);
		} else {
			put_object(pen, source,
			    snapshot_ta_name(s, source->ta));
		}
		pen_text(pen, " }");
	}
	pen_text(pen, "] }");
}

static void
write_plain(struct pen *pen, const struct format_input *input, put_end *end)
{
	static const char *const names[ITEM_KINDS] = {
		[ITEM_VRP] = "roas",
		[ITEM_ROUTER_KEY] = "routerKeys",
		[ITEM_ASPA] = "aspas",
	};

	pen_text(pen, "{\n  \"metadata\": {\n    \"generated\": ");
	pen_printf(pen, "%lld", (long long)input->now);
	pen_text(pen, ",\n    \"generatedTime\": \"");
	pen_time(pen, input->now);
	pen_text(pen, "\"\n  }");
	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;
		const char *before = "";

		if (!filter_kind(input->filter, kind)) {
			continue;
		}
		pen_text(pen, ",\n  \"");
		pen_text(pen, names[kind]);
		pen_text(pen, "\": [\n");
		for (size_t i = 0; format_next(input, kind, &i); i++) {
			pen_text(pen, before);
			put_item(pen, input->snapshot, kind, i);
			end(pen, input->snapshot, kind, i);
			before = ",\n";
		}
		pen_text(pen, "\n  ]");
	}
	pen_text(pen, "\n}\n");
}

void
json_write(struct pen *pen, const struct format_input *input)
{
	write_plain(pen, input, put_ta);
}

void
json_write_ext(struct pen *pen, const struct format_input *input)
{
	write_plain(pen, input, put_sources);
}

/* --- rpki-client's shape */

static void
client_ta(struct pen *pen, const struct snapshot *s, enum item_kind kind,
    size_t i)
{
	pen_text(pen, "\"ta\": \"");
	pen_json(pen, snapshot_ta(s, kind, i));
	pen_text(pen, "\"");
}

/* Left out for what never ends: readers then keep it. */
static void
client_expires(struct pen *pen, const struct snapshot *s, enum item_kind kind,
    size_t i)
{
	int64_t expires = snapshot_expires(s, kind, i);

	if (expires != INT64_MAX) {
		pen_printf(pen, ", \"expires\": %lld", (long long)expires);
	}
}

static void
client_vrp(struct pen *pen, const struct snapshot *s, size_t i)
{
	const struct vrp *vrp = snapshot_vrp(s, i);

	pen_text(pen, "\t\t{ \"asn\": ");
	pen_number(pen, vrp->asn);
	pen_text(pen, ", \"prefix\": \"");
	pen_prefix(pen, &vrp->prefix);
	pen_text(pen, "\", \"maxLength\": ");
	pen_number(pen, vrp->max_length);
	pen_text(pen, ", ");
	client_ta(pen, s, ITEM_VRP, i);
	client_expires(pen, s, ITEM_VRP, i);
	pen_text(pen, " }");
}

static void
client_key(struct pen *pen, const struct snapshot *s, size_t i)
{
	const struct router_key *key = snapshot_router_key(s, i);
	int64_t expires = snapshot_expires(s, ITEM_ROUTER_KEY, i);

	pen_text(pen, "\t\t{\n\t\t\t\"asn\": ");
	pen_number(pen, key->asn);
	pen_text(pen, ",\n\t\t\t\"ski\": \"");
	text_hex_upper(&pen->buffer, bytes_of(key->ski.at, KEYID_SIZE));
	pen_text(pen, "\",\n\t\t\t\"pubkey\": \"");
	text_base64(&pen->buffer, bytes_of(key->spki, key->spki_len),
	    TEXT_BASE64);
	pen_text(pen, "\",\n\t\t\t");
	client_ta(pen, s, ITEM_ROUTER_KEY, i);
	if (expires != INT64_MAX) {
		pen_printf(pen, ",\n\t\t\t\"expires\": %lld",
		    (long long)expires);
	}
	pen_text(pen, "\n\t\t}");
}

static void
client_aspa(struct pen *pen, const struct snapshot *s, size_t i)
{
	const struct aspa *aspa = snapshot_aspa(s, i);

	pen_text(pen, "\t\t{ \"customer_asid\": ");
	pen_number(pen, aspa->customer);
	client_expires(pen, s, ITEM_ASPA, i);
	pen_text(pen, ", \"providers\": [");
	for (uint32_t n = 0; n < aspa->count; n++) {
		pen_text(pen, n == 0 ? " " : ", ");
		pen_number(pen, aspa->providers[n]);
	}
	pen_text(pen, " ] }");
}

/* How many the file will hold. */
static size_t
written(const struct format_input *input, enum item_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; format_next(input, kind, &i); i++) {
		n++;
	}
	return n;
}

void
json_write_rpkiclient(struct pen *pen, const struct format_input *input)
{
	static const struct {
		const char *name;
		void (
		    *put)(struct pen *pen, const struct snapshot *s, size_t i);
	} rows[ITEM_KINDS] = {
		[ITEM_VRP] = { "roas", client_vrp },
		[ITEM_ROUTER_KEY] = { "bgpsec_keys", client_key },
		[ITEM_ASPA] = { "aspas", client_aspa },
	};
	const struct snapshot *s = input->snapshot;

	pen_text(pen, "{\n\t\"metadata\": {\n\t\t\"buildtime\": \"");
	pen_time(pen, input->now);
	pen_printf(pen,
	    "\",\n\t\t\"generated\": %lld,\n\t\t\"vrps\": %zu,\n"
	    "\t\t\"bgpsec_pubkeys\": %zu,\n\t\t\"vaps\": %zu\n\t}",
	    (long long)input->now, written(input, ITEM_VRP),
	    written(input, ITEM_ROUTER_KEY), written(input, ITEM_ASPA));
	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;
		const char *before = "";

		pen_text(pen, ",\n\t\"");
		pen_text(pen, rows[k].name);
		pen_text(pen, "\": [\n");
		for (size_t i = 0; format_next(input, kind, &i); i++) {
			pen_text(pen, before);
			rows[k].put(pen, s, i);
			before = ",\n";
		}
		pen_text(pen, "\n\t]");
	}
	pen_text(pen, "\n}\n");
}
