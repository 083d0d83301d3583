/* SPDX-License-Identifier: BSD-2-Clause */
/* mutant - see mutant.h. */
#include "tests/forge/mutant.h"

#include <stdio.h>
#include <string.h>

#include "tests/forge/leaf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { SPOTS = 1500, PATH = 40, TRIES = 200 };

/* A node and where it hangs. */
struct spot {
	struct node **link;
	char path[PATH]; /* 0.7.2: from child to child */
};

struct work {
	struct mutant *mutant;
	struct luck luck;
	struct node *root;
	size_t count;
	struct spot spots[SPOTS];
};

static void
find_spots(struct work *w, struct node **link, const char *path)
{
	for (unsigned i = 0; *link != NULL; i++, link = &(*link)->next) {
		struct spot *spot = &w->spots[w->count];

		if (w->count == SPOTS) {
			return;
		}
		w->count++;
		spot->link = link;
		snprintf(spot->path, PATH, "%.30s%s%u", path,
		    *path == '\0' ? "" : ".", i);
		find_spots(w, &(*link)->child, spot->path);
	}
}

static const struct spot *
any_spot(struct work *w)
{
	return &w->spots[luck_below(&w->luck, w->count)];
}

/* Rather a number, address, time or text than what only holds them. */
static const struct spot *
telling_spot(struct work *w)
{
	const struct spot *spot = any_spot(w);

	for (unsigned i = 0; i < TRIES; i++) {
		const struct node *node = *spot->link;

		if (node->child == NULL && node->tag != INK_OID &&
		    node->tag != INK_NULL && node->leaf.len > 0 &&
		    node->leaf.len < 200) {
			break;
		}
		spot = any_spot(w);
	}
	return spot;
}

/* --- where a node stands */

static bool
drop(struct work *w, struct node **link)
{
	(void)w;
	*link = (*link)->next;
	return true;
}

static bool
twice(struct work *w, struct node **link)
{
	struct node *copy = tree_copy(w->luck.arena, *link);

	copy->next = (*link)->next;
	(*link)->next = copy;
	return true;
}

static bool
many(struct work *w, struct node **link)
{
	static const unsigned times[] = { 3, 17, 101, 1100 };

	(*link)->times = times[luck_below(&w->luck, 4)];
	return true;
}

static bool
swap(struct work *w, struct node **link)
{
	struct node *one = *link, *two = one->next;

	(void)w;
	if (two == NULL) {
		return false;
	}
	one->next = two->next;
	two->next = one;
	*link = two;
	return true;
}

/* A copy of any other node before it, or in its place. */
static bool
transplant(struct work *w, struct node **link)
{
	struct node *copy = tree_copy(w->luck.arena, *any_spot(w)->link);
	bool instead = luck_below(&w->luck, 2) == 0;

	copy->next = instead ? (*link)->next : *link;
	*link = copy;
	snprintf(w->luck.what, sizeof(w->luck.what), "%02x %s", copy->tag,
	    instead ? "instead" : "before");
	return true;
}

static bool
hollow(struct work *w, struct node **link)
{
	(void)w;
	(*link)->child = NULL;
	(*link)->leaf = bytes_of("", 0);
	return true;
}

static bool
enclose(struct work *w, struct node **link)
{
	static const uint8_t tags[] = { INK_SEQ, INK_SET, INK_OCTETS, INK_CTX,
		INK_CTX + 1, INK_CTX + 3 };
	struct node *outer = arena_zero(w->luck.arena, 1, sizeof(*outer));

	outer->tag = tags[luck_below(&w->luck, sizeof(tags))];
	outer->times = 1;
	outer->leaf = bytes_of("", 0);
	outer->next = (*link)->next;
	(*link)->next = NULL;
	outer->child = *link;
	*link = outer;
	snprintf(w->luck.what, sizeof(w->luck.what), "in %02x", outer->tag);
	return true;
}

/* A range where there was one number or prefix. */
static bool
couple(struct work *w, struct node **link)
{
	struct node *one = *link, *two = tree_copy(w->luck.arena, one);
	struct node *outer = arena_zero(w->luck.arena, 1, sizeof(*outer));
	uint8_t *at = leaf_own(&w->luck, two);
	size_t last = two->leaf.len;

	if ((one->tag != INK_INT && one->tag != INK_BITS) || last == 0) {
		return false;
	}
	at[last - 1] += (uint8_t)luck_below(&w->luck, 4);
	outer->tag = INK_SEQ;
	outer->times = 1;
	outer->leaf = bytes_of("", 0);
	outer->next = one->next;
	outer->child = one;
	one->next = two;
	*link = outer;
	return true;
}

