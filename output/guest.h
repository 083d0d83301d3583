/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest - who asks by HTTP, and what he has of that of which there is only so
 * much. Nobody has more than half of anything, so that something is left for
 * the others; and one answer is made for whoever has none, also where others
 * have taken all, until there are several times as many (LIMIT_HTTP_FIRST). One
 * IPv4 address is a guest, or one IPv6 network of 64 bits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guest_good {
	GUEST_CONNECTIONS,
	GUEST_POLLS,   /* questions that wait for another serial */
	GUEST_QUICK,   /* pages of status and metrics being made */
	GUEST_RENDERS, /* filtered answers and explanations being made */
	GUEST_BULKS,   /* bulk look-ups under way */
	GUEST_BODIES,  /* octets of bodies that were promised room */
	GUEST_GOODS
};

struct guest_book;
struct guest;

/* Nothing is there until guest_book_set(). */
struct guest_book *guest_book_new(void);
void guest_book_free(struct guest_book *book); /* all are gone; NULL is fine */
/* How much there is. What is taken stays so. */
void guest_book_set(struct guest_book *book, enum guest_good good, size_t most);
size_t guest_book_taken(const struct guest_book *book, enum guest_good good);

/* By the text of the address. One reference more, one less. */
struct guest *guest_of(struct guest_book *book, const char *address);
struct guest *guest_get(struct guest *guest);
void guest_put(struct guest *guest);

size_t guest_has(const struct guest *guest, enum guest_good good);

/* Where several wait for the same, who had no turn for longest is next: whose
 * number is lower. Who is new has waited for none yet: else whoever goes and
 * comes again, or has many addresses, would always be first. */
uint64_t guest_turn(const struct guest *guest);
void guest_has_turn(struct guest *guest);

/* False: there is not so much left, or not for him. */
bool guest_take(struct guest *guest, enum guest_good good, size_t n);
void guest_give(struct guest *guest, enum guest_good good, size_t n);
