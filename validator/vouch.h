/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vouch - does a CA of the cache stand behind an object that its manifest may
 * not list: a checklist, or an object that is not published yet? And does an
 * object of which no CA is known stand by itself?
 */
#pragma once

#include "validator/roster.h"
#include "validator/specimen.h"

/*
 * Judge it as if the manifest of this point, which was believed, listed it:
 * key, time, resources, CRL, signatures. FAULT_NONE: the CA vouches for it.
 */
enum fault vouch_for(const struct walk *walk, const struct roster *roster,
    const struct specimen *specimen, struct arena *arena);

/*
 * What was decoded without a fault, and what judging would find in it whoever
 * the issuer is: a signature that the key beside it did not make, a manifest
 * that contradicts its own certificate, a TAK of another key than its issuer's.
 */
enum fault vouch_alone(const struct specimen *specimen);
