/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server on real sockets of the loopback: who is let in, what reaches
 * whom, and who is cut.
 */
#include "rtr/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "payload/builder.h"
#include "rtr/feed.h"

enum { PATIENCE_MS = 60000, BIG = 400000 };

struct house {
	struct event_base *base;
	struct log *log;
	struct octets lines;
	struct history *history;
	struct feed *feed;
	struct server *server;
	struct server_config config;
	uint16_t port;
	const char *banned;
	struct server_transport transport; /* without a name: plain TCP */
	struct bufferevent *wrapped;       /* by it, the last one */
	/* Large answers wait here until they are made; at most one does. */
	bool slow;
	struct feed_order *order;
};

static void
on_line(void *arg, enum log_level level, const char *line)
{
	struct house *house = arg;

	(void)level;
	octets_printf(&house->lines, "%s\n", line);
}

static void
on_order(void *arg, struct feed_order *order)
{
	struct house *house = arg;

	assert_null(house->order);
	house->order = order;
}

static bool
allow(void *arg, const char *address)
{
	const struct house *house = arg;

	return house->banned == NULL || strcmp(house->banned, address) != 0;
}

static int
listening(uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 100), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

static void
start(struct house *house)
{
	static const struct server_transport tcp = { .name = "tcp" };
	struct feed_config fed = { .sessions = { 11, 12, 13 },
		.timing = { 600, 600, 7200 },
		.max_version = 2 };

	house->base = event_base_new();
	house->log = log_new(LOG_LEVEL_INFO);
	log_to_sink(house->log, on_line, house);
	if (house->slow) {
		fed.order = on_order;
		fed.arg = house;
	}
	house->history = history_new(5, 10);
	house->feed = feed_new(house->history, &fed);
	house->config.base = house->base;
	house->config.log = house->log;
	house->config.feed = feed_of(house->feed);
	house->config.allow = allow;
	house->config.allow_arg = house;
	if (house->config.limits.clients == 0) {
		house->config.limits.clients = 1000;
		house->config.limits.per_address = 1000;
	}
	house->server = server_new(&house->config);
	assert_int_equal(server_listen(house->server, listening(&house->port),
			     house->transport.name != NULL ? &house->transport
							   : &tcp),
	    0);
}

static void
finish(struct house *house)
{
	server_free(house->server);
	feed_free(house->feed);
	history_free(house->history);
	event_base_free(house->base);
	log_free(house->log);
	octets_clear(&house->lines);
}

static void
publish(struct house *house, unsigned count, uint32_t asn)
{
	struct builder *builder = builder_new();
	struct source source = { .uri = "", .expires = INT64_MAX };

	builder_ta(builder, "ta");
	(void)builder_source(builder, &source);
	for (unsigned i = 0; i < count; i++) {
		struct vrp vrp = {
			.prefix = { .address = { 10, (uint8_t)(i >> 16),
					(uint8_t)(i >> 8), (uint8_t)i },
			    .family = IP_V4,
			    .length = 32 },
			.max_length = 32,
			.asn = asn,
		};

		builder_vrp(builder, &vrp, 0);
	}
	assert_true(history_push(house->history, builder_seal(builder)));
	feed_changed(house->feed);
	server_changed(house->server);
}

static int
call(const struct house *house)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(house->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
send_all(int fd, const void *octets, size_t n)
{
	assert_int_equal(send(fd, octets, n, MSG_NOSIGNAL), n);
}

static void
ask(int fd, unsigned version)
{
	struct octets o = { 0 };

	pdu_reset_query(&o, version);
	send_all(fd, o.at, o.len);
	octets_clear(&o);
}

static void
turn(struct house *house)
{
	struct timeval tick = { .tv_usec = 2000 };

	(void)event_base_loopexit(house->base, &tick);
	assert_true(event_base_loop(house->base, 0) >= 0);
}

/* Read on while the server works. 1: something came, 0: end of file, -1: the
 * connection was reset. */
static int
read_some(struct house *house, int fd, struct octets *in)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	uint8_t part[65536];
	ssize_t n;

	do {
		assert_true(clock_mono_ms() < until);
		turn(house);
		n = recv(fd, part, sizeof(part), 0);
	} while (n < 0 && errno == EAGAIN);
	if (n <= 0) {
		return n == 0 ? 0 : -1;
	}
	octets_add(in, part, (size_t)n);
	return 1;
}

