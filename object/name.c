/* SPDX-License-Identifier: BSD-2-Clause */
/* name - see name.h. */
#include "object/name.h"

#include "object/oid.h"

/* What a Name has shown so far. */
struct seen {
	unsigned common_names, serial_numbers;
	enum name_profile profile;
	struct oddities *odd;
};

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

struct bytes
name_read(struct der *d, enum name_profile profile, struct oddities *odd)
{
	struct seen seen = { 0, 0, profile, odd };
	struct der peek = *d;
	struct bytes whole = der_whole(d, DER_SEQUENCE);
	struct der names = der_enter(&peek, DER_SEQUENCE);

	while (der_more(&names)) {
		struct der set = der_enter(&names, DER_SET);

		if (der_fine(&set) && !der_more(&set)) {
			der_fail(&set, FAULT_NAME_FORM);
		}
		while (der_more(&set)) {
			read_attribute(&set, &seen);
		}
	}
	if (der_fine(d) &&
	    (seen.common_names != 1 || seen.serial_numbers > 1)) {
		der_fail(d, FAULT_NAME_FORM);
	}
	return whole;
}
