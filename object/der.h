/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * der - a strict, bounds-checked reader of DER.
 *
 * A cursor walks over borrowed octets. The first wrong octet sets the fault the
 * cursor shares with its parents; from then on every read returns zero or an
 * empty cursor, so a decoder reads straight down and looks at the fault once.
 * Nothing is copied and nothing is allocated.
 */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

/* A whole identifier octet: class, form and number. */
enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* constructed, as EXPLICIT makes them */
	DER_CONTEXT_1 = 0xa1,
	DER_CONTEXT_2 = 0xa2,
	DER_CONTEXT_3 = 0xa3,
	DER_IMPLICIT_0 = 0x80, /* primitive, in place of a string's tag */
	DER_IMPLICIT_1 = 0x81,
	DER_IMPLICIT_2 = 0x82,
	DER_IMPLICIT_6 = 0x86,
};

struct der {
	const uint8_t *at;  /* next octet to read */
	const uint8_t *end; /* first octet that is not ours */
	enum fault *fault;  /* first fault, shared by the whole tree */
};

struct der_bits {
	struct bytes octets;
	unsigned bits; /* significant bits */
};

/*
 * Begin reading input; faults go to *fault, which is FAULT_NONE at first. Give
 * another cursor's `fault` to read octets found by it as a part of it.
 */
struct der der_open(struct bytes input, enum fault *fault);

/* Is nothing wrong so far? */
static inline bool
der_fine(const struct der *d)
{
	return *d->fault == FAULT_NONE;
}

/* Is there another value, and nothing wrong so far? */
static inline bool
der_more(const struct der *d)
{
	return der_fine(d) && d->at < d->end;
}

/* Is the next value's tag this one? False at the end or after a fault. */
static inline bool
der_next_is(const struct der *d, uint8_t tag)
{
	return der_more(d) && *d->at == tag;
}

/* Step over one value with this tag: its content, or a cursor inside it. */
struct bytes der_take(struct der *d, uint8_t tag);
struct der der_enter(struct der *d, uint8_t tag);

/* The same, with its tag and length octets. */
struct bytes der_whole(struct der *d, uint8_t tag);

/* Step over one value of any tag: all its octets. High tags are refused. */
struct bytes der_skip(struct der *d);

/* Any INTEGER in shortest form: its two's complement octets, never none. */
struct bytes der_integer(struct der *d);

/*
 * A non-negative INTEGER of at most `size` content octets, right-aligned in
 * out[size] with zeros before it: memcmp orders them. `fault` is what it
 * means when the integer is negative or longer.
 */
void der_number(struct der *d, uint8_t *out, size_t size, enum fault fault);

/* An INTEGER from 0 to max; what is well-formed but outside is `fault`. */
uint64_t der_within(struct der *d, uint64_t max, enum fault fault);

/* A version [0] EXPLICIT DEFAULT 0 of 0: not there. `fault` if it is. */
void der_version_zero(struct der *d, enum fault fault);

/* How many values stand before us; the cursor itself stays. */
size_t der_count(struct der d);
/* The same in the lists of all blocks of { OCTET STRING, list }, as address
 * families come: one look ahead, one allocation. */
size_t der_count_listed(struct der blocks);

/* A BIT STRING whose unused bits are zero. */
struct der_bits der_bits(struct der *d);

/* A BOOLEAN, and a BOOLEAN DEFAULT FALSE: not there, or TRUE. */
bool der_boolean(struct der *d);
bool der_flag(struct der *d);

void der_null(struct der *d);

/* An OBJECT IDENTIFIER: its content octets, well-formed. */
struct bytes der_oid(struct der *d);

struct bytes der_octets(struct der *d); /* an OCTET STRING's content */

/* An IA5, Printable or UTF8 string (by `tag`) of the right characters; with
 * DER_IMPLICIT_6 the IA5 string that a URI among GeneralNames is. */
struct bytes der_string(struct der *d, uint8_t tag);

/* May this encoding follow that one in a SET OF (X.690 11.6)? */
bool der_ascend(struct bytes before, struct bytes after);

/* Everything must have been read by now. */
void der_close(const struct der *d);

/* Report a fault of the caller's own; the first one stays. */
void der_fail(const struct der *d, enum fault fault);
