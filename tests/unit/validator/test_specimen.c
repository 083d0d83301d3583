/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every fixture as `kedge inspect` sees it: the fault of a bad one, the
 * content of a good one.
 */
#include "validator/specimen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"
#include "tests/unit/object/fixture.h"
#include "validator/portrait.h"

static void
on_piece(void *arg, struct bytes piece)
{
	octets_add_bytes(arg, piece);
}

/* Its sheet as JSON; the caller's. */
static json_t *
show(struct specimen *specimen, struct arena *arena)
{
	struct octets out = { .at = NULL };
	struct sheet sheet = { .form = SHEET_JSON,
		.send = on_piece,
		.arg = &out };
	json_t *json;

	sheet_begin(&sheet);
	portrait_head(specimen, &sheet);
	portrait_body(specimen, &sheet, arena);
	sheet_end(&sheet);
	json = json_loadb((const char *)out.at, out.len, JSON_ALLOW_NUL, NULL);
	assert_non_null(json);
	sheet_clear(&sheet);
	octets_clear(&out);
	return json;
}

static enum fault
look(const char *name, struct bytes octets, struct arena *arena)
{
	struct specimen s;
	json_t *json;

	specimen_read(&s, name, NULL, octets, arena);
	json = show(&s, arena);
	assert_string_equal(json_string_value(json_object_get(json, "name")),
	    name);
	assert_int_equal(json_integer_value(json_object_get(json, "size")),
	    octets.len);
	json_decref(json);
	return s.fault;
}

/* A trust anchor is fine in the hand, though on no manifest. */
static enum fault
look_at_cert(struct bytes octets, struct arena *arena)
{
	enum fault fault = look("x.cer", octets, arena);
	struct cert cert;

	return fault != FAULT_NONE ? fault
				   : cert_decode(&cert, CERT_CA, octets, arena);
}

static enum fault
look_at_crl(struct bytes octets, struct arena *arena)
{
	return look("x.crl", octets, arena);
}

static enum fault
look_at_roa(struct bytes octets, struct arena *arena)
{
	return look("x.roa", octets, arena);
}

static enum fault
look_at_tal(struct bytes octets, struct arena *arena)
{
	return look("x.tal", octets, arena);
}

static enum fault
look_at_xml(struct bytes octets, struct arena *arena)
{
	struct specimen s;

	specimen_read(&s, "x.xml", NULL, octets, arena);
	json_decref(show(&s, arena));
	return s.fault;
}

static void
test_every_fixture(void **state)
{
	(void)state;
	fixture_walk("cert/ca", look_at_cert);
	fixture_walk("crl", look_at_crl);
	fixture_walk("cms", look_at_roa);
	fixture_walk("tal", look_at_tal);
	fixture_walk("rrdp/notification", look_at_xml);
}

/* What names the members of a sheet that every good one of a kind has. */
static const struct {
	enum kind kind;
	const char *folder, *keys[4];
} contents[] = {
	{ KIND_ROA, "roa", { "asn", "prefixes" } },
	{ KIND_ASPA, "aspa", { "customer", "providers" } },
	{ KIND_MANIFEST, "manifest",
	    { "number", "this_update", "next_update", "files" } },
	{ KIND_TAK, "tak", { "current" } },
	{ KIND_GBR, "gbr", { "vcard" } },
	{ KIND_RSC, "rsc", { "signed_with", "files" } },
	{ KIND_SPL, "spl", { "asn", "prefixes" } },
};

static enum fault
look_inside(size_t row, struct bytes octets, struct arena *arena)
{
	struct specimen s = { .name = "x",
		.sort = SPECIMEN_SIGNED,
		.kind = contents[row].kind };
	json_t *json;

	s.content.cms.content = octets;
	if (!signed_reopen(&s.content, s.kind, arena)) {
		return FAULT_COUNT;
	}
	json = show(&s, arena);
	for (size_t i = 0; i < 4 && contents[row].keys[i] != NULL; i++) {
		assert_non_null(json_object_get(json, contents[row].keys[i]));
	}
	json_decref(json);
	return FAULT_NONE;
}

