/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * date - times as HTTP has them (RFC 9110 5.6.7). Written in one form, read in
 * three: the two of old are still to be understood.
 *
 *	Sun, 06 Nov 1994 08:49:37 GMT
 *	Sunday, 06-Nov-94 08:49:37 GMT
 *	Sun Nov  6 08:49:37 1994
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { DATE_TEXT = 40 };

void date_write(int64_t when, char out[DATE_TEXT]);

/* False when it is none of these, or another day of the week. */
bool date_read(int64_t *when, struct bytes text);
