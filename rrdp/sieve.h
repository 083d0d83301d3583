/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sieve - look at raw octets before an XML parser sees them.
 *
 * RRDP needs elements, attributes, text and perhaps a comment. Everything
 * else that XML can do is refused here, in one pass without memory: octets
 * beyond US-ASCII, document types, processing instructions, CDATA, tags and
 * runs of blanks that are longer than any honest one.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

enum sieve_state {
	SIEVE_TEXT,   /* between tags */
	SIEVE_OPENED, /* just behind '<' */
	SIEVE_TAG,    /* inside a tag, outside quotes */
	SIEVE_QUOTED, /* inside an attribute's value */
	SIEVE_BANG,   /* behind "<!": only a comment may follow */
	SIEVE_COMMENT,
	SIEVE_DECLARATION, /* the XML declaration, only as the first octets */
	SIEVE_STATES
};

struct sieve {
	enum sieve_state state;
	uint8_t quote;     /* the one that ends SIEVE_QUOTED */
	uint8_t matched;   /* octets of what ends the state, seen so far */
	uint64_t octets;   /* before this one */
	uint32_t length;   /* of the tag or declaration */
	uint32_t blank;    /* blanks in a row between tags */
	uint32_t comments; /* octets of all comments */
	uint8_t declaration[256];
};

/* Zero-initialise, then feed everything in order; the first fault is final.
 * Faults: rrdp-ascii, rrdp-doctype, rrdp-markup, rrdp-tag, rrdp-blank. */
enum fault sieve_feed(struct sieve *sieve, struct bytes more);