/* The next PDU's type, taken off; -1: end of file, -2: reset. */
static int
next_pdu(struct house *house, int fd, struct octets *in, struct pdu *pdu)
{
	int type, rc;

	while (pdu_read(pdu, octets_bytes(in)) == PDU_MORE) {
		rc = read_some(house, fd, in);
		if (rc <= 0) {
			return rc - 1;
		}
	}
	type = pdu->type;
	memmove(in->at, in->at + pdu->length, in->len - pdu->length);
	in->len -= pdu->length;
	return type;
}

static void
expect(struct house *house, int fd, struct octets *in, const int *types,
    size_t count)
{
	struct pdu pdu;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(next_pdu(house, fd, in, &pdu), types[i]);
	}
}

#define EXPECT(house, fd, in, ...)                                             \
	do {                                                                   \
		static const int types[] = { __VA_ARGS__ };                    \
		expect(house, fd, in, types,                                   \
		    sizeof(types) / sizeof(types[0]));                         \
	} while (0)

static unsigned
clients(const struct house *house)
{
	struct server_count count;

	server_count(house->server, &count);
	return count.clients;
}

static void
until_clients(struct house *house, unsigned n)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (clients(house) != n) {
		assert_true(clock_mono_ms() < until);
		turn(house);
	}
}

static bool
logged(struct house *house, const char *text)
{
	bool found;

	octets_u8(&house->lines, 0);
	found = strstr((const char *)house->lines.at, text) != NULL;
	house->lines.len--;
	return found;
}

/* --- what is said */

static void
test_first_set(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	struct pdu pdu;
	int fd, silent;

	(void)state;
	house.config.limits.notify_seconds = 3600;
	start(&house);
	silent = call(&house);
	fd = call(&house);
	ask(fd, 2);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_ERROR_REPORT);
	assert_int_equal(pdu.field, PDU_NO_DATA);
	publish(&house, 1, 1);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_SERIAL_NOTIFY);
	assert_int_equal(pdu.field, 13);
	ask(fd, 2);
	EXPECT(&house, fd, &in, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_END_OF_DATA);
	/* Told a moment ago: the next one waits, and only the answer comes. */
	publish(&house, 2, 1);
	ask(fd, 2);
	EXPECT(&house, fd, &in, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_IPV4_PREFIX, PDU_END_OF_DATA);
	/* One that named no version is never told anything. */
	assert_int_equal(recv(silent, &pdu, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	close(silent);
	close(fd);
	octets_clear(&in);
	finish(&house);
}

/* More than are told in one go, and some leave before their turn. */
static void
test_many_are_told(void **state)
{
	enum { MANY = 400 };
	struct house house = { 0 };
	struct octets in[MANY] = { 0 };
	int fds[MANY];

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = call(&house);
		ask(fds[i], i % 3);
	}
	for (unsigned i = 0; i < MANY; i++) {
		EXPECT(&house, fds[i], &in[i], PDU_CACHE_RESPONSE,
		    PDU_IPV4_PREFIX, PDU_END_OF_DATA);
	}
	publish(&house, 2, 1);
	close(fds[0]);
	for (unsigned i = 1; i < MANY; i++) {
		EXPECT(&house, fds[i], &in[i], PDU_SERIAL_NOTIFY);
	}
	assert_int_equal(clients(&house), MANY - 1);
	/* All leave while the last are still to be told. */
	publish(&house, 3, 1);
	house.banned = "127.0.0.1";
	server_recheck(house.server);
	turn(&house);
	assert_int_equal(clients(&house), 0);
	for (unsigned i = 0; i < MANY; i++) {
		if (i > 0) {
			close(fds[i]);
		}
		octets_clear(&in[i]);
	}
	finish(&house);
}

static void
until_ordered(struct house *house)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (house->order == NULL) {
		assert_true(clock_mono_ms() < until);
		turn(house);
	}
}

static void
make_order(struct house *house)
{
	struct feed_order *order;

	until_ordered(house);
	order = house->order;
	house->order = NULL;
	feed_work(order);
	feed_take(house->feed, order);
	server_continue(house->server);
}

