/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reception - where a running service is asked: what it shows of itself, and
 * the verbs of the control socket. `arg` is the service throughout.
 */
#pragma once

#include "base/octets.h"
#include "output/view.h"

/* What HTTP and `kedge status` are told. */
struct view_source reception_source(void *arg);

/* As control.h wants it. */
bool reception_answer(void *arg, const char *line, struct octets *out);
