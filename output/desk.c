/* SPDX-License-Identifier: BSD-2-Clause */
/* desk - see desk.h. */
#include "output/desk.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "output/brief.h"
#include "output/clerk.h"
#include "output/page.h"
#include "output/rack.h"

enum {
	RETRY = 1,
	POLL_RETRY = 10,
	/* A filtered answer larger than this is not kept: who asks for many
	 * different ones shall not drive out what all ask for. */
	FILTERED_OCTETS = 1 << 20,
};

struct desk {
	struct desk_config config;
	bool each_router; /* metrics of each RTR client */
	struct clerk *clerk;
	struct rack *rack;
	struct response_sum *live; /* kept, or being read */
	uint64_t edition, rendered;
	const struct atlas *atlas;
	bool drawing;
	struct desk_visit *for_atlas, *for_serial;
};

struct desk *
desk_new(const struct desk_config *config)
{
	struct desk *desk = mem_zero(1, sizeof(*desk));

	desk->config = *config;
	if (desk->config.live_octets == 0) {
		desk->config.live_octets = LIMIT_HTTP_LIVE;
	}
	desk->live = response_sum_new();
	desk->rack = rack_new(LIMIT_HTTP_KEPT);
	desk->clerk = clerk_new(config->threads == 0 ? 1 : config->threads);
	return desk;
}

void
desk_free(struct desk *desk)
{
	if (desk == NULL) {
		return;
	}
	clerk_free(desk->clerk);
	rack_free(desk->rack);
	response_sum_put(desk->live);
	atlas_put(desk->atlas);
	free(desk);
}

void
desk_show_routers(struct desk *desk, bool each)
{
	desk->each_router = each;
}

int
desk_bell(const struct desk *desk, unsigned which)
{
	return clerk_bell(desk->clerk, (enum clerk_lane)which);
}

/* Ask again for all who wait here: what they waited for may have come. */
static void
ask_again(struct desk *desk, struct desk_visit **list)
{
	struct desk_visit *mine = *list;

	*list = NULL;
	for (struct desk_visit *v = mine; v != NULL; v = v->next) {
		v->list = &mine;
	}
	while (mine != NULL) {
		struct desk_visit *visit = mine;
		const struct response *response;

		clerk_wake(visit);
		response = desk_ask(desk, visit);
		if (response != NULL) {
			visit->say(visit->arg, response, false);
			response_put(response);
		}
	}
}

/* --- the atlas */

static bool
have_atlas(const struct desk *desk, const struct view *view)
{
	return desk->atlas != NULL && atlas_set(desk->atlas) == view->current;
}

static void
draw_atlas(struct desk *desk, const struct view *view)
{
	struct clerk_order *order;

	if (!desk->drawing) {
		desk->drawing = true;
		order = clerk_order(desk->clerk, CLERK_QUICK);
		order->render->draw = snapshot_get(view->current);
		clerk_submit(order);
	}
}

/* The set may have changed meanwhile: then who waits has another one drawn. */
static void
take_atlas(struct desk *desk, struct clerk_order *order)
{
	struct render *render = order->render;
	struct view view = { 0 };

	desk->config.source.look(desk->config.source.arg, &view);
	desk->drawing = false;
	if (atlas_set(render->atlas) == view.current) {
		desk->atlas = render->atlas;
		render->atlas = NULL;
		clerk_drop(order);
	} else {
		render->drops = true;
		clerk_submit(order);
	}
	ask_again(desk, &desk->for_atlas);
}

/* What belongs to a set before may be large, and the last to know that set: a
 * worker frees it. */
static void
drop_old(struct desk *desk, const struct view *view)
{
	struct clerk_order *order = clerk_order(desk->clerk, CLERK_QUICK);

	order->render->drops = true;
	order->render->rack = desk->rack;
	desk->rack = rack_new(LIMIT_HTTP_KEPT);
	if (!have_atlas(desk, view)) {
		order->render->atlas = desk->atlas;
		desk->atlas = NULL;
	}
	clerk_submit(order);
}

/* --- answers that need no worker */

static const struct response *
say_validity(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct validity_route route = { visit->ask.prefix, visit->ask.asn };

	(void)view;
	return brief_validity(atlas_index(desk->atlas), &route, visit->arena);
}

