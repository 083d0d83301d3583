/* SPDX-License-Identifier: BSD-2-Clause */
/* jot - see jot.h. */
#include "output/jot.h"

#include "base/text.h"

static void
indent(struct jot *jot)
{
	for (unsigned i = 0; i < jot->depth; i++) {
		pen_text(jot->pen, "  ");
	}
}

/* The comma after what was before, the place, and the key if there is one. */
static void
begin(struct jot *jot, const char *key)
{
	if (jot->depth > 0) {
		pen_text(jot->pen, jot->some ? ",\n" : "\n");
		indent(jot);
	}
	if (key != NULL) {
		pen_text(jot->pen, "\"");
		pen_json(jot->pen, key);
		pen_text(jot->pen, "\": ");
	}
	jot->some = true;
}

static void
open_with(struct jot *jot, const char *key, const char *mark)
{
	begin(jot, key);
	pen_text(jot->pen, mark);
	jot->depth++;
	jot->some = false;
}

static void
close_with(struct jot *jot, const char *mark)
{
	jot->depth--;
	if (jot->some) {
		pen_text(jot->pen, "\n");
		indent(jot);
	}
	pen_text(jot->pen, mark);
	if (jot->depth == 0) {
		pen_text(jot->pen, "\n");
	}
	jot->some = true;
}

void
jot_object(struct jot *jot, const char *key)
{
	open_with(jot, key, "{");
}

void
jot_end_object(struct jot *jot)
{
	close_with(jot, "}");
}

void
jot_list(struct jot *jot, const char *key)
{
	open_with(jot, key, "[");
}

void
jot_end_list(struct jot *jot)
{
	close_with(jot, "]");
}

void
jot_null(struct jot *jot, const char *key)
{
	begin(jot, key);
	pen_text(jot->pen, "null");
}

void
jot_text(struct jot *jot, const char *key, const char *text)
{
	if (text == NULL) {
		jot_null(jot, key);
		return;
	}
	begin(jot, key);
	pen_text(jot->pen, "\"");
	pen_json(jot->pen, text);
	pen_text(jot->pen, "\"");
}

void
jot_number(struct jot *jot, const char *key, uint64_t number)
{
	begin(jot, key);
	pen_number(jot->pen, number);
}

void
jot_signed(struct jot *jot, const char *key, int64_t number)
{
	begin(jot, key);
	pen_printf(jot->pen, "%lld", (long long)number);
}

void
jot_bool(struct jot *jot, const char *key, bool value)
{
	begin(jot, key);
	pen_text(jot->pen, value ? "true" : "false");
}

void
jot_time(struct jot *jot, const char *key, int64_t when, int64_t none)
{
	if (when == none) {
		jot_null(jot, key);
		return;
	}
	begin(jot, key);
	pen_text(jot->pen, "\"");
	pen_time(jot->pen, when);
	pen_text(jot->pen, "\"");
}

void
jot_seconds(struct jot *jot, const char *key, uint64_t thousandths)
{
	begin(jot, key);
	pen_printf(jot->pen, "%llu.%03u",
	    (unsigned long long)(thousandths / 1000),
	    (unsigned)(thousandths % 1000));
}

void
jot_asn(struct jot *jot, const char *key, uint32_t asn)
{
	begin(jot, key);
	pen_printf(jot->pen, "\"AS%u\"", asn);
}

void
jot_prefix(struct jot *jot, const char *key, const struct ip_prefix *prefix)
{
	begin(jot, key);
	pen_text(jot->pen, "\"");
	pen_prefix(jot->pen, prefix);
	pen_text(jot->pen, "\"");
}

void
jot_hash(struct jot *jot, const char *key, const struct hash *hash)
{
	static const struct hash none;

	if (memcmp(hash, &none, sizeof(none)) == 0) {
		jot_null(jot, key);
		return;
	}
	begin(jot, key);
	pen_text(jot->pen, "\"");
	text_hex(&jot->pen->buffer, bytes_of(hash->at, HASH_SIZE));
	pen_text(jot->pen, "\"");
}
