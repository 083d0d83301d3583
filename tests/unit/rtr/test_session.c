/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dialogues with a router: what it sends, what is said to it.
 */
#include "rtr/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

struct talk {
	const char *what;
	const char *sent[4]; /* hex, in pieces as they arrive */
	const char *said;    /* words, one an answer; '!' closes */
	bool no_data;
	unsigned max_version; /* 0: two */
};

/* The cache: ids 100, 101, 102; serial 20; deltas from 10 on. */
static const struct talk talks[] = {
	{ .what = "reset in version 0", { "0002000000000008" }, "full" },
	{ .what = "reset in version 1", { "0102000000000008" }, "full" },
	{ .what = "reset in version 2", { "0202000000000008" }, "full" },
	{ .what = "octet by octet", { "01", "0200000000", "0008" }, "full" },
	{ .what = "two in one",
	    { "01020000000000080102000000000008" },
	    "full full" },
	{ .what = "serial, one behind",
	    { "010100650000000c00000013" },
	    "delta:19" },
	{ .what = "serial, up to date",
	    { "010100650000000c00000014" },
	    "delta:20" },
	{ .what = "serial, oldest kept",
	    { "010100650000000c0000000a" },
	    "delta:10" },
	{ .what = "serial, too old", { "010100650000000c00000009" }, "reset" },
	{ .what = "serial of the future",
	    { "010100650000000c00000015" },
	    "reset" },
	{ .what = "serial half the circle away",
	    { "010100650000000c80000014" },
	    "reset" },
	{ .what = "old session, new connection",
	    { "0101ffff0000000c00000014" },
	    "reset" },
	{ .what = "the session of another version",
	    { "010100640000000c00000014" },
	    "reset" },
	{ .what = "other session once established",
	    { "0102000000000008", "0101ffff0000000c00000014" },
	    "full error0!" },
	{ .what = "no data yet",
	    { "0102000000000008", "010100650000000c00000014" },
	    "error2 error2",
	    true },
	{ .what = "a version above ours, then ours",
	    { "0302000000000008", "0202000000000008" },
	    "error4 full" },
	{ .what = "a version above ours, again and again",
	    { "0302000000000008", "0302000000000008", "0302000000000008",
		"0202000000000008" },
	    "error4 error4 error4!" },
	{ .what = "stepping down one by one, once asking the same again",
	    { "0702000000000008"
	      "0602000000000008",
		"0502000000000008"
		"0502000000000008",
		"0402000000000008"
		"0302000000000008",
		"0202000000000008" },
	    "error4 error4 error4 error4 error4 error4 full" },
	{ .what = "stepping down to a lower ceiling",
	    { "0202000000000008", "0102000000000008" },
	    "error4 full",
	    false,
	    1 },
	{ .what = "version changes upwards",
	    { "0102000000000008", "0202000000000008" },
	    "full error8!" },
	{ .what = "version changes in version 0",
	    { "0002000000000008", "0102000000000008" },
	    "full error4!" },
	{ .what = "a PDU of the cache", { "0103000000000008" }, "error3!" },
	{ .what = "a payload PDU of the cache",
	    { "010400000000001401181a00c00002000000fbf0" },
	    "error3!" },
	{ .what = "unknown type", { "0105000000000008" }, "error5!" },
	{ .what = "ASPA in version 1",
	    { "010b00000000000c0000fbf0" },
	    "error5!" },
	{ .what = "wrong length", { "010200000000000c00000000" }, "error0!" },
	{ .what = "length below the header",
	    { "0102000000000000" },
	    "error0!" },
	{ .what = "Error Report",
	    { "010a000000000010"
	      "0000000000000000" },
	    "bye!" },
	{ .what = "malformed Error Report", { "010a00000000000900" }, "bye!" },
	{ .what = "Error Report of another version",
	    { "0102000000000008", "000a0000000000100000000000000000" },
	    "full bye!" },
	{ .what = "Error Report with inner lengths that lie",
	    { "010a000000000010"
	      "00000fff00000000" },
	    "bye!" },
	{ .what = "queries one after the other in one piece",
	    { "020200000000000802010066"
	      "0000000c0000001402010066"
	      "0000000c0000000a" },
	    "full delta:20 delta:10" },
	{ .what = "an old session, then its reset",
	    { "0201ffff0000000c00000014", "0202000000000008",
		"020100660000000c00000014" },
	    "reset full delta:20" },
	{ .what = "two mismatches before anything was told",
	    { "0201ffff0000000c00000014", "0201fffe0000000c00000014" },
	    "reset reset" },
	{ .what = "other session once established, in version 0",
	    { "0002000000000008", "0001ffff0000000c00000014" },
	    "full error0!" },
	{ .what = "other session while there is no data",
	    { "0201ffff0000000c00000014" },
	    "error2",
	    true },
	{ .what = "zero serial", { "020100660000000c00000000" }, "reset" },
	{ .what = "serial near the wrap",
	    { "020100660000000cffffffff" },
	    "reset" },
	{ .what = "version 255", { "ff02000000000008" }, "error4" },
	{ .what = "a version above ours that is no query",
	    { "0303000000000008" },
	    "error4!" },
	{ .what = "an unknown type of a version above ours",
	    { "0363000000000008" },
	    "error4!" },
	{ .what = "a query of a version above ours in a longer form",
	    { "030200000000000c00000000" },
	    "error4!" },
	{ .what = "unknown type of another version once established",
	    { "0102000000000008", "02630000000000080000" },
	    "full error8!" },
	{ .what = "wrong length of another version once established",
	    { "0102000000000008", "020200000000000c00000000" },
	    "full error8!" },
	{ .what = "version 1 after no data in version 2",
	    { "0202000000000008", "0102000000000008" },
	    "error2 error8!",
	    true },
	{ .what = "Serial Notify from a router",
	    { "020000660000000c00000014" },
	    "error3!" },
	{ .what = "End of Data from a router",
	    { "000700640000000c00000014" },
	    "error3!" },
	{ .what = "Router Key in version 0",
	    { "0009010000000022" },
	    "error5!" },
	{ .what = "Router Key in version 1, whole",
	    { "0109010000000022000000000000000000000000000000000000000"
	      "00000fbf03059" },
	    "error3!" },
	{ .what = "ASPA of 64 KiB that never comes",
	    { "020b01000000fffc0000fbf0" },
	    "" },
	{ .what = "a length of 64 KiB less one for a query",
	    { "010200000000ffff" },
	    "error0!" },
	{ .what = "a length of 2 GiB",
	    { "010280000000"
	      "80000000" },
	    "error0!" },
	{ .what = "Error Report of an unknown version",
	    { "630a0000000000100000000000000000" },
	    "bye!" },
	{ .what = "Error Report with an unknown code",
	    { "020affff000000100000000000000000" },
	    "bye!" },
	{ .what = "Error Report that holds an Error Report",
	    { "020a00000000002000000010020a00000000001000000000000000000"
	      "0000000" },
	    "bye!" },
	{ .what = "nothing is heard after a fatal error",
	    { "0103000000000008", "0102000000000008" },
	    "error3!" },
};

