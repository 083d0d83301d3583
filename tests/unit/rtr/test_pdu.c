/* SPDX-License-Identifier: BSD-2-Clause */
/* PDUs as octets: vectors written down from RFC 8210 5 and 8210bis 5. */
#include "rtr/pdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void
expect(struct octets *got, const char *hex)
{
	struct octets text = { 0 };

	text_hex(&text, octets_bytes(got));
	octets_u8(&text, 0);
	assert_string_equal((const char *)text.at, hex);
	octets_clear(&text);
	octets_reset(got);
}

static void
test_small(void **state)
{
	static const struct pdu_timing timing = { 600, 60, 7200 };
	struct octets o = { 0 };

	(void)state;
	pdu_notify(&o, 1, 0x1234, 7);
	expect(&o, "010012340000000c00000007");
	pdu_serial_query(&o, 0, 0xffff, 0xfffffffe);
	expect(&o, "0001ffff0000000cfffffffe");
	pdu_reset_query(&o, 2);
	expect(&o, "0202000000000008");
	pdu_cache_response(&o, 1, 5);
	expect(&o, "0103000500000008");
	pdu_cache_reset(&o, 1);
	expect(&o, "0108000000000008");
	pdu_end_of_data(&o, 0, 5, 9, &timing);
	expect(&o, "000700050000000c00000009");
	pdu_end_of_data(&o, 1, 5, 9, &timing);
	expect(&o, "010700050000001800000009000002580000003c00001c20");
	octets_clear(&o);
}

static void
test_payload(void **state)
{
	static const uint8_t spki[] = { 0x30, 0x59 };
	static const uint32_t providers[] = { 64497, 64498 };
	struct vrp v4 = { .prefix = { .address = { 192, 0, 2 },
			      .family = IP_V4,
			      .length = 24 },
		.max_length = 26,
		.asn = 64496 };
	struct vrp v6 = { .prefix = { .address = { 0x20, 1, 0xd, 0xb8 },
			      .family = IP_V6,
			      .length = 32 },
		.max_length = 48,
		.asn = 64496 };
	struct router_key key = { .asn = 64496, .spki = spki, .spki_len = 2 };
	struct aspa aspa = { .customer = 64496,
		.count = 2,
		.providers = providers };
	struct octets o = { 0 };

	(void)state;
	pdu_prefix(&o, 1, PDU_ANNOUNCE, &v4);
	expect(&o, "010400000000001401181a00c00002000000fbf0");
	pdu_prefix(&o, 1, PDU_WITHDRAW, &v6);
	expect(&o, "01060000000000200020300020010db8000000000000000000000000"
		   "0000fbf0");
	pdu_router_key(&o, 1, PDU_ANNOUNCE, &key);
	expect(&o, "0109010000000022000000000000000000000000000000000000000"
		   "00000fbf03059");
	pdu_aspa(&o, 2, PDU_ANNOUNCE, &aspa);
	expect(&o, "020b0100000000140000fbf00000fbf10000fbf2");
	pdu_aspa(&o, 2, PDU_WITHDRAW, &aspa);
	expect(&o, "020b00000000000c0000fbf0");
	octets_clear(&o);
}

static void
test_error(void **state)
{
	struct octets o = { 0 };
	struct bytes wrong, text;
	struct pdu pdu;

	(void)state;
	pdu_error_report(&o, 1, PDU_NO_DATA, bytes_of("\1\2\3", 3), "no");
	assert_int_equal(pdu_read(&pdu, octets_bytes(&o)), PDU_WHOLE);
	assert_int_equal(pdu.field, 2);
	assert_true(pdu_read_error(&pdu, &wrong, &text));
	assert_int_equal(wrong.len, 3);
	assert_memory_equal(text.at, "no", 2);
	/* An inner length that runs past the PDU. */
	o.at[11] = 9;
	assert_int_equal(pdu_read(&pdu, octets_bytes(&o)), PDU_WHOLE);
	assert_false(pdu_read_error(&pdu, &wrong, &text));
	octets_clear(&o);
}

struct form_case {
	const char *what, *hex;
	enum pdu_form form;
};

