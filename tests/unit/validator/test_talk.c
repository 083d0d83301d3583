/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of a repository is heard when it is said. */
#include "validator/talk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/frame.h"

/* Not only when there is something else to tell. */
static void
test_line_alone(void **state)
{
	struct frame_reader reader = { 0 };
	struct frame frame;
	struct talk *talk;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     ends),
	    0);
	talk = talk_new(ends[0]);
	talk_line(talk, LOG_LEVEL_INFO, "one");
	assert_int_equal(frame_fill(&reader, ends[1]), -EAGAIN);
	talk_lines(talk);
	assert_int_equal(frame_fill(&reader, ends[1]), 1);
	assert_int_equal(frame_next(&reader, &frame), 1);
	assert_int_equal(frame.type, WIRE_LOG);
	assert_int_equal(frame_next(&reader, &frame), 0);
	talk_free(talk);
	frame_clear(&reader);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
