/* SPDX-License-Identifier: BSD-2-Clause */
/* kept - see kept.h. */
#include "daemon/kept.h"

#include <stdlib.h>

#include "base/checksum.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "payload/crate.h"
#include "payload/wire.h"

enum {
	MAGIC = 8,
	FORMAT = 1,
	HEADER = MAGIC + 4,
	FRAME_HEAD = 5,
	LAST = FRAME_HEAD + 16, /* octets of the last frame */
	READ_AT_ONCE = 65536,
};

static const char magic[MAGIC + 1] = "kedgestt";
static const uint64_t seed = 0x6b65646765737474;

enum frame_type {
	FRAME_FACTS = 1,
	FRAME_CURRENT, /* one frame of the set */
	FRAME_PLAIN,   /* the same, where it is another set */
	FRAME_DELTA,   /* a crate */
	FRAME_ACCOUNT, /* a report */
	FRAME_GUARD,
	FRAME_LAST,
};

void
kept_clear(struct kept *kept)
{
	snapshot_put(kept->current);
	snapshot_put(kept->plain);
	for (size_t i = 0; i < kept->delta_count; i++) {
		delta_put(kept->deltas[i]);
	}
	free(kept->deltas);
	account_put(kept->account);
	octets_clear(&kept->guard);
	journal_drop(kept->notes, kept->note_count);
	*kept = (struct kept){ .serial = 0 };
}

void
kept_copy(struct kept *to, const struct kept *from)
{
	*to = *from;
	if (from->current != NULL) {
		snapshot_get(from->current);
	}
	if (from->plain != NULL) {
		snapshot_get(from->plain);
	}
	if (from->account != NULL) {
		account_get(from->account);
	}
	to->deltas = mem_zero(from->delta_count + 1, sizeof(*to->deltas));
	for (size_t i = 0; i < from->delta_count; i++) {
		to->deltas[i] = delta_get(from->deltas[i]);
	}
	to->guard = (struct octets){ .at = NULL };
	octets_add_bytes(&to->guard, octets_bytes(&from->guard));
	to->notes = NULL;
	to->note_count = 0;
}

/* Faults and counters are numbers in a report: who has other names for them
 * must not read it. */
static uint64_t
names_sum(void)
{
	struct checksum sum;

	checksum_begin(&sum, seed);
	for (unsigned i = 0; i < FAULT_COUNT; i++) {
		const char *label = fault_label((enum fault)i);

		checksum_add(&sum, bytes_of(label, strlen(label) + 1));
	}
	for (unsigned i = 0; i < REPORT_COUNTERS; i++) {
		const char *name = report_counter_name((enum report_counter)i);

		checksum_add(&sum, bytes_of(name, strlen(name) + 1));
	}
	return checksum_end(&sum);
}

/* --- writing */

struct writer {
	struct sink sink;
	struct checksum sum;
	uint64_t length;
	enum frame_type section; /* of the set under way */
	int rc;
};

static void
put(struct writer *w, struct bytes octets)
{
	if (w->rc == 0) {
		checksum_add(&w->sum, octets);
		w->length += octets.len;
		w->rc = w->sink.put(w->sink.arg, octets);
	}
}

/* A body in two parts, so that nobody has to copy a large one. */
static void
put_frame(struct writer *w, enum frame_type type, struct bytes first,
    struct bytes rest)
{
	uint32_t length = (uint32_t)(first.len + rest.len);
	const uint8_t head[FRAME_HEAD] = { (uint8_t)type,
		(uint8_t)(length >> 24), (uint8_t)(length >> 16),
		(uint8_t)(length >> 8), (uint8_t)length };

	put(w, bytes_of(head, sizeof(head)));
	put(w, first);
	put(w, rest);
}

static int
put_piece(void *arg, enum wire type, struct bytes body)
{
	struct writer *w = arg;
	const uint8_t kind = (uint8_t)type;

	put_frame(w, w->section, bytes_of(&kind, 1), body);
	return w->rc;
}

static void
put_set(struct writer *w, enum frame_type section, const struct snapshot *set)
{
	w->section = section;
	(void)wire_put_snapshot(set, put_piece, w);
}

static void
put_counts(struct octets *out, const struct snapshot *set)
{
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		octets_u64(out,
		    set == NULL ? 0
				: snapshot_count(set, (enum item_kind)kind));
	}
}

