/* SPDX-License-Identifier: BSD-2-Clause */
/* The one spelling of a URI, and everything that is refused. */
#include "base/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"

struct uri_case {
	const char *what;
	const char *in;
	const char *label; /* of the fault, or "ok" */
	const char *text;  /* when ok */
};

static const struct uri_case cases[] = {
	{ "a file", "rsync://r.example/m/d/x.roa", "ok",
	    "rsync://r.example/m/d/x.roa" },
	{ "a module alone", "rsync://r.example/m", "ok",
	    "rsync://r.example/m" },
	{ "a directory", "rsync://r.example/m/d/", "ok",
	    "rsync://r.example/m/d/" },
	{ "scheme and host in capitals", "RSYNC://R.Example/M/D.roa", "ok",
	    "rsync://r.example/M/D.roa" },
	{ "https", "https://r.example/notify.xml", "ok",
	    "https://r.example/notify.xml" },
	{ "https root", "https://r.example/", "ok", "https://r.example/" },
	{ "default port of https", "https://r.example:443/a", "ok",
	    "https://r.example/a" },
	{ "default port of rsync", "rsync://r.example:873/m/", "ok",
	    "rsync://r.example/m/" },
	{ "default port of the other", "https://r.example:873/a", "ok",
	    "https://r.example:873/a" },
	{ "another port", "https://r.example:8443/a", "ok",
	    "https://r.example:8443/a" },
	{ "IPv4 host", "https://192.0.2.1/a", "ok", "https://192.0.2.1/a" },
	{ "IPv6 host", "https://[2001:DB8:0:0::1]:8443/a", "ok",
	    "https://[2001:db8::1]:8443/a" },
	{ "underscore in a host", "rsync://a_b.example/m/", "ok",
	    "rsync://a_b.example/m/" },
	{ "punctuation in a path", "rsync://r.example/m/a+b=c@d,e:f~g!/", "ok",
	    "rsync://r.example/m/a+b=c@d,e:f~g!/" },
	{ "three dots are a name", "rsync://r.example/m/...", "ok",
	    "rsync://r.example/m/..." },
	{ "a dot-file", "rsync://r.example/m/.x", "ok",
	    "rsync://r.example/m/.x" },

	{ "escapes", "rsync://r.example/m/a%20b%C3%A9/", "ok",
	    "rsync://r.example/m/a%20b%C3%A9/" },
	{ "a query", "https://R.example:443/a?b=c/d?e&f=%2F%2e%41", "ok",
	    "https://r.example/a?b=c/d?e&f=%2F%2e%41" },
	{ "an empty query", "https://r.example/a?", "ok",
	    "https://r.example/a?" },

	{ "nothing", "", "uri-scheme", NULL },
	{ "scheme http", "http://r.example/a", "uri-scheme", NULL },
	{ "scheme file", "file:///etc/passwd", "uri-scheme", NULL },
	{ "scheme cut short", "rsync:/", "uri-scheme", NULL },
	{ "blank in front", " rsync://r.example/m/", "uri-scheme", NULL },
	{ "no slash after the host", "https://r.example", "uri-form", NULL },
	{ "no module", "rsync://r.example/", "uri-form", NULL },
	{ "empty module", "rsync://r.example//x", "uri-form", NULL },
	{ "no host", "rsync:///m/x", "uri-form", NULL },
	{ "empty label", "rsync://r..example/m/", "uri-form", NULL },
	{ "dot in front of the host", "rsync://.example/m/", "uri-form", NULL },
	{ "trailing dot", "rsync://r.example./m/", "uri-form", NULL },
	{ "hyphen first", "rsync://-r.example/m/", "uri-form", NULL },
	{ "hyphen last", "rsync://r-.example/m/", "uri-form", NULL },
	{ "user information", "https://a@r.example/a", "uri-form", NULL },
	{ "password", "https://a:b@r.example/a", "uri-form", NULL },
	{ "query with rsync", "rsync://r.example/m/a?b", "uri-form", NULL },
	{ "query without a path", "https://r.example?/a", "uri-form", NULL },
	{ "blank in a query", "https://r.example/a?b c", "uri-form", NULL },
	{ "control in a query", "https://r.example/a?b%0a", "uri-form", NULL },
	{ "delete in a query", "https://r.example/a?b%7F", "uri-form", NULL },
	{ "half an escape in a query", "https://r.example/a?b%4", "uri-form",
	    NULL },
	{ "fragment behind a query", "https://r.example/a?b#c", "uri-form",
	    NULL },
	{ "fragment", "https://r.example/a#b", "uri-form", NULL },
	{ "percent", "rsync://r.example/m/%2e%2e/x", "uri-form", NULL },
	{ "escape of a letter", "rsync://r.example/m/%41", "uri-form", NULL },
	{ "escape of a tilde", "https://r.example/%7e", "uri-form", NULL },
	{ "escape of a slash", "rsync://r.example/m/a%2Fb", "uri-form", NULL },
	{ "escape of a backslash", "https://r.example/a%5cb", "uri-form",
	    NULL },
	{ "escape of nothing", "rsync://r.example/m/%00", "uri-form", NULL },
	{ "escape of a control", "https://r.example/%1F", "uri-form", NULL },
	{ "escape of delete", "https://r.example/%7f", "uri-form", NULL },
	{ "half an escape", "rsync://r.example/m/a%2", "uri-form", NULL },
	{ "percent alone", "rsync://r.example/m/a%", "uri-form", NULL },
	{ "escape that is none", "rsync://r.example/m/%2g", "uri-form", NULL },
	{ "percent in the host", "https://r%2eexample/a", "uri-form", NULL },
	{ "backslash", "rsync://r.example/m\\x", "uri-form", NULL },
	{ "backslash in the host", "https://r.example\\@a/x", "uri-form",
	    NULL },
	{ "dot-dot", "rsync://r.example/m/../x", "uri-form", NULL },
	{ "dot-dot at the end", "rsync://r.example/m/..", "uri-form", NULL },
	{ "dot-dot as the module", "rsync://r.example/../x", "uri-form", NULL },
	{ "a dot", "rsync://r.example/m/./x", "uri-form", NULL },
	{ "two slashes", "rsync://r.example/m//x", "uri-form", NULL },
	{ "two slashes at the end", "rsync://r.example/m/x//", "uri-form",
	    NULL },
	{ "blank", "rsync://r.example/m/a b", "uri-form", NULL },
	{ "line end", "rsync://r.example/m/a\nb", "uri-form", NULL },
	{ "delete", "rsync://r.example/m/a\x7f", "uri-form", NULL },
	{ "escape", "rsync://r.example/m/\x1b[2J", "uri-form", NULL },
	{ "UTF-8", "rsync://r.example/m/\xc3\xa9", "uri-form", NULL },
	{ "UTF-8 in the host", "rsync://r\xc3\xa9.example/m/", "uri-form",
	    NULL },
	{ "quote", "rsync://r.example/m/\"", "uri-form", NULL },
	{ "angle bracket", "rsync://r.example/m/<x>", "uri-form", NULL },
	{ "brackets in the path", "rsync://r.example/m/[ab]", "uri-form",
	    NULL },
	{ "port zero", "https://r.example:0/a", "uri-form", NULL },
	{ "port too large", "https://r.example:65536/a", "uri-form", NULL },
	{ "port with a zero in front", "https://r.example:0443/a", "uri-form",
	    NULL },
	{ "empty port", "https://r.example:/a", "uri-form", NULL },
	{ "two ports", "https://r.example:1:2/a", "uri-form", NULL },
	{ "port alone", "https://:443/a", "uri-form", NULL },
	{ "a host that is a number", "https://2130706433/a", "uri-form", NULL },
	{ "a host in hex", "https://0x7f000001/a", "uri-form", NULL },
	{ "a short address", "https://127.1/a", "uri-form", NULL },
	{ "an address in octal", "https://0177.0.0.1/a", "uri-form", NULL },
	{ "an address out of range", "https://256.0.0.1/a", "uri-form", NULL },
	{ "IPv6 without brackets", "https://::1/a", "uri-form", NULL },
	{ "IPv6 with a zone", "https://[fe80::1%25eth0]/a", "uri-form", NULL },
	{ "IPv4 in brackets", "https://[192.0.2.1]/a", "uri-form", NULL },
	{ "open bracket", "https://[::1/a", "uri-form", NULL },
	{ "empty brackets", "https://[]/a", "uri-form", NULL },
};

