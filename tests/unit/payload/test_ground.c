/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "payload/ground.h"

static const struct report_span spans[] = {
	{ IP_V4, { 10 }, { 10, 1, 255, 255 } },
	{ IP_V4, { 192, 0, 2, 1 }, { 192, 0, 2, 254 } },
	{ IP_V4, { 198, 51, 100, 7 }, { 198, 51, 100, 7 } },
	{ IP_V6, { 0x20, 1, 0xd, 0xb8 },
	    { 0x20, 1, 0xd, 0xb8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff } },
	{ IP_V6, { 0 },
	    { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff } },
};

static void
holds_whole_prefixes_alone(void **state)
{
	static const struct {
		const char *prefix;
		int span; /* -1: none */
	} cases[] = {
		{ "10.0.0.0/15", 0 },
		{ "10.1.255.255/32", 0 },
		{ "10.0.0.0/14", -1 },
		{ "10.2.0.0/16", -1 },
		{ "9.255.255.0/24", -1 },
		{ "192.0.2.0/25", -1 },
		{ "192.0.2.64/26", 1 },
		{ "198.51.100.7/32", 2 },
		{ "0.0.0.0/0", -1 },
		{ "2001:db8:1::/48", 3 },
		{ "2001:db8::/31", 4 },
		{ "::/0", 4 },
	};
	const struct report_ground ground = { .count = 5, .spans = spans };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_prefix prefix;

		assert_true(ip_prefix_parse(&prefix,
		    text_bytes(cases[i].prefix), IP_PREFIX_ONLY));
		assert_ptr_equal(ground_holds(&ground, &prefix),
		    cases[i].span < 0 ? NULL : &spans[cases[i].span]);
	}
}

static void
tells_ranges(void **state)
{
	static const struct {
		const char *text;
		unsigned narrow;
	} cases[] = {
		{ "10.0.0.0/15", 15 },
		{ "192.0.2.1-192.0.2.254", 24 },
		{ "198.51.100.7/32", 32 },
		{ "2001:db8::/32", 32 },
		{ "::/0", 0 },
	};
	char text[GROUND_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ground_text(&spans[i], text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(ground_narrowness(&spans[i]), cases[i].narrow);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_whole_prefixes_alone),
		cmocka_unit_test(tells_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
