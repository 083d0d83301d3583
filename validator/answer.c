/* SPDX-License-Identifier: BSD-2-Clause */
/* answer - see answer.h. The head has a fixed size and stands in front. */
#include "validator/answer.h"

#include <assert.h>

enum {
	HEAD_SIZE = 1 + HASH_SIZE + MANIFEST_NUMBER + 5 * 8 + 4 + 3 * 4 + 8,
};

void
answer_begin(struct octets *out)
{
	static const uint8_t room[HEAD_SIZE];

	octets_reset(out);
	octets_add(out, room, sizeof(room));
}

void
answer_finding(struct octets *out, const struct answer_finding *finding)
{
	octets_u8(out, ANSWER_FINDING);
	octets_u16(out, (uint16_t)finding->fault);
	octets_text(out, finding->uri);
	octets_text(out, finding->detail);
	octets_add(out, finding->object.at, HASH_SIZE);
}

void
answer_child(struct octets *out, const struct ca_seed *child)
{
	octets_u8(out, ANSWER_CHILD);
	ca_seed_encode(out, child);
}

void
answer_source(struct octets *out, const struct answer_source *source)
{
	octets_u8(out, ANSWER_SOURCE);
	octets_u8(out, (uint8_t)source->kind);
	octets_text(out, source->uri);
	octets_add(out, source->object.at, HASH_SIZE);
	octets_u64(out, (uint64_t)source->not_before);
	octets_u64(out, (uint64_t)source->not_after);
}

void
answer_vrp(struct octets *out, const struct vrp *vrp)
{
	octets_u8(out, ANSWER_VRP);
	octets_u8(out, vrp->prefix.family);
	octets_u8(out, vrp->prefix.length);
	octets_u8(out, vrp->max_length);
	octets_u32(out, vrp->asn);
	octets_add(out, vrp->prefix.address, (vrp->prefix.length + 7u) / 8);
}

void
answer_router_key(struct octets *out, const struct router_key *key)
{
	octets_u8(out, ANSWER_ROUTER_KEY);
	octets_u32(out, key->asn);
	octets_add(out, key->ski.at, KEYID_SIZE);
	octets_run(out, bytes_of(key->spki, key->spki_len));
}

void
answer_aspa(struct octets *out, uint32_t customer, const uint32_t *providers,
    size_t count)
{
	octets_u8(out, ANSWER_ASPA);
	octets_u32(out, customer);
	octets_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		octets_u32(out, providers[i]);
	}
}

void
answer_count(struct octets *out, enum report_counter counter, uint32_t n)
{
	octets_u8(out, ANSWER_COUNT);
	octets_u8(out, (uint8_t)counter);
	octets_u32(out, n);
}

/* Past what octets_run() or octets_text() wrote: its length. */
static size_t
pass_run(struct cursor *c)
{
	uint32_t len = cursor_u32(c);

	return len == UINT32_MAX ? 0 : cursor_take(c, len).len;
}

/* How long the text was that came with a finding. */
static size_t
pass_finding(struct cursor *c)
{
	size_t octets;

	(void)cursor_u16(c);
	octets = pass_run(c);
	octets += pass_run(c);
	(void)cursor_take(c, HASH_SIZE);
	return octets;
}

static void
pass_vrp(struct cursor *c)
{
	unsigned length;

	(void)cursor_u8(c);
	length = cursor_u8(c);
	(void)cursor_u8(c);
	(void)cursor_u32(c);
	(void)cursor_take(c, (length + 7u) / 8);
}

static size_t
pass_aspa(struct cursor *c)
{
	size_t count;

	(void)cursor_u32(c);
	count = cursor_count(c, 4);
	(void)cursor_take(c, 4 * count);
	return count;
}

