/* SPDX-License-Identifier: BSD-2-Clause */
/* What der.h promises, octet by octet. */
#include "object/der.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct within_case {
	const char *what;
	uint8_t in[12];
	size_t len;
	uint64_t max;
	enum fault fault;
	uint64_t value;
};

static const struct within_case within_cases[] = {
	{ "zero", { 2, 1, 0 }, 3, 10, FAULT_NONE, 0 },
	{ "needs a leading zero", { 2, 2, 0, 0x80 }, 4, 255, FAULT_NONE, 128 },
	{ "needless leading zero", { 2, 2, 0, 1 }, 4, 9, FAULT_DER_INTEGER, 0 },
	{ "negative", { 2, 1, 0x80 }, 3, 255, FAULT_RESOURCES_ASN, 0 },
	{ "no octets", { 2, 0 }, 2, 255, FAULT_DER_INTEGER, 0 },
	{ "above max", { 2, 1, 11 }, 3, 10, FAULT_RESOURCES_ASN, 0 },
	{ "2^64 - 1", { 2, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255 }, 11,
	    UINT64_MAX, FAULT_NONE, UINT64_MAX },
	{ "2^64", { 2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0 }, 11, UINT64_MAX,
	    FAULT_RESOURCES_ASN, 0 },
	{ "cut short", { 2, 2, 0 }, 3, 255, FAULT_DER_TRUNCATED, 0 },
	{ "long-form length", { 2, 0x81, 1, 5 }, 4, 255, FAULT_DER_LENGTH, 0 },
	{ "indefinite length", { 2, 0x80, 5 }, 3, 255, FAULT_DER_LENGTH, 0 },
	{ "wrong tag", { 4, 1, 5 }, 3, 255, FAULT_DER_TAG, 0 },
	{ "left over", { 2, 1, 5, 0 }, 4, 255, FAULT_DER_TRAILING, 5 },
};

static void
test_within(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(within_cases) / sizeof(within_cases[0]);
	     i++) {
		const struct within_case *c = &within_cases[i];
		enum fault fault = FAULT_NONE;
		struct der d = der_open(bytes_of(c->in, c->len), &fault);
		uint64_t value = der_within(&d, c->max, FAULT_RESOURCES_ASN);

		der_close(&d);
		print_message("# %s\n", c->what);
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
	assert_int_equal(der_within(&seq, 9, FAULT_CRL_NUMBER), 0);
	assert_int_equal(der_take(&seq, DER_OCTET_STRING).len, 0);
	assert_false(der_more(&top));
	assert_string_equal("der-tag", fault_label(fault));
}

/* What each reader makes of one value: its fault, and whether it was read. */
static void
read_boolean(struct der *d)
{
	der_boolean(d);
}

static void
read_flag(struct der *d)
{
	der_flag(d);
}

static void
read_oid(struct der *d)
{
	der_oid(d);
}

static void
read_bits(struct der *d)
{
	der_bits(d);
}

static void
read_integer(struct der *d)
{
	der_integer(d);
}

static void
read_skip(struct der *d)
{
	der_skip(d);
}

static void
read_ia5(struct der *d)
{
	der_string(d, DER_IA5_STRING);
}

static void
read_printable(struct der *d)
{
	der_string(d, DER_PRINTABLE_STRING);
}

static void
read_utf8(struct der *d)
{
	der_string(d, DER_UTF8_STRING);
}

static void
read_number(struct der *d)
{
	uint8_t out[2];

	der_number(d, out, sizeof(out), FAULT_CRL_NUMBER);
}

