/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits - every ceiling, with who could exceed it. Most are defaults that an
 * option of the same name moves; doc/design.md section 10 decides the values.
 */
#pragma once

/* Each an enum of its own: among larger ones a small one is no longer an int
 * (C23, and gcc from 13 on), and would make others unsigned. */
#define LIMIT(name, value, text) enum { LIMIT_##name = value };
#include "base/limits.def"
#undef LIMIT
