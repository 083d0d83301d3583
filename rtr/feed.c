/* SPDX-License-Identifier: BSD-2-Clause */
/* feed - see feed.h. */
#include "rtr/feed.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"

/* So many items are encoded within a millisecond or two. */
enum { SOON = 4096 };

struct shelved {
	uint32_t since;
	const struct stream *stream; /* NULL: ordered */
};

struct shelf {
	const struct stream *full;
	bool ordered, asked;
	struct shelved *deltas;
	size_t count, room;
};

struct feed {
	const struct history *history;
	struct feed_config config;
	enum feed_mode mode;
	uint64_t edition; /* of what is on the shelves */
	struct shelf shelves[PDU_VERSIONS];
};

struct feed_order {
	uint64_t edition;
	struct stream_frame frame;
	bool whole;
	const struct snapshot *set; /* to be told whole; or NULL */
	struct delta_path path;     /* to be told as one */
	uint32_t since;
	const struct stream *stream; /* what was made of it */
};

/* Bring into bounds what was asked for. */
static void
fit(struct feed_config *config)
{
	pdu_fit_timing(&config->timing);
	if (config->max_version >= PDU_VERSIONS) {
		config->max_version = PDU_VERSIONS - 1;
	}
}

struct feed *
feed_new(const struct history *history, const struct feed_config *config)
{
	struct feed *feed = mem_zero(1, sizeof(*feed));

	feed->history = history;
	feed->config = *config;
	fit(&feed->config);
	return feed;
}

static void
let_go(const struct feed *feed, const struct stream *stream)
{
	if (stream != NULL && feed->config.discard != NULL) {
		feed->config.discard(feed->config.arg, stream);
	} else {
		stream_put(stream);
	}
}

static void
drop_full(struct feed *feed, struct shelf *shelf)
{
	let_go(feed, shelf->full);
	shelf->full = NULL;
}

void
feed_changed(struct feed *feed)
{
	for (unsigned v = 0; v < PDU_VERSIONS; v++) {
		struct shelf *shelf = &feed->shelves[v];

		drop_full(feed, shelf);
		for (size_t i = 0; i < shelf->count; i++) {
			let_go(feed, shelf->deltas[i].stream);
		}
		free(shelf->deltas);
		*shelf = (struct shelf){ 0 };
	}
	feed->edition++;
}

void
feed_free(struct feed *feed)
{
	if (feed == NULL) {
		return;
	}
	feed->config.discard = NULL; /* who would do it may be gone */
	feed_changed(feed);
	free(feed);
}

void
feed_set_sessions(struct feed *feed, const uint16_t sessions[PDU_VERSIONS])
{
	for (unsigned v = 0; v < PDU_VERSIONS; v++) {
		feed->config.sessions[v] = sessions[v];
	}
	feed_changed(feed);
}

void
feed_set_terms(struct feed *feed, const struct pdu_timing *timing,
    unsigned max_version)
{
	feed->config.timing = *timing;
	feed->config.max_version = max_version;
	fit(&feed->config);
	feed_changed(feed);
}

void
feed_set_mode(struct feed *feed, enum feed_mode mode)
{
	feed->mode = mode;
}

static void
look(void *arg, struct session_cache *cache)
{
	const struct feed *feed = arg;

	*cache = (struct session_cache){
		.ready = history_current(feed->history) != NULL &&
			 feed->mode == FEED_SERVE,
		.serial = history_serial(feed->history),
		.oldest = history_oldest(feed->history),
		.max_version = feed->config.max_version,
	};
	for (unsigned v = 0; v < PDU_VERSIONS; v++) {
		cache->ids[v] = feed->config.sessions[v];
	}
}

static struct stream_frame
frame_of(const struct feed *feed, unsigned version)
{
	return (struct stream_frame){
		.version = version,
		.session = feed->config.sessions[version],
		.serial = history_serial(feed->history),
		.timing = feed->config.timing,
	};
}

/* A delta's items as lists of pointers, by action. */
struct lists {
	const struct vrp **vrps[DELTA_ACTIONS];
	const struct router_key **keys[DELTA_ACTIONS];
	const struct aspa **aspas[DELTA_ACTIONS];
	struct stream_changes changes;
};

