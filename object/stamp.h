/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stamp - points in time as certificates and signed objects write them.
 *
 * Seconds since 1970 UTC. Always to the second and always in Zulu; a second
 * of 60 or a day that no calendar has is time-form.
 */
#pragma once

#include <stdint.h>

#include "object/der.h"

/* The CHOICE Time of certificates and CRLs: UTCTime (1950 to 2049) or, from
 * 2050 on, GeneralizedTime (RFC 5280 4.1.2.5). */
int64_t stamp_time(struct der *d);

/* That of a signing-time: GeneralizedTime before 1950 too (RFC 5652 11.3). */
int64_t stamp_signing(struct der *d);

/* A GeneralizedTime of any year, as manifests use it (RFC 9286 4.2.1). */
int64_t stamp_generalized(struct der *d);
