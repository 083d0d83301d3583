/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock - see clock.h. Days are counted from 0000-03-01, so that the leap day
 * is the last of its year and every month before it has a fixed place.
 */
#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/text.h"

enum {
	DAY_SECONDS = 86400,
	ERA_DAYS = 146097,   /* 400 years */
	EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
	SHORT_LAP_US = 100,
};

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
static const int64_t earliest = -62167219200;
static const int64_t latest = 253402300799;

static struct timespec
ask(clockid_t id)
{
	struct timespec now;
	int rc = clock_gettime(id, &now);

	assert(rc == 0);
	(void)rc;
	return now;
}

int64_t
clock_wall(void)
{
	return ask(CLOCK_REALTIME).tv_sec;
}

static int64_t
ms_of(clockid_t which)
{
	struct timespec now = ask(which);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_mono_ms(void)
{
	return ms_of(CLOCK_MONOTONIC);
}

int64_t
clock_age_ms(void)
{
	return ms_of(CLOCK_BOOTTIME);
}

static int64_t
us_of(clockid_t clock)
{
	struct timespec now = ask(clock);

	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_cpu_us(void)
{
	return us_of(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t
clock_thread_us(void)
{
	return us_of(CLOCK_THREAD_CPUTIME_ID);
}

struct clock_lap
clock_lap_begin(void)
{
	return (struct clock_lap){ clock_thread_us(), us_of(CLOCK_MONOTONIC) };
}

uint64_t
clock_lap_us(struct clock_lap *lap)
{
	int64_t mono = us_of(CLOCK_MONOTONIC);
	int64_t took = mono - lap->mono_us;

	lap->mono_us = mono;
	if (took > SHORT_LAP_US) {
		/* The thread may have been away meanwhile. */
		took = clock_thread_us() - lap->thread_us;
		took = took > 0 ? took : 0;
	}
	lap->thread_us += took;
	return (uint64_t)took;
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01; negative before. */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t month_from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
			     year_of_era / 100 + day_of_year;

	return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

bool
clock_from_civil(const struct clock_civil *civil, int64_t *out)
{
	if (civil->year < 0 || civil->year > 9999 || civil->month < 1 ||
	    civil->month > 12 || civil->day < 1 ||
	    civil->day > month_days(civil->year, civil->month) ||
	    civil->hour < 0 || civil->hour > 23 || civil->minute < 0 ||
	    civil->minute > 59 || civil->second < 0 || civil->second > 59) {
		return false;
	}
	*out = days_from_civil(civil->year, civil->month, civil->day) *
		   DAY_SECONDS +
	       civil->hour * 3600 + civil->minute * 60 + civil->second;
	return true;
}

void
clock_to_civil(int64_t when, struct clock_civil *civil)
{
	int64_t days, rest, era, day, year, month;

	when = when < earliest ? earliest : when > latest ? latest : when;
	days = when / DAY_SECONDS;
	rest = when % DAY_SECONDS;
	if (rest < 0) {
		rest += DAY_SECONDS;
		days--;
	}
	days += EPOCH_DAYS;
	era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
	day = days - era * ERA_DAYS;
	year = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153; /* from March */
	civil->day = (int)(day - (153 * month + 2) / 5 + 1);
	civil->month = (int)(month < 10 ? month + 3 : month - 9);
	civil->year = (int)(year + era * 400 + (month >= 10));
	civil->hour = (int)(rest / 3600);
	civil->minute = (int)(rest / 60 % 60);
	civil->second = (int)(rest % 60);
}

void
clock_text(int64_t when, char out[CLOCK_TEXT])
{
	struct clock_civil c;

	clock_to_civil(when, &c);
	/* The remainders tell the compiler what it cannot know: it all fits. */
	snprintf(out, CLOCK_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	    (unsigned)c.year % 10000, (unsigned)c.month % 100,
	    (unsigned)c.day % 100, (unsigned)c.hour % 100,
	    (unsigned)c.minute % 100, (unsigned)c.second % 100);
}

/* The digits of `pattern` are read into parts, the rest must be the same. */
static bool
civil_parse(struct clock_civil *c, struct bytes text)
{
	static const char pattern[] = "0000-11-22T33:44:55Z";
	int parts[6] = { 0 };

	if (text.len != sizeof(pattern) - 1) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		int part = pattern[i] - '0';

		if (part < 0 || part > 5) {
			if (text.at[i] != pattern[i]) {
				return false;
			}
		} else if (text.at[i] < '0' || text.at[i] > '9') {
			return false;
		} else {
			parts[part] = parts[part] * 10 + text.at[i] - '0';
		}
	}
	*c = (struct clock_civil){ parts[0], parts[1], parts[2], parts[3],
		parts[4], parts[5] };
	return true;
}

bool
clock_parse(int64_t *out, struct bytes text)
{
	struct clock_civil civil;
	uint64_t seconds;

	if (text_uint(text, (uint64_t)latest, &seconds)) {
		*out = (int64_t)seconds;
		return true;
	}
	return civil_parse(&civil, text) && clock_from_civil(&civil, out);
}

void
clock_sleep_ms(int64_t ms)
{
	struct timespec rest = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	if (ms > 0) {
		while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
			continue;
		}
	}
}

void
clock_random(void *out, size_t len)
{
	uint8_t *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno != EINTR) {
			abort();
		}
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
}
