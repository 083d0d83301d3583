/* SPDX-License-Identifier: BSD-2-Clause */
/* date - see date.h. */
#include "output/date.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Names are cut to their first three letters where need be. */
static const char days[][10] = { "Thursday", "Friday", "Saturday", "Sunday",
	"Monday", "Tuesday", "Wednesday" };

enum { TEXT_DAY = 86400, OLDEST_OF_TWO_DIGITS = 70 };

enum form { FORM_FIXED, FORM_RFC850, FORM_ASCTIME, FORMS };

/* Where the parts stand, counted from the end, since the name of a day may be
 * long; and how many digits a year has. */
static const struct {
	size_t length; /* 0: any */
	size_t day, month, year, digits, time;
} forms[FORMS] = {
	[FORM_FIXED] = { 29, 24, 21, 17, 4, 12 },
	[FORM_RFC850] = { 0, 22, 19, 15, 2, 12 },
	[FORM_ASCTIME] = { 24, 16, 20, 4, 4, 13 },
};

static void
write_as(enum form form, int64_t when, char out[DATE_TEXT])
{
	struct clock_civil at;
	int64_t day = (when / TEXT_DAY) % 7;
	const char *name = days[day < 0 ? day + 7 : day];
	const char *month;

	clock_to_civil(when, &at);
	month = months + (at.month - 1) % 12 * 3;
	switch (form) {
	case FORM_RFC850:
		(void)snprintf(out, DATE_TEXT,
		    "%s, %02d-%.3s-%02d %02d:%02d:%02d GMT", name, at.day % 100,
		    month, at.year % 100, at.hour % 100, at.minute % 100,
		    at.second % 100);
		break;
	case FORM_ASCTIME:
		(void)snprintf(out, DATE_TEXT,
		    "%.3s %.3s %2d %02d:%02d:%02d %04d", name, month,
		    at.day % 100, at.hour % 100, at.minute % 100,
		    at.second % 100, at.year % 10000);
		break;
	case FORM_FIXED:
	case FORMS:
		(void)snprintf(out, DATE_TEXT,
		    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", name,
		    at.day % 100, month, at.year % 10000, at.hour % 100,
		    at.minute % 100, at.second % 100);
		break;
	}
}

void
date_write(int64_t when, char out[DATE_TEXT])
{
	write_as(FORM_FIXED, when, out);
}

/* Digits at a place counted from the end; a blank before them is none. */
static int
digits(struct bytes text, size_t from_end, size_t count)
{
	const uint8_t *at = text.at + text.len - from_end;
	int value = 0;

	for (size_t i = 0; i < count; i++) {
		if (i == 0 && at[i] == ' ') {
			continue;
		}
		if (at[i] < '0' || at[i] > '9') {
			return -1;
		}
		value = value * 10 + at[i] - '0';
	}
	return value;
}

static bool
read_as(enum form form, int64_t *when, struct bytes text)
{
	struct clock_civil at = { 0 };
	char again[DATE_TEXT];

	if (text.len < forms[form].day || text.len < forms[form].month ||
	    (forms[form].length != 0 && text.len != forms[form].length)) {
		return false;
	}
	at.day = digits(text, forms[form].day, 2);
	at.year = digits(text, forms[form].year, forms[form].digits);
	at.hour = digits(text, forms[form].time, 2);
	at.minute = digits(text, forms[form].time - 3, 2);
	at.second = digits(text, forms[form].time - 6, 2);
	for (int m = 0; m < 12; m++) {
		if (memcmp(months + m * 3,
			text.at + text.len - forms[form].month, 3) == 0) {
			at.month = m + 1;
		}
	}
	if (forms[form].digits == 2 && at.year >= 0) {
		at.year += at.year < OLDEST_OF_TWO_DIGITS ? 2000 : 1900;
	}
	if (at.month == 0 || at.year < 1970 || at.day < 1 || at.hour < 0 ||
	    at.minute < 0 || at.second < 0 || !clock_from_civil(&at, when)) {
		return false;
	}
	write_as(form, *when, again); /* the weekday and the rest fit, too */
	return text_same(text, again);
}

bool
date_read(int64_t *when, struct bytes text)
{
	for (unsigned form = 0; form < FORMS; form++) {
		if (read_as((enum form)form, when, text)) {
			return true;
		}
	}
	return false;
}
