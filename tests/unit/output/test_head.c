/* SPDX-License-Identifier: BSD-2-Clause */
/* Heads as tables: what is understood, and what is refused. */
#include "output/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "output/date.h"

/* Read this after a good request line and Host; must be understood. */
static struct head
read_fields(const char *fields)
{
	struct octets text = { 0 };
	struct arena *arena = arena_new();
	struct head_refusal refusal;
	struct head head;

	octets_printf(&text, "GET /x?y HTTP/1.1\r\nHost: h\r\n%s\r\n", fields);
	assert_int_equal(head_length(octets_bytes(&text), 0), text.len);
	refusal = head_read(&head, octets_bytes(&text), arena);
	if (refusal.status != 0) {
		fail_msg("%s: %s", fields, refusal.why);
	}
	octets_clear(&text);
	arena_free(arena);
	head.path = head.query = head.type = head.none_match = head.match =
	    bytes_of(NULL, 0);
	return head;
}

static void
test_gzip(void **state)
{
	static const struct {
		const char *value;
		bool taken;
	} rows[] = {
		{ "gzip", true },
		{ "x-gzip", true },
		{ "GZIP;q=1.000", true },
		{ "br , gzip ; q=0.001", true },
		{ "gzip;q=0", false },
		{ "gzip;q=0.000", false },
		{ "gzip;q=2", false },
		{ "gzip;q=x", false },
		{ "*", false },
		{ "gzipped", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct octets field = { 0 };

		octets_printf(&field, "Accept-Encoding: %s\r\n", rows[i].value);
		octets_u8(&field, '\0');
		assert_int_equal(read_fields((const char *)field.at).gzip,
		    rows[i].taken);
		octets_clear(&field);
	}
}

/* The forms of RFC 9112 3.2. */
static void
test_targets(void **state)
{
	static const struct {
		const char *target, *path, *query; /* NULL: refused */
	} rows[] = {
		{ "/", "/", "" },
		{ "/a?b?c", "/a", "b?c" },
		{ "http://h/a?b", "/a", "b" },
		{ "HTTPS://[::1]:80/a", "/a", "" },
		{ "http://h", "/", "" },
		{ "http://h:80?b", "/", "b" },
		{ "http://h?/b", "/", "/b" },
		{ "http://", NULL, NULL },
		{ "http:///a", NULL, NULL },
		{ "http://:80/a", NULL, NULL },
		{ "http://u@h/a", NULL, NULL },
		{ "http:/a", NULL, NULL },
		{ "ftp://h/a", NULL, NULL },
		{ "?b", NULL, NULL },
		{ "a", NULL, NULL },
		{ "*", NULL, NULL },
		{ "h:80", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct octets text = { 0 };
		struct head head;
		unsigned status;

		octets_printf(&text, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n",
		    rows[i].target);
		status = head_read(&head, octets_bytes(&text), arena).status;
		if (status != (rows[i].path == NULL ? 400 : 0) ||
		    (status == 0 &&
			(!text_same(head.path, rows[i].path) ||
			    !text_same(head.query, rows[i].query)))) {
			fail_msg("%s: %u", rows[i].target, status);
		}
		octets_clear(&text);
		arena_free(arena);
	}
}

static void
test_keep(void **state)
{
	static const char old[] = "GET / HTTP/1.0\r\n\r\n";
	static const char kept[] =
	    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
	struct arena *arena = arena_new();
	struct head head;

	(void)state;
	assert_true(read_fields("").keep);
	assert_false(read_fields("Connection: close\r\n").keep);
	assert_false(read_fields("connection: x, Close\r\n").keep);
	assert_int_equal(head_read(&head, text_bytes(old), arena).status, 0);
	assert_false(head.keep);
	assert_int_equal(head_read(&head, text_bytes(kept), arena).status, 0);
	assert_true(head.keep);
	arena_free(arena);
}

static void
test_accept(void **state)
{
	(void)state;
	assert_true(read_fields("Accept: application/openmetrics-text\r\n")
			.open_metrics);
	assert_true(read_fields("Accept: text/plain;q=0.5, "
				"application/openmetrics-text;q=0.75\r\n")
			.open_metrics);
	assert_false(read_fields("Accept: text/plain, "
				 "application/openmetrics-text;q=0.5\r\n")
			 .open_metrics);
	assert_false(read_fields("Accept: */*\r\n").open_metrics);
	/* A list may stand on several lines. */
	assert_true(read_fields("Accept: application/openmetrics-text\r\n"
				"Accept: text/plain;q=0.5\r\n")
			.open_metrics);
	assert_false(read_fields("Accept: text/plain\r\n"
				 "Accept: application/openmetrics-text;"
				 "q=0.5\r\n")
			 .open_metrics);
}

static void
test_dates(void **state)
{
	static const struct {
		int64_t when;
		const char *text;
	} rows[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ 1709164800, "Thu, 29 Feb 2024 00:00:00 GMT" },
	};
	static const char *const bad[] = {
		"Fri, 01 Jan 1970 00:00:00 GMT",
		"Thu, 32 Jan 1970 00:00:00 GMT",
		"Thu, 01 Jan 1970 00:00:00 UTC",
		"Thu, 01 Jen 1970 00:00:00 GMT",
		"Thu, 01 Jan 1970 24:00:00 GMT",
		"Monday, 06-Nov-94 08:49:37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sunday, 06 Nov 94 08:49:37 GMT",
		"Sun Nov 06 08:49:37 1994",
		"Mon Nov  6 08:49:37 1994",
		"06-Nov-94 08:49:37 GMT",
		"Nov  6 08:49:37 1994",
		"",
	};
	static const char *const old[] = {
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
	};
	char text[DATE_TEXT];
	int64_t when;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		date_write(rows[i].when, text);
		assert_string_equal(text, rows[i].text);
		assert_true(date_read(&when, text_bytes(rows[i].text)));
		assert_int_equal(when, rows[i].when);
	}
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		assert_true(date_read(&when, text_bytes(old[i])));
		assert_int_equal(when, 784111777);
	}
	assert_true(
	    date_read(&when, text_bytes("Wednesday, 25-Nov-26 07:08:09 GMT")));
	assert_int_equal(when, 1795590489);
	assert_true(date_read(&when, text_bytes("Fri Nov 27 07:08:09 2026")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(date_read(&when, text_bytes(bad[i])));
	}
}

