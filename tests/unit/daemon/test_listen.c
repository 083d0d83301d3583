/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

struct address_case {
	const char *where;
	const char *why; /* part of the complaint; NULL: it is one */
};

static const struct address_case addresses[] = {
	{ "127.0.0.1:3323", NULL },
	{ "0.0.0.0:323", NULL },
	{ "[::1]:3323", NULL },
	{ "[2001:db8::1]:65535", NULL },
	{ "[127.0.0.1]:3323", NULL },
	{ "", "say 0.0.0.0:3323 and [::]:3323" },
	{ ":323", "say 0.0.0.0:323 and [::]:323" },
	{ "*:323", "say 0.0.0.0:323 and [::]:323" },
	{ "localhost:323", "say 127.0.0.1:323 or [::1]:323" },
	{ "cache.example.net:323", "names are not looked up" },
	{ "127.0.0.1", "the port is missing" },
	{ "2001:db8::1:323", "stands in brackets" },
	{ "::1", "stands in brackets" },
	{ "[::1", "is not ADDRESS:PORT" },
	{ "[::1]323", "is not ADDRESS:PORT" },
	{ "127.0.0.1:0", "is not ADDRESS:PORT" },
	{ "127.0.0.1:65536", "is not ADDRESS:PORT" },
	{ "127.0.0.1:+323", "is not ADDRESS:PORT" },
	{ "127.0.0.1:rtr", "is not ADDRESS:PORT" },
	{ "127.0.0.256:323", "is not ADDRESS:PORT" },
	{ "127.0.0.1:323\n", "`127.0.0.1:323\\x0a`" },
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
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct listen_address at;
		struct octets why = { 0 };
		bool good = listen_parse(&at, addresses[i].where, &why);

		print_message("# address %zu\n", i);
		assert_int_equal(good, addresses[i].why == NULL);
		if (!good) {
			assert_true(contains(&why, addresses[i].why));
		}
		octets_clear(&why);
	}
}

static void
test_host(void **state)
{
	char host[LISTEN_HOST];

	(void)state;
	assert_true(listen_host("cache.example.net:324", host));
	assert_string_equal(host, "cache.example.net");
	assert_true(listen_host("[2001:db8::1]:324", host));
	assert_string_equal(host, "2001:db8::1");
	assert_true(listen_host("2001:db8::1", host));
	assert_string_equal(host, "2001:db8::1");
	assert_false(listen_host(":324", host));
}

/* The port of a socket that listens on the loopback. */
static int
taken(char where[64])
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	(void)snprintf(where, 64, "127.0.0.1:%u", ntohs(in.sin_port));
	return fd;
}

static void
test_in_use(void **state)
{
	struct listen_call call = { 0 };
	struct octets why = { 0 };
	char where[64];
	int fd = taken(where), other;

	(void)state;
	assert_int_equal(listen_open(where, &why), -1);
	assert_true(contains(&why, where));
	assert_true(contains(&why, "Address already in use; `ss -ltnp"));
	close(fd);
	octets_reset(&why);
	fd = listen_open(where, &why);
	assert_true(fd >= 0);
	call.where = where;
	other = listen_call(&call, &why);
	assert_true(other >= 0);
	close(other);
	close(fd);
	assert_int_equal(listen_call(&call, &why), -1);
	assert_true(contains(&why, "cannot connect to"));
	octets_reset(&why);
	call.where = "127.0.0.1";
	call.port = strrchr(where, ':') + 1;
	assert_int_equal(listen_call(&call, &why), -1);
	assert_true(contains(&why, "cannot connect to 127.0.0.1, port "));
	assert_true(contains(&why, call.port));
	octets_clear(&why);
}

static void
test_not_ours(void **state)
{
	struct octets why = { 0 };

	(void)state;
	assert_int_equal(listen_open("192.0.2.1:3323", &why), -1);
	assert_true(contains(&why, "no interface has this address"));
	octets_clear(&why);
}

static void
test_local(void **state)
{
	char dir[] = "/tmp/kedge-listen-XXXXXX", path[64], longer[200];
	struct listen_call call = { .where = path };
	struct octets why = { 0 };
	struct stat st;
	FILE *file;
	int fd, other;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/rtr", dir);
	fd = listen_local(path, &why);
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	other = listen_call(&call, &why);
	assert_true(other >= 0);
	close(other);
	assert_int_equal(listen_local(path, &why), -1);
	assert_true(contains(&why, "another program listens there"));
	/* Nobody listens any more: its place is taken. */
	close(fd);
	octets_reset(&why);
	fd = listen_local(path, &why);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(path), 0);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(listen_local(path, &why), -1);
	assert_true(contains(&why, "there is a file of this name"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	octets_reset(&why);
	assert_int_equal(listen_local(longer, &why), -1);
	assert_true(contains(&why, "107 octets at most"));
	octets_clear(&why);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
