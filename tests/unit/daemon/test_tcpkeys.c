/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/tcpkeys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define EIGHTY                                                                 \
	"0123456789012345678901234567890123456789012345678901234567890123456"  \
	"7890123456789"

struct key_case {
	enum tcpkeys_kind kind;
	const char *text;
	const char *why; /* NULL: good */
	size_t count;
};

static const struct key_case cases[] = {
	{ TCPKEYS_MD5, "", NULL, 0 },
	{ TCPKEYS_MD5, "# only a comment\n\n", NULL, 0 },
	{ TCPKEYS_MD5, "192.0.2.1 secret", NULL, 1 },
	{ TCPKEYS_MD5, "192.0.2.0/24\tsecret\r\n2001:db8::/32 other\n", NULL,
	    2 },
	{ TCPKEYS_MD5, "192.0.2.1 " EIGHTY, NULL, 1 },
	{ TCPKEYS_MD5, "192.0.2.1 hex:00ff00ff00ff00ff00ff00ff00ff00ff", NULL,
	    1 },
	{ TCPKEYS_MD5, "192.0.2.1 " EIGHTY "0", "f:1: a key has 1 to 80", 0 },
	{ TCPKEYS_MD5, "\n192.0.2.1", "f:2: a key has 1 to 80", 0 },
	{ TCPKEYS_MD5, "192.0.2.1 hex:0", "f:1: hex: wants pairs", 0 },
	{ TCPKEYS_MD5, "192.0.2.1 schl\xc3\xbcssel", "write it as hex:", 0 },
	{ TCPKEYS_MD5, "192.0.2.1 a b", "more words than expected", 0 },
	{ TCPKEYS_MD5, "192.0.2.1/24 a", "expected an address", 0 },
	{ TCPKEYS_MD5, "router a", "expected an address", 0 },
	{ TCPKEYS_AO, "192.0.2.0/24 1 255 hmac-sha1 secret", NULL, 1 },
	{ TCPKEYS_AO, "::/0 0 0 aes-128-cmac hex:00", NULL, 1 },
	{ TCPKEYS_AO, "192.0.2.1 1 2 hmac-sha256 secret", NULL, 1 },
	{ TCPKEYS_AO, "192.0.2.1 1 256 hmac-sha1 secret", "up to 255", 0 },
	{ TCPKEYS_AO, "192.0.2.1 1 2 md5 secret", "algorithms are", 0 },
	{ TCPKEYS_AO, "192.0.2.1 1 2 hmac-sha1", "1 to 80", 0 },
	{ TCPKEYS_AO, "192.0.2.1 secret", "up to 255", 0 },
};

static bool
contains(struct octets *text, const char *part)
{
	bool found;

	octets_u8(text, 0);
	found = strstr((const char *)text->at, part) != NULL;
	text->len--;
	return found;
}

static void
test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct octets why = { 0 };
		struct tcpkeys *keys = tcpkeys_parse(cases[i].kind, "f",
		    text_bytes(cases[i].text), &why);

		print_message("# %zu\n", i);
		assert_int_equal(keys != NULL, cases[i].why == NULL);
		if (keys != NULL) {
			assert_int_equal(tcpkeys_count(keys), cases[i].count);
		} else {
			assert_true(contains(&why, cases[i].why));
		}
		/* No complaint shows a key. */
		assert_false(contains(&why, "secret"));
		tcpkeys_free(keys);
		octets_clear(&why);
	}
}

static void
test_mode(void **state)
{
	char path[] = "/tmp/kedge-tcpkeys-XXXXXX";
	struct octets why = { 0 };
	struct tcpkeys *keys;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "::1 secret\n", 11), 11);
	close(fd);
	assert_int_equal(chmod(path, 0644), 0);
	assert_null(tcpkeys_read(TCPKEYS_MD5, path, &why));
	assert_true(contains(&why, "chmod 600"));
	octets_reset(&why);
	assert_int_equal(chmod(path, 0600), 0);
	keys = tcpkeys_read(TCPKEYS_MD5, path, &why);
	assert_non_null(keys);
	tcpkeys_free(keys);
	(void)unlink(path);
	assert_null(tcpkeys_read(TCPKEYS_MD5, path, &why));
	assert_true(contains(&why, path));
	octets_clear(&why);
}

static int
listening(struct sockaddr_in *in)
{
	socklen_t len = sizeof(*in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*in = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)in, sizeof(*in)), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)in, &len), 0);
	return fd;
}

static int
calling(const struct sockaddr_in *to, const struct tcpkeys *keys)
{
	struct octets why = { 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (keys != NULL) {
		assert_true(tcpkeys_arm(keys, fd, &why));
	}
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) != 0) {
		assert_int_equal(errno, EINPROGRESS);
	}
	return fd;
}

static bool
connected(int fd, int patience_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, patience_ms) == 1 && (p.revents & POLLOUT) != 0 &&
	       (p.revents & POLLERR) == 0;
}

/* Whom the kernel knows by a key it lets in, and nobody else of that prefix. */
static void
test_md5(void **state)
{
	struct octets why = { 0 };
	struct tcpkeys *keys = tcpkeys_parse(TCPKEYS_MD5, "f",
	    text_bytes("127.0.0.0/8 secret\n::/0 not-for-this-socket"), &why);
	struct tcpkeys *wrong = tcpkeys_parse(TCPKEYS_MD5, "f",
	    text_bytes("127.0.0.1 another"), &why);
	struct sockaddr_in at;
	int fd = listening(&at);

	(void)state;
	if (!tcpkeys_arm(keys, fd, &why)) {
		assert_true(contains(&why, "CONFIG_TCP_MD5SIG"));
		print_message("# this kernel has no TCP-MD5\n");
	} else {
		int bare = calling(&at, NULL);
		int other = calling(&at, wrong);
		int known = calling(&at, keys);

		assert_true(connected(known, 30000));
		assert_false(connected(bare, 0));
		assert_false(connected(other, 0));
		close(bare);
		close(other);
		close(known);
		tcpkeys_disarm(keys, fd);
		bare = calling(&at, NULL);
		assert_true(connected(bare, 30000));
		close(bare);
	}
	close(fd);
	tcpkeys_free(keys);
	tcpkeys_free(wrong);
	octets_clear(&why);
}

static void
test_ao(void **state)
{
	struct octets why = { 0 };
	struct tcpkeys *keys = tcpkeys_parse(TCPKEYS_AO, "f",
	    text_bytes("127.0.0.0/8 7 7 hmac-sha1 secret"), &why);
	struct sockaddr_in at;
	int fd = listening(&at);

	(void)state;
	if (!tcpkeys_arm(keys, fd, &why)) {
		assert_true(contains(&why, "TCP-AO for 127.0.0.0/8: "));
		assert_true(contains(&why, "Linux 6.7"));
		print_message("# this kernel has no TCP-AO\n");
	} else {
		int bare = calling(&at, NULL);
		int known = calling(&at, keys);

		assert_true(connected(known, 30000));
		assert_false(connected(bare, 0));
		close(bare);
		close(known);
		tcpkeys_disarm(keys, fd);
		assert_true(tcpkeys_arm(keys, fd, &why));
	}
	close(fd);
	tcpkeys_free(keys);
	octets_clear(&why);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_md5),
		cmocka_unit_test(test_ao),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
