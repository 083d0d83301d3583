/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates both ways, against vectors and against the C library. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/between.h"

struct date_case {
	const char *text;
	int64_t when;
};

static const struct date_case dates[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1969-12-31T23:59:59Z", -1 },
	{ "0000-01-01T00:00:00Z", -62167219200 },
	{ "0000-02-29T00:00:00Z", -62162121600 },
	{ "1900-03-01T00:00:00Z", -2203891200 },
	{ "2000-02-29T12:00:00Z", 951825600 },
	{ "2038-01-19T03:14:08Z", 2147483648 },
	{ "2100-03-01T00:00:00Z", 4107542400 },
	{ "9999-12-31T23:59:59Z", 253402300799 },
};

static void
test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		char text[CLOCK_TEXT];
		int64_t when;

		clock_text(dates[i].when, text);
		assert_string_equal(text, dates[i].text);
		assert_true(clock_parse(&when, bytes_of(text, strlen(text))));
		assert_int_equal(when, dates[i].when);
	}
}

static void
test_every_day(void **state)
{
	(void)state;
	for (int64_t when = dates[2].when; when <= 253402300799;
	     when += 86399) {
		struct clock_civil c;
		struct tm tm;
		time_t same = when;
		int64_t back;

		clock_to_civil(when, &c);
		if (same != when) {
			break; /* this machine's own time ends in 2038 */
		}
		gmtime_r(&same, &tm);
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
		    c.day != tm.tm_mday || c.hour != tm.tm_hour ||
		    c.minute != tm.tm_min || c.second != tm.tm_sec ||
		    !clock_from_civil(&c, &back) || back != when) {
			fail_msg("%lld", (long long)when);
		}
	}
}

static void
test_no_such_time(void **state)
{
	static const char *const wrong[] = { "2026-00-01T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
		"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
		"2026-01-01T00:00:00", "2026-01-01 00:00:00Z",
		"2026-01-01T00:00:00+", "2026-1-01T00:00:00Z", "",
		" 2026-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ", "-1", "+1",
		"01", "253402300800", "1e3", "now" };
	int64_t when = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		print_message("'%s'\n", wrong[i]);
		assert_false(
		    clock_parse(&when, bytes_of(wrong[i], strlen(wrong[i]))));
		assert_int_equal(when, 42);
	}
	assert_true(clock_parse(&when, bytes_of("253402300799", 12)));
	assert_int_equal(when, 253402300799);
	assert_true(clock_parse(&when, bytes_of("0", 1)));
	assert_int_equal(when, 0);
}

static void
test_far_away(void **state)
{
	char text[CLOCK_TEXT];

	(void)state;
	clock_text(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	clock_text(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00Z");
}

static void
test_clocks_run(void **state)
{
	int64_t before = clock_mono_ms(), wall = clock_wall();
	int64_t age = clock_age_ms();
	int64_t cpu = clock_cpu_us();

	(void)state;
	clock_sleep_ms(30);
	assert_true(clock_mono_ms() - before >= 29);
	assert_true(clock_age_ms() - age >= 29 && age >= before);
	assert_true(clock_wall() >= wall && wall > 1700000000);
	assert_true(clock_cpu_us() >= cpu);
	before = clock_mono_ms();
	clock_sleep_ms(0);
	clock_sleep_ms(-5);
	assert_true(clock_mono_ms() - before < 5000);
}

static void
test_random(void **state)
{
	uint8_t a[1000] = { 0 }, b[1000] = { 0 };
	unsigned zero = 0;

	(void)state;
	clock_random(a, sizeof(a));
	clock_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++) {
		zero += a[i] == 0;
	}
	assert_true(zero < 100);
}

/* Laps are the thread's own time, however long others had the processor. */
static void
test_laps(void **state)
{
	enum { NAP_MS = 50 };
	struct clock_lap lap = clock_lap_begin();
	int64_t began = clock_thread_us(), sum = 0;

	(void)state;
	clock_sleep_ms(NAP_MS);
	assert_true(clock_lap_us(&lap) < 1000 * NAP_MS);
	while (clock_thread_us() - began < 20000) {
		sum += (int64_t)clock_lap_us(&lap);
	}
	clock_sleep_ms(1);
	sum += (int64_t)clock_lap_us(&lap);
	assert_between(sum, 10000, 10 * (clock_thread_us() - began));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_no_such_time),
		cmocka_unit_test(test_far_away),
		cmocka_unit_test(test_clocks_run),
		cmocka_unit_test(test_laps),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
