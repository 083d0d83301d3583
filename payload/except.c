/* SPDX-License-Identifier: BSD-2-Clause */
/* except - see except.h. */
#include "payload/except.h"

#include <stdlib.h>

#include "base/mem.h"
#include "payload/builder.h"
#include "payload/origin.h"

/* --- overlaps between files */

static int
compare_by_prefix(const void *left, const void *right)
{
	const struct slurm_rule *const *a = left;
	const struct slurm_rule *const *b = right;

	return ip_prefix_compare(&(*a)->vrp.prefix, &(*b)->vrp.prefix);
}

static int
compare_by_asn(const void *left, const void *right)
{
	const struct slurm_rule *const *a = left;
	const struct slurm_rule *const *b = right;

	return ((*a)->asn > (*b)->asn) - ((*a)->asn < (*b)->asn);
}

static bool
speaks_of_prefix(const struct slurm_rule *rule)
{
	return rule->has_prefix;
}

static bool
speaks_of_router(const struct slurm_rule *rule)
{
	return rule->has_asn && (rule->kind == SLURM_BGPSEC_FILTER ||
				    rule->kind == SLURM_BGPSEC_ASSERTION);
}

static bool
speaks_of_customer(const struct slurm_rule *rule)
{
	return rule->kind == SLURM_ASPA_FILTER ||
	       rule->kind == SLURM_ASPA_ASSERTION;
}

static void
put_rule(struct octets *why, const struct slurm_rule *rule)
{
	char text[IP_TEXT];

	octets_printf(why, "%s: %s[%zu] (", rule->path,
	    slurm_kind_name(rule->kind), rule->index);
	if (rule->has_prefix) {
		ip_prefix_text(&rule->vrp.prefix, text);
		octets_printf(why, "%s)", text);
	} else {
		octets_printf(why, "AS%u)", (unsigned)rule->asn);
	}
}

static void
tell(struct octets *why, const struct slurm_rule *a, const struct slurm_rule *b)
{
	put_rule(why, a);
	octets_printf(why, " overlaps ");
	put_rule(why, b);
	octets_printf(why, "; what overlaps belongs into one file (RFC 8416 "
			   "4.2)");
}

/*
 * In order, a cover comes before what it covers. As long as all covers of a
 * rule are of one file, comparing with the closest is enough.
 */
static bool
prefixes_disjoint(const struct slurm_rule **rules, size_t count,
    struct octets *why)
{
	size_t *covers =
	    mem_zero(count + 1, sizeof(*covers)); /* + 1; 0: none */
	bool good = true;

	for (size_t i = 0; good && i < count; i++) {
		size_t cover = i;

		while (cover != 0 &&
		       !ip_prefix_covers(&rules[cover - 1]->vrp.prefix,
			   &rules[i]->vrp.prefix)) {
			cover = covers[cover - 1];
		}
		covers[i] = cover;
		if (cover != 0 && rules[cover - 1]->path != rules[i]->path) {
			tell(why, rules[i], rules[cover - 1]);
			good = false;
		}
	}
	free(covers);
	return good;
}

static bool
asns_disjoint(const struct slurm_rule **rules, size_t count, struct octets *why)
{
	for (size_t i = 1; i < count; i++) {
		if (rules[i]->asn == rules[i - 1]->asn &&
		    rules[i]->path != rules[i - 1]->path) {
			tell(why, rules[i], rules[i - 1]);
			return false;
		}
	}
	return true;
}

static const struct {
	bool (*speaks)(const struct slurm_rule *rule);
	int (*compare)(const void *a, const void *b);
	bool (*disjoint)(const struct slurm_rule **rules, size_t count,
	    struct octets *why);
} realms[] = {
	{ speaks_of_prefix, compare_by_prefix, prefixes_disjoint },
	{ speaks_of_router, compare_by_asn, asns_disjoint },
	{ speaks_of_customer, compare_by_asn, asns_disjoint },
};

bool
except_disjoint(const struct slurm_rule *rules, size_t count,
    struct octets *why)
{
	const struct slurm_rule **some = mem_zero(count + 1, sizeof(*some));
	bool good = true;

	for (size_t r = 0; good && r < sizeof(realms) / sizeof(realms[0]);
	     r++) {
		size_t n = 0;

		for (size_t i = 0; i < count; i++) {
			if (realms[r].speaks(&rules[i])) {
				some[n++] = &rules[i];
			}
		}
		if (n > 1) {
			qsort(some, n, sizeof(*some), realms[r].compare);
			good = realms[r].disjoint(some, n, why);
		}
	}
	free(some);
	return good;
}

/* --- filters */

/* An index over prefix filters: they stand in it as VRPs whose AS number is
 * the number of the rule, and all covers of a VRP are asked for. */
struct sieve {
	const struct slurm_rule *rules;
	size_t count;
	uint64_t *effects;
	struct origin_index *prefixes;
	const struct slurm_rule **asns; /* filters by AS number alone, sorted */
	size_t asn_count;
	struct arena *arena;
};