static void
put_facts(struct writer *w, const struct kept *kept)
{
	struct octets o = { .at = NULL };

	for (unsigned i = 0; i < PDU_VERSIONS; i++) {
		octets_u16(&o, kept->ids.rtr[i]);
	}
	octets_u64(&o, kept->ids.json);
	octets_u32(&o, kept->serial);
	octets_u64(&o, (uint64_t)kept->last_run);
	octets_u64(&o, (uint64_t)kept->last_complete);
	octets_u64(&o, (uint64_t)kept->last_change);
	octets_u8(&o, kept->current != NULL);
	octets_u8(&o, kept->plain != kept->current);
	octets_u32(&o, (uint32_t)kept->delta_count);
	put_counts(&o, kept->current);
	put_counts(&o, kept->plain);
	put_frame(w, FRAME_FACTS, octets_bytes(&o), bytes_of(NULL, 0));
	octets_clear(&o);
}

static void
put_account(struct writer *w, const struct account *account)
{
	struct octets o = { .at = NULL };

	octets_u64(&o, names_sum());
	report_encode(&o, account_report(account));
	put_frame(w, FRAME_ACCOUNT, octets_bytes(&o), bytes_of(NULL, 0));
	octets_clear(&o);
}

static void
put_deltas(struct writer *w, const struct kept *kept)
{
	struct octets o = { .at = NULL };

	for (size_t i = 0; i < kept->delta_count; i++) {
		octets_reset(&o);
		crate_put(&o, kept->deltas[i], NULL);
		put_frame(w, FRAME_DELTA, octets_bytes(&o), bytes_of(NULL, 0));
	}
	octets_clear(&o);
}

static void
put_last(struct writer *w)
{
	struct octets o = { .at = NULL };

	octets_u64(&o, w->length);
	octets_u64(&o, checksum_end(&w->sum));
	put_frame(w, FRAME_LAST, octets_bytes(&o), bytes_of(NULL, 0));
	octets_clear(&o);
}

int
kept_write(const struct kept *kept, struct sink sink)
{
	static const uint8_t version[] = { 0, 0, 0, FORMAT };
	struct writer w = { .sink = sink };

	checksum_begin(&w.sum, seed);
	put(&w, bytes_of(magic, MAGIC));
	put(&w, bytes_of(version, sizeof(version)));
	put_facts(&w, kept);
	if (kept->current != NULL) {
		put_set(&w, FRAME_CURRENT, kept->current);
	}
	if (kept->plain != NULL && kept->plain != kept->current) {
		put_set(&w, FRAME_PLAIN, kept->plain);
	}
	put_deltas(&w, kept);
	if (kept->account != NULL) {
		put_account(&w, kept->account);
	}
	put_frame(&w, FRAME_GUARD, octets_bytes(&kept->guard),
	    bytes_of(NULL, 0));
	put_last(&w);
	return w.rc;
}

/* --- reading */

struct reader {
	struct kept *kept;
	struct builder *current, *plain; /* while they are built */
	bool has_current, has_plain;
	uint64_t counts[2][ITEM_KINDS];
	size_t deltas; /* to come in all */
};

static void
read_facts(struct reader *r, struct cursor *c)
{
	struct kept *kept = r->kept;
	unsigned has_current, has_plain;

	for (unsigned i = 0; i < PDU_VERSIONS; i++) {
		kept->ids.rtr[i] = cursor_u16(c);
	}
	kept->ids.json = cursor_u64(c);
	kept->serial = cursor_u32(c);
	kept->last_run = (int64_t)cursor_u64(c);
	kept->last_complete = (int64_t)cursor_u64(c);
	kept->last_change = (int64_t)cursor_u64(c);
	has_current = cursor_u8(c);
	has_plain = cursor_u8(c);
	r->deltas = cursor_u32(c);
	for (unsigned set = 0; set < 2; set++) {
		for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
			r->counts[set][kind] = cursor_u64(c);
		}
	}
	if (has_current > 1 || has_plain > has_current ||
	    r->deltas > KEPT_DELTAS || (r->deltas > 0 && has_current == 0)) {
		cursor_fail(c);
		return;
	}
	r->has_current = has_current == 1;
	r->has_plain = has_plain == 1;
	r->current = r->has_current ? builder_new() : NULL;
	r->plain = r->has_plain ? builder_new() : NULL;
	kept->deltas = mem_zero(r->deltas + 1, sizeof(*kept->deltas));
}

static bool
feed(struct builder *builder, struct bytes body)
{
	struct cursor c = cursor_open(body);
	struct frame frame = { .type = cursor_u8(&c) };

	frame.body = cursor_take(&c, cursor_left(&c));
	return builder != NULL && !c.bad && wire_feed(builder, &frame);
}

static bool
take_delta(struct reader *r, struct bytes body)
{
	struct kept *kept = r->kept;
	const struct delta *delta;

	if (kept->delta_count == r->deltas) {
		return false;
	}
	delta = crate_read(body, NULL);
	if (delta != NULL) {
		kept->deltas[kept->delta_count++] = delta;
	}
	return delta != NULL;
}

