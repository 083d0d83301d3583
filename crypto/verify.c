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
#include "crypto/lanes.h"

/* DigestInfo for SHA-256 up to the digest itself (RFC 8017 9.2). */
static const uint8_t digest_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
	0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
	0x20 };

enum { DIGEST_AT = KEY_RSA_OCTETS - HASH_SIZE };

/* So few are quicker one by one. */
enum { FEW = 2 };

struct verifier {
	BN_CTX *scratch;
	uint8_t expected[KEY_RSA_OCTETS]; /* all but the digest is constant */
	unsigned long count;
	/* While deferring: who waits, and whether one was bad already. */
	bool deferring, spoilt;
	unsigned waiting;
	unsigned long deferred; /* the count before */
	struct lane lanes[LANES];
	struct hash digests[LANES];
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

static bool
is_encoded(struct verifier *v, const uint8_t message[KEY_RSA_OCTETS],
    const struct hash *digest)
{
	memcpy(v->expected + DIGEST_AT, digest->at, HASH_SIZE);
	return memcmp(message, v->expected, KEY_RSA_OCTETS) == 0;
}

static bool
look(struct verifier *v, struct key *key, const struct hash *digest,
    struct bytes signature)
{
	uint8_t message[KEY_RSA_OCTETS];

	return key_raise(key, signature, v->scratch, message) &&
	       is_encoded(v, message, digest);
}

static bool
look_once(struct verifier *v, struct bytes modulus, const struct hash *digest,
    struct bytes signature)
{
	struct key *key = key_rsa(modulus);
	bool good = key != NULL && look(v, key, digest, signature);

	key_free(key);
	return good;
}

/* At who waits; lanes without anybody do what the first does. */
static bool
look_at_lanes(struct verifier *v)
{
	uint8_t messages[LANES][KEY_RSA_OCTETS];
	bool good = true;

	for (unsigned i = v->waiting; i < LANES; i++) {
		v->lanes[i] = v->lanes[0];
	}
	lanes_raise(v->lanes, messages);
	for (unsigned i = 0; good && i < v->waiting; i++) {
		good = is_encoded(v, messages[i], &v->digests[i]);
	}
	return good;
}

static bool
look_one_by_one(struct verifier *v)
{
	bool good = true;

	for (unsigned i = 0; good && i < v->waiting; i++) {
		good =
		    look_once(v, bytes_of(v->lanes[i].modulus, KEY_RSA_OCTETS),
			&v->digests[i],
			bytes_of(v->lanes[i].number, KEY_RSA_OCTETS));
	}
	return good;
}

static void
look_at_waiting(struct verifier *v)
{
	if (!v->spoilt) {
		v->spoilt = !(
		    v->waiting <= FEW ? look_one_by_one(v) : look_at_lanes(v));
	}
	v->waiting = 0;
}

/* Copied, since whose it is may be gone by then. */
static bool
wait_for_others(struct verifier *v, struct bytes modulus,
    const struct hash *digest, struct bytes signature)
{
	struct lane *lane = &v->lanes[v->waiting];

	if (memcmp(signature.at, modulus.at, KEY_RSA_OCTETS) >= 0) {
		return false;
	}
	memcpy(lane->modulus, modulus.at, KEY_RSA_OCTETS);
	memcpy(lane->number, signature.at, KEY_RSA_OCTETS);
	v->digests[v->waiting++] = *digest;
	if (v->waiting == LANES) {
		look_at_waiting(v);
	}
	return true;
}

bool
verify_rsa(struct verifier *v, struct key *key, const struct hash *digest,
    struct bytes signature)
{
	if (signature.len != KEY_RSA_OCTETS) {
		return false;
	}
	v->count++;
	return v->deferring
		   ? wait_for_others(v, key_modulus(key), digest, signature)
		   : look(v, key, digest, signature);
}

bool
verify_once(struct verifier *v, struct bytes modulus, const struct hash *digest,
    struct bytes signature)
{
	if (!key_fit(modulus) || signature.len != KEY_RSA_OCTETS) {
		return false;
	}
	v->count++;
	return v->deferring ? wait_for_others(v, modulus, digest, signature)
			    : look_once(v, modulus, digest, signature);
}

void
verify_defer(struct verifier *v)
{
	v->deferring = lanes_here();
	v->spoilt = false;
	v->deferred = v->count;
}

bool
verify_settle(struct verifier *v)
{
	bool good;

	look_at_waiting(v);
	good = !v->spoilt;
	if (!good) {
		v->count = v->deferred;
	}
	v->deferring = v->spoilt = false;
	return good;
}

bool
verify_spoilt(const struct verifier *v)
{
	return v->spoilt;
}

unsigned long
verify_count(const struct verifier *v)
{
	return v->count;
}
