/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * algorithm - what is signed and how, alike in certificates and CRLs.
 */
#pragma once

#include "base/fault.h"
#include "object/der.h"

/* SIGNED{}: the two halves of a certificate or CRL. */
struct algorithm_signed {
	struct der tbs;         /* inside it */
	struct bytes tbs_whole; /* what is signed: with tag and length */
	struct bytes outer;     /* AlgorithmIdentifier, whole */
	struct bytes signature;
	bool whole; /* its last octet is */
};

/* Read SIGNED{} from the whole of a file. */
struct algorithm_signed algorithm_open(struct der *top);

/*
 * The AlgorithmIdentifier inside tbs: sha256WithRSAEncryption (RFC 7935 2)
 * and the same octets as the one outside.
 */
void algorithm_inner(struct der *tbs, struct bytes outer, struct oddities *odd);

/* Last, since another algorithm or a key of another size is why it is wrong:
 * the signature is as long as RFC 7935 3 makes it. */
void algorithm_size(const struct algorithm_signed *s, const struct der *d);
