/* SPDX-License-Identifier: BSD-2-Clause */
/* sources - see sources.h. */
#include "payload/sources.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/octets.h"

/* What the first octet of a record says. */
enum {
	RECORD_KIND = 3,
	RECORD_COMMENT = 4, /* a comment follows */
	RECORD_SPLIT = 8,   /* the URI's directory is shared */
	RECORD_HASH = 16,   /* the object's hash follows */
	RECORD_KEPT = 32,
	RECORD_HELD = 64,
};

static_assert((int)SOURCE_EXCEPTION <= (int)RECORD_KIND,
    "a kind fits in its bits");

enum { TIMES = 6, NUMBER_OCTETS = 10 };

struct sources {
	atomic_uint references;
	struct sources *book; /* a reference; NULL: it extends none */
	uint32_t before;      /* of the book */
	uint32_t count;       /* of its own */
	size_t room;
	uint64_t *at; /* where each record begins */
	struct octets records;

	/* Directories: texts one after the other, and where each begins. */
	size_t dir_count, dir_room, dir_last;
	uint64_t *dir_at;
	struct octets dirs;
	struct map *dir_numbers; /* text -> number + 1; gone once sealed */
};

struct sources *
sources_new(void)
{
	struct sources *sources = mem_zero(1, sizeof(*sources));

	atomic_init(&sources->references, 1);
	sources->dir_numbers = map_new();
	return sources;
}

/* WHY the cast: the count of references is all that changes when sealed. */
static struct sources *
counted(const struct sources *sources)
{
	return (struct sources *)(uintptr_t)sources;
}

struct sources *
sources_extend(const struct sources *book)
{
	struct sources *sources = sources_new();

	assert(book->dir_numbers == NULL);
	/* A chain would grow with each set that is made of the one before. */
	if (book->book != NULL && book->count == 0) {
		book = book->book;
	}
	sources->book = counted(book);
	atomic_fetch_add_explicit(&sources->book->references, 1,
	    memory_order_relaxed);
	sources->before = sources_count(book);
	return sources;
}

void
sources_put(struct sources *sources)
{
	if (sources == NULL || atomic_fetch_sub_explicit(&sources->references,
				   1, memory_order_acq_rel) > 1) {
		return;
	}
	sources_put(sources->book);
	map_free(sources->dir_numbers);
	octets_clear(&sources->records);
	octets_clear(&sources->dirs);
	free(sources->at);
	free(sources->dir_at);
	free(sources);
}

/* --- writing a record */

