/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cache whose set changes at random for hundreds of serials, over their
 * wrap, and routers that ask now and then: what each holds is what a reset
 * would give it, and every answer keeps the order of 8210bis 11.2.
 */
#include "rtr/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "payload/builder.h"
#include "rtr/client.h"
#include "rtr/session.h"

enum { STEPS = 400, KEPT = 10, ROUTERS = 9 };

/* --- sets */

static uint32_t
next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

static void
put_vrps(struct builder *builder, uint32_t *dice, unsigned odds)
{
	for (unsigned i = 0; i < 96; i++) {
		bool v4 = i % 2 == 0;
		uint8_t length = (uint8_t)(8 + i / 2 % 3 * 8);
		struct vrp vrp = {
			.prefix = { .family = v4 ? IP_V4 : IP_V6,
			    .length = length },
			.max_length = (uint8_t)(24 + i % 4),
			.asn = i % 5 * 1000,
		};

		vrp.prefix.address[0] = (uint8_t)(10 + i / 24);
		if (next(dice) % 100 < odds) {
			builder_vrp(builder, &vrp, 0);
		}
	}
}

static void
put_keys(struct builder *builder, uint32_t *dice, unsigned odds)
{
	for (unsigned i = 0; i < 12; i++) {
		uint8_t spki[] = { 0x30, (uint8_t)(i % 3), 7 };
		struct router_key key = { .asn = 64496 + i % 2,
			.spki = spki,
			.spki_len = (uint16_t)(2 + i % 2) };

		memset(key.ski.at, (int)(200 - i / 4), KEYID_SIZE);
		if (next(dice) % 100 < odds) {
			builder_router_key(builder, &key, 0);
		}
	}
}

static void
put_aspas(struct builder *builder, uint32_t *dice, unsigned odds)
{
	for (uint32_t customer = 1; customer <= 10; customer++) {
		uint32_t providers[4];
		struct aspa aspa = { .customer = customer * 70000,
			.providers = providers };

		while (aspa.count < 1 + next(dice) % 3) {
			providers[aspa.count] = aspa.count * 5 + next(dice) % 3;
			aspa.count++;
		}
		if (next(dice) % 100 < odds) {
			builder_aspa(builder, &aspa, 0);
		}
	}
}

static const struct snapshot *
random_set(uint32_t *dice, unsigned odds)
{
	struct builder *builder = builder_new();
	struct source source = { .uri = "", .expires = INT64_MAX };

	builder_ta(builder, "cache");
	(void)builder_source(builder, &source);
	put_vrps(builder, dice, odds);
	put_keys(builder, dice, odds);
	put_aspas(builder, dice, odds);
	return builder_seal(builder);
}

static bool
of_version(void *arg, const struct snapshot *snapshot, enum item_kind kind,
    size_t i)
{
	const unsigned *version = arg;

	(void)snapshot;
	(void)i;
	return (unsigned)kind <= *version;
}

/* Does the router hold what its version may know of the set? */
static void
assert_holds(const struct client *client, const struct snapshot *set)
{
	unsigned version = client_version(client);
	struct builder *builder = builder_new();
	const struct snapshot *expected;
	const struct delta *delta;

	builder_copy(builder, set, of_version, &version);
	expected = builder_seal(builder);
	delta = delta_new(expected, client_set(client));
	assert_true(delta_empty(delta));
	delta_put(delta);
	snapshot_put(expected);
}

/* --- order */

/* What decides between two payload PDUs of a type, as octets to compare. */
struct rank {
	uint8_t key[64];
	size_t len;
};

static void
add(struct rank *rank, const void *at, size_t n, bool down)
{
	const uint8_t *from = at;

	for (size_t i = 0; i < n; i++) {
		rank->key[rank->len++] = down ? (uint8_t)~from[i] : from[i];
	}
}

