/* SPDX-License-Identifier: BSD-2-Clause */
/* gbr - RFC 6493 section 5: properties of a vCard, one a line, folded. */
#include "object/gbr.h"

#include <string.h>

#include "base/text.h"

enum property {
	PROPERTY_BEGIN,
	PROPERTY_VERSION,
	PROPERTY_FN,
	PROPERTY_ORG,
	PROPERTY_ADR,
	PROPERTY_TEL,
	PROPERTY_EMAIL,
	PROPERTY_END,
	PROPERTY_N, /* the profile does not have it, but writers do */
	PROPERTY_COUNT
};

static const char *const names[PROPERTY_COUNT] = {
	[PROPERTY_BEGIN] = "BEGIN",
	[PROPERTY_VERSION] = "VERSION",
	[PROPERTY_FN] = "FN",
	[PROPERTY_ORG] = "ORG",
	[PROPERTY_ADR] = "ADR",
	[PROPERTY_TEL] = "TEL",
	[PROPERTY_EMAIL] = "EMAIL",
	[PROPERTY_END] = "END",
	[PROPERTY_N] = "N",
};

/* Which property a line begins, its value left in *line. A group may stand
 * before its name (RFC 6350 3.3). */
static enum property
read_property(struct bytes *line)
{
	size_t stop = 0, name = 0;

	while (stop < line->len && line->at[stop] != ':' &&
	       line->at[stop] != ';') {
		name = line->at[stop++] == '.' ? stop : name;
	}
	for (unsigned i = 0; i < PROPERTY_COUNT; i++) {
		if (text_same_word(bytes_of(line->at + name, stop - name),
			names[i])) {
			while (stop < line->len && line->at[stop] != ':') {
				stop++;
			}
			if (stop == line->len) {
				return PROPERTY_COUNT;
			}
			*line =
			    bytes_of(line->at + stop + 1, line->len - stop - 1);
			return (enum property)i;
		}
	}
	return PROPERTY_COUNT;
}

/* The lines as they were before they were folded (RFC 6350 3.2): writers may
 * fold within a character. */
static struct bytes
unfold(struct bytes text, struct arena *arena)
{
	uint8_t *out = arena_zero(arena, text.len, 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		size_t end = text.at[i] == '\r' ? i + 1 : i;

		if (end + 1 < text.len && text.at[end] == '\n' &&
		    (text.at[end + 1] == ' ' || text.at[end + 1] == '\t')) {
			i = end + 1;
		} else {
			out[len++] = text.at[i];
		}
	}
	return bytes_of(out, len);
}

/* RFC 6350 3.3: no controls in a line, but for tabs. */
static bool
line_clean(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.at[i];

		if ((c < ' ' && c != '\t') || c == 0x7f) {
			return false;
		}
	}
	return true;
}

/* The properties seen, as bits (one for those that the profile does not have);
 * 0 when it is no vCard 4.0 from end to end. */
static unsigned
read_card(struct bytes text)
{
	unsigned seen = 0, n = 0;

	while (text.len > 0) {
		struct bytes line = text_cut(&text, '\n');
		enum property property;

		if (line.len > 0 && line.at[line.len - 1] == '\r') {
			line.len--;
		}
		if (line.len == 0) {
			continue;
		}
		if ((seen & 1u << PROPERTY_END) != 0 || !line_clean(line)) {
			return 0;
		}
		property = read_property(&line);
		/* RFC 6350 6.7.9: the version is said at once, and once. */
		if ((n == 0) != (property == PROPERTY_BEGIN) ||
		    (n == 1) != (property == PROPERTY_VERSION) ||
		    (property == PROPERTY_VERSION &&
			!text_same_word(line, "4.0")) ||
		    ((property == PROPERTY_BEGIN || property == PROPERTY_END) &&
			!text_same_word(line, "VCARD"))) {
			return 0;
		}
		seen |= 1u << property;
		n++;
	}
	return seen;
}

enum fault
gbr_decode(struct gbr *gbr, struct bytes content, struct arena *arena)
{
	const unsigned must = 1u << PROPERTY_BEGIN | 1u << PROPERTY_VERSION |
			      1u << PROPERTY_FN | 1u << PROPERTY_END;
	const unsigned reach =
	    1u << PROPERTY_ADR | 1u << PROPERTY_TEL | 1u << PROPERTY_EMAIL;
	unsigned seen;

	*gbr = (struct gbr){ .card = content };
	if (content.len == 0) {
		return FAULT_GBR_FORM;
	}
	content = unfold(content, arena);
	/* RFC 6350 3.1: UTF-8, and nothing else. */
	if (!text_utf8(content)) {
		return FAULT_GBR_FORM;
	}
	seen = read_card(content);
	if ((seen & must) != must || (seen & reach) == 0) {
		return FAULT_GBR_FORM;
	}
	if ((seen & 1u << PROPERTY_N) != 0) {
		fault_note(&gbr->odd, FAULT_GBR_NAME);
	}
	return (seen & 1u << PROPERTY_COUNT) != 0 ? FAULT_GBR_PROPERTY
						  : FAULT_NONE;
}

enum fault
gbr_covered(const struct gbr *gbr, const struct cert *ee)
{
	(void)gbr;
	return resources_all_inherit(&ee->resources) ? FAULT_NONE
						     : FAULT_GBR_EE;
}
