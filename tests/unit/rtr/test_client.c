/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a router makes of what a cache says: octets in, events and octets out.
 */
#include "rtr/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static const char *const names[] = {
	[CLIENT_NOTHING] = "",
	[CLIENT_WHOLE] = "whole",
	[CLIENT_NEWS] = "news",
	[CLIENT_ASKS] = "asks",
	[CLIENT_LATER] = "later",
	[CLIENT_LOWER] = "lower",
	[CLIENT_ENDED] = "ended",
	[CLIENT_SHUT] = "shut",
	[CLIENT_BROKEN] = "broken",
	[CLIENT_REFUSED] = "refused",
};

/* Version 2, session 5; an item each. */
#define RESPONSE "0203000500000008"
#define END      "020700050000001800000007000002580000025800001c20"
#define VRP      "020400000000001401181a00c00002000000fbf0"
#define VRP_GONE "020400000000001400181a00c00002000000fbf0"
#define ASPA     "020b0100000000100000fbf00000fbf1"
#define RESET    "0208000000000008"

struct talk {
	const char *what;
	unsigned highest;
	const char *said;   /* by the cache, hex */
	const char *events; /* what the client makes of it */
	const char *sends;  /* hex, after its first query */
	const char *why;    /* begins like this */
};

static const struct talk talks[] = {
	{ "one of each", 2, RESPONSE VRP ASPA END, "whole", "", "" },
	{ "an empty set", 2, RESPONSE END, "whole", "", "" },
	{ "an empty set in version 0", 0,
	    "0003000500000008"
	    "000700050000000c00000007",
	    "whole", "", "" },
	{ "a lower version chosen by the cache", 2,
	    "0103000500000008"
	    "0107000500000018000000070000025800000258"
	    "00001c20",
	    "whole", "", "" },
	{ "Notify before the version is settled", 2,
	    "010000050000000c00000007" RESPONSE END, "whole", "", "" },
	{ "Notify afterwards", 2, RESPONSE END "020000050000000c00000008",
	    "whole news", "", "" },
	{ "no data", 2,
	    "020a000200000010"
	    "0000000000000000",
	    "later", "", "the cache reports error 2 (No Data Available)" },
	{ "restart", 2, RESPONSE END "020a000c000000100000000000000000",
	    "whole ended", "", "the cache reports error 12 (Cache Restart)" },
	{ "shutdown", 2, RESPONSE END "020a000d000000100000000000000000",
	    "whole shut", "", "the cache reports error 13 (Cache Shutdown)" },
	{ "restart in a version that has no word for it", 1,
	    "010a000c000000100000000000000000", "broken", "",
	    "the cache reports error 12 (Cache Restart)" },
	{ "an error that no version has", 2, "020a03e7000000100000000000000000",
	    "broken", "", "the cache reports error 999 (unknown error)" },
	{ "version refused", 2,
	    "010a0004000000100000"
	    "000000000000",
	    "lower", "",
	    "the cache reports error 4 (Unsupported Protocol Version)" },
	{ "version 0 refused", 0,
	    "010a0004000000100000"
	    "000000000000",
	    "refused", "", "the cache speaks no version that we do" },
	{ "version changes", 2,
	    RESPONSE "010400000000001401181a00c00002000000fbf0", "broken",
	    "020a00080000004900000014010400000000001401181a00c0000200"
	    "0000fbf0"
	    "0000002576657273696f6e20697320616e6f74686572207468616e20746865"
	    "2073657373696f6e2773",
	    "the cache breaks a rule: Unexpected Protocol Version" },
	{ "a version that is not known, while it is negotiated", 2,
	    "0303000500000008", "broken",
	    "020a00040000003d000000080303000500000008"
	    "0000002576657273696f6e20697320616e6f74686572207468616e20746865"
	    "2073657373696f6e2773",
	    "the cache breaks a rule: Unsupported Protocol Version" },
	{ "version changes in version 0", 0, "0003000500000008" RESPONSE,
	    "broken", NULL,
	    "the cache breaks a rule: Unsupported Protocol Version" },
	{ "Notify of another session", 2,
	    RESPONSE END "020000060000000c00000008", "whole broken", NULL,
	    "the cache breaks a rule: Corrupt Data in Serial Notify" },
	{ "Notify of another session after no data", 2,
	    RESPONSE END "020a0002000000100000000000000000"
			 "020000060000000c00000008",
	    "whole later news", "",
	    "the cache reports error 2 (No Data Available)" },
	{ "announced twice", 2, RESPONSE VRP VRP END, "broken",
	    "020a0007000000330000001402040000000000"
	    "1401181a00c00002000000fbf0"
	    "0000000f616e6e6f756e636564207477696365",
	    "the cache breaks a rule: Duplicate Announcement Received in IPv4 "
	    "Prefix AS64496 192.0.2.0/24-26: announced twice" },
	{ "withdrawn, never announced", 2, RESPONSE VRP_GONE END, "broken",
	    "020a00060000004700000014" VRP_GONE
	    "0000002377697468647261776e206d6f7265206f6674656e207468616e206"
	    "16e6e6f756e636564",
	    "the cache breaks a rule: Withdrawal of Unknown Record in IPv4 "
	    "Prefix AS64496 192.0.2.0/24-26: withdrawn more often than" },
	{ "announced, and withdrawn that never was", 2,
	    RESPONSE VRP VRP_GONE END, "broken", NULL,
	    "the cache breaks a rule: Withdrawal of Unknown" },
	{ "an ASPA twice", 2, RESPONSE ASPA ASPA END, "broken", NULL,
	    "the cache breaks a rule: Duplicate Announcement Received in ASPA "
	    "AS64496: " },
	{ "a router key withdrawn", 1,
	    "0103000500000008"
	    "0109000000000021"
	    "0000000000000000000000000000000000000000"
	    "0000fbf030"
	    "0107000500000018000000070000025800000258"
	    "00001c20",
	    "broken", NULL,
	    "the cache breaks a rule: Withdrawal of Unknown Record in Router "
	    "Key AS64496: " },
	{ "payload that belongs to nothing", 2, VRP, "broken", NULL,
	    "the cache breaks a rule: Corrupt Data in IPv4 Prefix" },
	{ "another session at the end", 2,
	    RESPONSE "0207000600000018000000070000025800000258"
		     "00001c20",
	    "broken", NULL,
	    "the cache breaks a rule: Corrupt Data in End of Data" },
	{ "Cache Reset for a Reset Query", 2, RESET, "broken", NULL,
	    "the cache breaks a rule: Corrupt Data in Cache Reset" },
	{ "two responses at once", 2, RESPONSE RESPONSE, "broken", NULL,
	    "the cache breaks a rule: Corrupt Data in Cache Response" },
	{ "a query from a cache", 2, "0202000000000008", "broken", NULL,
	    "the cache breaks a rule: Invalid Request in Reset Query" },
	{ "unknown type", 2, "0263000000000008", "broken", NULL,
	    "the cache breaks a rule: Unsupported PDU Type" },
	{ "ASPA in version 1", 1,
	    "0103000500000008"
	    "010b0100000000100000fbf00000fbf1",
	    "broken", NULL,
	    "the cache breaks a rule: Unsupported PDU Type in ASPA" },
	{ "host bits", 2, RESPONSE "020400000000001401181a00c00002010000fbf0",
	    "broken", NULL,
	    "the cache breaks a rule: Corrupt Data in IPv4 Prefix" },
	{ "maximal length below the length", 2,
	    RESPONSE "020400000000001401181700c00002000000fbf0", "broken", NULL,
	    "the cache breaks a rule: Corrupt Data in IPv4 Prefix" },
	{ "AS0 among providers", 2,
	    RESPONSE "020b0100000000140000fbf0000000000000fbf1", "broken", NULL,
	    "the cache breaks a rule: ASPA Provider List Error" },
	{ "an Error Report that lies about itself is not answered", 2,
	    "020a00000000001000000fff00000000", "broken", "",
	    "the cache breaks a rule: Corrupt Data in Error Report" },
	{ "a text that would forge lines", 2,
	    "020a00010000001200000000000000020a1b", "broken", "",
	    "the cache reports error 1 (Internal Error): \\x0a\\x1b" },
	{ "length of 64 KiB", 2, "0203000500010000", "broken", NULL,
	    "the cache breaks a rule: Corrupt Data" },
};

