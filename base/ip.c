/* SPDX-License-Identifier: BSD-2-Clause */
/* ip - see ip.h. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"

/* WHY: inet_ntop() goes through the printf family, and took half the time of
 * writing a table of VRPs. */
static char *
put_v4(char *out, const uint8_t address[4])
{
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0) {
			*out++ = '.';
		}
		out = text_decimal(out, address[i]);
	}
	return out;
}

static char *
put_group(char *out, unsigned group)
{
	unsigned shift = 12;

	while (shift > 0 && group >> shift == 0) {
		shift -= 4;
	}
	for (;; shift -= 4) {
		*out++ = "0123456789abcdef"[group >> shift & 15];
		if (shift == 0) {
			return out;
		}
	}
}

/* Groups that "::" stands for: the longest run of zeros, the first of those as
 * long, and never a single one. */
struct gap {
	unsigned from, count;
};

static struct gap
find_gap(const unsigned groups[8])
{
	struct gap best = { 8, 1 };

	for (unsigned i = 0; i < 8; i++) {
		unsigned end = i;

		while (end < 8 && groups[end] == 0) {
			end++;
		}
		if (end - i > best.count) {
			best = (struct gap){ i, end - i };
		}
		i = end;
	}
	return best;
}

/* RFC 5952; what begins with six groups of zeros, or ::ffff, ends as IPv4. */
static char *
put_v6(char *out, const uint8_t address[16])
{
	unsigned groups[8];
	struct gap gap;
	bool v4;

	for (unsigned i = 0; i < 8; i++) {
		groups[i] = (unsigned)address[2 * i] << 8 | address[2 * i + 1];
	}
	gap = find_gap(groups);
	v4 = gap.from == 0 &&
	     (gap.count == 6 || (gap.count == 5 && groups[5] == 0xffff));
	for (unsigned i = 0; i < 8; i++) {
		if (i == gap.from) {
			*out++ = ':';
			i += gap.count - 1;
			if (i == 7) {
				*out++ = ':';
			}
			continue;
		}
		if (i > 0) {
			*out++ = ':';
		}
		if (v4 && i == 6) {
			return put_v4(out, address + 12);
		}
		out = put_group(out, groups[i]);
	}
	return out;
}

static char *
put_address(char *out, const uint8_t address[16], unsigned family)
{
	return family == IP_V4 ? put_v4(out, address) : put_v6(out, address);
}

void
ip_address_text(const uint8_t address[16], unsigned family, char out[IP_TEXT])
{
	*put_address(out, address, family) = '\0';
}

size_t
ip_prefix_text(const struct ip_prefix *prefix, char out[IP_TEXT])
{
	char *at = put_address(out, prefix->address, prefix->family);

	*at++ = '/';
	at = text_decimal(at, prefix->length);
	*at = '\0';
	return (size_t)(at - out);
}

static bool
address_parse(struct ip_prefix *out, struct bytes text)
{
	char copy[INET6_ADDRSTRLEN];
	bool six;

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.at, 0, text.len) != NULL) {
		return false;
	}
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	six = memchr(copy, ':', text.len) != NULL;
	out->family = six ? IP_V6 : IP_V4;
	out->length = (uint8_t)ip_bits(out->family);
	return inet_pton(six ? AF_INET6 : AF_INET, copy, out->address) == 1;
}

void
ip_socket_text(const struct sockaddr *from, char out[IP_TEXT])
{
	if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, from, sizeof(in6));
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			(void)inet_ntop(AF_INET, in6.sin6_addr.s6_addr + 12,
			    out, IP_TEXT);
		} else {
			(void)inet_ntop(AF_INET6, &in6.sin6_addr, out, IP_TEXT);
		}
	} else if (from->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, from, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, out, IP_TEXT);
	} else {
		memcpy(out, "local", sizeof("local"));
	}
}

static void
clear_host(struct ip_prefix *prefix)
{
	unsigned whole = prefix->length / 8;

	if (whole < sizeof(prefix->address)) {
		prefix->address[whole] &=
		    (uint8_t)(0xff00u >> prefix->length % 8);
		memset(prefix->address + whole + 1, 0,
		    sizeof(prefix->address) - whole - 1);
	}
}

bool
ip_prefix_parse(struct ip_prefix *out, struct bytes text, enum ip_form form)
{
	struct ip_prefix prefix = { 0 };
	bool slash = text.len > 0 && memchr(text.at, '/', text.len) != NULL;
	struct bytes address = text_cut(&text, '/');
	uint64_t length;

	if (!address_parse(&prefix, address)) {
		return false;
	}
	if (slash) {
		if (!text_uint(text, ip_bits(prefix.family), &length)) {
			return false;
		}
		prefix.length = (uint8_t)length;
	} else if (form == IP_PREFIX_ONLY) {
		return false;
	}
	if (form == IP_QUESTION) {
		clear_host(&prefix);
	}
	if (!ip_prefix_sane(&prefix)) {
		return false;
	}
	*out = prefix;
	return true;
}

void
ip_holder_text(const char *address, char out[IP_TEXT])
{
	struct ip_prefix prefix;
	size_t len = strlen(address);

	if (ip_prefix_parse(&prefix, bytes_of(address, len), IP_LONE_ADDRESS) &&
	    prefix.family == IP_V6) {
		prefix.length = 64;
		clear_host(&prefix);
		(void)ip_prefix_text(&prefix, out);
		return;
	}
	assert(len < IP_TEXT);
	memcpy(out, address, len + 1);
}

void
ip_prefix_last(const struct ip_prefix *prefix, uint8_t out[16])
{
	memcpy(out, prefix->address, 16);
	for (unsigned bit = prefix->length; bit < ip_bits(prefix->family);
	     bit++) {
		out[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
}

int
ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int order;

	if (a->family != b->family) {
		return a->family < b->family ? -1 : 1;
	}
	order = memcmp(a->address, b->address, sizeof(a->address));
	if (order != 0) {
		return order < 0 ? -1 : 1;
	}
	return (a->length > b->length) - (a->length < b->length);
}

/* Are the first `bits` bits the same? */
static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8;
	unsigned mask = 0xff00u >> (bits % 8) & 0xff;

	return memcmp(a, b, whole) == 0 &&
	       (mask == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

bool
ip_prefix_covers(const struct ip_prefix *outer, const struct ip_prefix *inner)
{
	return outer->family == inner->family &&
	       outer->length <= inner->length &&
	       same_bits(outer->address, inner->address, outer->length);
}

/* All but the first bits of a half. */
static uint64_t
beyond(unsigned bits)
{
	return bits < 64 ? UINT64_MAX >> bits : 0;
}

bool
ip_prefix_sane(const struct ip_prefix *prefix)
{
	unsigned length = prefix->length;

	return (prefix->family == IP_V4 || prefix->family == IP_V6) &&
	       length <= ip_bits(prefix->family) &&
	       (ip_half(prefix->address) & beyond(length)) == 0 &&
	       (ip_half(prefix->address + 8) &
		   beyond(length < 64 ? 0 : length - 64)) == 0;
}
