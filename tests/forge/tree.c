/* SPDX-License-Identifier: BSD-2-Clause */
/* tree - see tree.h. */
#include "tests/forge/tree.h"

#include <string.h>

struct reader {
	struct arena *arena;
	enum tree_shut shut;
};

enum { DEEPEST = 40 };

/* Tag and length before the content: how many octets; 0: not DER. */
static size_t
header(struct bytes in, size_t *len)
{
	size_t octets;

	if (in.len < 2 || in.at[0] == 0 || (in.at[0] & 0x1f) == 0x1f) {
		return 0;
	}
	*len = in.at[1];
	octets = *len & 0x7f;
	if (*len < 0x80) {
		return in.len - 2 < *len ? 0 : 2;
	}
	if (octets == 0 || octets > 4 || in.len - 2 < octets) {
		return 0;
	}
	*len = 0;
	for (size_t i = 0; i < octets; i++) {
		*len = *len << 8 | in.at[2 + i];
	}
	return in.len - 2 - octets < *len ? 0 : 2 + octets;
}

static bool
is_shut(const struct reader *r, const uint8_t *path, unsigned depth)
{
	uint8_t tag = path[depth];

	if (r->shut == SHUT_SIGNED) {
		/* SignedData stands at 2, what it has at 3 */
		return (depth == 4 && path[3] == INK_CTX) ||
		       (depth == 5 && path[3] == INK_SET && tag == INK_CTX) ||
		       (depth == 5 && tag == INK_OCTETS);
	}
	return false;
}

static bool read_all(const struct reader *r, struct bytes in, uint8_t *path,
    unsigned depth, struct node **out);

static struct node *
read_one(const struct reader *r, struct bytes in, uint8_t *path, unsigned depth)
{
	struct node *node = arena_zero(r->arena, 1, sizeof(*node));
	bool whole = (in.at[0] & 0x20) != 0;
	struct bytes content;
	size_t len = 0, head = header(in, &len);

	node->tag = path[depth] = in.at[0];
	node->times = 1;
	node->leaf = content = bytes_of(in.at + head, len);
	if (is_shut(r, path, depth) || depth + 1 == DEEPEST) {
		return node;
	}
	if (node->tag == INK_BITS && len > 1 && content.at[0] == 0) {
		node->bits = true;
		content = bytes_of(content.at + 1, len - 1);
	}
	if (!whole && node->tag != INK_OCTETS && !node->bits) {
		return node;
	}
	if (read_all(r, content, path, depth + 1, &node->child)) {
		node->leaf = bytes_of("", 0);
	} else {
		node->child = NULL;
		node->bits = false;
	}
	return node;
}

static bool
read_all(const struct reader *r, struct bytes in, uint8_t *path, unsigned depth,
    struct node **out)
{
	struct node **link = out;

	while (in.len > 0) {
		size_t len = 0, head = header(in, &len);

		if (head == 0) {
			return false;
		}
		*link = read_one(r, bytes_of(in.at, head + len), path, depth);
		if (r->shut == SHUT_FIRST && depth == 1 && link == out) {
			(*link)->child = NULL;
		}
		link = &(*link)->next;
		in = bytes_of(in.at + head + len, in.len - head - len);
	}
	return true;
}

struct node *
tree_read(struct arena *arena, struct bytes der, enum tree_shut shut)
{
	struct reader r = { .arena = arena, .shut = shut };
	struct node *root = NULL;
	uint8_t path[DEEPEST];

	return read_all(&r, der, path, 0, &root) ? root : NULL;
}

struct node *
tree_copy(struct arena *arena, const struct node *node)
{
	struct node *copy = arena_zero(arena, 1, sizeof(*copy));
	struct node **link = &copy->child;

	*copy = *node;
	copy->next = NULL;
	copy->child = NULL;
	for (const struct node *c = node->child; c != NULL; c = c->next) {
		*link = tree_copy(arena, c);
		link = &(*link)->next;
	}
	return copy;
}

static void
length(struct ink *k, size_t len)
{
	uint8_t octets[5] = { 0x84, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
		(uint8_t)(len >> 8), (uint8_t)len };
	size_t skip = 1;

	if (len < 0x80) {
		ink_raw(k, octets + 4, 1);
		return;
	}
	while (octets[skip] == 0) {
		skip++;
	}
	octets[skip - 1] = (uint8_t)(0x80 | (5 - skip));
	ink_raw(k, octets + skip - 1, 6 - skip);
}

static void
padded(struct ink *k, size_t len)
{
	uint8_t octets[5] = { 0x84, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
		(uint8_t)(len >> 8), (uint8_t)len };
	uint8_t two[2] = { 0x81, (uint8_t)len };

	ink_raw(k, len < 0x80 ? two : octets, len < 0x80 ? 2 : 5);
}

static void
write_header(struct ink *k, const struct node *node, size_t len)
{
	uint8_t high[2] = { node->tag | 0x1f, node->tag & 0x1f };

	ink_raw(k, high, 2);
	if (node->form != FORM_HIGH_TAG) {
		k->at[k->len - 2] = node->tag;
		k->len--;
	}
	switch (node->form) {
	case FORM_PADDED:
		padded(k, len);
		break;
	case FORM_INDEFINITE:
		ink_raw(k, "\x80", 1);
		break;
	case FORM_HUGE:
		ink_raw(k, "\x84\xff\xff\xff\xff", 5);
		break;
	case FORM_SHORT:
		length(k, len > 0 ? len - 1 : 0);
		break;
	case FORM_LONG:
		length(k, len + 1);
		break;
	case FORM_DER:
	case FORM_HIGH_TAG:
	case TREE_FORMS:
		length(k, len);
	}
}

static void
write_one(struct ink *k, const struct node *node)
{
	struct ink content = { 0 };

	ink_raw(&content, "", node->bits ? 1 : 0);
	ink_raw(&content, node->leaf.at, node->leaf.len);
	tree_write(&content, node->child);
	write_header(k, node, content.len);
	ink_raw(k, content.at, content.len);
	if (node->form == FORM_INDEFINITE) {
		ink_raw(k, "\0", 2);
	}
	ink_clear(&content);
}

void
tree_write(struct ink *k, const struct node *node)
{
	for (; node != NULL; node = node->next) {
		for (unsigned i = 0; i < node->times; i++) {
			write_one(k, node);
		}
	}
}
