/* SPDX-License-Identifier: BSD-2-Clause */
/* wire - see wire.h. */
#include "payload/wire.h"

#include <string.h>

#include "base/cursor.h"

/* Octets after which a frame of a set is sent. */
enum { BATCH = 1 << 20 };

/* With its kind in a source's first octet: struct source's `kept`, `held`. */
enum { SOURCE_KEPT = 4, SOURCE_HELD = 8 };

static int64_t
read_time(struct cursor *c)
{
	return (int64_t)cursor_u64(c);
}

static void
put_time(struct octets *out, int64_t when)
{
	octets_u64(out, (uint64_t)when);
}

/* --- small messages */

const char *
wire_fetch_state(const struct wire_fetch *fetch)
{
	return fetch->state == REPO_NEW ? "certificate"
					: report_state_name(fetch->state);
}

static void
put_fetch(struct octets *out, const struct wire_fetch *f)
{
	octets_u8(out, (uint8_t)f->state);
	put_time(out, f->since);
	octets_u64(out, f->octets);
	octets_run(out, bytes_of(f->uri, strlen(f->uri)));
}

void
wire_put_progress(struct octets *out, const struct wire_progress *p)
{
	octets_u32(out, p->repositories);
	octets_u32(out, p->repositories_done);
	octets_u32(out, p->points);
	octets_u32(out, p->points_done);
	octets_u32(out, p->fetching);
	octets_u32(out, p->vrps);
	octets_u64(out, p->octets);
	octets_u8(out, (uint8_t)p->fetch_count);
	for (unsigned i = 0; i < p->fetch_count; i++) {
		put_fetch(out, &p->fetches[i]);
	}
}

static void
read_fetch(struct cursor *c, struct wire_fetch *f)
{
	struct bytes uri;

	f->state = (enum repository_state)cursor_below(c, REPO_STATES);
	f->since = read_time(c);
	f->octets = cursor_u64(c);
	uri = cursor_run(c);
	if (uri.len == 0 || uri.len >= sizeof(f->uri)) {
		c->bad = true;
		return;
	}
	memcpy(f->uri, uri.at, uri.len);
	f->uri[uri.len] = '\0';
}

bool
wire_read_progress(struct wire_progress *p, struct bytes in)
{
	struct cursor c = cursor_open(in);

	*p = (struct wire_progress){ .repositories = cursor_u32(&c) };
	p->repositories_done = cursor_u32(&c);
	p->points = cursor_u32(&c);
	p->points_done = cursor_u32(&c);
	p->fetching = cursor_u32(&c);
	p->vrps = cursor_u32(&c);
	p->octets = cursor_u64(&c);
	p->fetch_count = (unsigned)cursor_below(&c, WIRE_FETCHES + 1);
	for (unsigned i = 0; i < p->fetch_count && !c.bad; i++) {
		read_fetch(&c, &p->fetches[i]);
	}
	return cursor_end(&c);
}

void
wire_put_seal(struct octets *out, const struct wire_seal *s)
{
	octets_u8(out, (uint8_t)s->kind);
	octets_u64(out, s->vrps);
	octets_u64(out, s->router_keys);
	octets_u64(out, s->aspas);
	put_time(out, s->valid_until);
	octets_u8(out, s->complete ? 1 : 0);
}

bool
wire_read_seal(struct wire_seal *s, struct bytes in)
{
	struct cursor c = cursor_open(in);

	s->kind = (enum wire_seal_kind)cursor_below(&c, WIRE_SEAL_FINAL + 1);
	s->vrps = cursor_u64(&c);
	s->router_keys = cursor_u64(&c);
	s->aspas = cursor_u64(&c);
	s->valid_until = read_time(&c);
	s->complete = cursor_below(&c, 2) == 1;
	return cursor_end(&c);
}

void
wire_put_inspect(struct octets *out, const struct wire_inspect *i)
{
	octets_u8(out, (uint8_t)i->form);
}

bool
wire_read_inspect(struct wire_inspect *i, struct bytes in)
{
	struct cursor c = cursor_open(in);

	i->form =
	    (enum wire_inspect_form)cursor_below(&c, WIRE_INSPECT_JSON + 1);
	return cursor_end(&c);
}

void
wire_put_look(struct octets *out, const struct wire_look *look)
{
	octets_text(out, look->name);
	octets_u8(out, look->in_hand ? 1 : 0);
	octets_run(out, look->octets);
}

bool
wire_read_look(struct wire_look *look, struct bytes in, struct arena *arena)
{
	struct cursor c = cursor_open(in);

	look->name = cursor_string(&c, arena);
	look->in_hand = cursor_below(&c, 2) == 1;
	look->octets = cursor_run(&c);
	return cursor_end(&c);
}

