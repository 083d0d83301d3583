/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests take turns, however much one of them has ordered before. */
#include "output/clerk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"

enum { PATIENCE_MS = 60000 };

/* Something to be done; its key is its name. */
static void
order(struct clerk *clerk, struct guest *guest, char name)
{
	struct clerk_order *order = clerk_order(clerk, CLERK_SLOW);

	octets_u8(&order->key, (uint8_t)name);
	order->render->drops = true;
	if (guest != NULL) {
		assert_true(guest_take(guest, GUEST_RENDERS, 1));
		clerk_charge(order, guest, GUEST_RENDERS);
	}
	clerk_submit(order);
}

static char
done(struct clerk *clerk)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	struct clerk_order *order;
	char name;

	while ((order = clerk_collect(clerk)) == NULL) {
		assert_true(clock_mono_ms() < end);
		clock_sleep_ms(1);
	}
	name = (char)order->key.at[0];
	clerk_drop(order);
	return name;
}

static void
test_turns(void **state)
{
	struct guest_book *book = guest_book_new();
	struct clerk *clerk = clerk_new(1);
	struct guest *one = guest_of(book, "192.0.2.1");
	struct guest *two = guest_of(book, "192.0.2.2");
	char names[9] = "";

	(void)state;
	guest_book_set(book, GUEST_RENDERS, 100);
	for (const char *name = "abcd"; *name != '\0'; name++) {
		order(clerk, one, *name);
	}
	order(clerk, two, 'x');
	order(clerk, two, 'y');
	order(clerk, NULL, '1');
	assert_int_equal(clerk_busy(clerk, CLERK_SLOW), 7);
	for (unsigned i = 0; i < 7; i++) {
		names[i] = done(clerk);
		if (i == 3) {
			order(clerk, two, 'z');
		}
	}
	names[7] = done(clerk);
	assert_string_equal(names, "a1xbyczd");
	assert_int_equal(clerk_busy(clerk, CLERK_SLOW), 0);
	guest_put(one);
	guest_put(two);
	clerk_free(clerk);
	guest_book_free(book);
}

/* However many come while he waits, or one that goes and comes again. */
static void
test_turns_of_newcomers(void **state)
{
	struct guest_book *book = guest_book_new();
	struct clerk *clerk = clerk_new(1);
	struct guest *one = guest_of(book, "192.0.2.1");
	const char *comes[] = { "192.0.2.2", "192.0.2.3", "192.0.2.2" };
	char names[5] = "";

	(void)state;
	guest_book_set(book, GUEST_RENDERS, 100);
	order(clerk, one, 'a');
	assert_int_equal(done(clerk), 'a');
	for (unsigned i = 0; i < 4; i++) {
		struct guest *other = i < 3 ? guest_of(book, comes[i]) : NULL;

		if (i == 1) {
			order(clerk, one, 'b');
		}
		if (other != NULL) {
			order(clerk, other, (char)('x' + i));
			guest_put(other);
		}
		if (i > 0) {
			names[i - 1] = done(clerk);
		}
	}
	names[3] = done(clerk);
	assert_string_equal(names, "xbyz");
	guest_put(one);
	clerk_free(clerk);
	guest_book_free(book);
}

/* What is the same for all goes first, but not one after the other. */
static void
test_turns_with_all(void **state)
{
	struct guest_book *book = guest_book_new();
	struct clerk *clerk = clerk_new(1);
	struct guest *one = guest_of(book, "192.0.2.1");
	char names[8] = "";

	(void)state;
	guest_book_set(book, GUEST_RENDERS, 100);
	order(clerk, NULL, '1');
	order(clerk, one, 'a');
	order(clerk, one, 'b');
	for (unsigned i = 0; i < 5; i++) {
		order(clerk, NULL, (char)('2' + i));
		names[i] = done(clerk);
	}
	names[5] = done(clerk);
	names[6] = done(clerk);
	assert_int_equal(done(clerk), '6');
	assert_string_equal(names, "1a2b345");
	guest_put(one);
	clerk_free(clerk);
	guest_book_free(book);
}

/* Whoever waits. */
static void
test_end_amid_orders(void **state)
{
	struct guest_book *book = guest_book_new();
	struct clerk *clerk = clerk_new(1);
	struct guest *one = guest_of(book, "192.0.2.1");

	(void)state;
	guest_book_set(book, GUEST_RENDERS, 100);
	for (const char *name = "abcd"; *name != '\0'; name++) {
		order(clerk, one, *name);
	}
	clerk_free(clerk);
	assert_int_equal(guest_has(one, GUEST_RENDERS), 0);
	guest_put(one);
	guest_book_free(book);
	clerk_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_turns_of_newcomers),
		cmocka_unit_test(test_turns_with_all),
		cmocka_unit_test(test_end_amid_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
