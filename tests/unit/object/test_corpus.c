/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signed objects made by others, judged one by one by envelope, content and
 * cover. They stay outside of the project: without KEDGE_CORPUS, or the folder
 * it defaults to, there is nothing to judge and the test passes by.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "object/aspa.h"
#include "object/cms.h"
#include "object/gbr.h"
#include "object/kind.h"
#include "object/manifest.h"
#include "object/roa.h"
#include "object/rsc.h"
#include "object/spl.h"
#include "object/tak.h"
#include "tests/unit/corpus.h"
#include "tests/unit/object/fixture.h"

static enum fault
judge_manifest(const struct cms *cms, struct arena *arena)
{
	struct manifest manifest;
	enum fault fault = manifest_decode(&manifest, cms->content, arena);

	return fault != FAULT_NONE ? fault
				   : manifest_covered(&manifest, &cms->ee);
}

static enum fault
judge_roa(const struct cms *cms, struct arena *arena)
{
	struct roa roa;
	enum fault fault = roa_decode(&roa, cms->content, arena);

	return fault != FAULT_NONE ? fault : roa_covered(&roa, &cms->ee);
}

static enum fault
judge_aspa(const struct cms *cms, struct arena *arena)
{
	struct aspa_object aspa;
	enum fault fault = aspa_decode(&aspa, cms->content, arena);

	return fault != FAULT_NONE ? fault : aspa_covered(&aspa, &cms->ee);
}

static enum fault
judge_tak(const struct cms *cms, struct arena *arena)
{
	struct tak tak;
	enum fault fault = tak_decode(&tak, cms->content, arena);

	return fault != FAULT_NONE ? fault : tak_covered(&tak, &cms->ee);
}

static enum fault
judge_gbr(const struct cms *cms, struct arena *arena)
{
	struct gbr gbr;
	enum fault fault = gbr_decode(&gbr, cms->content, arena);

	return fault != FAULT_NONE ? fault : gbr_covered(&gbr, &cms->ee);
}

static enum fault
judge_rsc(const struct cms *cms, struct arena *arena)
{
	struct rsc rsc;
	enum fault fault = rsc_decode(&rsc, cms->content, arena);

	return fault != FAULT_NONE ? fault : rsc_covered(&rsc, &cms->ee);
}

static enum fault
judge_spl(const struct cms *cms, struct arena *arena)
{
	struct spl spl;
	enum fault fault = spl_decode(&spl, cms->content, arena);

	return fault != FAULT_NONE ? fault : spl_covered(&spl, &cms->ee);
}

typedef enum fault judge_content(const struct cms *cms, struct arena *arena);

static judge_content *const judges[KIND_COUNT] = {
	[KIND_MANIFEST] = judge_manifest,
	[KIND_ROA] = judge_roa,
	[KIND_ASPA] = judge_aspa,
	[KIND_TAK] = judge_tak,
	[KIND_GBR] = judge_gbr,
	[KIND_RSC] = judge_rsc,
	[KIND_SPL] = judge_spl,
};

static const char *
judge_file(const char *path)
{
	enum kind kind = kind_of_name(bytes_of(path, strlen(path)));
	struct arena *arena = arena_new();
	struct cms cms;
	enum fault fault;

	fault = cms_open(&cms,
	    kind == KIND_RSC ? CMS_PROFILE_BARE : CMS_PROFILE_PUBLISHED,
	    fixture_load(arena, path), arena);
	if (fault == FAULT_NONE) {
		fault = kind_of_oid(cms.type) != kind
			    ? FAULT_CMS_CONTENT_TYPE
			    : judges[kind](&cms, arena);
	}
	arena_free(arena);
	return fault_label(fault);
}

/* A walk by nftw() has nowhere else to count. */
static unsigned judged, rejected;

static int
visit(const char *path, const struct stat *st, int type, struct FTW *where)
{
	enum kind kind = kind_of_name(bytes_of(path, strlen(path)));
	const char *label;

	(void)st;
	(void)where;
	if (type == FTW_F && judges[kind] != NULL) {
		label = judge_file(path);
		judged++;
		if (strcmp(label, "ok") != 0) {
			print_error("%s: %s\n", path, label);
			rejected++;
		}
	}
	return 0;
}