static const struct response *
say_notice(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	if (!visit->ask.has_session || visit->ask.session != view->session ||
	    visit->ask.serial != view->serial) {
		return brief_notice(view);
	}
	visit->polls = visit->polls || guest_take(visit->guest, GUEST_POLLS, 1);
	if (!visit->polls) {
		return brief_later(POLL_RETRY,
		    "too many wait for another serial", visit->ask.json);
	}
	clerk_wait(visit, &desk->for_serial);
	return NULL;
}

static const struct response *
say_version(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	(void)desk;
	(void)visit;
	(void)view;
	return brief_text(PACKAGE_VERSION);
}

static const struct response *
say_health(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	(void)desk;
	(void)visit;
	(void)view;
	return brief_text("ok\n");
}

static const struct response *
say_log(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	(void)visit;
	(void)view;
	return brief_log(desk->config.log);
}

static const struct response *
say_ready(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	(void)desk;
	(void)visit;
	return brief_ready(view);
}

static const struct response *
say_page(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	struct page_input input = {
		.view = view,
		.atlas = have_atlas(desk, view) ? desk->atlas : NULL,
		.ask = &visit->ask,
		.now = clock_wall(),
	};

	return page_answer(&input);
}

static const struct response *
say_options(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	(void)desk;
	(void)view;
	return brief_options(visit->ask.methods);
}

/* --- answers that workers make */

static enum render_squeeze
squeeze_for(const struct desk_visit *visit)
{
	return visit->head.gzip ? RENDER_GZIP : RENDER_PLAIN;
}

/* What the worker needs to know of the question. */
static void
fill(struct desk *desk, struct clerk_order *order,
    const struct desk_visit *visit, unsigned parts)
{
	struct render *render = order->render;
	struct still_http *http;

	ask_copy(&render->ask, &visit->ask, render->arena);
	render->squeeze = squeeze_for(visit);
	render->open_metrics = visit->head.open_metrics;
	render->each_router = desk->each_router;
	render->still = still_new(&desk->config.source, parts);
	if (have_atlas(desk, &render->still->view)) {
		render->still->atlas = atlas_get(desk->atlas);
	}
	http = &render->still->http;
	if (desk->config.http != NULL) {
		desk->config.http(desk->config.http_arg, http);
	}
	http->rendered = desk->rendered;
	http->rendering = clerk_busy(desk->clerk, CLERK_QUICK) +
			  clerk_busy(desk->clerk, CLERK_SLOW);
	http->kept_octets = rack_octets(desk->rack);
}

static const struct response *
say_too_many(const struct desk_visit *visit)
{
	return brief_later(RETRY, "too many such answers are being made",
	    visit->ask.json);
}

/* At the cost of who asks; NULL when there are too many. */
static struct clerk_order *
order_limited(struct desk *desk, const struct desk_visit *visit,
    enum clerk_lane lane, enum guest_good good)
{
	struct clerk_order *order;

	if (!guest_take(visit->guest, good, 1)) {
		return NULL;
	}
	order = clerk_order(desk->clerk, lane);
	clerk_charge(order, visit->guest, good);
	return order;
}

/* Status and metrics: made anew for each who asks. */
static const struct response *
order_quick(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct clerk_order *order =
	    order_limited(desk, visit, CLERK_QUICK, GUEST_QUICK);

	(void)view;
	if (order == NULL) {
		return say_too_many(visit);
	}
	fill(desk, order, visit, STILL_ROUTERS | STILL_RULES);
	clerk_wait(visit, &order->waiting);
	clerk_submit(order);
	return NULL;
}

static const struct response *
order_explanation(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct clerk_order *order =
	    order_limited(desk, visit, CLERK_SLOW, GUEST_RENDERS);

	(void)view;
	if (order == NULL) {
		return say_too_many(visit);
	}
	fill(desk, order, visit, STILL_RULES);
	clerk_wait(visit, &order->waiting);
	clerk_submit(order);
	return NULL;
}

/* It may be read from the disk, and much of it. */
static const struct response *
order_changes(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	const struct view_source *source = &desk->config.source;
	struct clerk_order *order;

	(void)view;
	if (source->journal == NULL) {
		return response_line(404, "no journal of changes is kept",
		    true);
	}
	order = order_limited(desk, visit, CLERK_SLOW, GUEST_RENDERS);
	if (order == NULL) {
		return say_too_many(visit);
	}
	fill(desk, order, visit, 0);
	order->render->changes = source->changes;
	order->render->journal =
	    arena_text(order->render->arena, source->journal(source->arg));
	clerk_wait(visit, &order->waiting);
	clerk_submit(order);
	return NULL;
}

