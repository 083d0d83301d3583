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
		session_hear(&session, octets_bytes(&o));
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
		cmocka_unit_test(test_serials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
