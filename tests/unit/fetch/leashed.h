/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leashed - a folder of a test's own with a launcher whose program is a script.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetch/launcher.h"

struct leashed {
	char top[64];    /* the test's */
	char dir[80];    /* "top/rsync": the launcher's */
	char folder[96]; /* "top/rsync/0": an order's */
	struct launcher *launcher;
};

/* `script` is what /bin/sh runs; NULL: the real rsync. */
void leashed_make(struct leashed *l, const char *script, unsigned children);
void leashed_remove(struct leashed *l);

/* "top/name", good until the next call with the same buffer. */
const char *leashed_path(const struct leashed *l, const char *name,
    char out[256]);
void leashed_write(const char *path, const char *text, size_t times);
/* The number in a file of the order's folder, which must come soon. */
long leashed_number(const struct leashed *l, const char *name);
/* Is this process gone, or about to be? */
bool leashed_gone(long pid);