static void
list_aspas(struct lists *l, const struct delta *delta)
{
	size_t n = delta_aspas(delta);

	l->aspas[PDU_ANNOUNCE] = mem_zero(n + 1, sizeof(struct aspa *));
	l->aspas[PDU_WITHDRAW] = mem_zero(n + 1, sizeof(struct aspa *));
	for (size_t i = 0; i < n; i++) {
		const struct delta_aspa *row = delta_aspa(delta, i);
		bool there = row->after.count > 0;
		enum pdu_flag flag = there ? PDU_ANNOUNCE : PDU_WITHDRAW;

		l->aspas[flag][l->changes.aspa_count[flag]++] =
		    there ? &row->after : &row->before;
	}
}

static void
list_action(struct lists *l, const struct delta *delta,
    enum delta_action action, enum pdu_flag flag)
{
	size_t vrps = delta_count(delta, ITEM_VRP, action);
	size_t keys = delta_count(delta, ITEM_ROUTER_KEY, action);

	l->vrps[flag] = mem_zero(vrps + 1, sizeof(struct vrp *));
	l->keys[flag] = mem_zero(keys + 1, sizeof(struct router_key *));
	for (size_t i = 0; i < vrps; i++) {
		l->vrps[flag][i] = delta_vrp(delta, action, i);
	}
	for (size_t i = 0; i < keys; i++) {
		l->keys[flag][i] = delta_router_key(delta, action, i);
	}
	l->changes.vrp_count[flag] = vrps;
	l->changes.key_count[flag] = keys;
}

static const struct stream *
encode_delta(const struct stream_frame *frame, const struct delta *delta)
{
	struct lists l = { 0 };
	const struct stream *stream;

	list_action(&l, delta, DELTA_ANNOUNCE, PDU_ANNOUNCE);
	list_action(&l, delta, DELTA_WITHDRAW, PDU_WITHDRAW);
	list_aspas(&l, delta);
	for (unsigned flag = PDU_WITHDRAW; flag <= PDU_ANNOUNCE; flag++) {
		l.changes.vrps[flag] = l.vrps[flag];
		l.changes.keys[flag] = l.keys[flag];
		l.changes.aspas[flag] = l.aspas[flag];
	}
	stream = stream_of_changes(frame, &l.changes);
	for (unsigned flag = PDU_WITHDRAW; flag <= PDU_ANNOUNCE; flag++) {
		free(l.vrps[flag]);
		free(l.keys[flag]);
		free(l.aspas[flag]);
	}
	return stream;
}

/* --- orders */

static void
put_parts(struct feed_order *order)
{
	snapshot_put(order->set);
	order->set = NULL;
	delta_path_clear(&order->path);
}

void
feed_drop(struct feed_order *order)
{
	if (order == NULL) {
		return;
	}
	put_parts(order);
	stream_put(order->stream);
	free(order);
}

static const struct stream *
encode_deltas(const struct feed_order *order)
{
	const struct delta *all = delta_path_merge(&order->path);
	const struct stream *stream = encode_delta(&order->frame, all);

	delta_put(all);
	return stream;
}

void
feed_work(struct feed_order *order)
{
	order->stream = order->set != NULL
			    ? stream_full(&order->frame, order->set)
			    : encode_deltas(order);
	/* The last reference to a set is not to be put back by the loop. */
	put_parts(order);
}

static struct feed_order *
order_new(const struct feed *feed, unsigned version)
{
	struct feed_order *order = mem_zero(1, sizeof(*order));

	order->edition = feed->edition;
	order->frame = frame_of(feed, version);
	return order;
}

static void
order_full(struct feed *feed, unsigned version)
{
	struct feed_order *order = order_new(feed, version);

	order->whole = true;
	order->set = snapshot_get(history_current(feed->history));
	feed->shelves[version].ordered = true;
	feed->config.order(feed->config.arg, order);
}

static void
order_deltas(struct feed *feed, unsigned version, uint32_t since)
{
	struct feed_order *order = order_new(feed, version);

	order->since = since;
	order->path = history_path(feed->history, since);
	feed->config.order(feed->config.arg, order);
}

static struct shelved *
find(const struct shelf *shelf, uint32_t since)
{
	for (size_t i = 0; i < shelf->count; i++) {
		if (shelf->deltas[i].since == since) {
			return &shelf->deltas[i];
		}
	}
	return NULL;
}

static bool
delta_fits(const struct feed *feed, const struct shelf *shelf)
{
	size_t octets = 0;

	for (size_t i = 0; i < shelf->count; i++) {
		if (shelf->deltas[i].stream != NULL) {
			octets += stream_octets(shelf->deltas[i].stream).len;
		}
	}
	return feed->config.delta_octets == 0 ||
	       octets <= feed->config.delta_octets;
}

