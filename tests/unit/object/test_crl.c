/* SPDX-License-Identifier: BSD-2-Clause */
/* CRLs: a fixture a rule, look-up, and a list of a million. */
#include "object/crl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/object/fixture.h"

static enum fault
decode(struct bytes octets, struct arena *arena)
{
	struct crl crl;

	return crl_decode(&crl, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("crl", decode);
}

static bool
revokes(const struct crl *crl, unsigned number)
{
	uint8_t serial[CERT_SERIAL] = { 0 };

	serial[CERT_SERIAL - 1] = (uint8_t)number;
	serial[CERT_SERIAL - 2] = (uint8_t)(number >> 8);
	return crl_revokes(crl, serial);
}

static void
test_look_up(void **state)
{
	struct arena *arena = arena_new();
	struct crl crl;

	(void)state;
	assert_int_equal(crl_decode(&crl,
			     fixture_read(arena, "crl/good/plain.crl"), arena),
	    FAULT_NONE);
	assert_int_equal(crl.count, 3);
	assert_int_equal(crl.this_update, 1735689600);
	assert_int_equal(crl.next_update, 1735776000);
	assert_int_equal(crl.number[CERT_SERIAL - 1], 5);
	assert_int_equal(crl.entries[0].when, 1735689600);
	assert_true(revokes(&crl, 3));
	assert_true(revokes(&crl, 9));
	assert_true(revokes(&crl, 300));
	assert_false(revokes(&crl, 0));
	assert_false(revokes(&crl, 4));
	assert_false(revokes(&crl, 301));
	assert_int_equal(crl_decode(&crl,
			     fixture_read(arena, "crl/good/no-list.crl"),
			     arena),
	    FAULT_NONE);
	assert_false(revokes(&crl, 3));
	arena_free(arena);
}

static void
test_oddities(void **state)
{
	static const struct {
		const char *file;
		const char *label;
	} cases[] = {
		{ "crl/good/empty-list.crl", "crl-empty-list" },
		{ "crl/good/repeated.crl", "crl-repeated" },
		{ "crl/good/no-null.crl", "signature-null" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct crl crl;

		assert_int_equal(crl_decode(&crl,
				     fixture_read(arena, cases[i].file), arena),
		    FAULT_NONE);
		assert_int_equal(crl.odd.count, 1);
		assert_string_equal(cases[i].label,
		    fault_label((enum fault)crl.odd.list[0]));
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_look_up),
		cmocka_unit_test(test_oddities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
