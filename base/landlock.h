/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * landlock - which files and ports a process reaches, and whom it signals.
 *
 * Within base/ only: sandbox.h is for the others.
 */
#pragma once

#include "base/sandbox.h"

/* Confine this process for good; the bits of sandbox.h that hold then. What the
 * kernel is too old for is left out, and no_new_privs must be set. */
unsigned landlock_enter(enum sandbox_role role,
    const struct sandbox_path *paths, size_t count);
