/* SPDX-License-Identifier: BSD-2-Clause */
/* der - see der.h. Definite, shortest-form lengths of at most four octets. */
#include "object/der.h"

struct der
der_open(struct bytes input, enum fault *fault)
{
	return (struct der){
		.at = input.at,
		.end = input.at + input.len,
		.fault = fault,
	};
}

void
der_fail(const struct der *d, enum fault fault)
{
	if (*d->fault == FAULT_NONE) {
		*d->fault = fault;
	}
}

bool
der_more(const struct der *d)
{
	return *d->fault == FAULT_NONE && d->at < d->end;
}

bool
der_next_is(const struct der *d, uint8_t tag)
{
	return der_more(d) && *d->at == tag;
}

/* Read a length and move past it; false (with a fault) when it is not DER. */
static bool
read_length(struct der *d, size_t *len)
{
	size_t octets;

	if (d->at == d->end) {
		der_fail(d, FAULT_DER_TRUNCATED);
		return false;
	}
	*len = *d->at++;
	if (*len < 0x80) {
		return true;
	}
	octets = *len & 0x7f;
	if (octets == 0 || octets > 4) {
		der_fail(d, FAULT_DER_LENGTH);
		return false;
	}
	if ((size_t)(d->end - d->at) < octets) {
		der_fail(d, FAULT_DER_TRUNCATED);
		return false;
	}
	*len = 0;
	for (size_t i = 0; i < octets; i++) {
		*len = *len << 8 | d->at[i];
	}
	if (d->at[0] == 0 || *len < 0x80) {
		der_fail(d, FAULT_DER_LENGTH);
		return false;
	}
	d->at += octets;
	return true;
}

struct bytes
der_take(struct der *d, uint8_t tag)
{
	struct bytes none = { 0 };
	struct bytes content;
	size_t len;

	if (*d->fault != FAULT_NONE) {
		return none;
	}
	if (d->at == d->end) {
		der_fail(d, FAULT_DER_TRUNCATED);
		return none;
	}
	if (*d->at != tag) {
		der_fail(d, FAULT_DER_TAG);
		return none;
	}
	d->at++;
	if (!read_length(d, &len)) {
		return none;
	}
	if ((size_t)(d->end - d->at) < len) {
		der_fail(d, FAULT_DER_TRUNCATED);
		return none;
	}
	content = bytes_of(d->at, len);
	d->at += len;
	return content;
}

struct der
der_enter(struct der *d, uint8_t tag)
{
	struct bytes content = der_take(d, tag);

	if (content.at == NULL) {
		content = bytes_of(d->at, 0);
	}
	return der_open(content, d->fault);
}

uint64_t
der_uint(struct der *d, uint64_t max)
{
	struct bytes b = der_take(d, DER_INTEGER);
	uint64_t value = 0;

	if (*d->fault != FAULT_NONE) {
		return 0;
	}
	if (b.len == 0 || (b.at[0] & 0x80) != 0 ||
	    (b.len > 1 && b.at[0] == 0 && (b.at[1] & 0x80) == 0)) {
		der_fail(d, FAULT_DER_INTEGER);
		return 0;
	}
	if (b.len > 9 || (b.len == 9 && b.at[0] != 0)) {
		der_fail(d, FAULT_DER_RANGE);
		return 0;
	}
	for (size_t i = 0; i < b.len; i++) {
		value = value << 8 | b.at[i];
	}
	if (value > max) {
		der_fail(d, FAULT_DER_RANGE);
		return 0;
	}
	return value;
}

struct der_bits
der_bits(struct der *d)
{
	struct der_bits none = { 0 };
	struct bytes b = der_take(d, DER_BIT_STRING);
	unsigned unused;

	if (*d->fault != FAULT_NONE) {
		return none;
	}
	if (b.len == 0 || b.at[0] > 7 || (b.len == 1 && b.at[0] != 0)) {
		der_fail(d, FAULT_DER_BITS);
		return none;
	}
	unused = b.at[0];
	if (b.len > 1 && (b.at[b.len - 1] & ((1u << unused) - 1)) != 0) {
		der_fail(d, FAULT_DER_BITS);
		return none;
	}
	return (struct der_bits){
		.octets = bytes_of(b.at + 1, b.len - 1),
		.bits = (unsigned)(b.len - 1) * 8 - unused,
	};
}

void
der_close(const struct der *d)
{
	if (d->at < d->end) {
		der_fail(d, FAULT_DER_TRAILING);
	}
}
