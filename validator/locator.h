/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * locator - a trust anchor locator with a key that we can use.
 */
#pragma once

#include "payload/tal.h"

/* As tal_read(); and the key must be RSA, as RFC 7935 3 has it. */
enum fault locator_read(struct tal *tal, struct bytes text, unsigned *line,
    struct arena *arena);
