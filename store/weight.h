/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weight - how much of the store each repository takes.
 *
 * It matters only while the store is getting full: what a repository weighed
 * then stands in its row, and whoever gives out shares looks there.
 */
#pragma once

#include "store/kv.h"

/* Weigh all of them, and note in each row what has changed. An object that
 * several list weighs for the oldest of them. 0 or -errno. */
int weight_note(struct kv *kv);
/* There is room again: nobody weighs anything. */
int weight_forget(struct kv *kv);
