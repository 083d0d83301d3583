/* SPDX-License-Identifier: BSD-2-Clause */
/* slurmfile - the payload as assertions of a SLURM file, versions 1 and 2. */
#pragma once

#include "output/format.h"

void slurmfile_write(struct pen *pen, const struct format_input *input);
void slurmfile_write_2(struct pen *pen, const struct format_input *input);
