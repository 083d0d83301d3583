/* SPDX-License-Identifier: BSD-2-Clause */
/* ahead - see ahead.h. */
#include "daemon/ahead.h"

#include "base/checksum.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "payload/crate.h"

enum {
	MAGIC = 8,
	FORMAT = 2,
	IDS = 2 * PDU_VERSIONS + 8,
	HEADER = MAGIC + 4 + IDS + 4 + 8,
	RECORD_HEAD = 12,
	SUM = 8,
};

static const char magic[MAGIC + 1] = "kedgeahd";
static const uint64_t seed = 0x6b65646765616864;

bool
ahead_same_ids(const struct kept_ids *a, const struct kept_ids *b)
{
	return a->json == b->json &&
	       memcmp(a->rtr, b->rtr, sizeof(a->rtr)) == 0;
}

/* --- writing */

void
ahead_begin(struct octets *out, struct ahead_place *place,
    const struct kept_ids *ids, uint32_t serial)
{
	size_t from = out->len;

	octets_add(out, magic, MAGIC);
	octets_u32(out, FORMAT);
	for (unsigned i = 0; i < PDU_VERSIONS; i++) {
		octets_u16(out, ids->rtr[i]);
	}
	octets_u64(out, ids->json);
	octets_u32(out, serial);
	place->chain =
	    checksum_of(seed, bytes_of(out->at + from, out->len - from));
	octets_u64(out, place->chain);
	place->length = out->len - from;
}

/* As a run, which is empty where there is none. */
static void
put_crate(struct octets *out, const struct delta *delta,
    const struct snapshot *to)
{
	struct octets crate = { .at = NULL };

	if (delta != NULL) {
		crate_put(&crate, delta, to);
	}
	octets_run(out, octets_bytes(&crate));
	octets_clear(&crate);
}

void
ahead_add(struct octets *out, struct ahead_place *place,
    const struct ahead_serial *next)
{
	struct octets body = { .at = NULL };
	size_t from = out->len;

	octets_u32(&body, next->serial);
	octets_u64(&body, (uint64_t)next->when);
	octets_run(&body, next->changes);
	put_crate(&body, next->delta, next->to);
	put_crate(&body, next->plain_delta, next->plain);
	octets_u32(out, (uint32_t)body.len);
	place->chain = checksum_of(place->chain, bytes_of(out->at + from, 4));
	octets_u64(out, place->chain);
	octets_add_bytes(out, octets_bytes(&body));
	place->chain = checksum_of(place->chain, octets_bytes(&body));
	octets_u64(out, place->chain);
	place->length += out->len - from;
	octets_clear(&body);
}

/* --- reading */

/* What a set becomes by a crate; NULL when it is none. Unless `way` is NULL the
 * delta comes back in it. */
static const struct snapshot *
follow(const struct snapshot *from, struct bytes crate,
    const struct delta **way)
{
	const struct snapshot *news = NULL;
	const struct snapshot *next = NULL;
	const struct delta *delta = crate_read(crate, &news);

	if (delta != NULL) {
		next = crate_apply(from, delta, news);
	}
	if (way != NULL) {
		*way = delta;
	} else {
		delta_put(delta);
	}
	snapshot_put(news);
	return next;
}

/* For the journal, which may not have it. */
static void
note(struct kept *kept, int64_t when, struct bytes changes)
{
	struct journal_note *note;

	kept->notes =
	    mem_grow(kept->notes, kept->note_count + 1, sizeof(*kept->notes));
	note = &kept->notes[kept->note_count++];
	*note = (struct journal_note){ .head = { .session = kept->ids.json,
					   .serial = kept->serial,
					   .when = when } };
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		note->head.totals[kind] =
		    snapshot_count(kept->current, (enum item_kind)kind);
	}
	octets_add_bytes(&note->changes, changes);
}

