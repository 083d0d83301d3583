/* SPDX-License-Identifier: BSD-2-Clause */
/* weight - see weight.h. */
#include "store/weight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/repository.h"

enum {
	ROWS = 300, /* octets of what is listed beside its own and its URI's */
	NAME = 16,  /* of its hash: tells apart */
	/* Octets of a repository's row: all but the two that grow, each delta,
	 * and those that are written at once. A full store takes no more. */
	ROW = 1024,
	DELTA = 40,
	SLICE = 16 << 10,
};

/* One for each mirror; its rows come one after the other, by number. */
struct scale {
	uint32_t number;
	uint64_t octets;
};

/* An object as a mirror lists it. */
struct load {
	uint8_t name[NAME];
	uint32_t number, octets;
};

/* What is to be written into a row. */
struct revision {
	const char *uri;
	uint64_t weight;
	size_t octets; /* of the row, about */
};

struct weighing {
	struct kv_txn *txn;
	struct arena *arena; /* of one row */
	struct arena *names;
	struct scale *scales;
	size_t count, room;
	struct load *loads;
	size_t load_count, load_room;
	struct revision *revisions;
	size_t revision_count, revision_room;
};

static struct scale *
scale_of(struct weighing *w, uint32_t number)
{
	if (w->count == 0 || w->scales[w->count - 1].number != number) {
		w->scales = array_room(w->scales, w->count, &w->room,
		    sizeof(*w->scales));
		w->scales[w->count++] = (struct scale){ .number = number };
	}
	return &w->scales[w->count - 1];
}

static void
add_load(struct weighing *w, const struct mirror_row *row, uint32_t octets)
{
	struct load load = { .number = row->number, .octets = octets };

	memcpy(load.name, row->hash.at, NAME);
	w->loads = array_room(w->loads, w->load_count, &w->load_room,
	    sizeof(*w->loads));
	w->loads[w->load_count++] = load;
}

static int
weigh(void *arg, struct bytes key, struct bytes value)
{
	struct weighing *w = arg;
	struct mirror_row row;
	struct objects_row object;
	struct bytes found;

	arena_reset(w->arena);
	if (mirror_read(key, value, &row, w->arena) != 0) {
		return 0; /* nobody knows whose it is */
	}
	/* Also where the octets were too many to be kept: the row is there. */
	scale_of(w, row.number)->octets += strlen(row.uri) + ROWS;
	if (kv_get(w->txn, KV_HASH, hash_bytes(&row.hash), &found) == 0 &&
	    objects_read(found, &object) == 0) {
		add_load(w, &row, object.octets);
	}
	return 0;
}

static int
compare(const void *key, const void *scale)
{
	const uint32_t *number = key;
	const struct scale *s = scale;

	return (*number > s->number) - (*number < s->number);
}

static struct scale *
find_scale(const struct weighing *w, uint32_t number)
{
	return w->count == 0 ? NULL
			     : bsearch(&number, w->scales, w->count,
				   sizeof(*w->scales), compare);
}

static int
compare_loads(const void *left, const void *right)
{
	const struct load *a = left, *b = right;
	int order = memcmp(a->name, b->name, NAME);

	return order != 0 ? order
			  : (a->number > b->number) - (a->number < b->number);
}

/* The store has an object once, however many list it: the one that has been
 * there longest bears it, so that what stands in for it weighs nothing more. */
static void
put_loads(struct weighing *w)
{
	if (w->load_count > 0) {
		qsort(w->loads, w->load_count, sizeof(*w->loads),
		    compare_loads);
	}
	for (size_t i = 0; i < w->load_count; i++) {
		const struct load *load = &w->loads[i];

		if (i == 0 || memcmp(load->name, load[-1].name, NAME) != 0) {
			find_scale(w, load->number)->octets += load->octets;
		}
	}
}

static int
note(void *arg, const struct repository *row)
{
	struct weighing *w = arg;
	const struct scale *scale = find_scale(w, row->number);
	uint64_t weight = scale == NULL ? 0 : scale->octets;

	if (weight == row->weight) {
		return 0;
	}
	w->revisions = array_room(w->revisions, w->revision_count,
	    &w->revision_room, sizeof(*w->revisions));
	w->revisions[w->revision_count++] = (struct revision){
		.uri = arena_text(w->names, row->uri),
		.weight = weight,
		.octets = ROW + strlen(row->uri) + DELTA * row->delta_count,
	};
	return 0;
}

/* The row may be another by now, or gone. */
static int
write_one(struct weighing *w, const struct revision *revision)
{
	struct repository row;
	int rc;

	arena_reset(w->arena);
	rc = repository_get(w->txn, revision->uri, &row, w->arena);
	if (rc != 0) {
		return rc == -ENOENT ? 0 : rc;
	}
	row.weight = revision->weight;
	return repository_put(w->txn, &row);
}

static int
write_slice(struct kv *kv, struct weighing *w, size_t *at)
{
	size_t octets = 0;
	int rc = kv_write(kv, &w->txn);

	if (rc != 0) {
		return rc;
	}
	do {
		octets += w->revisions[*at].octets;
		rc = write_one(w, &w->revisions[*at]);
		*at += 1;
	} while (rc == 0 && *at < w->revision_count &&
		 octets + w->revisions[*at].octets <= SLICE);
	return kv_end(w->txn, rc);
}

/* What was put on the scales, or nothing, into the rows. */
static int
write_down(struct kv *kv, struct weighing *w)
{
	int rc = kv_read(kv, &w->txn);

	if (rc == 0) {
		rc = repository_each(w->txn, note, w);
		kv_abort(w->txn);
	}
	for (size_t at = 0; rc == 0 && at < w->revision_count;) {
		rc = write_slice(kv, w, &at);
	}
	return rc;
}

static struct weighing
begin(void)
{
	return (struct weighing){ .arena = arena_new(), .names = arena_new() };
}

static void
clear(struct weighing *w)
{
	free(w->revisions);
	free(w->loads);
	free(w->scales);
	arena_free(w->names);
	arena_free(w->arena);
}

int
weight_forget(struct kv *kv)
{
	struct weighing w = begin();
	int rc = write_down(kv, &w);

	clear(&w);
	return rc;
}

/* Other rows may change between the two: a weight need not be exact. */
int
weight_note(struct kv *kv)
{
	struct weighing w = begin();
	int rc = kv_read(kv, &w.txn);

	if (rc == 0) {
		rc = kv_each(w.txn, KV_MIRROR, bytes_of(NULL, 0), weigh, &w);
		kv_abort(w.txn);
	}
	if (rc == 0) {
		put_loads(&w);
		rc = write_down(kv, &w);
	}
	clear(&w);
	return rc;
}
