/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of OIDs against itself, and a few rows against their RFCs. */
#include "object/oid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_every_row_is_found(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OID_COUNT; i++) {
		struct bytes content = oid_bytes((enum oid)i);

		assert_true(content.len > 2);
		assert_int_equal(oid_of(content), i);
		assert_true(oid_is(content, (enum oid)i));
		assert_string_not_equal(oid_name((enum oid)i), "unknown");
	}
}

static void
test_strangers(void **state)
{
	(void)state;
	assert_int_equal(oid_of(bytes_of("", 0)), OID_UNKNOWN);
	assert_int_equal(oid_of(bytes_of("\x55\x1d", 2)), OID_UNKNOWN);
	assert_int_equal(oid_of(bytes_of("\x55\x1d\x0e\x01", 4)), OID_UNKNOWN);
	assert_string_equal(oid_name(OID_UNKNOWN), "unknown");
}

static void
test_known_octets(void **state)
{
	(void)state;
	assert_int_equal(oid_of(bytes_of("\x55\x1d\x23", 3)), OID_AKI);
	assert_int_equal(
	    oid_of(
		bytes_of("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x18", 11)),
	    OID_CT_ROA);
	assert_int_equal(oid_of(bytes_of("\x60\x86\x48\x01\x65\x03\x04\x02\x01",
			     9)),
	    OID_SHA256);
}

static void
test_as_text(void **state)
{
	static const struct {
		const char *what, *content;
		size_t len;
		const char *text;
	} cases[] = {
		{ "an extension", "\x55\x1d\x0f", 3, "2.5.29.15" },
		{ "many arcs", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x18",
		    11, "1.2.840.113549.1.9.16.1.24" },
		{ "first arc zero", "\x27", 1, "0.39" },
		{ "second arc above 39", "\x88\x37", 2, "2.999" },
		{ "none", "", 0, "..." },
		{ "cut off", "\x55\x86", 2, "2.5..." },
		{ "too large",
		    "\x55\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 12,
		    "2.5..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct octets out = { .at = NULL };

		oid_text(&out, bytes_of(cases[i].content, cases[i].len));
		octets_u8(&out, 0);
		if (strcmp((const char *)out.at, cases[i].text) != 0) {
			fail_msg("%s: %s", cases[i].what, (const char *)out.at);
		}
		octets_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_found),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_known_octets),
		cmocka_unit_test(test_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
