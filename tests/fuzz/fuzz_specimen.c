/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever lies in the hand of `kedge inspect`: it is shown, by what it is and
 * by what a name claims, and what comes out is one line of JSON, or lines that
 * are safe on a terminal.
 */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "validator/finding.h"
#include "validator/portrait.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "cms/good", "crl/good", "cert/ca/good",
	"cert/router/good", "cert/ta/good", "tal/good",
	"rrdp/notification/good", "rrdp/delta/good", NULL };

static void
on_piece(void *arg, struct bytes piece)
{
	octets_add_bytes(arg, piece);
}

static void
show(struct specimen *specimen, enum sheet_form form, struct octets *out,
    struct arena *arena)
{
	struct sheet sheet = { .form = form, .send = on_piece, .arg = out };

	octets_reset(out);
	sheet_begin(&sheet);
	portrait_head(specimen, &sheet);
	portrait_body(specimen, &sheet, arena);
	finding_notes(specimen, &sheet);
	sheet_end(&sheet);
	sheet_clear(&sheet);
}

static void
check_text(const struct octets *out)
{
	for (size_t i = 0; i < out->len; i++) {
		if (out->at[i] != '\n' &&
		    (out->at[i] < ' ' || out->at[i] > '~')) {
			__builtin_trap();
		}
	}
}

static void
check_json(const struct octets *out)
{
	json_t *json = json_loadb((const char *)out->at, out->len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

	if (json == NULL) {
		__builtin_trap();
	}
	json_decref(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "x", "x.roa", "x.cer", "x.tal" };
	struct octets out = { .at = NULL };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct arena *arena = arena_new();
		struct specimen s;

		specimen_read(&s, names[i], NULL, bytes_of(data, size), arena);
		show(&s, SHEET_TEXT, &out, arena);
		check_text(&out);
		show(&s, SHEET_JSON, &out, arena);
		check_json(&out);
		arena_free(arena);
	}
	octets_clear(&out);
	return 0;
}
