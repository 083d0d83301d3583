/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6488 and 9589, from fixtures/cms. Signatures there are filler. */
#include "object/cms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/digest.h"
#include "object/kind.h"
#include "tests/unit/object/fixture.h"

static enum fault
decode(struct bytes octets, struct arena *arena)
{
	struct cms cms;

	return cms_open(&cms, CMS_PROFILE_PUBLISHED, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("cms", decode);
}

static void
test_bare(void **state)
{
	struct arena *arena = arena_new();
	struct bytes without = fixture_read(arena, "cms/bare/no-sia.sig");
	struct bytes with = fixture_read(arena, "cms/bare/with-sia.sig");
	struct cms cms;

	(void)state;
	assert_string_equal("ok",
	    fault_label(cms_open(&cms, CMS_PROFILE_BARE, without, arena)));
	assert_null(cms.ee.object_uri);
	assert_string_equal("cert-extension-forbidden",
	    fault_label(cms_open(&cms, CMS_PROFILE_BARE, with, arena)));
	arena_free(arena);
}

/* Where the signed attributes begin: the [0] before the content type's. */
static struct bytes
find_attributes(struct bytes octets)
{
	static const uint8_t begins[] = { 0xa0, 0x6b };

	for (size_t i = 0; i + 0x6d <= octets.len; i++) {
		if (memcmp(octets.at + i, begins, sizeof(begins)) == 0) {
			return bytes_of(octets.at + i, 0x6d);
		}
	}
	return (struct bytes){ 0 };
}

static void
test_values(void **state)
{
	struct arena *arena = arena_new();
	struct bytes octets = fixture_read(arena, "cms/good/plain.roa");
	struct bytes attributes = find_attributes(octets);
	uint8_t set[0x6d];
	struct hash want;
	struct cms cms;

	(void)state;
	assert_int_equal(decode(octets, arena), FAULT_NONE);
	assert_int_equal(cms_open(&cms, CMS_PROFILE_PUBLISHED, octets, arena),
	    FAULT_NONE);
	assert_int_equal(kind_of_oid(cms.type), KIND_ROA);
	assert_int_equal(cms.signing_time, 1767323045);
	assert_int_equal(cms.signature.len, 256);
	assert_int_equal(cms.content.at[0], 0x30);
	assert_string_equal(cms.ee.object_uri,
	    "rsync://r.example.net/r/one.roa");
	assert_non_null(attributes.at);
	memcpy(set, attributes.at, sizeof(set));
	set[0] = 0x31;
	digest_of(bytes_of(set, sizeof(set)), &want);
	assert_true(hash_equal(&want, &cms.signed_digest));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
