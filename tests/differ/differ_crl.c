/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * differ_crl - our decoder and OpenSSL's on the same octets: what we accept as
 * a CRL, d2i_X509_CRL() must parse, and both must read the same times, number
 * and revoked serial numbers.
 *
 * Every fixture, then each of its octets changed in a few ways.
 */
#include <ftw.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "object/crl.h"

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

	if (theirs == NULL || ASN1_TIME_to_tm(theirs, &tm) != 1) {
		return false;
	}
	clock_to_civil(ours, &c);
	return tm.tm_year + 1900 == c.year && tm.tm_mon + 1 == c.month &&
	       tm.tm_mday == c.day && tm.tm_hour == c.hour &&
	       tm.tm_min == c.minute && tm.tm_sec == c.second;
}

/* Their INTEGER as ours: right-aligned, not negative. */
static bool
octets_of(const ASN1_INTEGER *theirs, uint8_t octets[CERT_SERIAL])
{
	BIGNUM *n = theirs == NULL ? NULL : ASN1_INTEGER_to_BN(theirs, NULL);
	bool good = n != NULL && !BN_is_negative(n) &&
		    BN_bn2binpad(n, octets, CERT_SERIAL) == CERT_SERIAL;

	BN_free(n);
	return good;
}

static bool
same_number(X509_CRL *x, const struct crl *crl)
{
	ASN1_INTEGER *number =
	    X509_CRL_get_ext_d2i(x, NID_crl_number, NULL, NULL);
	uint8_t octets[CERT_SERIAL];
	bool same = octets_of(number, octets) &&
		    memcmp(octets, crl->number, CERT_SERIAL) == 0;

	ASN1_INTEGER_free(number);
	return same;
}

static bool
same_revoked(X509_CRL *x, const struct crl *crl)
{
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(x);
	int count = list == NULL ? 0 : sk_X509_REVOKED_num(list);

	for (int i = 0; i < count; i++) {
		uint8_t serial[CERT_SERIAL];

		if (!octets_of(X509_REVOKED_get0_serialNumber(
				   sk_X509_REVOKED_value(list, i)),
			serial) ||
		    !crl_revokes(crl, serial)) {
			return false;
		}
	}
	return (size_t)count == crl->count;
}

static void
compare(struct bytes in)
{
	const unsigned char *at = in.at;
	struct crl crl;
	X509_CRL *x;

	inputs++;
	if (crl_decode(&crl, in, arena) != FAULT_NONE) {
		return;
	}
	accepted++;
	x = d2i_X509_CRL(NULL, &at, (long)in.len);
	if (x == NULL || at != in.at + in.len) {
		complain("OpenSSL cannot read what we accept");
		X509_CRL_free(x);
		return;
	}
	if (X509_CRL_get_version(x) != 1) {
		complain("another version");
	}
	if (!same_time(X509_CRL_get0_lastUpdate(x), crl.this_update) ||
	    !same_time(X509_CRL_get0_nextUpdate(x), crl.next_update)) {
		complain("other times");
	}
	if (!same_number(x, &crl)) {
		complain("another CRL Number");
	}
	if (!same_revoked(x, &crl)) {
		complain("other serial numbers");
	}
	X509_CRL_free(x);
}

static void
mutate(uint8_t *data, size_t len)
{
	static const uint8_t flips[] = { 0x01, 0x02, 0x20, 0x80, 0xff };

	compare(bytes_of(data, len));
	for (size_t i = 0; i < len; i++) {
		for (size_t f = 0; f < sizeof(flips); f++) {
			data[i] ^= flips[f];
			compare(bytes_of(data, len));
			data[i] ^= flips[f];
		}
		arena_reset(arena);
	}
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *where)
{
	uint8_t data[4096];
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
		mutate(data, len);
	} else {
		compare(bytes_of(data, len));
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
	snprintf(path, sizeof(path), "%s/crl", root == NULL ? "." : root);
	bad =
	    nftw(path, visit, 16, FTW_PHYS) != 0 || wrong > 0 || accepted < 20;
	printf("%sok 1 - %u files, %u inputs, %u accepted, %u differ\n1..1\n",
	    bad ? "not " : "", files, inputs, accepted, wrong);
	arena_free(arena);
	return bad;
}
