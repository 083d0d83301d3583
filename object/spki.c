/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spki - see spki.h.
 *
 *   SubjectPublicKeyInfo  { { rsaEncryption, NULL }, BIT STRING of }
 *   RSAPublicKey          { modulus, publicExponent }
 */
#include "object/spki.h"

#include "crypto/digest.h"
#include "object/der.h"
#include "object/oid.h"

enum { EXPONENT = 65537, MODULUS = 256 };

static struct bytes
read_modulus(struct der_bits bits, enum fault *fault)
{
	struct der top = der_open(bits.octets, fault);
	struct der key = der_enter(&top, DER_SEQUENCE);
	struct bytes n = der_integer(&key);

	if (der_within(&key, EXPONENT, FAULT_CERT_KEY_EXPONENT) != EXPONENT) {
		der_fail(&key, FAULT_CERT_KEY_EXPONENT);
	}
	der_close(&key);
	der_close(&top);
	/* A sign octet and then exactly 2048 bits, the last of them set. */
	if (n.len != MODULUS + 1 || n.at[0] != 0 || (n.at[MODULUS] & 1) == 0) {
		der_fail(&top, FAULT_CERT_KEY_SIZE);
		return (struct bytes){ 0 };
	}
	return bytes_of(n.at + 1, MODULUS);
}

bool
spki_is_rsa(struct bytes whole, struct bytes *modulus)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(whole, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);
	struct der algorithm = der_enter(&seq, DER_SEQUENCE);
	struct bytes oid = der_oid(&algorithm);
	struct der_bits bits;
	struct bytes n;

	der_null(&algorithm);
	der_close(&algorithm);
	bits = der_bits(&seq);
	der_close(&seq);
	der_close(&top);
	if (fault != FAULT_NONE || !oid_is(oid, OID_RSA_ENCRYPTION) ||
	    bits.bits % 8 != 0) {
		return false;
	}
	n = read_modulus(bits, &fault);
	if (fault != FAULT_NONE) {
		return false;
	}
	if (modulus != NULL) {
		*modulus = n;
	}
	return true;
}

bool
spki_keyid(struct bytes whole, struct keyid *out)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(whole, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);
	struct der_bits bits;

	der_skip(&seq);
	bits = der_bits(&seq);
	if (fault != FAULT_NONE) {
		return false;
	}
	digest_keyid(bits.octets, out);
	return true;
}