/* What comes next is an answer with so many prefixes. */
static void
expect_answer(struct house *house, int fd, struct octets *in, unsigned prefixes)
{
	struct pdu pdu;

	EXPECT(house, fd, in, PDU_CACHE_RESPONSE);
	for (unsigned i = 0; i < prefixes; i++) {
		assert_int_equal(next_pdu(house, fd, in, &pdu),
		    PDU_IPV4_PREFIX);
	}
	EXPECT(house, fd, in, PDU_END_OF_DATA);
}

/* Whoever waits for an answer being made gets it, of whatever serial it then
 * is, and nothing before it; also after it shut its own half. */
static void
test_made_later(void **state)
{
	struct house house = { .slow = true };
	struct octets first = { 0 }, second = { 0 };
	int one, two;

	(void)state;
	start(&house);
	publish(&house, 5000, 1);
	one = call(&house);
	two = call(&house);
	ask(one, 1);
	ask(two, 1);
	assert_int_equal(shutdown(two, SHUT_WR), 0);
	until_clients(&house, 2);
	make_order(&house);
	expect_answer(&house, two, &second, 5000);
	assert_int_equal(read_some(&house, two, &second), 0);
	expect_answer(&house, one, &first, 5000);
	until_clients(&house, 1);
	/* The set changes while the answer is made: it is made anew. */
	publish(&house, 6000, 1);
	EXPECT(&house, one, &first, PDU_SERIAL_NOTIFY);
	ask(one, 1);
	until_ordered(&house);
	publish(&house, 7000, 1);
	make_order(&house);
	make_order(&house);
	expect_answer(&house, one, &first, 7000);
	close(one);
	close(two);
	octets_clear(&first);
	octets_clear(&second);
	finish(&house);
}

/* A router that hangs up is forgotten, though an answer is made for it. */
static void
test_gone_while_made(void **state)
{
	struct house house = { .slow = true };
	struct linger at_once = { .l_onoff = 1 };
	int fd;

	(void)state;
	start(&house);
	publish(&house, 5000, 1);
	fd = call(&house);
	ask(fd, 1);
	until_ordered(&house);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
			     sizeof(at_once)),
	    0);
	close(fd);
	until_clients(&house, 0);
	make_order(&house);
	assert_int_equal(clients(&house), 0);
	finish(&house);
}

/* One that is owed an answer hears a farewell instead. */
static void
test_parted_while_made(void **state)
{
	struct house house = { .slow = true };
	struct octets in = { 0 };
	struct pdu pdu;
	int fd;

	(void)state;
	start(&house);
	publish(&house, 5000, 1);
	fd = call(&house);
	ask(fd, 2);
	until_ordered(&house);
	server_goodbye(house.server, PDU_CACHE_SHUTDOWN);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_ERROR_REPORT);
	assert_int_equal(pdu.field, PDU_CACHE_SHUTDOWN);
	make_order(&house);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), -1);
	close(fd);
	octets_clear(&in);
	finish(&house);
}

static void
ask_since(int fd, uint16_t session, uint32_t serial)
{
	struct octets o = { 0 };

	pdu_serial_query(&o, 2, session, serial);
	send_all(fd, o.at, o.len);
	octets_clear(&o);
}

/* The cache goes on under another session, or runs out of data, while an answer
 * is made: what is said then holds together. */
static void
test_renamed_while_made(void **state)
{
	static const uint16_t names[][PDU_VERSIONS] = { { 21, 22, 23 },
		{ 31, 32, 33 } };
	struct house house = { .slow = true };
	struct octets in = { 0 };
	struct pdu pdu;
	int fd;

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	fd = call(&house);
	ask(fd, 2);
	expect_answer(&house, fd, &in, 1);
	publish(&house, 5000, 1);
	EXPECT(&house, fd, &in, PDU_SERIAL_NOTIFY);
	ask_since(fd, 13, 5);
	until_ordered(&house);
	feed_set_sessions(house.feed, names[0]);
	make_order(&house);
	EXPECT(&house, fd, &in, PDU_CACHE_RESET);
	ask(fd, 2);
	until_ordered(&house);
	feed_set_sessions(house.feed, names[1]);
	make_order(&house);
	make_order(&house);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_CACHE_RESPONSE);
	assert_int_equal(pdu.field, 33);
	for (unsigned i = 0; i < 5000; i++) {
		assert_int_equal(next_pdu(&house, fd, &in, &pdu),
		    PDU_IPV4_PREFIX);
	}
	EXPECT(&house, fd, &in, PDU_END_OF_DATA);
	ask_since(fd, 33, 6);
	expect_answer(&house, fd, &in, 0);
	publish(&house, 6000, 1);
	EXPECT(&house, fd, &in, PDU_SERIAL_NOTIFY);
	ask(fd, 2);
	until_ordered(&house);
	feed_set_mode(house.feed, FEED_NO_DATA);
	make_order(&house);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_ERROR_REPORT);
	assert_int_equal(pdu.field, PDU_NO_DATA);
	feed_set_mode(house.feed, FEED_SERVE);
	ask(fd, 2);
	expect_answer(&house, fd, &in, 6000);
	close(fd);
	octets_clear(&in);
	finish(&house);
}

