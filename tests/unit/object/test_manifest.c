/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9286 section 4, from fixtures/manifest and at the ceiling. */
#include "object/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/object/fixture.h"

#include "base/limits.h"
#include "base/octets.h"

static enum fault
decode(struct bytes octets, struct arena *arena)
{
	struct manifest manifest;

	return manifest_decode(&manifest, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("manifest", decode);
}

static void
test_values(void **state)
{
	struct arena *arena = arena_new();
	struct manifest m;

	(void)state;
	assert_int_equal(manifest_decode(&m,
			     fixture_read(arena, "manifest/good/two-files.mft"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.crl, 0);
	assert_int_equal(m.number[MANIFEST_NUMBER - 1], 7);
	assert_int_equal(m.number[0], 0);
	assert_int_equal(m.this_update, 1767225600);
	assert_int_equal(m.next_update, 1767312000);
	assert_memory_equal(m.entries[1].name.at, "one.roa", 7);
	assert_int_equal(m.entries[1].hash.at[0], 0x2d);
	assert_int_equal(manifest_names_itself(&m, bytes_of("one.roa", 7)),
	    FAULT_MANIFEST_SELF);
	assert_int_equal(manifest_names_itself(&m, bytes_of("ca.mft", 6)),
	    FAULT_NONE);
	arena_free(arena);
}

static void
add_length(struct octets *o, uint8_t tag, size_t len)
{
	octets_u8(o, tag);
	octets_u32(o, 0x83000000 | (uint32_t)len);
}

/* A manifest of `n` entries: 000000.crl and then 000001.roa and so on. */
static struct octets
make(size_t n)
{
	static const char head[] = "\x02\x01\x07"
				   "\x18\x0f"
				   "20260101000000Z"
				   "\x18\x0f"
				   "20260102000000Z"
				   "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02"
				   "\x01";
	static const uint8_t zero[HASH_SIZE];
	enum { HEAD = sizeof(head) - 1, ENTRY = 2 + 2 + 10 + 3 + HASH_SIZE };
	struct octets o = { 0 };

	add_length(&o, 0x30, HEAD + 5 + n * ENTRY);
	octets_add(&o, head, HEAD);
	add_length(&o, 0x30, n * ENTRY);
	for (size_t i = 0; i < n; i++) {
		octets_u16(&o, 0x3000 | (ENTRY - 2));
		octets_u16(&o, 0x160a);
		octets_printf(&o, "%06zu.%s", i, i == 0 ? "crl" : "roa");
		octets_u16(&o, 0x0321);
		octets_u8(&o, 0);
		octets_add(&o, zero, HASH_SIZE);
	}
	return o;
}

static void
test_ceiling(void **state)
{
	struct arena *arena = arena_new();
	struct octets most = make(LIMIT_MANIFEST_ENTRIES);
	struct octets more = make(LIMIT_MANIFEST_ENTRIES + 1);
	struct manifest m;

	(void)state;
	assert_int_equal(manifest_decode(&m, octets_bytes(&most), arena),
	    FAULT_NONE);
	assert_int_equal(m.count, LIMIT_MANIFEST_ENTRIES);
	assert_int_equal(manifest_decode(&m, octets_bytes(&more), arena),
	    FAULT_MANIFEST_LIMIT);
	octets_clear(&most);
	octets_clear(&more);
	arena_free(arena);
}

static void
test_covered(void **state)
{
	static const enum resource_choice cases[][3] = {
		{ RESOURCE_INHERIT, RESOURCE_INHERIT, RESOURCE_INHERIT },
		{ RESOURCE_INHERIT, RESOURCE_ABSENT, RESOURCE_ABSENT },
		{ RESOURCE_ABSENT, RESOURCE_ABSENT, RESOURCE_ABSENT },
		{ RESOURCE_INHERIT, RESOURCE_LIST, RESOURCE_INHERIT },
		{ RESOURCE_LIST, RESOURCE_INHERIT, RESOURCE_INHERIT },
		{ RESOURCE_INHERIT, RESOURCE_INHERIT, RESOURCE_LIST },
	};
	struct manifest m = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cert ee = { 0 };

		ee.resources.v4.choice = cases[i][0];
		ee.resources.v6.choice = cases[i][1];
		ee.resources.as.choice = cases[i][2];
		assert_string_equal(fault_label(manifest_covered(&m, &ee)),
		    i < 2 ? "ok" : "manifest-ee");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