static struct rank
rank_of(const struct pdu *pdu)
{
	const uint8_t *b = pdu->body.at;
	struct rank rank = { 0 };
	uint8_t type = pdu->type;
	uint8_t spki_len = (uint8_t)(pdu->body.len - 24);
	bool announce;

	add(&rank, &type, 1, false);
	if (type == PDU_IPV4_PREFIX || type == PDU_IPV6_PREFIX) {
		size_t n = type == PDU_IPV4_PREFIX ? 4 : 16;

		announce = (b[0] & 1) != 0;
		add(&rank, b, 1, true);
		add(&rank, b + 4, n, announce);
		add(&rank, b + 2, 1, announce);
		add(&rank, b + 1, 1, announce);
		add(&rank, b + 4 + n, 4, announce);
		return rank;
	}
	announce = (pdu->field >> 8 & 1) != 0;
	rank.key[rank.len++] = announce ? 0 : 1;
	if (type == PDU_ROUTER_KEY) {
		add(&rank, b, KEYID_SIZE, false);
		add(&rank, &spki_len, 1, false);
		add(&rank, b + 24, spki_len, false);
		add(&rank, b + 20, 4, false);
	} else {
		add(&rank, b, 4, false);
	}
	return rank;
}

/* Strictly rising: the order is total and nothing comes twice. */
static void
assert_ordered(struct bytes answer, size_t *payloads)
{
	struct rank before = { 0 };
	struct pdu pdu;

	*payloads = 0;
	while (answer.len > 0) {
		assert_int_equal(pdu_read(&pdu, answer), PDU_WHOLE);
		if (pdu.type != PDU_CACHE_RESPONSE &&
		    pdu.type != PDU_END_OF_DATA) {
			struct rank rank = rank_of(&pdu);
			size_t n =
			    before.len < rank.len ? before.len : rank.len;

			assert_true(memcmp(before.key, rank.key, n) < 0 ||
				    before.len == 0);
			before = rank;
			++*payloads;
		}
		answer =
		    bytes_of(answer.at + pdu.length, answer.len - pdu.length);
	}
}

/* --- talking */

struct router {
	struct client *client;
	struct session session;
	unsigned lag;    /* in a hundred steps, how many it sleeps */
	uint32_t serial; /* it holds */
};

static size_t
least_changes(const struct history *history, const struct router *r)
{
	const struct delta *delta = history_since(history, r->serial);
	size_t n = 0;

	assert_non_null(delta);
	for (unsigned kind = 0; kind <= client_version(r->client); kind++) {
		n += delta_count(delta, (enum item_kind)kind, DELTA_ANNOUNCE);
		n += delta_count(delta, (enum item_kind)kind, DELTA_WITHDRAW);
	}
	delta_put(delta);
	return n;
}

/* One question and what comes of it. True: the answer is whole. */
static bool
exchange(struct router *r, const struct server_feed *feed,
    const struct history *history, struct octets *query)
{
	const struct stream *stream = NULL;
	struct session_cache cache;
	struct session_answer a;
	struct octets reset = { 0 };
	enum client_event event;
	size_t payloads;
	bool later;

	(void)session_hear(&r->session, octets_bytes(query));
	octets_reset(query);
	feed->look(feed->arg, &cache);
	session_answer(&r->session, &cache, &a);
	if (a.say == SESSION_RESET) {
		pdu_cache_reset(&reset, r->session.version);
		client_hear(r->client, octets_bytes(&reset));
		octets_clear(&reset);
	} else if (a.say == SESSION_FULL) {
		stream = feed->full(feed->arg, r->session.version, &later);
	} else {
		assert_int_equal(a.say, SESSION_DELTA);
		stream =
		    feed->since(feed->arg, r->session.version, a.since, &later);
	}
	if (stream != NULL) {
		assert_ordered(stream_octets(stream), &payloads);
		if (a.say == SESSION_DELTA) {
			assert_int_equal(payloads, least_changes(history, r));
		}
		client_hear(r->client, stream_octets(stream));
		stream_put(stream);
	}
	event = client_next(r->client, query);
	assert_string_equal(client_why(r->client), "");
	assert_true(event == CLIENT_WHOLE || event == CLIENT_ASKS);
	return event == CLIENT_WHOLE;
}

