/* SPDX-License-Identifier: BSD-2-Clause */
/* name - see name.h. */
#include "object/name.h"

#include "object/oid.h"

/* ub-common-name and ub-serial-number alike. */
enum { NAME_MOST = 64 };

/* What a Name has shown so far. */
struct seen {
	unsigned common_names, serial_numbers;
	enum name_profile profile;
	struct oddities *odd;
};

static size_t
count_characters(struct bytes utf8)
{
	size_t n = 0;

	for (size_t i = 0; i < utf8.len; i++) {
		n += (utf8.at[i] & 0xc0) != 0x80;
	}
	return n;
}

static void
read_string(struct der *d, const struct seen *seen)
{
	struct bytes text;

	if (der_next_is(d, DER_UTF8_STRING)) {
		text = der_string(d, DER_UTF8_STRING);
		if (seen->profile == NAME_PRINTABLE) {
			fault_note(seen->odd, FAULT_NAME_UTF8);
		}
	} else if (der_next_is(d, DER_PRINTABLE_STRING)) {
		text = der_string(d, DER_PRINTABLE_STRING);
	} else {
		der_fail(d, FAULT_NAME_STRING);
		return;
	}
	if (der_fine(d) && text.len == 0) {
		der_fail(d, FAULT_NAME_STRING);
	}
	if (count_characters(text) > NAME_MOST) {
		der_fail(d, FAULT_NAME_LENGTH);
	}
}

static void
read_attribute(struct der *set, struct seen *seen)
{
	struct der d = der_enter(set, DER_SEQUENCE);
	struct bytes type = der_oid(&d);

	if (!der_fine(&d)) {
		return;
	}
	if (oid_is(type, OID_COMMON_NAME)) {
		seen->common_names++;
	} else if (oid_is(type, OID_SERIAL_NUMBER)) {
		seen->serial_numbers++;
	} else {
		der_fail(&d, FAULT_NAME_FORM);
	}
	read_string(&d, seen);
	der_close(&d);
}

/* A RelativeDistinguishedName. */
static void
read_set(struct der *names, struct seen *seen)
{
	struct der set = der_enter(names, DER_SET);
	struct bytes before = { 0 };

	if (der_fine(&set) && !der_more(&set)) {
		der_fail(&set, FAULT_NAME_FORM);
	}
	while (der_more(&set)) {
		const uint8_t *from = set.at;
		struct bytes whole;

		read_attribute(&set, seen);
		whole = bytes_of(from, (size_t)(set.at - from));
		if (der_fine(&set) && !der_ascend(before, whole)) {
			fault_note(seen->odd, FAULT_NAME_ORDER);
		}
		before = whole;
	}
}

struct bytes
name_read(struct der *d, enum name_profile profile, struct oddities *odd)
{
	struct seen seen = { 0, 0, profile, odd };
	struct der peek = *d;
	struct bytes whole = der_whole(d, DER_SEQUENCE);
	struct der names = der_enter(&peek, DER_SEQUENCE);

	while (der_more(&names)) {
		read_set(&names, &seen);
	}
	if (der_fine(d) &&
	    (seen.common_names != 1 || seen.serial_numbers > 1)) {
		der_fail(d, FAULT_NAME_FORM);
	}
	return whole;
}

static void
attribute_text(struct octets *out, struct der *set)
{
	struct der d = der_enter(set, DER_SEQUENCE);
	struct bytes type = der_oid(&d);
	struct der peek = d;
	struct bytes whole = der_skip(&peek);
	struct bytes value;

	if (!der_fine(&peek)) {
		return;
	}
	value = der_take(&d, whole.at[0]);
	if (oid_is(type, OID_COMMON_NAME)) {
		octets_printf(out, "CN=");
	} else if (oid_is(type, OID_SERIAL_NUMBER)) {
		octets_printf(out, "serialNumber=");
	} else {
		oid_text(out, type);
		octets_printf(out, "=");
	}
	octets_add_bytes(out, value);
}

void
name_text(struct octets *out, struct bytes whole)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(whole, &fault);
	struct der names = der_enter(&top, DER_SEQUENCE);
	size_t from = out->len;

	while (der_more(&names)) {
		struct der set = der_enter(&names, DER_SET);

		while (der_more(&set)) {
			if (out->len > from) {
				octets_printf(out, ", ");
			}
			attribute_text(out, &set);
		}
	}
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* The next character, a run of blanks as one and none at the end; 0: no more.
 */
static uint8_t
next_character(struct bytes *text, bool first)
{
	bool blank = false;

	while (text->len > 0 && text->at[0] == ' ') {
		*text = bytes_of(text->at + 1, text->len - 1);
		blank = true;
	}
	if (text->len == 0) {
		return 0;
	}
	if (blank && !first) {
		return ' ';
	}
	*text = bytes_of(text->at + 1, text->len - 1);
	return lower(text->at[-1]);
}

static bool
text_equal(struct bytes a, struct bytes b)
{
	uint8_t x = next_character(&a, true);
	uint8_t y = next_character(&b, true);

	while (x == y && x != 0) {
		x = next_character(&a, false);
		y = next_character(&b, false);
	}
	return x == y;
}

static struct bytes
string_of(struct der *d)
{
	return der_string(d, der_next_is(d, DER_UTF8_STRING)
				 ? DER_UTF8_STRING
				 : DER_PRINTABLE_STRING);
}

static bool
set_holds(struct der set, struct bytes type, struct bytes text)
{
	bool found = false;

	while (!found && der_more(&set)) {
		struct der one = der_enter(&set, DER_SEQUENCE);

		found = bytes_equal(der_oid(&one), type) &&
			text_equal(string_of(&one), text);
	}
	return found;
}

/* In whatever order: it is a set, and no type is in a name twice. */
static bool
set_equal(struct der a, struct der b)
{
	bool same = der_count(a) == der_count(b);

	while (same && der_more(&a)) {
		struct der one = der_enter(&a, DER_SEQUENCE);
		struct bytes type = der_oid(&one);

		same = set_holds(b, type, string_of(&one));
	}
	return same;
}

bool
name_equal(struct bytes a, struct bytes b)
{
	enum fault fault = FAULT_NONE;
	struct der x = der_open(a, &fault), y = der_open(b, &fault);
	struct der one = der_enter(&x, DER_SEQUENCE);
	struct der other = der_enter(&y, DER_SEQUENCE);
	bool same = true;

	while (same && der_more(&one) && der_more(&other)) {
		struct der s = der_enter(&one, DER_SET);
		struct der t = der_enter(&other, DER_SET);

		same = set_equal(s, t);
	}
	return same && !der_more(&one) && !der_more(&other) &&
	       fault == FAULT_NONE;
}
