/* SPDX-License-Identifier: BSD-2-Clause */
#include "output/desk.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/pool.h"
#include "output/brief.h"
#include "output/page.h"
#include "output/rack.h"
#include "output/render.h"

enum lane { QUICK, SLOW, LANES };

static_assert((int)LANES == (int)DESK_BELLS, "a bell each");

enum { QUICK_MOST = 256, QUICK_RETRY = 1 };

/* A job under way, and who waits for it. */
struct desk_order {
	struct desk_order *next, *prev;
	struct desk *desk;
	struct render *render; /* NULL while a worker has it */
	struct octets key;     /* others may join by it; empty: nobody */
	uint64_t edition;      /* of the set; keep the answer only if current */
	enum lane lane;
	bool limited;
	struct desk_visit *waiting;
};

struct desk {
	struct desk_config config;
	struct pool *pools[LANES];
	struct rack *rack;
	struct map *orders; /* those that can be joined, by key */
	struct desk_order *all;
	unsigned under_way[LANES], limited;
	uint64_t edition, rendered;
	const struct atlas *atlas;
	bool drawing;
	struct desk_visit *for_atlas, *for_serial;
};

struct desk *
desk_new(const struct desk_config *config)
{
	struct desk *desk = mem_zero(1, sizeof(*desk));
	unsigned threads = config->threads == 0 ? 1 : config->threads;
	struct pool_work work = { .name = "kedge-http", .work = render_work };

	desk->config = *config;
	desk->rack = rack_new(LIMIT_HTTP_KEPT);
	desk->orders = map_new();
	desk->pools[QUICK] = pool_new(&work, 1, 0);
	desk->pools[SLOW] = pool_new(&work, threads, 0);
	return desk;
}

/* --- waiting */

static void
wait_in(struct desk_visit *visit, struct desk_visit **list)
{
	assert(visit->list == NULL);
	visit->list = list;
	visit->next = *list;
	*list = visit;
}

static void
wait_no_more(struct desk_visit *visit)
{
	struct desk_visit **at = visit->list;

	while (*at != visit) {
		at = &(*at)->next;
	}
	*at = visit->next;
	visit->list = NULL;
	visit->next = NULL;
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
		const struct answer *answer;

		wait_no_more(visit);
		answer = desk_ask(desk, visit);
		if (answer != NULL) {
			visit->say(visit->arg, answer, false);
			answer_put(answer);
		}
	}
}

/* --- orders */

static struct desk_order *
order_new(struct desk *desk, enum lane lane)
{
	struct desk_order *order = mem_zero(1, sizeof(*order));

	order->desk = desk;
	order->lane = lane;
	order->edition = desk->edition;
	order->next = desk->all;
	if (order->next != NULL) {
		order->next->prev = order;
	}
	desk->all = order;
	order->render = render_new(order);
	return order;
}

/* Nobody joins it from now on. */
static void
close_order(struct desk_order *order)
{
	struct bytes key = octets_bytes(&order->key);

	if (key.len > 0 && map_get(order->desk->orders, key) == order) {
		(void)map_remove(order->desk->orders, key);
	}
}

static void
order_free(struct desk_order *order)
{
	struct desk *desk = order->desk;

	close_order(order);
	if (order->prev != NULL) {
		order->prev->next = order->next;
	} else {
		desk->all = order->next;
	}
	if (order->next != NULL) {
		order->next->prev = order->prev;
	}
	desk->limited -= order->limited;
	render_free(order->render);
	octets_clear(&order->key);
	free(order);
}

static void
submit(struct desk_order *order)
{
	struct desk *desk = order->desk;

	desk->under_way[order->lane]++;
	pool_submit(desk->pools[order->lane], order->render);
	order->render = NULL;
}

void
desk_free(struct desk *desk)
{
	if (desk == NULL) {
		return;
	}
	for (unsigned lane = 0; lane < LANES; lane++) {
		pool_free(desk->pools[lane], render_free, render_free);
	}
	while (desk->all != NULL) {
		order_free(desk->all);
	}
	map_free(desk->orders);
	rack_free(desk->rack);
	atlas_put(desk->atlas);
	free(desk);
}

int
desk_bell(const struct desk *desk, unsigned which)
{
	return pool_bell(desk->pools[which]);
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
	struct desk_order *order;

	if (desk->drawing || view->current == NULL || have_atlas(desk, view)) {
		return;
	}
	desk->drawing = true;
	order = order_new(desk, QUICK);
	order->render->draw = snapshot_get(view->current);
	submit(order);
}

static void
take_atlas(struct desk *desk, struct render *render)
{
	struct view view = { 0 };

	desk->drawing = false;
	atlas_put(desk->atlas);
	desk->atlas = render->atlas;
	render->atlas = NULL;
	desk->config.source.look(desk->config.source.arg, &view);
	draw_atlas(desk, &view); /* the set may have changed meanwhile */
	ask_again(desk, &desk->for_atlas);
}

/* --- answers that need no worker */