static void
synchronise(struct router *r, const struct server_feed *feed,
    const struct history *history)
{
	struct octets query = { 0 };

	client_ask(r->client, &query);
	while (!exchange(r, feed, history, &query)) {
	}
	r->serial = client_serial(r->client);
	assert_int_equal(r->serial, history_serial(history));
	assert_holds(r->client, history_current(history));
	octets_clear(&query);
}

static void
test_deltas_equal_resets(void **state)
{
	struct history *history = history_new(UINT32_MAX - STEPS / 2, KEPT);
	struct feed_config config = { .sessions = { 11, 12, 13 },
		.timing = { 600, 600, 7200 },
		.max_version = 2 };
	struct feed *feed = feed_new(history, &config);
	struct server_feed asked = feed_of(feed);
	struct router routers[ROUTERS] = { 0 };
	uint32_t dice = 20261126;

	(void)state;
	for (unsigned i = 0; i < ROUTERS; i++) {
		routers[i].client = client_new("cache", i % 3, SIZE_MAX);
		routers[i].lag = i / 3 * 45;
		session_init(&routers[i].session);
	}
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned odds = step % 50 == 49 ? 0 : next(&dice) % 101;

		if (history_push(history, random_set(&dice, odds))) {
			feed_changed(feed);
		}
		for (unsigned i = 0; i < ROUTERS; i++) {
			if (next(&dice) % 100 >= routers[i].lag) {
				synchronise(&routers[i], &asked, history);
			}
		}
	}
	assert_true(history_serial(history) < STEPS); /* it went round */
	for (unsigned i = 0; i < ROUTERS; i++) {
		synchronise(&routers[i], &asked, history);
		client_free(routers[i].client);
		session_clear(&routers[i].session);
	}
	feed_free(feed);
	history_free(history);
}

static void
test_shared(void **state)
{
	struct history *history = history_new(7, KEPT);
	struct feed_config config = { .sessions = { 11, 12, 13 },
		.max_version = 9 };
	struct feed *feed = feed_new(history, &config);
	struct server_feed asked = feed_of(feed);
	struct session_cache cache;
	const struct stream *a, *b;
	uint32_t dice = 1;
	bool later;

	(void)state;
	asked.look(asked.arg, &cache);
	assert_false(cache.ready);
	assert_int_equal(cache.max_version, 2);
	assert_true(history_push(history, random_set(&dice, 50)));
	feed_changed(feed);
	a = asked.full(asked.arg, 2, &later);
	b = asked.full(asked.arg, 2, &later);
	assert_ptr_equal(a, b);
	stream_put(b);
	/* What a client still reads outlives the serial it belongs to. */
	assert_true(history_push(history, random_set(&dice, 50)));
	feed_changed(feed);
	b = asked.full(asked.arg, 2, &later);
	assert_ptr_not_equal(a, b);
	assert_int_equal(stream_octets(a).at[1], PDU_CACHE_RESPONSE);
	stream_put(a);
	stream_put(b);
	a = asked.since(asked.arg, 2, 7, &later);
	b = asked.since(asked.arg, 2, 7, &later);
	assert_ptr_equal(a, b);
	stream_put(a);
	stream_put(b);
	assert_null(asked.since(asked.arg, 2, 6, &later));
	feed_set_mode(feed, FEED_NO_DATA);
	asked.look(asked.arg, &cache);
	assert_false(cache.ready);
	feed_free(feed);
	history_free(history);
}

/* --- orders */

