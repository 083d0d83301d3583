/* SPDX-License-Identifier: BSD-2-Clause */
/* entry - see entry.h. */
#include "daemon/entry.h"

#include "base/checksum.h"

enum { PIECE = 1 << 18 }; /* octets of changes in one record, about */

static const uint64_t seed = 0x6b656467656a6e6c;

/* --- changes as octets */

static void
put_item(struct octets *out, const struct change *change)
{
	switch (change->kind) {
	case ITEM_VRP:
		item_vrp_put(out, &change->item.vrp);
		break;
	case ITEM_ROUTER_KEY:
		octets_u32(out, change->item.key.asn);
		octets_add(out, change->item.key.ski.at, KEYID_SIZE);
		break;
	case ITEM_ASPA:
		octets_u32(out, change->item.aspa.customer);
		item_providers_put(out, &change->item.aspa);
		break;
	case ITEM_KINDS:
		break;
	}
}

void
entry_change(struct octets *changes, const struct change *change)
{
	struct octets one = { .at = NULL };

	octets_u8(&one, (uint8_t)change->action);
	octets_u8(&one, (uint8_t)change->kind);
	octets_u8(&one, (uint8_t)change->cause);
	octets_text(&one, change->uri);
	octets_text(&one, change->ta);
	octets_text(&one, change->detail);
	put_item(&one, change);
	octets_run(changes, octets_bytes(&one));
	octets_clear(&one);
}

static void
read_item(struct change *change, struct cursor *c, struct arena *arena)
{
	switch (change->kind) {
	case ITEM_VRP:
		item_vrp_read(c, &change->item.vrp);
		if (!item_vrp_sane(&change->item.vrp)) {
			cursor_fail(c);
		}
		break;
	case ITEM_ROUTER_KEY:
		change->item.key.asn = cursor_u32(c);
		cursor_copy(c, change->item.key.ski.at, KEYID_SIZE);
		break;
	case ITEM_ASPA:
		change->item.aspa.customer = cursor_u32(c);
		item_providers_read(c, &change->item.aspa, arena);
		break;
	case ITEM_KINDS:
		break;
	}
}

static bool
read_change(struct change *change, struct bytes in, struct arena *arena)
{
	struct cursor c = cursor_open(in);

	*change = (struct change){ .action = DELTA_WITHDRAW };
	change->action = (enum delta_action)cursor_below(&c, DELTA_ACTIONS);
	change->kind = (enum item_kind)cursor_below(&c, ITEM_KINDS);
	change->cause = (enum cause)cursor_below(&c, CAUSES);
	change->uri = cursor_string(&c, arena);
	change->ta = cursor_string(&c, arena);
	change->detail = cursor_string(&c, arena);
	read_item(change, &c, arena);
	return cursor_end(&c);
}

/* --- records */

static void
put_head(struct octets *out, const struct journal_head *head)
{
	octets_u64(out, head->session);
	octets_u32(out, head->serial);
	octets_u64(out, (uint64_t)head->when);
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		octets_u64(out, head->totals[kind]);
	}
}

static struct journal_head
read_head(struct cursor *c)
{
	struct journal_head head = { .session = cursor_u64(c) };

	head.serial = cursor_u32(c);
	head.when = (int64_t)cursor_u64(c);
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		head.totals[kind] = cursor_u64(c);
	}
	return head;
}

static void
put_record(struct octets *out, const struct journal_head *head,
    struct bytes changes)
{
	struct octets body = { .at = NULL };

	put_head(&body, head);
	octets_add_bytes(&body, changes);
	octets_u32(out, (uint32_t)body.len);
	octets_u64(out, checksum_of(seed, octets_bytes(&body)));
	octets_add_bytes(out, octets_bytes(&body));
	octets_clear(&body);
}

/* Whole changes, and so many that a record is not much longer than a piece. */
static struct bytes
next_piece(struct cursor *c)
{
	const uint8_t *from = c->at;

	do {
		(void)cursor_run(c);
	} while (cursor_left(c) > 0 && c->at - from < PIECE);
	return bytes_of(from, (size_t)(c->at - from));
}

void
entry_put(struct octets *out, const struct journal_head *head,
    struct bytes changes)
{
	struct cursor c = cursor_open(changes);

	if (changes.len == 0) {
		put_record(out, head, changes);
	}
	while (cursor_left(&c) > 0) {
		put_record(out, head, next_piece(&c));
	}
}

bool
entry_next(struct cursor *c, struct bytes *body)
{
	uint32_t length = cursor_u32(c);
	uint64_t sum = cursor_u64(c);

	*body = cursor_take(c, length);
	return !c->bad && checksum_of(seed, *body) == sum;
}

bool
entry_head(struct bytes body, struct journal_head *head)
{
	struct cursor c = cursor_open(body);

	*head = read_head(&c);
	return !c.bad;
}

bool
entry_tell(struct bytes body, journal_ear *ear, void *arg, struct arena *arena)
{
	struct cursor c = cursor_open(body);
	struct journal_head head = read_head(&c);
	bool more = !c.bad;

	if (more && cursor_left(&c) == 0) {
		more = ear(arg, &head, NULL);
	}
	while (more && cursor_left(&c) > 0) {
		struct bytes one = cursor_run(&c);
		struct change change;

		if (c.bad || !read_change(&change, one, arena)) {
			break;
		}
		more = ear(arg, &head, &change);
		arena_reset(arena);
	}
	return more;
}
