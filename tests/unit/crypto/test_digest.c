/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests against the examples of FIPS 180. */
#include "crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ABC448 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

static const struct {
	const char *in;
	const char *sha256;
} cases[] = {
	{ "",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ ABC448,
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
test_sha256(void **state)
{
	struct digester *d = digest_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].in);
		struct hash hash;
		char text[HASH_TEXT];

		digest_of(bytes_of(cases[i].in, len), &hash);
		hash_text(&hash, text);
		assert_string_equal(text, cases[i].sha256);
		/* The same in pieces, of every split. */
		for (size_t cut = 0; cut <= len; cut++) {
			digest_begin(d);
			digest_add(d, bytes_of(cases[i].in, cut));
			digest_add(d, bytes_of(cases[i].in + cut, len - cut));
			digest_end(d, &hash);
			hash_text(&hash, text);
			assert_string_equal(text, cases[i].sha256);
		}
	}
	digest_free(d);
	digest_free(NULL);
}

static void
test_keyid_is_sha1(void **state)
{
	struct keyid id;
	char text[KEYID_TEXT];

	(void)state;
	digest_keyid(bytes_of("abc", 3), &id);
	hash_keyid_text(&id, text);
	assert_string_equal(text, "A9993E364706816ABA3E25717850C26C9CD0D89D");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_keyid_is_sha1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