static const struct answer *
say_validity(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct validity_route route = { visit->ask.prefix, visit->ask.asn };

	(void)view;
	return brief_validity(atlas_index(desk->atlas), &route, visit->arena);
}

static const struct answer *
say_notice(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	if (visit->ask.has_session && visit->ask.session == view->session &&
	    visit->ask.serial == view->serial) {
		wait_in(visit, &desk->for_serial);
		return NULL;
	}
	return brief_notice(view);
}

static const struct answer *
say_version(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	(void)desk;
	(void)visit;
	(void)view;
	return brief_text(PACKAGE_VERSION);
}

static const struct answer *
say_health(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	(void)desk;
	(void)visit;
	(void)view;
	return brief_text("ok\n");
}

static const struct answer *
say_log(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	(void)visit;
	(void)view;
	return brief_log(desk->config.log);
}

static const struct answer *
say_ready(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	(void)desk;
	(void)visit;
	return brief_ready(view);
}

static const struct answer *
say_changes(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	(void)view;
	return brief_changes(&desk->config.source, visit->ask.since);
}

static const struct answer *
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

static const struct answer *
say_options(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	(void)desk;
	(void)view;
	return brief_options(visit->ask.methods);
}

/* --- answers that workers make */

/* What the worker needs to know of the question. */
static void
fill(struct desk_order *order, const struct desk_visit *visit, unsigned parts,
    enum render_squeeze squeeze)
{
	struct desk *desk = order->desk;
	struct render *render = order->render;
	struct still_http *http;

	ask_copy(&render->ask, &visit->ask, render->arena);
	render->squeeze = squeeze;
	render->open_metrics = visit->head.open_metrics;
	render->each_router = desk->config.each_router;
	render->still = still_new(&desk->config.source, parts);
	if (have_atlas(desk, &render->still->view)) {
		render->still->atlas = atlas_get(desk->atlas);
	}
	http = &render->still->http;
	if (desk->config.http != NULL) {
		desk->config.http(desk->config.http_arg, http);
	}
	http->rendered = desk->rendered;
	http->rendering = desk->under_way[QUICK] + desk->under_way[SLOW];
	http->kept_octets = rack_octets(desk->rack);
}

static enum render_squeeze
squeeze_for(const struct desk_visit *visit)
{
	return visit->head.gzip ? RENDER_GZIP : RENDER_PLAIN;
}

/* Status and metrics: made anew for each who asks. */
static const struct answer *
order_quick(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct desk_order *order;

	(void)view;
	if (desk->under_way[QUICK] >= QUICK_MOST) {
		return brief_later(QUICK_RETRY, "too many requests under way",
		    visit->ask.json);
	}
	order = order_new(desk, QUICK);
	fill(order, visit, STILL_ROUTERS | STILL_RULES, squeeze_for(visit));
	wait_in(visit, &order->waiting);
	submit(order);
	return NULL;
}

static bool
too_many(const struct desk *desk)
{
	return desk->limited >= LIMIT_HTTP_RENDERING;
}

static const struct answer *
say_too_many(const struct desk_visit *visit)
{
	return brief_later(QUICK_RETRY,
	    "too many filtered or bulk answers are being made",
	    visit->ask.json);
}

static struct desk_order *
order_limited(struct desk *desk)
{
	struct desk_order *order = order_new(desk, SLOW);

	order->limited = true;
	desk->limited++;
	return order;
}

static const struct answer *
order_explanation(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct desk_order *order;

	(void)view;
	if (too_many(desk)) {
		return say_too_many(visit);
	}
	order = order_limited(desk);
	fill(order, visit, STILL_RULES, squeeze_for(visit));
	wait_in(visit, &order->waiting);
	submit(order);
	return NULL;
}

static const struct answer *
order_bulk(struct desk *desk, struct desk_visit *visit, const struct view *view)
{
	struct desk_order *order;
	struct render_bulk *bulk;

	(void)view;
	if (too_many(desk)) {
		return say_too_many(visit);
	}
	order = order_limited(desk);
	bulk = mem_zero(1, sizeof(*bulk));
	bulk->atlas = atlas_get(desk->atlas);
	bulk->now = clock_wall();
	bulk->body = visit->body;
	visit->body = (struct octets){ 0 };
	order->render->bulk = bulk;
	wait_in(visit, &order->waiting);
	submit(order);
	return NULL;
}

/* Under what an answer is kept: the question, the form, the set. */
static void
make_key(struct octets *key, const struct desk_visit *visit,
    const struct view *view, enum render_squeeze squeeze)
{
	octets_printf(key, "%llx %u %lld %lld %c ",
	    (unsigned long long)view->session, view->serial,
	    (long long)view->made, (long long)view->run_finished,
	    squeeze == RENDER_GZIP ? 'z' : 'p');
	ask_key(key, &visit->ask);
}

static void
order_shared(struct desk *desk, struct desk_visit *visit,
    const struct view *view, const struct answer_parts *known,
    struct octets *key)
{
	struct desk_order *order =
	    visit->ask.filtered ? order_limited(desk) : order_new(desk, SLOW);