/* Whoever cannot read it does without. */
static void
take_account(struct reader *r, struct bytes body)
{
	struct cursor c = cursor_open(body);
	struct arena *arena = arena_new();
	struct report report;

	if (cursor_u64(&c) == names_sum() &&
	    report_decode(&report, cursor_take(&c, cursor_left(&c)), arena)) {
		account_put(r->kept->account);
		r->kept->account = account_new(&report);
	}
	arena_free(arena);
}

static bool
take(struct reader *r, unsigned type, struct bytes body)
{
	switch (type) {
	case FRAME_CURRENT:
		return feed(r->current, body);
	case FRAME_PLAIN:
		return feed(r->plain, body);
	case FRAME_DELTA:
		return take_delta(r, body);
	case FRAME_ACCOUNT:
		take_account(r, body);
		return true;
	case FRAME_GUARD:
		octets_reset(&r->kept->guard);
		octets_add_bytes(&r->kept->guard, body);
		return true;
	default: /* of an octet in a file, not of an enum */
		return false;
	}
}

static bool
counts_fit(const struct snapshot *set, const uint64_t counts[ITEM_KINDS])
{
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		if (snapshot_count(set, (enum item_kind)kind) != counts[kind]) {
			return false;
		}
	}
	return true;
}

static bool
finish(struct reader *r)
{
	struct kept *kept = r->kept;

	if (kept->delta_count != r->deltas) {
		return false;
	}
	if (!r->has_current) {
		return true;
	}
	kept->current = builder_seal(r->current);
	r->current = NULL;
	if (r->has_plain) {
		kept->plain = builder_seal(r->plain);
		r->plain = NULL;
	} else {
		kept->plain = snapshot_get(kept->current);
	}
	return counts_fit(kept->current, r->counts[0]) &&
	       counts_fit(kept->plain, r->counts[1]);
}

/* The next frame: its type, or 0 when there is none. */
static unsigned
take_frame(struct supply *supply, struct bytes *body)
{
	struct cursor c = cursor_open(supply_take(supply, FRAME_HEAD));
	unsigned type = cursor_u8(&c);
	uint32_t length = cursor_u32(&c);

	*body = supply_take(supply, length);
	return supply->rc == 0 ? type : 0;
}

static bool
read_frames(struct reader *r, struct supply *supply)
{
	struct bytes body;
	bool good = take_frame(supply, &body) == FRAME_FACTS;
	struct cursor facts = cursor_open(body);

	if (good) {
		read_facts(r, &facts);
		good = cursor_end(&facts);
	}
	while (good && supply->at < supply->end) {
		unsigned type = take_frame(supply, &body);

		good = type != 0 && take(r, type, body);
	}
	return good && finish(r);
}

/* Is the last frame there, and does it say what is before it? */
static bool
is_whole(struct supply *supply, uint64_t length)
{
	struct checksum sum;
	struct cursor c;

	supply_seek(supply, 0, length);
	checksum_begin(&sum, seed);
	while (supply->rc == 0 && length - supply->at > LAST) {
		uint64_t left = length - supply->at - LAST;

		checksum_add(&sum,
		    supply_take(supply,
			left < READ_AT_ONCE ? (size_t)left : READ_AT_ONCE));
	}
	c = cursor_open(supply_take(supply, LAST));
	return cursor_u8(&c) == FRAME_LAST && cursor_u32(&c) == 16 &&
	       cursor_u64(&c) == length - LAST &&
	       cursor_u64(&c) == checksum_end(&sum);
}

bool
kept_read(struct kept *kept, struct supply *supply, const char **why)
{
	struct reader r = { .kept = kept };
	uint64_t length = supply->end;
	struct cursor c = cursor_open(supply_take(supply, HEADER));
	struct bytes head = cursor_take(&c, MAGIC);
	uint32_t version = cursor_u32(&c);
	bool good = false;

	*kept = (struct kept){ .serial = 0 };
	if (c.bad || memcmp(head.at, magic, MAGIC) != 0) {
		*why = "no state of kedge";
	} else if (version > FORMAT) {
		*why = "written by a later version";
	} else if (version != FORMAT || !is_whole(supply, length)) {
		*why = "damaged or cut off";
	} else {
		supply_seek(supply, HEADER, length - LAST);
		good = read_frames(&r, supply);
		*why = good ? NULL : "not understood";
	}
	builder_free(r.current);
	builder_free(r.plain);
	if (!good) {
		kept_clear(kept);
	}
	return good;
}