static void
test_read(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct uri_case *c = &cases[i];
		struct uri uri;
		struct bytes in = bytes_of(c->in, strlen(c->in));
		enum fault fault = uri_read(&uri, in, arena);

		print_message("%s\n", c->what);
		assert_string_equal(fault_label(fault), c->label);
		if (fault == FAULT_NONE) {
			assert_string_equal(uri.text, c->text);
		}
	}
	arena_free(arena);
}

static void
test_nul(void **state)
{
	static const char in[] = "rsync://r.example/m/x\0.roa";
	struct arena *arena = arena_new();
	struct uri uri;

	(void)state;
	assert_int_equal(uri_read(&uri, bytes_of(in, sizeof(in) - 1), arena),
	    FAULT_URI_FORM);
	arena_free(arena);
}

static void
test_length(void **state)
{
	static const char front[] = "rsync://r.example/m/";
	struct arena *arena = arena_new();
	char text[LIMIT_URI + 2];
	struct uri uri;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, front, sizeof(front) - 1);
	assert_int_equal(uri_read(&uri, bytes_of(text, LIMIT_URI), arena),
	    FAULT_NONE);
	assert_int_equal(strlen(uri.text), LIMIT_URI);
	assert_int_equal(uri_read(&uri, bytes_of(text, LIMIT_URI + 1), arena),
	    FAULT_URI_LENGTH);
	/* A label of 64 octets is too long for the DNS. */
	memset(text + 8, 'a', 64);
	memcpy(text + 72, "/m/", 3);
	assert_int_equal(uri_read(&uri, bytes_of(text, 75), arena),
	    FAULT_URI_FORM);
	assert_int_equal(uri_read(&uri, bytes_of(text, 71), arena),
	    FAULT_URI_FORM);
	arena_free(arena);
}

