/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of faults holds together. */
#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_rows(void **state)
{
	(void)state;
	for (unsigned i = 1; i < FAULT_COUNT; i++) {
		enum fault fault = (enum fault)i;
		const char *label = fault_label(fault);

		/* A label is a metric label and the name of a file. */
		print_message("%s\n", label);
		assert_true(strlen(label) >= 3 && strlen(label) <= 40);
		assert_int_equal(strspn(label,
				     "abcdefghijklmnopqrstuvwxyz0123456789-"),
		    strlen(label));
		assert_int_equal(fault_find(label), fault);
		assert_true(strlen(fault_source(fault)) > 0);
		assert_true(strlen(fault_text(fault)) > 0);
	}
}

static void
test_none(void **state)
{
	(void)state;
	assert_string_equal(fault_label(FAULT_NONE), "ok");
	assert_false(fault_rejects(FAULT_NONE));
	assert_true(fault_rejects(FAULT_URI_FORM));
	assert_int_equal(fault_find("no-such-fault"), FAULT_NONE);
	assert_int_equal(fault_find(""), FAULT_NONE);
}

static void
test_oddities(void **state)
{
	struct oddities odd = { 0 };

	(void)state;
	fault_note(&odd, FAULT_URI_FORM);
	fault_note(&odd, FAULT_URI_FORM);
	assert_int_equal(odd.count, 1);
	for (unsigned i = 1; i < FAULT_COUNT; i++) {
		fault_note(&odd, (enum fault)i);
	}
	assert_int_equal(odd.count, FAULT_ODDITIES);
	assert_int_equal(odd.list[0], FAULT_URI_FORM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_oddities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