/* Who is connected is called by the session it knows, and led to the other. */
static void
test_renamed(void **state)
{
	static const uint16_t names[PDU_VERSIONS] = { 21, 22, 23 };
	struct house house = { 0 };
	struct octets in = { 0 };
	struct pdu pdu;
	int fd;

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	fd = call(&house);
	ask(fd, 2);
	expect_answer(&house, fd, &in, 1);
	feed_set_sessions(house.feed, names);
	publish(&house, 2, 1);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_SERIAL_NOTIFY);
	assert_int_equal(pdu.field, 13);
	ask_since(fd, 13, 5);
	EXPECT(&house, fd, &in, PDU_CACHE_RESET);
	publish(&house, 3, 1);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_SERIAL_NOTIFY);
	assert_int_equal(pdu.field, 13);
	ask(fd, 2);
	expect_answer(&house, fd, &in, 3);
	publish(&house, 4, 1);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_SERIAL_NOTIFY);
	assert_int_equal(pdu.field, 23);
	close(fd);
	octets_clear(&in);
	finish(&house);
}

/* Who heard that there is no data is told when there is; nobody else. */
static void
test_data_again(void **state)
{
	struct house house = { 0 };
	struct octets first = { 0 }, second = { 0 };
	struct pdu pdu;
	int told, silent;

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	told = call(&house);
	silent = call(&house);
	ask(told, 2);
	ask(silent, 2);
	expect_answer(&house, told, &first, 1);
	expect_answer(&house, silent, &second, 1);
	feed_set_mode(house.feed, FEED_NO_DATA);
	ask_since(told, 13, 5);
	assert_int_equal(next_pdu(&house, told, &first, &pdu),
	    PDU_ERROR_REPORT);
	assert_int_equal(pdu.field, PDU_NO_DATA);
	feed_set_mode(house.feed, FEED_SERVE);
	server_changed(house.server);
	EXPECT(&house, told, &first, PDU_SERIAL_NOTIFY);
	ask_since(told, 13, 5);
	expect_answer(&house, told, &first, 0);
	server_changed(house.server);
	ask_since(told, 13, 5);
	expect_answer(&house, told, &first, 0);
	ask_since(silent, 13, 5);
	expect_answer(&house, silent, &second, 0);
	close(told);
	close(silent);
	octets_clear(&first);
	octets_clear(&second);
	finish(&house);
}

/* A notify that waited is not sent to who fetched in the meantime. */
static void
test_owed_notify(void **state)
{
	struct house house = { 0 };
	struct octets early = { 0 }, late = { 0 };
	int one, two;

	(void)state;
	house.config.limits.notify_seconds = 1;
	start(&house);
	publish(&house, 1, 1);
	one = call(&house);
	two = call(&house);
	ask(one, 1);
	ask(two, 1);
	EXPECT(&house, one, &early, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_END_OF_DATA);
	EXPECT(&house, two, &late, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_END_OF_DATA);
	publish(&house, 2, 1);
	EXPECT(&house, one, &early, PDU_SERIAL_NOTIFY);
	EXPECT(&house, two, &late, PDU_SERIAL_NOTIFY);
	publish(&house, 0, 1);
	ask(one, 1);
	EXPECT(&house, one, &early, PDU_CACHE_RESPONSE, PDU_END_OF_DATA);
	EXPECT(&house, two, &late, PDU_SERIAL_NOTIFY);
	assert_int_equal(early.len, 0);
	ask(one, 1);
	EXPECT(&house, one, &early, PDU_CACHE_RESPONSE, PDU_END_OF_DATA);
	close(one);
	close(two);
	octets_clear(&early);
	octets_clear(&late);
	finish(&house);
}