/* Take over what one record says. */
static bool
apply(struct kept *kept, struct cursor *c, uint32_t serial)
{
	int64_t when = (int64_t)cursor_u64(c);
	struct bytes changes = cursor_run(c);
	struct bytes crate = cursor_run(c);
	struct bytes plain_crate = cursor_run(c);
	const struct delta *delta = NULL;
	const struct snapshot *next = NULL;
	const struct snapshot *plain = NULL;

	if (cursor_end(c)) {
		next = follow(kept->current, crate, &delta);
	}
	if (next == NULL) {
		return false;
	}
	plain = plain_crate.len == 0 ? snapshot_get(next)
				     : follow(kept->plain, plain_crate, NULL);
	if (plain == NULL) {
		snapshot_put(next);
		delta_put(delta);
		return false;
	}
	snapshot_put(kept->plain);
	kept->plain = plain;
	snapshot_put(kept->current);
	kept->current = next;
	kept->deltas = mem_grow(kept->deltas, kept->delta_count + 1,
	    sizeof(*kept->deltas));
	kept->deltas[kept->delta_count++] = delta;
	kept->serial = serial;
	kept->last_change = when;
	note(kept, when, changes);
	return true;
}

/* The body of the next record, or where it ends. */
enum step { STEP_RECORD, STEP_END, STEP_DAMAGED };

static enum step
next_record(struct cursor *c, struct ahead_place *place, struct bytes *body)
{
	struct bytes head = bytes_of(c->at, 4);
	uint64_t chain;
	uint32_t length;

	if (cursor_left(c) < RECORD_HEAD) {
		return STEP_END;
	}
	length = cursor_u32(c);
	chain = checksum_of(place->chain, head);
	if (cursor_u64(c) != chain) {
		return STEP_DAMAGED;
	}
	if (cursor_left(c) < (uint64_t)length + SUM) {
		return STEP_END;
	}
	*body = cursor_take(c, length);
	chain = checksum_of(chain, *body);
	if (cursor_u64(c) != chain) {
		return STEP_DAMAGED;
	}
	place->chain = chain;
	place->length += RECORD_HEAD + (uint64_t)length + SUM;
	return STEP_RECORD;
}

static enum ahead_end
replay(struct kept *kept, struct cursor *c, struct ahead_place *place,
    uint32_t serial)
{
	struct bytes body = { .at = NULL };
	enum step step = next_record(c, place, &body);

	while (step == STEP_RECORD) {
		struct cursor record = cursor_open(body);

		if (cursor_u32(&record) != ++serial) {
			return AHEAD_DAMAGED;
		}
		/* The state may be newer than the first records are. */
		if (serial - kept->serial == 1 &&
		    !apply(kept, &record, serial)) {
			return AHEAD_DAMAGED;
		}
		step = next_record(c, place, &body);
	}
	if (step != STEP_END) {
		return AHEAD_DAMAGED;
	}
	return serial == kept->serial ? AHEAD_GOOD : AHEAD_NOTHING;
}

enum ahead_end
ahead_replay(struct kept *kept, struct bytes in, struct ahead_place *place)
{
	struct cursor c = cursor_open(in);
	struct bytes head = cursor_take(&c, HEADER - SUM);
	uint64_t sum = cursor_u64(&c);
	struct kept_ids ids;
	uint32_t serial;

	if (c.bad || kept->current == NULL) {
		return AHEAD_NOTHING; /* died before its first record */
	}
	place->chain = checksum_of(seed, head);
	place->length = HEADER;
	if (sum != place->chain) {
		return AHEAD_DAMAGED;
	}
	c = cursor_open(bytes_of(head.at + MAGIC, head.len - MAGIC));
	if (memcmp(head.at, magic, MAGIC) != 0 || cursor_u32(&c) != FORMAT) {
		return AHEAD_DAMAGED;
	}
	for (unsigned i = 0; i < PDU_VERSIONS; i++) {
		ids.rtr[i] = cursor_u16(&c);
	}
	ids.json = cursor_u64(&c);
	serial = cursor_u32(&c);
	if (!ahead_same_ids(&ids, &kept->ids)) {
		return AHEAD_NOTHING;
	}
	/* It begins at this state or an older one, never after a gap. */
	if (kept->serial - serial >= 0x80000000u) {
		return AHEAD_DAMAGED;
	}
	c = cursor_open(bytes_of(in.at + HEADER, in.len - HEADER));
	return replay(kept, &c, place, serial);
}