	fill(order, visit, 0, squeeze_for(visit));
	order->render->parts = *known;
	if (visit->ask.what == ASK_DELTA && visit->ask.has_session &&
	    visit->ask.session == view->session) {
		order->render->delta =
		    history_since(view->history, visit->ask.serial);
	}
	order->key = *key;
	*key = (struct octets){ 0 };
	(void)map_set(desk->orders, octets_bytes(&order->key), order);
	wait_in(visit, &order->waiting);
	submit(order);
}

/* Formats, deltas and faults: the same for all who ask the same. */
static const struct answer *
find_or_order(struct desk *desk, struct desk_visit *visit,
    const struct view *view)
{
	struct answer_parts known = { .status = 200, .modified = INT64_MIN };
	enum render_squeeze squeeze = squeeze_for(visit);
	const struct answer *answer = NULL;
	struct desk_order *order;
	struct octets key = { 0 };

	render_tag(&known, &visit->ask, view, squeeze);
	if (answer_held(&known, &visit->head)) {
		return brief_held(&known);
	}
	make_key(&key, visit, view, squeeze);
	answer = rack_find(desk->rack, octets_bytes(&key));
	order = map_get(desk->orders, octets_bytes(&key));
	if (answer != NULL) {
		(void)answer_get(answer);
	} else if (order != NULL) {
		wait_in(visit, &order->waiting);
	} else if (visit->ask.filtered && too_many(desk)) {
		answer = say_too_many(visit);
	} else {
		order_shared(desk, visit, view, &known, &key);
	}
	octets_clear(&key);
	return answer;
}

/* --- the table */

enum need { NEEDS_NOTHING, NEEDS_SET = 1, NEEDS_ATLAS = 2, NEEDS_REPORT = 4 };

static const struct {
	const struct answer *(
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
	[ASK_CHANGES] = { say_changes, NEEDS_NOTHING },
	[ASK_PAGE] = { say_page, NEEDS_ATLAS },
	[ASK_OPTIONS] = { say_options, NEEDS_NOTHING },
};

const struct answer *
desk_ask(struct desk *desk, struct desk_visit *visit)
{
	unsigned needs = rows[visit->ask.what].needs;
	struct view view = { 0 };

	desk->config.source.look(desk->config.source.arg, &view);
	if ((needs & NEEDS_SET) != 0 && view.current == NULL) {
		return brief_later(10,
		    "the first validation is still under way; please wait",
		    visit->ask.json);
	}
	if ((needs & NEEDS_REPORT) != 0 && view.account == NULL) {
		return brief_later(10, "there was no run yet", visit->ask.json);
	}
	if ((needs & NEEDS_ATLAS) != 0 && view.current != NULL &&
	    !have_atlas(desk, &view)) {
		draw_atlas(desk, &view);
		wait_in(visit, &desk->for_atlas);
		return NULL;
	}
	return rows[visit->ask.what].answer(desk, visit, &view);
}

void
desk_more(struct desk *desk, struct desk_visit *visit)
{
	struct desk_order *order = visit->order;

	(void)desk;
	assert(order != NULL && visit->list == NULL);
	visit->order = NULL;
	answer_put(order->render->answer);
	order->render->answer = NULL;
	wait_in(visit, &order->waiting);
	submit(order);
}

void
desk_leave(struct desk *desk, struct desk_visit *visit)
{
	(void)desk;
	if (visit->list != NULL) {
		wait_no_more(visit);
	}
	if (visit->order != NULL) {
		order_free(visit->order);
		visit->order = NULL;
	}
	octets_clear(&visit->body);
}

/* --- when workers are done */

static void
hand_out(struct desk_order *order, struct render *render)
{
	struct desk *desk = order->desk;

	order->render = render;
	close_order(order);
	if (order->key.len > 0 && order->edition == desk->edition) {
		rack_keep(desk->rack, octets_bytes(&order->key),
		    render->answer);
	}
	desk->rendered++;
	while (order->waiting != NULL) {
		struct desk_visit *visit = order->waiting;

		wait_no_more(visit);
		if (render->more) {
			visit->order = order;
			visit->say(visit->arg, render->answer, true);
			return; /* the order lives on with the visit */
		}
		visit->say(visit->arg, render->answer, false);
	}
	order_free(order);
}

void
desk_collect(struct desk *desk)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		struct render *render;

		while ((render = pool_collect(desk->pools[lane])) != NULL) {
			struct desk_order *order = render->owner;

			desk->under_way[lane]--;
			if (render->draw != NULL) {
				take_atlas(desk, render);
				order->render = render;
				order_free(order);
			} else {
				hand_out(order, render);
			}
		}
	}
}

void
desk_changed(struct desk *desk)
{
	struct view view = { 0 };

	desk->edition++;
	rack_forget(desk->rack);
	desk->config.source.look(desk->config.source.arg, &view);
	draw_atlas(desk, &view);
	ask_again(desk, &desk->for_serial);
}
