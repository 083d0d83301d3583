/* SPDX-License-Identifier: BSD-2-Clause */
/* stamp - see stamp.h. */
#include "object/stamp.h"

#include "base/clock.h"

/* Two digits, or -1. */
static int
two_digits(const uint8_t *at)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9') {
		return -1;
	}
	return (at[0] - '0') * 10 + (at[1] - '0');
}

/* "MMDDHHMMSSZ" in a year already known. */
static int64_t
read_rest(struct der *d, int year, const uint8_t *at)
{
	struct clock_civil civil = {
		.year = year,
		.month = two_digits(at),
		.day = two_digits(at + 2),
		.hour = two_digits(at + 4),
		.minute = two_digits(at + 6),
		.second = two_digits(at + 8),
	};
	int64_t when = 0;

	if (at[10] != 'Z' || civil.month < 0 || civil.day < 0 ||
	    civil.hour < 0 || civil.minute < 0 || civil.second < 0 ||
	    !clock_from_civil(&civil, &when)) {
		der_fail(d, FAULT_TIME_FORM);
		return 0;
	}
	return when;
}

static int64_t
read_utc(struct der *d)
{
	struct bytes text = der_take(d, DER_UTC_TIME);
	int year;

	if (!der_fine(d)) {
		return 0;
	}
	year = text.len == 13 ? two_digits(text.at) : -1;
	if (year < 0) {
		der_fail(d, FAULT_TIME_FORM);
		return 0;
	}
	return read_rest(d, year < 50 ? 2000 + year : 1900 + year, text.at + 2);
}

/* A GeneralizedTime and its year. */
static int64_t
read_general(struct der *d, int *year)
{
	struct bytes text = der_take(d, DER_GENERALIZED_TIME);
	int century, rest;

	*year = 0;
	if (!der_fine(d)) {
		return 0;
	}
	century = text.len == 15 ? two_digits(text.at) : -1;
	rest = text.len == 15 ? two_digits(text.at + 2) : -1;
	if (century < 0 || rest < 0) {
		der_fail(d, FAULT_TIME_FORM);
		return 0;
	}
	*year = century * 100 + rest;
	return read_rest(d, *year, text.at + 4);
}

/* Years from `first` to 2049 are a UTCTime's, all others are not. */
static int64_t
read_choice(struct der *d, int first)
{
	int64_t when;
	int year;

	if (der_next_is(d, DER_UTC_TIME)) {
		return read_utc(d);
	}
	when = read_general(d, &year);
	if (der_fine(d) && year >= first && year < 2050) {
		der_fail(d, FAULT_TIME_CHOICE);
	}
	return when;
}

int64_t
stamp_time(struct der *d)
{
	return read_choice(d, 0);
}

int64_t
stamp_signing(struct der *d)
{
	return read_choice(d, 1950);
}

int64_t
stamp_generalized(struct der *d)
{
	int year;

	return read_general(d, &year);
}
