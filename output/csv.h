/* SPDX-License-Identifier: BSD-2-Clause */
/* csv - VRPs as tables. */
#pragma once

#include "output/format.h"

void csv_write(struct pen *pen, const struct format_input *input);
void csv_write_compat(struct pen *pen, const struct format_input *input);
void csv_write_ext(struct pen *pen, const struct format_input *input);
void csv_write_rpkiclient(struct pen *pen, const struct format_input *input);
