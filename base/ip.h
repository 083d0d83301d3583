/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ip - addresses and prefixes as values, in one order.
 *
 * Addresses are 16 octets in network order; IPv4 uses the first four and
 * leaves the rest zero.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum ip_family { IP_V4 = 1, IP_V6 = 2 }; /* as in RFC 3779 */

enum { IP_TEXT = 64 };

struct ip_prefix {
	uint8_t address[16]; /* zero beyond length */
	uint8_t family;      /* enum ip_family */
	uint8_t length;      /* bits */
};

static inline unsigned
ip_bits(unsigned family)
{
	return family == IP_V4 ? 32 : 128;
}

/* Eight octets of an address as a number, in their order; so written that it is
 * one load. */
static inline uint64_t
ip_half(const uint8_t *at)
{
	return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 |
	       (uint64_t)at[2] << 40 | (uint64_t)at[3] << 32 |
	       (uint64_t)at[4] << 24 | (uint64_t)at[5] << 16 |
	       (uint64_t)at[6] << 8 | (uint64_t)at[7];
}

/* "192.0.2.0/24", "2001:db8::/32" (RFC 5952), and how long that is. */
size_t ip_prefix_text(const struct ip_prefix *prefix, char out[IP_TEXT]);
void ip_address_text(const uint8_t address[16], unsigned family,
    char out[IP_TEXT]);

/* Where a connection comes from: IPv4 also where IPv6 carries it, "local" for
 * other families. */
struct sockaddr;
void ip_socket_text(const struct sockaddr *from, char out[IP_TEXT]);

/* Who has the address that such a text names: itself, or the IPv6 network of 64
 * bits around it, for a host can have every address of its network. */
void ip_holder_text(const char *address, char out[IP_TEXT]);

/* Host bits must be zero; a lone address may stand for a host prefix, or, in a
 * question, an address with a length for the prefix around it. */
enum ip_form { IP_PREFIX_ONLY, IP_LONE_ADDRESS, IP_QUESTION };
bool ip_prefix_parse(struct ip_prefix *out, struct bytes text,
    enum ip_form form);

/* Its last address. */
void ip_prefix_last(const struct ip_prefix *prefix, uint8_t out[16]);

/* family, address, length: a total order. */
int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b);

/* Does `outer` contain `inner` (or equal it)? */
bool ip_prefix_covers(const struct ip_prefix *outer,
    const struct ip_prefix *inner);

/* Is every bit beyond length zero, and length within the family? */
bool ip_prefix_sane(const struct ip_prefix *prefix);
