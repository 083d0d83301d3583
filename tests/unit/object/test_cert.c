/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of every kind: a fixture a rule, and what decoding leaves. */
#include "object/cert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/object/fixture.h"

static enum fault
decode_ta(struct bytes octets, struct arena *arena)
{
	struct cert cert;

	return cert_decode(&cert, CERT_TA, octets, arena);
}

static enum fault
decode_file(struct bytes octets, struct arena *arena)
{
	struct cert cert;

	return cert_decode(&cert, CERT_CA, octets, arena);
}

static enum fault
decode_ee(struct bytes octets, struct arena *arena)
{
	struct cert cert;

	return cert_decode(&cert, CERT_EE, octets, arena);
}

static enum fault
decode_bare(struct bytes octets, struct arena *arena)
{
	struct cert cert;

	return cert_decode_ee_bare(&cert, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("cert/ta", decode_ta);
	fixture_walk("cert/ca", decode_file);
	fixture_walk("cert/router", decode_file);
	fixture_walk("cert/ee", decode_ee);
	fixture_walk("cert/bare", decode_bare);
}

/* A good certificate of one kind is no good for another. */
static void
test_kinds_do_not_mix(void **state)
{
	static const struct {
		const char *file;
		enum cert_kind as;
		const char *label;
	} cases[] = {
		{ "cert/ca/good/plain.cer", CERT_TA,
		    "cert-extension-forbidden" },
		{ "cert/ca/good/plain.cer", CERT_EE,
		    "cert-extension-forbidden" },
		{ "cert/ta/good/plain.cer", CERT_CA, "cert-extension-missing" },
		{ "cert/ta/good/plain.cer", CERT_EE,
		    "cert-extension-forbidden" },
		{ "cert/ee/good/plain.cer", CERT_CA, "cert-purpose" },
		{ "cert/ee/good/plain.cer", CERT_TA, "cert-extension-missing" },
		{ "cert/bare/good/plain.cer", CERT_EE,
		    "cert-extension-missing" },
		{ "cert/router/good/plain.cer", CERT_EE,
		    "cert-extension-forbidden" },
		{ "cert/router/good/plain.cer", CERT_TA,
		    "cert-extension-missing" },
		{ "cert/ca/good/plain.cer", CERT_ROUTER,
		    "cert-extension-forbidden" },
		{ "cert/router/good/plain.cer", CERT_ROUTER, "ok" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cert cert;

		print_message("# %s\n", cases[i].file);
		assert_string_equal(cases[i].label,
		    fault_label(cert_decode(&cert, cases[i].as,
			fixture_read(arena, cases[i].file), arena)));
	}
	arena_free(arena);
}

/* Each oddity lets the certificate pass and is told. */
static void
test_oddities(void **state)
{
	static const struct {
		const char *file;
		const char *label;
	} cases[] = {
		{ "cert/ca/good/no-null.cer", "signature-null" },
		{ "cert/ca/good/utf8-name.cer", "name-utf8" },
		{ "cert/ca/good/set-in-disorder.cer", "name-order" },
		{ "cert/ca/good/issuer-in-disorder.cer", "name-order" },
		{ "cert/ca/good/no-slash.cer", "cert-sia-slash" },
		{ "cert/ta/good/serial-zero.cer", "cert-serial-zero" },
		{ "cert/ee/good/notify.cer", "cert-sia-ee-notify" },
	};
	struct arena *arena = arena_new();
	struct cert cert;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum cert_kind kind = cases[i].file[5] == 'e'   ? CERT_EE
				      : cases[i].file[5] == 't' ? CERT_TA
								: CERT_CA;

		assert_int_equal(cert_decode(&cert, kind,
				     fixture_read(arena, cases[i].file), arena),
		    FAULT_NONE);
		assert_int_equal(cert.odd.count, 1);
		assert_string_equal(cases[i].label,
		    fault_label((enum fault)cert.odd.list[0]));
		assert_false(fault_rejects((enum fault)cert.odd.list[0]));
	}
	assert_int_equal(cert_decode(&cert, CERT_CA,
			     fixture_read(arena,
				 "cert/router/good/utf8-name.cer"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(cert.odd.count, 0);
	arena_free(arena);
}

static void
test_what_is_read(void **state)
{
	struct arena *arena = arena_new();
	struct bytes der = fixture_read(arena, "cert/ca/good/plain.cer");
	struct cert cert;
	struct octets text = { 0 };

	(void)state;
	assert_int_equal(cert_decode(&cert, CERT_CA, der, arena), FAULT_NONE);
	assert_int_equal(cert.kind, CERT_CA);
	assert_ptr_equal(cert.der.at, der.at);
	assert_ptr_equal(cert.tbs.at, der.at + 4);
	assert_int_equal(cert.tbs.at[0], 0x30);
	assert_int_equal(cert.signature.len, 256);
	assert_int_equal(cert.serial[CERT_SERIAL - 1], 7);
	assert_int_equal(cert.serial[CERT_SERIAL - 2], 0);
	assert_int_equal(cert.modulus.len, 256);
	assert_int_equal(cert.not_before, 1735689600);
	assert_int_equal(cert.not_after, 2051222400);
	assert_true(cert.has_aki);
	assert_string_equal(cert.crl_uri, "rsync://r.example/m/up.crl");
	assert_string_equal(cert.issuer_uri, "rsync://r.example/m/up.cer");
	assert_string_equal(cert.repository_uri, "rsync://r.example/m/ca/");
	assert_string_equal(cert.manifest_uri, "rsync://r.example/m/ca/ca.mft");
	assert_string_equal(cert.notify_uri, "https://r.example/n.xml");
	assert_null(cert.object_uri);
	assert_int_equal(cert.odd.count, 0);
	resources_text(&text, &cert.resources);
	octets_u8(&text, 0);
	assert_string_equal((char *)text.at,
	    "10.0.0.0/8, 2001:db8::/32, AS64496-AS64511");
	octets_clear(&text);
	arena_free(arena);
}

static void
test_first_acceptable_uri(void **state)
{
	struct arena *arena = arena_new();
	struct cert cert;

	(void)state;
	assert_int_equal(cert_decode(&cert, CERT_CA,
			     fixture_read(arena,
				 "cert/ca/good/first-rsync.cer"),
			     arena),
	    FAULT_NONE);
	assert_string_equal(cert.crl_uri, "rsync://r.example/m/up.crl");
	assert_string_equal(cert.issuer_uri, "rsync://r.example/m/up.cer");
	assert_string_equal(cert.repository_uri, "rsync://r.example/m/ca/");
	assert_int_equal(cert_decode(&cert, CERT_CA,
			     fixture_read(arena, "cert/ca/good/no-slash.cer"),
			     arena),
	    FAULT_NONE);
	assert_string_equal(cert.repository_uri, "rsync://r.example/m/ca/");
	arena_free(arena);
}

/* A CRL and a signed object may be in several places. */
static void
test_several_places(void **state)
{
	struct arena *arena = arena_new();
	struct cert cert;

	(void)state;
	assert_int_equal(cert_decode(&cert, CERT_CA,
			     fixture_read(arena,
				 "cert/ca/good/several-crls.cer"),
			     arena),
	    FAULT_NONE);
	assert_string_equal(cert.crl_uri, "rsync://mirror.example/m/up.crl");
	assert_true(cert_names(cert.crl_uris, cert.crl_uri));
	assert_true(cert_names(cert.crl_uris, "rsync://r.example/m/up.crl"));
	assert_false(cert_names(cert.crl_uris, "rsync://r.example/m/up.cr"));
	assert_false(cert_names(cert.object_uris, cert.crl_uri));
	assert_int_equal(cert_decode(&cert, CERT_EE,
			     fixture_read(arena,
				 "cert/ee/good/several-objects.cer"),
			     arena),
	    FAULT_NONE);
	assert_string_equal(cert.object_uri, "rsync://mirror.example/a.roa");
	assert_true(cert_names(cert.object_uris, cert.object_uri));
	assert_true(
	    cert_names(cert.object_uris, "rsync://r.example/m/ca/a.roa"));
	assert_false(cert_names(cert.object_uris, "https://r.example/a.roa"));
	arena_free(arena);
}

/* All of them are kept, up to the ceiling. */
static void
test_many_places(void **state)
{
	struct arena *arena = arena_new();
	struct cert cert;

	(void)state;
	assert_int_equal(cert_decode(&cert, CERT_CA,
			     fixture_read(arena, "cert/ca/good/many-crls.cer"),
			     arena),
	    FAULT_NONE);
	assert_string_equal(cert.crl_uri, "rsync://m0.example/m/up.crl");
	assert_true(cert_names(cert.crl_uris, "rsync://m8.example/m/up.crl"));
	assert_true(cert_names(cert.crl_uris, "rsync://r.example/m/up.crl"));
	assert_int_equal(cert_decode(&cert, CERT_EE,
			     fixture_read(arena,
				 "cert/ee/good/many-objects.cer"),
			     arena),
	    FAULT_NONE);
	assert_true(
	    cert_names(cert.object_uris, "rsync://r.example/m/ca/a.roa"));
	arena_free(arena);
}

static void
test_router(void **state)
{
	struct arena *arena = arena_new();
	uint32_t asns[LIMIT_ROUTER_ASES];
	struct cert cert;

	(void)state;
	assert_int_equal(cert_decode(&cert, CERT_CA,
			     fixture_read(arena,
				 "cert/router/good/most-ases.cer"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(cert.kind, CERT_ROUTER);
	assert_int_equal(cert.point.len, 65);
	assert_int_equal(cert.spki.len, 91);
	assert_int_equal(cert_router_asns(&cert, asns), LIMIT_ROUTER_ASES);
	assert_int_equal(asns[0], 1);
	assert_int_equal(asns[1], 10);
	assert_int_equal(asns[63], 72);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_kinds_do_not_mix),
		cmocka_unit_test(test_oddities),
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_first_acceptable_uri),
		cmocka_unit_test(test_several_places),
		cmocka_unit_test(test_many_places),
		cmocka_unit_test(test_router),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
