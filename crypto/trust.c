/* SPDX-License-Identifier: BSD-2-Clause */
/* trust - see trust.h. */
#include "crypto/trust.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/mem.h"

struct trust {
	X509_STORE *store;
};

static unsigned
add_all(X509_STORE *store, STACK_OF(X509_INFO) * found)
{
	unsigned count = 0;

	for (int i = 0; i < sk_X509_INFO_num(found); i++) {
		const X509_INFO *info = sk_X509_INFO_value(found, i);

		if (info->x509 != NULL &&
		    X509_STORE_add_cert(store, info->x509) == 1) {
			count++;
		}
	}
	return count;
}

struct trust *
trust_new(struct bytes pem)
{
	struct trust *trust = mem_zero(1, sizeof(*trust));
	STACK_OF(X509_INFO) *found = NULL;
	BIO *bio = NULL;
	unsigned count = 0;

	trust->store = X509_STORE_new();
	if (pem.len > 0 && pem.len <= INT_MAX) {
		bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	}
	if (bio != NULL) {
		found = PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL);
	}
	if (trust->store != NULL && found != NULL) {
		/* An operator's root may be one that others have signed. */
		(void)X509_STORE_set_flags(trust->store,
		    X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
		count = add_all(trust->store, found);
	}
	sk_X509_INFO_pop_free(found, X509_INFO_free);
	BIO_free(bio);
	ERR_clear_error();
	if (count == 0) {
		trust_free(trust);
		return NULL;
	}
	return trust;
}

void
trust_free(struct trust *trust)
{
	if (trust == NULL) {
		return;
	}
	X509_STORE_free(trust->store);
	free(trust);
}

void
trust_lend(const struct trust *trust, void *ssl_ctx)
{
	SSL_CTX_set1_cert_store(ssl_ctx, trust->store);
}
