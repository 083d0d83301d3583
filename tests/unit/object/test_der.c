/* SPDX-License-Identifier: BSD-2-Clause */
/* What der.h promises, octet by octet. */
#include "object/der.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct uint_case {
	const char *what;
	uint8_t in[12];
	size_t len;
	uint64_t max;
	enum fault fault;
	uint64_t value;
};

static const struct uint_case uint_cases[] = {
	{ "zero", { 2, 1, 0 }, 3, 10, FAULT_NONE, 0 },
	{ "needs a leading zero", { 2, 2, 0, 0x80 }, 4, 255, FAULT_NONE, 128 },
	{ "needless leading zero", { 2, 2, 0, 1 }, 4, 9, FAULT_DER_INTEGER, 0 },
	{ "negative", { 2, 1, 0x80 }, 3, 255, FAULT_DER_INTEGER, 0 },
	{ "no octets", { 2, 0 }, 2, 255, FAULT_DER_INTEGER, 0 },
	{ "above max", { 2, 1, 11 }, 3, 10, FAULT_DER_RANGE, 0 },
	{ "2^64 - 1", { 2, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255 }, 11,
	    UINT64_MAX, FAULT_NONE, UINT64_MAX },
	{ "cut short", { 2, 2, 0 }, 3, 255, FAULT_DER_TRUNCATED, 0 },
	{ "long-form length", { 2, 0x81, 1, 5 }, 4, 255, FAULT_DER_LENGTH, 0 },
	{ "indefinite length", { 2, 0x80, 5 }, 3, 255, FAULT_DER_LENGTH, 0 },
	{ "wrong tag", { 4, 1, 5 }, 3, 255, FAULT_DER_TAG, 0 },
	{ "left over", { 2, 1, 5, 0 }, 4, 255, FAULT_DER_TRAILING, 5 },
};

static void
test_uint(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(uint_cases) / sizeof(uint_cases[0]);
	     i++) {
		const struct uint_case *c = &uint_cases[i];
		enum fault fault = FAULT_NONE;
		struct der d = der_open(bytes_of(c->in, c->len), &fault);
		uint64_t value = der_uint(&d, c->max);

		der_close(&d);
		print_message("%s\n", c->what);
		assert_string_equal(fault_label(c->fault), fault_label(fault));
		assert_int_equal(c->value, value);
	}
}

static void
test_fault_sticks(void **state)
{
	static const uint8_t in[] = { 0x30, 3, 4, 1, 7 };
	enum fault fault = FAULT_NONE;
	struct der top = der_open(bytes_of(in, sizeof(in)), &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);

	(void)state;
	assert_int_equal(der_uint(&seq, 9), 0);
	assert_int_equal(der_take(&seq, DER_OCTET_STRING).len, 0);
	assert_false(der_more(&top));
	assert_string_equal("der-tag", fault_label(fault));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_fault_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
