/* SPDX-License-Identifier: BSD-2-Clause */
/* bird - for BIRD: a whole file, or bare lines to be put into one. */
#pragma once

#include "output/format.h"

void bird_write(struct pen *pen, const struct format_input *input);
void bird_write_roas(struct pen *pen, const struct format_input *input);
void bird_write_routes(struct pen *pen, const struct format_input *input);