static void
test_tags(void **state)
{
	(void)state;
	assert_true(head_names(text_bytes("\"a\""), "\"a\"", HEAD_WEAKLY));
	assert_true(
	    head_names(text_bytes("\"b\" , W/\"a\""), "\"a\"", HEAD_WEAKLY));
	assert_true(head_names(text_bytes(" * "), "\"a\"", HEAD_WEAKLY));
	assert_false(head_names(text_bytes("\"aa\""), "\"a\"", HEAD_WEAKLY));
	assert_false(head_names(text_bytes("a"), "\"a\"", HEAD_WEAKLY));
	assert_false(head_names(text_bytes(""), "\"a\"", HEAD_WEAKLY));
	assert_true(
	    head_names(text_bytes("\"b\", \"a\""), "\"a\"", HEAD_STRONGLY));
	assert_true(head_names(text_bytes("*"), "\"a\"", HEAD_STRONGLY));
	assert_false(head_names(text_bytes("W/\"a\""), "\"a\"", HEAD_STRONGLY));
	assert_true(
	    head_names(text_bytes(", ,\"a\","), "\"a\"", HEAD_STRONGLY));
	assert_false(head_names(text_bytes("\"x\", ,"), "", HEAD_STRONGLY));
	assert_false(head_names(text_bytes(","), "", HEAD_WEAKLY));
}

/* A list of tags may stand on several lines. */
static void
test_tags_on_lines(void **state)
{
	static const char text[] =
	    "GET / HTTP/1.1\r\nHost: h\r\nIf-Match: \"a\"\r\n"
	    "If-None-Match:\r\nIf-None-Match: \"x\"\r\nIf-Match: \"b\" \r\n"
	    "If-None-Match: \"y\", \"z\"\r\n\r\n";
	struct arena *arena = arena_new();
	struct octets many = { 0 };
	struct head head;

	(void)state;
	assert_int_equal(head_read(&head, text_bytes(text), arena).status, 0);
	assert_true(text_same(head.match, "\"a\",\"b\""));
	assert_true(text_same(head.none_match, "\"x\",\"y\", \"z\""));
	octets_printf(&many, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (unsigned i = 0; i < 9; i++) {
		octets_printf(&many, "If-Match: \"%u\"\r\n", i);
	}
	octets_printf(&many, "\r\n");
	assert_int_equal(head_read(&head, octets_bytes(&many), arena).status,
	    400);
	octets_clear(&many);
	arena_free(arena);
}

/* A head that has not ended is refused as soon as it cannot become one. */
static void
test_begins(void **state)
{
	(void)state;
	assert_int_equal(head_begins(text_bytes(""), 0).status, 0);
	assert_int_equal(head_begins(text_bytes("GET / HT"), 0).status, 0);
	assert_int_equal(head_begins(text_bytes("GET / HTTP/1.1\r"), 0).status,
	    0);
	assert_int_equal(head_begins(text_bytes("GET / HTTP/1.1\n"), 0).status,
	    400);
	assert_int_equal(head_begins(text_bytes("GET /\rX"), 0).status, 400);
	assert_int_equal(head_begins(text_bytes("\x16\x03"), 0).status, 400);
	assert_int_equal(head_begins(text_bytes("(GET)"), 0).status, 400);
	assert_int_equal(head_begins(text_bytes("\r"), 0).status, 0);
	assert_int_equal(head_begins(text_bytes("\rX"), 1).status, 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_tags_on_lines),
		cmocka_unit_test(test_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
