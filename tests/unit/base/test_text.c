/* SPDX-License-Identifier: BSD-2-Clause */
/* What text.h reads and refuses, and what it writes. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void
expect(struct octets *o, const char *text)
{
	assert_int_equal(o->len, strlen(text));
	assert_memory_equal(o->at, text, o->len);
	octets_reset(o);
}

static void
test_uint(void **state)
{
	static const struct {
		const char *in;
		uint64_t max;
		bool good;
		uint64_t value;
	} rows[] = {
		{ "0", 0, true, 0 },
		{ "9", 9, true, 9 },
		{ "10", 9, false, 0 },
		{ "4294967295", UINT32_MAX, true, UINT32_MAX },
		{ "4294967296", UINT32_MAX, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "", 9, false, 0 },
		{ "00", 9, false, 0 },
		{ "01", 9, false, 0 },
		{ "+1", 9, false, 0 },
		{ "-1", 9, false, 0 },
		{ " 1", 9, false, 0 },
		{ "1 ", 9, false, 0 },
		{ "1.0", 9, false, 0 },
		{ "0x1", 9, false, 0 },
		{ "/", 99, false, 0 },
		{ ":", 99, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint64_t value = 42;

		print_message("'%s'\n", rows[i].in);
		assert_int_equal(text_uint(text_bytes(rows[i].in), rows[i].max,
				     &value),
		    rows[i].good);
		assert_int_equal(value, rows[i].good ? rows[i].value : 42);
	}
}

static void
test_asn(void **state)
{
	static const char *const wrong[] = { "", "AS", "as", "A1", "AS01",
		"AS 1", "AS-1", "aS1", "As1", "ASAS1", "AS4294967296", "1.1" };
	uint32_t asn = 0;

	(void)state;
	assert_true(text_asn(text_bytes("AS64496"), &asn));
	assert_int_equal(asn, 64496);
	assert_true(text_asn(text_bytes("as0"), &asn));
	assert_int_equal(asn, 0);
	assert_true(text_asn(text_bytes("4294967295"), &asn));
	assert_int_equal(asn, UINT32_MAX);
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		print_message("'%s'\n", wrong[i]);
		assert_false(text_asn(text_bytes(wrong[i]), &asn));
		assert_int_equal(asn, UINT32_MAX);
	}
}

static void
check_decimal(uint64_t number)
{
	char expected[TEXT_DIGITS + 1], got[TEXT_DIGITS];
	int len = snprintf(expected, sizeof(expected), "%llu",
	    (unsigned long long)number);

	assert_ptr_equal(text_decimal(got, number), got + len);
	assert_memory_equal(got, expected, (size_t)len);
}

/* Of each length the least and the most, and what has one digit or two behind
 * zeros. */
static void
test_decimal(void **state)
{
	uint64_t least = 1;

	(void)state;
	for (unsigned digits = 1; digits < TEXT_DIGITS; digits++) {
		check_decimal(least - 1);
		check_decimal(least);
		check_decimal(least + 7);
		check_decimal(least + 42);
		least *= 10;
	}
	check_decimal(least);
	check_decimal(UINT64_MAX);
}

static void
test_cut_and_trim(void **state)
{
	struct bytes rest = text_bytes("a,,bc");

	(void)state;
	assert_true(text_same(text_cut(&rest, ','), "a"));
	assert_true(text_same(text_cut(&rest, ','), ""));
	assert_true(text_same(rest, "bc"));
	assert_true(text_same(text_cut(&rest, ','), "bc"));
	assert_int_equal(rest.len, 0);
	assert_int_equal(text_cut(&rest, ',').len, 0);
	rest = bytes_of(NULL, 0);
	assert_int_equal(text_cut(&rest, ',').len, 0);
	assert_true(text_same(text_trim(text_bytes(" \ta b\t ")), "a b"));
	assert_true(text_same(text_trim(text_bytes(" \t ")), ""));
	assert_true(text_same(text_trim(text_bytes("\n")), "\n"));
}

static void
test_lines(void **state)
{
	(void)state;
	assert_int_equal(text_lines(bytes_of(NULL, 0)), 1);
	assert_int_equal(text_lines(text_bytes("a")), 1);
	assert_int_equal(text_lines(text_bytes("a\n")), 2);
	assert_int_equal(text_lines(text_bytes("\na\r\nb")), 3);
}

static void
test_hex(void **state)
{
	static const char *const wrong[] = { "0", "000", "0g", "g0", "0x", " 0",
		"0 " };
	struct octets o = { 0 };

	(void)state;
	text_hex(&o, bytes_of("\x00\xab\xff", 3));
	expect(&o, "00abff");
	text_hex_upper(&o, bytes_of("\x00\xab\xff", 3));
	expect(&o, "00ABFF");
	octets_u8(&o, '>');
	assert_true(text_from_hex(&o, text_bytes("6B6c")));
	expect(&o, ">kl");
	assert_true(text_from_hex(&o, text_bytes("")));
	octets_u8(&o, '>');
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		assert_false(text_from_hex(&o, text_bytes(wrong[i])));
		assert_int_equal(o.len, 1);
	}
	octets_clear(&o);
}

