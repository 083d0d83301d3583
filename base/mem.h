/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mem - allocation that cannot fail: no memory means no process.
 */
#pragma once

#include <stddef.h>

void *mem_zero(size_t count, size_t size);
void *mem_grow(void *old, size_t count, size_t size);
void *mem_copy(const void *from, size_t size);
char *mem_text(const char *text); /* a copy; NULL gives NULL */
