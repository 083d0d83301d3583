/* SPDX-License-Identifier: BSD-2-Clause */
/* Times: the one form each type has, and the edges of the calendar. */
#include "object/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *what;
	uint8_t tag;
	const char *text;
	const char *label; /* as the CHOICE Time */
	int64_t when;
} cases[] = {
	{ "epoch", 0x17, "700101000000Z", "ok", 0 },
	{ "one second before it", 0x17, "691231235959Z", "ok", -1 },
	{ "earliest", 0x17, "500101000000Z", "ok", -631152000 },
	{ "latest", 0x17, "491231235959Z", "ok", 2524607999 },
	{ "leap day", 0x17, "240229000000Z", "ok", 1709164800 },
	{ "2050", 0x18, "20500101000000Z", "ok", 2524608000 },
	{ "year 9999", 0x18, "99991231235959Z", "ok", 253402300799 },
	{ "2049 the long way", 0x18, "20491231235959Z", "time-choice", 0 },
	{ "1949, which UTCTime has not", 0x18, "19491231235959Z", "time-choice",
	    0 },
	{ "1970 the long way", 0x18, "19700101000000Z", "time-choice", 0 },
	{ "no seconds", 0x17, "7001010000Z", "time-form", 0 },
	{ "an offset", 0x17, "700101000000+0000", "time-form", 0 },
	{ "no Z", 0x17, "700101000000", "time-form", 0 },
	{ "small z", 0x17, "700101000000z", "time-form", 0 },
	{ "a fraction", 0x18, "20500101000000.5Z", "time-form", 0 },
	{ "long year in UTCTime", 0x17, "20500101000000Z", "time-form", 0 },
	{ "short year", 0x18, "500101000000Z", "time-form", 0 },
	{ "month 13", 0x17, "701301000000Z", "time-form", 0 },
	{ "month 0", 0x17, "700001000000Z", "time-form", 0 },
	{ "day 0", 0x17, "700100000000Z", "time-form", 0 },
	{ "31 April", 0x17, "700431000000Z", "time-form", 0 },
	{ "no leap year", 0x17, "230229000000Z", "time-form", 0 },
	{ "2100 does not leap", 0x18, "21000229000000Z", "time-form", 0 },
	{ "hour 24", 0x17, "700101240000Z", "time-form", 0 },
	{ "minute 60", 0x17, "700101006000Z", "time-form", 0 },
	{ "leap second", 0x17, "161231235960Z", "time-form", 0 },
	{ "a blank", 0x17, "70010100000 Z", "time-form", 0 },
	{ "a year above 99", 0x17, ":00101000000Z", "time-form", 0 },
	{ "a year of 9 and 10", 0x17, "9:0101000000Z", "time-form", 0 },
	{ "a year of 5 and -1", 0x17, "5/0101000000Z", "time-form", 0 },
	{ "a year of 2000 and -1", 0x18, "20x00101000000Z", "time-form", 0 },
	{ "a century of -1", 0x18, "x0990101000000Z", "time-form", 0 },
	{ "a sign", 0x17, "-1010100000 Z", "time-form", 0 },
	{ "empty", 0x17, "", "time-form", 0 },
	{ "empty, long", 0x18, "", "time-form", 0 },
	{ "another type", 0x16, "700101000000Z", "der-tag", 0 },
};

static struct bytes
encode(uint8_t *buf, uint8_t tag, const char *text)
{
	buf[0] = tag;
	buf[1] = (uint8_t)strlen(text);
	memcpy(buf + 2, text, strlen(text));
	return bytes_of(buf, 2 + strlen(text));
}

static void
test_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t buf[40];
		enum fault fault = FAULT_NONE;
		struct der d =
		    der_open(encode(buf, cases[i].tag, cases[i].text), &fault);
		int64_t when = stamp_time(&d);

		print_message("# %s\n", cases[i].what);
		assert_string_equal(fault_label(fault), cases[i].label);
		if (fault == FAULT_NONE) {
			assert_int_equal(when, cases[i].when);
		}
	}
}

/* What UTCTime cannot say before 1950, a signing-time can. */
static void
test_signing(void **state)
{
	static const struct {
		uint8_t tag;
		const char *text;
		const char *label;
		int64_t when;
	} rows[] = {
		{ 0x18, "19491231235959Z", "ok", -631152001 },
		{ 0x18, "19500101000000Z", "time-choice", 0 },
		{ 0x17, "500101000000Z", "ok", -631152000 },
		{ 0x17, "491231235959Z", "ok", 2524607999 },
		{ 0x18, "20491231235959Z", "time-choice", 0 },
		{ 0x18, "20500101000000Z", "ok", 2524608000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t buf[40];
		enum fault fault = FAULT_NONE;
		struct der d =
		    der_open(encode(buf, rows[i].tag, rows[i].text), &fault);
		int64_t when = stamp_signing(&d);

		print_message("# %s\n", rows[i].text);
		assert_string_equal(fault_label(fault), rows[i].label);
		if (fault == FAULT_NONE) {
			assert_int_equal(when, rows[i].when);
		}
	}
}

static void
test_generalized_of_any_year(void **state)
{
	uint8_t buf[40];
	enum fault fault = FAULT_NONE;
	struct der d = der_open(encode(buf, 0x18, "19991231235959Z"), &fault);

	(void)state;
	assert_int_equal(stamp_generalized(&d), 946684799);
	assert_int_equal(fault, FAULT_NONE);
	d = der_open(encode(buf, 0x17, "991231235959Z"), &fault);
	stamp_generalized(&d);
	assert_string_equal(fault_label(fault), "der-tag");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_signing),
		cmocka_unit_test(test_generalized_of_any_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
