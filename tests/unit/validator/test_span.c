/* SPDX-License-Identifier: BSD-2-Clause */
/* A span narrows to exactly the time in which the same would be said. */
#include "validator/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_narrows(void **state)
{
	struct span span = span_at(100);

	(void)state;
	assert_true(span_reached(&span, 90));
	assert_true(span_reached(&span, 100));
	assert_false(span_reached(&span, 101));
	assert_false(span_reached(&span, 500));
	assert_int_equal(span.from, 100);
	assert_int_equal(span.until, 100);
}

static void
test_part_of_it(void **state)
{
	struct span span = span_at(100);

	(void)state;
	span_within(&span, 50, 200);
	span_within(&span, 20, 180);
	span_within(&span, INT64_MIN, INT64_MAX);
	assert_int_equal(span.from, 50);
	assert_int_equal(span.until, 180);
}

/* Whatever is asked, every moment inside the span answers alike, and the
 * moments just outside do not. */
static void
test_same_answers_inside(void **state)
{
	static const int64_t asked[] = { 3, 17, 40, 41, 90 };

	(void)state;
	for (int64_t now = 0; now < 100; now++) {
		struct span span = span_at(now);
		bool said[5];

		for (unsigned i = 0; i < 5; i++) {
			said[i] = span_reached(&span, asked[i]);
		}
		for (int64_t then = 0; then < 100; then++) {
			struct span other = span_at(then);
			bool same = true;

			for (unsigned i = 0; i < 5; i++) {
				same &=
				    span_reached(&other, asked[i]) == said[i];
			}
			assert_int_equal(same,
			    then >= span.from && then <= span.until);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_narrows),
		cmocka_unit_test(test_part_of_it),
		cmocka_unit_test(test_same_answers_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
