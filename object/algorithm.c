/* SPDX-License-Identifier: BSD-2-Clause */
/* algorithm - see algorithm.h. */
#include "object/algorithm.h"

#include "object/oid.h"

enum { SIGNATURE_OCTETS = 256 };

struct algorithm_signed
algorithm_open(struct der *top)
{
	struct der both = der_enter(top, DER_SEQUENCE);
	struct algorithm_signed s = { 0 };
	struct der peek = both;
	struct der_bits bits;

	s.tbs_whole = der_whole(&both, DER_SEQUENCE);
	s.tbs = der_enter(&peek, DER_SEQUENCE);
	s.outer = der_whole(&both, DER_SEQUENCE);
	bits = der_bits(&both);
	s.signature = bits.octets;
	s.whole = bits.bits % 8 == 0;
	der_close(&both);
	der_close(top);
	return s;
}

void
algorithm_inner(struct der *tbs, struct bytes outer, struct oddities *odd)
{
	struct der peek = *tbs;
	struct bytes whole = der_whole(tbs, DER_SEQUENCE);
	struct der d = der_enter(&peek, DER_SEQUENCE);
	struct bytes oid = der_oid(&d);

	if (!der_fine(&d)) {
		return;
	}
	if (!bytes_equal(whole, outer)) {
		der_fail(&d, FAULT_SIGNATURE_ALGORITHM_DIFFERS);
	}
	if (!oid_is(oid, OID_SHA256_WITH_RSA)) {
		der_fail(&d, FAULT_SIGNATURE_ALGORITHM);
	}
	if (der_next_is(&d, DER_NULL)) {
		der_null(&d);
	} else if (!der_more(&d)) {
		fault_note(odd, FAULT_SIGNATURE_NULL);
	}
	if (der_more(&d)) {
		der_fail(&d, FAULT_SIGNATURE_ALGORITHM);
	}
}

void
algorithm_size(const struct algorithm_signed *s, const struct der *d)
{
	if (s->signature.len != SIGNATURE_OCTETS || !s->whole) {
		der_fail(d, FAULT_SIGNATURE_SIZE);
	}
}