static void
test_base64(void **state)
{
	/* The vectors of RFC 4648 10, and one that tells the alphabets apart.
	 */
	static const struct {
		const char *data;
		const char *text[3];
	} rows[] = {
		{ "", { "", "", "" } },
		{ "f", { "Zg==", "Zg", "Zg" } },
		{ "fo", { "Zm8=", "Zm8", "Zm8" } },
		{ "foo", { "Zm9v", "Zm9v", "Zm9v" } },
		{ "foob", { "Zm9vYg==", "Zm9vYg", "Zm9vYg" } },
		{ "fooba", { "Zm9vYmE=", "Zm9vYmE", "Zm9vYmE" } },
		{ "foobar", { "Zm9vYmFy", "Zm9vYmFy", "Zm9vYmFy" } },
		{ "\xfb\xff\xbf", { "+/+/", "+/+/", "-_-_" } },
	};
	struct octets o = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		for (enum text_base64 kind = TEXT_BASE64;
		     kind <= TEXT_BASE64URL; kind++) {
			const char *text = rows[i].text[kind];

			print_message("%s\n", text);
			text_base64(&o, text_bytes(rows[i].data), kind);
			expect(&o, text);
			assert_true(
			    text_from_base64(&o, text_bytes(text), kind));
			expect(&o, rows[i].data);
		}
	}
	octets_clear(&o);
}

static void
test_base64_refused(void **state)
{
	static const struct {
		const char *in;
		enum text_base64 kind;
	} rows[] = {
		{ "Zg", TEXT_BASE64 },
		{ "Zg=", TEXT_BASE64 },
		{ "Zg===", TEXT_BASE64 },
		{ "Zh==", TEXT_BASE64 },
		{ "Zm9=", TEXT_BASE64 },
		{ "Z===", TEXT_BASE64 },
		{ "====", TEXT_BASE64 },
		{ "=", TEXT_BASE64 },
		{ "Zg==Zg==", TEXT_BASE64 },
		{ "Zm9v\n", TEXT_BASE64 },
		{ "Zm 9v", TEXT_BASE64 },
		{ "Zm9-", TEXT_BASE64 },
		{ "Zm9\xff", TEXT_BASE64 },
		{ "Zg==", TEXT_BASE64_UNPADDED },
		{ "Zh", TEXT_BASE64_UNPADDED },
		{ "Zm9vY", TEXT_BASE64_UNPADDED },
		{ "Zm9", TEXT_BASE64_UNPADDED },
		{ "-_-_", TEXT_BASE64_UNPADDED },
		{ "+/+/", TEXT_BASE64URL },
		{ "Zg==", TEXT_BASE64URL },
	};
	struct octets o = { 0 };

	(void)state;
	octets_u8(&o, '>');
	for (size_t i = 0; i < LENGTH(rows); i++) {
		print_message("%s\n", rows[i].in);
		assert_false(
		    text_from_base64(&o, text_bytes(rows[i].in), rows[i].kind));
		assert_int_equal(o.len, 1);
	}
	octets_clear(&o);
}

static void
test_escape(void **state)
{
	struct octets o = { 0 };

	(void)state;
	text_escape(&o, text_bytes("a b~\"'"));
	expect(&o, "a b~\"'");
	text_escape(&o, bytes_of("\0\n\x1b\x7f\x80\xff\\", 7));
	expect(&o, "\\x00\\x0a\\x1b\\x7f\\x80\\xff\\x5c");
	octets_clear(&o);
}

static void
test_json(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain", "plain" },
		{ "\"\\/", "\\\"\\\\/" },
		{ "\n\t\x01\x7f", "\\u000a\\u0009\\u0001\\u007f" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\xc2\x9b", "\\u009b" },
		{ "\xe2\x80\xa8", "\\u2028" },
		{ "\xff", "\xef\xbf\xbd" },
		{ "\x80", "\xef\xbf\xbd" },
		{ "\xc3", "\xef\xbf\xbd" },
		{ "\xc3(", "\xef\xbf\xbd(" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80",
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf8", "\xef\xbf\xbd" },
	};
	struct octets o = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		text_json(&o, text_bytes(rows[i].in));
		expect(&o, rows[i].out);
	}
	text_json(&o, bytes_of("\0", 1));
	expect(&o, "\\u0000");
	octets_clear(&o);
}

static void
test_copy(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(text_copy(arena, bytes_of("abc", 2)), "ab");
	assert_string_equal(text_copy(arena, bytes_of(NULL, 0)), "");
	arena_free(arena);
}

static void
test_distance(void **state)
{
	char wide[80];

	(void)state;
	assert_int_equal(text_distance("", ""), 0);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_int_equal(text_distance("abc", ""), 3);
	assert_int_equal(text_distance("kitten", "sitting"), 3);
	assert_int_equal(text_distance("refresh", "refrehs"), 2);
	assert_int_equal(text_distance("same", "same"), 0);
	memset(wide, 'a', sizeof(wide));
	wide[79] = '\0';
	assert_int_equal(text_distance(wide, "a"), 79);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_asn),
		cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_cut_and_trim),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_refused),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
