/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications, snapshots and deltas that others test with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"
#include "feed.h"
#include "rrdp/document.h"
#include "rrdp/notice.h"
#include "tests/unit/corpus.h"

static const struct {
	const char *file, *label;
	const char *notify; /* when the origin matters */
} rows[] = {
	{ "openbsd-regress/notification.xml", "ok", NULL },
	{ "openbsd-regress/notification_xmlns.xml", "rrdp-namespace", NULL },
	{ "openbsd-regress/xxe.xml", "rrdp-doctype", NULL },
	{ "openbsd-regress/billion_lol.xml", "rrdp-doctype", NULL },
	{ "rpki-rs/ripe-notification.xml", "ok", NULL },
	{ "rpki-rs/ripe-notification-unsorted.xml", "ok", NULL },
	{ "rpki-rs/ripe-notification-with-gaps.xml", "ok", NULL },
	{ "rpki-rs/lolz-notification.xml", "rrdp-doctype", NULL },
	{ "fort-history/notif-bad-hash.xml", "refused", NULL },
	{ "fort-history/notif-bad-serial.xml", "refused", NULL },
	{ "fort-history/notif-bad-session-id.xml", "refused", NULL },
	{ "fort-history/notif-bad-version.xml", "refused", NULL },
	{ "fort-history/notif-bad-xmlns.xml", "refused", NULL },
	{ "fort-history/notif-bad-uri-1.xml", "refused", NULL },
	{ "fort-history/notif-bad-uri-2.xml", "refused", NULL },
	{ "fort-history/notif-bad-uri-4.xml", "rrdp-origin",
	    "https://host/notification.xml" },
	{ "ripe-monitoring/ripe-notification.xml", "ok", NULL },
	{ "ripe-pubserver/notification-valid.xml", "uri-scheme", NULL },
	{ "rpki-validator-2/broken_notification1.xml", "refused", NULL },
};

static enum fault
judge(const char *path, const char *notify, char detail[XML_DETAIL])
{
	struct arena *arena = arena_new();
	struct octets text = { 0 };
	struct xml_source source;
	struct notice notice;
	struct feed feed;
	enum fault fault;

	feed_file(&text, path);
	source = feed_source(&feed, octets_bytes(&text), 4096);
	fault = notice_read(&notice, &source, arena, detail);
	if (fault == FAULT_NONE && notify != NULL) {
		struct uri uri;

		assert_int_equal(FAULT_NONE,
		    uri_read(&uri, text_bytes(notify), arena));
		fault = notice_origin(&notice, &uri);
	}
	octets_clear(&text);
	arena_free(arena);
	return fault;
}

static void
test_notifications(void **state)
{
	char corpus[2048];
	unsigned wrong = 0;

	(void)state;
	if (!corpus_find(corpus, sizeof(corpus))) {
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[4096], detail[XML_DETAIL];
		const char *label;
		bool fine;

		snprintf(path, sizeof(path), "%s/rrdp/%s", corpus,
		    rows[i].file);
		label = fault_label(judge(path, rows[i].notify, detail));
		fine = strcmp(rows[i].label, "refused") == 0
			   ? strcmp(label, "ok") != 0
			   : strcmp(label, rows[i].label) == 0;
		print_message("%s: %s %s\n", rows[i].file, label, detail);
		wrong += !fine;
	}
	assert_int_equal(0, wrong);
}

/* --- what notifications lead to */

