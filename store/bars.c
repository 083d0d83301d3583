/* SPDX-License-Identifier: BSD-2-Clause */
/* bars - see bars.h. */
#include "store/bars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/turnstile.h"

struct bar {
	int rc; /* 0, or -ENOENT: there is none */
	struct lastgood row;
};

struct bars {
	struct turnstile *one; /* at a time */
	struct map *by_key;
	struct arena *arena;
};

struct bars *
bars_new(void)
{
	struct bars *bars = mem_zero(1, sizeof(*bars));

	bars->one = turnstile_new(1);
	bars->by_key = map_new();
	bars->arena = arena_new();
	return bars;
}

void
bars_free(struct bars *bars)
{
	if (bars != NULL) {
		turnstile_free(bars->one);
		map_free(bars->by_key);
		arena_free(bars->arena);
		free(bars);
	}
}

static struct bytes
name_of(const struct keyid *ca)
{
	return bytes_of(ca->at, KEYID_SIZE);
}

static void
set(struct bars *bars, struct bar *bar, int rc, const struct lastgood *row)
{
	*bar = (struct bar){ rc, *row };
	bar->row.uri = arena_text(bars->arena, row->uri);
	bar->row.files = NULL;
	bar->row.file_count = 0;
}

/* Its row lives as long as all of them. */
static int
look_up(struct bars *bars, struct kv_txn *txn, const struct keyid *ca,
    struct lastgood *row)
{
	struct bar *bar = map_get(bars->by_key, name_of(ca));

	if (bar == NULL) {
		struct arena *arena = arena_new();
		int rc = lastgood_newest(txn, ca, row, arena);

		bar = arena_zero(bars->arena, 1, sizeof(*bar));
		set(bars, bar, rc, row);
		arena_free(arena);
		if (rc != 0 && rc != -ENOENT) {
			return rc;
		}
		(void)map_set(bars->by_key, name_of(ca), bar);
	}
	*row = bar->row;
	return bar->rc;
}

int
bars_newest(struct bars *bars, struct kv_txn *txn, const struct keyid *ca,
    struct lastgood *row, struct arena *arena)
{
	int rc;

	if (bars == NULL) {
		return lastgood_newest(txn, ca, row, arena);
	}
	turnstile_enter(bars->one, 0);
	rc = look_up(bars, txn, ca, row);
	turnstile_leave(bars->one);
	return rc;
}

int
bars_find(struct bars *bars, struct kv_txn *txn, const struct keyid *ca,
    const char *uri, struct lastgood *row, struct arena *arena)
{
	int rc = bars_newest(bars, txn, ca, row, arena);
	struct lastgood here;

	if (rc == 0 && row->beside && strcmp(row->uri, uri) != 0 &&
	    lastgood_get(txn, ca, uri, &here, arena) == 0 && here.beside) {
		*row = here;
	}
	return rc;
}

static void
take(struct bars *bars, const struct keyid *ca, const struct lastgood *row)
{
	struct bar *bar = map_get(bars->by_key, name_of(ca));

	if (bar != NULL &&
	    (bar->rc != 0 || strcmp(bar->row.uri, row->uri) == 0 ||
		lastgood_later(row, &bar->row))) {
		set(bars, bar, 0, row);
	}
}

int
bars_put(struct bars *bars, struct kv_txn *txn, const struct keyid *ca,
    const struct lastgood *row)
{
	int rc = lastgood_put(txn, ca, row);

	if (rc == 0 && bars != NULL) {
		turnstile_enter(bars->one, 0);
		take(bars, ca, row);
		turnstile_leave(bars->one);
	}
	return rc;
}