static void
take(struct octets *out, const char *hex)
{
	assert_true(text_from_hex(out, text_bytes(hex)));
}

/* All events of these octets, as words. */
static void
feed(struct client *client, struct bytes octets, struct octets *words,
    struct octets *out)
{
	enum client_event event;

	client_hear(client, octets);
	while ((event = client_next(client, out)) != CLIENT_NOTHING) {
		octets_printf(words, "%s%s", words->len > 0 ? " " : "",
		    names[event]);
		if (client_state(client) == CLIENT_FAILED) {
			break;
		}
	}
}

static void
check(const struct talk *t, size_t piece)
{
	struct client *client = client_new("cache", t->highest, SIZE_MAX);
	struct octets said = { 0 }, words = { 0 }, out = { 0 }, hex = { 0 };

	client_ask(client, &out);
	assert_int_equal(out.len, 8);
	octets_reset(&out);
	take(&said, t->said);
	for (size_t i = 0; i < said.len; i += piece) {
		feed(client,
		    bytes_of(said.at + i,
			said.len - i < piece ? said.len - i : piece),
		    &words, &out);
		if (client_state(client) == CLIENT_FAILED) {
			break;
		}
	}
	octets_u8(&words, 0);
	assert_string_equal((const char *)words.at, t->events);
	if (t->sends != NULL) {
		text_hex(&hex, octets_bytes(&out));
		octets_u8(&hex, 0);
		assert_string_equal((const char *)hex.at, t->sends);
	} else {
		assert_true(out.len > 16);
		assert_int_equal(out.at[1], PDU_ERROR_REPORT);
	}
	assert_memory_equal(client_why(client), t->why, strlen(t->why));
	octets_clear(&said);
	octets_clear(&words);
	octets_clear(&out);
	octets_clear(&hex);
	client_free(client);
}

