/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd - ASPA customers with more providers than a set may hold.
 *
 * The ceiling is on what all ASPAs of a customer say together (ASPA profile
 * 5), so that no single object can be told by itself. Sealing leaves such a
 * customer out whole; here is found whose objects brought that about.
 */
#pragma once

#include <stdbool.h>

#include "base/hash.h"
#include "payload/item.h"
#include "validator/walk.h"

struct crowd;

struct crowd *crowd_new(void);
void crowd_free(struct crowd *crowd);

/* Of all that the points of a walk have said. */
struct crowd *crowd_of(const struct walk *walk);

/* Copies. */
void crowd_add(struct crowd *crowd, const struct aspa *aspa, const char *uri,
    const struct hash *object, const struct spot *spot);

/* Each object of each customer with more providers than `most`. */
typedef void crowd_each_fn(void *arg, const char *uri,
    const struct hash *object, const struct spot *spot);
void crowd_each(struct crowd *crowd, size_t most, crowd_each_fn *each,
    void *arg);

/* Has this customer more? */
bool crowd_over(struct crowd *crowd, uint32_t customer, size_t most);