static const struct response *
order_bulk(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	struct clerk_order *order =
	    order_limited(desk, visit, CLERK_SLOW, GUEST_BULKS);
	struct render_bulk *bulk;

	(void)view;
	if (order == NULL) {
		return say_too_many(visit);
	}
	bulk = mem_zero(1, sizeof(*bulk));
	bulk->atlas = atlas_get(desk->atlas);
	bulk->now = clock_wall();
	bulk->body = visit->body;
	visit->body = (struct octets){ 0 };
	order->render->bulk = bulk;
	clerk_wait(visit, &order->waiting);
	clerk_submit(order);
	return NULL;
}

/* Under what an answer is kept: the question, the form, the set. */
static void
make_key(struct octets *key, const struct desk_visit *visit,
    const struct view *view, enum render_squeeze squeeze)
{
	octets_printf(key, "%llx %u %llx %lld %c ",
	    (unsigned long long)view->session, view->serial,
	    (unsigned long long)view->edition, (long long)view->run_finished,
	    squeeze == RENDER_GZIP ? 'z' : 'p');
	ask_key(key, &visit->ask);
}

static const struct response *
order_shared(struct desk *desk, struct desk_visit *visit,
    const struct view *view, const struct response_parts *known,
    struct octets *key)
{
	struct clerk_order *order =
	    visit->ask.filtered
		? order_limited(desk, visit, CLERK_SLOW, GUEST_RENDERS)
		: clerk_order(desk->clerk, CLERK_SLOW);

	if (order == NULL) {
		return say_too_many(visit);
	}
	fill(desk, order, visit, 0);
	order->render->parts = *known;
	if (visit->ask.what == ASK_DELTA && visit->ask.has_session) {
		order->render->path =
		    history_path(view->history, visit->ask.serial);
	}
	order->key = *key;
	*key = (struct octets){ 0 };
	order->edition = desk->edition;
	clerk_share(order);
	clerk_wait(visit, &order->waiting);
	clerk_submit(order);
	return NULL;
}

/* Whoever asks from where no delta leads is told everything, all the same. */
static void
settle_delta(struct desk_visit *visit, const struct view *view)
{
	struct ask *ask = &visit->ask;

	ask->has_session =
	    ask->has_session && ask->session == view->session &&
	    view->history != NULL &&
	    (uint32_t)(view->serial - ask->serial) <=
		(uint32_t)(view->serial - history_oldest(view->history));
}

/* Formats, deltas and faults: the same for all who ask the same. */
static const struct response *
find_or_order(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct response_parts known = { .status = 200, .modified = INT64_MIN };
	enum render_squeeze squeeze = squeeze_for(visit);
	const struct response *response = NULL;
	struct clerk_order *order;
	struct octets key = { 0 };

	settle_delta(visit, view);
	render_tag(&known, &visit->ask, view, squeeze);
	if (response_unwanted(&known, &visit->head)) {
		return response_line(412,
		    known.tag[0] != '\0' ? "there is another set now"
					 : "what is here has no entity tag",
		    visit->ask.json);
	}
	if (response_held(&known, &visit->head)) {
		return brief_held(&known);
	}
	make_key(&key, visit, view, squeeze);
	response = rack_find(desk->rack, octets_bytes(&key));
	order = clerk_find(desk->clerk, octets_bytes(&key));
	if (response != NULL) {
		(void)response_get(response);
	} else if (order != NULL) {
		clerk_wait(visit, &order->waiting);
	} else {
		response = order_shared(desk, visit, view, &known, &key);
	}
	octets_clear(&key);
	return response;
}

/* --- the table */

enum need { NEEDS_NOTHING, NEEDS_SET = 1, NEEDS_ATLAS = 2, NEEDS_REPORT = 4 };