static void
put_answer(struct octets *said, const struct session_answer *a)
{
	octets_printf(said, "%s", said->len > 0 ? " " : "");
	switch (a->say) {
	case SESSION_NOTHING:
		break;
	case SESSION_FULL:
		octets_printf(said, "full");
		break;
	case SESSION_DELTA:
		octets_printf(said, "delta:%u", a->since);
		break;
	case SESSION_RESET:
		octets_printf(said, "reset");
		break;
	case SESSION_ERROR:
		octets_printf(said, "error%u", a->error);
		break;
	case SESSION_HANG_UP:
		octets_printf(said, "bye");
		break;
	}
	if (a->close) {
		octets_printf(said, "!");
	}
}

static void
play(const struct talk *t, struct octets *said)
{
	struct session_cache cache = { .ready = !t->no_data,
		.ids = { 100, 101, 102 },
		.serial = 20,
		.oldest = 10,
		.max_version = t->max_version == 0 ? 2 : t->max_version };
	struct session session;

	session_init(&session);
	for (unsigned i = 0; i < 4 && t->sent[i] != NULL; i++) {
		struct octets o = { 0 };
		struct session_answer a;

		assert_true(text_from_hex(&o,
		    bytes_of(t->sent[i], strlen(t->sent[i]))));
		assert_int_equal(session_hear(&session, octets_bytes(&o)),
		    o.len);
		octets_clear(&o);
		for (session_answer(&session, &cache, &a);
		     a.say != SESSION_NOTHING;
		     session_answer(&session, &cache, &a)) {
			put_answer(said, &a);
			octets_clear(&a.report);
		}
	}
	session_clear(&session);
}

static void
test_talks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		struct octets said = { 0 };

		print_message("# %s\n", talks[i].what);
		play(&talks[i], &said);
		octets_u8(&said, 0);
		assert_string_equal((const char *)said.at, talks[i].said);
		octets_clear(&said);
	}
}

/* What is sent to the octet. */
struct vector {
	const char *what, *sent, *said;
	bool no_data;
};

static const struct vector vectors[] = {
	{ "version above ours: ours in the header", "0502000000000008",
	    "020a000400000048"
	    "00000008"
	    "0502000000000008"
	    "00000030"
	    "70726f746f636f6c2076657273696f6e2069732061626f76652077686174"
	    "207468697320636163686520737065616b73",
	    false },
	{ "no data: nothing is sent back", "0102000000000008",
	    "010a00020000002c"
	    "00000000"
	    "0000001c"
	    "6e6f2064617461207965743a2061736b20616761696e206c61746572",
	    true },
	{ "unknown type", "0163000000000008",
	    "010a000500000038"
	    "00000008"
	    "0163000000000008"
	    "00000020"
	    "6e6f2073756368205044552074797065"
	    "20696e20746869732076657273696f6e",
	    false },
};

