/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sha256 - the AlgorithmIdentifier of the one digest there is (RFC 7935 2).
 */
#pragma once

#include "object/der.h"

/*
 * Step over an AlgorithmIdentifier of id-sha256, parameters absent or NULL
 * (RFC 5754 2); any other well-formed one is `fault`.
 */
void sha256_read(struct der *d, enum fault fault);
