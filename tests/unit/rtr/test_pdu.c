/* SPDX-License-Identifier: BSD-2-Clause */
/* PDUs as octets: vectors written down from RFC 8210 5 and 8210bis 5. */
#include "rtr/pdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_payload),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
