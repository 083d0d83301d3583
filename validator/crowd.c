/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd - see crowd.h. */
#include "validator/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/limits.h"
#include "base/mem.h"
#include "validator/answer.h"

struct row {
	uint32_t customer;
	uint32_t count;
	const uint32_t *providers;
	const char *uri;
	struct hash object;
	const struct spot *spot;
};

struct crowd {
	struct arena *arena;
	struct row *rows;
	size_t count, room;
};

struct crowd *
crowd_new(void)
{
	struct crowd *crowd = mem_zero(1, sizeof(*crowd));

	crowd->arena = arena_new();
	return crowd;
}

void
crowd_free(struct crowd *crowd)
{
	if (crowd == NULL) {
		return;
	}
	arena_free(crowd->arena);
	free(crowd->rows);
	free(crowd);
}

void
crowd_add(struct crowd *crowd, const struct aspa *aspa, const char *uri,
    const struct hash *object, const struct spot *spot)
{
	struct bytes providers =
	    bytes_of(aspa->providers, aspa->count * sizeof(uint32_t));
	uint32_t *copy =
	    arena_zero(crowd->arena, aspa->count + 1, sizeof(*copy));

	if (providers.len > 0) {
		memcpy(copy, providers.at, providers.len);
	}
	crowd->rows = array_room(crowd->rows, crowd->count, &crowd->room,
	    sizeof(*crowd->rows));
	crowd->rows[crowd->count++] = (struct row){
		.customer = aspa->customer,
		.count = aspa->count,
		.providers = copy,
		.uri = arena_text(crowd->arena, uri),
		.object = *object,
		.spot = spot,
	};
}

static void
add_spot(struct crowd *crowd, const struct spot *spot, struct arena *arena)
{
	struct answer_reader reader;
	struct answer_head head;
	struct answer_item item;
	struct answer_source source = { .uri = "" };

	if (spot->result == NULL || spot->over ||
	    !answer_open(&reader, &head, octets_bytes(&spot->result->answer),
		arena)) {
		return;
	}
	while (answer_next(&reader, &item)) {
		if (item.record == ANSWER_SOURCE) {
			source = item.source;
		} else if (item.record == ANSWER_ASPA) {
			crowd_add(crowd, &item.aspa, source.uri, &source.object,
			    spot);
		}
	}
}

struct crowd *
crowd_of(const struct walk *walk)
{
	struct crowd *crowd = crowd_new();
	struct arena *arena = arena_new();

	for (size_t i = 0; i < walk->spot_count; i++) {
		add_spot(crowd, walk->spots[i], arena);
		arena_reset(arena);
	}
	arena_free(arena);
	return crowd;
}

static int
compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	return (a->customer > b->customer) - (a->customer < b->customer);
}

/* How many different providers these rows have; AS 0 counts only alone. */
static size_t
together(const struct row *rows, size_t count, size_t sum)
{
	uint32_t *all = mem_zero(sum + 1, sizeof(*all));
	size_t n = 0, different = 0;

	for (size_t i = 0; i < count; i++) {
		memcpy(all + n, rows[i].providers,
		    rows[i].count * sizeof(*all));
		n += rows[i].count;
	}
	qsort(all, n, sizeof(*all), array_by_u32);
	for (size_t i = 0; i < n; i++) {
		different += all[i] != 0 && (i == 0 || all[i] != all[i - 1]);
	}
	free(all);
	return different;
}

/* Rows of one customer, which follow each other, from `first` on: where they
 * end, and have they more than `most`? */
static size_t
next_customer(const struct crowd *crowd, size_t first, size_t most, bool *over)
{
	const struct row *rows = crowd->rows;
	size_t sum = 0, next = first;

	while (next < crowd->count &&
	       rows[next].customer == rows[first].customer) {
		sum += rows[next++].count;
	}
	*over = sum > most && together(rows + first, next - first, sum) > most;
	return next;
}

static void
sort(struct crowd *crowd)
{
	if (crowd->count > 0) {
		qsort(crowd->rows, crowd->count, sizeof(*crowd->rows),
		    compare_rows);
	}
}

void
crowd_each(struct crowd *crowd, size_t most, crowd_each_fn *each, void *arg)
{
	const struct row *rows = crowd->rows;
	bool over;

	sort(crowd);
	for (size_t i = 0, next; i < crowd->count; i = next) {
		next = next_customer(crowd, i, most, &over);
		for (size_t k = i; over && k < next; k++) {
			each(arg, rows[k].uri, &rows[k].object, rows[k].spot);
		}
	}
}

bool
crowd_over(struct crowd *crowd, uint32_t customer, size_t most)
{
	bool over = false;
	size_t first = 0;

	sort(crowd);
	while (first < crowd->count && crowd->rows[first].customer < customer) {
		first++;
	}
	if (first < crowd->count && crowd->rows[first].customer == customer) {
		(void)next_customer(crowd, first, most, &over);
	}
	return over;
}
