/* SPDX-License-Identifier: BSD-2-Clause */
/* Names as text, from whole ones down to garbage. */
#include "object/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_as_text(void **state)
{
#define CN                                                                     \
	"\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x13\x03"                         \
	"abc"
#define SER                                                                    \
	"\x31\x0a\x30\x08\x06\x03\x55\x04\x05\x13\x01"                         \
	"7"
#define ORG                                                                    \
	"\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01"                         \
	"\n"
	static const struct {
		const char *what, *name;
		size_t len;
		const char *text;
	} cases[] = {
		{ "one", "\x30\x0e" CN, 16, "CN=abc" },
		{ "two", "\x30\x1a" CN SER, 28, "CN=abc, serialNumber=7" },
		{ "outside the profile", "\x30\x1a" CN ORG, 28,
		    "CN=abc, 2.5.4.10=\n" },
		{ "empty", "\x30\x00", 2, "" },
		{ "nothing", "", 0, "" },
		{ "no name", "\x02\x01\x05", 3, "" },
		{ "second is cut off",
		    "\x30\x1a" CN "\x31\x0a\x30\x08\x06\x03\x55\x04\x05"
		    "\x13\x09"
		    "7",
		    28, "CN=abc, " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct octets out = { .at = NULL };

		name_text(&out, bytes_of(cases[i].name, cases[i].len));
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
		cmocka_unit_test(test_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
