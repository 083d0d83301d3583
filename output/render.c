/* SPDX-License-Identifier: BSD-2-Clause */
/* render - see render.h. */
#include "output/render.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "output/explain.h"
#include "output/faultlist.h"
#include "output/gzip.h"
#include "output/jsondelta.h"
#include "output/metrics.h"
#include "output/status.h"
#include "output/statustext.h"

enum { PIECE_OCTETS = 1 << 19 };

static int
keep(void *arg, struct bytes octets)
{
	octets_add_bytes(arg, octets);
	return 0;
}

struct render *
render_new(void *owner)
{
	struct render *render = mem_zero(1, sizeof(*render));

	render->owner = owner;
	render->arena = arena_new();
	render->parts.status = 200;
	render->parts.modified = INT64_MIN;
	return render;
}

static void
free_bulk(struct render_bulk *bulk)
{
	if (bulk != NULL) {
		atlas_put(bulk->atlas);
		octets_clear(&bulk->body);
		free(bulk->routes);
		free(bulk);
	}
}

void
render_free(void *arg)
{
	struct render *render = arg;

	if (render == NULL) {
		return;
	}
	still_free(render->still);
	delta_path_clear(&render->path);
	free_bulk(render->bulk);
	snapshot_put(render->draw);
	response_put(render->response);
	atlas_put(render->atlas);
	rack_free(render->rack);
	octets_clear(&render->parts.body);
	arena_free(render->arena);
	free(render);
}

/* --- bodies */

static void
write_format(struct pen *pen, const struct render *render)
{
	const struct view *view = &render->still->view;
	struct format_input input = {
		.snapshot = view->current,
		.report = still_report(render->still),
		.filter = &render->ask.filter,
		.now = view->made,
	};

	render->ask.format->write(pen, &input);
}

static void
write_delta(struct pen *pen, const struct render *render)
{
	const struct view *view = &render->still->view;
	struct jsondelta what = {
		.session = view->session,
		.serial = view->serial,
		.from = render->ask.serial,
		.now = view->made,
		.delta = render->path.at == NULL
			     ? NULL
			     : delta_path_merge(&render->path),
		.snapshot = view->current,
	};

	jsondelta_write(pen, &what);
	delta_put(what.delta);
}

static void
write_status(struct pen *pen, const struct render *render)
{
	status_write_json(pen, render->still);
}

static void
write_status_text(struct pen *pen, const struct render *render)
{
	statustext_write(pen, render->still);
}

static void
write_metrics(struct pen *pen, const struct render *render)
{
	metrics_write(pen, render->still,
	    render->open_metrics ? METRICS_OPEN : METRICS_PROMETHEUS,
	    render->each_router ? METRICS_EACH : METRICS_SUMMED);
}

static void
write_faults(struct pen *pen, const struct render *render)
{
	struct faultlist_choice choice = { render->ask.repository,
		render->ask.ta, render->ask.label };

	faultlist_write(pen, render->still, &choice);
}

static void
write_explanation(struct pen *pen, const struct render *render)
{
	struct explain what = {
		.has_asn = render->ask.has_asn,
		.prefix = render->ask.prefix,
		.asn = render->ask.asn,
		.uri = render->ask.uri,
	};

	explain_write(pen, render->still, &what);
}

typedef void write_body(struct pen *pen, const struct render *render);

/* NULL: not a worker's business. */
static write_body *
writer(enum ask_what what)
{
	static write_body *const writers[ASK_WHATS] = {
		[ASK_FORMAT] = write_format,
		[ASK_DELTA] = write_delta,
		[ASK_STATUS] = write_status,
		[ASK_STATUS_TEXT] = write_status_text,
		[ASK_METRICS] = write_metrics,
		[ASK_FAULTS] = write_faults,
		[ASK_EXPLAIN] = write_explanation,
	};

	return writers[what];
}

static const char *
media(const struct render *render)
{
	const struct ask *ask = &render->ask;

	if (ask->what == ASK_METRICS) {
		return metrics_media(
		    render->open_metrics ? METRICS_OPEN : METRICS_PROMETHEUS);
	}
	if (ask->what == ASK_STATUS_TEXT) {
		return "text/plain;charset=utf-8";
	}
	return ask->format != NULL ? ask->format->media_type
				   : "application/json";
}

static void
squeeze(struct response_parts *parts)
{
	struct octets small = { 0 };

	if (gzip_all(&small, octets_bytes(&parts->body)) == 0) {
		octets_clear(&parts->body);
		parts->body = small;
		parts->gzip = true;
	} else {
		octets_clear(&small);
		parts->tag[0] = '\0'; /* it would name the other form */
	}
}

