/* SPDX-License-Identifier: BSD-2-Clause */
/* checksum - see checksum.h. */
#include "base/checksum.h"

#include "base/sip.h"

enum { WORD = 8 };

void
checksum_begin(struct checksum *sum, uint64_t seed)
{
	const uint64_t key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

	*sum = (struct checksum){ .length = 0 };
	sip_begin(sum->v, key);
	if (seed != 0) {
		sip_word(sum->v, seed);
	}
}

/* The state in variables of its own, or each word would pass through memory. */
static void
add_words(uint64_t state[4], struct bytes *more)
{
	uint64_t v[4] = { state[0], state[1], state[2], state[3] };
	const uint8_t *at = more->at;
	const uint8_t *end = at + more->len / WORD * WORD;

	for (; at < end; at += WORD) {
		sip_word(v, sip_load(at));
	}
	memcpy(state, v, sizeof(v));
	*more = bytes_of(at, more->len % WORD);
}

void
checksum_add(struct checksum *sum, struct bytes more)
{
	size_t held = sum->length % WORD;

	if (more.len == 0) {
		return;
	}
	sum->length += more.len;
	if (held != 0) {
		size_t want = WORD - held;
		size_t n = more.len < want ? more.len : want;

		memcpy(sum->rest + held, more.at, n);
		more = bytes_of(more.at + n, more.len - n);
		if (n < want) {
			return;
		}
		sip_word(sum->v, sip_load(sum->rest));
	}
	add_words(sum->v, &more);
	if (more.len > 0) {
		memcpy(sum->rest, more.at, more.len);
	}
}

uint64_t
checksum_end(struct checksum *sum)
{
	sip_word(sum->v,
	    sum->length << 56 | sip_read(sum->rest, sum->length % WORD));
	return sip_end(sum->v);
}

uint64_t
checksum_of(uint64_t seed, struct bytes octets)
{
	struct checksum sum;

	checksum_begin(&sum, seed);
	checksum_add(&sum, octets);
	return checksum_end(&sum);
}
