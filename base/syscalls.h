/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syscalls - which system calls there are for a process (the door to
 * libseccomp).
 *
 * Within base/ only: sandbox.h is for the others.
 */
#pragma once

#include "base/sandbox.h"

/* Confine this process for good; the bits of sandbox.h that hold then. With no
 * `child` it may send signals to itself alone. no_new_privs must be set. */
unsigned syscalls_enter(enum sandbox_role role, pid_t child);
