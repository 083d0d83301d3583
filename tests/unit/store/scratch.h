/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scratch - a folder and a database of a test's own, gone with it.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "store/kv.h"

struct scratch {
	char dir[64];
	struct kv *kv;
};

enum { SCRATCH_MAP = 16 << 20 };

/* A new folder under /tmp, or $TMPDIR; the database is opened by need. */
void scratch_make(struct scratch *s);
void scratch_open(struct scratch *s, uint64_t map);
void scratch_remove(struct scratch *s);

/* cmocka's setup and teardown: *state is a scratch with a database. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

struct kv_txn *scratch_read(struct scratch *s);
struct kv_txn *scratch_write(struct scratch *s);
void scratch_commit(struct kv_txn *txn);

/* The hash of a text. */
struct hash scratch_hash(const char *text);
/* "dir/name", good until the next call with the same buffer. */
const char *scratch_path(const struct scratch *s, const char *name,
    char out[128]);
void scratch_file(const struct scratch *s, const char *name, const void *octets,
    size_t len);