static const struct snapshot *
large_set(unsigned from, unsigned past)
{
	struct builder *builder = builder_new();
	struct source source = { .uri = "", .expires = INT64_MAX };

	builder_ta(builder, "cache");
	(void)builder_source(builder, &source);
	for (unsigned i = from; i < past; i++) {
		struct vrp vrp = {
			.prefix = { .family = i % 3 == 0 ? IP_V6 : IP_V4,
			    .length = 24,
			    .address = { 10, (uint8_t)(i >> 8), (uint8_t)i } },
			.max_length = 24,
			.asn = i,
		};

		builder_vrp(builder, &vrp, 0);
	}
	return builder_seal(builder);
}

struct tray {
	struct feed_order *orders[8];
	size_t count;
	size_t discarded;
};

static void
on_order(void *arg, struct feed_order *order)
{
	struct tray *tray = arg;

	assert_true(tray->count < 8);
	tray->orders[tray->count++] = order;
}

static void
on_discard(void *arg, const struct stream *stream)
{
	struct tray *tray = arg;

	tray->discarded++;
	stream_put(stream);
}

static void
work_off(struct tray *tray, struct feed *feed)
{
	for (size_t i = 0; i < tray->count; i++) {
		feed_work(tray->orders[i]);
		feed_take(feed, tray->orders[i]);
	}
	tray->count = 0;
}

/* The same octets as from a feed that has nobody to order from. */
static void
assert_same(struct feed *feed, struct feed *plain, unsigned version,
    const uint32_t *serial)
{
	struct server_feed a = feed_of(feed), b = feed_of(plain);
	bool later = true, never = true;
	const struct stream *x = serial == NULL
				     ? a.full(a.arg, version, &later)
				     : a.since(a.arg, version, *serial, &later);
	const struct stream *y = serial == NULL
				     ? b.full(b.arg, version, &never)
				     : b.since(b.arg, version, *serial, &never);
	size_t payloads;

	assert_false(later);
	assert_false(never);
	assert_true(bytes_equal(stream_octets(x), stream_octets(y)));
	assert_ordered(stream_octets(x), &payloads);
	stream_put(x);
	stream_put(y);
}

struct bakery {
	struct history *history;
	size_t delta_octets;
	struct tray tray;
	struct feed *feed, *plain;
	struct server_feed asked;
};

static void
open_bakery(struct bakery *b)
{
	struct feed_config config = { .sessions = { 11, 12, 13 },
		.max_version = 2,
		.delta_octets = b->delta_octets,
		.order = on_order,
		.discard = on_discard,
		.arg = &b->tray };

	b->history = history_new(7, KEPT);
	b->feed = feed_new(b->history, &config);
	config.order = NULL;
	config.discard = NULL;
	b->plain = feed_new(b->history, &config);
	b->asked = feed_of(b->feed);
}

static void
bake(struct bakery *b, const struct snapshot *set)
{
	assert_true(history_push(b->history, set));
	feed_changed(b->feed);
	feed_changed(b->plain);
}

static void
close_bakery(struct bakery *b)
{
	feed_free(b->feed);
	feed_free(b->plain);
	history_free(b->history);
}

static void
test_full_orders(void **state)
{
	struct bakery b = { .tray.count = 0 };
	bool later = false;

	(void)state;
	open_bakery(&b);
	bake(&b, large_set(0, 5000));
	assert_null(b.asked.full(b.asked.arg, 1, &later));
	assert_true(later);
	/* It is made once for all who wait. */
	assert_null(b.asked.full(b.asked.arg, 1, &later));
	assert_null(b.asked.full(b.asked.arg, 2, &later));
	assert_int_equal(b.tray.count, 2);
	work_off(&b.tray, b.feed);
	assert_same(b.feed, b.plain, 1, NULL);
	assert_same(b.feed, b.plain, 2, NULL);
	/* Forgotten only by the second rest, since it was asked for. */
	feed_rest(b.feed);
	assert_same(b.feed, b.plain, 1, NULL);
	feed_rest(b.feed);
	assert_int_equal(b.tray.discarded, 1);
	feed_rest(b.feed);
	assert_int_equal(b.tray.discarded, 2);
	assert_null(b.asked.full(b.asked.arg, 1, &later));
	assert_true(later);
	/* What comes back when the set is another one is of no use. */
	bake(&b, large_set(0, 6000));
	assert_null(b.asked.full(b.asked.arg, 1, &later));
	assert_int_equal(b.tray.count, 2);
	work_off(&b.tray, b.feed);
	assert_int_equal(b.tray.discarded, 3);
	assert_same(b.feed, b.plain, 1, NULL);
	bake(&b, large_set(0, 5000));
	assert_int_equal(b.tray.discarded, 4);
	close_bakery(&b);
}

