/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * specimen - some octets, taken for what they are and decoded as far as it
 * goes, to be shown.
 *
 * Judging reads an object as what its name says and throws it away at the
 * first fault. Here what was read before the fault stays, and octets that are
 * plainly something else than their name says are read as what they are.
 */
#pragma once

#include "payload/tal.h"
#include "validator/signed.h"

enum specimen_sort {
	SPECIMEN_STRANGE, /* nothing we know */
	SPECIMEN_CERT,
	SPECIMEN_CRL,
	SPECIMEN_SIGNED,
	SPECIMEN_TAL,
	SPECIMEN_RRDP, /* notification, snapshot or delta */
	SPECIMEN_SORTS
};

struct specimen {
	const char *name; /* of the file, or its URI */
	struct bytes octets;
	struct hash hash;
	enum specimen_sort sort;
	enum kind kind;    /* by content; of a signed object: which */
	enum kind claimed; /* by name; KIND_UNKNOWN: it says nothing */
	enum fault fault;  /* by itself, as what it is said to be */
	unsigned line;     /* of a TAL: where */
	union {
		struct cert cert;
		struct crl crl;
		struct signed_content content;
		struct tal tal;
	};
};

/* `uri` NULL: it is not known where it is published. All that is decoded
 * borrows from octets and arena. */
void specimen_read(struct specimen *specimen, const char *name, const char *uri,
    struct bytes octets, struct arena *arena);

/* Its certificate: itself, or a signed object's; NULL: it has none. */
const struct cert *specimen_cert(const struct specimen *specimen);

/* The key that must have signed it; false: it does not say. */
bool specimen_issuer(const struct specimen *specimen, struct keyid *key);

/* What it should have been and what was let pass, by label. */
const struct oddities *specimen_odd(const struct specimen *specimen,
    size_t which);
enum { SPECIMEN_ODDS = 3 };
