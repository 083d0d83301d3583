/* SPDX-License-Identifier: BSD-2-Clause */
/* Which keys are taken, and which points are on P-256. */
#include "crypto/key.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_modulus(void **state)
{
	uint8_t n[KEY_RSA_OCTETS];
	struct key *key;

	(void)state;
	memset(n, 0xa5, sizeof(n));
	key = key_rsa(bytes_of(n, sizeof(n)));
	assert_non_null(key);
	key_free(key);
	n[0] = 0x25;
	assert_null(key_rsa(bytes_of(n, sizeof(n)))); /* 2046 bits */
	n[0] = 0xa5;
	n[sizeof(n) - 1] = 0xa4;
	assert_null(key_rsa(bytes_of(n, sizeof(n)))); /* even */
	memset(n, 0, sizeof(n));
	assert_null(key_rsa(bytes_of(n, sizeof(n))));
	key_free(NULL);
}

/* The generator, as OpenSSL writes it. */
static void
generator(uint8_t out[KEY_POINT_OCTETS])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);

	assert_non_null(group);
	assert_int_equal(EC_POINT_point2oct(group,
			     EC_GROUP_get0_generator(group),
			     POINT_CONVERSION_UNCOMPRESSED, out,
			     KEY_POINT_OCTETS, NULL),
	    KEY_POINT_OCTETS);
	EC_GROUP_free(group);
}

static void
test_point(void **state)
{
	uint8_t p[KEY_POINT_OCTETS];

	(void)state;
	generator(p);
	assert_true(key_point_on_p256(bytes_of(p, sizeof(p))));
	assert_false(key_point_on_p256(bytes_of(p, 33)));
	assert_false(key_point_on_p256(bytes_of(p, 0)));
	for (size_t i = 0; i < sizeof(p); i++) {
		p[i] ^= 1; /* the form, or off the curve */
		assert_false(key_point_on_p256(bytes_of(p, sizeof(p))));
		p[i] ^= 1;
	}
	memset(p + 1, 0, sizeof(p) - 1);
	assert_false(key_point_on_p256(bytes_of(p, sizeof(p))));
	memset(p + 1, 0xff, sizeof(p) - 1); /* not below the field's prime */
	assert_false(key_point_on_p256(bytes_of(p, sizeof(p))));
	p[0] = 0; /* the point at infinity is one octet, not 65 */
	assert_false(key_point_on_p256(bytes_of(p, 1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modulus),
		cmocka_unit_test(test_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
