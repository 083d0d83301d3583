/* SPDX-License-Identifier: BSD-2-Clause */
/* still - see still.h. */
#include "output/still.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/mem.h"

/* So many rules are told one by one; a metric for each is of use to nobody. */
enum { RULES_MOST = 10000 };

struct gathering {
	struct still *still;
	struct view_router *routers;
	size_t room;
};

static void
add_router(void *arg, const struct view_router *router)
{
	struct gathering *g = arg;
	struct still *still = g->still;
	struct view_router *mine;

	g->routers = array_room(g->routers, still->router_count, &g->room,
	    sizeof(*g->routers));
	mine = &g->routers[still->router_count++];
	*mine = *router;
	mine->address = arena_text(still->arena, router->address);
	mine->transport = arena_text(still->arena, router->transport);
	mine->state = arena_text(still->arena, router->state);
}

static void
take_routers(struct still *still, const struct view_source *source)
{
	struct gathering g = { .still = still };

	if (source->routers != NULL) {
		source->routers(source->arg, add_router, &g);
	}
	still->routers = g.routers;
}

static void
take_rule(struct still *still, struct still_rule *mine,
    const struct slurm_rule *rule, uint64_t effect)
{
	mine->kind = slurm_kind_name(rule->kind);
	mine->path = arena_text(still->arena, rule->path);
	mine->comment = arena_text(still->arena, rule->comment);
	mine->index = rule->index;
	mine->filter = rule->kind == SLURM_PREFIX_FILTER ||
		       rule->kind == SLURM_BGPSEC_FILTER ||
		       rule->kind == SLURM_ASPA_FILTER;
	mine->has_prefix =
	    rule->has_prefix || rule->kind == SLURM_PREFIX_ASSERTION;
	mine->has_asn = rule->has_asn || !mine->filter;
	mine->has_ski = rule->has_ski;
	mine->prefix = rule->vrp.prefix;
	mine->asn = rule->kind == SLURM_PREFIX_ASSERTION   ? rule->vrp.asn
		    : rule->kind == SLURM_BGPSEC_ASSERTION ? rule->key.asn
		    : rule->kind == SLURM_ASPA_ASSERTION   ? rule->aspa.customer
							   : rule->asn;
	mine->max_length = rule->vrp.max_length;
	mine->effect = effect;
}

static void
take_rules(struct still *still, const struct slurm *slurm,
    const uint64_t *effects)
{
	size_t count = slurm == NULL ? 0 : slurm_rules(slurm);
	size_t told = count < RULES_MOST ? count : RULES_MOST;

	still->rules = mem_zero(told + 1, sizeof(*still->rules));
	still->rule_count = told;
	still->rules_left_out = count - told;
	for (size_t i = 0; i < told; i++) {
		take_rule(still, &still->rules[i], slurm_rule(slurm, i),
		    effects == NULL ? 0 : effects[i]);
	}
}

static void
take_guards(struct still *still)
{
	size_t count = still->view.guard_count;
	struct view_guard *guards =
	    arena_zero(still->arena, count + 1, sizeof(*guards));

	for (size_t i = 0; i < count; i++) {
		guards[i] = still->view.guards[i];
		guards[i].ta = arena_text(still->arena, guards[i].ta);
	}
	still->view.guards = guards;
}

struct still *
still_new(const struct view_source *source, unsigned parts)
{
	struct still *still = mem_zero(1, sizeof(*still));
	struct view *view = &still->view;

	still->arena = arena_new();
	still->now = clock_wall();
	source->look(source->arg, view);
	if (view->current != NULL) {
		view->current = snapshot_get(view->current);
	}
	if (view->whole != NULL) {
		view->whole = snapshot_get(view->whole);
	}
	if (view->account != NULL) {
		view->account = account_get(view->account);
	}
	take_guards(still);
	if ((parts & STILL_ROUTERS) != 0) {
		take_routers(still, source);
	}
	if ((parts & STILL_RULES) != 0) {
		take_rules(still, view->slurm, view->slurm_effects);
	}
	if (view->limits != NULL) {
		still->limits = *view->limits;
		still->limited = true;
	}
	if (view->progress != NULL) {
		struct wire_progress *mine =
		    arena_zero(still->arena, 1, sizeof(*mine));

		*mine = *view->progress;
		view->progress = mine;
	}
	view->state = arena_text(still->arena, view->state);
	view->slurm = NULL;
	view->slurm_effects = NULL;
	view->history = NULL;
	view->limits = NULL;
	return still;
}

void
still_free(struct still *still)
{
	if (still == NULL) {
		return;
	}
	snapshot_put(still->view.current);
	snapshot_put(still->view.whole);
	account_put(still->view.account);
	atlas_put(still->atlas);
	free(still->routers);
	free(still->rules);
	arena_free(still->arena);
	free(still);
}

const struct report *
still_report(const struct still *still)
{
	return account_report(still->view.account);
}