/* One that sends its query and shuts its half still gets the answer. */
static void
test_half_closed(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	int fd;

	(void)state;
	start(&house);
	publish(&house, 2, 1);
	fd = call(&house);
	ask(fd, 0);
	ask(fd, 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	EXPECT(&house, fd, &in, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_IPV4_PREFIX, PDU_END_OF_DATA, PDU_CACHE_RESPONSE,
	    PDU_IPV4_PREFIX, PDU_IPV4_PREFIX, PDU_END_OF_DATA, -1);
	until_clients(&house, 0);
	close(fd);
	octets_clear(&in);
	finish(&house);
}

/* The report arrives although much that was sent is never looked at. */
static void
test_report_before_close(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	uint8_t junk[100000] = { 1, 99, 0, 0, 0, 0, 0, 8 };
	struct pdu pdu;
	int fd;

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	fd = call(&house);
	send_all(fd, junk, sizeof(junk));
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), PDU_ERROR_REPORT);
	assert_int_equal(pdu.field, PDU_UNSUPPORTED_TYPE);
	assert_int_equal(next_pdu(&house, fd, &in, &pdu), -1);
	assert_int_equal(clients(&house), 1); /* it reads on until we close */
	close(fd);
	until_clients(&house, 0);
	octets_clear(&in);
	finish(&house);
}

static void
test_reset_at_once(void **state)
{
	struct house house = { 0 };
	struct linger now = { .l_onoff = 1 };
	struct server_count count;

	(void)state;
	start(&house);
	for (unsigned i = 0; i < 300; i++) {
		int fd = call(&house);

		if (i % 2 == 0) {
			send_all(fd, "\1\2\0", 3);
		}
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(fd);
		turn(&house);
	}
	until_clients(&house, 0);
	server_count(house.server, &count);
	assert_true(count.accepted > 0);
	finish(&house);
}

static void
test_octet_by_octet(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 }, o = { 0 };
	int fd;

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	fd = call(&house);
	pdu_serial_query(&o, 2, 13, 5);
	for (size_t i = 0; i < o.len; i++) {
		send_all(fd, o.at + i, 1);
		turn(&house);
	}
	EXPECT(&house, fd, &in, PDU_CACHE_RESPONSE, PDU_END_OF_DATA);
	close(fd);
	octets_clear(&in);
	octets_clear(&o);
	finish(&house);
}

