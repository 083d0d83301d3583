/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ways - what the settings say about getting out over HTTPS: roots, proxies and
 * the local address.
 */
#pragma once

#include <stdbool.h>

#include "base/octets.h"
#include "daemon/setting.h"

/* False, with *why, at the first that cannot be used. */
bool ways_check(const struct settings *all, struct octets *why);
