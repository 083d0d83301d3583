/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crate - see crate.h. A delta is packed as two sets, what it withdraws and
 * what it announces; the difference of the two is the delta again.
 */
#include "payload/crate.h"

#include <assert.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/mem.h"
#include "payload/graft.h"

/* --- writing */

/* A set on its way out, piece by piece: sources are numbered as they come. */
struct part {
	const struct snapshot *to; /* NULL: one source stands for all */
	uint32_t *numbers; /* of to's sources here, plus one; 0: not yet */
	uint32_t count;
	struct octets begin, sources;
	struct octets items[ITEM_KINDS];
};

static void
part_init(struct part *part, const struct snapshot *to)
{
	static const struct source none = { .kind = SOURCE_EXCEPTION,
		.ta = SOURCE_NO_TA,
		.expires = INT64_MAX };
	size_t tas = to == NULL ? 0 : snapshot_ta_count(to);

	*part = (struct part){ .to = to };
	octets_u32(&part->begin, (uint32_t)tas);
	for (size_t ta = 0; ta < tas; ta++) {
		octets_text(&part->begin, snapshot_ta_name(to, ta));
	}
	if (to == NULL) {
		wire_put_source(&part->sources, &none);
	} else {
		part->numbers =
		    mem_zero(sources_count(snapshot_book(to)) + (size_t)1,
			sizeof(*part->numbers));
	}
}

static uint32_t
number_here(struct part *part, uint32_t number)
{
	struct source_room room;

	if (part->numbers[number] == 0) {
		wire_put_source(&part->sources,
		    sources_get(snapshot_book(part->to), number, &room));
		part->numbers[number] = ++part->count;
	}
	return part->numbers[number] - 1;
}

static void
part_add(struct part *part, enum item_kind kind, const void *item)
{
	size_t place;

	if (part->to == NULL) {
		wire_put_item(&part->items[kind], kind, item, 0);
		return;
	}
	place = snapshot_find(part->to, kind, item);
	assert(place != SIZE_MAX);
	for (size_t n = 0; n < snapshot_sources(part->to, kind, place); n++) {
		wire_put_item(&part->items[kind], kind, item,
		    number_here(part,
			snapshot_source_number(part->to, kind, place, n)));
	}
}

static void
fill(struct part *part, const struct delta *delta, enum delta_action action)
{
	for (size_t i = 0; i < delta_count(delta, ITEM_VRP, action); i++) {
		part_add(part, ITEM_VRP, delta_vrp(delta, action, i));
	}
	for (size_t i = 0; i < delta_count(delta, ITEM_ROUTER_KEY, action);
	     i++) {
		part_add(part, ITEM_ROUTER_KEY,
		    delta_router_key(delta, action, i));
	}
	for (size_t i = 0; i < delta_aspas(delta); i++) {
		const struct delta_aspa *row = delta_aspa(delta, i);
		const struct aspa *aspa =
		    action == DELTA_WITHDRAW ? &row->before : &row->after;

		if (aspa->count != 0) {
			part_add(part, ITEM_ASPA, aspa);
		}
	}
}

static void
put_frame(struct octets *out, enum wire type, struct octets *body)
{
	octets_u8(out, (uint8_t)type);
	octets_run(out, octets_bytes(body));
	octets_clear(body);
}

static void
part_put(struct octets *out, struct part *part)
{
	struct octets whole = { .at = NULL };

	put_frame(&whole, WIRE_BEGIN, &part->begin);
	put_frame(&whole, WIRE_SOURCES, &part->sources);
	put_frame(&whole, WIRE_VRPS, &part->items[ITEM_VRP]);
	put_frame(&whole, WIRE_ROUTER_KEYS, &part->items[ITEM_ROUTER_KEY]);
	put_frame(&whole, WIRE_ASPAS, &part->items[ITEM_ASPA]);
	octets_run(out, octets_bytes(&whole));
	octets_clear(&whole);
	free(part->numbers);
}

void
crate_put(struct octets *out, const struct delta *delta,
    const struct snapshot *to)
{
	struct part part;

	part_init(&part, NULL);
	fill(&part, delta, DELTA_WITHDRAW);
	part_put(out, &part);
	part_init(&part, to);
	fill(&part, delta, DELTA_ANNOUNCE);
	part_put(out, &part);
}

/* --- reading */

static const struct snapshot *
read_set(struct bytes in)
{
	struct cursor c = cursor_open(in);
	struct builder *builder = builder_new();

	while (!c.bad && cursor_left(&c) != 0) {
		struct frame frame = { .type = cursor_u8(&c) };

		frame.body = cursor_run(&c);
		if (!c.bad && !wire_feed(builder, &frame)) {
			cursor_fail(&c);
		}
	}
	if (!cursor_end(&c)) {
		builder_free(builder);
		return NULL;
	}
	return builder_seal(builder);
}

const struct delta *
crate_read(struct bytes in, const struct snapshot **news)
{
	struct cursor c = cursor_open(in);
	struct bytes gone = cursor_run(&c);
	struct bytes come = cursor_run(&c);
	const struct snapshot *from = NULL;
	const struct snapshot *to = NULL;
	const struct delta *delta = NULL;

	if (cursor_end(&c)) {
		from = read_set(gone);
		to = read_set(come);
	}
	if (from != NULL && to != NULL) {
		delta = delta_new(from, to);
	}
	if (delta != NULL && news != NULL) {
		*news = snapshot_get(to);
	}
	snapshot_put(from);
	snapshot_put(to);
	return delta;
}

/* --- applying */

struct sieve {
	const struct delta *delta;
	/* In each kind's withdrawals, which are sorted. */
	size_t at[ITEM_KINDS];
};

/* The item withdrawn at this place, or NULL after the last. */
static const void *
withdrawn(const struct delta *delta, enum item_kind kind, size_t i)
{
	if (kind == ITEM_ASPA) {
		return i < delta_aspas(delta) ? &delta_aspa(delta, i)->before
					      : NULL;
	}
	if (i >= delta_count(delta, kind, DELTA_WITHDRAW)) {
		return NULL;
	}
	return kind == ITEM_VRP
		   ? (const void *)delta_vrp(delta, DELTA_WITHDRAW, i)
		   : delta_router_key(delta, DELTA_WITHDRAW, i);
}

/* Asked in order, kind by kind: both lists are walked once. */
static bool
stays(void *arg, const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	struct sieve *sieve = arg;
	size_t *at = &sieve->at[kind];
	const void *item = snapshot_item(snapshot, kind, i);
	const void *gone = withdrawn(sieve->delta, kind, *at);
	int by = -1;

	while (gone != NULL && (by = item_compare(kind, item, gone)) > 0) {
		gone = withdrawn(sieve->delta, kind, ++*at);
	}
	return gone == NULL || by != 0;
}

const struct snapshot *
crate_apply(const struct snapshot *from, const struct delta *delta,
    const struct snapshot *news)
{
	struct sieve sieve = { .delta = delta };
	struct builder *builder = builder_new();
	struct graft graft;

	builder_copy(builder, from, stays, &sieve);
	graft_init(&graft, builder, news, NULL, 0);
	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; i < snapshot_count(news, kind); i++) {
			graft_item(&graft, kind, i);
		}
	}
	graft_clear(&graft);
	return builder_seal(builder);
}
