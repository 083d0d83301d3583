/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames over sockets and pipes, whole, in pieces, and broken. */
#include "base/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"

static void
feed(struct frame_reader *reader, const void *at, size_t len)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], at, len), len);
	close(ends[1]);
	assert_int_equal(frame_fill(reader, ends[0]), 1);
	close(ends[0]);
}

static void
test_pieces(void **state)
{
	static const uint8_t wire[] = { 7, 0, 0, 0, 2, 'a', 'b', 8, 0, 0, 0,
		0 };
	struct frame_reader reader = { 0 };
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(wire); i++) {
		int got;

		feed(&reader, wire + i, 1);
		got = frame_next(&reader, &frame);
		assert_int_equal(got, i == 6 || i == 11);
		if (i == 6) {
			assert_int_equal(frame.type, 7);
			assert_true(bytes_equal(frame.body, bytes_of("ab", 2)));
		} else if (i == 11) {
			assert_int_equal(frame.type, 8);
			assert_int_equal(frame.body.len, 0);
		}
	}
	assert_int_equal(frame_next(&reader, &frame), 0);
	frame_clear(&reader);
	frame_clear(&reader);
}

static void
test_several_at_once(void **state)
{
	struct frame_reader reader = { 0 };
	struct frame frame;
	struct octets wire = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		octets_u8(&wire, (uint8_t)i);
		octets_u32(&wire, i % 7);
		octets_add(&wire, "abcdefg", i % 7);
	}
	feed(&reader, wire.at, wire.len);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(frame_next(&reader, &frame), 1);
		assert_int_equal(frame.type, i & 0xff);
		assert_int_equal(frame.body.len, i % 7);
	}
	assert_int_equal(frame_next(&reader, &frame), 0);
	frame_clear(&reader);
	octets_clear(&wire);
}

static void
test_too_long(void **state)
{
	struct frame_reader reader = { 0 };
	struct frame frame;

	(void)state;
	assert_int_equal(LIMIT_FRAME, 0x4000000);
	feed(&reader, "\1\4\0\0\1", 5);
	assert_int_equal(frame_next(&reader, &frame), -EPROTO);
	assert_int_equal(frame_next(&reader, &frame), -EPROTO);
	frame_clear(&reader);
	feed(&reader, "\1\4\0\0\0", 5);
	assert_int_equal(frame_next(&reader, &frame), 0);
	frame_clear(&reader);
	assert_int_equal(frame_send(1, 1, bytes_of("", LIMIT_FRAME + 1ul)),
	    -EMSGSIZE);
}

static void *
send_large(void *arg)
{
	int *fd = arg;
	size_t len = 5000000;
	uint8_t *body = mem_zero(len, 1);
	struct frame_reader reader = { 0 };
	int rc = 0;

	memset(body, 'x', len);
	for (int i = 0; i < 3 && rc == 0; i++) {
		rc = frame_send(*fd, (uint8_t)i, bytes_of(body, len));
	}
	if (rc == 0) {
		rc = frame_send(*fd, 9, bytes_of(NULL, 0));
	}
	frame_clear(&reader);
	free(body);
	close(*fd);
	return rc == 0 ? arg : NULL;
}

/* What the other thread sends must come whole through a narrow pipe. */
static void
check_large(int ends[2])
{
	struct frame_reader reader = { 0 };
	pthread_t thread;
	struct frame frame;
	unsigned frames = 0;
	void *sent;

	assert_int_equal(pthread_create(&thread, NULL, send_large, &ends[1]),
	    0);
	while (frame_fill(&reader, ends[0]) == 1) {
		while (frame_next(&reader, &frame) == 1) {
			assert_int_equal(frame.type, frames == 3 ? 9 : frames);
			assert_int_equal(frame.body.len,
			    frames == 3 ? 0 : 5000000);
			if (frame.body.len > 0) {
				assert_int_equal(frame.body.at[4999999], 'x');
			}
			frames++;
		}
	}
	pthread_join(thread, &sent);
	assert_non_null(sent);
	assert_int_equal(frames, 4);
	frame_clear(&reader);
	close(ends[0]);
}

static void
test_large_over_a_socket(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	check_large(ends);
	/* Also where the sender's end does not block. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	check_large(ends);
}

static void
test_large_over_a_pipe(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	check_large(ends);
}

static void
test_ends(void **state)
{
	struct frame_reader reader = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     ends),
	    0);
	assert_int_equal(frame_fill(&reader, ends[0]), -EAGAIN);
	close(ends[1]);
	assert_int_equal(frame_fill(&reader, ends[0]), 0);
	/* No SIGPIPE: it would end this test. */
	assert_int_equal(frame_send(ends[0], 1, bytes_of("a", 1)), -EPIPE);
	close(ends[0]);
	assert_int_equal(frame_fill(&reader, -1), -EBADF);
	frame_clear(&reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_several_at_once),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_large_over_a_socket),
		cmocka_unit_test(test_large_over_a_pipe),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
