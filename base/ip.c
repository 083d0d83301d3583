/* SPDX-License-Identifier: BSD-2-Clause */
/* ip - see ip.h. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"

void
ip_address_text(const uint8_t address[16], unsigned family, char out[IP_TEXT])
{
	const char *text = inet_ntop(family == IP_V4 ? AF_INET : AF_INET6,
	    address, out, IP_TEXT);

	assert(text != NULL);
	(void)text;
}

void
ip_prefix_text(const struct ip_prefix *prefix, char out[IP_TEXT])
{
	size_t len;

	ip_address_text(prefix->address, prefix->family, out);
	len = strlen(out);
	snprintf(out + len, IP_TEXT - len, "/%u", prefix->length);
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

bool
ip_prefix_parse(struct ip_prefix *out, struct bytes text, enum ip_lone lone)
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
	} else if (lone != IP_LONE_ADDRESS) {
		return false;
	}
	if (!ip_prefix_sane(&prefix)) {
		return false;
	}
	*out = prefix;
	return true;
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

bool
ip_prefix_sane(const struct ip_prefix *prefix)
{
	unsigned at = prefix->length / 8;

	if ((prefix->family != IP_V4 && prefix->family != IP_V6) ||
	    prefix->length > ip_bits(prefix->family)) {
		return false;
	}
	if (at < 16 &&
	    (prefix->address[at] & (0xff >> (prefix->length % 8))) != 0) {
		return false;
	}
	for (at++; at < 16; at++) {
		if (prefix->address[at] != 0) {
			return false;
		}
	}
	return true;
}
