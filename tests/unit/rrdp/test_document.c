/* SPDX-License-Identifier: BSD-2-Clause */
/* What document.h promises. */
#include "rrdp/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "feed.h"

#define UUID "9df4b597-af9e-4dca-bdda-719cce2c4e28"

enum { OBJECT_MOST = 2000, ALL_MOST = 10000, ITEMS_MOST = 20 };

struct seen {
	struct octets log; /* a line an item */
	enum fault answer; /* to every item */
};

static enum fault
note(void *arg, const struct document_item *item)
{
	static const char *const words[] = { "publish", "replace", "withdraw" };
	struct seen *seen = arg;
	struct hash hash;

	octets_printf(&seen->log, "%s %s %zu%s\n", words[item->change],
	    item->uri, item->octets.len, item->oversize ? " oversize" : "");
	if (item->change != DOCUMENT_WITHDRAW && !item->oversize) {
		digest_of(item->octets, &hash);
		assert_true(hash_equal(&hash, &item->hash));
	}
	return seen->answer;
}

static enum fault
read_it(enum document_kind kind, struct bytes text, size_t piece,
    struct seen *seen, struct document_report *report)
{
	struct feed feed;
	struct xml_source source = feed_source(&feed, text, piece);
	struct document_job job = {
		.kind = kind,
		.session = UUID,
		.serial = 3,
		.max_object = OBJECT_MOST,
		.max_octets = ALL_MOST,
		.max_items = ITEMS_MOST,
		.item = note,
		.arg = seen,
	};

	return document_read(&job, &source, report);
}

static const size_t pieces[] = { 16384, 1, 7 };

static void
expect(enum document_kind kind, const char *path, const char *label)
{
	struct octets text = { 0 };

	feed_file(&text, path);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct seen seen = { .answer = FAULT_NONE };
		struct document_report report;
		enum fault fault = read_it(kind, octets_bytes(&text), pieces[i],
		    &seen, &report);

		if (strcmp(fault_label(fault), label) != 0) {
			print_message("%s by %zu: %s (%s)\n", path, pieces[i],
			    fault_label(fault), report.detail);
		}
		assert_string_equal(label, fault_label(fault));
		octets_clear(&seen.log);
	}
	octets_clear(&text);
}

static void
good_snapshot(const char *path, const char *name)
{
	(void)name;
	expect(DOCUMENT_SNAPSHOT, path, fault_label(FAULT_NONE));
}

static void
bad_snapshot(const char *path, const char *name)
{
	char label[64];

	expect(DOCUMENT_SNAPSHOT, path, feed_label(name, label));
}

static void
good_delta(const char *path, const char *name)
{
	(void)name;
	expect(DOCUMENT_DELTA, path, fault_label(FAULT_NONE));
}

static void
bad_delta(const char *path, const char *name)
{
	char label[64];

	expect(DOCUMENT_DELTA, path, feed_label(name, label));
}

static void
test_fixtures(void **state)
{
	static const struct {
		const char *folder;
		feed_fn *each;
		unsigned least;
	} rows[] = {
		{ "snapshot/good", good_snapshot, 20 },
		{ "snapshot/bad", bad_snapshot, 30 },
		{ "delta/good", good_delta, 20 },
		{ "delta/bad", bad_delta, 35 },
	};
	const char *root = getenv("KEDGE_FIXTURES");
	char folder[4096];

	(void)state;
	assert_non_null(root);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(folder, sizeof(folder), "%s/rrdp/%s", root,
		    rows[i].folder);
		assert_true(feed_folder(folder, rows[i].each) >= rows[i].least);
	}
}

#define HEAD(root)                                                             \
	"<" root " xmlns='http://www.ripe.net/rpki/rrdp' "                     \
	"version='1' session_id='" UUID "' serial='3'>"
#define HASH64                                                                 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
test_items_in_order(void **state)
{
	static const char text[] = HEAD(
	    "delta") "<withdraw uri='rsync://h/m/w' hash='" HASH64 "'/>"
		     "<publish uri='rsync://h/m/r' hash='" HASH64
		     "'>YWI=</publish>"
		     "<publish uri='rsync://h/m/p'> YWJj\nZA== </publish></delta>";
	struct seen seen = { .answer = FAULT_NONE };
	struct document_report report;

	(void)state;
	assert_int_equal(FAULT_NONE,
	    read_it(DOCUMENT_DELTA, text_bytes(text), 5, &seen, &report));
	octets_u8(&seen.log, 0);
	assert_string_equal("withdraw rsync://h/m/w 0\n"
			    "replace rsync://h/m/r 2\n"
			    "publish rsync://h/m/p 4\n",
	    (const char *)seen.log.at);
	assert_int_equal(3, report.items);
	assert_int_equal(6, report.octets);
	octets_clear(&seen.log);
}

