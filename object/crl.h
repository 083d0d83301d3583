/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crl - certificate revocation lists (RFC 6487 5, RFC 9829).
 *
 * The profile and the list; signature and time are for validator/chain.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"
#include "object/cert.h"

struct crl_entry {
	uint8_t serial[CERT_SERIAL]; /* right-aligned, zero-padded */
	int64_t when;                /* it was revoked */
};

struct crl {
	struct bytes der, tbs, signature;
	struct bytes issuer;
	int64_t this_update, next_update;
	struct keyid aki;
	uint8_t number[CERT_SERIAL]; /* right-aligned, zero-padded */
	size_t count;
	const struct crl_entry *entries; /* by serial, in the arena */
	struct oddities odd;
};

enum fault crl_decode(struct crl *crl, struct bytes der, struct arena *arena);

bool crl_revokes(const struct crl *crl, const uint8_t serial[CERT_SERIAL]);
