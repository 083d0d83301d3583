/* SPDX-License-Identifier: BSD-2-Clause */
/* jsondelta - see jsondelta.h. */
#include "output/jsondelta.h"

#include "base/text.h"

/* One of the two lists as it grows. */
struct list {
	struct pen *pen;
	bool some;
};

static void
begin_item(struct list *list, const char *type)
{
	pen_text(list->pen,
	    list->some ? ",\n    { \"type\": \"" : "\n    { \"type\": \"");
	pen_text(list->pen, type);
	list->some = true;
}

static void
put_vrp(struct list *list, const struct vrp *vrp)
{
	begin_item(list, "routeOrigin\", \"asn\": \"AS");
	pen_number(list->pen, vrp->asn);
	pen_text(list->pen, "\", \"prefix\": \"");
	pen_prefix(list->pen, &vrp->prefix);
	pen_text(list->pen, "\", \"maxLength\": ");
	pen_number(list->pen, vrp->max_length);
	pen_text(list->pen, " }");
}

static void
put_key(struct list *list, const struct router_key *key)
{
	begin_item(list, "routerKey\", \"keyIdentifier\": \"");
	text_hex_upper(&list->pen->buffer, bytes_of(key->ski.at, KEYID_SIZE));
	pen_text(list->pen, "\", \"asn\": \"AS");
	pen_number(list->pen, key->asn);
	pen_text(list->pen, "\", \"keyInfo\": \"");
	text_base64(&list->pen->buffer, bytes_of(key->spki, key->spki_len),
	    TEXT_BASE64_UNPADDED);
	pen_text(list->pen, "\" }");
}

static void
put_aspa(struct list *list, const struct aspa *aspa)
{
	begin_item(list, "aspa\", \"customerAsn\": \"AS");
	pen_number(list->pen, aspa->customer);
	pen_text(list->pen, "\", \"providerAsns\": [");
	for (uint32_t i = 0; i < aspa->count; i++) {
		pen_text(list->pen, i == 0 ? "\"AS" : ", \"AS");
		pen_number(list->pen, aspa->providers[i]);
		pen_text(list->pen, "\"");
	}
	pen_text(list->pen, "] }");
}

static void
put_all(struct list *list, const struct snapshot *set)
{
	for (size_t i = 0; i < snapshot_vrps(set); i++) {
		put_vrp(list, snapshot_vrp(set, i));
	}
	for (size_t i = 0; i < snapshot_router_keys(set); i++) {
		put_key(list, snapshot_router_key(set, i));
	}
	for (size_t i = 0; i < snapshot_aspas(set); i++) {
		put_aspa(list, snapshot_aspa(set, i));
	}
}

static void
put_changes(struct list *list, const struct delta *delta,
    enum delta_action action)
{
	size_t vrps = delta_count(delta, ITEM_VRP, action);
	size_t keys = delta_count(delta, ITEM_ROUTER_KEY, action);

	for (size_t i = 0; i < vrps; i++) {
		put_vrp(list, delta_vrp(delta, action, i));
	}
	for (size_t i = 0; i < keys; i++) {
		put_key(list, delta_router_key(delta, action, i));
	}
	for (size_t i = 0; i < delta_aspas(delta); i++) {
		const struct delta_aspa *row = delta_aspa(delta, i);
		bool announces = row->after.count > 0;

		if (announces == (action == DELTA_ANNOUNCE)) {
			put_aspa(list, announces ? &row->after : &row->before);
		}
	}
}

static void
put_list(struct pen *pen, const struct jsondelta *what, const char *name,
    enum delta_action action)
{
	struct list list = { .pen = pen };

	pen_printf(pen, ",\n  \"%s\": [", name);
	if (what->delta != NULL) {
		put_changes(&list, what->delta, action);
	} else if (action == DELTA_ANNOUNCE) {
		put_all(&list, what->snapshot);
	}
	pen_text(pen, list.some ? "\n  ]" : "]");
}

void
jsondelta_write(struct pen *pen, const struct jsondelta *what)
{
	pen_printf(pen,
	    "{\n  \"reset\": %s,\n  \"session\": \"%llu\",\n  \"serial\": %u",
	    what->delta == NULL ? "true" : "false",
	    (unsigned long long)what->session, what->serial);
	if (what->delta != NULL) {
		pen_printf(pen, ",\n  \"fromSerial\": %u", what->from);
	}
	pen_printf(pen, ",\n  \"generated\": %lld,\n  \"generatedTime\": \"",
	    (long long)what->now);
	pen_time(pen, what->now);
	pen_text(pen, "\"");
	put_list(pen, what, "announced", DELTA_ANNOUNCE);
	put_list(pen, what, "withdrawn", DELTA_WITHDRAW);
	pen_text(pen, "\n}\n");
}

void
jsondelta_write_notice(struct pen *pen, uint64_t session, uint32_t serial)
{
	pen_printf(pen, "{\n  \"session\": %llu,\n  \"serial\": %u\n}\n",
	    (unsigned long long)session, serial);
}
