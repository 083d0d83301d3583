/* SPDX-License-Identifier: BSD-2-Clause */
/* evidence - see evidence.h. */
#include "output/evidence.h"

#include "base/text.h"

static const char *const source_names[] = {
	[SOURCE_ROA] = "roa",
	[SOURCE_CERT] = "cer",
	[SOURCE_ASPA] = "aspa",
	[SOURCE_EXCEPTION] = "exception",
};

void
evidence_repository(struct jot *jot, const struct still *still,
    unsigned repository)
{
	const struct report *report = still_report(still);
	const struct report_repository *r;

	if (report == NULL || repository >= report->repository_count) {
		jot_null(jot, "repository");
		return;
	}
	r = &report->repositories[repository];
	jot_object(jot, "repository");
	jot_text(jot, "uri", r->uri);
	jot_text(jot, "type", r->kind == REPOSITORY_RRDP ? "RRDP" : "rsync");
	jot_text(jot, "state", report_state_name(r->state));
	jot_time(jot, "lastSuccess", r->last_success, 0);
	if (r->last_success != 0) {
		jot_signed(jot, "age", still->now - r->last_success);
	}
	jot_number(jot, "failures", r->failures);
	jot_text(jot, "fault",
	    r->fault == FAULT_NONE ? NULL : fault_label(r->fault));
	jot_text(jot, "detail", r->detail);
	jot_end_object(jot);
}

static void
put_span(struct jot *jot, const char *key, int64_t from, int64_t until)
{
	jot_object(jot, key);
	jot_time(jot, "notBefore", from, INT64_MIN);
	jot_time(jot, "notAfter", until, INT64_MAX);
	jot_end_object(jot);
}

static void
put_source(struct jot *jot, const struct still *still,
    const struct snapshot *set, const struct source *source)
{
	jot_object(jot, NULL);
	jot_text(jot, "type", source_names[source->kind]);
	if (source->kind == SOURCE_EXCEPTION) {
		jot_text(jot, "path", source->uri);
		jot_text(jot, "comment", source->comment);
		jot_end_object(jot);
		return;
	}
	jot_text(jot, "uri", source->uri);
	jot_hash(jot, "object", &source->object);
	jot_text(jot, "ta",
	    source->ta < snapshot_ta_count(set)
		? snapshot_ta_name(set, source->ta)
		: NULL);
	put_span(jot, "validity", source->not_before, source->not_after);
	put_span(jot, "chainValidity", source->chain_not_before,
	    source->chain_not_after);
	jot_time(jot, "stale", source->stale, INT64_MAX);
	jot_time(jot, "expires", source->expires, INT64_MAX);
	jot_bool(jot, "lastGood", source->kept);
	jot_bool(jot, "held", source->held);
	evidence_repository(jot, still, source->repository);
	jot_end_object(jot);
}

static void
put_item(struct jot *jot, const struct snapshot *set, enum item_kind kind,
    size_t i)
{
	const struct aspa *aspa;

	switch (kind) {
	case ITEM_VRP:
		jot_asn(jot, "asn", snapshot_vrp(set, i)->asn);
		jot_prefix(jot, "prefix", &snapshot_vrp(set, i)->prefix);
		jot_number(jot, "maxLength", snapshot_vrp(set, i)->max_length);
		break;
	case ITEM_ROUTER_KEY:
		jot_asn(jot, "asn", snapshot_router_key(set, i)->asn);
		break;
	case ITEM_ASPA:
		aspa = snapshot_aspa(set, i);
		jot_asn(jot, "customer", aspa->customer);
		jot_list(jot, "providers");
		for (uint32_t n = 0; n < aspa->count; n++) {
			jot_asn(jot, NULL, aspa->providers[n]);
		}
		jot_end_list(jot);
		break;
	case ITEM_KINDS:
		break;
	}
}

void
evidence_open(struct jot *jot, const struct still *still,
    const struct snapshot *set, enum item_kind kind, size_t i)
{
	static const char *const names[] = {
		[ITEM_VRP] = "routeOrigin",
		[ITEM_ROUTER_KEY] = "routerKey",
		[ITEM_ASPA] = "aspa",
		[ITEM_KINDS] = NULL,
	};
	struct source_room room;

	jot_object(jot, NULL);
	jot_text(jot, "type", names[kind]);
	put_item(jot, set, kind, i);
	jot_time(jot, "expires", snapshot_expires(set, kind, i), INT64_MAX);
	jot_list(jot, "sources");
	for (size_t n = 0; n < snapshot_sources(set, kind, i); n++) {
		put_source(jot, still, set,
		    snapshot_source(set, kind, i, n, &room));
	}
	jot_end_list(jot);
}

void
evidence_rule(struct jot *jot, const struct still_rule *rule)
{
	jot_object(jot, NULL);
	jot_text(jot, "path", rule->path);
	jot_text(jot, "list", rule->kind);
	jot_number(jot, "index", rule->index);
	jot_text(jot, "comment", rule->comment);
	if (rule->has_prefix) {
		jot_prefix(jot, "prefix", &rule->prefix);
	}
	if (rule->has_asn) {
		jot_asn(jot, "asn", rule->asn);
	}
	jot_number(jot, rule->filter ? "removedInAll" : "addedInAll",
	    rule->effect);
	jot_end_object(jot);
}
