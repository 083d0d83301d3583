/* SPDX-License-Identifier: BSD-2-Clause */
/* statustext - how kedge does, as lines of `key: value`. */
#pragma once

#include "output/pen.h"
#include "output/still.h"

void statustext_write(struct pen *pen, const struct still *still);