static void
sieve_open(struct sieve *sieve)
{
	struct builder *builder = builder_new();
	struct source none = { .kind = SOURCE_EXCEPTION, .ta = SOURCE_NO_TA };
	uint32_t source = builder_source(builder, &none);
	const struct snapshot *snapshot;

	sieve->asns = mem_zero(sieve->count + 1, sizeof(*sieve->asns));
	for (size_t i = 0; i < sieve->count; i++) {
		const struct slurm_rule *rule = &sieve->rules[i];
		struct vrp vrp = rule->vrp;

		if (rule->kind != SLURM_PREFIX_FILTER) {
			continue;
		}
		if (!rule->has_prefix) {
			sieve->asns[sieve->asn_count++] = rule;
			continue;
		}
		vrp.asn = (uint32_t)i;
		vrp.max_length = vrp.prefix.length;
		builder_vrp(builder, &vrp, source);
	}
	if (sieve->asn_count > 1) {
		qsort(sieve->asns, sieve->asn_count, sizeof(*sieve->asns),
		    compare_by_asn);
	}
	snapshot = builder_seal(builder);
	sieve->prefixes = origin_new(snapshot);
	snapshot_put(snapshot);
	sieve->arena = arena_new();
}

static void
sieve_close(struct sieve *sieve)
{
	origin_free(sieve->prefixes);
	free(sieve->asns);
	arena_free(sieve->arena);
}

static bool
hit(struct sieve *sieve, const struct slurm_rule *rule)
{
	sieve->effects[rule - sieve->rules]++;
	return true;
}

static bool
vrp_by_asn(struct sieve *sieve, uint32_t asn)
{
	size_t low = 0, high = sieve->asn_count;
	bool gone = false;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sieve->asns[middle]->asn < asn) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (; low < sieve->asn_count && sieve->asns[low]->asn == asn; low++) {
		gone = hit(sieve, sieve->asns[low]);
	}
	return gone;
}

static bool
vrp_gone(struct sieve *sieve, const struct vrp *vrp)
{
	/* A route of AS0 matches nothing, so all covers are in one list. */
	struct origin_answer covers =
	    origin_explain(sieve->prefixes, &vrp->prefix, 0, sieve->arena);
	bool gone = vrp_by_asn(sieve, vrp->asn);

	for (size_t n = 0; n < covers.unmatched_as.count; n++) {
		uint32_t i =
		    origin_vrp(sieve->prefixes, covers.unmatched_as.at[n])->asn;

		if (!sieve->rules[i].has_asn ||
		    sieve->rules[i].asn == vrp->asn) {
			gone = hit(sieve, &sieve->rules[i]);
		}
	}
	arena_reset(sieve->arena);
	return gone;
}

static bool
key_matches(const struct slurm_rule *rule, const struct router_key *key)
{
	return rule->kind == SLURM_BGPSEC_FILTER &&
	       (!rule->has_asn || rule->asn == key->asn) &&
	       (!rule->has_ski || hash_keyid_equal(&rule->key.ski, &key->ski));
}

static bool
keep(void *arg, const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	struct sieve *sieve = arg;
	bool gone = false;

	if (kind == ITEM_VRP) {
		return !vrp_gone(sieve, snapshot_vrp(snapshot, i));
	}
	for (size_t n = 0; n < sieve->count; n++) {
		const struct slurm_rule *rule = &sieve->rules[n];
		bool match =
		    kind == ITEM_ROUTER_KEY
			? key_matches(rule, snapshot_router_key(snapshot, i))
			: rule->kind == SLURM_ASPA_FILTER &&
			      rule->asn == snapshot_aspa(snapshot, i)->customer;

		gone = match ? hit(sieve, rule) : gone;
	}
	return !gone;
}

/* --- assertions */

static void
assert_rule(struct builder *builder, const struct slurm_rule *rule,
    uint64_t *effect)
{
	const struct source source = {
		.kind = SOURCE_EXCEPTION,
		.ta = SOURCE_NO_TA,
		.repository = UINT16_MAX,
		.uri = rule->path,
		.comment = rule->comment,
		.not_after = INT64_MAX,
		.chain_not_after = INT64_MAX,
		.stale = INT64_MAX,
		.expires = INT64_MAX,
	};

	switch (rule->kind) {
	case SLURM_PREFIX_ASSERTION:
		builder_vrp(builder, &rule->vrp,
		    builder_source(builder, &source));
		break;
	case SLURM_BGPSEC_ASSERTION:
		builder_router_key(builder, &rule->key,
		    builder_source(builder, &source));
		break;
	case SLURM_ASPA_ASSERTION:
		builder_aspa(builder, &rule->aspa,
		    builder_source(builder, &source));
		break;
	case SLURM_PREFIX_FILTER:
	case SLURM_BGPSEC_FILTER:
	case SLURM_ASPA_FILTER:
	case SLURM_KINDS:
		return;
	}
	++*effect;
}

const struct snapshot *
except_apply(const struct slurm_rule *rules, size_t count,
    const struct snapshot *in, uint64_t *effects)
{
	uint64_t *counts = mem_zero(count + 1, sizeof(*counts));
	struct sieve sieve = { .rules = rules,
		.count = count,
		.effects = counts };
	struct builder *builder = builder_new();

	sieve_open(&sieve);
	builder_copy(builder, in, keep, &sieve);
	sieve_close(&sieve);
	for (size_t i = 0; i < count; i++) {
		assert_rule(builder, &rules[i], &counts[i]);
	}
	if (effects != NULL) {
		memcpy(effects, counts, count * sizeof(*counts));
	}
	free(counts);
	return builder_seal(builder);
}