/* Give back the room that only growing needed: answers are kept. */
static void
trim(struct octets *o)
{
	if (o->room > o->len && o->len > 0) {
		o->at = mem_grow(o->at, o->len, 1);
		o->room = o->len;
	}
}

/* The body is there: what is said of it. */
static void
finish(struct render *render)
{
	render->parts.media = media(render);
	render->parts.varies = true;
	if (render->squeeze == RENDER_GZIP) {
		squeeze(&render->parts);
	}
	trim(&render->parts.body);
	render->response = response_new(&render->parts);
	render->parts.body = (struct octets){ 0 };
}

static void
render_body(struct render *render)
{
	struct sink sink = { keep, &render->parts.body };
	struct pen pen = pen_open(sink);
	write_body *write = writer(render->ask.what);

	assert(write != NULL);
	write(&pen, render);
	(void)pen_close(&pen); /* our sink cannot fail */
	finish(render);
}

static void
render_changes(struct render *render)
{
	struct octets *body = &render->parts.body;
	unsigned status =
	    render->changes(render->journal, render->ask.since, body);

	if (status == 200) {
		finish(render);
		return;
	}
	octets_u8(body, '\0');
	render->response = response_line(status, (const char *)body->at, true);
}

/* --- bulk */

static void
refuse_bulk(struct render *render, struct octets *why)
{
	octets_u8(why, '\0');
	render->response = response_line(400, (const char *)why->at, true);
}

static void
render_piece(struct render *render)
{
	struct render_bulk *bulk = render->bulk;
	struct octets out = { 0 };
	struct octets why = { 0 };
	struct sink sink = { keep, &out };
	struct pen pen = pen_open(sink);
	struct arena *arena = arena_new();
	bool good = true;

	if (bulk->routes == NULL) {
		good = validity_read(&bulk->routes, &bulk->count,
		    octets_bytes(&bulk->body), &why);
		octets_clear(&bulk->body);
		validity_begin(&pen);
	}
	while (good && bulk->next < bulk->count &&
	       out.len + pen.buffer.len < PIECE_OCTETS) {
		arena_reset(arena);
		validity_add(&pen, atlas_index(bulk->atlas),
		    &bulk->routes[bulk->next], bulk->next, arena);
		bulk->next++;
	}
	render->more = good && bulk->next < bulk->count;
	if (!render->more) {
		validity_end(&pen, bulk->now);
	}
	(void)pen_close(&pen);
	arena_free(arena);
	if (good) {
		render->parts.media = "application/json";
		render->parts.body = out;
		render->response = response_new(&render->parts);
		render->parts.body = (struct octets){ 0 };
	} else {
		octets_clear(&out);
		refuse_bulk(render, &why);
	}
	octets_clear(&why);
}

void *
render_work(void *self, void *job)
{
	struct render *render = job;

	(void)self;
	if (render->drops) {
		atlas_put(render->atlas);
		rack_free(render->rack);
		render->atlas = NULL;
		render->rack = NULL;
	} else if (render->draw != NULL) {
		render->atlas = atlas_new(render->draw);
		/* Nor by the loop, which has another set by now. */
		snapshot_put(render->draw);
		render->draw = NULL;
	} else if (render->bulk != NULL) {
		render_piece(render);
	} else {
		if (render->changes != NULL) {
			render_changes(render);
		} else {
			render_body(render);
		}
		/* The last reference to a set must not be put by the loop. */
		still_free(render->still);
		render->still = NULL;
	}
	return render;
}

/* --- how an answer is known */

void
render_tag(struct response_parts *parts, const struct ask *ask,
    const struct view *view, enum render_squeeze squeezed)
{
	enum format_follows follows =
	    ask->format != NULL ? ask->format->follows : FORMAT_SET;
	bool anchors = follows == FORMAT_ANCHORS;
	char which[24] = "";

	if (ask->what != ASK_FORMAT && ask->what != ASK_DELTA) {
		return;
	}
	/* Not by a time: two sets may be made within a second. */
	if (follows != FORMAT_SERIAL) {
		(void)snprintf(which, sizeof(which), "-%llx",
		    (unsigned long long)(anchors ? view->attributed_in
						 : view->edition));
	}
	(void)snprintf(parts->tag, sizeof(parts->tag), "\"%llx-%u%s%s\"",
	    (unsigned long long)view->session, view->serial, which,
	    squeezed == RENDER_GZIP ? "-gzip" : "");
	parts->modified = follows == FORMAT_SERIAL ? view->changed
			  : anchors                ? view->attributed
						   : view->made;
}