static void
test_delta_orders(void **state)
{
	static const uint32_t serials[] = { 7, 8, 9 };
	struct bakery b = { .tray.count = 0 };
	uint32_t future = 10, past = 6;
	bool later = false;

	(void)state;
	open_bakery(&b);
	bake(&b, large_set(0, 5000));
	bake(&b, large_set(100, 10000));
	bake(&b, large_set(200, 10000));
	assert_null(b.asked.since(b.asked.arg, 1, serials[0], &later));
	assert_true(later);
	assert_null(b.asked.since(b.asked.arg, 1, serials[0], &later));
	assert_true(later);
	assert_int_equal(b.tray.count, 1);
	/* Few changes are not worth the way. */
	assert_same(b.feed, b.plain, 1, &serials[1]);
	assert_same(b.feed, b.plain, 1, &serials[2]);
	assert_int_equal(b.tray.count, 1);
	work_off(&b.tray, b.feed);
	assert_same(b.feed, b.plain, 1, &serials[0]);
	assert_null(b.asked.since(b.asked.arg, 1, future, &later));
	assert_false(later);
	assert_null(b.asked.since(b.asked.arg, 1, past, &later));
	assert_false(later);
	/* No more than full ones are they freed by who asks. */
	assert_null(b.asked.since(b.asked.arg, 0, serials[0], &later));
	bake(&b, large_set(0, 5000));
	assert_int_equal(b.tray.discarded, 3);
	work_off(&b.tray, b.feed);
	assert_int_equal(b.tray.discarded, 4);
	/* One that nobody works off. */
	assert_null(b.asked.since(b.asked.arg, 0, serials[0], &later));
	assert_int_equal(b.tray.count, 1);
	feed_drop(b.tray.orders[0]);
	close_bakery(&b);
}

/* Who is behind by other serials than all others fills no memory with it. */
static void
test_delta_room(void **state)
{
	static const uint32_t serials[] = { 9, 8, 7, 9, 9, 7 };
	static const size_t discarded[] = { 0, 0, 2, 3, 3, 4 };
	struct bakery b = { .delta_octets = 8000 };

	(void)state;
	open_bakery(&b);
	for (unsigned n = 1; n <= 4; n++) {
		bake(&b, large_set(0, n * 100));
	}
	for (size_t i = 0; i < sizeof(serials) / sizeof(serials[0]); i++) {
		assert_same(b.feed, b.plain, 1, &serials[i]);
		assert_int_equal(b.tray.discarded, discarded[i]);
	}
	close_bakery(&b);
	/* One that is still being made stays in its place. */
	b = (struct bakery){ .delta_octets = 8000 };
	open_bakery(&b);
	for (unsigned n = 0; n < 3; n++) {
		bake(&b, large_set(0, 5000 * n));
	}
	for (unsigned n = 0; n < 2; n++) {
		const struct stream *none;
		bool later = false;

		none = b.asked.since(b.asked.arg, 1, 7 + n, &later);
		assert_null(none);
		assert_true(later);
	}
	assert_int_equal(b.tray.count, 2);
	work_off(&b.tray, b.feed);
	assert_int_equal(b.tray.discarded, 1);
	assert_same(b.feed, b.plain, 1, &serials[1]);
	close_bakery(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deltas_equal_resets),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_full_orders),
		cmocka_unit_test(test_delta_orders),
		cmocka_unit_test(test_delta_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
