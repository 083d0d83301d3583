/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest - see digest.h.
 *
 * WHY: what is hashed at once takes OpenSSL's older functions. SHA256() looks
 * its algorithm up by name at every call, which costs six times the hashing of
 * a URI, and a run hashes tens of thousands of them.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base/mem.h"

struct digester {
	EVP_MD *sha256;
	EVP_MD_CTX *stream;
};

/*
 * OpenSSL fails at these calls only for want of memory or of its default
 * provider: the machine is broken and no octets can be judged.
 */
static void
must(bool done)
{
	if (!done) {
		abort();
	}
}

struct digester *
digest_new(void)
{
	struct digester *d = mem_zero(1, sizeof(*d));

	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->stream = EVP_MD_CTX_new();
	must(d->sha256 != NULL && d->stream != NULL);
	return d;
}

void
digest_free(struct digester *d)
{
	if (d == NULL) {
		return;
	}
	EVP_MD_CTX_free(d->stream);
	EVP_MD_free(d->sha256);
	free(d);
}

void
digest_begin(struct digester *d)
{
	must(EVP_DigestInit_ex2(d->stream, d->sha256, NULL) == 1);
}

void
digest_add(struct digester *d, struct bytes more)
{
	must(EVP_DigestUpdate(d->stream, more.at, more.len) == 1);
}

void
digest_end(struct digester *d, struct hash *out)
{
	must(EVP_DigestFinal_ex(d->stream, out->at, NULL) == 1);
}

void
digest_of_pieces(const struct bytes *pieces, size_t count, struct hash *out)
{
	SHA256_CTX c;

	must(SHA256_Init(&c) == 1);
	for (size_t i = 0; i < count; i++) {
		must(SHA256_Update(&c, pieces[i].at, pieces[i].len) == 1);
	}
	must(SHA256_Final(out->at, &c) == 1);
}

void
digest_of(struct bytes octets, struct hash *out)
{
	digest_of_pieces(&octets, 1, out);
}

void
digest_keyid(struct bytes key_bits, struct keyid *out)
{
	SHA_CTX c;

	must(SHA1_Init(&c) == 1);
	must(SHA1_Update(&c, key_bits.at, key_bits.len) == 1);
	must(SHA1_Final(out->at, &c) == 1);
}
