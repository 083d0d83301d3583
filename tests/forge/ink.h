/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ink - writes DER, and writes it wrong where it is told to.
 *
 * Every element may carry a name. When an element is closed, the edits for its
 * name are applied to it; what encloses it gets its length afterwards, so a
 * change deep inside leaves the rest well formed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum edit_how {
	EDIT_SET,        /* the whole element becomes the value */
	EDIT_DROP,       /* nothing is left of it */
	EDIT_BEFORE,     /* the value stands before it */
	EDIT_AFTER,      /* the value stands after it */
	EDIT_INSIDE,     /* its content becomes the value */
	EDIT_APPEND,     /* the value ends its content */
	EDIT_TAG,        /* its first octet becomes the value's */
	EDIT_FLIP,       /* the last bit of it is turned over */
	EDIT_TWICE,      /* it stands there two times */
	EDIT_SWAP,       /* its first two children change places */
	EDIT_LONG,       /* its length takes four octets more than needed */
	EDIT_INDEFINITE, /* its length is indefinite, as BER has it */
};

struct edit {
	const struct edit *next; /* applied in this order */
	const char *field;
	enum edit_how how;
	struct bytes value;
};

struct mutant;

struct ink {
	uint8_t *at;
	size_t len;
	size_t room;
	const struct edit *edits;
	const char *prefix;    /* stands before every name; NULL: none */
	struct mutant *mutant; /* spoils what is to be signed; NULL: nobody */
};

struct ink_mark {
	size_t at;
	const char *name;
	uint8_t tag;
};

enum {
	INK_BOOL = 0x01,
	INK_INT = 0x02,
	INK_BITS = 0x03,
	INK_OCTETS = 0x04,
	INK_NULL = 0x05,
	INK_OID = 0x06,
	INK_UTF8 = 0x0c,
	INK_PRINTABLE = 0x13,
	INK_IA5 = 0x16,
	INK_UTC = 0x17,
	INK_TIME = 0x18,
	INK_SEQ = 0x30,
	INK_SET = 0x31,
	INK_CTX = 0xa0, /* constructed, context; add the number */
	INK_URI = 0x86, /* GeneralName of the URI kind */
};

void ink_clear(struct ink *k);
void ink_raw(struct ink *k, const void *at, size_t len);

/* name may be NULL: then no edit reaches the element. */
struct ink_mark ink_open(struct ink *k, uint8_t tag, const char *name);
void ink_close(struct ink *k, struct ink_mark mark);

void ink_put(struct ink *k, uint8_t tag, const char *name,
    struct bytes content);
void ink_text(struct ink *k, uint8_t tag, const char *name, const char *text);
/* An element that is already DER. */
void ink_der(struct ink *k, const char *name, struct bytes element);
void ink_uint(struct ink *k, const char *name, uint64_t value);
/* Unsigned, most significant octet first. */
void ink_big(struct ink *k, const char *name, struct bytes number);
void ink_oid(struct ink *k, const char *name, const char *dotted);
/* UTCTime until 2049, GeneralizedTime after, or always with INK_TIME. */
void ink_time(struct ink *k, uint8_t tag, const char *name, int64_t when);
/* A BIT STRING of whole octets. */
void ink_bits(struct ink *k, const char *name, struct bytes content);
/* A BIT STRING of the first `bits` bits. */
void ink_prefix(struct ink *k, const char *name, const uint8_t *address,
    unsigned bits);

static inline struct bytes
ink_bytes(const struct ink *k)
{
	return bytes_of(k->at, k->len);
}
