/* SPDX-License-Identifier: BSD-2-Clause */
/* guest - see guest.h. */
#include "output/guest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"

struct guest_book {
	size_t most[GUEST_GOODS], taken[GUEST_GOODS];
	uint64_t turns;
	struct map *all; /* by their network */
};

struct guest {
	struct guest_book *book;
	unsigned references;
	uint64_t turn; /* the last one he had, or that anybody had before him */
	size_t has[GUEST_GOODS];
	char network[IP_TEXT];
};

struct guest_book *
guest_book_new(void)
{
	struct guest_book *book = mem_zero(1, sizeof(*book));

	book->all = map_new();
	return book;
}

void
guest_book_free(struct guest_book *book)
{
	if (book == NULL) {
		return;
	}
	assert(map_count(book->all) == 0);
	map_free(book->all);
	free(book);
}

void
guest_book_set(struct guest_book *book, enum guest_good good, size_t most)
{
	book->most[good] = most;
}

size_t
guest_book_taken(const struct guest_book *book, enum guest_good good)
{
	return book->taken[good];
}

struct guest *
guest_of(struct guest_book *book, const char *address)
{
	char network[IP_TEXT] = { 0 };
	struct guest *guest;

	ip_holder_text(address, network);
	guest = map_get(book->all, text_bytes(network));
	if (guest == NULL) {
		guest = mem_zero(1, sizeof(*guest));
		guest->book = book;
		guest->turn = book->turns;
		memcpy(guest->network, network, sizeof(network));
		(void)map_set(book->all, text_bytes(network), guest);
	}
	return guest_get(guest);
}

struct guest *
guest_get(struct guest *guest)
{
	guest->references++;
	return guest;
}

void
guest_put(struct guest *guest)
{
	if (guest == NULL || --guest->references > 0) {
		return;
	}
	(void)map_remove(guest->book->all, text_bytes(guest->network));
	free(guest);
}

size_t
guest_has(const struct guest *guest, enum guest_good good)
{
	return guest->has[good];
}

uint64_t
guest_turn(const struct guest *guest)
{
	return guest->turn;
}

void
guest_has_turn(struct guest *guest)
{
	guest->turn = ++guest->book->turns;
}

/* Guests take turns with these, so one more holds up nobody for long. */
static bool
is_made(enum guest_good good)
{
	return good == GUEST_QUICK || good == GUEST_RENDERS ||
	       good == GUEST_BULKS;
}

/* How much all may have together, where this one asks for more. */
static size_t
ceiling_for(const struct guest *guest, enum guest_good good)
{
	size_t most = guest->book->most[good];

	return is_made(good) && guest->has[good] == 0 ? LIMIT_HTTP_FIRST * most
						      : most;
}

bool
guest_take(struct guest *guest, enum guest_good good, size_t n)
{
	struct guest_book *book = guest->book;
	size_t half = (book->most[good] + 1) / 2;

	if (n > half || guest->has[good] > half - n ||
	    book->taken[good] > ceiling_for(guest, good) - n) {
		return false;
	}
	guest->has[good] += n;
	book->taken[good] += n;
	return true;
}

void
guest_give(struct guest *guest, enum guest_good good, size_t n)
{
	assert(guest->has[good] >= n);
	guest->has[good] -= n;
	guest->book->taken[good] -= n;
}
