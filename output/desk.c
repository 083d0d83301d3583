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

/* One question as it is asked, or asked again: what there is to answer with. */
struct asking {
	struct desk *desk;
	struct desk_visit *visit;
	const struct view *view;
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
say_validity(const struct asking *a)
{
	struct validity_route route = { a->visit->ask.prefix,
		a->visit->ask.asn };

	return brief_validity(atlas_index(a->desk->atlas), &route,
	    a->visit->arena);
}

static const struct response *
say_notice(const struct asking *a)
{
	struct desk_visit *visit = a->visit;
	const struct ask *ask = &visit->ask;

	if (!ask->has_session || ask->session != a->view->session ||
	    ask->serial != a->view->serial) {
		return brief_notice(a->view);
	}
	visit->polls = visit->polls || guest_take(visit->guest, GUEST_POLLS, 1);
	if (!visit->polls) {
		return brief_later(POLL_RETRY,
		    "too many wait for another serial", ask->json);
	}
	clerk_wait(visit, &a->desk->for_serial);
	return NULL;
}

static const struct response *
say_version(const struct asking *a)
{
	(void)a;
	return brief_text(PACKAGE_VERSION);
}

static const struct response *
say_health(const struct asking *a)
{
	(void)a;
	return brief_text("ok\n");
}

static const struct response *
say_log(const struct asking *a)
{
	return brief_log(a->desk->config.log);
}

static const struct response *
say_ready(const struct asking *a)
{
	return brief_ready(a->view);
}

static const struct response *
say_page(const struct asking *a)
{
	struct page_input input = {
		.view = a->view,
		.atlas = have_atlas(a->desk, a->view) ? a->desk->atlas : NULL,
		.ask = &a->visit->ask,
		.now = clock_wall(),
	};

	return page_answer(&input);
}

static const struct response *
say_options(const struct asking *a)
{
	return brief_options(a->visit->ask.methods);
}

/* --- answers that workers make */

static enum render_squeeze
squeeze_for(const struct desk_visit *visit)
{
	return visit->head.gzip ? RENDER_GZIP : RENDER_PLAIN;
}

/* What the worker needs to know of the question. */
static void
fill(const struct asking *a, struct clerk_order *order, unsigned parts)
{
	struct desk *desk = a->desk;
	struct render *render = order->render;
	struct still_http *http;

	ask_copy(&render->ask, &a->visit->ask, render->arena);
	render->squeeze = squeeze_for(a->visit);
	render->open_metrics = a->visit->head.open_metrics;
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

/* At the cost of who asks; NULL when there are too many. */
static struct clerk_order *
order_limited(const struct asking *a, enum clerk_lane lane,
    enum guest_good good)
{
	struct clerk_order *order;

	if (!guest_take(a->visit->guest, good, 1)) {
		return NULL;
	}
	order = clerk_order(a->desk->clerk, lane);
	clerk_charge(order, a->visit->guest, good);
	return order;
}

static const struct response *
say_too_many(const struct asking *a)
{
	return brief_later(RETRY, "too many such answers are being made",
	    a->visit->ask.json);
}

/* To the clerk; who asked waits for it. */
static const struct response *
send_off(const struct asking *a, struct clerk_order *order)
{
	clerk_wait(a->visit, &order->waiting);
	clerk_submit(order);
	return NULL;
}

/* Status and metrics: made anew for each who asks. */
static const struct response *
order_quick(const struct asking *a)
{
	struct clerk_order *order = order_limited(a, CLERK_QUICK, GUEST_QUICK);

	if (order == NULL) {
		return say_too_many(a);
	}
	fill(a, order, STILL_ROUTERS | STILL_RULES);
	return send_off(a, order);
}

static const struct response *
order_explanation(const struct asking *a)
{
	struct clerk_order *order = order_limited(a, CLERK_SLOW, GUEST_RENDERS);

	if (order == NULL) {
		return say_too_many(a);
	}
	fill(a, order, STILL_RULES);
	return send_off(a, order);
}

/* It may be read from the disk, and much of it. */
static const struct response *
order_changes(const struct asking *a)
{
	const struct view_source *source = &a->desk->config.source;
	struct clerk_order *order;

	if (source->journal == NULL) {
		return response_line(404, "no journal of changes is kept",
		    true);
	}
	order = order_limited(a, CLERK_SLOW, GUEST_RENDERS);
	if (order == NULL) {
		return say_too_many(a);
	}
	fill(a, order, 0);
	order->render->changes = source->changes;
	order->render->journal =
	    arena_text(order->render->arena, source->journal(source->arg));
	return send_off(a, order);
}

static const struct response *
order_bulk(const struct asking *a)
{
	struct clerk_order *order = order_limited(a, CLERK_SLOW, GUEST_BULKS);
	struct render_bulk *bulk;

	if (order == NULL) {
		return say_too_many(a);
	}
	bulk = mem_zero(1, sizeof(*bulk));
	bulk->atlas = atlas_get(a->desk->atlas);
	bulk->now = clock_wall();
	bulk->body = a->visit->body;
	a->visit->body = (struct octets){ 0 };
	order->render->bulk = bulk;
	return send_off(a, order);
}

/* Under what an answer is kept: the question, the form, the set. */
static void
make_key(struct octets *key, const struct asking *a)
{
	const struct view *view = a->view;

	octets_printf(key, "%llx %u %llx %lld %c ",
	    (unsigned long long)view->session, view->serial,
	    (unsigned long long)view->edition, (long long)view->run_finished,
	    squeeze_for(a->visit) == RENDER_GZIP ? 'z' : 'p');
	ask_key(key, &a->visit->ask);
}

/* The key is taken. */
static const struct response *
order_shared(const struct asking *a, const struct response_parts *known,
    struct octets *key)
{
	const struct ask *ask = &a->visit->ask;
	struct clerk_order *order =
	    ask->filtered ? order_limited(a, CLERK_SLOW, GUEST_RENDERS)
			  : clerk_order(a->desk->clerk, CLERK_SLOW);

	if (order == NULL) {
		return say_too_many(a);
	}
	fill(a, order, 0);
	order->render->parts = *known;
	if (ask->what == ASK_DELTA && ask->has_session) {
		order->render->path =
		    history_path(a->view->history, ask->serial);
	}
	order->key = *key;
	*key = (struct octets){ 0 };
	order->edition = a->desk->edition;
	clerk_share(order);
	return send_off(a, order);
}

/* Whoever asks from where no delta leads is told everything, all the same. */
static void
settle_delta(struct ask *ask, const struct view *view)
{
	ask->has_session =
	    ask->has_session && ask->session == view->session &&
	    view->history != NULL &&
	    (uint32_t)(view->serial - ask->serial) <=
		(uint32_t)(view->serial - history_oldest(view->history));
}

/* Formats, deltas and faults: the same for all who ask the same. */
static const struct response *
find_or_order(const struct asking *a)
{
	struct response_parts known = { .status = 200, .modified = INT64_MIN };
	struct desk_visit *visit = a->visit;
	const struct response *response = NULL;
	struct clerk_order *order;
	struct octets key = { 0 };

	settle_delta(&visit->ask, a->view);
	render_tag(&known, &visit->ask, a->view, squeeze_for(visit));
	if (response_unwanted(&known, &visit->head)) {
		return response_line(412,
		    known.tag[0] != '\0' ? "there is another set now"
					 : "what is here has no entity tag",
		    visit->ask.json);
	}
	if (response_held(&known, &visit->head)) {
		return brief_held(&known);
	}
	make_key(&key, a);
	response = rack_find(a->desk->rack, octets_bytes(&key));
	order = clerk_find(a->desk->clerk, octets_bytes(&key));
	if (response != NULL) {
		(void)response_get(response);
	} else if (order != NULL) {
		clerk_wait(visit, &order->waiting);
	} else {
		response = order_shared(a, &known, &key);
	}
	octets_clear(&key);
	return response;
}

/* --- the table */

enum need { NEEDS_NOTHING, NEEDS_SET = 1, NEEDS_ATLAS = 2, NEEDS_REPORT = 4 };

static const struct {
	const struct response *(*answer)(const struct asking *asking);
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
	struct asking asking = { desk, visit, &view };

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
	return rows[visit->ask.what].answer(&asking);
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
