/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map - octets to pointer: a hash table whose seed no one outside can guess.
 *
 * Keys are copied; values are the caller's. Not for use by two threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct map;

struct map *map_new(void);
void map_free(struct map *map); /* values stay the caller's; NULL is fine */

void *map_get(const struct map *map, struct bytes key); /* NULL: not there */

/* Set key to value (not NULL); returns what stood there before, or NULL. */
void *map_set(struct map *map, struct bytes key, void *value);
void *map_remove(struct map *map, struct bytes key);
size_t map_count(const struct map *map);

/*
 * Walk in no promised order: start with *at = 0; false at the end. The map
 * must not change in between.
 */
bool map_next(const struct map *map, size_t *at, struct bytes *key,
    void **value);
