/* SPDX-License-Identifier: BSD-2-Clause */
/* What the journal holds of a serial comes back as it was, or not at all. */
#include "daemon/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/payload/make.h"

enum { MANY = 5000 };

static const uint32_t providers[] = { 64497, 64498 };

static const struct journal_head head = {
	.session = 7,
	.serial = 4294967295u,
	.when = -1,
	.totals = { 1, 2, 3 },
};

/* One of each kind. */
static void
put_changes(struct octets *changes)
{
	struct change change = { .action = DELTA_ANNOUNCE,
		.kind = ITEM_VRP,
		.cause = CAUSE_OBJECT_NEW,
		.item.vrp = make_vrp("2001:db8::/32", 48, 64496),
		.uri = "rsync://r.example/m/x.roa",
		.ta = "alpha",
		.detail = "" };

	entry_change(changes, &change);
	change.action = DELTA_WITHDRAW;
	change.kind = ITEM_ASPA;
	change.item.aspa = (struct aspa){ 64496, 2, providers };
	change.ta = "";
	entry_change(changes, &change);
	change.kind = ITEM_ROUTER_KEY;
	change.item.key =
	    (struct router_key){ .asn = 64499, .ski = { { 0xab, 0xcd } } };
	change.detail = "why";
	entry_change(changes, &change);
}

static void
put_entry(struct octets *records)
{
	struct octets changes = { .at = NULL };

	put_changes(&changes);
	entry_put(records, &head, octets_bytes(&changes));
	octets_clear(&changes);
}

struct heard {
	size_t count, begins;
	struct vrp vrp;
	uint32_t provider, asn;
	char detail[16];
};

static bool
ear(void *arg, const struct journal_head *told, const struct change *change)
{
	struct heard *heard = arg;

	(void)told;
	if (change == NULL) {
		heard->begins++;
		return true;
	}
	heard->count++;
	assert_non_null(change->uri);
	assert_non_null(change->ta);
	switch (change->kind) {
	case ITEM_VRP:
		heard->vrp = change->item.vrp;
		assert_true(item_vrp_sane(&change->item.vrp));
		break;
	case ITEM_ASPA:
		for (uint32_t i = 0; i < change->item.aspa.count; i++) {
			heard->provider = change->item.aspa.providers[i];
		}
		break;
	case ITEM_ROUTER_KEY:
		heard->asn = change->item.key.asn;
		snprintf(heard->detail, sizeof(heard->detail), "%s",
		    change->detail);
		break;
	case ITEM_KINDS:
		fail();
	}
	return true;
}

/* All records of these octets; how many held. */
static size_t
hear(struct octets *records, struct heard *heard)
{
	struct cursor c = cursor_open(octets_bytes(records));
	struct arena *arena = arena_new();
	struct bytes body;
	size_t count = 0;

	*heard = (struct heard){ .count = 0 };
	while (cursor_left(&c) > 0 && entry_next(&c, &body)) {
		count++;
		assert_true(entry_tell(body, ear, heard, arena));
	}
	arena_free(arena);
	return count;
}

static void
comes_back_as_it_was(void **state)
{
	const struct vrp vrp = make_vrp("2001:db8::/32", 48, 64496);
	struct octets records = { .at = NULL };
	struct heard heard;

	(void)state;
	put_entry(&records);
	entry_put(&records, &head, bytes_of(NULL, 0));
	assert_int_equal(hear(&records, &heard), 2);
	assert_int_equal(heard.count, 3);
	assert_int_equal(heard.begins, 1);
	assert_int_equal(item_vrp_compare(&heard.vrp, &vrp), 0);
	assert_int_equal(heard.provider, 64498);
	assert_int_equal(heard.asn, 64499);
	assert_string_equal(heard.detail, "why");
	octets_clear(&records);
}

/* A large one is several records, none of which ends within a change. */
static void
is_cut_between_changes(void **state)
{
	struct octets changes = { .at = NULL };
	struct octets records = { .at = NULL };
	struct heard heard;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		put_changes(&changes);
	}
	entry_put(&records, &head, octets_bytes(&changes));
	assert_true(hear(&records, &heard) > 2);
	assert_int_equal(heard.count, 3 * MANY);
	assert_int_equal(heard.begins, 0);
	octets_clear(&changes);
	octets_clear(&records);
}

static void
is_not_believed_when_damaged(void **state)
{
	struct octets records = { .at = NULL };
	struct heard heard;
	size_t whole;

	(void)state;
	put_entry(&records);
	whole = records.len;
	for (size_t i = 0; i < whole; i++) {
		records.at[i] ^= 0x40;
		assert_int_equal(hear(&records, &heard), 0);
		records.at[i] ^= 0x40;
	}
	for (records.len = 0; records.len < whole; records.len++) {
		assert_int_equal(hear(&records, &heard), 0);
	}
	assert_int_equal(hear(&records, &heard), 1);
	octets_clear(&records);
}

/* Nor does it do harm where the checksum is right all the same. */
static void
is_sane_whatever_it_says(void **state)
{
	struct octets records = { .at = NULL };
	struct arena *arena = arena_new();
	struct cursor c;
	struct bytes body;

	(void)state;
	put_entry(&records);
	c = cursor_open(octets_bytes(&records));
	assert_true(entry_next(&c, &body));
	for (size_t i = 0; i < body.len; i++) {
		uint8_t *octet = records.at + (body.at - records.at) + i;
		uint8_t was = *octet;

		for (unsigned bit = 0; bit < 8; bit++) {
			struct heard heard = { .count = 0 };

			*octet = (uint8_t)(was ^ 1U << bit);
			assert_true(entry_tell(body, ear, &heard, arena));
			assert_true(heard.count <= 3);
		}
		*octet = was;
	}
	arena_free(arena);
	octets_clear(&records);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(is_cut_between_changes),
		cmocka_unit_test(is_not_believed_when_damaged),
		cmocka_unit_test(is_sane_whatever_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
