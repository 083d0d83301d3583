/* SPDX-License-Identifier: BSD-2-Clause */
/* sheet - see sheet.h. */
#include "validator/sheet.h"

#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/text.h"

enum {
	PIECE = 1 << 16, /* octets after which some are sent */
	COLUMN = 24,     /* where values begin */
	STEP = 2,        /* how far a group is set in */
};

static void
send_from(struct sheet *s, size_t least)
{
	if (s->out.len > least) {
		s->send(s->arg, octets_bytes(&s->out));
		octets_reset(&s->out);
	}
}

/* How far in a line begins: groups set it in, lists do not. */
static unsigned
margin(const struct sheet *s)
{
	unsigned groups = 0;

	for (unsigned i = 1; i <= s->depth; i++) {
		groups += !s->open[i].list;
	}
	return groups * STEP;
}

static void
label_line(struct sheet *s, const char *label)
{
	unsigned in = margin(s);
	size_t from = s->out.len;

	octets_printf(&s->out, "%*s", (int)in, "");
	if (label != NULL && label[0] != '\0') {
		octets_printf(&s->out, "%s:", label);
	}
	from = s->out.len - from;
	octets_printf(&s->out, "%*s", from < COLUMN ? (int)(COLUMN - from) : 1,
	    "");
}

/* For people: what stands before a value. */
static void
lead(struct sheet *s, const char *label)
{
	if (s->row != 0) {
		if (s->open[s->depth].count > 0) {
			octets_printf(&s->out, " ");
		}
		if (label != NULL) {
			octets_printf(&s->out, "%s ", label);
		}
		return;
	}
	if (s->open[s->depth].list) {
		label = s->open[s->depth].due;
		s->open[s->depth].due = NULL;
	}
	label_line(s, label);
}

/* Before a value; done() comes after it. */
static void
name(struct sheet *s, const char *key, const char *label)
{
	if (s->form == SHEET_TEXT) {
		lead(s, label);
	} else {
		if (s->open[s->depth].count > 0) {
			octets_printf(&s->out, ",");
		}
		if (!s->open[s->depth].list) {
			assert(key != NULL);
			octets_printf(&s->out, "\"%s\":", key);
		}
	}
	s->open[s->depth].count++;
}

static void
done(struct sheet *s)
{
	if (s->form == SHEET_TEXT && s->row == 0) {
		octets_printf(&s->out, "\n");
	}
	send_from(s, PIECE);
}

static void
quote(struct sheet *s)
{
	if (s->form == SHEET_JSON) {
		octets_printf(&s->out, "\"");
	}
}

void
sheet_begin(struct sheet *s)
{
	s->depth = 0;
	s->row = 0;
	s->open[0].list = false;
	s->open[0].count = 0;
	if (s->form == SHEET_JSON) {
		octets_printf(&s->out, "{");
	}
}

void
sheet_end(struct sheet *s)
{
	assert(s->depth == 0);
	octets_printf(&s->out, s->form == SHEET_JSON ? "}\n" : "\n");
	send_from(s, 0);
}

void
sheet_clear(struct sheet *s)
{
	octets_clear(&s->out);
}

void
sheet_word(struct sheet *s, const char *key, const char *label,
    const char *ours)
{
	name(s, key, label);
	quote(s);
	octets_printf(&s->out, "%s", ours);
	quote(s);
	done(s);
}

static void
escape(struct sheet *s, struct bytes foreign)
{
	if (s->form == SHEET_JSON) {
		text_json(&s->out, foreign);
	} else {
		text_escape(&s->out, foreign);
	}
}

void
sheet_text(struct sheet *s, const char *key, const char *label,
    struct bytes foreign)
{
	name(s, key, label);
	quote(s);
	escape(s, foreign);
	quote(s);
	done(s);
}

void
sheet_lines(struct sheet *s, const char *key, const char *label,
    struct bytes foreign)
{
	struct bytes rest = foreign;
	bool first = true;

