/* SPDX-License-Identifier: BSD-2-Clause */
/* scanner - see scanner.h. */
#include "rrdp/scanner.h"

#include "base/limits.h"
#include "base/text.h"

static enum fault
in_text(struct scanner *scanner, uint8_t octet)
{
	if (octet == '<') {
		scanner->state = SCANNER_OPENED;
		scanner->length = 0;
		scanner->blank = 0;
	} else if (octet > ' ') {
		scanner->blank = 0;
	} else if (++scanner->blank > LIMIT_RRDP_BLANK) {
		return FAULT_RRDP_BLANK;
	}
	return FAULT_NONE;
}

static enum fault
in_opened(struct scanner *scanner, uint8_t octet)
{
	if (octet == '!') {
		scanner->state = SCANNER_BANG;
		scanner->matched = 0;
	} else if (octet == '?') {
		scanner->state = SCANNER_DECLARATION;
		scanner->matched = 0;
		/* "<?" is no declaration unless it comes first. */
		return scanner->octets == 1 ? FAULT_NONE : FAULT_RRDP_MARKUP;
	} else {
		scanner->state = SCANNER_TAG;
	}
	return FAULT_NONE;
}

static enum fault
in_tag(struct scanner *scanner, uint8_t octet)
{
	if (++scanner->length > LIMIT_RRDP_TAG) {
		return FAULT_RRDP_TAG;
	}
	if (octet == '>') {
		scanner->state = SCANNER_TEXT;
	} else if (octet == '"' || octet == '\'') {
		scanner->state = SCANNER_QUOTED;
		scanner->quote = octet;
	}
	return FAULT_NONE;
}

static enum fault
in_quoted(struct scanner *scanner, uint8_t octet)
{
	if (++scanner->length > LIMIT_RRDP_TAG) {
		return FAULT_RRDP_TAG;
	}
	if (octet == scanner->quote) {
		scanner->state = SCANNER_TAG;
	}
	return FAULT_NONE;
}

static enum fault
in_bang(struct scanner *scanner, uint8_t octet)
{
	if (octet == '-' && ++scanner->matched == 2) {
		scanner->state = SCANNER_COMMENT;
		scanner->matched = 0;
	} else if (octet == '-') {
		return FAULT_NONE;
	} else {
		return octet == '[' ? FAULT_RRDP_MARKUP : FAULT_RRDP_DOCTYPE;
	}
	return FAULT_NONE;
}

static enum fault
in_comment(struct scanner *scanner, uint8_t octet)
{
	if (++scanner->comments > LIMIT_RRDP_BLANK) {
		return FAULT_RRDP_BLANK;
	}
	if (octet == '>' && scanner->matched >= 2) {
		scanner->state = SCANNER_TEXT;
	} else if (octet != '-') {
		scanner->matched = 0;
	} else if (scanner->matched < 2) {
		scanner->matched++;
	}
	return FAULT_NONE;
}

static bool
blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/* The value of encoding="..." in the declaration; empty when not there. */
static struct bytes
declared_encoding(const struct scanner *scanner)
{
	static const char word[] = "encoding";
	struct bytes all = bytes_of(scanner->declaration, scanner->length);
	const uint8_t *at = memmem(all.at, all.len, word, sizeof(word) - 1);
	struct bytes rest = bytes_of(all.at, 0);
	const uint8_t *end;

	if (at == NULL) {
		return rest;
	}
	at += sizeof(word) - 1;
	rest = bytes_of(at, all.len - (size_t)(at - all.at));
	while (rest.len > 0 && (blank(rest.at[0]) || rest.at[0] == '=')) {
		rest = bytes_of(rest.at + 1, rest.len - 1);
	}
	if (rest.len < 2) {
		return bytes_of(rest.at, 0);
	}
	end = memchr(rest.at + 1, rest.at[0], rest.len - 1);
	return bytes_of(rest.at + 1,
	    end == NULL ? 0 : (size_t)(end - rest.at - 1));
}

static enum fault
check_declaration(const struct scanner *scanner)
{
	static const char *const fine[] = { "us-ascii", "ascii", "utf-8",
		"iso-8859-1" };
	struct bytes name = declared_encoding(scanner);

	if (scanner->length < 4 ||
	    memcmp(scanner->declaration, "xml", 3) != 0 ||
	    !blank(scanner->declaration[3])) {
		return FAULT_RRDP_MARKUP;
	}
	if (name.len == 0) {
		return FAULT_NONE;
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		if (text_same_word(name, fine[i])) {
			return FAULT_NONE;
		}
	}
	return FAULT_RRDP_ASCII;
}

static enum fault
in_declaration(struct scanner *scanner, uint8_t octet)
{
	if (octet == '>' && scanner->matched == 1) {
		scanner->state = SCANNER_TEXT;
		return check_declaration(scanner);
	}
	scanner->matched = octet == '?';
	if (scanner->length == sizeof(scanner->declaration)) {
		return FAULT_RRDP_MARKUP;
	}
	scanner->declaration[scanner->length++] = octet;
	return FAULT_NONE;
}

/* What every octet outside of text is given to. */
static enum fault (*const steps[SCANNER_STATES])(struct scanner *, uint8_t) = {
	[SCANNER_TEXT] = in_text,
	[SCANNER_OPENED] = in_opened,
	[SCANNER_TAG] = in_tag,
	[SCANNER_QUOTED] = in_quoted,
	[SCANNER_BANG] = in_bang,
	[SCANNER_COMMENT] = in_comment,
	[SCANNER_DECLARATION] = in_declaration,
};

static bool
plain(uint8_t octet)
{
	return (octet >= ' ' && octet <= '~') || blank(octet);
}

/* Signed: what is beyond 0x7f is negative. */
typedef int8_t sixteen __attribute__((vector_size(16)));

/* Is none of sixteen octets a blank, '<', or beyond what is plain? */
static bool
sixteen_letters(const uint8_t *at)
{
	uint64_t halves[2];
	sixteen octets, letters;

	memcpy(&octets, at, sizeof(octets));
	letters = (octets > ' ') & (octets != '<') & (octets != 0x7f);
	memcpy(halves, &letters, sizeof(halves));
	return (halves[0] & halves[1]) == UINT64_MAX;
}

/* Nearly all there is: base64 between two tags. How much of it begins here. */
static size_t
letters(struct bytes text)
{
	size_t n = 0;

	while (
	    text.len - n >= sizeof(sixteen) && sixteen_letters(text.at + n)) {
		n += sizeof(sixteen);
	}
	return n;
}

enum fault
scanner_feed(struct scanner *scanner, struct bytes more)
{
	for (size_t i = 0; i < more.len; i++) {
		uint8_t octet = more.at[i];
		enum fault fault;

		if (!plain(octet)) {
			return FAULT_RRDP_ASCII;
		}
		if (scanner->state == SCANNER_TEXT && octet > ' ' &&
		    octet != '<') {
			size_t run = letters(
			    bytes_of(more.at + i + 1, more.len - i - 1));

			scanner->blank = 0;
			scanner->octets += 1 + run;
			i += run;
			continue;
		}
		fault = steps[scanner->state](scanner, octet);
		if (fault != FAULT_NONE) {
			return fault;
		}
		scanner->octets++;
	}
	return FAULT_NONE;
}