static const struct form_case forms[] = {
	{ "nothing", "", PDU_MORE },
	{ "half a header", "01020000", PDU_MORE },
	{ "Reset Query", "0102000000000008", PDU_WHOLE },
	{ "Reset Query with a body", "010200000000000c00000000", PDU_LENGTH },
	{ "Serial Query cut", "010100000000000c0000", PDU_MORE },
	{ "Serial Query without serial", "0101000000000008", PDU_LENGTH },
	{ "length below a header", "0102000000000007", PDU_LENGTH },
	{ "length of zero", "0102000000000000", PDU_LENGTH },
	{ "length of 4 GiB", "010a0000ffffffff", PDU_LENGTH },
	{ "length of 64 KiB", "020b000000010000", PDU_LENGTH },
	{ "length of 64 KiB less one", "010a00000000ffff", PDU_MORE },
	{ "ASPA that ends within a provider",
	    "020b0100000000120000fbf00000fbf10000", PDU_LENGTH },
	{ "ASPA without a customer", "020b000000000008", PDU_LENGTH },
	{ "Router Key without key", "01090100000000200000", PDU_MORE },
	{ "Error Report without its inner lengths", "010a00000000000f",
	    PDU_LENGTH },
	{ "a version above ours by the rules of ours", "0902000000000008",
	    PDU_WHOLE },
	{ "type 5", "0105000000000008", PDU_UNKNOWN },
	{ "type 255", "01ff000000000008", PDU_UNKNOWN },
	{ "Router Key in version 0", "0009000000000022", PDU_UNKNOWN },
	{ "ASPA in version 1", "010b00000000000c", PDU_UNKNOWN },
	{ "End of Data of version 0 in 1", "010700000000000c00000000",
	    PDU_LENGTH },
};

static void
test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct octets o = { 0 };
		struct pdu pdu;

		print_message("# %s\n", forms[i].what);
		assert_true(text_from_hex(&o,
		    bytes_of(forms[i].hex, strlen(forms[i].hex))));
		assert_int_equal(pdu_read(&pdu, octets_bytes(&o)),
		    forms[i].form);
		octets_clear(&o);
	}
}

struct aspa_case {
	const char *what, *hex;
	bool good;
	uint32_t count;
};

static const struct aspa_case aspas[] = {
	{ "two providers", "020b0100000000140000fbf00000fbf10000fbf2", true,
	    2 },
	{ "AS0 alone", "020b0100000000100000fbf000000000", true, 1 },
	{ "AS0 among others", "020b0100000000140000fbf0000000000000fbf2", false,
	    0 },
	{ "descending", "020b0100000000140000fbf00000fbf20000fbf1", false, 0 },
	{ "twice the same", "020b0100000000140000fbf00000fbf10000fbf1", false,
	    0 },
	{ "announced without providers", "020b01000000000c0000fbf0", false, 0 },
	{ "withdrawn", "020b00000000000c0000fbf0", true, 0 },
	{ "withdrawn with providers", "020b0000000000100000fbf00000fbf1", false,
	    0 },
	{ "other flags are not looked at", "020bff00000000100000fbf00000fbf1",
	    true, 1 },
};

static void
test_aspas(void **state)
{
	uint32_t *room = calloc(PDU_PROVIDERS, sizeof(*room));

	(void)state;
	assert_non_null(room);
	for (size_t i = 0; i < sizeof(aspas) / sizeof(aspas[0]); i++) {
		struct octets o = { 0 };
		struct pdu pdu;
		struct aspa aspa;
		enum pdu_flag flag;

		print_message("# %s\n", aspas[i].what);
		assert_true(text_from_hex(&o, text_bytes(aspas[i].hex)));
		assert_int_equal(pdu_read(&pdu, octets_bytes(&o)), PDU_WHOLE);
		assert_int_equal(pdu_read_aspa(&pdu, &flag, &aspa, room),
		    aspas[i].good);
		if (aspas[i].good) {
			assert_int_equal(aspa.count, aspas[i].count);
			assert_int_equal(aspa.customer, 64496);
		}
		octets_clear(&o);
	}
	free(room);
}

