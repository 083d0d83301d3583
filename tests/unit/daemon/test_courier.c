/* SPDX-License-Identifier: BSD-2-Clause */
/* Who listens to an engine is patient with it, but not for ever. */
#include "daemon/courier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* One that is to die and does not, as it waits for a disk, is not asked to as
 * often as there is time. */
static void
calls_a_late_one_late_now_and_then(void **state)
{
	struct log *log = log_new(LOG_LEVEL_ERROR);
	struct courier *courier;
	struct policy policy;
	int pair[2];

	(void)state;
	policy_init(&policy);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	courier = courier_new(pair[0], &policy, log);
	courier->hello_by_ms = 1;
	courier->end_by_ms = 1;
	courier_listen(courier);
	assert_int_equal(courier->news, COURIER_LATE);
	courier_listen(courier);
	assert_int_equal(courier->news, COURIER_PROGRESS);
	close(pair[1]);
	courier_listen(courier);
	assert_int_equal(courier->news, COURIER_END);
	courier_free(courier);
	log_free(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_a_late_one_late_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
