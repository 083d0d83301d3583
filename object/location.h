/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * location - the extensions that say where things are: AIA, SIA and CRL
 * distribution points (RFC 6487 4.8.6 to 4.8.8).
 *
 * Each reads the content of one extension into the URIs of *cert. Of several
 * URIs for one thing the first acceptable one counts; a CRL and a signed object
 * are where any of theirs says.
 */
#pragma once

#include "object/cert.h"
#include "object/der.h"

void location_crl_points(struct der *d, struct cert *cert, struct arena *arena);
void location_authority(struct der *d, struct cert *cert, struct arena *arena);
/* By cert->kind: a CA's places, or those of an EE's object. */
void location_subject(struct der *d, struct cert *cert, struct arena *arena);
