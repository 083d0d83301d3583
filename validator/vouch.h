/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vouch - does a CA of the cache stand behind an object that its manifest may
 * not list: a checklist, or an object that is not published yet?
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