static bool
disclose(struct work *w, struct node **link)
{
	struct node *node = *link, **last = &node->child;

	(void)w;
	if (node->child == NULL) {
		return false;
	}
	while (*last != NULL) {
		last = &(*last)->next;
	}
	*last = node->next;
	*link = node->child;
	return true;
}

static const struct {
	const char *name, *octets;
	size_t len;
} strangers[] = {
	{ "null", "\5\0", 2 },
	{ "true", "\1\1\xff", 3 },
	{ "false", "\1\1\0", 3 },
	{ "zero", "\2\1\0", 3 },
	{ "seq", "\x30\0", 2 },
	{ "set", "\x31\0", 2 },
	{ "end", "\0\0", 2 },
	{ "octets", "\4\2\5\0", 4 },
	{ "tagged", "\xa0\3\2\1\0", 5 },
	{ "tagged1", "\xa1\2\5\0", 4 },
	{ "extension", "\x30\x0a\6\3\x2a\3\4\4\3\2\1\1", 12 },
	{ "critical extension", "\x30\x0d\6\3\x2a\3\4\1\1\xff\4\3\2\1\1", 15 },
	{ "policies extension", "\x30\x0d\6\3\x55\x1d\x21\1\1\xff\4\3\2\1\1",
	    15 },
	{ "attribute", "\x30\x09\6\3\x2a\3\4\x31\2\5\0", 11 },
};

static bool
stranger(struct work *w, struct node **link)
{
	size_t which =
	    luck_below(&w->luck, sizeof(strangers) / sizeof(strangers[0]));
	struct node *node = arena_zero(w->luck.arena, 1, sizeof(*node));
	const uint8_t *octets = (const uint8_t *)strangers[which].octets;

	node->tag = octets[0];
	node->leaf = bytes_of(octets + 2, strangers[which].len - 2);
	node->times = 1;
	if (luck_below(&w->luck, 2) == 0) {
		link = &(*link)->next;
	}
	node->next = *link;
	*link = node;
	snprintf(w->luck.what, sizeof(w->luck.what), "%s",
	    strangers[which].name);
	return true;
}

/* --- how it is encoded */

static bool
retag(struct work *w, struct node **link)
{
	static const uint8_t flips[] = { 0x20, 0x40, 0x80, 0xc0, 0xa0, 1, 2, 4,
		8 };
	struct node *node = *link;

	snprintf(w->luck.what, sizeof(w->luck.what), "%02x", node->tag);
	node->tag ^= flips[luck_below(&w->luck, sizeof(flips))];
	snprintf(w->luck.what + 2, sizeof(w->luck.what) - 2, " to %02x",
	    node->tag);
	return true;
}

static bool
form(struct work *w, struct node **link)
{
	static const char *const names[TREE_FORMS] = { "", "padded",
		"indefinite", "short", "long", "huge", "high tag" };
	size_t which = 1 + luck_below(&w->luck, TREE_FORMS - 1);

	(*link)->form = (enum tree_form)which;
	snprintf(w->luck.what, sizeof(w->luck.what), "%s", names[which]);
	return true;
}

/* An extension is a sequence of an OID, perhaps a BOOLEAN, and octets. */
static bool
change_criticality(struct work *w, struct node **link)
{
	struct node *oid = (*link)->child, *flag, **at;

	if ((*link)->tag != INK_SEQ || oid == NULL || oid->tag != INK_OID ||
	    oid->next == NULL) {
		return false;
	}
	at = &oid->next;
	if ((*at)->tag == INK_BOOL) {
		*at = (*at)->next;
		snprintf(w->luck.what, sizeof(w->luck.what), "none");
		return true;
	}
	if ((*at)->tag != INK_OCTETS) {
		return false;
	}
	flag = arena_zero(w->luck.arena, 1, sizeof(*flag));
	flag->tag = INK_BOOL;
	flag->times = 1;
	flag->leaf = bytes_of(luck_below(&w->luck, 2) == 0 ? "\xff" : "", 1);
	flag->next = *at;
	*at = flag;
	snprintf(w->luck.what, sizeof(w->luck.what), "%02x", flag->leaf.at[0]);
	return true;
}

