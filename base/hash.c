/* SPDX-License-Identifier: BSD-2-Clause */
/* hash - see hash.h. */
#include "base/hash.h"

#include "base/text.h"

static void
write_hex(const uint8_t *at, size_t len, const char digits[16], char *out)
{
	for (size_t i = 0; i < len; i++) {
		*out++ = digits[at[i] >> 4];
		*out++ = digits[at[i] & 15];
	}
	*out = '\0';
}

void
hash_text(const struct hash *hash, char out[HASH_TEXT])
{
	write_hex(hash->at, HASH_SIZE, "0123456789abcdef", out);
}

void
hash_keyid_text(const struct keyid *id, char out[KEYID_TEXT])
{
	write_hex(id->at, KEYID_SIZE, "0123456789ABCDEF", out);
}

bool
hash_parse(struct hash *out, struct bytes text)
{
	struct hash hash;

	if (text.len != 2 * (size_t)HASH_SIZE) {
		return false;
	}
	for (size_t i = 0; i < HASH_SIZE; i++) {
		int high = text_digit(text.at[2 * i]);
		int low = text_digit(text.at[2 * i + 1]);

		if (high < 0 || low < 0) {
			return false;
		}
		hash.at[i] = (uint8_t)(high << 4 | low);
	}
	*out = hash;
	return true;
}