static void
put_number(struct octets *out, uint64_t value)
{
	uint8_t *at = octets_more(out, NUMBER_OCTETS);
	size_t len = 0;

	while (value >= 0x80) {
		at[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	at[len++] = (uint8_t)value;
	out->len -= NUMBER_OCTETS - len;
}

/* Small differences of either sign become small numbers. */
static void
put_difference(struct octets *out, int64_t from, int64_t to)
{
	uint64_t difference = (uint64_t)to - (uint64_t)from;
	uint64_t sign = (difference >> 63) != 0 ? UINT64_MAX : 0;

	put_number(out, (difference << 1) ^ sign);
}

static void
put_text(struct octets *out, const char *text, size_t len)
{
	put_number(out, len);
	octets_add(out, text, len);
	octets_u8(out, 0);
}

static void
put_times(struct octets *out, const struct source *source)
{
	put_difference(out, 0, source->not_before);
	put_difference(out, source->not_before, source->not_after);
	put_difference(out, source->not_before, source->chain_not_before);
	put_difference(out, source->not_after, source->chain_not_after);
	put_difference(out, source->not_before, source->stale);
	put_difference(out, source->stale, source->expires);
}

static bool
same_dir(const struct sources *sources, size_t number, struct bytes dir)
{
	const char *text = (const char *)sources->dirs.at;

	if (number >= sources->dir_count) {
		return false;
	}
	text += sources->dir_at[number];
	return strncmp(text, (const char *)dir.at, dir.len) == 0 &&
	       text[dir.len] == '\0';
}

/* Sources come point by point: most stand where the last one stood. */
static uint64_t
dir_number(struct sources *sources, struct bytes dir)
{
	uintptr_t found;

	if (same_dir(sources, sources->dir_last, dir)) {
		return sources->dir_last;
	}
	found = (uintptr_t)map_get(sources->dir_numbers, dir);
	if (found != 0) {
		sources->dir_last = found - 1;
		return sources->dir_last;
	}
	sources->dir_at = array_room(sources->dir_at, sources->dir_count,
	    &sources->dir_room, sizeof(*sources->dir_at));
	sources->dir_at[sources->dir_count] = sources->dirs.len;
	octets_add_bytes(&sources->dirs, dir);
	octets_u8(&sources->dirs, 0);
	sources->dir_count++;
	map_set(sources->dir_numbers, dir,
	    (void *)(uintptr_t)sources->dir_count);
	sources->dir_last = sources->dir_count - 1;
	return sources->dir_last;
}

/* How much of the URI is its directory; 0: it is kept whole. */
static size_t
dir_length(const struct source *source, size_t len)
{
	const char *slash = strrchr(source->uri, '/');

	if (source->kind == SOURCE_EXCEPTION || len > LIMIT_URI ||
	    slash == NULL) {
		return 0;
	}
	return (size_t)(slash - source->uri) + 1;
}

static bool
has_hash(const struct source *source)
{
	static const struct hash none = { .at = { 0 } };

	return !hash_equal(&source->object, &none);
}

uint32_t
sources_add(struct sources *sources, const struct source *source)
{
	const char *uri = source->uri != NULL ? source->uri : "";
	struct source named = *source;
	struct octets *out = &sources->records;
	size_t len = strlen(uri);
	size_t split;

	assert(sources->dir_numbers != NULL &&
	       sources_count(sources) < UINT32_MAX);
	named.uri = uri;
	split = dir_length(&named, len);
	sources->at = array_room(sources->at, sources->count, &sources->room,
	    sizeof(*sources->at));
	sources->at[sources->count] = out->len;
	octets_u8(out,
	    (uint8_t)((unsigned)source->kind |
		      (source->comment != NULL ? RECORD_COMMENT : 0) |
		      (split != 0 ? RECORD_SPLIT : 0) |
		      (has_hash(source) ? RECORD_HASH : 0) |
		      (source->kept ? RECORD_KEPT : 0) |
		      (source->held ? RECORD_HELD : 0)));
	put_number(out, source->ta);
	put_number(out, source->repository);
	put_times(out, source);
	if (has_hash(source)) {
		octets_add(out, source->object.at, HASH_SIZE);
	}
	if (split != 0) {
		put_number(out, dir_number(sources, bytes_of(uri, split)));
	}
	put_text(out, uri + split, len - split);
	if (source->comment != NULL) {
		put_text(out, source->comment, strlen(source->comment));
	}
	return sources->before + sources->count++;
}

static void
trim(struct octets *octets)
{
	if (octets->len != 0 && octets->len < octets->room) {
		octets->at = mem_grow(octets->at, octets->len, 1);
		octets->room = octets->len;
	}
}

void
sources_seal(struct sources *sources)
{
	map_free(sources->dir_numbers);
	sources->dir_numbers = NULL;
	trim(&sources->records);
	trim(&sources->dirs);
	if (sources->count != 0) {
		sources->at =
		    mem_grow(sources->at, sources->count, sizeof(*sources->at));
		sources->room = sources->count;
	}
}

uint32_t
sources_count(const struct sources *sources)
{
	return sources->before + sources->count;
}

uint64_t
sources_octets(const struct sources *sources)
{
	return sources->records.len + sources->dirs.len +
	       sources->count * sizeof(*sources->at) +
	       sources->dir_count * sizeof(*sources->dir_at);
}

/* --- reading a record: it is our own writing, so nothing is checked */

static uint64_t
get_number(const uint8_t **at)
{
	uint64_t value = 0;
	unsigned shift = 0;

	while ((**at & 0x80) != 0) {
		value |= (uint64_t)(**at & 0x7f) << shift;
		shift += 7;
		(*at)++;
	}
	value |= (uint64_t) * *at << shift;
	(*at)++;
	return value;
}

static int64_t
get_difference(const uint8_t **at, int64_t from)
{
	uint64_t coded = get_number(at);
	uint64_t difference = (coded >> 1) ^ (0 - (coded & 1));

	return (int64_t)((uint64_t)from + difference);
}

static const char *
get_text(const uint8_t **at, size_t *len)
{
	const char *text;

	*len = (size_t)get_number(at);
	text = (const char *)*at;
	*at += *len + 1;
	return text;
}

static void
get_times(const uint8_t **at, struct source *source)
{
	source->not_before = get_difference(at, 0);
	source->not_after = get_difference(at, source->not_before);
	source->chain_not_before = get_difference(at, source->not_before);
	source->chain_not_after = get_difference(at, source->not_after);
	source->stale = get_difference(at, source->not_before);
	source->expires = get_difference(at, source->stale);
}

static void
get_uri(const struct sources *sources, const uint8_t **at, bool split,
    struct source_room *room)
{
	const char *dir;
	const char *name;
	size_t dir_len, len;

	if (!split) {
		room->source.uri = get_text(at, &len);
		return;
	}
	dir = (const char *)sources->dirs.at + sources->dir_at[get_number(at)];
	name = get_text(at, &len);
	dir_len = strlen(dir);
	assert(dir_len + len <= LIMIT_URI);
	memcpy(room->uri, dir, dir_len);
	memcpy(room->uri + dir_len, name, len + 1);
	room->source.uri = room->uri;
}

/* The record, and in *sources whose it is. */
static const uint8_t *
find_record(const struct sources **sources, uint32_t number)
{
	while (number < (*sources)->before) {
		*sources = (*sources)->book;
	}
	number -= (*sources)->before;
	assert(number < (*sources)->count);
	return (*sources)->records.at + (*sources)->at[number];
}

struct source_owner
sources_owner(const struct sources *sources, uint32_t number)
{
	const uint8_t *at = find_record(&sources, number);
	struct source_owner owner;

	owner.kind = (enum source_kind)(*at++ & RECORD_KIND);
	owner.ta = (uint16_t)get_number(&at);
	owner.repository = (uint16_t)get_number(&at);
	return owner;
}

const struct source *
sources_get(const struct sources *sources, uint32_t number,
    struct source_room *room)
{
	struct source *source = &room->source;
	const uint8_t *at = find_record(&sources, number);
	unsigned flags = *at++;
	size_t len;

	*source =
	    (struct source){ .kind = (enum source_kind)(flags & RECORD_KIND),
		    .kept = (flags & RECORD_KEPT) != 0,
		    .held = (flags & RECORD_HELD) != 0 };
	source->ta = (uint16_t)get_number(&at);
	source->repository = (uint16_t)get_number(&at);
	get_times(&at, source);
	if ((flags & RECORD_HASH) != 0) {
		memcpy(source->object.at, at, HASH_SIZE);
		at += HASH_SIZE;
	}
	get_uri(sources, &at, (flags & RECORD_SPLIT) != 0, room);
	if ((flags & RECORD_COMMENT) != 0) {
		source->comment = get_text(&at, &len);
	}
	return source;
}

static int
order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_times(const struct source *a, const struct source *b)
{
	const int64_t pairs[TIMES][2] = {
		{ a->not_before, b->not_before },
		{ a->not_after, b->not_after },
		{ a->chain_not_before, b->chain_not_before },
		{ a->chain_not_after, b->chain_not_after },
		{ a->stale, b->stale },
		{ a->expires, b->expires },
	};
	int by = 0;

	for (size_t i = 0; by == 0 && i < TIMES; i++) {
		by = order(pairs[i][0], pairs[i][1]);
	}
	return by;
}

int
sources_compare(const struct sources *sources, uint32_t a, uint32_t b)
{
	struct source_room rooms[2];
	const struct source *x = sources_get(sources, a, &rooms[0]);
	const struct source *y = sources_get(sources, b, &rooms[1]);
	int by = order(x->ta, y->ta);

	if (by == 0) {
		by = strcmp(x->uri, y->uri);
	}
	if (by == 0) {
		by = memcmp(x->object.at, y->object.at, HASH_SIZE);
	}
	if (by == 0) {
		by = order(x->kind, y->kind);
	}
	if (by == 0) {
		by = order(x->repository, y->repository);
	}
	if (by == 0) {
		by = order(x->kept, y->kept);
	}
	if (by == 0) {
		by = order(x->held, y->held);
	}
	if (by == 0) {
		by = strcmp(x->comment != NULL ? x->comment : "",
		    y->comment != NULL ? y->comment : "");
	}
	return by != 0 ? by : compare_times(x, y);
}
