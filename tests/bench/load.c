/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load - routers by the thousand, a plain server beside them, and how long one
 * request takes; on loopback, one thread each.
 *
 *	load probe PORT VERSION
 *	load reset PORT VERSION CLIENTS OCTETS
 *	load delta PORT VERSION CLIENTS SESSION SERIAL
 *	load sendfile FILE
 *	load ping PORT
 *
 * `probe` takes one full answer and says its session, serial, octets and PDUs.
 * `reset` has all clients ask at once for as many octets. `delta` says "ready"
 * when all clients have the serial, and then how long after the first Serial
 * Notify the middle and the last one had what changed, how many octets each
 * took, and how many ms of CPU it took all of them here. `sendfile` says its
 *port and gives the file to whoever sends eight octets. `ping` asks for
 * /healthz every millisecond until its input ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	HEAD = 8,
	AT_ONCE = 262144,
	EVENTS = 256,
	PDU_NOTIFY = 0,
	PDU_SERIAL_QUERY = 1,
	PDU_RESET_QUERY = 2,
	PDU_END = 7,
	PDU_CACHE_RESET = 8,
	PDU_ERROR = 10,
};

struct client {
	int fd;
	uint64_t octets; /* taken */
	uint64_t pdus;
	uint8_t held[24]; /* the beginning of a PDU */
	size_t have, skip;
	bool done;
	double when;
	off_t sent;
};

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ms of CPU that we have taken. */
static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
set_nonblocking(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int
dial(const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0) {
		fail("connect");
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void
watch(int ep, int fd, uint32_t events, void *of)
{
	struct epoll_event event = { .events = events, .data.ptr = of };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) != 0) {
		fail("epoll_ctl");
	}
}

static struct client *
dial_all(const char *port, size_t count, int ep)
{
	struct client *all = calloc(count, sizeof(*all));

	for (size_t i = 0; i < count; i++) {
		all[i].fd = dial(port);
		set_nonblocking(all[i].fd);
		watch(ep, all[i].fd, EPOLLIN, &all[i]);
	}
	return all;
}

static void
ask(const struct client *c, unsigned version, unsigned type, unsigned session,
    uint32_t serial)
{
	uint8_t q[12] = { (uint8_t)version, (uint8_t)type,
		(uint8_t)(session >> 8), (uint8_t)session };
	size_t len = type == PDU_RESET_QUERY ? 8 : 12;

	q[7] = (uint8_t)len;
	serial = htonl(serial);
	memcpy(q + 8, &serial, 4);
	if (write(c->fd, q, len) != (ssize_t)len) {
		fail("write");
	}
}

static uint32_t
u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* Goes through what came; the type of a PDU that counts, or -1 at the end. */
static int
next_pdu(struct client *c, const uint8_t **at, size_t *len)
{
	while (*len > 0) {
		size_t want = c->have < HEAD ? HEAD : 12;
		size_t n = c->skip < *len ? c->skip : *len;

		if (n > 0) {
			c->skip -= n;
			*at += n;
			*len -= n;
			continue;
		}
		n = want - c->have < *len ? want - c->have : *len;
		memcpy(c->held + c->have, *at, n);
		c->have += n;
		*at += n;
		*len -= n;
		if (c->have < want ||
		    (c->have == HEAD && u32(c->held + 4) > HEAD)) {
			continue;
		}
		c->skip = u32(c->held + 4) - c->have;
		c->have = 0;
		c->pdus++;
		if (c->held[1] == PDU_NOTIFY || c->held[1] >= PDU_END) {
			return c->held[1];
		}
	}
	return -1;
}

static ssize_t
take(struct client *c, uint8_t *buffer, size_t size)
{
	ssize_t n = recv(c->fd, buffer, size, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		fprintf(stderr, "cut off after %llu octets\n",
		    (unsigned long long)c->octets);
		exit(1);
	}
	c->octets += n > 0 ? (uint64_t)n : 0;
	return n > 0 ? n : 0;
}

static int
probe(const char *port, unsigned version)
{
	static uint8_t buffer[AT_ONCE];
	struct client c = { .fd = dial(port) };
	double start = now(), first = 0;

	ask(&c, version, PDU_RESET_QUERY, 0, 0);
	for (;;) {
		ssize_t n = take(&c, buffer, sizeof(buffer));
		const uint8_t *at = buffer;
		size_t len = (size_t)n;
		int type;

		first = first == 0 ? now() - start : first;
		while ((type = next_pdu(&c, &at, &len)) >= 0) {
			if (type == PDU_ERROR) {
				return 1;
			}
			if (type == PDU_END) {
				/* What is left of End of Data is no more. */
				printf("%u %u %llu %llu %.4f %.4f\n",
				    (unsigned)c.held[2] << 8 | c.held[3],
				    u32(c.held + 8),
				    (unsigned long long)(c.octets - len +
							 c.skip),
				    (unsigned long long)c.pdus, first,
				    now() - start);
				return 0;
			}
		}
	}
}

static int
reset(const char *port, unsigned version, size_t count, uint64_t octets)
{
	static uint8_t buffer[AT_ONCE];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct client *all = dial_all(port, count, ep);
	double start = now();
	size_t left = count;
	double first = 0;

	for (size_t i = 0; i < count; i++) {
		ask(&all[i], version, PDU_RESET_QUERY, 0, 0);
	}
	while (left > 0) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(ep, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;

			(void)take(c, buffer, sizeof(buffer));
			if (c->octets >= octets && !c->done) {
				c->done = true;
				left--;
				first = first == 0 ? now() - start : first;
			}
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (all[i].octets != octets) {
			fprintf(stderr, "a client has %llu octets\n",
			    (unsigned long long)all[i].octets);
			return 1;
		}
	}
	printf("%.4f %.4f\n", now() - start, first);
	free(all);
	return 0;
}

