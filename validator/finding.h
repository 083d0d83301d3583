/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * finding - a verdict on a sheet: the fault, the chain from the trust anchor,
 * the manifest, the CRL and the repository.
 */
#pragma once

#include "store/repository.h"
#include "validator/sheet.h"
#include "validator/verdict.h"

/* What was let pass in the object itself. */
void finding_notes(const struct specimen *specimen, struct sheet *sheet);

/* One sentence for people: what the state means here; NULL: nothing to add. */
const char *finding_reason(const struct verdict *verdict,
    const struct specimen *specimen);

struct finding {
	const struct verdict *verdict;
	const struct specimen *specimen; /* NULL: it is not there */
	const struct walk *walk;         /* NULL: none */
	struct kv_txn *txn;
	int64_t now;
	struct arena *arena;
};

/* All but the state and the reason. */
void finding_show(const struct finding *finding, struct sheet *sheet);

/* What is known of a repository. */
void finding_repository(const struct repository *row, int64_t now,
    struct sheet *sheet);
