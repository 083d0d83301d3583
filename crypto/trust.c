/* SPDX-License-Identifier: BSD-2-Clause */
/* trust - see trust.h. */
#include "crypto/trust.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"

typedef X509 *read_fn(X509 **out, const unsigned char **at, long len);

struct root {
	X509_NAME *subject;
	unsigned char *der;
	long len;
	read_fn *read;
	X509 *full; /* once asked for; under the store's lock */
};

struct trust {
	X509_STORE *store;
	X509_LOOKUP_METHOD *method;
	struct root *roots;
	size_t count, room;
};

/* --- when a chain asks */

static X509 *
read_in_full(X509_STORE *store, struct root *root)
{
	const unsigned char *at = root->der;

	(void)X509_STORE_lock(store);
	if (root->full == NULL) {
		root->full = root->read(NULL, &at, root->len);
	}
	(void)X509_STORE_unlock(store);
	return root->full;
}

static int
add_in_full(const struct trust *trust, struct root *root)
{
	X509 *full = read_in_full(trust->store, root);

	return full != NULL && X509_STORE_add_cert(trust->store, full) == 1;
}

static bool
is_called(const struct root *root, const X509_NAME *name)
{
	return X509_NAME_cmp(root->subject, name) == 0;
}

/* OpenSSL asks for what its store does not have yet. */
static int
on_subject(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name,
    X509_OBJECT *answer)
{
	const struct trust *trust = X509_LOOKUP_get_method_data(lookup);
	int found = 0;

	for (size_t i = 0;
	     type == X509_LU_X509 && found == 0 && i < trust->count; i++) {
		struct root *root = &trust->roots[i];

		if (is_called(root, name) && add_in_full(trust, root)) {
			found = X509_OBJECT_set1_X509(answer, root->full);
			X509_free(root->full); /* what asks counts once more */
		}
	}
	return found;
}

/* --- what there is */

enum step { STEP_INTO, STEP_PAST };

/* Where the next value begins; NULL where there is none. */
static const unsigned char *
go(const unsigned char *at, const unsigned char *end, enum step step)
{
	enum { UNUSABLE = 0x80 | 0x01 }; /* broken; of no definite length */
	long len;
	int tag, class;

	if (at == NULL || at == end ||
	    (ASN1_get_object(&at, &len, &tag, &class, end - at) & UNUSABLE) !=
		0) {
		return NULL;
	}
	return step == STEP_INTO ? at : at + len;
}

/* Of a certificate, nothing else of it being looked at. */
static X509_NAME *
read_subject(const unsigned char *der, long len)
{
	enum { FORM = 0xa0, BEFORE_SUBJECT = 4 }; /* [0] version */
	const unsigned char *end = der + len;
	const unsigned char *at = go(go(der, end, STEP_INTO), end, STEP_INTO);

	if (at != NULL && at != end && *at == FORM) {
		at = go(at, end, STEP_PAST);
	}
	for (int i = 0; i < BEFORE_SUBJECT; i++) {
		at = go(at, end, STEP_PAST);
	}
	return at == NULL ? NULL : d2i_X509_NAME(NULL, &at, end - at);
}

static read_fn *
reader_of(const char *title)
{
	if (strcmp(title, PEM_STRING_X509) == 0 ||
	    strcmp(title, PEM_STRING_X509_OLD) == 0) {
		return d2i_X509;
	}
	return strcmp(title, PEM_STRING_X509_TRUSTED) == 0 ? d2i_X509_AUX
							   : NULL;
}

static bool
is_noted(const struct trust *trust, const struct root *root)
{
	for (size_t i = 0; i < trust->count; i++) {
		if (trust->roots[i].len == root->len &&
		    memcmp(trust->roots[i].der, root->der, (size_t)root->len) ==
			0) {
			return true;
		}
	}
	return false;
}

/* Takes the root. */
static void
note_root(struct trust *trust, struct root *root)
{
	if (root->read != NULL && !is_noted(trust, root)) {
		root->subject = read_subject(root->der, root->len);
	}
	if (root->subject == NULL) {
		OPENSSL_free(root->der);
		return;
	}
	trust->roots = array_room(trust->roots, trust->count, &trust->room,
	    sizeof(*trust->roots));
	trust->roots[trust->count++] = *root;
}

/* A block that is broken costs itself. */
static void
note_all(struct trust *trust, BIO *pem)
{
	int left;

	do {
		struct root root = { 0 };
		char *title, *header;

		left = BIO_pending(pem);
		if (PEM_read_bio(pem, &title, &header, &root.der, &root.len) ==
		    1) {
			root.read = reader_of(title);
			OPENSSL_free(title);
			OPENSSL_free(header);
			note_root(trust, &root);
		}
	} while (BIO_pending(pem) < left);
}

/* --- the whole */

static int
set_up_store(struct trust *trust)
{
	X509_LOOKUP *lookup;

	trust->store = X509_STORE_new();
	trust->method = X509_LOOKUP_meth_new("by name");
	if (trust->store == NULL || trust->method == NULL) {
		return 0;
	}
	X509_LOOKUP_meth_set_get_by_subject(trust->method, on_subject);
	lookup = X509_STORE_add_lookup(trust->store, trust->method);
	if (lookup == NULL) {
		return 0;
	}
	X509_LOOKUP_set_method_data(lookup, trust);
	/* An operator's root may be one that others have signed. */
	return X509_STORE_set_flags(trust->store,
	    X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
}

/* Nor does it ask once it has one of a name: and whoever looks while another
 * thread adds them one by one would find the wrong one alone. Few have a
 * namesake. */
static void
add_namesakes(const struct trust *trust)
{
	for (size_t i = 0; i < trust->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (is_called(&trust->roots[k],
				trust->roots[i].subject)) {
				(void)add_in_full(trust, &trust->roots[k]);
				(void)add_in_full(trust, &trust->roots[i]);
			}
		}
	}
}

struct trust *
trust_new(struct bytes pem)
{
	struct trust *trust = mem_zero(1, sizeof(*trust));
	BIO *bio = NULL;

	if (pem.len > 0 && pem.len <= INT_MAX) {
		bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	}
	if (bio != NULL) {
		note_all(trust, bio);
	}
	BIO_free(bio);
	ERR_clear_error();
	if (trust->count == 0 || set_up_store(trust) != 1) {
		trust_free(trust);
		return NULL;
	}
	add_namesakes(trust);
	ERR_clear_error();
	return trust;
}

void
trust_free(struct trust *trust)
{
	if (trust == NULL) {
		return;
	}
	X509_STORE_free(trust->store);
	X509_LOOKUP_meth_free(trust->method);
	for (size_t i = 0; i < trust->count; i++) {
		X509_NAME_free(trust->roots[i].subject);
		OPENSSL_free(trust->roots[i].der);
		X509_free(trust->roots[i].full);
	}
	free(trust->roots);
	free(trust);
}

void
trust_lend(const struct trust *trust, void *ssl_ctx)
{
	SSL_CTX_set1_cert_store(ssl_ctx, trust->store);
}