static const struct {
	const char *file;
	enum document_kind kind;
	const char *session;
	uint64_t serial;
	const char *label;
	unsigned items; /* read before it went wrong, or all */
} documents[] = {
	{ "fort-history/snapshot-bad-publish.xml", DOCUMENT_SNAPSHOT,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 2, "rrdp-base64", 0 },
	{ "fort/delta.xml", DOCUMENT_DELTA,
	    "66b09eea-03c7-435f-bb29-5bee810bd657", 18378, "ok", 2 },
	{ "openbsd-regress/delta.xml", DOCUMENT_DELTA,
	    "9b3f7e31-4979-4f8c-9818-73e4dadc3e6b", 13755, "ok", 4 },
	{ "openbsd-regress/snapshot.xml", DOCUMENT_SNAPSHOT,
	    "7e7d2563-5bbb-40b0-8723-6a2e90c85d9e", 28483, "ok", 3 },
	{ "ripe-monitoring/ripe-snapshot-1742-hash2.xml", DOCUMENT_SNAPSHOT,
	    "a2d845c4-5b91-4015-a2b7-988c03ce232a", 1742, "ok", 276 },
	{ "ripe-monitoring/ripe-snapshot-collision.xml", DOCUMENT_SNAPSHOT,
	    "a2d845c4-5b91-4015-a2b7-988c03ce232a", 1742, "rrdp-duplicate", 1 },
	{ "ripe-monitoring/ripe-snapshot-session-mismatch.xml",
	    DOCUMENT_SNAPSHOT, "666f76d3-6770-4bed-9262-e11d92455658", 1742,
	    "ok", 1 },
	{ "ripe-monitoring/ripe-snapshot.xml", DOCUMENT_SNAPSHOT,
	    "a2d845c4-5b91-4015-a2b7-988c03ce232a", 1742, "ok", 277 },
	{ "ripe-pubserver/snapshot-with-invalid-tag.xml", DOCUMENT_SNAPSHOT,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 5932, "rrdp-element", 1 },
	{ "ripe-pubserver/valid-snapshot.xml", DOCUMENT_SNAPSHOT,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 5932, "ok", 3 },
	{ "rpki-prover-history/snapshot1.xml", DOCUMENT_SNAPSHOT,
	    "670de3e5-de83-4d77-bede-9d8a78454151", 1686, "ok", 1 },
	{ "rpki-rs/ripe-delta.xml", DOCUMENT_DELTA,
	    "a2d845c4-5b91-4015-a2b7-988c03ce232a", 1739, "ok", 66 },
	{ "rpki-rs/ripe-snapshot.xml", DOCUMENT_SNAPSHOT,
	    "a2d845c4-5b91-4015-a2b7-988c03ce232a", 1742, "ok", 277 },
	{ "rpki-validator-2/delta1.xml", DOCUMENT_DELTA,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 2, "rrdp-namespace", 0 },
	{ "rpki-validator-2/delta2_1.xml", DOCUMENT_DELTA,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 2, "rrdp-namespace", 0 },
	{ "rpki-validator-2/snapshot1.xml", DOCUMENT_SNAPSHOT,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 1, "rrdp-namespace", 0 },
	{ "rpki-validator-2/snapshot3.xml", DOCUMENT_SNAPSHOT,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 1, "rrdp-namespace", 0 },
	{ "rpki-validator-3/delta1.xml", DOCUMENT_DELTA,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 2, "rrdp-namespace", 0 },
	{ "rpki-validator-3/delta2.xml", DOCUMENT_DELTA,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 2, "rrdp-namespace", 0 },
	{ "rpki-validator-3/rpki-validator_src_test_resources_rrdp_repo1_delta1.xml",
	    DOCUMENT_DELTA, "9df4b597-af9e-4dca-bdda-719cce2c4e28", 1,
	    "rrdp-namespace", 0 },
	{ "rpki-validator-3/snapshot.xml", DOCUMENT_SNAPSHOT,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 2, "ok", 1 },
	{ "rpki-validator-3/snapshot1.xml", DOCUMENT_SNAPSHOT,
	    "9df4b597-af9e-4dca-bdda-719cce2c4e28", 1, "ok", 1 },
	{ "rpki-validator-3/snapshot2.xml", DOCUMENT_SNAPSHOT,
	    "a4a2b27b-2fac-4b1f-a9e8-9e931449ba11", 3442, "ok", 3 },
	{ "rpki.net/rrdp-samples.xml", DOCUMENT_SNAPSHOT,
	    "d9f6dc91-0394-40b9-9663-66aef4bb623a", 1, "rrdp-namespace", 0 },
};

static enum fault
count(void *arg, const struct document_item *item)
{
	(void)item;
	(*(unsigned *)arg)++;
	return FAULT_NONE;
}

/* Whether the document of a row is judged as expected. */
static bool
is_judged(const char *corpus, size_t row)
{
	struct octets text = { 0 };
	struct document_report report;
	struct xml_source source;
	struct feed feed;
	unsigned items = 0;
	struct document_job job = { .kind = documents[row].kind,
		.session = documents[row].session,
		.serial = documents[row].serial,
		.max_object = LIMIT_OBJECT_OCTETS,
		.max_octets = UINT32_MAX,
		.max_items = 1000000,
		.item = count,
		.arg = &items };
	char path[4096];
	const char *label;

	snprintf(path, sizeof(path), "%s/rrdp/%s", corpus, documents[row].file);
	feed_file(&text, path);
	source = feed_source(&feed, octets_bytes(&text), 4096);
	label = fault_label(document_read(&job, &source, &report));
	octets_clear(&text);
	print_message("%s: %s %u %s\n", documents[row].file, label, items,
	    report.detail);
	return strcmp(label, documents[row].label) == 0 &&
	       items == documents[row].items;
}

static void
test_documents(void **state)
{
	char corpus[2048];
	unsigned wrong = 0;

	(void)state;
	if (!corpus_find(corpus, sizeof(corpus))) {
		return;
	}
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		wrong += !is_judged(corpus, i);
	}
	assert_int_equal(0, wrong);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notifications),
		cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