/* The longest list there can be, there and back. */
static void
test_longest_aspa(void **state)
{
	uint32_t *list = calloc(PDU_PROVIDERS, sizeof(*list));
	uint32_t *room = calloc(PDU_PROVIDERS, sizeof(*room));
	struct aspa aspa = { .customer = 1,
		.count = PDU_PROVIDERS,
		.providers = list };
	struct octets o = { 0 };
	struct pdu pdu;
	enum pdu_flag flag;

	(void)state;
	assert_non_null(list);
	assert_non_null(room);
	for (uint32_t i = 0; i < PDU_PROVIDERS; i++) {
		list[i] = i + 1;
	}
	pdu_aspa(&o, 2, PDU_ANNOUNCE, &aspa);
	assert_int_equal(o.len, 65532);
	assert_int_equal(pdu_read(&pdu, octets_bytes(&o)), PDU_WHOLE);
	assert_true(pdu_read_aspa(&pdu, &flag, &aspa, room));
	assert_int_equal(aspa.count, PDU_PROVIDERS);
	assert_memory_equal(room, list, PDU_PROVIDERS * sizeof(*list));
	free(list);
	free(room);
	octets_clear(&o);
}

/* An Error Report never grows past the longest PDU. */
static void
test_longest_error(void **state)
{
	uint8_t *wrong = calloc(100000, 1);
	char *words = calloc(100001, 1);
	struct octets o = { 0 };
	struct bytes part, text;
	struct pdu pdu;

	(void)state;
	assert_non_null(wrong);
	assert_non_null(words);
	memset(words, 'x', 100000);
	pdu_error_report(&o, 2, PDU_CORRUPT_DATA, bytes_of(wrong, 100000),
	    words);
	assert_int_equal(o.len, PDU_LONGEST);
	assert_int_equal(pdu_read(&pdu, octets_bytes(&o)), PDU_WHOLE);
	assert_true(pdu_read_error(&pdu, &part, &text));
	assert_int_equal(text.len, PDU_LONGEST / 2);
	free(wrong);
	free(words);
	octets_clear(&o);
}

static void
test_timing(void **state)
{
	static const struct pdu_timing cases[][2] = {
		{ { 600, 600, 7200 }, { 600, 600, 7200 } },
		{ { 0, 0, 0 }, { 1, 1, 600 } },
		{ { UINT32_MAX, UINT32_MAX, UINT32_MAX },
		    { 86400, 7200, 172800 } },
		{ { 7200, 600, 7200 }, { 7200, 600, 7201 } },
		{ { 10, 7200, 600 }, { 10, 7200, 7201 } },
		{ { 86400, 7200, 86400 }, { 86400, 7200, 86401 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pdu_timing t = cases[i][0];

		pdu_fit_timing(&t);
		assert_memory_equal(&t, &cases[i][1], sizeof(t));
	}
}

static void
test_end_of_data(void **state)
{
	static const struct pdu_timing sent = { 1, 2, 600 };
	struct pdu_timing got;
	uint32_t serial;

	(void)state;
	for (unsigned version = 0; version < PDU_VERSIONS; version++) {
		struct octets o = { 0 };
		struct pdu pdu;

		pdu_end_of_data(&o, version, 7, 0xfffffffe, &sent);
		assert_int_equal(pdu_read(&pdu, octets_bytes(&o)), PDU_WHOLE);
		assert_true(pdu_read_end_of_data(&pdu, &serial, &got));
		assert_int_equal(serial, 0xfffffffe);
		assert_int_equal(got.expire, version == 0 ? 0 : 600);
		octets_clear(&o);
	}
}

/* Codes go only to the versions that have them (8210bis 12). */
static void
test_error_codes(void **state)
{
	static const unsigned last[PDU_VERSIONS] = { 7, 8, 13 };

	(void)state;
	for (unsigned v = 0; v < PDU_VERSIONS; v++) {
		for (unsigned e = 0; e < 300; e++) {
			assert_int_equal(pdu_error_known(v, e), e <= last[v]);
		}
	}
	assert_string_equal(pdu_error_name(10), "Transport Failure");
	assert_string_equal(pdu_error_name(12), "Cache Restart");
	assert_string_equal(pdu_error_name(13), "Cache Shutdown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_payload),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_aspas),
		cmocka_unit_test(test_longest_aspa),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_longest_error),
		cmocka_unit_test(test_timing),
		cmocka_unit_test(test_end_of_data),
		cmocka_unit_test(test_error_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
