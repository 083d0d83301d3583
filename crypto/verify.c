/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify - see verify.h.
 *
 * The encoded message is rebuilt and compared whole (RFC 8017 8.2.2): padding
 * is never parsed, so there is nothing in it to be lenient about.
 */
#include "crypto/verify.h"

#include <openssl/bn.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* DigestInfo for SHA-256 up to the digest itself (RFC 8017 9.2). */
static const uint8_t digest_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
	0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
	0x20 };

enum { DIGEST_AT = KEY_RSA_OCTETS - HASH_SIZE };

struct verifier {
	BN_CTX *scratch;
	uint8_t expected[KEY_RSA_OCTETS]; /* all but the digest is constant */
	unsigned long count;
};

struct verifier *
verify_new(void)
{
	struct verifier *v = mem_zero(1, sizeof(*v));
	size_t info_at = DIGEST_AT - sizeof(digest_info);

	v->scratch = BN_CTX_new();
	if (v->scratch == NULL) {
		abort();
	}
	memset(v->expected, 0xff, sizeof(v->expected));
	v->expected[0] = 0;
	v->expected[1] = 1;
	v->expected[info_at - 1] = 0;
	memcpy(v->expected + info_at, digest_info, sizeof(digest_info));
	return v;
}

void
verify_free(struct verifier *v)
{
	if (v == NULL) {
		return;
	}
	BN_CTX_free(v->scratch);
	free(v);
}

bool
verify_rsa(struct verifier *v, struct key *key, const struct hash *digest,
    struct bytes signature)
{
	uint8_t message[KEY_RSA_OCTETS];

	if (signature.len != KEY_RSA_OCTETS) {
		return false;
	}
	v->count++;
	if (!key_raise(key, signature, v->scratch, message)) {
		return false;
	}
	memcpy(v->expected + DIGEST_AT, digest->at, HASH_SIZE);
	return memcmp(message, v->expected, KEY_RSA_OCTETS) == 0;
}

unsigned long
verify_count(const struct verifier *v)
{
	return v->count;
}