static const struct {
	const struct response *(
	    *answer)(struct desk *, struct desk_visit *, const struct view *);
	unsigned needs;
} rows[ASK_WHATS] = {
	[ASK_FORMAT] = { find_or_order, NEEDS_SET },
	[ASK_VALIDITY] = { say_validity, NEEDS_SET | NEEDS_ATLAS },
	[ASK_BULK] = { order_bulk, NEEDS_SET | NEEDS_ATLAS },
	[ASK_DELTA] = { find_or_order, NEEDS_SET },
	[ASK_NOTIFY] = { say_notice, NEEDS_SET },
	[ASK_STATUS] = { order_quick, NEEDS_ATLAS },
	[ASK_STATUS_TEXT] = { order_quick, NEEDS_ATLAS },
	[ASK_METRICS] = { order_quick, NEEDS_ATLAS },
	[ASK_VERSION] = { say_version, NEEDS_NOTHING },
	[ASK_LOG] = { say_log, NEEDS_NOTHING },
	[ASK_HEALTH] = { say_health, NEEDS_NOTHING },
	[ASK_READY] = { say_ready, NEEDS_NOTHING },
	[ASK_FAULTS] = { find_or_order, NEEDS_REPORT },
	[ASK_EXPLAIN] = { order_explanation, NEEDS_SET | NEEDS_ATLAS },
	[ASK_CHANGES] = { order_changes, NEEDS_NOTHING },
	[ASK_PAGE] = { say_page, NEEDS_ATLAS },
	[ASK_OPTIONS] = { say_options, NEEDS_NOTHING },
};

const struct response *
desk_ask(struct desk *desk, struct desk_visit *visit)
{
	unsigned needs = rows[visit->ask.what].needs;
	struct view view = { 0 };

	desk->config.source.look(desk->config.source.arg, &view);
	if ((needs & NEEDS_SET) != 0 && view.current == NULL) {
		return brief_later(10,
		    view.engine.failures > 0
			? "no run gave a set yet; the status tells why"
			: "the first validation is still under way; please "
			  "wait",
		    visit->ask.json);
	}
	if ((needs & NEEDS_REPORT) != 0 && view.account == NULL) {
		return brief_later(10, "there was no run yet", visit->ask.json);
	}
	if ((needs & NEEDS_ATLAS) != 0 && view.current != NULL &&
	    !have_atlas(desk, &view)) {
		draw_atlas(desk, &view);
		clerk_wait(visit, &desk->for_atlas);
		return NULL;
	}
	return rows[visit->ask.what].answer(desk, visit, &view);
}

void
desk_more(struct desk *desk, struct desk_visit *visit)
{
	struct clerk_order *order = visit->order;

	(void)desk;
	assert(order != NULL && visit->list == NULL);
	visit->order = NULL;
	response_put(order->render->response);
	order->render->response = NULL;
	clerk_wait(visit, &order->waiting);
	clerk_submit(order);
}

void
desk_leave(struct desk *desk, struct desk_visit *visit)
{
	(void)desk;
	if (visit->list != NULL) {
		clerk_wake(visit);
	}
	if (visit->order != NULL) {
		clerk_drop(visit->order);
		visit->order = NULL;
	}
	if (visit->polls) {
		guest_give(visit->guest, GUEST_POLLS, 1);
		visit->polls = false;
	}
	octets_clear(&visit->body);
}

/* --- when workers are done */

/* What is made anew is read at whatever pace: who does so slowly, on many
 * connections, would have us hold as many answers. */
static void
count_live(struct desk *desk, const struct response *response)
{
	response_sum_add(desk->live, response);
	while (response_sum_octets(desk->live) > desk->config.live_octets &&
	       desk->config.cut != NULL &&
	       desk->config.cut(desk->config.cut_arg)) {
		continue;
	}
}

static void
hand_out(struct desk *desk, struct clerk_order *order)
{
	const struct render *render = order->render;
	bool keep = order->key.len > 0 && order->edition == desk->edition;

	clerk_close(order);
	count_live(desk, render->response);
	if (keep &&
	    (order->guest == NULL ||
		response_of(render->response)->body.len <= FILTERED_OCTETS)) {
		rack_keep(desk->rack, octets_bytes(&order->key),
		    render->response);
	}
	desk->rendered++;
	while (order->waiting != NULL) {
		struct desk_visit *visit = order->waiting;

		clerk_wake(visit);
		if (render->more) {
			visit->order = order;
			visit->say(visit->arg, render->response, true);
			return; /* the order lives on with the visit */
		}
		visit->say(visit->arg, render->response, false);
	}
	clerk_drop(order);
}

void
desk_collect(struct desk *desk)
{
	struct clerk_order *order;

	while ((order = clerk_collect(desk->clerk)) != NULL) {
		if (order->render->drops) {
			clerk_drop(order);
		} else if (order->render->atlas != NULL) {
			take_atlas(desk, order);
		} else {
			hand_out(desk, order);
		}
	}
}

void
desk_changed(struct desk *desk)
{
	struct view view = { 0 };

	desk->edition++;
	desk->config.source.look(desk->config.source.arg, &view);
	drop_old(desk, &view);
	ask_again(desk, &desk->for_serial);
}
