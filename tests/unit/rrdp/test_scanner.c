/* SPDX-License-Identifier: BSD-2-Clause */
/* The scanner says the same of octets that come together and one by one: it
 * looks at eight at once where it may. */
#include "rrdp/scanner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

enum { LETTERS = 27 };

static enum fault
feed_one_by_one(struct scanner *scanner, struct bytes text)
{
	enum fault fault = FAULT_NONE;

	for (size_t i = 0; fault == FAULT_NONE && i < text.len; i++) {
		fault = scanner_feed(scanner, bytes_of(text.at + i, 1));
	}
	return fault;
}

static void
same(struct bytes text)
{
	struct scanner whole = { 0 }, parts = { 0 };
	enum fault fault = scanner_feed(&whole, text);

	assert_int_equal(fault, feed_one_by_one(&parts, text));
	if (fault == FAULT_NONE) {
		assert_memory_equal(&whole, &parts, sizeof(whole));
	}
}

/* Each octet there is, and each two beside each other, at each place among
 * letters. */
static void
test_any_octet_among_letters(void **state)
{
	uint8_t text[4 + LETTERS];

	(void)state;
	memcpy(text, "<a>\n", 4);
	for (unsigned at = 4; at < sizeof(text); at++) {
		for (unsigned octet = 0; octet < 256; octet++) {
			memset(text + 4, 'A', LETTERS);
			text[at] = (uint8_t)octet;
			same(bytes_of(text, sizeof(text)));
		}
	}
	for (unsigned two = 0; two < 65536; two++) {
		memset(text + 4, '/', LETTERS);
		text[12] = (uint8_t)(two >> 8);
		text[13] = (uint8_t)two;
		same(bytes_of(text, sizeof(text)));
	}
}

static void
test_what_is_said(void **state)
{
	static const struct {
		const char *text;
		enum fault fault;
	} cases[] = {
		{ "<a>MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A</a>", FAULT_NONE },
		{ "<a>MIIBIjANBgkqhkiG9w0BAQEF\x80", FAULT_RRDP_ASCII },
		{ "<a>MIIBIjANBgkqhkiG9w0BAQEF\x7f", FAULT_RRDP_ASCII },
		{ "<a>MIIBIjANBgkqhkiG9w0BAQEF\x1f", FAULT_RRDP_ASCII },
		{ "<a>MIIBIjANBgkqhkiG9w0BAQEF<!DOCTYPE", FAULT_RRDP_DOCTYPE },
		{ "<a>MIIBIjANBgkqhkiG9w0BAQEF<?x", FAULT_RRDP_MARKUP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scanner scanner = { 0 };

		assert_int_equal(scanner_feed(&scanner,
				     text_bytes(cases[i].text)),
		    cases[i].fault);
		same(text_bytes(cases[i].text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_octet_among_letters),
		cmocka_unit_test(test_what_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
