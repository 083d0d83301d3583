/* SPDX-License-Identifier: BSD-2-Clause */
/* What notice.h and, below it, scanner.h, xml.h and field.h promise. */
#include "rrdp/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "feed.h"

#define UUID "9df4b597-af9e-4dca-bdda-719cce2c4e28"
#define HASH64                                                                 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const size_t pieces[] = { 16384, 1, 7 };

/* The verdict must not depend on where the octets are cut. */
static void
expect(const char *path, const char *name, const char *label)
{
	struct octets text = { 0 };

	feed_file(&text, path);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct arena *arena = arena_new();
		struct feed feed;
		struct xml_source source =
		    feed_source(&feed, octets_bytes(&text), pieces[i]);
		struct notice notice;
		char detail[XML_DETAIL];
		enum fault fault = notice_read(&notice, &source, arena, detail);

		if (strcmp(fault_label(fault), label) != 0) {
			print_message("%s by %zu: %s (%s)\n", name, pieces[i],
			    fault_label(fault), detail);
		}
		assert_string_equal(label, fault_label(fault));
		arena_free(arena);
	}
	octets_clear(&text);
}

static void
expect_good(const char *path, const char *name)
{
	expect(path, name, fault_label(FAULT_NONE));
}

static void
expect_bad(const char *path, const char *name)
{
	char label[64];

	expect(path, name, feed_label(name, label));
}

static void
test_fixtures(void **state)
{
	const char *root = getenv("KEDGE_FIXTURES");
	char folder[4096];

	(void)state;
	assert_non_null(root);
	snprintf(folder, sizeof(folder), "%s/rrdp/notification/good", root);
	assert_true(feed_folder(folder, expect_good) >= 10);
	snprintf(folder, sizeof(folder), "%s/rrdp/notification/bad", root);
	assert_true(feed_folder(folder, expect_bad) >= 70);
}

static enum fault
read_text(struct notice *notice, const char *text, struct arena *arena)
{
	struct feed feed;
	struct xml_source source = feed_source(&feed, text_bytes(text), 100);

	return notice_read(notice, &source, arena, NULL);
}

#define HEAD                                                                   \
	"<notification xmlns='http://www.ripe.net/rpki/rrdp' "                 \
	"version='1' session_id='" UUID "' serial='9'>"                        \
	"<snapshot uri='https://h.example/s.xml' hash='" HASH64 "'/>"
#define DELTA(serial, host)                                                    \
	"<delta serial='" #serial "' uri='https://" host "/" #serial           \
	".xml' hash='" HASH64 "'/>"
#define TAIL "</notification>"

static void
test_deltas_are_sorted(void **state)
{
	struct arena *arena = arena_new();
	struct notice notice;

	(void)state;
	assert_int_equal(FAULT_NONE,
	    read_text(&notice,
		HEAD DELTA(8, "h.example") DELTA(9, "h.example")
		    DELTA(7, "h.example") TAIL,
		arena));
	assert_string_equal(UUID, notice.session);
	assert_int_equal(9, notice.serial);
	assert_int_equal(3, notice.delta_count);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(7 + i, notice.deltas[i].serial);
	}
	assert_string_equal("https://h.example/7.xml",
	    notice.deltas[0].uri.text);
	assert_int_equal(0, notice.odd.count);
	arena_free(arena);
}

static void
test_oddities(void **state)
{
	struct arena *arena = arena_new();
	struct notice notice;

	(void)state;
	assert_int_equal(FAULT_NONE,
	    read_text(&notice,
		HEAD DELTA(9, "h.example") DELTA(7, "h.example") TAIL, arena));
	assert_int_equal(1, notice.odd.count);
	assert_string_equal("rrdp-gap",
	    fault_label((enum fault)notice.odd.list[0]));
	assert_int_equal(FAULT_NONE,
	    read_text(&notice,
		"<notification xmlns='http://www.ripe.net/rpki/rrdp' "
		"version='1' session_id='9df4b597-af9e-1dca-bdda-719cce2c4e28'"
		" serial='9'><snapshot uri='https://h.example/s.xml' "
		"hash='" HASH64 "'/>" TAIL,
		arena));
	assert_string_equal("rrdp-uuid",
	    fault_label((enum fault)notice.odd.list[0]));
	arena_free(arena);
}

struct origin_case {
	const char *what, *notify, *text;
	enum fault fault;
};

static const struct origin_case origin_cases[] = {
	{ "same host", "https://h.example/n.xml",
	    HEAD DELTA(9, "h.example") TAIL, FAULT_NONE },
	{ "host in another case, port spelled out",
	    "https://H.EXAMPLE:443/n.xml", HEAD TAIL, FAULT_NONE },
	{ "snapshot elsewhere", "https://other.example/n.xml", HEAD TAIL,
	    FAULT_RRDP_ORIGIN },
	{ "one delta elsewhere", "https://h.example/n.xml",
	    HEAD DELTA(8, "h.example") DELTA(9, "x.example") TAIL,
	    FAULT_RRDP_ORIGIN },
	{ "delta at another port", "https://h.example/n.xml",
	    HEAD DELTA(9, "h.example:8443") TAIL, FAULT_RRDP_ORIGIN },
	{ "delta at a host below", "https://h.example/n.xml",
	    HEAD DELTA(9, "a.h.example") TAIL, FAULT_RRDP_ORIGIN },
};

/* rrdp-origin */
static void
test_origin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(origin_cases) / sizeof(origin_cases[0]);
	     i++) {
		const struct origin_case *c = &origin_cases[i];
		struct arena *arena = arena_new();
		struct notice notice;
		struct uri notify;

		print_message("%s\n", c->what);
		assert_int_equal(FAULT_NONE,
		    uri_read(&notify, text_bytes(c->notify), arena));
		assert_int_equal(FAULT_NONE,
		    read_text(&notice, c->text, arena));
		assert_string_equal(fault_label(c->fault),
		    fault_label(notice_origin(&notice, &notify)));
		arena_free(arena);
	}
}

static long
broken(void *arg, void *into, size_t room)
{
	(void)arg, (void)into, (void)room;
	return -5;
}

/* spool-io */
static void
test_source_fails(void **state)
{
	struct xml_source source = { broken, NULL };
	struct arena *arena = arena_new();
	struct notice notice;

	(void)state;
	assert_string_equal("spool-io",
	    fault_label(notice_read(&notice, &source, arena, NULL)));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_deltas_are_sorted),
		cmocka_unit_test(test_oddities),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_source_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