/* Past a record that is no child, adding it to what they come to. */
static void
pass(struct cursor *c, enum answer_record record, struct answer_head *sum)
{
	switch (record) {
	case ANSWER_FINDING:
		sum->findings++;
		sum->finding_octets += pass_finding(c);
		break;
	case ANSWER_SOURCE:
		(void)cursor_u8(c);
		(void)pass_run(c);
		(void)cursor_take(c, HASH_SIZE + 2 * 8);
		break;
	case ANSWER_VRP:
		sum->vrps++;
		sum->items++;
		pass_vrp(c);
		break;
	case ANSWER_ROUTER_KEY:
		sum->items++;
		(void)cursor_take(c, 4 + KEYID_SIZE);
		(void)pass_run(c);
		break;
	case ANSWER_ASPA:
		sum->items += (uint32_t)pass_aspa(c);
		break;
	case ANSWER_COUNT:
		(void)cursor_take(c, 1 + 4);
		break;
	case ANSWER_CHILD:
	case ANSWER_END:
		break;
	}
	if (record > ANSWER_COUNT) {
		cursor_fail(c);
	}
}

/* To the body of the next child; false at the end. */
static bool
to_child(struct cursor *c, struct answer_head *sum)
{
	enum answer_record record;

	for (;;) {
		record = (enum answer_record)cursor_u8(c);
		if (record == ANSWER_END || record == ANSWER_CHILD) {
			return record == ANSWER_CHILD;
		}
		pass(c, record, sum);
	}
}

static void
sum_up(const struct octets *out, struct answer_head *head)
{
	struct cursor c =
	    cursor_open(bytes_of(out->at + HEAD_SIZE, out->len - HEAD_SIZE));

	head->vrps = head->items = head->findings = 0;
	head->finding_octets = 0;
	while (to_child(&c, head)) {
		ca_seed_pass(&c);
	}
	assert(cursor_end(&c));
}

void
answer_end(struct octets *out, struct answer_head *head)
{
	struct octets front = { 0 };

	octets_u8(out, ANSWER_END);
	sum_up(out, head);
	octets_u8(&front, (uint8_t)head->state);
	octets_add(&front, head->manifest.at, HASH_SIZE);
	octets_add(&front, head->number, MANIFEST_NUMBER);
	octets_u64(&front, (uint64_t)head->this_update);
	octets_u64(&front, (uint64_t)head->next_update);
	octets_u64(&front, (uint64_t)head->stale);
	octets_u64(&front, (uint64_t)head->from);
	octets_u64(&front, (uint64_t)head->until);
	octets_u32(&front, head->signatures);
	octets_u32(&front, head->vrps);
	octets_u32(&front, head->items);
	octets_u32(&front, head->findings);
	octets_u64(&front, head->finding_octets);
	assert(front.len == HEAD_SIZE);
	memcpy(out->at, front.at, HEAD_SIZE);
	octets_clear(&front);
}

bool
answer_open(struct answer_reader *reader, struct answer_head *head,
    struct bytes answer, struct arena *arena)
{
	struct cursor c = cursor_open(answer);

	*head = (struct answer_head){ 0 };
	head->state = cursor_u8(&c);
	cursor_copy(&c, head->manifest.at, HASH_SIZE);
	cursor_copy(&c, head->number, MANIFEST_NUMBER);
	head->this_update = (int64_t)cursor_u64(&c);
	head->next_update = (int64_t)cursor_u64(&c);
	head->stale = (int64_t)cursor_u64(&c);
	head->from = (int64_t)cursor_u64(&c);
	head->until = (int64_t)cursor_u64(&c);
	head->signatures = cursor_u32(&c);
	head->vrps = cursor_u32(&c);
	head->items = cursor_u32(&c);
	head->findings = cursor_u32(&c);
	head->finding_octets = cursor_u64(&c);
	reader->at = c;
	reader->arena = arena;
	return !c.bad && head->state <= ANSWER_REJECTED;
}

static void
read_finding(struct answer_reader *r, struct answer_finding *f)
{
	unsigned fault = cursor_u16(&r->at);

	if (fault >= FAULT_COUNT) {
		cursor_fail(&r->at);
		fault = FAULT_NONE;
	}
	f->fault = (enum fault)fault;
	f->uri = cursor_text(&r->at, r->arena);
	f->detail = cursor_text(&r->at, r->arena);
	cursor_copy(&r->at, f->object.at, HASH_SIZE);
	if (f->uri == NULL) {
		cursor_fail(&r->at);
	}
}

