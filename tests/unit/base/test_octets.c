/* SPDX-License-Identifier: BSD-2-Clause */
/* What octets.h writes, octet by octet. */
#include "base/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
expect(struct octets *o, const void *at, size_t len)
{
	assert_int_equal(o->len, len);
	assert_memory_equal(o->at, at, len);
	octets_reset(o);
}

static void
test_network_order(void **state)
{
	struct octets o = { 0 };

	(void)state;
	octets_u8(&o, 0xfe);
	octets_u16(&o, 0x0102);
	octets_u32(&o, 0x03040506);
	octets_u64(&o, 0x0708090a0b0c0d0e);
	expect(&o, "\xfe\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe", 15);
	octets_clear(&o);
	octets_clear(&o);
}

static void
test_runs(void **state)
{
	struct octets o = { 0 };

	(void)state;
	octets_run(&o, bytes_of("ab", 2));
	expect(&o, "\0\0\0\2ab", 6);
	octets_text(&o, "");
	expect(&o, "\0\0\0\0", 4);
	octets_text(&o, NULL);
	expect(&o, "\xff\xff\xff\xff", 4);
	octets_add(&o, NULL, 0);
	octets_add_bytes(&o, bytes_of(NULL, 0));
	assert_int_equal(octets_bytes(&o).len, 0);
	octets_clear(&o);
}

static void
test_printf(void **state)
{
	struct octets o = { 0 };

	(void)state;
	octets_printf(&o, "%s:%u", "a", 7u);
	octets_printf(&o, "%s", "");
	expect(&o, "a:7", 3);
	for (int len = 1; len < 300; len++) {
		octets_u8(&o, '<');
		octets_printf(&o, "%0*d", len, 7);
		octets_u8(&o, '>');
		assert_int_equal(o.len, len + 2);
		assert_int_equal(o.at[len], '7');
		assert_int_equal(o.at[len + 1], '>');
		octets_clear(&o);
	}
}

static void
test_more(void **state)
{
	struct octets o = { 0 };

	(void)state;
	assert_non_null(octets_more(&o, 0));
	memset(octets_more(&o, 5000), 'a', 5000);
	memset(octets_more(&o, 1), 'b', 1);
	assert_int_equal(o.len, 5001);
	assert_int_equal(o.at[4999], 'a');
	assert_int_equal(o.at[5000], 'b');
	octets_clear(&o);
}

static void
test_reserve(void **state)
{
	struct octets o = { 0 };
	const uint8_t *at;

	(void)state;
	octets_u8(&o, 'a');
	octets_reserve(&o, 100000);
	assert_int_equal(o.len, 1);
	assert_int_equal(o.room, 100001);
	at = o.at;
	memset(octets_more(&o, 100000), 'b', 100000);
	assert_ptr_equal(o.at, at);
	assert_int_equal(o.at[0], 'a');
	octets_reserve(&o, 0);
	assert_int_equal(o.room, 100001);
	octets_u8(&o, 'c');
	assert_int_equal(o.at[100001], 'c');
	octets_clear(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network_order),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_printf),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
