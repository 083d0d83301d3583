/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits - every ceiling, with who could exceed it. Most are defaults that an
 * option of the same name moves; doc/design.md section 10 decides the values.
 */
#pragma once

enum limit {
#define LIMIT(name, value, text) LIMIT_##name = value,
#include "base/limits.def"
#undef LIMIT
};
