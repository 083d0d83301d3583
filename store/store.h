/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - the cache folder as a whole: lock, format, damage, one environment.
 *
 * Opening for writing takes the run lock. A store that is damaged or of
 * another format is set aside (renamed) and begun anew: never trusted, never
 * fatal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "store/kv.h"

struct store;

struct store_config {
	const char *dir;
	uint64_t map_octets;
	enum kv_mode mode;
	bool fresh;           /* begin with nothing */
	int64_t lock_wait_ms; /* for the run lock; 0: do not wait */
	/* Called once the run lock is held and before the database is looked
	 * at; true: that one is to be set aside. May be NULL. */
	bool (*locked)(void *arg);
	void *arg;
};

/* -EBUSY: another run holds the lock; -ENOENT: read-only and nothing there. */
int store_open(struct store **store, const struct store_config *config,
    struct log *log);
/* Closes; a database that store_blame() found wanting is set aside. */
void store_close(struct store *store);
/* A write failed with rc: is the database itself the cause? */
void store_blame(struct store *store, int rc);
struct kv *store_kv(struct store *store);

/* Folder for rsync's trees, "DIR/rsync", and for spools, "DIR/tmp". */
const char *store_rsync_dir(const struct store *store);
const char *store_spool_dir(const struct store *store);
