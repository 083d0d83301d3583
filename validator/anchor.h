/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * anchor - from a TAL to a trust anchor certificate that can be believed
 * (RFC 8630 3, RFC 10097).
 *
 * The URIs in their order until one gives a certificate of the TAL's key that
 * is valid now; the one kept from before when none does, or when it is newer.
 */
#pragma once

#include "object/cert.h"
#include "validator/fetcher.h"

/* Fills in result->certificate, kept, from, fault and detail. */
void anchor_fetch(struct fetcher *self, struct fetcher_result *result);

/* The one kept from before, without asking anybody: certificate and kept, or
 * fault. */
void anchor_recall(const struct fetcher_desk *desk,
    struct fetcher_result *result);
