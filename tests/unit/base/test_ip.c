/* SPDX-License-Identifier: BSD-2-Clause */
/* Prefixes: strict reading, RFC 5952 writing, order and cover. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

struct parse_case {
	const char *in;
	enum ip_form form;
	const char *out; /* NULL: refused */
};

static const struct parse_case cases[] = {
	{ "192.0.2.0/24", IP_PREFIX_ONLY, "192.0.2.0/24" },
	{ "0.0.0.0/0", IP_PREFIX_ONLY, "0.0.0.0/0" },
	{ "255.255.255.255/32", IP_PREFIX_ONLY, "255.255.255.255/32" },
	{ "10.0.0.1", IP_LONE_ADDRESS, "10.0.0.1/32" },
	{ "::1", IP_LONE_ADDRESS, "::1/128" },
	{ "::/0", IP_PREFIX_ONLY, "::/0" },
	{ "2001:DB8::/32", IP_PREFIX_ONLY, "2001:db8::/32" },
	{ "2001:0db8:0000:0000::/33", IP_PREFIX_ONLY, "2001:db8::/33" },
	{ "2001:db8:0:1:0:0:0:0/64", IP_PREFIX_ONLY, "2001:db8:0:1::/64" },
	{ "2001:0:0:1:0:0:0:1/128", IP_PREFIX_ONLY, "2001:0:0:1::1/128" },
	{ "::ffff:192.0.2.0/120", IP_PREFIX_ONLY, "::ffff:192.0.2.0/120" },
	{ "10.0.0.1", IP_PREFIX_ONLY, NULL },
	{ "10.0.0.1/8", IP_PREFIX_ONLY, NULL },
	{ "10.0.0.0/33", IP_PREFIX_ONLY, NULL },
	{ "10.0.0.0/08", IP_PREFIX_ONLY, NULL },
	{ "10.0.0.0/", IP_LONE_ADDRESS, NULL },
	{ "10.0.0.0/+8", IP_PREFIX_ONLY, NULL },
	{ "10.0.0.0/8/8", IP_PREFIX_ONLY, NULL },
	{ "10.0.0/8", IP_PREFIX_ONLY, NULL },
	{ "10/8", IP_PREFIX_ONLY, NULL },
	{ "010.0.0.0/8", IP_PREFIX_ONLY, NULL },
	{ "0x0a.0.0.0/8", IP_PREFIX_ONLY, NULL },
	{ "10.0.0.0 /8", IP_PREFIX_ONLY, NULL },
	{ " 10.0.0.0/8", IP_PREFIX_ONLY, NULL },
	{ "10.0.0.0/8 ", IP_PREFIX_ONLY, NULL },
	{ "256.0.0.0/8", IP_PREFIX_ONLY, NULL },
	{ "2001:db8::/129", IP_PREFIX_ONLY, NULL },
	{ "2001:db8::1/64", IP_PREFIX_ONLY, NULL },
	{ "2001:db8:::/32", IP_PREFIX_ONLY, NULL },
	{ "fe80::%1/64", IP_PREFIX_ONLY, NULL },
	{ "1:2:3:4:5:6:7:8:9/64", IP_PREFIX_ONLY, NULL },
	{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/0", IP_PREFIX_ONLY,
	    NULL },
	{ "10.1.2.3", IP_QUESTION, "10.1.2.3/32" },
	{ "10.255.255.255/9", IP_QUESTION, "10.128.0.0/9" },
	{ "10.1.2.3/24", IP_QUESTION, "10.1.2.0/24" },
	{ "10.1.2.3/0", IP_QUESTION, "0.0.0.0/0" },
	{ "10.1.2.3/32", IP_QUESTION, "10.1.2.3/32" },
	{ "10.1.2.3/33", IP_QUESTION, NULL },
	{ "2001:db8::ffff:1/113", IP_QUESTION, "2001:db8::ffff:0/113" },
	{ "2001:db8::1/128", IP_QUESTION, "2001:db8::1/128" },
	{ "", IP_LONE_ADDRESS, NULL },
	{ "/8", IP_LONE_ADDRESS, NULL },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct parse_case *c = &cases[i];
		struct ip_prefix prefix;
		char text[IP_TEXT];

		print_message("'%s'\n", c->in);
		assert_int_equal(ip_prefix_parse(&prefix,
				     bytes_of(c->in, strlen(c->in)), c->form),
		    c->out != NULL);
		if (c->out != NULL) {
			ip_prefix_text(&prefix, text);
			assert_string_equal(text, c->out);
			assert_true(ip_prefix_sane(&prefix));
		}
	}
}

static void
test_nul(void **state)
{
	struct ip_prefix prefix;

	(void)state;
	assert_false(ip_prefix_parse(&prefix, bytes_of("10.0.0.0\0/8", 11),
	    IP_PREFIX_ONLY));
	assert_false(ip_prefix_parse(&prefix, bytes_of("10.0.0.0/8\0", 11),
	    IP_PREFIX_ONLY));
}