static void
test_reports(void **state)
{
	struct session_cache cache = { .ids = { 100, 101, 102 },
		.serial = 20,
		.oldest = 10,
		.max_version = 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct octets sent = { 0 }, hex = { 0 };
		struct session session;
		struct session_answer a;

		print_message("# %s\n", vectors[i].what);
		cache.ready = !vectors[i].no_data;
		session_init(&session);
		assert_true(text_from_hex(&sent, text_bytes(vectors[i].sent)));
		assert_int_equal(session_hear(&session, octets_bytes(&sent)),
		    sent.len);
		session_answer(&session, &cache, &a);
		assert_int_equal(a.say, SESSION_ERROR);
		text_hex(&hex, octets_bytes(&a.report));
		octets_u8(&hex, 0);
		assert_string_equal((const char *)hex.at, vectors[i].said);
		octets_clear(&a.report);
		octets_clear(&hex);
		octets_clear(&sent);
		session_clear(&session);
	}
}

/* A router may send what it likes: what is held of it stays small, and the
 * copy in the Error Report is what is held. */
static void
test_long_pdus(void **state)
{
	static const uint8_t types[] = { PDU_ASPA, PDU_ERROR_REPORT };
	struct session_cache cache = { .ready = true, .max_version = 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		uint8_t piece[PDU_LONGEST] = { 2, types[i], 0, 0, 0, 0, 0xff,
			0xfc };
		struct session session;
		struct session_answer a;
		struct bytes wrong, text;
		struct pdu pdu;

		session_init(&session);
		assert_int_equal(session_hear(&session,
				     bytes_of(piece, SESSION_HELD - 1)),
		    SESSION_HELD - 1);
		session_answer(&session, &cache, &a);
		assert_int_equal(a.say, SESSION_NOTHING);
		assert_true(session_waits(&session));
		assert_int_equal(session_hear(&session,
				     bytes_of(piece + SESSION_HELD - 1, 5000)),
		    1);
		session_answer(&session, &cache, &a);
		assert_true(a.close);
		if (types[i] == PDU_ERROR_REPORT) {
			assert_int_equal(a.say, SESSION_HANG_UP);
			assert_string_equal(a.log,
			    "router reports error 0 (Corrupt Data)");
		} else {
			assert_int_equal(a.say, SESSION_ERROR);
			assert_int_equal(a.error, PDU_INVALID_REQUEST);
			assert_int_equal(pdu_read(&pdu,
					     octets_bytes(&a.report)),
			    PDU_WHOLE);
			assert_true(pdu_read_error(&pdu, &wrong, &text));
			assert_int_equal(wrong.len, SESSION_HELD);
			assert_memory_equal(wrong.at, piece, SESSION_HELD);
		}
		octets_clear(&a.report);
		session_clear(&session);
	}
}

/* A router's text cannot forge a line, nor fill the log. */
static void
test_router_text(void **state)
{
	struct session_cache cache = { .ready = true, .max_version = 2 };
	struct session session;
	struct session_answer a;
	struct octets o = { 0 };
	char text[600];

	(void)state;
	memset(text, '\n', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	session_init(&session);
	pdu_error_report(&o, 1, PDU_WITHDRAWAL_OF_UNKNOWN, bytes_of("a", 1),
	    text);
	assert_int_equal(session_hear(&session, octets_bytes(&o)), o.len);
	session_answer(&session, &cache, &a);
	assert_int_equal(a.say, SESSION_HANG_UP);
	assert_null(strchr(a.log, '\n'));
	assert_non_null(
	    strstr(a.log, "error 6 (Withdrawal of Unknown Record): \\x0a"));
	octets_clear(&o);
	session_clear(&session);
}

/* The cache itself began a new session: no fault of the router. */
static void
test_new_session(void **state)
{
	struct session_cache cache = { .ready = true,
		.ids = { 100, 101, 102 },
		.serial = 20,
		.oldest = 10,
		.max_version = 2 };
	struct session session;
	struct session_answer a;
	struct octets o = { 0 };

	(void)state;
	session_init(&session);
	pdu_reset_query(&o, 2);
	(void)session_hear(&session, octets_bytes(&o));
	session_answer(&session, &cache, &a);
	assert_int_equal(a.say, SESSION_FULL);
	cache.ids[2] = 202;
	octets_reset(&o);
	pdu_serial_query(&o, 2, 102, 20);
	(void)session_hear(&session, octets_bytes(&o));
	session_answer(&session, &cache, &a);
	assert_int_equal(a.say, SESSION_RESET);
	octets_clear(&o);
	session_clear(&session);
}

static void
test_serials(void **state)
{
	(void)state;
	assert_true(session_before(1, 2));
	assert_false(session_before(2, 1));
	assert_false(session_before(5, 5));
	assert_true(session_before(UINT32_MAX, 0));
	assert_false(session_before(0, UINT32_MAX));
	assert_false(session_before(0, UINT32_C(0x80000000)));
	assert_false(session_before(UINT32_C(0x80000000), 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_long_pdus),
		cmocka_unit_test(test_router_text),
		cmocka_unit_test(test_new_session),
		cmocka_unit_test(test_serials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
