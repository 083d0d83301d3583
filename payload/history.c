/* SPDX-License-Identifier: BSD-2-Clause */
/* history - see history.h. */
#include "payload/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

struct history {
	uint32_t serial; /* of current; of the first set while there is none */
	const struct snapshot *current;
	unsigned keep;
	size_t count;
	const struct delta **deltas; /* keep + 1 of room, oldest first */
};

struct history *
history_new(uint32_t serial, unsigned keep)
{
	struct history *history = mem_zero(1, sizeof(*history));

	history->serial = serial;
	history->keep = keep;
	history->deltas = mem_zero(keep + 1, sizeof(struct delta *));
	return history;
}

void
history_free(struct history *history)
{
	if (history == NULL) {
		return;
	}
	snapshot_put(history->current);
	for (size_t i = 0; i < history->count; i++) {
		delta_put(history->deltas[i]);
	}
	free(history->deltas);
	free(history);
}

/* A row of an ASPA owns its providers, before and after. */
static size_t
aspa_changes(const struct delta *delta)
{
	size_t sum = 0;

	for (size_t i = 0; i < delta_aspas(delta); i++) {
		const struct delta_aspa *row = delta_aspa(delta, i);

		sum += 1 + row->before.count + row->after.count;
	}
	return sum;
}

static size_t
changes(const struct delta *delta)
{
	return delta_count(delta, ITEM_VRP, DELTA_WITHDRAW) +
	       delta_count(delta, ITEM_VRP, DELTA_ANNOUNCE) +
	       delta_count(delta, ITEM_ROUTER_KEY, DELTA_WITHDRAW) +
	       delta_count(delta, ITEM_ROUTER_KEY, DELTA_ANNOUNCE) +
	       aspa_changes(delta);
}

/* How many of the newest are few enough and small enough together: a CA that
 * takes back all it said, and says it again, in each run, must not fill our
 * memory with that. */
static size_t
kept(const struct history *history)
{
	size_t n = 0, sum = 0;

	while (n < history->count && n < history->keep) {
		sum += changes(history->deltas[history->count - 1 - n]);
		if (sum > LIMIT_HISTORY_CHANGES) {
			break;
		}
		n++;
	}
	return n;
}

/* Let go of the oldest that are too much. */
static void
trim(struct history *history)
{
	size_t excess = history->count - kept(history);

	for (size_t i = 0; i < excess; i++) {
		delta_put(history->deltas[i]);
	}
	history->count -= excess;
	memmove(history->deltas, history->deltas + excess,
	    history->count * sizeof(struct delta *));
}

void
history_keep(struct history *history, unsigned keep)
{
	history->keep = keep;
	trim(history);
	history->deltas = mem_grow(history->deltas, (size_t)keep + 1,
	    sizeof(*history->deltas));
}

static void
add_delta(struct history *history, const struct delta *delta)
{
	history->deltas[history->count++] = delta;
	trim(history);
}

bool
history_advance(struct history *history, const struct snapshot *fresh,
    const struct delta *delta)
{
	const struct snapshot *old = history->current;

	history->current = fresh; /* also when only times differ */
	snapshot_put(old);
	if (old == NULL) {
		delta_put(delta);
		return true;
	}
	if (delta_empty(delta)) {
		delta_put(delta);
		return false;
	}
	history->serial++;
	add_delta(history, delta);
	return true;
}

bool
history_push(struct history *history, const struct snapshot *fresh)
{
	const struct snapshot *old = history->current;

	return history_advance(history, fresh,
	    old == NULL ? NULL : delta_new(old, fresh));
}

void
history_restore(struct history *history, const struct snapshot *current,
    const struct delta *const *deltas, size_t count)
{
	history->current = current;
	for (size_t i = 0; i < count; i++) {
		add_delta(history, deltas[i]);
	}
}

const struct snapshot *
history_current(const struct history *history)
{
	return history->current;
}

uint32_t
history_serial(const struct history *history)
{
	return history->serial;
}

uint32_t
history_oldest(const struct history *history)
{
	return history->serial - (uint32_t)history->count;
}

struct delta_path
history_path(const struct history *history, uint32_t serial)
{
	uint32_t behind = history->serial - serial;
	struct delta_path path = { .at = NULL };

	if (history->current == NULL || behind > history->count) {
		return path;
	}
	path.at = mem_zero((size_t)behind + 1, sizeof(*path.at));
	while (path.count < behind) {
		path.at[path.count] = delta_get(
		    history->deltas[history->count - behind + path.count]);
		path.count++;
	}
	return path;
}

const struct delta *
history_since(const struct history *history, uint32_t serial)
{
	struct delta_path path = history_path(history, serial);
	const struct delta *all =
	    path.at == NULL ? NULL : delta_path_merge(&path);

	delta_path_clear(&path);
	return all;
}

size_t
history_deltas(const struct history *history)
{
	return history->count;
}

const struct delta *
history_delta(const struct history *history, size_t i)
{
	return history->deltas[i];
}
