/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel - what was said, kept beside the database to be said again.
 *
 *	format (1 octet)  checksum (8)  key (32)  from (8)  until (8)  content
 *
 * There is one, under a key and for a time that are the caller's. It is made
 * aside and takes the place of the last one whole; nothing of it is believed
 * before all of it was read. Nobody needs the run lock for that. A run that
 * may write to the database removes it (store_open()).
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"

#define REEL_FILE  "reel"
#define REEL_ASIDE "reel.new"

struct reel_label {
	struct hash key;
	int64_t from, until; /* both inside */
};

struct reel;

/* Begin one. -EEXIST: somebody is about it, or died of it; or -errno. */
int reel_begin(struct reel **reel, const char *dir);
/* What goes wrong here reel_keep() tells. */
void reel_add(struct reel *reel, struct bytes content);
/* Either ends it. What could not be kept whole is not kept. */
int reel_keep(struct reel *reel, const struct reel_label *label);
void reel_drop(struct reel *reel); /* NULL is fine */

/* Its content, until it is left. -ENOENT: none of this key and time, or
 * damaged; or -errno. */
int reel_find(struct bytes *content, const char *dir, const struct hash *key,
    int64_t now);
void reel_leave(struct bytes content);
