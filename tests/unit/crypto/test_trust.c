/* SPDX-License-Identifier: BSD-2-Clause */
/* What is no set of roots. That real ones are believed, and no others, is for
 * tests/system/test_rrdp_http.py to say. */
#include "crypto/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/text.h"

static void
test_nothing_in_it(void **state)
{
	static const char *const texts[] = { "", "hello",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(trust_new(text_bytes(texts[i])));
	}
	trust_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
