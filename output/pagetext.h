/* SPDX-License-Identifier: BSD-2-Clause */
/* pagetext - the lines of output/page.html, ended by NULL. What stands between
 * two @ is replaced (output/page.c). */
#pragma once

extern const char *const pagetext[];
