/* SPDX-License-Identifier: BSD-2-Clause */
/* json - payload as JSON, in Routinator's shapes and in rpki-client's. */
#pragma once

#include "output/format.h"

void json_write(struct pen *pen, const struct format_input *input);
void json_write_ext(struct pen *pen, const struct format_input *input);
void json_write_rpkiclient(struct pen *pen, const struct format_input *input);
