/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value - from the text of one setting to its value and back.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"

/* Is the text good for this row? Where the value is a number, it comes out. */
bool value_read(const struct setting_row *row, const char *text,
    uint64_t *number);

/* Say that the text is not good, and what would be. */
void value_wanted(struct octets *why, const struct setting_row *row,
    const char *text);

/* The value as a configuration file has it; lists give item i. */
void value_print(struct octets *out, const struct setting_row *row,
    const struct setting *setting, size_t i);
