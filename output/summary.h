/* SPDX-License-Identifier: BSD-2-Clause */
/* summary - counts for people. */
#pragma once

#include "output/format.h"

void summary_write(struct pen *pen, const struct format_input *input);
