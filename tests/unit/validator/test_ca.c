/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CA holds: heirs borrow, and say that they hold the same. */
#include "validator/ca.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static struct ca_seed
seed_of(struct arena *arena, const char *resources)
{
	struct ca_seed seed = { .uri = "rsync://r.example/m/ca.cer",
		.repository_uri = "rsync://r.example/m/ca/",
		.manifest_uri = "rsync://r.example/m/ca/ca.mft",
		.not_after = 1000,
		.stale = 500 };

	assert_true(
	    resources_text_read(&seed.resources, text_bytes(resources), arena));
	return seed;
}

static void
test_heirs_borrow(void **state)
{
	struct arena *arena = arena_new();
	struct ca_seed top = seed_of(arena, "10.0.0.0/8 2001:db8::/32 AS1-9");
	struct ca_seed heir = seed_of(arena, "AS3");
	const struct ca *anchor = ca_new(NULL, 0, &top, arena);
	const struct ca *child;

	(void)state;
	heir.resources.v4.choice = RESOURCE_INHERIT;
	heir.resources.v6.choice = RESOURCE_INHERIT;
	child = ca_new(anchor, 0, &heir, arena);
	assert_int_equal(child->depth, 1);
	assert_ptr_equal(child->resources.v4.ranges,
	    anchor->resources.v4.ranges);
	assert_memory_equal(&child->sets[0], &anchor->sets[0], HASH_SIZE);
	assert_memory_equal(&child->sets[1], &anchor->sets[1], HASH_SIZE);
	assert_memory_not_equal(&child->sets[2], &anchor->sets[2], HASH_SIZE);
	assert_memory_not_equal(&child->holds, &anchor->holds, HASH_SIZE);
	heir.resources.as = (struct as_set){ .choice = RESOURCE_INHERIT };
	child = ca_new(anchor, 0, &heir, arena);
	assert_memory_equal(&child->holds, &anchor->holds, HASH_SIZE);
	arena_free(arena);
}

/* The same set, inherited or spelled out, is the same set. */
static void
test_spelled_out(void **state)
{
	struct arena *arena = arena_new();
	struct ca_seed top = seed_of(arena, "10.0.0.0/8");
	struct ca_seed same = seed_of(arena, "10.0.0.0/8");
	const struct ca *anchor = ca_new(NULL, 0, &top, arena);
	const struct ca *child = ca_new(anchor, 0, &same, arena);

	(void)state;
	assert_memory_equal(&child->holds, &anchor->holds, HASH_SIZE);
	arena_free(arena);
}

/* An answer that does not fit its CA any more must not widen what it holds. */
static void
test_spoilt_seed_holds_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct ca_seed top = seed_of(arena, "10.0.0.0/8");
	struct ca_seed greedy = seed_of(arena, "11.0.0.0/8");
	const struct ca *anchor = ca_new(NULL, 0, &top, arena);
	const struct ca *child = ca_new(anchor, 0, &greedy, arena);

	(void)state;
	assert_true(resources_empty(&child->resources));
	arena_free(arena);
}

static void
test_seed_comes_back(void **state)
{
	struct arena *arena = arena_new();
	struct ca_seed seed = seed_of(arena, "AS7"), again;
	struct octets o = { 0 };
	struct cursor c;

	(void)state;
	seed.resources.v6.choice = RESOURCE_INHERIT;
	seed.spki = bytes_of("key and modulus", 15);
	seed.modulus = bytes_of(seed.spki.at + 8, 7);
	ca_seed_encode(&o, &seed);
	c = cursor_open(octets_bytes(&o));
	assert_true(ca_seed_decode(&again, &c, arena));
	assert_int_equal(again.resources.v6.choice, RESOURCE_INHERIT);
	assert_int_equal(again.resources.as.ranges[0].min, 7);
	assert_string_equal(again.manifest_uri, seed.manifest_uri);
	assert_int_equal(again.modulus.len, 7);
	octets_clear(&o);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heirs_borrow),
		cmocka_unit_test(test_spelled_out),
		cmocka_unit_test(test_spoilt_seed_holds_nothing),
		cmocka_unit_test(test_seed_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
