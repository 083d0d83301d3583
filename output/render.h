/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * render - from a question and a still view to an answer: a function that
 * workers run.
 */
#pragma once

#include "output/ask.h"
#include "output/rack.h"
#include "output/response.h"
#include "output/still.h"
#include "output/validity.h"

enum render_squeeze { RENDER_PLAIN, RENDER_GZIP };

/* A bulk look-up, told in pieces. */
struct render_bulk {
	const struct atlas *atlas; /* a reference */
	struct octets body;        /* until it was read */
	struct validity_route *routes;
	size_t count, next;
	int64_t now;
};

/* A job, which comes back as its own result. */
struct render {
	struct ask ask;      /* its texts lie in the arena */
	struct arena *arena; /* owned */
	enum render_squeeze squeeze;
	bool open_metrics, each_router;
	/* Tag and so on, as the asker wants them. */
	struct response_parts parts;
	struct still *still;      /* owned; NULL for bulk and atlas */
	struct delta_path path;   /* to be told; without `at`: everything */
	struct render_bulk *bulk; /* owned */
	view_changes_fn *changes; /* the journal is to be told */
	const char *journal;      /* in the arena */
	/* An atlas of this is wanted; a reference. */
	const struct snapshot *draw;
	bool drops; /* atlas and rack, either may be NULL, are to be freed */
	struct rack *rack; /* owned */

	/* The result. */
	const struct response *response; /* a reference */
	bool more;                       /* of bulk: another piece is to come */
	const struct atlas *atlas;       /* a reference; of draw */

	void *owner; /* the asker's */
};

struct render *render_new(void *owner);
void render_free(void *render); /* with all it owns; NULL is fine */

/* For pool.h; both of them take and give a struct render. */
void *render_work(void *self, void *job);

/* The entity tag and the time by which this answer is known. */
void render_tag(struct response_parts *parts, const struct ask *ask,
    const struct view *view, enum render_squeeze squeeze);
