/* SPDX-License-Identifier: BSD-2-Clause */
/* Names: when two are the same (RFC 5280 7.1). */
#include "object/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/octets.h"

enum { PRINTABLE = DER_PRINTABLE_STRING, UTF8 = DER_UTF8_STRING };

struct part {
	uint8_t
	    id; /* the last octet of 2.5.4.x: 3 commonName, 5 serialNumber */
	uint8_t tag; /* of the string; 0: no such part */
	const char *text;
};

/* One set a part; with `together` one set for all. */
static void
put_name(struct octets *out, const struct part *parts, bool together)
{
	struct octets body = { 0 };

	for (unsigned i = 0; i < 2 && parts[i].tag != 0; i++) {
		uint8_t len = (uint8_t)strlen(parts[i].text);
		uint8_t head[] = { 0x31, (uint8_t)(len + 9), 0x30,
			(uint8_t)(len + 7), 6, 3, 0x55, 4, parts[i].id,
			parts[i].tag, len };
		size_t skip = together ? 2 : 0;

		octets_add(&body, head + skip, sizeof(head) - skip);
		octets_add(&body, parts[i].text, len);
	}
	if (together) {
		octets_u8(out, 0x30);
		octets_u8(out, (uint8_t)(body.len + 2));
		octets_u8(out, 0x31);
	} else {
		octets_u8(out, 0x30);
	}
	octets_u8(out, (uint8_t)body.len);
	octets_add_bytes(out, octets_bytes(&body));
	octets_clear(&body);
}

static const struct {
	const char *what;
	struct part a[2], b[2];
	bool same;
} rows[] = {
	{ "the same", { { 3, PRINTABLE, "A9" } }, { { 3, PRINTABLE, "A9" } },
	    true },
	{ "another type of string", { { 3, PRINTABLE, "A9" } },
	    { { 3, UTF8, "A9" } }, true },
	{ "another case", { { 3, PRINTABLE, "Ripe NCC" } },
	    { { 3, PRINTABLE, "rIPE ncc" } }, true },
	{ "the first letter and the last", { { 3, PRINTABLE, "AZ" } },
	    { { 3, PRINTABLE, "az" } }, true },
	{ "blanks around and more of them", { { 3, PRINTABLE, " a  b " } },
	    { { 3, UTF8, "a b" } }, true },
	{ "no blank between", { { 3, PRINTABLE, "a b" } },
	    { { 3, PRINTABLE, "ab" } }, false },
	{ "another text", { { 3, PRINTABLE, "A9" } },
	    { { 3, PRINTABLE, "A8" } }, false },
	{ "the beginning of the other", { { 3, PRINTABLE, "A9" } },
	    { { 3, PRINTABLE, "A91" } }, false },
	{ "a letter that only looks like a case", { { 3, UTF8, "@" } },
	    { { 3, UTF8, "`" } }, false },
	{ "another attribute", { { 3, PRINTABLE, "A9" } },
	    { { 5, PRINTABLE, "A9" } }, false },
	{ "two parts", { { 3, PRINTABLE, "A" }, { 5, PRINTABLE, "1" } },
	    { { 3, UTF8, "a" }, { 5, PRINTABLE, "1" } }, true },
	{ "one part more", { { 3, PRINTABLE, "A" }, { 5, PRINTABLE, "1" } },
	    { { 3, PRINTABLE, "A" } }, false },
	{ "another order", { { 3, PRINTABLE, "A" }, { 5, PRINTABLE, "1" } },
	    { { 5, PRINTABLE, "1" }, { 3, PRINTABLE, "A" } }, false },
};

static void
compare(size_t row, bool a_together, bool b_together, bool want)
{
	struct octets a = { 0 }, b = { 0 };

	put_name(&a, rows[row].a, a_together);
	put_name(&b, rows[row].b, b_together);
	print_message("# %s\n", rows[row].what);
	assert_int_equal(want, name_equal(octets_bytes(&a), octets_bytes(&b)));
	assert_int_equal(want, name_equal(octets_bytes(&b), octets_bytes(&a)));
	octets_clear(&a);
	octets_clear(&b);
}

static void
test_equal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool two = rows[i].a[1].tag != 0 && rows[i].b[1].tag != 0;

		compare(i, false, false, rows[i].same);
		compare(i, true, true,
		    rows[i].same || strcmp(rows[i].what, "another order") == 0);
		/* Two sets of one are not one set of two. */
		compare(i, true, false, rows[i].same && !two);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
