/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator allows and denies, line by line. */
#include "validator/constraints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "validator/ranges.h"

struct line_case {
	const char *what, *text;
	unsigned line; /* 0: understood */
};

static const struct line_case lines[] = {
	{ "nothing", "", 0 },
	{ "comments and blanks", "# a\n\n  # b\n", 0 },
	{ "a prefix", "allow 10.0.0.0/8\n", 0 },
	{ "CRLF", "allow 10.0.0.0/8\r\n", 0 },
	{ "a range with blanks", "deny 10.0.0.0 - 10.0.0.9\n", 0 },
	{ "an IPv6 range", "deny 2001:db8:: - 2001:db8::9\n", 0 },
	{ "an AS number", "allow 64496\nallow AS64497", 0 },
	{ "a range of AS numbers", "deny 27648 - 28671\n", 0 },
	{ "no value", "allow 10.0.0.0/8\nallow\n", 2 },
	{ "no such word", "permit 10.0.0.0/8\n", 1 },
	{ "host bits", "allow 10.0.0.1/8\n", 1 },
	{ "a range backwards", "allow 9 - 3\n", 1 },
	{ "two families", "allow 10.0.0.0 - 2001:db8::\n", 1 },
	{ "AS number too large", "\n\nallow 4294967296\n", 3 },
};

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct line_case *c = &lines[i];
		struct arena *arena = arena_new();
		struct constraints got;
		unsigned line = 0;
		bool good = constraints_read(&got,
		    bytes_of(c->text, strlen(c->text)), &line, arena);

		print_message("# %s\n", c->what);
		assert_int_equal(good, c->line == 0);
		if (!good) {
			assert_int_equal(line, c->line);
		}
		arena_free(arena);
	}
}

struct within_case {
	const char *what, *text;
	const char *prefix; /* NULL: the AS number */
	uint32_t asn;
	bool within;
};

static const struct within_case withins[] = {
	{ "no line at all", "", "10.0.0.0/8", 0, true },
	{ "inside what is allowed", "allow 10.0.0.0/8", "10.1.0.0/16", 0,
	    true },
	{ "beside what is allowed", "allow 10.0.0.0/8", "11.0.0.0/16", 0,
	    false },
	{ "wider than allowed", "allow 10.0.0.0/8", "10.0.0.0/7", 0, false },
	{ "two that touch, read in either order",
	    "allow 10.128.0.0/9\nallow 10.0.0.0/9", "10.0.0.0/8", 0, true },
	{ "the other family is free", "allow 10.0.0.0/8", "2001:db8::/32", 0,
	    true },
	{ "AS numbers are free", "allow 10.0.0.0/8", NULL, 64496, true },
	{ "denied", "deny 10.0.0.0/8", "10.1.0.0/16", 0, false },
	{ "denied in part", "deny 10.1.0.0/16", "10.0.0.0/8", 0, false },
	{ "next to what is denied", "deny 10.1.0.0/16", "10.2.0.0/16", 0,
	    true },
	{ "deny wins", "allow 10.0.0.0/8\ndeny 10.1.0.0/16", "10.1.0.0/16", 0,
	    false },
	{ "denied AS number", "deny 64000 - 65000", NULL, 64496, false },
	{ "all of IPv6", "allow ::/0", "2001:db8::/32", 0, true },
};

static void
test_within(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(withins) / sizeof(withins[0]); i++) {
		const struct within_case *c = &withins[i];
		struct arena *arena = arena_new();
		struct constraints limits;
		struct resources r;
		struct ranges *ranges = ranges_new();
		struct ip_prefix p = { 0 };
		unsigned line;

		print_message("# %s\n", c->what);
		assert_true(constraints_read(&limits,
		    bytes_of(c->text, strlen(c->text)), &line, arena));
		if (c->prefix != NULL) {
			assert_true(ip_prefix_parse(&p,
			    bytes_of(c->prefix, strlen(c->prefix)),
			    IP_PREFIX_ONLY));
			ranges_add_ip(ranges, p.family, ranges_of_prefix(&p));
		} else {
			ranges_add_as(ranges,
			    (struct as_range){ c->asn, c->asn });
		}
		ranges_seal(ranges, &r, arena);
		assert_int_equal(constraints_allow(&limits, &r, CERT_EE),
		    c->within);
		assert_true(constraints_allow(&limits, &r, CERT_CA));
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
