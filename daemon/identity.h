/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * identity - stop being root: become the user that was asked for, for good.
 */
#pragma once

#include <stdbool.h>

#include "base/octets.h"

/*
 * Who is not root stays who he is. Either name may be NULL; a user without a
 * group takes its own group. False, with *why, when that user is not known or
 * we may not become it.
 */
bool identity_become(const char *user, const char *group, struct octets *why);

/* Let a file be that user's and group's, when we are root and are to become
 * them. False, with *why. */
bool identity_give(const char *user, const char *group, const char *path,
    struct octets *why);