/* rrdp-object: one too large costs itself only, and its hash is still told. */
static void
test_oversize(void **state)
{
	struct octets text = { 0 };
	struct octets object = { 0 };
	struct seen seen = { .answer = FAULT_NONE };
	struct document_report report;

	(void)state;
	(void)memset(octets_more(&object, OBJECT_MOST + 1), 'x',
	    OBJECT_MOST + 1);
	octets_printf(&text, "%s<publish uri='rsync://h/m/big'>",
	    HEAD("snapshot"));
	text_base64(&text, octets_bytes(&object), TEXT_BASE64);
	octets_printf(&text, "</publish><publish uri='rsync://h/m/max'>");
	object.len = OBJECT_MOST;
	text_base64(&text, octets_bytes(&object), TEXT_BASE64);
	octets_printf(&text, "</publish></snapshot>");
	assert_int_equal(FAULT_NONE,
	    read_it(DOCUMENT_SNAPSHOT, octets_bytes(&text), 100, &seen,
		&report));
	octets_u8(&seen.log, 0);
	assert_string_equal("publish rsync://h/m/big 0 oversize\n"
			    "publish rsync://h/m/max 2000\n",
	    (const char *)seen.log.at);
	assert_int_equal(1, report.oversize);
	octets_clear(&seen.log);
	octets_clear(&text);
	octets_clear(&object);
}

/* So many objects, be they empty, and not one more. */
static void
test_items(void **state)
{
	(void)state;
	for (unsigned n = ITEMS_MOST; n <= ITEMS_MOST + 1; n++) {
		struct octets text = { 0 };
		struct seen seen = { .answer = FAULT_NONE };
		struct document_report report;

		octets_printf(&text, "%s", HEAD("snapshot"));
		for (unsigned i = 0; i < n; i++) {
			octets_printf(&text,
			    "<publish uri='rsync://h/m/%u'></publish>", i);
		}
		octets_printf(&text, "</snapshot>");
		assert_string_equal(n == ITEMS_MOST ? "ok" : "rrdp-limit",
		    fault_label(read_it(DOCUMENT_SNAPSHOT, octets_bytes(&text),
			16384, &seen, &report)));
		assert_int_equal(report.items, ITEMS_MOST);
		octets_clear(&seen.log);
		octets_clear(&text);
	}
}

/* An object of the largest size there may be passes libxml2's own limits. */
static void
test_largest_object(void **state)
{
	struct octets text = { 0 };
	struct octets object = { 0 };
	struct seen seen = { .answer = FAULT_NONE };
	struct document_report report;
	struct feed feed;
	struct xml_source source;
	struct document_job job = {
		.kind = DOCUMENT_SNAPSHOT,
		.session = UUID,
		.serial = 3,
		.max_object = 8000000,
		.max_octets = UINT64_MAX,
		.max_items = 2,
		.item = note,
		.arg = &seen,
	};

	(void)state;
	(void)memset(octets_more(&object, 12000000), 'x', 12000000);
	octets_printf(&text, "%s<publish uri='rsync://h/m/big'>",
	    HEAD("snapshot"));
	text_base64(&text, octets_bytes(&object), TEXT_BASE64);
	octets_printf(&text, "</publish><publish uri='rsync://h/m/max'>");
	object.len = 8000000;
	text_base64(&text, octets_bytes(&object), TEXT_BASE64);
	octets_printf(&text, "</publish></snapshot>");
	source = feed_source(&feed, octets_bytes(&text), 16384);
	assert_string_equal(fault_label(FAULT_NONE),
	    fault_label(document_read(&job, &source, &report)));
	octets_u8(&seen.log, 0);
	assert_string_equal("publish rsync://h/m/big 0 oversize\n"
			    "publish rsync://h/m/max 8000000\n",
	    (const char *)seen.log.at);
	octets_clear(&seen.log);
	octets_clear(&text);
	octets_clear(&object);
}

