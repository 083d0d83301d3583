/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree - DER as a tree that can be bent: read, changed by its links, written.
 *
 * What an OCTET STRING or BIT STRING holds is a part of the tree where it is
 * DER itself. Lengths are made anew when it is written, in the form a node
 * asks for.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "tests/forge/ink.h"

enum tree_form {
	FORM_DER,
	FORM_PADDED,     /* in more octets than needed */
	FORM_INDEFINITE, /* as BER has it */
	FORM_SHORT,      /* one less than there is */
	FORM_LONG,       /* one more than there is */
	FORM_HUGE,       /* four octets of ones */
	FORM_HIGH_TAG,   /* the tag's number in an octet of its own */
	TREE_FORMS
};

struct node {
	struct node *next;  /* after this in the same parent */
	struct node *child; /* NULL: leaf is the content */
	uint8_t tag;
	enum tree_form form;
	unsigned times; /* written so often */
	bool bits;      /* a BIT STRING around DER: no bits are unused */
	struct bytes leaf;
};

/* What must not be looked into: it was signed before. */
enum tree_shut {
	SHUT_NOTHING,
	SHUT_FIRST, /* the first child: of a certificate or CRL */
	SHUT_SIGNED /* content, certificates and attributes: of a CMS object */
};

/* NULL: not DER all through. Lives in the arena, leaves stay where they are. */
struct node *tree_read(struct arena *arena, struct bytes der,
    enum tree_shut shut);

/* A copy with all below it, and nothing after it. */
struct node *tree_copy(struct arena *arena, const struct node *node);

/* The node and all after it. */
void tree_write(struct ink *k, const struct node *node);
