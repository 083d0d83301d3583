/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes and key identifiers as text. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_text(void **state)
{
	struct hash hash, back;
	struct keyid id;
	char text[HASH_TEXT], id_text[KEYID_TEXT];

	(void)state;
	for (int i = 0; i < HASH_SIZE; i++) {
		hash.at[i] = (uint8_t)(i * 9 + 0xa0);
	}
	memset(id.at, 0xab, sizeof(id.at));
	hash_text(&hash, text);
	assert_string_equal(text,
	    "a0a9b2bbc4cdd6dfe8f1fa030c151e273039424b545d666f78818a939ca5aeb7");
	assert_true(hash_parse(&back, bytes_of(text, 64)));
	assert_true(hash_equal(&hash, &back));
	hash_keyid_text(&id, id_text);
	assert_string_equal(id_text,
	    "ABABABABABABABABABABABABABABABABABABABAB");
}

static void
test_refused(void **state)
{
	static const char good[] =
	    "00112233445566778899AABBCCDDEEFFaabbccddeeff00112233445566778899";
	struct hash hash, before;
	char text[65];

	(void)state;
	memset(&before, 7, sizeof(before));
	hash = before;
	assert_false(hash_parse(&hash, bytes_of(good, 63)));
	assert_false(hash_parse(&hash, bytes_of(good, 62)));
	assert_false(hash_parse(&hash, bytes_of(NULL, 0)));
	for (unsigned c = 0; c < 256; c++) {
		bool digit =
		    strchr("0123456789abcdefABCDEF", (int)c) != NULL && c != 0;

		memcpy(text, good, 65);
		text[c % 64] = (char)c;
		assert_int_equal(hash_parse(&hash, bytes_of(text, 64)), digit);
		if (!digit) {
			assert_true(hash_equal(&hash, &before));
		}
		hash = before;
	}
}

static void
test_equal(void **state)
{
	struct keyid a = { { 1 } }, b = a;

	(void)state;
	assert_true(hash_keyid_equal(&a, &b));
	b.at[KEYID_SIZE - 1] = 1;
	assert_false(hash_keyid_equal(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
