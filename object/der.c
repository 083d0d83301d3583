/* SPDX-License-Identifier: BSD-2-Clause */
/* der - see der.h. Definite, shortest-form lengths of at most four octets. */
#include "object/der.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

/* What nothing points to: never NULL, so that arithmetic is defined. */
static const uint8_t nothing[1];

struct der
der_open(struct bytes input, enum fault *fault)
{
	const uint8_t *at = input.at == NULL ? nothing : input.at;

	assert(input.at != NULL || input.len == 0);
	return (struct der){
		.at = at,
		.end = at + input.len,
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

struct bytes
der_whole(struct der *d, uint8_t tag)
{
	const uint8_t *from = d->at;

	der_take(d, tag);
	return der_fine(d) ? bytes_of(from, (size_t)(d->at - from))
			   : (struct bytes){ 0 };
}

struct bytes
der_skip(struct der *d)
{
	/* Number 31 announces a longer tag; universal 0 ends BER contents. */
	if (der_more(d) && ((*d->at & 0x1f) == 0x1f || *d->at == 0)) {
		der_fail(d, FAULT_DER_TAG);
	}
	return der_whole(d, der_more(d) ? *d->at : 0);
}

struct bytes
der_integer(struct der *d)
{
	struct bytes b = der_take(d, DER_INTEGER);

	if (!der_fine(d)) {
		return (struct bytes){ 0 };
	}
	if (b.len == 0 ||
	    (b.len > 1 && b.at[0] == 0 && (b.at[1] & 0x80) == 0) ||
	    (b.len > 1 && b.at[0] == 0xff && (b.at[1] & 0x80) != 0)) {
		der_fail(d, FAULT_DER_INTEGER);
		return (struct bytes){ 0 };
	}
	return b;
}

void
der_number(struct der *d, uint8_t *out, size_t size, enum fault fault)
{
	struct bytes b = der_integer(d);

	memset(out, 0, size);
	if (!der_fine(d)) {
		return;
	}
	if ((b.at[0] & 0x80) != 0 || b.len > size) {
		der_fail(d, fault);
		return;
	}
	memcpy(out + size - b.len, b.at, b.len);
}

uint64_t
der_within(struct der *d, uint64_t max, enum fault fault)
{
	uint8_t octets[9];
	uint64_t value = 0;

	der_number(d, octets, sizeof(octets), fault);
	for (size_t i = 1; i < sizeof(octets); i++) {
		value = value << 8 | octets[i];
	}
	if (der_fine(d) && (octets[0] != 0 || value > max)) {
		der_fail(d, fault);
	}
	return der_fine(d) ? value : 0;
}

void
der_version_zero(struct der *d, enum fault fault)
{
	struct der field;

	if (der_next_is(d, DER_CONTEXT_0)) {
		field = der_enter(d, DER_CONTEXT_0);
		(void)der_integer(&field);
		der_close(&field);
		der_fail(d, fault);
	}
}

size_t
der_count(struct der d)
{
	size_t n = 0;

	while (der_more(&d)) {
		der_skip(&d);
		n++;
	}
	return n;
}

size_t
der_count_listed(struct der blocks)
{
	size_t n = 0;

	while (der_more(&blocks)) {
		struct der block = der_enter(&blocks, DER_SEQUENCE);

		der_octets(&block);
		n += der_count(der_enter(&block, DER_SEQUENCE));
	}
	return n;
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

bool
der_boolean(struct der *d)
{
	struct bytes b = der_take(d, DER_BOOLEAN);

	if (!der_fine(d)) {
		return false;
	}
	if (b.len != 1 || (b.at[0] != 0 && b.at[0] != 0xff)) {
		der_fail(d, FAULT_DER_BOOLEAN);
		return false;
	}
	return b.at[0] != 0;
}

bool
der_flag(struct der *d)
{
	if (!der_next_is(d, DER_BOOLEAN)) {
		return false;
	}
	if (!der_boolean(d)) {
		der_fail(d, FAULT_DER_DEFAULT);
		return false;
	}
	return true;
}

void
der_null(struct der *d)
{
	if (der_take(d, DER_NULL).len != 0) {
		der_fail(d, FAULT_DER_NULL);
	}
}

struct bytes
der_oid(struct der *d)
{
	struct bytes b = der_take(d, DER_OID);
	bool begins = true; /* does a subidentifier begin here? */

	if (!der_fine(d)) {
		return (struct bytes){ 0 };
	}
	for (size_t i = 0; i < b.len; i++) {
		if (begins && b.at[i] == 0x80) {
			der_fail(d, FAULT_DER_OID);
		}
		begins = (b.at[i] & 0x80) == 0;
	}
	if (b.len == 0 || !begins) {
		der_fail(d, FAULT_DER_OID);
	}
	return der_fine(d) ? b : (struct bytes){ 0 };
}

struct bytes
der_octets(struct der *d)
{
	return der_take(d, DER_OCTET_STRING);
}

static bool
all_printable(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		uint8_t c = b.at[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool digit = c >= '0' && c <= '9';

		if (!letter && !digit &&
		    (c == 0 || strchr(" '()+,-./:=?", c) == NULL)) {
			return false;
		}
	}
	return true;
}

static bool
all_ascii(struct bytes b)
{
	uint64_t word, all = 0;

	for (; b.len >= sizeof(word);
	     b = bytes_of(b.at + sizeof(word), b.len - sizeof(word))) {
		memcpy(&word, b.at, sizeof(word));
		all |= word;
	}
	for (size_t i = 0; i < b.len; i++) {
		all |= b.at[i];
	}
	return (all & UINT64_C(0x8080808080808080)) == 0;
}

struct bytes
der_string(struct der *d, uint8_t tag)
{
	struct bytes b = der_take(d, tag);

	assert(tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING ||
	       tag == DER_IA5_STRING || tag == DER_IMPLICIT_6);
	if (!der_fine(d)) {
		return (struct bytes){ 0 };
	}
	if (tag == DER_UTF8_STRING        ? !text_utf8(b)
	    : tag == DER_PRINTABLE_STRING ? !all_printable(b)
					  : !all_ascii(b)) {
		der_fail(d, FAULT_DER_STRING);
		return (struct bytes){ 0 };
	}
	return b;
}

bool
der_ascend(struct bytes before, struct bytes after)
{
	size_t len = before.len < after.len ? before.len : after.len;
	int order = len == 0 ? 0 : memcmp(before.at, after.at, len);

	return order < 0 || (order == 0 && before.len <= after.len);
}

void
der_close(const struct der *d)
{
	if (d->at < d->end) {
		der_fail(d, FAULT_DER_TRAILING);
	}
}
