/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scanner - look at raw octets before an XML parser sees them.
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

enum scanner_state {
	SCANNER_TEXT,   /* between tags */
	SCANNER_OPENED, /* just behind '<' */
	SCANNER_TAG,    /* inside a tag, outside quotes */
	SCANNER_QUOTED, /* inside an attribute's value */
	SCANNER_BANG,   /* behind "<!": only a comment may follow */
	SCANNER_COMMENT,
	SCANNER_DECLARATION, /* the XML declaration, only as the first octets */
	SCANNER_STATES
};

struct scanner {
	enum scanner_state state;
	uint8_t quote;     /* the one that ends SCANNER_QUOTED */
	uint8_t matched;   /* octets of what ends the state, seen so far */
	uint64_t octets;   /* before this one */
	uint32_t length;   /* of the tag or declaration */
	uint32_t blank;    /* blanks in a row between tags */
	uint32_t comments; /* octets of all comments */
	uint8_t declaration[256];
};

/* Zero-initialise, then feed everything in order; the first fault is final.
 * Faults: rrdp-ascii, rrdp-doctype, rrdp-markup, rrdp-tag, rrdp-blank. */
enum fault scanner_feed(struct scanner *scanner, struct bytes more);
