/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept stays until it is forgotten or too old for the room there is. */
#include "output/rack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/between.h"

enum { ROOM = 10000, BODY = 2000 };

static void
keep(struct rack *rack, const char *key, size_t octets)
{
	struct response_parts parts = { .status = 200, .modified = INT64_MIN };
	const struct response *response;

	(void)octets_more(&parts.body, octets);
	response = response_new(&parts);
	rack_keep(rack, text_bytes(key), response);
	response_put(response);
}

static bool
holds(struct rack *rack, const char *key)
{
	return rack_find(rack, text_bytes(key)) != NULL;
}

static void
test_oldest_goes_first(void **state)
{
	struct rack *rack = rack_new(ROOM);

	(void)state;
	keep(rack, "a", BODY);
	keep(rack, "b", BODY);
	keep(rack, "c", BODY);
	assert_true(holds(rack, "a")); /* and is the newest again */
	keep(rack, "d", BODY);
	assert_between(rack_octets(rack), 1, ROOM);
	assert_true(holds(rack, "a"));
	assert_false(holds(rack, "b"));
	assert_true(holds(rack, "d"));
	rack_free(rack);
}

static void
test_too_large_is_not_kept(void **state)
{
	struct rack *rack = rack_new(ROOM);

	(void)state;
	keep(rack, "a", BODY);
	keep(rack, "b", ROOM + 1);
	assert_true(holds(rack, "a"));
	assert_false(holds(rack, "b"));
	rack_free(rack);
}

static void
test_same_key_replaces(void **state)
{
	struct rack *rack = rack_new(ROOM);
	size_t before;

	(void)state;
	keep(rack, "a", BODY);
	before = rack_octets(rack);
	keep(rack, "a", BODY);
	assert_int_equal(rack_octets(rack), before);
	rack_free(rack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oldest_goes_first),
		cmocka_unit_test(test_too_large_is_not_kept),
		cmocka_unit_test(test_same_key_replaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