static void
test_talks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		print_message("# %s\n", talks[i].what);
		check(&talks[i], 100000);
		check(&talks[i], 1);
	}
}

static void
hear(struct client *client, const char *hex, const char *events,
    const char *sends)
{
	struct octets said = { 0 }, words = { 0 }, out = { 0 }, sent = { 0 };

	take(&said, hex);
	feed(client, octets_bytes(&said), &words, &out);
	octets_u8(&words, 0);
	assert_string_equal((const char *)words.at, events);
	text_hex(&sent, octets_bytes(&out));
	octets_u8(&sent, 0);
	assert_string_equal((const char *)sent.at, sends);
	octets_clear(&said);
	octets_clear(&words);
	octets_clear(&out);
	octets_clear(&sent);
}

static void
asks(struct client *client, const char *sends)
{
	struct octets out = { 0 }, sent = { 0 };

	client_ask(client, &out);
	text_hex(&sent, octets_bytes(&out));
	octets_u8(&sent, 0);
	assert_string_equal((const char *)sent.at, sends);
	octets_clear(&out);
	octets_clear(&sent);
}

/* A set, a change, a new connection, a reset: what a router lives through. */
static void
test_life(void **state)
{
	struct client *client = client_new("cache", 2, SIZE_MAX);

	(void)state;
	asks(client, "0202000000000008");
	asks(client, "");
	hear(client, RESPONSE VRP ASPA END, "whole", "");
	assert_int_equal(snapshot_vrps(client_set(client)), 1);
	assert_int_equal(snapshot_aspas(client_set(client)), 1);
	assert_int_equal(client_serial(client), 7);
	assert_int_equal(client_timing(client).refresh, 600);
	assert_false(client_lost(client));
	asks(client, "020100050000000c00000007");
	/* An ASPA replaces; the VRP goes. */
	hear(client,
	    RESPONSE VRP_GONE "020b0100000000100000fbf00000fbf2"
			      "0207000500000018000000080000025800000258"
			      "00001c20",
	    "whole", "");
	assert_int_equal(snapshot_vrps(client_set(client)), 0);
	assert_int_equal(snapshot_aspa(client_set(client), 0)->providers[0],
	    64498);
	assert_int_equal(delta_count(client_change(client), ITEM_VRP,
			     DELTA_WITHDRAW),
	    1);
	/* An answer that breaks off changes nothing. */
	asks(client, "020100050000000c00000008");
	hear(client, RESPONSE VRP, "", "");
	assert_false(client_lost(client));
	assert_int_equal(snapshot_vrps(client_set(client)), 0);
	asks(client, "020100050000000c00000008");
	hear(client, RESET, "asks", "0202000000000008");
	hear(client,
	    "0203000900000008" VRP "0207000900000018000000010000025800000258"
	    "00001c20",
	    "whole", "");
	assert_int_equal(client_session(client), 9);
	assert_int_equal(snapshot_vrps(client_set(client)), 1);
	assert_int_equal(snapshot_aspas(client_set(client)), 0);
	/* The cache came back and knows less: the session is another. */
	assert_false(client_lost(client));
	asks(client, "020100090000000c00000001");
	hear(client, "010a0004000000100000000000000000", "lower", "");
	assert_false(client_lost(client));
	asks(client, "0102000000000008");
	client_free(client);
}

