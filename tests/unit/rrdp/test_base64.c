/* SPDX-License-Identifier: BSD-2-Clause */
/* What base64.h promises. */
#include "rrdp/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

enum { LONGEST = 200 };

/* A piece at a time; whether all was well. */
static bool
decode(struct bytes text, size_t piece, struct octets *out)
{
	struct base64 base64 = { .bits = 0 };

	octets_reset(out);
	while (text.len > 0) {
		size_t n = text.len < piece ? text.len : piece;

		base64_feed(&base64, bytes_of(text.at, n), out);
		text = bytes_of(text.at + n, text.len - n);
	}
	return base64_end(&base64);
}

static void
write_text(struct octets *text, size_t len)
{
	uint8_t octets[LONGEST];

	for (size_t i = 0; i < len; i++) {
		octets[i] = (uint8_t)(i * 89 + i / 7 * 151 + len * 31);
	}
	octets_reset(text);
	text_base64(text, bytes_of(octets, len), TEXT_BASE64);
}

/* What was encoded comes back, in pieces of every size. */
static void
test_there_and_back(void **state)
{
	struct octets text = { 0 }, out = { 0 }, again = { 0 };

	(void)state;
	for (size_t len = 0; len <= LONGEST; len++) {
		write_text(&text, len);
		for (size_t piece = 1; piece <= text.len + 1; piece++) {
			assert_true(decode(octets_bytes(&text), piece, &out));
			assert_int_equal(len, out.len);
			octets_reset(&again);
			text_base64(&again, octets_bytes(&out), TEXT_BASE64);
			assert_true(bytes_equal(octets_bytes(&text),
			    octets_bytes(&again)));
		}
	}
	octets_clear(&text);
	octets_clear(&out);
	octets_clear(&again);
}

/* Any octet in any place is judged as it is alone, whatever stands around. */
static void
test_any_octet_anywhere(void **state)
{
	struct octets text = { 0 }, whole = { 0 }, single = { 0 };

	(void)state;
	for (size_t at = 0; at < LONGEST / 3 * 4; at++) {
		for (unsigned octet = 0; octet < 256; octet++) {
			bool well;

			write_text(&text, LONGEST / 3 * 3);
			text.at[at] = (uint8_t)octet;
			well = decode(octets_bytes(&text), 1, &single);
			assert_int_equal(well,
			    decode(octets_bytes(&text), text.len, &whole));
			assert_true(!well || bytes_equal(octets_bytes(&single),
						 octets_bytes(&whole)));
		}
	}
	octets_clear(&text);
	octets_clear(&whole);
	octets_clear(&single);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_any_octet_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