static void
test_every_content(void **state)
{
	static const char *const good[][2] = {
		{ "roa", "roa/good/two-families.roa" },
		{ "roa", "roa/good/default-routes.roa" },
		{ "aspa", "aspa/good/4001-providers.asa" },
		{ "aspa", "aspa/good/as0-alone.asa" },
		{ "manifest", "manifest/good/largest-number.mft" },
		{ "manifest", "manifest/good/all-characters.mft" },
		{ "tak", "tak/good/all-three.tak" },
		{ "tak", "tak/good/current-only.tak" },
		{ "gbr", "gbr/good/hostile-text.gbr" },
		{ "gbr", "gbr/good/folded.gbr" },
		{ "rsc", "rsc/good/portable.sig" },
		{ "rsc", "rsc/good/unnamed.sig" },
		{ "spl", "spl/good/empty.spl" },
		{ "spl", "spl/good/two-families.spl" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (size_t row = 0;
		     row < sizeof(contents) / sizeof(contents[0]); row++) {
			if (strcmp(contents[row].folder, good[i][0]) == 0) {
				assert_int_equal(look_inside(row,
						     fixture_read(arena,
							 good[i][1]),
						     arena),
				    FAULT_NONE);
			}
		}
	}
	arena_free(arena);
}

/* The kind is the name's to say; where that cannot be, the content's. */
static void
test_what_it_is(void **state)
{
	static const struct {
		const char *what, *file, *name;
		enum specimen_sort sort;
		const char *type, *fault;
	} cases[] = {
		{ "no suffix", "cms/good/plain.roa", "x", SPECIMEN_SIGNED,
		    "roa", "ok" },
		{ "an envelope that says nothing",
		    "cms/bad/der-length.indefinite.roa", "x", SPECIMEN_SIGNED,
		    "signed object", "der-length" },
		{ "lengths that say too much", "cms/bad/der-length.2-63.roa",
		    "x", SPECIMEN_SIGNED, "signed object", "der-length" },
		{ "another's suffix", "cms/good/plain.roa", "x.mft",
		    SPECIMEN_SIGNED, "roa", "cms-kind" },
		{ "a certificate as ROA", "cert/ca/good/plain.cer", "x.roa",
		    SPECIMEN_CERT, "certificate", "der-tag" },
		{ "a ROA as certificate", "cms/good/plain.roa", "x.cer",
		    SPECIMEN_SIGNED, "roa", "der-tag" },
		{ "a CRL without suffix", "crl/good/plain.crl", "x",
		    SPECIMEN_CRL, "crl", "ok" },
		{ "a certificate without suffix", "cert/ca/good/plain.cer",
		    "x.der", SPECIMEN_CERT, "certificate", "ok" },
		{ "a version 1 certificate",
		    "cert/ca/bad/cert-version.absent.cer", "x", SPECIMEN_CERT,
		    "certificate", "cert-version" },
		{ "a TAL without suffix", "tal/good/comments.tal", "x",
		    SPECIMEN_TAL, "tal", "ok" },
		{ "a trust anchor", "cert/ta/good/plain.cer", "x.cer",
		    SPECIMEN_CERT, "certificate", "ok" },
		{ "a router", "cert/router/good/plain.cer", "x.cer",
		    SPECIMEN_CERT, "certificate", "ok" },
		{ "an EE in a file", "cert/ee/good/plain.cer", "x.cer",
		    SPECIMEN_CERT, "certificate", "cert-purpose" },
		{ "an EE of an RSC in a file", "cert/bare/good/plain.cer",
		    "x.cer", SPECIMEN_CERT, "certificate", "cert-purpose" },
		{ "numbers", "keys/primes.hex", "x", SPECIMEN_STRANGE,
		    "unknown", "object-unknown" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct specimen s;
		const char *type;
		json_t *json;

		specimen_read(&s, cases[i].name, NULL,
		    fixture_read(arena, cases[i].file), arena);
		json = show(&s, arena);
		type = json_string_value(json_object_get(json, "type"));
		if (s.sort != cases[i].sort ||
		    strcmp(type, cases[i].type) != 0 ||
		    strcmp(fault_label(s.fault), cases[i].fault) != 0) {
			fail_msg("%s: %s, %s", cases[i].what, type,
			    fault_label(s.fault));
		}
		json_decref(json);
	}
	arena_free(arena);
}

static const char *
text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

/* What a decoder refuses is shown all the same. */
static void
test_content_of_what_is_wrong(void **state)
{
	static const char *const certs[] = {
		"cert/ca/bad/cert-extension-unknown.critical.cer",
		"cert/ca/bad/cert-version.v4.cer",
		"cert/ca/bad/signature-size.short.cer",
		"cert/ca/bad/cert-policy.two.cer",
		"cert/ca/bad/cert-sia-notify.two.cer",
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(certs) / sizeof(certs[0]); i++) {
		struct specimen s;
		json_t *json;

		specimen_read(&s, "x.cer", NULL, fixture_read(arena, certs[i]),
		    arena);
		assert_int_not_equal(s.fault, FAULT_NONE);
		json = show(&s, arena);
		assert_string_equal(text_of(json, "purpose"), "ca");
		assert_non_null(text_of(json, "subject"));
		assert_non_null(text_of(json, "ski"));
		assert_string_equal(text_of(json, "key"), "RSA 2048");
		assert_true(
		    json_array_size(json_object_get(json, "resources")) > 0);
		json_decref(json);
	}
	arena_free(arena);
}

static void
test_issuer(void **state)
{
	struct arena *arena = arena_new();
	struct keyid a, b, none;
	struct specimen s;

	(void)state;
	specimen_read(&s, "x.crl", NULL,
	    fixture_read(arena, "crl/good/plain.crl"), arena);
	assert_true(specimen_issuer(&s, &a));
	assert_null(specimen_cert(&s));
	specimen_read(&s, "x.roa", NULL,
	    fixture_read(arena, "cms/good/plain.roa"), arena);
	assert_true(specimen_issuer(&s, &b));
	assert_ptr_equal(specimen_cert(&s), &s.content.cms.ee);
	specimen_read(&s, "x.cer", NULL,
	    fixture_read(arena, "cert/ta/good/plain.cer"), arena);
	assert_true(specimen_issuer(&s, &b));
	assert_memory_equal(b.at, s.cert.ski.at, KEYID_SIZE);
	specimen_read(&s, "x", NULL, text_bytes("nothing at all"), arena);
	assert_false(specimen_issuer(&s, &none));
	specimen_read(&s, "x.roa", NULL, bytes_of("", 0), arena);
	assert_false(specimen_issuer(&s, &none));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_fixture),
		cmocka_unit_test(test_every_content),
		cmocka_unit_test(test_what_it_is),
		cmocka_unit_test(test_content_of_what_is_wrong),
		cmocka_unit_test(test_issuer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