static void
read_source(struct answer_reader *r, struct answer_source *s)
{
	s->kind = cursor_u8(&r->at);
	s->uri = cursor_text(&r->at, r->arena);
	cursor_copy(&r->at, s->object.at, HASH_SIZE);
	s->not_before = (int64_t)cursor_u64(&r->at);
	s->not_after = (int64_t)cursor_u64(&r->at);
	if (s->uri == NULL || s->kind > SOURCE_ASPA) {
		cursor_fail(&r->at);
	}
}

static void
read_vrp(struct answer_reader *r, struct vrp *vrp)
{
	vrp->prefix.family = cursor_u8(&r->at);
	vrp->prefix.length = cursor_u8(&r->at);
	vrp->max_length = cursor_u8(&r->at);
	vrp->asn = cursor_u32(&r->at);
	if (vrp->prefix.length > 128) {
		cursor_fail(&r->at);
		return;
	}
	cursor_copy(&r->at, vrp->prefix.address, (vrp->prefix.length + 7u) / 8);
	if (!item_vrp_sane(vrp)) {
		cursor_fail(&r->at);
	}
}

static void
read_router_key(struct answer_reader *r, struct router_key *key)
{
	struct bytes spki;

	key->asn = cursor_u32(&r->at);
	cursor_copy(&r->at, key->ski.at, KEYID_SIZE);
	spki = arena_copy(r->arena, cursor_run(&r->at));
	if (spki.len > UINT16_MAX) {
		cursor_fail(&r->at);
		return;
	}
	key->spki = spki.at;
	key->spki_len = (uint16_t)spki.len;
}

static void
read_aspa(struct answer_reader *r, struct aspa *aspa)
{
	uint32_t *list;

	aspa->customer = cursor_u32(&r->at);
	aspa->count = (uint32_t)cursor_count(&r->at, 4);
	list = arena_zero(r->arena, aspa->count, sizeof(*list));
	for (size_t i = 0; i < aspa->count; i++) {
		list[i] = cursor_u32(&r->at);
	}
	aspa->providers = list;
}

bool
answer_next(struct answer_reader *reader, struct answer_item *item)
{
	unsigned record = cursor_u8(&reader->at);

	/* Not the whole of it, which is large: each reads into its own. */
	item->record = (enum answer_record)record;
	switch (item->record) {
	case ANSWER_END:
		return false;
	case ANSWER_FINDING:
		item->finding = (struct answer_finding){ 0 };
		read_finding(reader, &item->finding);
		break;
	case ANSWER_CHILD:
		(void)ca_seed_decode(&item->child, &reader->at, reader->arena);
		break;
	case ANSWER_SOURCE:
		item->source = (struct answer_source){ 0 };
		read_source(reader, &item->source);
		break;
	case ANSWER_VRP:
		item->vrp = (struct vrp){ 0 };
		read_vrp(reader, &item->vrp);
		break;
	case ANSWER_ROUTER_KEY:
		item->router_key = (struct router_key){ 0 };
		read_router_key(reader, &item->router_key);
		break;
	case ANSWER_ASPA:
		item->aspa = (struct aspa){ 0 };
		read_aspa(reader, &item->aspa);
		break;
	case ANSWER_COUNT:
		record = cursor_u8(&reader->at);
		item->count.counter = (enum report_counter)record;
		item->count.n = cursor_u32(&reader->at);
		if (record >= REPORT_COUNTERS) {
			cursor_fail(&reader->at);
		}
		break;
	}
	if (item->record > ANSWER_COUNT) {
		cursor_fail(&reader->at);
	}
	return !reader->at.bad;
}

bool
answer_next_child(struct answer_reader *reader, struct ca_seed *child)
{
	struct answer_head sum = { 0 }; /* nobody asks */

	return to_child(&reader->at, &sum) &&
	       ca_seed_decode(child, &reader->at, reader->arena);
}
