/* SPDX-License-Identifier: BSD-2-Clause */
/* sha256 - see sha256.h. */
#include "object/sha256.h"

#include "object/oid.h"

void
sha256_read(struct der *d, enum fault fault)
{
	struct der algorithm = der_enter(d, DER_SEQUENCE);

	if (!oid_is(der_oid(&algorithm), OID_SHA256)) {
		der_fail(d, fault);
	}
	if (der_next_is(&algorithm, DER_NULL)) {
		der_null(&algorithm);
	}
	if (der_more(&algorithm)) {
		der_fail(d, fault);
	}
}