static bool
change_leaf(struct work *w, struct node **link)
{
	return leaf_change(&w->luck, *link);
}

static const struct {
	const char *name;
	unsigned weight;
	bool (*change)(struct work *w, struct node **link);
} changes[] = {
	{ "leaf", 80, change_leaf },
	{ "critical", 6, change_criticality },
	{ "drop", 10, drop },
	{ "twice", 6, twice },
	{ "many", 2, many },
	{ "swap", 6, swap },
	{ "transplant", 6, transplant },
	{ "hollow", 4, hollow },
	{ "enclose", 3, enclose },
	{ "disclose", 3, disclose },
	{ "couple", 4, couple },
	{ "stranger", 7, stranger },
	{ "tag", 6, retag },
	{ "form", 7, form },
};

static size_t
any_change(struct work *w)
{
	size_t total = 0, which = 0, left;

	for (size_t i = 0; i < COUNT(changes); i++) {
		total += changes[i].weight;
	}
	left = luck_below(&w->luck, total);
	while (left >= changes[which].weight) {
		left -= changes[which++].weight;
	}
	return which;
}

static void
change_once(struct work *w, bool root_too)
{
	char *said = w->mutant->said;
	size_t used;

	for (unsigned i = 0; i < TRIES; i++) {
		size_t which = any_change(w);
		const struct spot *spot;

		w->count = 0;
		find_spots(w, &w->root, "");
		if (w->count == 0) {
			return;
		}
		spot = which == 0 && luck_below(&w->luck, 3) > 0
			   ? telling_spot(w)
			   : any_spot(w);
		*w->luck.what = '\0';
		if ((spot->link == &w->root && !root_too) ||
		    !changes[which].change(w, spot->link)) {
			continue;
		}
		used = strlen(said);
		snprintf(said + used, sizeof(w->mutant->said) - used,
		    "; %s %s (%s)", changes[which].name, spot->path,
		    w->luck.what);
		return;
	}
}

/* Which part the seed hits, of those that there are. */
static enum mutant_part
target(struct work *w)
{
	size_t n = luck_below(&w->luck, 100);

	if (!w->mutant->wrapped) {
		return n < 92 ? MUTANT_PAPER : MUTANT_COVER;
	}
	return n < 45   ? MUTANT_CONTENT
	       : n < 72 ? MUTANT_PAPER
	       : n < 86 ? MUTANT_ATTRIBUTES
			: MUTANT_FRAME;
}

static const struct {
	const char *name;
	enum tree_shut shut;
} parts[] = {
	[MUTANT_PAPER] = { "paper", SHUT_NOTHING },
	[MUTANT_COVER] = { "cover", SHUT_FIRST },
	[MUTANT_CONTENT] = { "content", SHUT_NOTHING },
	[MUTANT_ATTRIBUTES] = { "attributes", SHUT_NOTHING },
	[MUTANT_FRAME] = { "frame", SHUT_SIGNED },
};

void
mutant_spoil(struct mutant *mutant, enum mutant_part part, struct ink *k,
    size_t from)
{
	struct work w = { .mutant = mutant };
	size_t times;

	if (mutant == NULL) {
		return;
	}
	w.luck.clock = mutant->clock;
	w.luck.state = mutant->seed * 0x2545f4914f6cdd1d;
	if (target(&w) != part) {
		return;
	}
	w.luck.arena = arena_new();
	w.root = tree_read(w.luck.arena,
	    arena_copy(w.luck.arena, bytes_of(k->at + from, k->len - from)),
	    parts[part].shut);
	if (w.root == NULL) { /* a visiting card is no DER */
		arena_free(w.luck.arena);
		return;
	}
	times = (size_t[]){ 1, 1, 1, 1, 1, 2, 2, 3 }[luck_below(&w.luck, 8)];
	snprintf(mutant->said, sizeof(mutant->said), "%s", parts[part].name);
	for (size_t i = 0; i < times; i++) {
		/* the attributes get their tag from whoever signs them */
		change_once(&w, part != MUTANT_ATTRIBUTES);
	}
	k->len = from;
	tree_write(k, w.root);
	arena_free(w.luck.arena);
}
