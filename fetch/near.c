/* SPDX-License-Identifier: BSD-2-Clause */
/* near - see near.h. */
#include "fetch/near.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/pool.h"

enum { HOST_ROOM = 256 }; /* no name is longer (RFC 1035 2.3.4) */

struct block {
	uint8_t at[16];
	uint8_t length;
};

static const struct block blocks4[] = {
	{ { 0 }, 8 },         /* this network (RFC 791 3.2) */
	{ { 10 }, 8 },        /* private (RFC 1918) */
	{ { 100, 64 }, 10 },  /* shared (RFC 6598) */
	{ { 127 }, 8 },       /* loopback (RFC 1122 3.2.1.3) */
	{ { 169, 254 }, 16 }, /* link-local (RFC 3927) */
	{ { 172, 16 }, 12 },  /* private */
	{ { 192, 168 }, 16 }, /* private */
	{ { 224 }, 4 },       /* multicast (RFC 5771) */
	{ { 240 }, 4 },       /* reserved, and broadcast (RFC 1112 4) */
};
static const struct block blocks6[] = {
	{ { 0 }, 96 },          /* unspecified, loopback (RFC 4291 2.5) */
	{ { 0xfc }, 7 },        /* unique local (RFC 4193) */
	{ { 0xfe, 0x80 }, 10 }, /* link-local */
	{ { 0xfe, 0xc0 }, 10 }, /* site-local, once (RFC 3879) */
	{ { 0xff }, 8 },        /* multicast */
};
/* Prefixes behind which an IPv4 address stands. */
static const struct block inner[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96 }, /* mapped (RFC 4291 2.5.5) */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96 },   /* NAT64 (RFC 6052 2.1) */
	{ { 0x20, 0x02 }, 16 },               /* 6to4 (RFC 3056) */
};

static bool
within(const uint8_t *at, const struct block *block)
{
	unsigned octets = block->length / 8, bits = block->length % 8;
	uint8_t mask = (uint8_t)(0xff00 >> bits);

	return memcmp(at, block->at, octets) == 0 &&
	       (bits == 0 || ((at[octets] ^ block->at[octets]) & mask) == 0);
}

static bool
within_any(const uint8_t *at, const struct block *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (within(at, &blocks[i])) {
			return true;
		}
	}
	return false;
}

static bool
near4(const uint8_t *at)
{
	return within_any(at, blocks4, sizeof(blocks4) / sizeof(blocks4[0]));
}

static bool
near6(const uint8_t *at)
{
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		if (within(at, &inner[i])) {
			return near4(at + inner[i].length / 8);
		}
	}
	return within_any(at, blocks6, sizeof(blocks6) / sizeof(blocks6[0]));
}

bool
near_address(const struct sockaddr *address)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in, address, sizeof(in));
		return near4((const uint8_t *)&in.sin_addr);
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		return near6(in6.sin6_addr.s6_addr);
	default:
		return true;
	}
}

/* As it goes through the pipe. */
struct found {
	bool near;
	int other_family;
};

static struct found
look_up(const char *name)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all = NULL;
	struct found found = { .near = false };

	if (getaddrinfo(name, NULL, &hints, &all) != 0) {
		return found;
	}
	for (const struct addrinfo *one = all; one != NULL;
	     one = one->ai_next) {
		found.near |= near_address(one->ai_addr);
		if (one->ai_family != all->ai_family) {
			found.other_family = one->ai_family;
		}
	}
	freeaddrinfo(all);
	return found;
}

/* What a thread of its own asks. It is the thread's; who asks has the other end
 * of the pipe only, and may have left. */
struct question {
	int answer;
	char name[HOST_ROOM];
};

static void
ask(void *arg)
{
	struct question *question = arg;
	struct found found = look_up(question->name);

	(void)!write(question->answer, &found, sizeof(found));
	close(question->answer);
	free(question);
}

static bool
wait_for(int from, int64_t timeout_ms, struct found *found)
{
	int64_t until = clock_mono_ms() + timeout_ms, left = timeout_ms;
	struct pollfd poll_one = { .fd = from, .events = POLLIN };

	while (
	    left > 0 && poll(&poll_one, 1, (int)left) < 0 && errno == EINTR) {
		left = until - clock_mono_ms();
	}
	return (poll_one.revents & POLLIN) != 0 &&
	       read(from, found, sizeof(*found)) == sizeof(*found);
}

enum near_answer
near_host(struct bytes host, int64_t timeout_ms, int *other_family)
{
	struct question *question = mem_zero(1, sizeof(*question));
	struct found found = { .near = false };
	bool answered;
	int ends[2];

	snprintf(question->name, sizeof(question->name), "%.*s", (int)host.len,
	    (const char *)host.at);
	if (pipe2(ends, O_CLOEXEC) != 0) {
		free(question);
		return NEAR_SILENT;
	}
	question->answer = ends[1];
	if (!pool_aside(ask, question)) {
		ask(question);
	}
	answered = wait_for(ends[0], timeout_ms, &found);
	close(ends[0]);
	if (other_family != NULL) {
		*other_family = found.other_family;
	}
	return !answered ? NEAR_SILENT : found.near ? NEAR_YES : NEAR_NO;
}