static const struct {
	const char *what;
	void (*read)(struct der *d);
	const char *in;
	size_t len;
	const char *label;
} value_cases[] = {
#define IN(octets) octets, sizeof(octets) - 1
	{ "true", read_boolean, IN("\x01\x01\xff"), "ok" },
	{ "false", read_boolean, IN("\x01\x01\x00"), "ok" },
	{ "BER true", read_boolean, IN("\x01\x01\x01"), "der-boolean" },
	{ "no octet", read_boolean, IN("\x01\x00"), "der-boolean" },
	{ "two octets", read_boolean, IN("\x01\x02\xff\xff"), "der-boolean" },
	{ "flag absent", read_flag, IN(""), "ok" },
	{ "flag set", read_flag, IN("\x01\x01\xff"), "ok" },
	{ "flag clear", read_flag, IN("\x01\x01\x00"), "der-default" },
	{ "null", der_null, IN("\x05\x00"), "ok" },
	{ "null, long form", der_null, IN("\x05\x81\x00"), "der-length" },
	{ "null with content", der_null, IN("\x05\x01\x00"), "der-null" },
	{ "an OID", read_oid, IN("\x06\x03\x55\x1d\x0e"), "ok" },
	{ "empty OID", read_oid, IN("\x06\x00"), "der-oid" },
	{ "OID ends early", read_oid, IN("\x06\x02\x55\x86"), "der-oid" },
	{ "OID padded", read_oid, IN("\x06\x03\x55\x80\x01"), "der-oid" },
	{ "OID padded first", read_oid, IN("\x06\x02\x80\x01"), "der-oid" },
	{ "OID of all ones", read_oid, IN("\x06\x03\x55\xff\x7f"), "ok" },
	{ "no bits", read_bits, IN("\x03\x01\x00"), "ok" },
	{ "no octet at all", read_bits, IN("\x03\x00"), "der-bits" },
	{ "unused without bits", read_bits, IN("\x03\x01\x01"), "der-bits" },
	{ "eight unused", read_bits, IN("\x03\x02\x08\x00"), "der-bits" },
	{ "unused set", read_bits, IN("\x03\x02\x07\xc0"), "der-bits" },
	{ "unused clear", read_bits, IN("\x03\x02\x07\x80"), "ok" },
	{ "constructed bits", read_bits, IN("\x23\x03\x03\x01\x00"),
	    "der-tag" },
	{ "minus one", read_integer, IN("\x02\x01\xff"), "ok" },
	{ "minus one, padded", read_integer, IN("\x02\x02\xff\xff"),
	    "der-integer" },
	{ "zero, padded", read_integer, IN("\x02\x02\x00\x00"), "der-integer" },
	{ "number", read_number, IN("\x02\x02\x7f\xff"), "ok" },
	{ "number negative", read_number, IN("\x02\x01\x80"), "crl-number" },
	{ "number long", read_number, IN("\x02\x03\x00\xff\xff"),
	    "crl-number" },
	{ "skip anything", read_skip, IN("\xa3\x02\x05\x00"), "ok" },
	{ "skip a high tag", read_skip, IN("\x1f\x81\x01\x00"), "der-tag" },
	{ "skip end of contents", read_skip, IN("\x00\x00"), "der-tag" },
	{ "skip past the end", read_skip, IN("\x30\x01"), "der-truncated" },
	{ "skip nothing", read_skip, IN(""), "der-truncated" },
	{ "indefinite", read_skip, IN("\x30\x80\x00\x00"), "der-length" },
	{ "length cut", read_skip, IN("\x30\x82\x01"), "der-truncated" },
	{ "length not there", read_skip, IN("\x30\x81"), "der-truncated" },
	{ "127 length octets", read_skip, IN("\x30\xff\x01"), "der-length" },
	{ "five length octets", read_skip, IN("\x30\x85\x01\x00\x00\x00\x00"),
	    "der-length" },
	{ "four gigabytes", read_skip, IN("\x30\x84\xff\xff\xff\xff"),
	    "der-truncated" },
	{ "length cut", read_skip, IN("\x30\x82\x01"), "der-truncated" },
	{ "length padded", read_skip, IN("\x30\x82\x00\x80"), "der-length" },
	{ "ASCII", read_ia5, IN("\x16\x02@*"), "ok" },
	{ "beyond ASCII", read_ia5, IN("\x16\x01\x80"), "der-string" },
	{ "printable", read_printable,
	    IN("\x13\x04"
	       "A-z9"),
	    "ok" },
	{ "not printable", read_printable, IN("\x13\x01@"), "der-string" },
	{ "a NUL", read_printable, IN("\x13\x01\x00"), "der-string" },
	{ "UTF-8 of one, two, three", read_utf8,
	    IN("\x0c\x06\x24\xc2\xa3\xe2\x82\xac"), "ok" },
	{ "UTF-8 of four", read_utf8, IN("\x0c\x04\xf0\x90\x8d\x88"), "ok" },
	{ "UTF-8 cut", read_utf8, IN("\x0c\x02\xe2\x82"), "der-string" },
	{ "UTF-8 overlong", read_utf8, IN("\x0c\x02\xc0\x80"), "der-string" },
	{ "UTF-8 surrogate", read_utf8, IN("\x0c\x03\xed\xa0\x80"),
	    "der-string" },
	{ "UTF-8 too high", read_utf8, IN("\x0c\x04\xf4\x90\x80\x80"),
	    "der-string" },
	{ "UTF-8 stray", read_utf8, IN("\x0c\x01\x80"), "der-string" },
#undef IN
};

static void
test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(value_cases) / sizeof(value_cases[0]);
	     i++) {
		enum fault fault = FAULT_NONE;
		struct der d =
		    der_open(bytes_of(value_cases[i].in, value_cases[i].len),
			&fault);

		value_cases[i].read(&d);
		der_close(&d);
		print_message("# %s\n", value_cases[i].what);
		assert_string_equal(value_cases[i].label, fault_label(fault));
	}
}

static void
test_number_is_right_aligned(void **state)
{
	static const uint8_t in[] = { 2, 2, 0, 0x80 };
	uint8_t out[4] = { 9, 9, 9, 9 };
	enum fault fault = FAULT_NONE;
	struct der d = der_open(bytes_of(in, sizeof(in)), &fault);

	(void)state;
	der_number(&d, out, sizeof(out), FAULT_CRL_NUMBER);
	assert_int_equal(fault, FAULT_NONE);
	assert_memory_equal(out, "\0\0\0\x80", 4);
}

static void
test_whole_keeps_its_tag(void **state)
{
	static const uint8_t in[] = { 0x30, 2, 5, 0, 0x02, 1, 7 };
	enum fault fault = FAULT_NONE;
	struct der d = der_open(bytes_of(in, sizeof(in)), &fault);
	struct bytes first = der_whole(&d, DER_SEQUENCE);
	struct bytes second = der_skip(&d);

	(void)state;
	assert_ptr_equal(first.at, in);
	assert_int_equal(first.len, 4);
	assert_ptr_equal(second.at, in + 4);
	assert_int_equal(second.len, 3);
	der_close(&d);
	assert_int_equal(fault, FAULT_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_number_is_right_aligned),
		cmocka_unit_test(test_whole_keeps_its_tag),
		cmocka_unit_test(test_fault_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
