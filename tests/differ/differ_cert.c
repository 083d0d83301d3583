/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * differ_cert - our decoder and OpenSSL's on the same octets: we may be
 * stricter, never laxer. What we accept, d2i_X509() must parse and each of its
 * extensions as well, and both must read the same serial number, times, SKI,
 * key and usage.
 *
 * Every fixture, then each of its octets changed in a few ways, so that about
 * every field is met from both sides.
 */
#include <assert.h>
#include <ftw.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "object/cert.h"

/* A walk by nftw() has nowhere else to count. */
static struct arena *arena;
static unsigned files, inputs, accepted, wrong;

static void
complain(const char *what)
{
	printf("# %s\n", what);
	wrong++;
}

/* By its parts, as a time_t may end in 2038. */
static bool
same_time(const ASN1_TIME *theirs, int64_t ours)
{
	struct clock_civil c;
	struct tm tm;

	if (ASN1_TIME_to_tm(theirs, &tm) != 1) {
		return false;
	}
	clock_to_civil(ours, &c);
	return tm.tm_year + 1900 == c.year && tm.tm_mon + 1 == c.month &&
	       tm.tm_mday == c.day && tm.tm_hour == c.hour &&
	       tm.tm_min == c.minute && tm.tm_sec == c.second;
}

static bool
same_serial(X509 *x, const struct cert *cert)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	uint8_t octets[CERT_SERIAL];
	bool same = n != NULL && !BN_is_negative(n) &&
		    BN_bn2binpad(n, octets, CERT_SERIAL) == CERT_SERIAL &&
		    memcmp(octets, cert->serial, CERT_SERIAL) == 0;

	BN_free(n);
	return same;
}

static bool
same_ski(X509 *x, const struct cert *cert)
{
	const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(x);

	return ski != NULL && ASN1_STRING_length(ski) == KEYID_SIZE &&
	       memcmp(ASN1_STRING_get0_data(ski), cert->ski.at, KEYID_SIZE) ==
		   0;
}

static bool
same_modulus(EVP_PKEY *key, const struct cert *cert)
{
	BIGNUM *n = NULL;
	uint8_t octets[256];
	bool same =
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    BN_bn2binpad(n, octets, sizeof(octets)) == (int)sizeof(octets) &&
	    cert->modulus.len == sizeof(octets) &&
	    memcmp(octets, cert->modulus.at, sizeof(octets)) == 0;

	BN_free(n);
	return same;
}

static bool
same_key(X509 *x, const struct cert *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	unsigned char *point = NULL;
	size_t len;
	bool same;

	if (key == NULL) {
		return false;
	}
	if (cert->kind != CERT_ROUTER) {
		return same_modulus(key, cert);
	}
	len = EVP_PKEY_get1_encoded_public_key(key, &point);
	same = bytes_equal(bytes_of(point, len), cert->point);
	OPENSSL_free(point);
	return same;
}

/* Every extension that OpenSSL knows must be one for it too. */
static bool
reads_extensions(X509 *x)
{
	for (int i = 0; i < X509_get_ext_count(x); i++) {
		X509_EXTENSION *e = X509_get_ext(x, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));
		const X509V3_EXT_METHOD *method = X509V3_EXT_get_nid(nid);
		void *value;

		if (method == NULL) {
			continue;
		}
		value = X509V3_EXT_d2i(e);
		if (value == NULL) {
			return false;
		}
		if (method->it != NULL) {
			ASN1_item_free(value, ASN1_ITEM_ptr(method->it));
		} else {
			method->ext_free(value);
		}
	}
	return (X509_get_extension_flags(x) & EXFLAG_INVALID) == 0;
}

static bool
same_usage(X509 *x, const struct cert *cert)
{
	bool authority = cert->kind == CERT_TA || cert->kind == CERT_CA;

	return X509_get_key_usage(x) == (authority
						? KU_KEY_CERT_SIGN | KU_CRL_SIGN
						: KU_DIGITAL_SIGNATURE) &&
	       (X509_check_ca(x) == 1) == authority;
}

static void
compare(struct bytes in, enum cert_kind kind)
{
	const unsigned char *at = in.at;
	struct cert cert;
	X509 *x;

	inputs++;
	if (cert_decode(&cert, kind, in, arena) != FAULT_NONE) {
		return;
	}
	accepted++;
	x = d2i_X509(NULL, &at, (long)in.len);
	if (x == NULL || at != in.at + in.len) {
		complain("OpenSSL cannot read what we accept");
		X509_free(x);
		return;
	}
	if (!same_serial(x, &cert)) {
		complain("another serial number");
	}
	if (!same_time(X509_get0_notBefore(x), cert.not_before) ||
	    !same_time(X509_get0_notAfter(x), cert.not_after)) {
		complain("other times");
	}
	if (!same_ski(x, &cert)) {
		complain("another SKI");
	}
	if (!same_key(x, &cert)) {
		complain("another key");
	}
	if (!reads_extensions(x)) {
		complain("an extension that OpenSSL cannot read");
	}
	if (!same_usage(x, &cert)) {
		complain("another usage of the key");
	}
	X509_free(x);
}

static void
mutate(uint8_t *data, size_t len, enum cert_kind kind)
{
	static const uint8_t flips[] = { 0x01, 0x20, 0x80, 0xff };

	compare(bytes_of(data, len), kind);
	for (size_t i = 0; i < len; i++) {
		for (size_t f = 0; f < sizeof(flips); f++) {
			data[i] ^= flips[f];
			compare(bytes_of(data, len), kind);
			data[i] ^= flips[f];
		}
		arena_reset(arena);
	}
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *where)
{
	uint8_t data[4096];
	enum cert_kind kind = strstr(path, "/cert/ta/") != NULL   ? CERT_TA
			      : strstr(path, "/cert/ee/") != NULL ? CERT_EE
								  : CERT_CA;
	size_t len;
	FILE *f;

	(void)where;
	if (type != FTW_F || st->st_size > (off_t)sizeof(data)) {
		return 0;
	}
	f = fopen(path, "rb");
	if (f == NULL) {
		return -1;
	}
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	files++;
	if (strstr(path, "/good/") != NULL) {
		mutate(data, len, kind);
	} else {
		compare(bytes_of(data, len), kind);
	}
	return 0;
}

int
main(void)
{
	const char *root = getenv("KEDGE_FIXTURES");
	char path[4096];
	int bad;

	arena = arena_new();
	snprintf(path, sizeof(path), "%s/cert", root == NULL ? "." : root);
	bad =
	    nftw(path, visit, 16, FTW_PHYS) != 0 || wrong > 0 || accepted < 20;
	printf("%sok 1 - %u files, %u inputs, %u accepted, %u differ\n1..1\n",
	    bad ? "not " : "", files, inputs, accepted, wrong);
	arena_free(arena);
	return bad;
}
