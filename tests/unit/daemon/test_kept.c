/* SPDX-License-Identifier: BSD-2-Clause */
/* The state file and the records ahead of it: whole, or not believed. */
#include "daemon/kept.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/ahead.h"
#include "tests/unit/payload/make.h"

static const struct snapshot *
set_of(unsigned from, unsigned to)
{
	struct builder *builder = builder_new();

	builder_ta(builder, "alpha");
	for (unsigned i = from; i < to; i++) {
		make_add(builder, "10.0.0.0/8", 8 + i % 16, i);
	}
	return builder_seal(builder);
}

static int
put(void *arg, struct bytes octets)
{
	octets_add_bytes(arg, octets);
	return 0;
}

/* Serial 7: ASes 2 to 9, which came to be from 0 to 9. */
static void
make_kept(struct kept *kept)
{
	const struct snapshot *old = set_of(0, 10);
	struct report report = { .started = 5, .finished = 6 };

	*kept = (struct kept){
		.ids = { .rtr = { 1, 2, 3 }, .json = 77 },
		.serial = 7,
		.current = set_of(2, 10),
		.last_run = 100,
		.last_complete = 90,
		.last_change = 80,
		.delta_count = 1,
	};
	kept->plain = set_of(2, 12);
	kept->deltas = calloc(1, sizeof(*kept->deltas));
	kept->deltas[0] = delta_new(old, kept->current);
	kept->account = account_new(&report);
	octets_add(&kept->guard, "memory", 6);
	snapshot_put(old);
}

static void
write_kept(struct octets *out)
{
	struct kept kept;

	make_kept(&kept);
	assert_int_equal(kept_write(&kept,
			     (struct sink){ .put = put, .arg = out }),
	    0);
	kept_clear(&kept);
}

static void
assert_set(const struct snapshot *set, unsigned from, unsigned to)
{
	assert_int_equal(snapshot_vrps(set), to - from);
	for (unsigned i = from; i < to; i++) {
		size_t found = 0;

		for (size_t j = 0; j < snapshot_vrps(set); j++) {
			found += snapshot_vrp(set, j)->asn == i;
		}
		assert_int_equal(found, 1);
	}
}

static bool
read_back(struct kept *kept, struct bytes in, const char **why)
{
	struct supply supply = supply_of(in);

	return kept_read(kept, &supply, why);
}

/* Also when it is no longer as long as it was said to be. */
static void
comes_from_a_file(void **state)
{
	struct octets o = { .at = NULL };
	FILE *file = tmpfile();
	struct kept kept;
	const char *why;

	(void)state;
	write_kept(&o);
	assert_non_null(file);
	assert_int_equal(fwrite(o.at, 1, o.len, file), o.len);
	assert_int_equal(fflush(file), 0);
	for (size_t more = 0; more < 100; more += 20) {
		struct supply supply =
		    supply_of_file(fileno(file), o.len + more);

		assert_int_equal(kept_read(&kept, &supply, &why), more == 0);
		assert_int_equal(supply.rc, more == 0 ? 0 : -EIO);
		supply_clear(&supply);
		kept_clear(&kept);
	}
	fclose(file);
	octets_clear(&o);
}

static void
comes_back_as_it_was(void **state)
{
	struct octets o = { .at = NULL };
	struct kept kept;
	const char *why = "?";

	(void)state;
	write_kept(&o);
	assert_true(read_back(&kept, octets_bytes(&o), &why));
	assert_null(why);
	assert_int_equal(kept.ids.rtr[0], 1);
	assert_int_equal(kept.ids.rtr[2], 3);
	assert_int_equal(kept.ids.json, 77);
	assert_int_equal(kept.serial, 7);
	assert_int_equal(kept.last_run, 100);
	assert_int_equal(kept.last_complete, 90);
	assert_int_equal(kept.last_change, 80);
	assert_set(kept.current, 2, 10);
	assert_set(kept.plain, 2, 12);
	assert_int_equal(kept.delta_count, 1);
	assert_int_equal(delta_count(kept.deltas[0], ITEM_VRP, DELTA_WITHDRAW),
	    2);
	assert_non_null(kept.account);
	assert_int_equal(account_report(kept.account)->finished, 6);
	assert_int_equal(kept.guard.len, 6);
	kept_clear(&kept);
	octets_clear(&o);
}

