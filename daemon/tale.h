/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tale - what /api/v1/explain answers (output/explain.h), told for people.
 *
 * Pure. Texts of the answer may come from repositories: they are escaped.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/octets.h"

/* Append lines for an answer; what it does not have is passed over. False, and
 * nothing is appended, when the text is no JSON object. */
bool tale_put(struct octets *out, struct bytes text);
