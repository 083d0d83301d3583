/* SPDX-License-Identifier: BSD-2-Clause */
/* rpsl - route objects, for tools that read an IRR. */
#pragma once

#include "output/format.h"

void rpsl_write(struct pen *pen, const struct format_input *input);
