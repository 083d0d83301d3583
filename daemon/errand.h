/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errand - what a server has done by a worker, so that its event loop goes on:
 * making a set ready, and writing it to files.
 */
#pragma once

#include "base/pool.h"
#include "daemon/publish.h"
#include "daemon/targets.h"
#include "payload/account.h"

enum errand_kind { ERRAND_PUBLISH, ERRAND_FILES };

/* Whoever has it owns it and the references in it. */
struct errand {
	enum errand_kind kind;
	struct publish *publish;
	/* ERRAND_FILES */
	const struct snapshot *snapshot;
	const struct account *account;
	const struct targets *targets; /* lent */
	struct log *log;
};

/* Workers for errands; results come back as the errands themselves. */
struct pool *errand_pool(unsigned threads);

/* Takes the work. */
struct errand *errand_publish(struct publish *publish);

/* Takes references of its own. */
struct errand *errand_files(const struct targets *targets,
    const struct snapshot *snapshot, const struct account *account,
    struct log *log);

void errand_free(void *errand);