/* Some caches close without a word at a version they do not know. */
static void
test_silence(void **state)
{
	struct client *client = client_new("cache", 2, SIZE_MAX);

	(void)state;
	asks(client, "0202000000000008");
	assert_true(client_lost(client));
	asks(client, "0102000000000008");
	assert_true(client_lost(client));
	asks(client, "0002000000000008");
	assert_false(client_lost(client));
	asks(client, "0002000000000008");
	client_free(client);
}

static struct client *
client_with_one(void)
{
	struct client *client = client_new("cache", 2, SIZE_MAX);

	asks(client, "0202000000000008");
	hear(client, RESPONSE VRP END, "whole", "");
	return client;
}

static size_t
gone(const struct client *client)
{
	return delta_count(client_change(client), ITEM_VRP, DELTA_WITHDRAW);
}

/* A cache without data is asked for all of it from then on (8210bis 8.4). */
static void
test_no_data(void **state)
{
	struct client *client = client_with_one();

	(void)state;
	asks(client, "020100050000000c00000007");
	hear(client, "020a0002000000100000000000000000", "later", "");
	assert_int_equal(snapshot_vrps(client_set(client)), 1);
	asks(client, "0202000000000008");
	hear(client, "020a0002000000100000000000000000", "later", "");
	asks(client, "0202000000000008");
	hear(client, RESPONSE END, "whole", "");
	assert_int_equal(gone(client), 1);
	asks(client, "020100050000000c00000007");
	client_free(client);
}

/* It wants nothing of it to stay, and is tried again by the usual times. */
static void
test_shutdown(void **state)
{
	struct client *client = client_with_one();

	(void)state;
	assert_int_equal(client_timing(client).refresh, 600);
	hear(client, "020a000d000000100000000000000000", "shut", "");
	assert_null(client_set(client));
	assert_int_equal(gone(client), 1);
	assert_int_equal(client_timing(client).refresh, 3600);
	assert_false(client_lost(client));
	asks(client, "0202000000000008");
	client_free(client);
}

/* What is there may go once, and be replaced in one answer. */
static void
test_withdrawals(void **state)
{
	struct client *client = client_with_one();

	(void)state;
	asks(client, "020100050000000c00000007");
	hear(client, RESPONSE VRP_GONE VRP END, "whole", "");
	assert_true(delta_empty(client_change(client)));
	asks(client, "020100050000000c00000007");
	hear(client, RESPONSE VRP_GONE VRP_GONE END, "broken",
	    "020a00060000004700000014" VRP_GONE
	    "0000002377697468647261776e206d6f7265206f6674656e207468616e206"
	    "16e6e6f756e636564");
	client_free(client);
}

/* What is too old is gone, and is asked for anew. */
static void
test_expired(void **state)
{
	struct client *client = client_new("cache", 2, SIZE_MAX);

	(void)state;
	asks(client, "0202000000000008");
	hear(client, RESPONSE VRP ASPA END, "whole", "");
	asks(client, "020100050000000c00000007");
	hear(client, RESPONSE VRP_GONE, "", "");
	assert_false(client_lost(client));
	client_expire(client);
	assert_null(client_set(client));
	assert_int_equal(delta_count(client_change(client), ITEM_VRP,
			     DELTA_WITHDRAW),
	    1);
	assert_int_equal(delta_count(client_change(client), ITEM_ASPA,
			     DELTA_WITHDRAW),
	    1);
	client_expire(client);
	assert_true(delta_empty(client_change(client)));
	asks(client, "0202000000000008");
	hear(client, RESPONSE VRP END, "whole", "");
	client_free(client);
}

/* An answer has its bounds, or one cache could have all memory there is. */
static void
test_long_answer(void **state)
{
	struct client *client = client_new("cache", 2, 36);

	(void)state;
	asks(client, "0202000000000008");
	hear(client, RESPONSE VRP ASPA END, "whole", "");
	asks(client, "020100050000000c00000007");
	hear(client, RESPONSE VRP_GONE ASPA END, "whole", "");
	client_free(client);
	client = client_new("cache", 2, 35);
	asks(client, "0202000000000008");
	hear(client, RESPONSE VRP ASPA, "broken",
	    "020a00010000003700000000"
	    "0000002774686520616e73776572206973206c6f6e676572207468616e206973"
	    "2074616b656e2068657265");
	assert_string_equal(client_why(client),
	    "the answer is longer than is taken here: 35 octets");
	assert_null(client_set(client));
	client_free(client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_no_data),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_withdrawals),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_long_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