static void
refuses_any_cut(void **state)
{
	struct octets o = { .at = NULL };
	struct kept kept;
	const char *why;

	(void)state;
	write_kept(&o);
	for (size_t cut = 0; cut < o.len; cut++) {
		assert_false(read_back(&kept, bytes_of(o.at, cut), &why));
		assert_non_null(why);
		assert_null(kept.current);
	}
	octets_u8(&o, 0);
	assert_false(read_back(&kept, octets_bytes(&o), &why));
	octets_clear(&o);
}

static void
refuses_any_flipped_bit(void **state)
{
	struct octets o = { .at = NULL };
	struct kept kept;
	const char *why;

	(void)state;
	write_kept(&o);
	for (size_t bit = 0; bit < o.len * 8; bit++) {
		o.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(read_back(&kept, octets_bytes(&o), &why));
		o.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(read_back(&kept, octets_bytes(&o), &why));
	kept_clear(&kept);
	octets_clear(&o);
}

static void
says_why(void **state)
{
	static const uint8_t foreign[100] = "SQLite format 3";
	struct octets o = { .at = NULL };
	struct kept kept;
	const char *why;

	(void)state;
	assert_false(
	    read_back(&kept, bytes_of(foreign, sizeof(foreign)), &why));
	assert_string_equal(why, "no state of kedge");
	write_kept(&o);
	o.at[11]++; /* the version */
	assert_false(read_back(&kept, octets_bytes(&o), &why));
	assert_string_equal(why, "written by a later version");
	octets_clear(&o);
}

/* --- ahead */

/* Records for serials 8 (AS 3 to 9) and 9 (AS 3 to 12). */
static void
write_ahead(struct octets *out, size_t ends[3])
{
	const struct snapshot *sets[3] = { set_of(2, 10), set_of(3, 10),
		set_of(3, 13) };
	const struct snapshot *plain[3] = { set_of(2, 12), set_of(2, 14),
		set_of(3, 15) };
	const struct kept_ids ids = { .rtr = { 1, 2, 3 }, .json = 77 };
	struct ahead_place place;

	ahead_begin(out, &place, &ids, 7);
	ends[0] = out->len;
	for (unsigned i = 1; i < 3; i++) {
		const struct delta *delta = delta_new(sets[i - 1], sets[i]);
		const struct delta *other = delta_new(plain[i - 1], plain[i]);

		ahead_add(out, &place,
		    &(struct ahead_serial){ 7 + i, 1000 + i, delta, sets[i],
			other, plain[i], bytes_of("why", i) });
		delta_put(other);
		assert_int_equal(place.length, out->len);
		ends[i] = out->len;
		delta_put(delta);
	}
	for (unsigned i = 0; i < 3; i++) {
		snapshot_put(sets[i]);
		snapshot_put(plain[i]);
	}
}

/* Only whole records count, and what is cut was told nobody. */
static void
cuts_a_torn_record(void **state)
{
	struct octets o = { .at = NULL };
	size_t ends[3];

	(void)state;
	write_ahead(&o, ends);
	for (size_t cut = 0; cut <= o.len; cut++) {
		unsigned whole = cut >= ends[2] ? 2 : cut >= ends[1] ? 1 : 0;
		struct ahead_place place = { .length = 0 };
		struct kept kept;
		enum ahead_end end;

		make_kept(&kept);
		end = ahead_replay(&kept, bytes_of(o.at, cut), &place);
		assert_int_equal(end,
		    cut < ends[0] ? AHEAD_NOTHING : AHEAD_GOOD);
		assert_int_equal(kept.serial, 7 + whole);
		assert_int_equal(kept.delta_count, 1 + whole);
		assert_set(kept.current, whole == 0 ? 2 : 3,
		    whole == 2 ? 13 : 10);
		/* What local policy begins with has followed, with what
		 * routers never saw. */
		assert_set(kept.plain, whole == 2 ? 3 : 2,
		    whole == 0 ? 12 : 13 + whole);
		if (end == AHEAD_GOOD) {
			assert_int_equal(place.length, ends[whole]);
		}
		/* And what the journal is to have of them. */
		assert_int_equal(kept.note_count, whole);
		for (unsigned i = 0; i < whole; i++) {
			const struct journal_note *note = &kept.notes[i];

			assert_int_equal(note->head.session, 77);
			assert_int_equal(note->head.serial, 8 + i);
			assert_int_equal(note->head.when, 1001 + i);
			assert_int_equal(note->head.totals[ITEM_VRP],
			    i == 0 ? 7 : 10);
			assert_int_equal(note->changes.len, 1 + i);
		}
		kept_clear(&kept);
	}
	octets_clear(&o);
}

/* Local policy ended with this serial: what it began with is served. */
static void
is_one_set_again(void **state)
{
	const struct kept_ids ids = { .rtr = { 1, 2, 3 }, .json = 77 };
	const struct snapshot *set = set_of(3, 12);
	const struct delta *delta;
	struct octets o = { .at = NULL };
	struct ahead_place place;
	struct kept kept;

	(void)state;
	make_kept(&kept);
	delta = delta_new(kept.current, set);
	ahead_begin(&o, &place, &ids, 7);
	ahead_add(&o, &place,
	    &(struct ahead_serial){ .serial = 8, .delta = delta, .to = set });
	assert_int_equal(ahead_replay(&kept, octets_bytes(&o), &place),
	    AHEAD_GOOD);
	assert_set(kept.current, 3, 12);
	assert_ptr_equal(kept.plain, kept.current);
	kept_clear(&kept);
	delta_put(delta);
	snapshot_put(set);
	octets_clear(&o);
}

static void
sees_damage_ahead(void **state)
{
	struct octets o = { .at = NULL };
	size_t ends[3];

	(void)state;
	write_ahead(&o, ends);
	for (size_t bit = 0; bit < o.len * 8; bit++) {
		struct ahead_place place;
		struct kept kept;

		make_kept(&kept);
		o.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(ahead_replay(&kept, octets_bytes(&o), &place),
		    AHEAD_DAMAGED);
		o.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		kept_clear(&kept);
	}
	octets_clear(&o);
}

/* The state was written, and the process died before the rest was removed. */
static void
skips_what_the_state_has(void **state)
{
	struct octets o = { .at = NULL };
	struct ahead_place place;
	struct kept kept;
	size_t ends[3];

	(void)state;
	write_ahead(&o, ends);
	make_kept(&kept);
	kept.serial = 8;
	snapshot_put(kept.current);
	kept.current = set_of(3, 10);
	assert_int_equal(ahead_replay(&kept, octets_bytes(&o), &place),
	    AHEAD_GOOD);
	assert_int_equal(kept.serial, 9);
	assert_set(kept.current, 3, 13);
	assert_int_equal(ahead_replay(&kept, octets_bytes(&o), &place),
	    AHEAD_GOOD);
	assert_int_equal(kept.serial, 9);
	kept.serial = 12;
	assert_int_equal(ahead_replay(&kept, octets_bytes(&o), &place),
	    AHEAD_NOTHING);
	kept.serial = 6;
	assert_int_equal(ahead_replay(&kept, octets_bytes(&o), &place),
	    AHEAD_DAMAGED);
	kept.ids.json++;
	assert_int_equal(ahead_replay(&kept, octets_bytes(&o), &place),
	    AHEAD_NOTHING);
	kept_clear(&kept);
	octets_clear(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(comes_from_a_file),
		cmocka_unit_test(refuses_any_cut),
		cmocka_unit_test(refuses_any_flipped_bit),
		cmocka_unit_test(says_why),
		cmocka_unit_test(cuts_a_torn_record),
		cmocka_unit_test(is_one_set_again),
		cmocka_unit_test(sees_damage_ahead),
		cmocka_unit_test(skips_what_the_state_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
