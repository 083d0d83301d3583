/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * except - what the rules of SLURM files do to a snapshot, once they are read.
 */
#pragma once

#include "payload/slurm.h"

/* RFC 8416 4.2: no two files may speak of the same address or the same ASN.
 * False, with a line for people in *why, when two do. */
bool except_disjoint(const struct slurm_rule *rules, size_t count,
    struct octets *why);

/* As slurm_apply(). */
const struct snapshot *except_apply(const struct slurm_rule *rules,
    size_t count, const struct snapshot *in, uint64_t *effects);