void
wire_put_report(struct octets *out, const struct report *report)
{
	report_encode(out, report);
}

bool
wire_read_report(struct report *report, struct bytes in, struct arena *arena)
{
	return report_decode(report, in, arena);
}

/* --- a set: writing */

void
wire_put_begin(struct octets *out, const char *const *tas, size_t count)
{
	octets_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		octets_text(out, tas[i]);
	}
}

void
wire_put_source(struct octets *out, const struct source *source)
{
	octets_u8(out, (uint8_t)((unsigned)source->kind |
				 (source->kept ? SOURCE_KEPT : 0) |
				 (source->held ? SOURCE_HELD : 0)));
	octets_u16(out, source->ta);
	octets_u16(out, source->repository);
	octets_text(out, source->uri != NULL ? source->uri : "");
	octets_text(out, source->comment);
	octets_add(out, source->object.at, HASH_SIZE);
	put_time(out, source->not_before);
	put_time(out, source->not_after);
	put_time(out, source->chain_not_before);
	put_time(out, source->chain_not_after);
	put_time(out, source->stale);
	put_time(out, source->expires);
}

void
wire_put_vrp(struct octets *out, const struct vrp *vrp, uint32_t source)
{
	item_vrp_put(out, vrp);
	octets_u32(out, source);
}

void
wire_put_router_key(struct octets *out, const struct router_key *key,
    uint32_t source)
{
	octets_u32(out, key->asn);
	octets_add(out, key->ski.at, KEYID_SIZE);
	octets_run(out, bytes_of(key->spki, key->spki_len));
	octets_u32(out, source);
}

void
wire_put_aspa(struct octets *out, const struct aspa *aspa, uint32_t source)
{
	octets_u32(out, aspa->customer);
	octets_u32(out, source);
	item_providers_put(out, aspa);
}

void
wire_put_item(struct octets *out, enum item_kind kind, const void *item,
    uint32_t source)
{
	switch (kind) {
	case ITEM_VRP:
		wire_put_vrp(out, item, source);
		break;
	case ITEM_ROUTER_KEY:
		wire_put_router_key(out, item, source);
		break;
	case ITEM_ASPA:
		wire_put_aspa(out, item, source);
		break;
	case ITEM_KINDS:
		break;
	}
}

/* One frame under way. */
struct batch {
	struct octets octets;
	enum wire type;
	wire_send *send;
	void *arg;
};

static int
flush(struct batch *batch)
{
	int rc = 0;

	if (batch->octets.len != 0) {
		rc = batch->send(batch->arg, batch->type,
		    octets_bytes(&batch->octets));
		octets_reset(&batch->octets);
	}
	return rc;
}

static int
flush_full(struct batch *batch)
{
	return batch->octets.len < BATCH ? 0 : flush(batch);
}

static int
send_begin(struct batch *batch, const struct snapshot *snapshot)
{
	size_t count = snapshot_ta_count(snapshot);

	batch->type = WIRE_BEGIN;
	octets_u32(&batch->octets, (uint32_t)count);
	for (size_t ta = 0; ta < count; ta++) {
		octets_text(&batch->octets, snapshot_ta_name(snapshot, ta));
	}
	return flush(batch);
}

static int
send_sources(struct batch *batch, const struct snapshot *snapshot)
{
	const struct sources *sources = snapshot_book(snapshot);
	struct source_room room;
	int rc = 0;

	batch->type = WIRE_SOURCES;
	for (uint32_t i = 0; rc == 0 && i < sources_count(sources); i++) {
		wire_put_source(&batch->octets, sources_get(sources, i, &room));
		rc = flush_full(batch);
	}
	return rc == 0 ? flush(batch) : rc;
}

static int
send_items(struct batch *batch, const struct snapshot *snapshot,
    enum item_kind kind)
{
	static const enum wire types[ITEM_KINDS] = {
		[ITEM_VRP] = WIRE_VRPS,
		[ITEM_ROUTER_KEY] = WIRE_ROUTER_KEYS,
		[ITEM_ASPA] = WIRE_ASPAS,
	};
	int rc = 0;

	batch->type = types[kind];
	for (size_t i = 0; rc == 0 && i < snapshot_count(snapshot, kind); i++) {
		size_t count = snapshot_sources(snapshot, kind, i);

		for (size_t n = 0; rc == 0 && n < count; n++) {
			wire_put_item(&batch->octets, kind,
			    snapshot_item(snapshot, kind, i),
			    snapshot_source_number(snapshot, kind, i, n));
			rc = flush_full(batch);
		}
	}
	return rc == 0 ? flush(batch) : rc;
}

