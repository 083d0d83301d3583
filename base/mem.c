/* SPDX-License-Identifier: BSD-2-Clause */
/* mem - see mem.h. */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
die(void)
{
	fputs("kedge: out of memory\n", stderr);
	abort();
}

void *
mem_zero(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (p == NULL) {
		die();
	}
	return p;
}

void *
mem_grow(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count, size);

	if (p == NULL) {
		die();
	}
	return p;
}

void *
mem_copy(const void *from, size_t size)
{
	void *p = mem_zero(1, size == 0 ? 1 : size);

	if (size > 0) {
		memcpy(p, from, size);
	}
	return p;
}

char *
mem_text(const char *text)
{
	return text == NULL ? NULL : mem_copy(text, strlen(text) + 1);
}
