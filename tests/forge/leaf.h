/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leaf - what a leaf of a tree could say instead: values at the borders of the
 * rules for its tag, or a little more or less than it says.
 */
#pragma once

#include "tests/forge/luck.h"
#include "tests/forge/tree.h"

/* False: nothing to be changed here. */
bool leaf_change(struct luck *luck, struct node *node);

/* A leaf's octets, to be written to. */
uint8_t *leaf_own(struct luck *luck, struct node *node);
