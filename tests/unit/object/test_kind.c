/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, suffixes and eContentTypes agree with each other. */
#include "object/kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_rows(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KIND_UNKNOWN; i++) {
		char name[16] = "x";

		strcat(name, kind_suffix((enum kind)i));
		assert_int_equal(kind_of_name(bytes_of(name, 5)), i);
		/* The suffix alone is no name, nor is another case of it. */
		assert_int_equal(kind_of_name(bytes_of(name + 1, 4)),
		    KIND_UNKNOWN);
		name[2] = (char)(name[2] - 'a' + 'A');
		assert_int_equal(kind_of_name(bytes_of(name, 5)), KIND_UNKNOWN);
		assert_non_null(kind_name((enum kind)i));
		if (kind_oid((enum kind)i).len > 0) {
			assert_int_equal(kind_of_oid(kind_oid((enum kind)i)),
			    i);
		}
	}
}

static void
test_unknown(void **state)
{
	(void)state;
	assert_null(kind_suffix(KIND_UNKNOWN));
	assert_int_equal(kind_oid(KIND_CERT).len, 0);
	assert_int_equal(kind_oid(KIND_UNKNOWN).len, 0);
	assert_int_equal(kind_oid(KIND_ROA).len, 11);
	assert_int_equal(kind_of_name(bytes_of("a.nul", 5)), KIND_UNKNOWN);
	assert_int_equal(kind_of_name(bytes_of(NULL, 0)), KIND_UNKNOWN);
	assert_int_equal(kind_of_oid(bytes_of(NULL, 0)), KIND_UNKNOWN);
	assert_int_equal(kind_of_oid(bytes_of("\x2a", 1)), KIND_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
