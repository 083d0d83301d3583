/* SPDX-License-Identifier: BSD-2-Clause */
/* What spool.h and header.h promise. */
#include "fetch/spool.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "fetch/header.h"

static void
test_in_and_out(void **state)
{
	struct spool *spool = NULL;
	struct hash want, got;
	char back[16] = "";

	(void)state;
	assert_int_equal(0, spool_open(&spool, "/tmp", 10));
	assert_int_equal(0, spool_add(spool, text_bytes("hello ")));
	assert_int_equal(0, spool_add(spool, text_bytes("")));
	assert_int_equal(0, spool_add(spool, text_bytes("you")));
	assert_int_equal(9, spool_size(spool));
	assert_int_equal(1, spool_room(spool));
	spool_digest(spool, &got);
	digest_of(text_bytes("hello you"), &want);
	assert_true(hash_equal(&want, &got));
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(0, spool_rewind(spool));
		assert_int_equal(5, spool_read(spool, back, 5));
		assert_memory_equal("hello", back, 5);
		assert_int_equal(4, spool_read(spool, back, 16));
		assert_memory_equal(" you", back, 4);
		assert_int_equal(0, spool_read(spool, back, 16));
	}
	spool_digest(spool, &got);
	assert_true(hash_equal(&want, &got));
	spool_free(spool);
	spool_free(NULL);
}

static void
test_ceiling(void **state)
{
	struct spool *spool = NULL;

	(void)state;
	assert_int_equal(0, spool_open(&spool, "/tmp", 5));
	assert_int_equal(-EFBIG, spool_add(spool, text_bytes("hello!")));
	assert_int_equal(0, spool_size(spool));
	assert_int_equal(0, spool_add(spool, text_bytes("hello")));
	assert_int_equal(-EFBIG, spool_add(spool, text_bytes("x")));
	assert_int_equal(5, spool_size(spool));
	spool_free(spool);
}

/* Of our own: the same without a digest, and as much as there is room for. */
static void
test_own(void **state)
{
	struct spool *spool = NULL;
	char back[16] = "";

	(void)state;
	assert_int_equal(-ENOENT, spool_open_own(&spool, "/tmp/no/such/place"));
	assert_null(spool);
	assert_int_equal(0, spool_open_own(&spool, "/tmp"));
	assert_int_equal(0, spool_add(spool, text_bytes("hello ")));
	assert_int_equal(0, spool_add(spool, text_bytes("you")));
	assert_int_equal(9, spool_size(spool));
	assert_int_equal(0, spool_rewind(spool));
	assert_int_equal(9, spool_read(spool, back, 16));
	assert_string_equal("hello you", back);
	spool_free(spool);
}

static void
test_nowhere(void **state)
{
	struct spool *spool = NULL;

	(void)state;
	assert_int_equal(-ENOENT, spool_open(&spool, "/tmp/no/such/place", 5));
	assert_null(spool);
}

struct header_case {
	const char *what, *lines;
	enum fault fault;
	const char *etag, *last_modified;
};

static const struct header_case header_cases[] = {
	{ "plain", "HTTP/1.1 200 OK\nETag: \"a\"\nLAST-MODIFIED:  then \n",
	    FAULT_NONE, "\"a\"", "then" },
	{ "of an earlier answer", "HTTP/1.1 100 Go\nETag: \"a\"\nHTTP/2 200\n",
	    FAULT_NONE, "", "" },
	{ "control character in it", "ETag: \"a\x01\"\n", FAULT_NONE, "", "" },
	{ "no colon", "ETag\n", FAULT_NONE, "", "" },
	{ "name goes on", "ETagged: x\n", FAULT_NONE, "", "" },
	{ "last one counts", "ETag: a\nETag: b\n", FAULT_NONE, "b", "" },
	{ "gzip", "Content-Encoding: GZIP\n", FAULT_NONE, "", "" },
	{ "list", "Content-Encoding: gzip, gzip\n", FAULT_HTTP_ENCODING, "",
	    "" },
	{ "twice", "Content-Encoding: gzip\nContent-Encoding: gzip\n",
	    FAULT_HTTP_ENCODING, "", "" },
	{ "unknown", "Content-Encoding: br\n", FAULT_HTTP_ENCODING, "", "" },
	{ "transfer", "Transfer-Encoding: gzip\n", FAULT_HTTP_ENCODING, "",
	    "" },
	{ "chunked", "Transfer-Encoding: chunked\n", FAULT_NONE, "", "" },
	{ "length", "Content-Length: 5\nContent-Length: 5\n", FAULT_NONE, "",
	    "" },
	{ "two lengths", "Content-Length: 5\nContent-Length: 6\n",
	    FAULT_HTTP_PROTOCOL, "", "" },
	{ "signed length", "Content-Length: +5\n", FAULT_HTTP_PROTOCOL, "",
	    "" },
	{ "length above 2^63", "Content-Length: 9223372036854775808\n",
	    FAULT_HTTP_PROTOCOL, "", "" },
};

static enum fault
give(struct header *header, const char *lines)
{
	enum fault fault = FAULT_NONE;

	while (*lines != '\0' && fault == FAULT_NONE) {
		size_t len = strcspn(lines, "\n") + 1;

		fault = header_line(header, bytes_of(lines, len));
		lines += len;
	}
	return fault;
}

static void
test_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(header_cases) / sizeof(header_cases[0]);
	     i++) {
		const struct header_case *c = &header_cases[i];
		struct header header = { .most = LIMIT_HTTP_HEADER };

		print_message("%s\n", c->what);
		assert_string_equal(fault_label(c->fault),
		    fault_label(give(&header, c->lines)));
		assert_string_equal(c->etag, header.etag);
		assert_string_equal(c->last_modified, header.last_modified);
	}
}

static void
test_header_ends(void **state)
{
	struct header header = { .most = LIMIT_HTTP_HEADER };
	enum fault fault = FAULT_NONE;
	char value[400];

	(void)state;
	header.closed = true;
	assert_int_equal(FAULT_NONE, give(&header, "ETag: trailer\n"));
	assert_string_equal("", header.etag);
	header.closed = false;
	memset(value, 'x', sizeof(value) - 1);
	memcpy(value, "ETag: ", 6);
	value[sizeof(value) - 2] = '\n';
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(FAULT_NONE, give(&header, value));
	assert_string_equal("", header.etag); /* too long to keep */
	for (size_t n = 0; fault == FAULT_NONE; n += 5) {
		assert_true(n <= LIMIT_HTTP_HEADER);
		fault = give(&header, "X: y\n");
	}
	assert_string_equal("http-header", fault_label(fault));
	header = (struct header){ .most = 9 };
	assert_int_equal(FAULT_NONE, give(&header, "X: y\n"));
	assert_string_equal("http-header",
	    fault_label(give(&header, "X: y\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_and_out),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_nowhere),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_header_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