/* Thousands of queries at once are all answered, one after the other. */
static void
test_flood_of_queries(void **state)
{
	enum { QUERIES = 5000 };
	struct house house = { 0 };
	struct octets in = { 0 }, o = { 0 };
	size_t sent = 0, ended = 0;
	struct pdu pdu;
	int fd;

	(void)state;
	start(&house);
	publish(&house, 3, 1);
	fd = call(&house);
	for (unsigned i = 0; i < QUERIES; i++) {
		pdu_reset_query(&o, 1);
	}
	while (ended < QUERIES) {
		ssize_t n = send(fd, o.at + sent, o.len - sent, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		if (next_pdu(&house, fd, &in, &pdu) == PDU_END_OF_DATA) {
			ended++;
		}
	}
	assert_int_equal(sent, o.len);
	assert_int_equal(in.len, 0);
	close(fd);
	octets_clear(&in);
	octets_clear(&o);
	finish(&house);
}

/* --- who is cut */

static void
test_slow_reader(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	int slow, fast, small = 4096;

	(void)state;
	house.config.limits.stall_seconds = 1;
	start(&house);
	publish(&house, BIG, 1);
	slow = call(&house);
	(void)setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ask(slow, 1);
	fast = call(&house);
	ask(fast, 1);
	while (in.len < BIG * 20 + 32) {
		assert_int_equal(read_some(&house, fast, &in), 1);
	}
	publish(&house, 1, 1);
	octets_reset(&in);
	EXPECT(&house, fast, &in, PDU_SERIAL_NOTIFY);
	until_clients(&house, 1);
	assert_true(logged(&house, "it does not take what it asked for"));
	close(slow);
	close(fast);
	octets_clear(&in);
	finish(&house);
}

static struct bufferevent *
wrap(void *arg, struct event_base *base, int fd)
{
	struct house *house = arg;

	house->wrapped =
	    bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	return house->wrapped;
}

/* So many octets, of which no more than a turn's stand there. */
static void
expect_pieces(struct house *house, int fd, struct octets *in, size_t most)
{
	struct evbuffer *out = bufferevent_get_output(house->wrapped);

	while (in->len < most) {
		assert_int_equal(read_some(house, fd, in), 1);
		assert_true(evbuffer_get_length(out) <= 65536);
	}
}

/* Where octets are encrypted no more stands there than one turn may take, and
 * what is said meanwhile comes after. */
static void
test_by_pieces(void **state)
{
	struct house house = { .transport = { .name = "tls", .wrap = wrap } };
	struct octets in = { 0 };
	int fd;

	(void)state;
	house.transport.arg = &house;
	start(&house);
	publish(&house, BIG, 1);
	fd = call(&house);
	ask(fd, 1);
	until_clients(&house, 1);
	expect_pieces(&house, fd, &in, BIG * 20 / 2);
	publish(&house, 1, 1);
	expect_pieces(&house, fd, &in, BIG * 20 + 32 + 12);
	assert_int_equal(in.len, BIG * 20 + 32 + 12);
	assert_int_equal(in.at[BIG * 20 + 8 + 1], PDU_END_OF_DATA);
	assert_int_equal(in.at[BIG * 20 + 32 + 1], PDU_SERIAL_NOTIFY);
	close(fd);
	octets_clear(&in);
	finish(&house);
}

/* Slow, but it moves on: never cut by the pause between its steps. */
static void
test_steady_reader(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	int64_t begun = clock_mono_ms();
	int fd, small = 4096;

	(void)state;
	house.config.limits.stall_seconds = 2;
	start(&house);
	publish(&house, 20000, 1);
	fd = call(&house);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ask(fd, 1);
	while (clock_mono_ms() - begun < 4000) {
		(void)read_some(&house, fd, &in);
		turn(&house);
	}
	assert_true(in.len < 20000 * 20);
	while (in.len < 20000 * 20 + 32) {
		assert_int_equal(read_some(&house, fd, &in), 1);
	}
	close(fd);
	octets_clear(&in);
	finish(&house);
}

static void
test_silent(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	int silent, begun, whole;

	(void)state;
	house.config.limits.stall_seconds = 1;
	start(&house);
	publish(&house, 1, 1);
	silent = call(&house);
	begun = call(&house);
	send_all(begun, "\1\2", 2);
	whole = call(&house);
	ask(whole, 1);
	EXPECT(&house, whole, &in, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_END_OF_DATA);
	until_clients(&house, 1);
	assert_true(logged(&house, "no whole query came in time"));
	/* The one that asked may be quiet as long as it likes. */
	ask(whole, 1);
	EXPECT(&house, whole, &in, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_END_OF_DATA);
	close(silent);
	close(begun);
	close(whole);
	octets_clear(&in);
	finish(&house);
}

/* --- who is let in */

static void
test_ceilings(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	int fds[4];

	(void)state;
	house.config.limits.clients = 3;
	house.config.limits.per_address = 2;
	start(&house);
	for (unsigned i = 0; i < 2; i++) {
		fds[i] = call(&house);
	}
	until_clients(&house, 2);
	fds[2] = call(&house);
	assert_int_equal(read_some(&house, fds[2], &in), 0);
	assert_true(logged(&house, "too many clients from this address"));
	close(fds[0]);
	until_clients(&house, 1);
	fds[3] = call(&house);
	until_clients(&house, 2);
	for (unsigned i = 1; i < 4; i++) {
		close(fds[i]);
	}
	octets_clear(&in);
	finish(&house);
}

static void
test_access(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	int fd, refused;

	(void)state;
	start(&house);
	fd = call(&house);
	until_clients(&house, 1);
	house.banned = "127.0.0.1";
	refused = call(&house);
	assert_int_equal(read_some(&house, refused, &in), 0);
	assert_true(logged(&house, "not on the access list"));
	server_recheck(house.server);
	assert_int_equal(clients(&house), 0);
	assert_true(read_some(&house, fd, &in) <= 0);
	close(fd);
	close(refused);
	octets_clear(&in);
	finish(&house);
}

/* Those who are served are served on; the next is let in when it can be. */
static void
test_no_descriptors(void **state)
{
	struct house house = { 0 };
	struct octets in = { 0 };
	struct rlimit limit, tight;
	int fd, next, hog, hogs[64];
	unsigned count = 0;

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	fd = call(&house);
	until_clients(&house, 1);
	next = call(&house);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	tight = limit;
	tight.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	while (count < 64 && (hog = dup(fd)) >= 0) {
		hogs[count++] = hog;
	}
	ask(fd, 1);
	EXPECT(&house, fd, &in, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
	    PDU_END_OF_DATA);
	assert_int_equal(clients(&house), 1);
	while (count > 0) {
		close(hogs[--count]);
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(logged(&house, "cannot accept a connection"));
	until_clients(&house, 2);
	close(fd);
	close(next);
	octets_clear(&in);
	finish(&house);
}

/* Who comes by a socket in the file system has no address of his own. */
static void
test_unix_socket(void **state)
{
	static const struct server_transport local = { .name = "unix",
		.shared = true };
	struct house house = { 0 };
	struct octets in = { 0 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/kedge-server-XXXXXX";
	int fds[2], at;

	(void)state;
	house.config.limits.clients = 3;
	house.config.limits.per_address = 1;
	start(&house);
	publish(&house, 1, 1);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s/rtr", dir);
	at = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(at, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(server_listen(house.server, at, &local), 0);
	for (unsigned i = 0; i < 2; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(fds[i], (struct sockaddr *)&un,
				     sizeof(un)),
		    0);
		assert_int_equal(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
		ask(fds[i], 1);
		EXPECT(&house, fds[i], &in, PDU_CACHE_RESPONSE, PDU_IPV4_PREFIX,
		    PDU_END_OF_DATA);
	}
	close(fds[0]);
	close(fds[1]);
	(void)unlink(un.sun_path);
	(void)rmdir(dir);
	octets_clear(&in);
	finish(&house);
}

/* --- the end */

static void
test_goodbye(void **state)
{
	struct house house = { 0 };
	struct octets in[3] = { 0 };
	struct pdu pdu;
	int fds[3], none;

	(void)state;
	start(&house);
	publish(&house, 1, 1);
	for (unsigned v = 0; v < 3; v++) {
		fds[v] = call(&house);
		ask(fds[v], v);
		EXPECT(&house, fds[v], &in[v], PDU_CACHE_RESPONSE,
		    PDU_IPV4_PREFIX, PDU_END_OF_DATA);
	}
	none = call(&house);
	until_clients(&house, 4);
	assert_false(server_idle(house.server));
	server_goodbye(house.server, PDU_CACHE_RESTART);
	for (unsigned v = 0; v < 2; v++) {
		assert_int_equal(next_pdu(&house, fds[v], &in[v], &pdu), -1);
	}
	assert_int_equal(next_pdu(&house, fds[2], &in[2], &pdu),
	    PDU_ERROR_REPORT);
	assert_int_equal(pdu.field, PDU_CACHE_RESTART);
	assert_int_equal(pdu.length, 16 + strlen("Cache Restart"));
	assert_int_equal(next_pdu(&house, fds[2], &in[2], &pdu), -1);
	assert_int_equal(next_pdu(&house, none, &in[0], &pdu), -1);
	assert_true(server_idle(house.server));
	for (unsigned v = 0; v < 3; v++) {
		close(fds[v]);
		octets_clear(&in[v]);
	}
	close(none);
	until_clients(&house, 0);
	finish(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_set),
		cmocka_unit_test(test_many_are_told),
		cmocka_unit_test(test_made_later),
		cmocka_unit_test(test_gone_while_made),
		cmocka_unit_test(test_parted_while_made),
		cmocka_unit_test(test_renamed_while_made),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_data_again),
		cmocka_unit_test(test_owed_notify),
		cmocka_unit_test(test_half_closed),
		cmocka_unit_test(test_report_before_close),
		cmocka_unit_test(test_reset_at_once),
		cmocka_unit_test(test_octet_by_octet),
		cmocka_unit_test(test_flood_of_queries),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_by_pieces),
		cmocka_unit_test(test_steady_reader),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_unix_socket),
		cmocka_unit_test(test_goodbye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
