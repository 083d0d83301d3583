/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates and CRLs made by others, where they are at hand (KEDGE_CORPUS
 * or ../shared/corpus beside the source): each file of bbn-sample against its
 * row in cases.tsv. Skipped otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"
#include "object/cert.h"
#include "object/crl.h"
#include "tests/unit/corpus.h"
#include "tests/unit/object/fixture.h"

/*
 * Bad ones that decoding lets pass: a signature is the chain's business, and
 * UTF8String names are an oddity since they occur in the wild.
 */
static const char *const passes[] = {
	"root/badCertBadSig.cer",
	"root/badCertSubjectUtf.cer",
	"root/CRLIssuerUTF/badCRLIssuerUTF.crl",
};

static enum fault
decode(const char *file, struct bytes octets, struct arena *arena)
{
	struct cert cert;
	struct crl crl;
	bool top = strchr(file, '/') == NULL;

	if (strcmp(file + strlen(file) - 4, ".crl") == 0) {
		return crl_decode(&crl, octets, arena);
	}
	return cert_decode(&cert, top ? CERT_TA : CERT_CA, octets, arena);
}

static bool
is_wanted(const char *file, struct bytes verdict)
{
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
		if (strcmp(file, passes[i]) == 0) {
			return true;
		}
	}
	return !text_same(verdict, "bad");
}

static void
test_bbn(void **state)
{
	struct arena *arena = arena_new();
	struct bytes rows;
	unsigned judged = 0;
	char root[1024];

	(void)state;
	if (!corpus_find(root, sizeof(root))) {
		arena_free(arena);
		return;
	}
	rows = fixture_load(arena,
	    arena_printf(arena, "%s/bbn-sample/cases.tsv", root));
	assert_non_null(rows.at);
	text_cut(&rows, '\n');
	while (rows.len > 0) {
		struct bytes row = text_cut(&rows, '\n');
		const char *file = text_copy(arena, text_cut(&row, '\t'));
		struct bytes verdict = text_cut(&row, '\t');
		size_t len = strlen(file);
		struct bytes octets;

		if (len < 4 || (strcmp(file + len - 4, ".cer") != 0 &&
				   strcmp(file + len - 4, ".crl") != 0)) {
			continue;
		}
		octets = fixture_load(arena,
		    arena_printf(arena,
			"%s/bbn-sample/tree/rpki.bbn.com/conformance/%s", root,
			file));
		assert_non_null(octets.at);
		print_message("# %s\n", file);
		assert_int_equal(decode(file, octets, arena) == FAULT_NONE,
		    is_wanted(file, verdict));
		judged++;
	}
	assert_true(judged > 40);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bbn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
