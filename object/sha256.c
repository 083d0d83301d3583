/* SPDX-License-Identifier: BSD-2-Clause */
/* sha256 - see sha256.h. */
#include "object/sha256.h"

#include "object/oid.h"

void
sha256_read(struct der *d, enum fault fault)
{
	struct der algorithm = der_enter(d, DER_SEQUENCE);
	struct bytes oid = der_oid(&algorithm);

	if (der_more(&algorithm) && oid_is(oid, OID_SHA256)) {
		der_null(&algorithm);
		der_close(&algorithm);
	}
	if (!oid_is(oid, OID_SHA256)) {
		der_fail(d, fault);
	}
}
