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

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_CONTEXT_0 = 0xa0,
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

/* Begin reading input; faults go to *fault, which must be FAULT_NONE. */
struct der der_open(struct bytes input, enum fault *fault);

/* Is there another value, and nothing wrong so far? */
bool der_more(const struct der *d);

/* Is the next value's tag this one? False at the end or after a fault. */
bool der_next_is(const struct der *d, uint8_t tag);

/* Step over one value with this tag: its content, or a cursor inside it. */
struct bytes der_take(struct der *d, uint8_t tag);
struct der der_enter(struct der *d, uint8_t tag);

/* A non-negative INTEGER no larger than max. */
uint64_t der_uint(struct der *d, uint64_t max);

/* A BIT STRING whose unused bits are zero. */
struct der_bits der_bits(struct der *d);

/* Everything must have been read by now. */
void der_close(const struct der *d);

/* Report a fault of the caller's own; the first one stays. */
void der_fail(const struct der *d, enum fault fault);
