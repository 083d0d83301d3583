/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifications that others test with: KEDGE_CORPUS names the folder that
 * holds rrdp/; without it there is nothing to do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "feed.h"
#include "rrdp/notice.h"

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
	const char *corpus = getenv("KEDGE_CORPUS");
	unsigned wrong = 0;

	(void)state;
	if (corpus == NULL) {
		print_message("KEDGE_CORPUS is not set\n");
		return; /* skip() reads as a failure in some TAP */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notifications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
