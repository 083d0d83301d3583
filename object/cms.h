/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cms - the envelope of every signed object (RFC 6488, 9589).
 *
 * Opens the envelope and checks all that it alone can show: DER, one EE
 * certificate, one signer, signed attributes, message digest. Signatures are
 * checked by validator/chain, cheap checks first. Whether `type` is what the
 * file's name promises is for the caller to compare (object/kind.h).
 *
 * signing-time is mandatory since RFC 9589 and its lack is a fault: objects of
 * before 2024 may lack it, but all of those have since expired or been renewed,
 * and the peers reject them too. Its value decides nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"
#include "object/cert.h"

struct cms {
	struct bytes type;         /* eContentType, content octets of the OID */
	struct bytes content;      /* eContent octets, lent by the input */
	struct bytes certificate;  /* the EE's, whole */
	struct cert ee;            /* decoded; CERT_EE */
	struct hash signed_digest; /* SHA-256 of signedAttrs as SET OF */
	struct bytes signature;    /* 256 octets, by the EE's key */
	bool has_signing_time;
	int64_t signing_time;
	struct oddities odd;
};

enum cms_profile {
	CMS_PROFILE_PUBLISHED, /* the EE carries SIA signedObject */
	CMS_PROFILE_BARE,      /* RSC: the EE has no SIA (RFC 9323 2) */
};

enum fault cms_open(struct cms *cms, enum cms_profile profile, struct bytes der,
    struct arena *arena);