static struct uri
good(const char *text, struct arena *arena)
{
	struct uri uri;

	assert_int_equal(uri_read(&uri, bytes_of(text, strlen(text)), arena),
	    FAULT_NONE);
	return uri;
}

static void
test_parts(void **state)
{
	struct arena *arena = arena_new();
	struct uri u = good("rsync://R.example:8873/m/d/x.roa", arena);

	(void)state;
	assert_int_equal(u.scheme, URI_RSYNC);
	assert_true(bytes_equal(u.host, bytes_of("r.example", 9)));
	assert_int_equal(u.port, 8873);
	assert_true(bytes_equal(u.path, bytes_of("m/d/x.roa", 9)));
	assert_false(u.directory);
	assert_string_equal(uri_module(u.text, arena),
	    "rsync://r.example:8873/m/");
	u = good("rsync://r.example/m", arena);
	assert_string_equal(uri_module(u.text, arena), "rsync://r.example/m/");
	u = good("https://[::1]/", arena);
	assert_true(bytes_equal(u.host, bytes_of("[::1]", 5)));
	assert_int_equal(u.path.len, 0);
	assert_true(u.directory);
	assert_true(good("https://r.example/a/?b", arena).directory);
	assert_false(good("https://r.example/a?b/", arena).directory);
	arena_free(arena);
}

static void
test_dubious(void **state)
{
	static const struct {
		const char *text;
		bool dubious;
	} rows[] = {
		{ "https://r.example/a", false },
		{ "https://r.example:443/a", false },
		{ "https://r.example:444/a", true },
		{ "https://localhost/a", true },
		{ "https://LOCALHOST/a", true },
		{ "https://a.localhost/a", true },
		{ "https://notlocalhost/a", false },
		{ "https://127.0.0.1/a", true },
		{ "https://[::1]/a", true },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uri u = good(rows[i].text, arena);

		print_message("%s\n", rows[i].text);
		assert_int_equal(uri_dubious(&u), rows[i].dubious);
	}
	arena_free(arena);
}

static void
test_same_origin(void **state)
{
	struct arena *arena = arena_new();
	struct uri a = good("https://r.example/a", arena);
	struct uri b = good("https://R.EXAMPLE:443/b", arena);
	struct uri port = good("https://r.example:444/a", arena);
	struct uri other = good("https://r.example.net/a", arena);
	struct uri rsync = good("rsync://r.example/a", arena);

	(void)state;
	assert_true(uri_same_origin(&a, &b));
	assert_false(uri_same_origin(&a, &port));
	assert_false(uri_same_origin(&a, &other));
	assert_false(uri_same_origin(&a, &rsync));
	arena_free(arena);
}

static void
test_names(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_true(uri_inside("rsync://h/m/", "rsync://h/m/x"));
	assert_false(uri_inside("rsync://h/m/", "rsync://h/m/"));
	assert_false(uri_inside("rsync://h/m/", "rsync://h/m/d/x"));
	assert_false(uri_inside("rsync://h/m/", "rsync://h/mm/x"));
	assert_false(uri_inside("rsync://h/m", "rsync://h/mx"));
	assert_false(uri_inside("", "x"));
	assert_string_equal(uri_join("rsync://h/m/", bytes_of("x.roay", 5),
				arena),
	    "rsync://h/m/x.roa");
	assert_string_equal(uri_name("rsync://h/m/x.roa"), "x.roa");
	assert_string_equal(uri_name("rsync://h/m/"), "");
	assert_string_equal(uri_name("x"), "x");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_dubious),
		cmocka_unit_test(test_same_origin),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
