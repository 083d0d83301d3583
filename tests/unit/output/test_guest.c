/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody gets more than half, and all together no more than there is. */
#include "output/guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"

static void
test_halves(void **state)
{
	struct guest_book *book = guest_book_new();
	struct guest *one = guest_of(book, "192.0.2.1");
	struct guest *two = guest_of(book, "192.0.2.2");
	struct guest *three = guest_of(book, "");

	(void)state;
	assert_false(guest_take(one, GUEST_BODIES, 1));
	guest_book_set(book, GUEST_BODIES, 100);
	assert_false(guest_take(one, GUEST_BODIES, 51));
	assert_true(guest_take(one, GUEST_BODIES, 40));
	assert_false(guest_take(one, GUEST_BODIES, 11));
	assert_true(guest_take(one, GUEST_BODIES, 10));
	assert_true(guest_take(two, GUEST_BODIES, 49));
	assert_false(guest_take(three, GUEST_BODIES, 2));
	assert_true(guest_take(three, GUEST_BODIES, 1));
	assert_int_equal(guest_book_taken(book, GUEST_BODIES), 100);
	assert_int_equal(guest_book_taken(book, GUEST_POLLS), 0);
	guest_book_set(book, GUEST_BODIES, 10);
	assert_false(guest_take(three, GUEST_BODIES, 1));
	guest_give(one, GUEST_BODIES, 50);
	guest_give(two, GUEST_BODIES, 49);
	assert_true(guest_take(three, GUEST_BODIES, 4));
	guest_give(three, GUEST_BODIES, 5);
	guest_put(one);
	guest_put(two);
	guest_put(three);
	guest_put(NULL);
	guest_book_free(book);
	guest_book_free(NULL);
}

/* Also where others have ordered all there are, one is made for each. */
static void
test_first(void **state)
{
	struct guest_book *book = guest_book_new();
	struct guest *one = guest_of(book, "192.0.2.1");
	struct guest *two = guest_of(book, "192.0.2.2");
	struct guest *three = guest_of(book, "192.0.2.3");

	(void)state;
	guest_book_set(book, GUEST_RENDERS, 4);
	guest_book_set(book, GUEST_POLLS, 4);
	assert_true(guest_take(one, GUEST_RENDERS, 2));
	assert_true(guest_take(two, GUEST_RENDERS, 2));
	assert_true(guest_take(three, GUEST_RENDERS, 1));
	assert_false(guest_take(three, GUEST_RENDERS, 1));
	assert_int_equal(guest_book_taken(book, GUEST_RENDERS), 5);
	guest_give(one, GUEST_RENDERS, 1);
	assert_false(guest_take(one, GUEST_RENDERS, 1));
	guest_give(two, GUEST_RENDERS, 2);
	assert_true(guest_take(one, GUEST_RENDERS, 1));
	assert_true(guest_take(one, GUEST_POLLS, 2));
	assert_true(guest_take(two, GUEST_POLLS, 2));
	assert_false(guest_take(three, GUEST_POLLS, 1));
	guest_give(one, GUEST_RENDERS, 2);
	guest_give(three, GUEST_RENDERS, 1);
	guest_give(one, GUEST_POLLS, 2);
	guest_give(two, GUEST_POLLS, 2);
	guest_put(one);
	guest_put(two);
	guest_put(three);
	guest_book_free(book);
}

/* However many come, each with one order: what waits has a ceiling. */
static void
test_many_firsts(void **state)
{
	enum { MOST = 4, CEILING = MOST * LIMIT_HTTP_FIRST };
	struct guest_book *book = guest_book_new();
	struct guest *guests[CEILING + 1];

	(void)state;
	guest_book_set(book, GUEST_QUICK, MOST);
	for (unsigned i = 0; i <= CEILING; i++) {
		char address[16];

		(void)snprintf(address, sizeof(address), "192.0.2.%u", i);
		guests[i] = guest_of(book, address);
		assert_true(
		    guest_take(guests[i], GUEST_QUICK, 1) == (i < CEILING));
	}
	assert_int_equal(guest_book_taken(book, GUEST_QUICK), CEILING);
	guest_give(guests[0], GUEST_QUICK, 1);
	assert_false(guest_take(guests[1], GUEST_QUICK, 1));
	assert_true(guest_take(guests[CEILING], GUEST_QUICK, 1));
	guest_give(guests[CEILING], GUEST_QUICK, 1);
	guest_put(guests[0]);
	for (unsigned i = 1; i < CEILING; i++) {
		guest_give(guests[i], GUEST_QUICK, 1);
		guest_put(guests[i]);
	}
	guest_put(guests[CEILING]);
	guest_book_free(book);
}

/* The last one is always to be had. */
static void
test_one(void **state)
{
	struct guest_book *book = guest_book_new();
	struct guest *one = guest_of(book, "192.0.2.1");

	(void)state;
	guest_book_set(book, GUEST_CONNECTIONS, 1);
	assert_true(guest_take(one, GUEST_CONNECTIONS, 1));
	assert_false(guest_take(one, GUEST_CONNECTIONS, 1));
	guest_give(one, GUEST_CONNECTIONS, 1);
	guest_put(one);
	guest_book_free(book);
}

static void
test_who_is_whom(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "2001:db8::1", "2001:db8::ffff:0:0:1", true },
		{ "2001:db8::1", "2001:db8:0:1::1", false },
		{ "::1", "192.0.2.1", false },
		{ "local", "local", true },
		{ "local", "", false },
	};
	struct guest_book *book = guest_book_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guest *one = guest_of(book, rows[i].one);
		struct guest *other = guest_of(book, rows[i].other);

		if ((one == other) != rows[i].same) {
			fail_msg("%s and %s", rows[i].one, rows[i].other);
		}
		guest_put(one);
		guest_put(other);
	}
	guest_book_free(book);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_many_firsts),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_who_is_whom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
