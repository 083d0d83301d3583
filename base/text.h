/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text - strict reading and safe writing of the small things.
 *
 * Readers take all of the text or nothing: no sign, blank, leading zero or
 * rest is tolerated. Writers never let a control character through.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/octets.h"

/* Decimal digits without leading zero, at most max. */
bool text_uint(struct bytes text, uint64_t max, uint64_t *out);

/* The digits of a number, without a NUL; where they end. Millions of these a
 * table: the printf family takes ten times as long. */
enum { TEXT_DIGITS = 20 };
char *text_decimal(char out[TEXT_DIGITS], uint64_t number);

/* "AS64496", "as64496" or "64496". */
bool text_asn(struct bytes text, uint32_t *out);

static inline struct bytes
text_bytes(const char *text)
{
	return bytes_of(text, strlen(text));
}

bool text_same(struct bytes text, const char *word);
/* The same but for the case of ASCII letters. */
bool text_same_word(struct bytes text, const char *word);

/* The part before the first `sep`; *text moves past it. All of it if none. */
struct bytes text_cut(struct bytes *text, char sep);
struct bytes text_trim(struct bytes text); /* blanks and tabs at both ends */
/* How many lines; the last may be empty or not ended. */
size_t text_lines(struct bytes text);

/* The value of a hexadecimal digit of either case, or -1. */
int text_digit(uint8_t digit);
void text_hex(struct octets *out, struct bytes data);
void text_hex_upper(struct octets *out, struct bytes data);
bool text_from_hex(struct octets *out, struct bytes text);

enum text_base64 {
	TEXT_BASE64,          /* standard alphabet, padded */
	TEXT_BASE64_UNPADDED, /* standard alphabet, no padding */
	TEXT_BASE64URL,       /* URL alphabet, no padding (RFC 4648 5) */
};
void text_base64(struct octets *out, struct bytes data, enum text_base64 kind);

/* Strict: right alphabet, padding as the kind says, zero spare bits. */
bool text_from_base64(struct octets *out, struct bytes text,
    enum text_base64 kind);

/* Is it UTF-8 from end to end? */
bool text_utf8(struct bytes text);

/* Printable ASCII as it is, everything else as \xHH: for logs and terminals. */
void text_escape(struct octets *out, struct bytes raw);
/* The inside of a JSON string; bad UTF-8 becomes U+FFFD. */
void text_json(struct octets *out, struct bytes raw);

/* NUL-ended copy of borrowed octets. */
char *text_copy(struct arena *arena, struct bytes text);

/* How many single edits lie between two words: for "did you mean". */
unsigned text_distance(const char *a, const char *b);