static struct ip_prefix
of(const char *text)
{
	struct ip_prefix prefix;

	assert_true(ip_prefix_parse(&prefix, bytes_of(text, strlen(text)),
	    IP_PREFIX_ONLY));
	return prefix;
}

static void
test_order(void **state)
{
	static const char *const sorted[] = { "0.0.0.0/0", "10.0.0.0/8",
		"10.0.0.0/9", "10.128.0.0/9", "192.0.2.0/24", "::/0",
		"2001:db8::/32", "2001:db8::/48", "2001:db8:1::/48" };
	int count = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (int i = 0; i < count; i++) {
		for (int j = 0; j < count; j++) {
			struct ip_prefix a = of(sorted[i]), b = of(sorted[j]);

			assert_int_equal(ip_prefix_compare(&a, &b),
			    (i > j) - (i < j));
		}
	}
}

static void
test_covers(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool covers;
	} rows[] = {
		{ "10.0.0.0/8", "10.0.0.0/8", true },
		{ "10.0.0.0/8", "10.255.255.255/32", true },
		{ "10.0.0.0/9", "10.128.0.0/9", false },
		{ "10.0.0.0/9", "10.0.0.0/8", false },
		{ "0.0.0.0/0", "192.0.2.0/24", true },
		{ "0.0.0.0/0", "::/0", false },
		{ "::/0", "2001:db8::/32", true },
		{ "2001:db8::/33", "2001:db8:8000::/33", false },
		{ "2001:db8::1/128", "2001:db8::1/128", true },
		{ "10.0.0.1/32", "10.0.0.1/32", true },
		{ "10.0.0.0/31", "10.0.0.2/32", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip_prefix outer = of(rows[i].outer);
		struct ip_prefix inner = of(rows[i].inner);

		print_message("%s in %s\n", rows[i].inner, rows[i].outer);
		assert_int_equal(ip_prefix_covers(&outer, &inner),
		    rows[i].covers);
	}
}

static void
test_sane(void **state)
{
	struct ip_prefix p = { .family = IP_V4, .length = 8 };

	(void)state;
	assert_true(ip_prefix_sane(&p));
	for (int bit = 8; bit < 128; bit++) {
		p.address[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		assert_false(ip_prefix_sane(&p));
		p.address[bit / 8] = 0;
	}
	p.length = 33;
	assert_false(ip_prefix_sane(&p));
	p.family = IP_V6;
	assert_true(ip_prefix_sane(&p));
	p.length = 129;
	assert_false(ip_prefix_sane(&p));
	p.length = 0;
	p.family = 0;
	assert_false(ip_prefix_sane(&p));
	p.family = 3;
	assert_false(ip_prefix_sane(&p));
}

/* A small generator of our own: the same addresses each time. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Groups of zeros in every place, and letters of every length between. */
static void
test_as_the_system_writes(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint8_t address[16] = { 0 };
		uint32_t shape = next_random(&seed);
		char ours[IP_TEXT], theirs[IP_TEXT];

		for (unsigned g = 0; g < 8; g++) {
			uint32_t group = (shape >> g & 1) != 0
					     ? 0
					     : next_random(&seed) & 0xffff;

			group >>= (shape >> 8 & 1) != 0 ? group % 13 : 0;
			if (g == 5 && (shape >> 9 & 7) == 0) {
				group = 0xffff;
			}
			address[2 * g] = (uint8_t)(group >> 8);
			address[2 * g + 1] = (uint8_t)group;
		}
		ip_address_text(address, IP_V6, ours);
		assert_non_null(
		    inet_ntop(AF_INET6, address, theirs, sizeof(theirs)));
		assert_string_equal(ours, theirs);
		ip_address_text(address, IP_V4, ours);
		assert_non_null(
		    inet_ntop(AF_INET, address, theirs, sizeof(theirs)));
		assert_string_equal(ours, theirs);
	}
}

static void
test_socket_text(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	char text[IP_TEXT];

	(void)state;
	in.sin_addr.s_addr = htonl(0xc0000201);
	ip_socket_text((const struct sockaddr *)&in, text);
	assert_string_equal(text, "192.0.2.1");
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &in6.sin6_addr), 1);
	ip_socket_text((const struct sockaddr *)&in6, text);
	assert_string_equal(text, "2001:db8::1");
	assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.1",
			     &in6.sin6_addr),
	    1);
	ip_socket_text((const struct sockaddr *)&in6, text);
	assert_string_equal(text, "192.0.2.1");
	ip_socket_text((const struct sockaddr *)&local, text);
	assert_string_equal(text, "local");
}

static void
test_holder(void **state)
{
	static const struct {
		const char *address, *holder;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::/64" },
		{ "2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64" },
		{ "2001:db8:0:1::", "2001:db8:0:1::/64" },
		{ "::1", "::/64" },
		{ "local", "local" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char holder[IP_TEXT];

		ip_holder_text(rows[i].address, holder);
		assert_string_equal(holder, rows[i].holder);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_holder),
		cmocka_unit_test(test_as_the_system_writes),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_sane),
		cmocka_unit_test(test_socket_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
