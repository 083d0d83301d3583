/* SPDX-License-Identifier: BSD-2-Clause */
/* What spool.h and header.h promise. */
#include "fetch/spool.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "fetch/header.h"

static void
test_in_and_out(void **state)
{
	struct spool *spool = spool_new("/tmp", 10);
	struct hash want, got;
	char back[16] = "";

	(void)state;
	assert_int_equal(0, spool_add(spool, text_bytes("hello ")));
	assert_int_equal(0, spool_add(spool, text_bytes("")));
	assert_int_equal(0, spool_add(spool, text_bytes("you")));
	assert_int_equal(9, spool_size(spool));
	assert_int_equal(1, spool_room(spool));
	spool_digest(spool, &got);
	digest_of(text_bytes("hello you"), &want);
	assert_true(hash_equal(&want, &got));
	for (int turn = 0; turn < 2; turn++) {
		spool_rewind(spool);
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
	struct spool *spool = spool_new("/tmp", 5);

	(void)state;
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
	struct spool *spool = spool_new_own("/tmp");
	char back[16] = "";

	(void)state;
	assert_int_equal(0, spool_add(spool, text_bytes("hello ")));
	assert_int_equal(0, spool_add(spool, text_bytes("you")));
	assert_int_equal(9, spool_size(spool));
	spool_rewind(spool);
	assert_int_equal(9, spool_read(spool, back, 16));
	assert_string_equal("hello you", back);
	spool_free(spool);
}

static void
collect(void *arg, struct bytes more)
{
	octets_add_bytes(arg, more);
}

/* What is passed on comes at once, is counted and hashed, and is in no file. */
static void
test_passing(void **state)
{
	struct octets got = { 0 };
	struct spool *spool = spool_new_passing(SPOOL_HELD, collect, &got);
	struct octets piece = { 0 };
	struct hash want, hash;

	(void)state;
	(void)memset(octets_more(&piece, SPOOL_HELD - 1), 'x', SPOOL_HELD - 1);
	assert_int_equal(0, spool_add(spool, text_bytes("a")));
	assert_int_equal(1, got.len);
	assert_int_equal(0, spool_add(spool, octets_bytes(&piece)));
	assert_int_equal(SPOOL_HELD, got.len);
	assert_int_equal(SPOOL_HELD, spool_size(spool));
	assert_int_equal(-EFBIG, spool_add(spool, text_bytes("b")));
	assert_int_equal(SPOOL_HELD, got.len);
	assert_int_equal(0, spool_room(spool));
	digest_of(octets_bytes(&got), &want);
	spool_digest(spool, &hash);
	assert_true(hash_equal(&want, &hash));
	spool_free(spool);
	octets_clear(&piece);
	octets_clear(&got);
}

/* How many open files of ours have no name any more. */
static unsigned
nameless(void)
{
	unsigned count = 0;

	for (int fd = 3; fd < 64; fd++) {
		struct stat st;

		count += fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
			 st.st_nlink == 0;
	}
	return count;
}

/* Pieces of every size, around what is held in memory: the same comes back, in
 * reads of every size. */
static void
test_larger_than_memory(void **state)
{
	static const size_t pieces[] = { 1, 1000, SPOOL_HELD - 1001, 1,
		SPOOL_HELD, SPOOL_HELD + 1, 7, 3 * SPOOL_HELD, 5 };
	struct spool *spool = spool_new("/tmp", UINT64_MAX);
	struct octets all = { 0 }, back = { 0 };
	struct hash want, got;
	uint8_t part[70001];
	long n;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t from = all.len;

		for (size_t k = 0; k < pieces[i]; k++) {
			octets_u8(&all, (uint8_t)(all.len * 31 + i));
		}
		assert_int_equal(0,
		    spool_add(spool, bytes_of(all.at + from, pieces[i])));
		assert_int_equal(all.len, spool_size(spool));
		assert_int_equal(all.len > SPOOL_HELD, nameless());
	}
	spool_digest(spool, &got);
	digest_of(octets_bytes(&all), &want);
	assert_true(hash_equal(&want, &got));
	spool_rewind(spool);
	while ((n = spool_read(spool, part, sizeof(part))) > 0) {
		octets_add(&back, part, (size_t)n);
	}
	assert_int_equal(0, n);
	assert_true(bytes_equal(octets_bytes(&all), octets_bytes(&back)));
	spool_free(spool);
	assert_int_equal(0, nameless());
	octets_clear(&all);
	octets_clear(&back);
}

/* What is small needs no file. */
static void
test_nowhere(void **state)
{
	struct spool *spool = spool_new("/tmp/no/such/place", UINT64_MAX);
	uint8_t *large = mem_zero(SPOOL_HELD, 1);

	(void)state;
	assert_int_equal(0, spool_add(spool, bytes_of(large, SPOOL_HELD)));
	assert_int_equal(-ENOENT, spool_add(spool, bytes_of(large, 1)));
	spool_free(spool);
	free(large);
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
		cmocka_unit_test(test_passing),
		cmocka_unit_test(test_larger_than_memory),
		cmocka_unit_test(test_nowhere),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_header_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
