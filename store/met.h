/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * met - what a run has led to: anchors, repositories, CAs, and the answers
 * about them.
 *
 * For sweep, where there is little room: who leads a run to other places and
 * keys each time must not have all of them kept for days.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"

struct met;

struct met *met_new(void);
void met_free(struct met *met); /* NULL is fine */

void met_note_anchor(struct met *met, const struct hash *spki);
void met_note_repository(struct met *met, uint32_t number);
void met_note_answer(struct met *met, const struct hash *key);
void met_note_ca(struct met *met, const struct keyid *ca, const char *manifest);

bool met_anchor(const struct met *met, const struct hash *spki);
bool met_repository(const struct met *met, uint32_t number);
bool met_answer(const struct met *met, struct bytes key);
/* By the key of a row of store/lastgood.h, and by what that begins with. */
bool met_ca(const struct met *met, struct bytes key);
bool met_ca_key(const struct met *met, const struct keyid *ca);
