/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * portrait - what a specimen says, field by field, on a sheet.
 *
 * Of an object that is wrong, what had been read before the fault is shown.
 */
#pragma once

#include "base/arena.h"
#include "object/resources.h"
#include "validator/sheet.h"
#include "validator/specimen.h"

/* What is on every sheet before anything is known of the content. */
void portrait_head(const struct specimen *specimen, struct sheet *sheet);

/* Its content, whatever the sort. A fault of an RRDP document, which is only
 * read here, is put into the specimen. */
void portrait_body(struct specimen *specimen, struct sheet *sheet,
    struct arena *arena);
