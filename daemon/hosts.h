/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hosts - skip lists and short lists: files of host names, one a line.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"

/*
 * Read --skiplist and --shortlist into the policy. Lists land in the arena of
 * the settings. False, with *why, at the first line that is no host name.
 */
bool hosts_load(struct policy *policy, const struct settings *all,
    struct octets *why);

/* Append the names in `text`; `path` is for complaints. */
bool hosts_read(struct policy_list *to, struct bytes text, const char *path,
    struct arena *arena, struct octets *why);
