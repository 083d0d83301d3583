/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errand - what a server has done by a worker, so that its event loop goes on:
 * making a set ready, letting go of the one before, writing files, encoding
 * large answers for routers, reading settings again.
 */
#pragma once

#include "base/pool.h"
#include "daemon/load.h"
#include "daemon/publish.h"
#include "daemon/targets.h"
#include "payload/account.h"
#include "rtr/feed.h"

enum errand_kind {
	ERRAND_PUBLISH,
	ERRAND_DISCARD,
	ERRAND_FILES,
	ERRAND_ENCODE,
	ERRAND_LOAD,
};

/* Whoever has it owns it and the references in it. */
struct errand {
	enum errand_kind kind;
	struct publish *publish;
	struct feed_order *order;    /* ERRAND_ENCODE */
	const struct stream *stream; /* ERRAND_DISCARD, too */
	/* ERRAND_FILES */
	const struct snapshot *snapshot;
	const struct account *account;
	const struct targets *targets; /* lent */
	struct log *log;
	/* ERRAND_LOAD */
	const struct task *task; /* lent */
	struct task *loaded;     /* NULL: refused, and */
	struct octets why;
};

/* Workers for errands; results come back as the errands themselves. */
struct pool *errand_pool(unsigned threads);

/* Takes the work. */
struct errand *errand_publish(struct publish *publish);

/* Takes what was published: with it go the last references to a set before, and
 * memory by the hundred megabytes takes its time. */
struct errand *errand_discard(struct publish *publish);

/* Takes the reference to what was encoded of that set. */
struct errand *errand_forget(const struct stream *stream);

/* Takes the order. */
struct errand *errand_encode(struct feed_order *order);

/* Takes references of its own. */
struct errand *errand_files(const struct targets *targets,
    const struct snapshot *snapshot, const struct account *account,
    struct log *log);

/* Lends the task whose settings are to be read again. */
struct errand *errand_load(const struct task *task);

void errand_free(void *errand);
