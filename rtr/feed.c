/* SPDX-License-Identifier: BSD-2-Clause */
/* feed - see feed.h. */
#include "rtr/feed.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"

struct kept {
	uint32_t since;
	const struct stream *stream;
};

struct shelf {
	const struct stream *full;
	struct kept *deltas;
	size_t count, room;
};

struct feed {
	const struct history *history;
	struct feed_config config;
	enum feed_mode mode;
	struct shelf shelves[PDU_VERSIONS];
};

struct feed *
feed_new(const struct history *history, const struct feed_config *config)
{
	struct feed *feed = mem_zero(1, sizeof(*feed));

	feed->history = history;
	feed->config = *config;
	pdu_fit_timing(&feed->config.timing);
	if (feed->config.max_version >= PDU_VERSIONS) {
		feed->config.max_version = PDU_VERSIONS - 1;
	}
	return feed;
}

void
feed_changed(struct feed *feed)
{
	for (unsigned v = 0; v < PDU_VERSIONS; v++) {
		struct shelf *shelf = &feed->shelves[v];

		stream_put(shelf->full);
		for (size_t i = 0; i < shelf->count; i++) {
			stream_put(shelf->deltas[i].stream);
		}
		free(shelf->deltas);
		*shelf = (struct shelf){ 0 };
	}
}

void
feed_free(struct feed *feed)
{
	if (feed == NULL) {
		return;
	}
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

static const struct stream *
full(void *arg, unsigned version)
{
	struct feed *feed = arg;
	struct shelf *shelf = &feed->shelves[version];

	if (shelf->full == NULL) {
		struct stream_frame frame = frame_of(feed, version);

		shelf->full =
		    stream_full(&frame, history_current(feed->history));
	}
	return stream_get(shelf->full);
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
encode_delta(const struct feed *feed, unsigned version,
    const struct delta *delta)
{
	struct stream_frame frame = frame_of(feed, version);
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
	stream = stream_of_changes(&frame, &l.changes);
	for (unsigned flag = PDU_WITHDRAW; flag <= PDU_ANNOUNCE; flag++) {
		free(l.vrps[flag]);
		free(l.keys[flag]);
		free(l.aspas[flag]);
	}
	return stream;
}

static const struct stream *
since(void *arg, unsigned version, uint32_t serial)
{
	struct feed *feed = arg;
	struct shelf *shelf = &feed->shelves[version];
	const struct delta *delta;
	const struct stream *stream;

	for (size_t i = 0; i < shelf->count; i++) {
		if (shelf->deltas[i].since == serial) {
			return stream_get(shelf->deltas[i].stream);
		}
	}
	delta = history_since(feed->history, serial);
	if (delta == NULL) {
		return NULL;
	}
	stream = encode_delta(feed, version, delta);
	delta_put(delta);
	shelf->deltas = array_room(shelf->deltas, shelf->count, &shelf->room,
	    sizeof(*shelf->deltas));
	shelf->deltas[shelf->count++] = (struct kept){ serial, stream };
	return stream_get(stream);
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
