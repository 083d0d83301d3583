/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes - a borrowed run of octets: where it begins and how long it is.
 *
 * Never owns, never frees. Whoever made the octets says how long they live.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *at;
	size_t len;
};

static inline struct bytes
bytes_of(const void *at, size_t len)
{
	return (struct bytes){ .at = at, .len = len };
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
