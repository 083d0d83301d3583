/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

struct access_case {
	const char *what;
	const char *rules; /* +allowed -denied */
	const char *address;
	bool lets;
};

static const struct access_case cases[] = {
	{ "nothing said", "", "192.0.2.1", true },
	{ "nothing said, IPv6", "", "2001:db8::1", true },
	{ "allowed", "+192.0.2.0/24", "192.0.2.1", true },
	{ "not among the allowed", "+192.0.2.0/24", "192.0.3.1", false },
	{ "the other family when one is allowed", "+192.0.2.0/24",
	    "2001:db8::1", false },
	{ "denied", "-192.0.2.0/24", "192.0.2.1", false },
	{ "not among the denied", "-192.0.2.0/24", "192.0.3.1", true },
	{ "a hole in what is allowed", "+192.0.2.0/24 -192.0.2.1", "192.0.2.1",
	    false },
	{ "beside the hole", "+192.0.2.0/24 -192.0.2.1", "192.0.2.2", true },
	{ "an island in what is denied", "-0.0.0.0/0 +192.0.2.1", "192.0.2.1",
	    true },
	{ "order does not matter", "-192.0.2.1 +192.0.2.0/24", "192.0.2.1",
	    false },
	{ "both said of the same", "+192.0.2.1 -192.0.2.1", "192.0.2.1",
	    false },
	{ "both said, the other way round", "-192.0.2.1 +192.0.2.1",
	    "192.0.2.1", false },
	{ "all of IPv6", "+::/0", "2001:db8::1", true },
	{ "no address", "+192.0.2.0/24", "local", true },
};

static void
read_rules(struct access *access, const char *text)
{
	struct bytes left = text_bytes(text);

	while (left.len > 0) {
		struct bytes rule = text_cut(&left, ' ');
		struct ip_prefix prefix;

		assert_true(ip_prefix_parse(&prefix,
		    bytes_of(rule.at + 1, rule.len - 1), IP_LONE_ADDRESS));
		access_add(access,
		    rule.at[0] == '+' ? ACCESS_ALLOW : ACCESS_DENY, &prefix);
	}
}

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct access *access = access_new();

		print_message("# %s\n", cases[i].what);
		read_rules(access, cases[i].rules);
		assert_int_equal(access_lets(access, cases[i].address),
		    cases[i].lets);
		access_free(access);
	}
	access_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