int
wire_put_snapshot(const struct snapshot *snapshot, wire_send *send, void *arg)
{
	struct batch batch = { .send = send, .arg = arg };
	int rc = send_begin(&batch, snapshot);

	if (rc == 0) {
		rc = send_sources(&batch, snapshot);
	}
	for (unsigned kind = 0; rc == 0 && kind < ITEM_KINDS; kind++) {
		rc = send_items(&batch, snapshot, (enum item_kind)kind);
	}
	octets_clear(&batch.octets);
	return rc;
}

/* --- a set: reading */

/* The number of a source that was sent. */
static uint32_t
read_number(struct cursor *c, const struct builder *builder)
{
	uint32_t number = cursor_u32(c);

	if (number >= builder_sources(builder)) {
		cursor_fail(c);
	}
	return number;
}

static void
feed_begin(struct builder *builder, struct cursor *c, struct arena *arena)
{
	size_t count = cursor_count(c, 4);

	if (count > LIMIT_SET_TAS || builder_octets(builder) != 0 ||
	    builder_tas(builder) != 0) {
		cursor_fail(c);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = cursor_string(c, arena);

		if (c->bad) {
			return;
		}
		builder_ta(builder, name);
	}
}

static void
feed_source(struct builder *builder, struct cursor *c, struct arena *arena)
{
	struct source source = { .kind = SOURCE_ROA };
	unsigned first;

	first = cursor_below(c, 2 * SOURCE_HELD);
	source.kind = (enum source_kind)(first & (SOURCE_KEPT - 1));
	source.kept = (first & SOURCE_KEPT) != 0;
	source.held = (first & SOURCE_HELD) != 0;
	source.ta = cursor_u16(c);
	source.repository = cursor_u16(c);
	source.uri = cursor_string(c, arena);
	source.comment = cursor_text(c, arena);
	cursor_copy(c, source.object.at, HASH_SIZE);
	source.not_before = read_time(c);
	source.not_after = read_time(c);
	source.chain_not_before = read_time(c);
	source.chain_not_after = read_time(c);
	source.stale = read_time(c);
	source.expires = read_time(c);
	if (source.ta != SOURCE_NO_TA && source.ta >= builder_tas(builder)) {
		cursor_fail(c);
	}
	if (!c->bad) {
		builder_source(builder, &source);
	}
}

/* Millions of these: all of the frame, which bounds what they take. */
static void
feed_vrps(struct builder *builder, struct cursor *c, struct arena *arena)
{
	struct vrp vrp = { .asn = 0 };
	uint32_t number;

	(void)arena;
	while (!c->bad && cursor_left(c) != 0) {
		item_vrp_read(c, &vrp);
		number = read_number(c, builder);
		if (!c->bad) {
			builder_vrp(builder, &vrp, number);
		}
	}
}

static void
feed_router_key(struct builder *builder, struct cursor *c, struct arena *arena)
{
	struct router_key key = { .asn = cursor_u32(c) };
	struct bytes spki;
	uint32_t number;

	(void)arena;
	cursor_copy(c, key.ski.at, KEYID_SIZE);
	spki = cursor_run(c);
	number = read_number(c, builder);
	if (spki.len > LIMIT_SPKI) {
		cursor_fail(c);
	}
	if (!c->bad) {
		key.spki = spki.at;
		key.spki_len = (uint16_t)spki.len;
		builder_router_key(builder, &key, number);
	}
}

static void
feed_aspa(struct builder *builder, struct cursor *c, struct arena *arena)
{
	struct aspa aspa = { .customer = cursor_u32(c) };
	uint32_t number = read_number(c, builder);

	item_providers_read(c, &aspa, arena);
	if (!c->bad) {
		builder_aspa(builder, &aspa, number);
	}
}

typedef void feeder(struct builder *builder, struct cursor *c,
    struct arena *arena);

static feeder *
record_feeder(uint8_t type)
{
	switch (type) {
	case WIRE_SOURCES:
		return feed_source;
	case WIRE_VRPS:
		return feed_vrps;
	case WIRE_ROUTER_KEYS:
		return feed_router_key;
	case WIRE_ASPAS:
		return feed_aspa;
	default: /* of an octet from the other side, not of an enum */
		return NULL;
	}
}

bool
wire_feed(struct builder *builder, const struct frame *frame)
{
	struct cursor c = cursor_open(frame->body);
	feeder *feed = record_feeder(frame->type);
	struct arena *arena = arena_new();

	if (frame->type == WIRE_BEGIN) {
		feed_begin(builder, &c, arena);
	} else if (feed == NULL) {
		cursor_fail(&c);
	}
	while (feed != NULL && !c.bad && cursor_left(&c) != 0) {
		feed(builder, &c, arena);
		arena_reset(arena);
		if (builder_octets(builder) > LIMIT_SET_OCTETS) {
			cursor_fail(&c);
		}
	}
	arena_free(arena);
	return cursor_end(&c);
}