/* rrdp-name: what no certificate can lead to is not handed out, be it ever so
 * large, and costs nobody else anything. */
static void
test_nameless(void **state)
{
	static const char text[] = HEAD(
	    "delta") "<publish uri='rsync://h/m/%zz'>YWI=</publish>"
		     "<withdraw uri='rsync://h/m/..' hash='" HASH64 "'/>"
		     "<publish uri='/etc/x' hash='" HASH64 "'>YWI=</publish>"
		     "<publish uri='rsync://h/m/p'>YWJjZA==</publish></delta>";
	static const char only[] =
	    HEAD("delta") "<publish uri=''>YWI=</publish></delta>";
	static const char broken[] =
	    HEAD("delta") "<publish uri=''>YWI</publish></delta>";
	struct seen seen = { .answer = FAULT_NONE };
	struct document_report report;

	(void)state;
	assert_int_equal(FAULT_NONE,
	    read_it(DOCUMENT_DELTA, text_bytes(text), 7, &seen, &report));
	octets_u8(&seen.log, 0);
	assert_string_equal("publish rsync://h/m/p 4\n",
	    (const char *)seen.log.at);
	assert_int_equal(4, report.items);
	assert_int_equal(3, report.nameless);
	assert_int_equal(FAULT_NONE,
	    read_it(DOCUMENT_DELTA, text_bytes(only), 7, &seen, &report));
	assert_int_equal(FAULT_RRDP_BASE64,
	    read_it(DOCUMENT_DELTA, text_bytes(broken), 7, &seen, &report));
	octets_clear(&seen.log);
}

/* Text is the same in one piece and in many, plain or not, and lines are
 * counted through all of it. */
static void
test_text(void **state)
{
	static const struct {
		const char *text, *label, *detail;
	} rows[] = {
		{ "YWJjZA==", "ok", "" },
		{ "\r\nYWJj\n ZA==\n", "ok", "" },
		{ "YW&#x4a;j&#90;A==", "ok", "" },
		{ "YW<!-- >& -->JjZA&#61;=", "ok", "" },
		{ "YWJjZA=>", "rrdp-base64", "" },
		{ "YWJjZA&lt;", "rrdp-base64", "" },
		{ "YWJjZA==</publish>]<publish uri='rsync://h/m/q'>",
		    "rrdp-text", "" },
		{ "YWJj\nZA==</publish>\n<publish uri='rsync://h/m/q'>\n"
		  "\n</x>",
		    "rrdp-xml", "publish line 4 and x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct octets text = { 0 };

		octets_printf(&text, "%s\n<publish uri='rsync://h/m/p'>%s",
		    HEAD("snapshot"), rows[i].text);
		octets_printf(&text, "</publish></snapshot>");
		for (size_t piece = 1; piece <= text.len; piece++) {
			struct seen seen = { .answer = FAULT_NONE };
			struct document_report report;
			enum fault fault = read_it(DOCUMENT_SNAPSHOT,
			    octets_bytes(&text), piece, &seen, &report);

			assert_string_equal(rows[i].label, fault_label(fault));
			assert_true(
			    strstr(report.detail, rows[i].detail) != NULL);
			octets_u8(&seen.log, 0);
			assert_true(fault != FAULT_NONE ||
				    strcmp((const char *)seen.log.at,
					"publish rsync://h/m/p 4\n") == 0);
			octets_clear(&seen.log);
		}
		octets_clear(&text);
	}
}

static void
test_item_ends_reading(void **state)
{
	static const char text[] = HEAD(
	    "snapshot") "<publish uri='rsync://h/m/a'/><publish uri='rsync://h/m/b'/>"
			"</snapshot>";
	struct seen seen = { .answer = FAULT_SPOOL_IO };
	struct document_report report;

	(void)state;
	assert_int_equal(FAULT_SPOOL_IO,
	    read_it(DOCUMENT_SNAPSHOT, text_bytes(text), 1000, &seen, &report));
	octets_u8(&seen.log, 0);
	assert_string_equal("publish rsync://h/m/a 0\n",
	    (const char *)seen.log.at);
	octets_clear(&seen.log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_items_in_order),
		cmocka_unit_test(test_oversize),
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_largest_object),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_item_ends_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