/* Whole repositories of real CAs, in which nothing is wrong. */
static const struct {
	const char *folder;
	unsigned objects;
} trees[] = {
	{ "ripe-pilot-2023/tree", 755 },
	{ "xtom-2026", 334 },
	{ "krill-testbed-2023", 9 },
};

static void
test_trees(void **state)
{
	char corpus[1024], path[2048];

	(void)state;
	if (!corpus_find(corpus, sizeof(corpus))) {
		return;
	}
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		judged = rejected = 0;
		snprintf(path, sizeof(path), "%s/%s", corpus, trees[i].folder);
		assert_int_equal(nftw(path, visit, 16, FTW_PHYS), 0);
		assert_int_equal(judged, trees[i].objects);
		assert_int_equal(rejected, 0);
	}
}

/* What is wrong with these shows only with a clock or the EE's key. */
static bool
needs_more(const char *file)
{
	return strstr(file, "badMFTNextUpdPast") != NULL ||
	       strstr(file, "badMFTThisUpdFuture") != NULL ||
	       strstr(file, "badCMSSigInfoBadSigVal") != NULL;
}

static void
test_bbn(void **state)
{
	static const char below[] = "bbn-sample/tree/rpki.bbn.com/conformance";
	char corpus[1024], path[4096], line[8192];
	unsigned n = 0;
	FILE *f;

	(void)state;
	if (!corpus_find(corpus, sizeof(corpus))) {
		return;
	}
	snprintf(path, sizeof(path), "%s/bbn-sample/cases.tsv", corpus);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		char *rest = line, *file = strsep(&rest, "\t");
		const char *verdict = strsep(&rest, "\t");
		bool good = strcmp(verdict, "good") == 0;

		if ((!good && strcmp(verdict, "bad") != 0) ||
		    judges[kind_of_name(bytes_of(file, strlen(file)))] ==
			NULL) {
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s/%s", corpus, below, file);
		print_message("%s\n", file);
		n++;
		if (good || needs_more(file)) {
			assert_string_equal(judge_file(path), "ok");
		} else {
			assert_string_not_equal(judge_file(path), "ok");
		}
	}
	fclose(f);
	assert_true(n > 40);
}

/* Single objects, and why where it is not plain. */
static const struct {
	const char *file, *label;
} singles[] = {
	{ "openbsd-regress/AS1000.asa", "ok" },
	{ "openbsd-regress/9X0AhXWTJDl8lJhfOwvnac-42CA.spl", "ok" },
	{ "openbsd-regress/42AE70A64DA711EDB37796549E174E93.tak", "ok" },
	{ "openbsd-regress/05F53BCE4DAA11EDB9AC0C5B9E174E93.tak", "ok" },
	{ "openbsd-regress/rsc-deployment-test-3.sig", "ok" },
	{ "openbsd-regress/checklist-08.sig", "ok" },
	{ "openbsd-regress/jkpjwLmZhnrotSqF7o9qqEzSOXs.gbr", "ok" },
	{ "rpki-rs/koen.sig", "ok" },
	{ "rpki-rs/koen-mismatch.sig", "rsc-uncovered" },
	{ "rpki-rs/aspa-bm.asa", "cms-signing-time" },
	{ "rpki-rs/signature-alg-mismatch.mft", "signature-algorithm-differs" },
	{ "rpki-commons-interop/6C76EDB2225D11E286C4BD8F7A2F2747.roa",
	    "cms-forbidden" },
	{ "rpki-commons-interop/"
	  "BAD-profile-15-APNIC-rpki-aspa-demo-AS1000.asa",
	    "aspa-version" },
	{ "rhansen-rpstir/R.roa", "cms-order" },
	/* BER: peers still read it, no current object needs it. */
	{ "rpki-rs/example-ripe.roa", "der-length" },
	{ "rpstir2/checklist.sig", "cms-content-type" },
};

static void
test_singles(void **state)
{
	char corpus[1024], path[4096];

	(void)state;
	if (!corpus_find(corpus, sizeof(corpus))) {
		return;
	}
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		snprintf(path, sizeof(path), "%s/objects/%s", corpus,
		    singles[i].file);
		print_message("%s\n", singles[i].file);
		assert_string_equal(judge_file(path), singles[i].label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_bbn),
		cmocka_unit_test(test_singles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