/* Each router may be behind by another number of serials: what was made for the
 * others goes when it is too much. */
static void
make_room(const struct feed *feed, struct shelf *shelf, uint32_t since)
{
	size_t count = 0;

	if (delta_fits(feed, shelf)) {
		return;
	}
	for (size_t i = 0; i < shelf->count; i++) {
		struct shelved shelved = shelf->deltas[i];

		if (shelved.since == since || shelved.stream == NULL) {
			shelf->deltas[count++] = shelved;
		} else {
			let_go(feed, shelved.stream);
		}
	}
	shelf->count = count;
}

void
feed_take(struct feed *feed, struct feed_order *order)
{
	struct shelf *shelf = &feed->shelves[order->frame.version];

	if (order->edition != feed->edition) {
		let_go(feed, order->stream);
	} else if (order->whole) {
		shelf->full = order->stream;
		shelf->ordered = false;
	} else {
		find(shelf, order->since)->stream = order->stream;
		make_room(feed, shelf, order->since);
	}
	order->stream = NULL;
	feed_drop(order);
}

void
feed_rest(struct feed *feed)
{
	for (unsigned v = 0; v < PDU_VERSIONS; v++) {
		struct shelf *shelf = &feed->shelves[v];

		if (!shelf->asked) {
			drop_full(feed, shelf);
		}
		shelf->asked = false;
	}
}

/* --- asking */

static bool
is_large(const struct snapshot *set)
{
	size_t items = 0;

	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		items += snapshot_count(set, (enum item_kind)kind);
	}
	return items > SOON;
}

static size_t
changes(const struct delta *delta)
{
	size_t count = delta_aspas(delta);

	for (unsigned action = 0; action < DELTA_ACTIONS; action++) {
		count += delta_count(delta, ITEM_VRP, action) +
			 delta_count(delta, ITEM_ROUTER_KEY, action);
	}
	return count;
}

/* Are there many changes since this kept serial? */
static bool
are_many(const struct history *history, uint32_t since)
{
	size_t behind = history_serial(history) - since;
	size_t count = 0;

	for (size_t i = history_deltas(history) - behind;
	     i < history_deltas(history); i++) {
		count += changes(history_delta(history, i));
	}
	return count > SOON;
}

static const struct stream *
full(void *arg, unsigned version, bool *later)
{
	struct feed *feed = arg;
	struct shelf *shelf = &feed->shelves[version];
	const struct snapshot *set = history_current(feed->history);

	*later = false;
	shelf->asked = true;
	if (shelf->full == NULL && feed->config.order != NULL &&
	    is_large(set)) {
		if (!shelf->ordered) {
			order_full(feed, version);
		}
		*later = true;
		return NULL;
	}
	if (shelf->full == NULL) {
		struct stream_frame frame = frame_of(feed, version);

		shelf->full = stream_full(&frame, set);
	}
	return stream_get(shelf->full);
}

static const struct stream *
encode_since(const struct feed *feed, unsigned version, uint32_t serial)
{
	struct stream_frame frame = frame_of(feed, version);
	const struct delta *delta = history_since(feed->history, serial);
	const struct stream *stream = encode_delta(&frame, delta);

	delta_put(delta);
	return stream;
}

static const struct stream *
since(void *arg, unsigned version, uint32_t serial, bool *later)
{
	struct feed *feed = arg;
	const struct history *history = feed->history;
	struct shelf *shelf = &feed->shelves[version];
	struct shelved *shelved = find(shelf, serial);

	*later = false;
	if (shelved == NULL) {
		if (history_current(history) == NULL ||
		    history_serial(history) - serial >
			history_deltas(history)) {
			return NULL;
		}
		shelf->deltas = array_room(shelf->deltas, shelf->count,
		    &shelf->room, sizeof(*shelf->deltas));
		shelved = &shelf->deltas[shelf->count++];
		*shelved = (struct shelved){ .since = serial };
		if (feed->config.order != NULL && are_many(history, serial)) {
			order_deltas(feed, version, serial);
		} else {
			shelved->stream = encode_since(feed, version, serial);
			make_room(feed, shelf, serial);
			shelved = find(shelf, serial);
		}
	}
	*later = shelved->stream == NULL;
	return *later ? NULL : stream_get(shelved->stream);
}

struct server_feed
feed_of(struct feed *feed)
{
	return (struct server_feed){
		.arg = feed,
		.look = look,
		.full = full,
		.since = since,
	};
}