	if (s->form == SHEET_JSON) {
		sheet_text(s, key, label, foreign);
		return;
	}
	while (rest.len > 0) {
		struct bytes line = text_cut(&rest, '\n');

		if (line.len > 0 && line.at[line.len - 1] == '\r') {
			line.len--;
		}
		label_line(s, first ? label : NULL);
		escape(s, line);
		done(s);
		first = false;
	}
}

void
sheet_number(struct sheet *s, const char *key, const char *label, uint64_t n)
{
	name(s, key, label);
	octets_printf(&s->out, "%" PRIu64, n);
	done(s);
}

void
sheet_flag(struct sheet *s, const char *key, const char *label, bool on)
{
	name(s, key, label);
	octets_printf(&s->out, "%s",
	    s->form == SHEET_JSON ? (on ? "true" : "false")
				  : (on ? "yes" : "no"));
	done(s);
}

void
sheet_time(struct sheet *s, const char *key, const char *label, int64_t when)
{
	char text[CLOCK_TEXT];

	clock_text(when, text);
	sheet_word(s, key, label, text);
}

void
sheet_hash(struct sheet *s, const char *key, const char *label,
    const struct hash *hash)
{
	char hex[HASH_TEXT];

	hash_text(hash, hex);
	sheet_word(s, key, label, hex);
}

void
sheet_keyid(struct sheet *s, const char *key, const char *label,
    const struct keyid *id)
{
	char hex[KEYID_TEXT];

	hash_keyid_text(id, hex);
	sheet_word(s, key, label, hex);
}

void
sheet_serial(struct sheet *s, const char *key, const char *label,
    struct bytes number)
{
	while (number.len > 1 && number.at[0] == 0) {
		number = bytes_of(number.at + 1, number.len - 1);
	}
	name(s, key, label);
	quote(s);
	text_hex_upper(&s->out, number);
	quote(s);
	done(s);
}

void
sheet_base64(struct sheet *s, const char *key, const char *label,
    struct bytes octets)
{
	name(s, key, label);
	quote(s);
	text_base64(&s->out, octets, TEXT_BASE64);
	quote(s);
	done(s);
}

static void
enter(struct sheet *s, bool list, const char *due)
{
	assert(s->depth + 1 < SHEET_DEPTH);
	s->depth++;
	s->open[s->depth].list = list;
	s->open[s->depth].count = 0;
	s->open[s->depth].due = due;
}

static void
leave(struct sheet *s, const char *close)
{
	assert(s->depth > 0);
	s->depth--;
	if (s->form == SHEET_JSON) {
		octets_printf(&s->out, "%s", close);
	}
	send_from(s, PIECE);
}

void
sheet_group(struct sheet *s, const char *key, const char *label)
{
	if (s->form == SHEET_JSON) {
		name(s, key, label);
		octets_printf(&s->out, "{");
	} else {
		octets_printf(&s->out, "%*s%s:\n", (int)margin(s), "", label);
	}
	enter(s, false, NULL);
}

void
sheet_group_end(struct sheet *s)
{
	leave(s, "}");
}

void
sheet_list(struct sheet *s, const char *key, const char *label)
{
	if (s->form == SHEET_JSON) {
		name(s, key, label);
		octets_printf(&s->out, "[");
	}
	enter(s, true, label);
}

/* For people an empty list is a line too. */
void
sheet_list_end(struct sheet *s)
{
	if (s->form == SHEET_TEXT && s->open[s->depth].count == 0) {
		sheet_word(s, NULL, NULL, "none");
	}
	leave(s, "]");
}

void
sheet_row(struct sheet *s)
{
	name(s, NULL, NULL);
	if (s->form == SHEET_JSON) {
		octets_printf(&s->out, "{");
	}
	enter(s, false, NULL);
	s->row = s->depth;
}

void
sheet_row_end(struct sheet *s)
{
	s->row = 0;
	leave(s, "}");
	done(s);
}
