/* SPDX-License-Identifier: BSD-2-Clause */
/* value - see value.h. */
#include "daemon/value.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/text.h"
#include "daemon/nearest.h"

struct unit {
	char letter;
	uint64_t factor;
};

static const struct unit size_units[] = { { 'K', UINT64_C(1) << 10 },
	{ 'M', UINT64_C(1) << 20 }, { 'G', UINT64_C(1) << 30 },
	{ 'T', UINT64_C(1) << 40 }, { 0, 1 } };
static const struct unit time_units[] = { { 's', 1 }, { 'm', 60 },
	{ 'h', 3600 }, { 'd', 86400 }, { 0, 1 } };
static const struct unit no_units[] = { { 0, 1 } };

static bool
read_number(const char *text, const struct unit *unit,
    const struct setting_row *row, uint64_t *out)
{
	struct bytes digits = text_bytes(text);
	uint64_t factor = 1;
	uint64_t value;

	for (; unit->letter != 0; unit++) {
		if (digits.len > 1 &&
		    digits.at[digits.len - 1] == (uint8_t)unit->letter) {
			factor = unit->factor;
			digits.len--;
			break;
		}
	}
	if (!text_uint(digits, UINT64_MAX / factor, &value)) {
		return false;
	}
	value *= factor;
	if (value < row->least || value > row->most) {
		return false;
	}
	*out = value;
	return true;
}

static bool
read_flag(const char *text, uint64_t *out)
{
	static const char *const words[] = { "no", "yes", "false", "true",
		"off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			*out = i % 2;
			return true;
		}
	}
	return false;
}

/* Which of the row's words it is. */
static bool
read_word(const char *text, const char *words, uint64_t *out)
{
	struct bytes rest = text_bytes(words);

	for (uint64_t i = 0; rest.len > 0; i++) {
		if (text_same(text_cut(&rest, ' '), text)) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool
read_count(const char *text, uint64_t *out)
{
	return text_uint(text_bytes(text), 9, out) || read_flag(text, out);
}

static bool
read_time(const char *text, uint64_t *out)
{
	int64_t when;

	if (!clock_parse(&when, text_bytes(text)) || when < 0) {
		return false;
	}
	*out = (uint64_t)when;
	return true;
}

bool
value_read(const struct setting_row *row, const char *text, uint64_t *number)
{
	struct ip_prefix prefix;
	uint32_t asn;

	switch (row->kind) {
	case SETTING_FLAG:
	case SETTING_OFF:
		return read_flag(text, number);
	case SETTING_COUNT:
		return read_count(text, number);
	case SETTING_NUMBER:
		return read_number(text, no_units, row, number);
	case SETTING_SIZE:
		return read_number(text, size_units, row, number);
	case SETTING_SECONDS:
		return read_number(text, time_units, row, number);
	case SETTING_TIME:
		return read_time(text, number);
	case SETTING_WORD:
		return read_word(text, row->words, number);
	case SETTING_TEXT:
	case SETTING_LIST:
		return text[0] != '\0';
	case SETTING_ASN:
	case SETTING_ASNS:
		return text_asn(text_bytes(text), &asn);
	case SETTING_PREFIX:
	case SETTING_PREFIXES:
		return ip_prefix_parse(&prefix, text_bytes(text),
		    IP_LONE_ADDRESS);
	}
	return false;
}

static void
say_range(const struct setting_row *row, const char *unit, struct octets *why)
{
	octets_printf(why, "a number%s from %llu to %llu", unit,
	    (unsigned long long)row->least, (unsigned long long)row->most);
}

/* The words to choose from, and the one that was probably meant. */
static void
say_words(const struct setting_row *row, const char *text, struct octets *why)
{
	struct bytes rest = text_bytes(row->words);
	struct nearest near = nearest_start(text);

	octets_printf(why, "one of:");
	while (rest.len > 0) {
		struct bytes word = text_cut(&rest, ' ');

		octets_u8(why, ' ');
		octets_add_bytes(why, word);
		nearest_offer(&near, word);
	}
	nearest_say(&near, why);
}

void
value_wanted(struct octets *why, const struct setting_row *row,
    const char *text)
{
	octets_printf(why, "`");
	text_escape(why, text_bytes(text));
	octets_printf(why, "` is not good for %s, which takes ", row->name);
	switch (row->kind) {
	case SETTING_FLAG:
	case SETTING_OFF:
		octets_printf(why, "yes or no");
		break;
	case SETTING_COUNT:
		octets_printf(why, "yes, no or a number to 9");
		break;
	case SETTING_NUMBER:
		say_range(row, "", why);
		break;
	case SETTING_SIZE:
		say_range(row, " of octets (K, M, G or T may follow)", why);
		break;
	case SETTING_SECONDS:
		say_range(row, " of seconds (s, m, h or d may follow)", why);
		break;
	case SETTING_TIME:
		octets_printf(why,
		    "a time like 2026-03-01T00:00:00Z or seconds since 1970");
		break;
	case SETTING_WORD:
		say_words(row, text, why);
		break;
	case SETTING_TEXT:
	case SETTING_LIST:
		octets_printf(why, "a text that is not empty");
		break;
	case SETTING_ASN:
	case SETTING_ASNS:
		octets_printf(why, "an AS number like AS64496 or 64496");
		break;
	case SETTING_PREFIX:
	case SETTING_PREFIXES:
		octets_printf(why,
		    "a prefix like 192.0.2.0/24 without bits beyond its length");
		break;
	}
}

static const char *
word_at(const char *words, uint64_t which, size_t *len)
{
	struct bytes rest = text_bytes(words);
	struct bytes word = text_cut(&rest, ' ');

	while (which-- > 0) {
		word = text_cut(&rest, ' ');
	}
	*len = word.len;
	return (const char *)word.at;
}

void
value_print(struct octets *out, const struct setting_row *row,
    const struct setting *setting, size_t i)
{
	char when[CLOCK_TEXT];
	const char *word;
	size_t len;

	switch (row->kind) {
	case SETTING_FLAG:
	case SETTING_OFF:
		octets_printf(out, "%s", setting->number != 0 ? "yes" : "no");
		break;
	case SETTING_COUNT:
	case SETTING_NUMBER:
	case SETTING_SIZE:
	case SETTING_SECONDS:
		octets_printf(out, "%llu", (unsigned long long)setting->number);
		break;
	case SETTING_TIME:
		clock_text((int64_t)setting->number, when);
		octets_printf(out, "%s", when);
		break;
	case SETTING_WORD:
		word = word_at(row->words, setting->number, &len);
		octets_add(out, word, len);
		break;
	case SETTING_TEXT:
	case SETTING_ASN:
	case SETTING_PREFIX:
		octets_printf(out, "%s",
		    setting->text != NULL ? setting->text : "");
		break;
	case SETTING_LIST:
	case SETTING_ASNS:
	case SETTING_PREFIXES:
		octets_printf(out, "%s",
		    i < setting->list.count ? setting->list.items[i] : "");
		break;
	}
}
