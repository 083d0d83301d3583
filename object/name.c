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
		if (!der_ascend(before, whole)) {
			der_fail(&set, FAULT_DER_SET);
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
