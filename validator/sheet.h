/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sheet - one answer about one object, for people or for programs.
 *
 * Whoever fills it in says each thing once, by key and label; the sheet writes
 * it as a line with a label or as a member of one JSON object, which takes one
 * line. All that came from elsewhere is escaped here. What is written leaves
 * in pieces, so that no answer is held whole.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/octets.h"

enum sheet_form { SHEET_TEXT, SHEET_JSON };

enum { SHEET_DEPTH = 8 };

struct sheet {
	enum sheet_form form;
	void (*send)(void *arg, struct bytes piece);
	void *arg;
	struct octets out;
	unsigned depth;
	unsigned row; /* depth at which a row began; 0: none */
	struct {
		bool list;       /* not an object: its members have no keys */
		size_t count;    /* members so far */
		const char *due; /* label not written yet */
	} open[SHEET_DEPTH];
};

/*
 * Every field has a key, for JSON, and a label, for people. A member of a list
 * has neither (NULL); in a row a field without a label shows its value alone.
 */
void sheet_begin(struct sheet *sheet);
void sheet_end(struct sheet *sheet); /* sends all that is left */
void sheet_clear(struct sheet *sheet);

void sheet_word(struct sheet *s, const char *key, const char *label,
    const char *ours);
void sheet_text(struct sheet *s, const char *key, const char *label,
    struct bytes foreign);
/* Lines of foreign text: for people one below the other. */
void sheet_lines(struct sheet *s, const char *key, const char *label,
    struct bytes foreign);
void sheet_number(struct sheet *s, const char *key, const char *label,
    uint64_t n);
void sheet_flag(struct sheet *s, const char *key, const char *label, bool on);
void sheet_time(struct sheet *s, const char *key, const char *label,
    int64_t when);
void sheet_hash(struct sheet *s, const char *key, const char *label,
    const struct hash *hash);
void sheet_keyid(struct sheet *s, const char *key, const char *label,
    const struct keyid *id);
/* A long number, right-aligned: upper-case hex without leading zeros. */
void sheet_serial(struct sheet *s, const char *key, const char *label,
    struct bytes number);
void sheet_base64(struct sheet *s, const char *key, const char *label,
    struct bytes octets);

/* An object within: for people a heading and lines set in. */
void sheet_group(struct sheet *s, const char *key, const char *label);
void sheet_group_end(struct sheet *s);

/* A list: its members stand below each other. */
void sheet_list(struct sheet *s, const char *key, const char *label);
void sheet_list_end(struct sheet *s);

/* An object of a list that for people is one line: labels and values. */
void sheet_row(struct sheet *s);
void sheet_row_end(struct sheet *s);
