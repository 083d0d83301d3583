/* SPDX-License-Identifier: BSD-2-Clause */
/* The same sheet filled in once for people and once for programs. */
#include "validator/sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"

static void
on_piece(void *arg, struct bytes piece)
{
	octets_add_bytes(arg, piece);
}

static void
fill(struct sheet *s)
{
	static const struct hash hash = { .at = { 0xab } };
	static const struct keyid id = { .at = { 0xcd } };
	static const uint8_t number[20] = { [18] = 1, [19] = 0xa0 };

	sheet_begin(s);
	sheet_word(s, "type", "Type", "roa");
	sheet_text(s, "name", "Name", text_bytes("a\x1b[2J\"b\\\n"));
	sheet_number(s, "size", "Size", 7);
	sheet_flag(s, "good", "Good", true);
	sheet_time(s, "when", "When", 0);
	sheet_hash(s, "sha256", "SHA-256", &hash);
	sheet_keyid(s, "ski", "Key", &id);
	sheet_serial(s, "serial", "Serial", bytes_of(number, 20));
	sheet_serial(s, "zero", "Zero", bytes_of(number, 18));
	sheet_base64(s, "key", "Public key", text_bytes("abc"));
	sheet_lines(s, "card", "Card", text_bytes("one\r\ntwo\x07\n"));
	sheet_list(s, "none", "None");
	sheet_list_end(s);
	sheet_group(s, "ee", "EE");
	sheet_list(s, "asns", "ASes");
	sheet_number(s, NULL, NULL, 1);
	sheet_number(s, NULL, NULL, 2);
	sheet_list_end(s);
	sheet_list(s, "rows", "Rows");
	for (unsigned i = 0; i < 2; i++) {
		sheet_row(s);
		sheet_word(s, "prefix", NULL, "10.0.0.0/8");
		sheet_number(s, "max", "max", 8 + i);
		sheet_row_end(s);
	}
	sheet_list_end(s);
	sheet_word(s, "last", "A label that is far too long", "x");
	sheet_group_end(s);
	sheet_end(s);
}

static void
check(enum sheet_form form, const char *wanted)
{
	struct octets out = { .at = NULL };
	struct sheet sheet = { .form = form, .send = on_piece, .arg = &out };

	fill(&sheet);
	octets_u8(&out, 0);
	assert_string_equal((const char *)out.at, wanted);
	sheet_clear(&sheet);
	octets_clear(&out);
}

static void
test_for_people(void **state)
{
	(void)state;
	check(SHEET_TEXT,
	    "Type:                   roa\n"
	    "Name:                   a\\x1b[2J\"b\\x5c\\x0a\n"
	    "Size:                   7\n"
	    "Good:                   yes\n"
	    "When:                   1970-01-01T00:00:00Z\n"
	    "SHA-256:                ab00000000000000000000000000000000000000"
	    "000000000000000000000000\n"
	    "Key:                    CD00000000000000000000000000000000000000\n"
	    "Serial:                 01A0\n"
	    "Zero:                   00\n"
	    "Public key:             YWJj\n"
	    "Card:                   one\n"
	    "                        two\\x07\n"
	    "None:                   none\n"
	    "EE:\n"
	    "  ASes:                 1\n"
	    "                        2\n"
	    "  Rows:                 10.0.0.0/8 max 8\n"
	    "                        10.0.0.0/8 max 9\n"
	    "  A label that is far too long: x\n"
	    "\n");
}

static void
test_for_programs(void **state)
{
	(void)state;
	check(SHEET_JSON,
	    "{\"type\":\"roa\",\"name\":\"a\\u001b[2J\\\"b\\\\\\u000a\",\"size\":7,"
	    "\"good\":true,\"when\":\"1970-01-01T00:00:00Z\",\"sha256\":"
	    "\"ab00000000000000000000000000000000000000000000000000000000000000"
	    "\",\"ski\":\"CD00000000000000000000000000000000000000\","
	    "\"serial\":\"01A0\",\"zero\":\"00\",\"key\":\"YWJj\","
	    "\"card\":\"one\\u000d\\u000atwo\\u0007\\u000a\",\"none\":[],\"ee\":{\"asns\":"
	    "[1,2],\"rows\":[{\"prefix\":\"10.0.0.0/8\",\"max\":8},"
	    "{\"prefix\":\"10.0.0.0/8\",\"max\":9}],\"last\":\"x\"}}\n");
}

struct count {
	size_t pieces, largest;
	struct octets all;
};

static void
on_count(void *arg, struct bytes piece)
{
	struct count *count = arg;

	count->pieces++;
	count->largest =
	    piece.len > count->largest ? piece.len : count->largest;
	octets_add_bytes(&count->all, piece);
}

static void
test_leaves_in_pieces(void **state)
{
	struct count count = { .pieces = 0 };
	struct sheet sheet = { .form = SHEET_JSON,
		.send = on_count,
		.arg = &count };
	json_t *json;

	(void)state;
	sheet_begin(&sheet);
	sheet_list(&sheet, "many", "Many");
	for (unsigned i = 0; i < 100000; i++) {
		sheet_number(&sheet, NULL, NULL, i);
	}
	sheet_list_end(&sheet);
	sheet_end(&sheet);
	assert_true(count.pieces > 5);
	assert_true(count.largest < 100000);
	json = json_loadb((const char *)count.all.at, count.all.len, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(json, "many")),
	    100000);
	json_decref(json);
	sheet_clear(&sheet);
	octets_clear(&count.all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_for_people),
		cmocka_unit_test(test_for_programs),
		cmocka_unit_test(test_leaves_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