static int
compare(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* One round: each client's next End of Data; the first Notify, if any. */
static double
round_of(int ep, struct client *all, size_t count, unsigned version,
    unsigned session, uint32_t serial)
{
	static uint8_t buffer[AT_ONCE];
	size_t left = count;
	double first = 0;

	for (size_t i = 0; i < count; i++) {
		all[i].done = false;
	}
	while (left > 0) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(ep, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;
			const uint8_t *at = buffer;
			size_t len = (size_t)take(c, buffer, sizeof(buffer));
			int type;

			while ((type = next_pdu(c, &at, &len)) >= 0) {
				if (type == PDU_NOTIFY) {
					first = first == 0 ? now() : first;
					ask(c, version, PDU_SERIAL_QUERY,
					    session, serial);
				} else if (type == PDU_END) {
					c->when = now();
					left -= c->done ? 0 : 1;
					c->done = true;
				} else if (type >= PDU_CACHE_RESET) {
					fprintf(stderr, "got %d\n", type);
					exit(1);
				}
			}
		}
	}
	return first;
}

static int
delta(const char *port, unsigned version, size_t count, unsigned session,
    uint32_t serial)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct client *all = dial_all(port, count, ep);
	double *took = calloc(count, sizeof(*took));
	uint64_t octets = 0;
	double first, before;

	for (size_t i = 0; i < count; i++) {
		ask(&all[i], version, PDU_SERIAL_QUERY, session, serial);
	}
	(void)round_of(ep, all, count, version, session, serial);
	for (size_t i = 0; i < count; i++) {
		octets -= all[i].octets;
	}
	printf("ready\n");
	fflush(stdout);
	before = cpu();
	first = round_of(ep, all, count, version, session, serial);
	for (size_t i = 0; i < count; i++) {
		took[i] = (all[i].when - first) * 1000;
		octets += all[i].octets;
	}
	qsort(took, count, sizeof(*took), compare);
	printf("%.1f %.1f %llu %.1f\n", took[count / 2], took[count - 1],
	    (unsigned long long)(octets / count), cpu() - before);
	free(took);
	free(all);
	return 0;
}

static void
give(int ep, struct client *c, int file, off_t size)
{
	uint8_t question[64];
	ssize_t n = recv(c->fd, question, sizeof(question), 0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT,
		.data.ptr = c };

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		close(c->fd);
		free(c);
		return;
	}
	if (n > 0) {
		c->skip = 1; /* it asked */
		(void)epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &event);
	}
	if (c->skip > 0 && c->sent < size) {
		(void)sendfile(c->fd, file, &c->sent, (size_t)(size - c->sent));
		if (c->sent == size) {
			event.events = EPOLLIN;
			(void)epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &event);
		}
	}
}

static void
serve_file(const char *path)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (file < 0 || fstat(file, &st) != 0 ||
	    bind(door, (struct sockaddr *)&sin, len) != 0 ||
	    listen(door, 1024) != 0) {
		fail(path);
	}
	(void)getsockname(door, (struct sockaddr *)&sin, &len);
	printf("%u\n", ntohs(sin.sin_port));
	fflush(stdout);
	watch(ep, door, EPOLLIN, NULL);
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(ep, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;
			int fd = c == NULL
				     ? accept4(door, NULL, NULL, SOCK_NONBLOCK)
				     : -1;

			if (fd >= 0) {
				c = calloc(1, sizeof(*c));
				c->fd = fd;
				watch(ep, fd, EPOLLIN, c);
			} else if (c != NULL) {
				give(ep, c, file, st.st_size);
			}
		}
	}
}

static int
ping(const char *port)
{
	static const char question[] =
	    "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static double took[10000000];
	struct pollfd input = { .fd = 0, .events = POLLIN };
	char answer[4096];
	size_t count = 0;
	int fd = dial(port);

	printf("ready\n");
	fflush(stdout);
	while (poll(&input, 1, 1) == 0 && count < 10000000) {
		double start = now();

		if (write(fd, question, sizeof(question) - 1) < 0 ||
		    read(fd, answer, sizeof(answer)) <= 0) {
			fail("ping");
		}
		took[count++] = (now() - start) * 1000;
	}
	qsort(took, count, sizeof(*took), compare);
	printf("%zu %.2f %.2f %.2f\n", count, took[count / 2],
	    took[count * 99 / 100], took[count - 1]);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	unsigned version = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
	size_t count = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;

	many_files();
	if (strcmp(what, "probe") == 0) {
		return probe(argv[2], version);
	}
	if (strcmp(what, "reset") == 0 && argc == 6) {
		return reset(argv[2], version, count,
		    strtoull(argv[5], NULL, 10));
	}
	if (strcmp(what, "delta") == 0 && argc == 7) {
		return delta(argv[2], version, count, (unsigned)atoi(argv[5]),
		    (uint32_t)strtoul(argv[6], NULL, 10));
	}
	if (strcmp(what, "sendfile") == 0) {
		serve_file(argv[2]);
	}
	if (strcmp(what, "ping") == 0) {
		return ping(argv[2]);
	}
	fprintf(stderr, "load: see the head of load.c\n");
	return 1;
}
