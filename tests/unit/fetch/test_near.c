/* SPDX-License-Identifier: BSD-2-Clause */
/* Which addresses belong to this machine or its own network. */
#include "fetch/near.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/text.h"

enum { WAIT = 60000 };

static bool
near_text(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (strchr(text, ':') == NULL) {
		assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
		return near_address((struct sockaddr *)&in);
	}
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return near_address((struct sockaddr *)&in6);
}

/* First and last of each block, and those beside them. */
static void
test_borders(void **state)
{
	static const char *const near[] = { "0.0.0.0", "0.255.255.255",
		"10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.1", "127.255.255.255", "169.254.0.0",
		"169.254.169.254", "169.254.255.255", "172.16.0.0",
		"172.31.255.255", "192.168.0.0", "192.168.255.255", "224.0.0.0",
		"255.255.255.255", "::", "::1", "::7f00:1",
		"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::1",
		"febf::1", "fec0::1", "feff::1", "ff02::1", "::ffff:127.0.0.1",
		"::ffff:10.1.2.3", "64:ff9b::192.168.1.1",
		"2002:7f00:1::", "2002:a9fe:a9fe::1" };
	static const char *const far[] = { "1.0.0.0", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
		"172.32.0.0", "192.167.255.255", "192.169.0.0",
		"223.255.255.255", "::1:0:0:1", "2001:db8::1", "fbff::1",
		"fe00::1", "fe7f::1", "::ffff:193.0.6.139",
		"64:ff9b::193.0.6.139", "2002:c100:68b::1" };

	(void)state;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		if (!near_text(near[i])) {
			fail_msg("%s is near", near[i]);
		}
	}
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		if (near_text(far[i])) {
			fail_msg("%s is far", far[i]);
		}
	}
}

static void
test_other_families(void **state)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };

	(void)state;
	assert_true(near_address((struct sockaddr *)&local));
}

static void
test_names(void **state)
{
	(void)state;
	assert_int_equal(NEAR_YES,
	    near_host(text_bytes("127.0.0.1"), WAIT, NULL));
	assert_int_equal(NEAR_NO,
	    near_host(text_bytes("193.0.6.139"), WAIT, NULL));
	assert_int_equal(NEAR_NO,
	    near_host(text_bytes("no such name"), WAIT, NULL));
	/* Only what belongs to the name is asked for. */
	assert_int_equal(NEAR_YES,
	    near_host(bytes_of("127.0.0.1/m/", strlen("127.0.0.1")), WAIT,
		NULL));
}

/* Who does not wait is not waited for. */
static void
test_no_time(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(NEAR_SILENT,
		    near_host(text_bytes("127.0.0.1"), 0, NULL));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_other_families),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
