/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * anchors - which trust anchors a run starts from, as the settings say.
 *
 * Looks only at the surface of a TAL; what is in it is the engine's to judge.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"

/*
 * Put TALs and their constraints into the policy; texts land in the arena of
 * the settings. False, with *why, where one cannot be read or two share a name.
 */
bool anchors_load(struct policy *policy, const struct settings *all,
    struct octets *why);

/* What `kedge tals` prints. */
void anchors_print(struct octets *out);
