/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quota - what each may tell of, where all together have too much to tell.
 *
 * Who has a thousand wrongs must leave room for who has one. Where those who
 * have one are too many as well, some of them tell, of each trust anchor as
 * many as of any other that has so many.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quota;

struct quota *quota_new(size_t anchors);
void quota_free(struct quota *quota); /* NULL is fine */

/* First of all everybody says how much there is; nothing is fine too. */
void quota_ask(struct quota *quota, uint16_t anchor, size_t findings,
    size_t octets);
void quota_ask_walk(struct quota *quota, size_t findings);
/* Once, when all have. */
void quota_settle(struct quota *quota);

/* The turn of one who asked; of the walk, whose findings may be of any anchor,
 * and which may have two. */
void quota_begin(struct quota *quota, uint16_t anchor, size_t findings);
void quota_begin_walk(struct quota *quota);

/* May one more be told, of so many octets? Then it is counted. */
bool quota_take(struct quota *quota, size_t octets);
