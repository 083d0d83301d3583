/* SPDX-License-Identifier: BSD-2-Clause */
/* slurm - see slurm.h. */
#include "payload/slurm.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/slurp.h"
#include "base/text.h"
#include "payload/except.h"
#include "payload/rule.h"

struct slurm {
	struct arena *arena;
	struct slurm_rule *rules;
	size_t count, room;
};

static const struct {
	const char *name;
	unsigned since;
	const char *members; /* all it may have, each between blanks */
} lists[SLURM_KINDS] = {
	[SLURM_PREFIX_FILTER] = { "prefixFilters", 1, " prefix asn comment " },
	[SLURM_BGPSEC_FILTER] = { "bgpsecFilters", 1, " asn SKI comment " },
	[SLURM_ASPA_FILTER] = { "aspaFilters", 2, " customerAsn comment " },
	[SLURM_PREFIX_ASSERTION] = { "prefixAssertions", 1,
	    " asn prefix maxPrefixLength comment " },
	[SLURM_BGPSEC_ASSERTION] = { "bgpsecAssertions", 1,
	    " asn SKI routerPublicKey comment " },
	[SLURM_ASPA_ASSERTION] = { "aspaAssertions", 2,
	    " customerAsn providerAsns comment " },
};

const char *
slurm_kind_name(enum slurm_kind kind)
{
	return lists[kind].name;
}

static void
read_rule(struct slurm *slurm, struct rule_reading *r, json_t *object,
    struct slurm_rule rule)
{
	if (!json_is_object(object)) {
		rule_mistake(r, "must be an object");
		return;
	}
	rule_members(r, object, lists[rule.kind].members);
	rule_read(r, object, &rule);
	if (r->bad) {
		return;
	}
	slurm->rules = array_room(slurm->rules, slurm->count, &slurm->room,
	    sizeof(*slurm->rules));
	slurm->rules[slurm->count++] = rule;
}

static void
read_lists(struct slurm *slurm, struct rule_reading *r, json_t *top,
    enum slurm_kind from)
{
	const char *section = from == SLURM_PREFIX_FILTER
				  ? "validationOutputFilters"
				  : "locallyAddedAssertions";
	json_t *object = rule_member(r, top, section, JSON_OBJECT);
	bool two = r->version == 2;

	if (object == NULL) {
		return;
	}
	rule_down(r, section, 0);
	if (from == SLURM_PREFIX_FILTER) {
		rule_members(r, object,
		    two ? " prefixFilters bgpsecFilters aspaFilters "
			: " prefixFilters bgpsecFilters ");
	} else {
		rule_members(r, object,
		    two ? " prefixAssertions bgpsecAssertions aspaAssertions "
			: " prefixAssertions bgpsecAssertions ");
	}
	for (unsigned k = from; k < (unsigned)from + 3 && !r->bad; k++) {
		json_t *array;

		if (lists[k].since > r->version) {
			continue;
		}
		array = rule_member(r, object, lists[k].name, JSON_ARRAY);
		rule_down(r, lists[k].name, 0);
		for (size_t i = 0; !r->bad && i < json_array_size(array); i++) {
			rule_down(r, NULL, i);
			read_rule(slurm, r, json_array_get(array, i),
			    (struct slurm_rule){ .kind = (enum slurm_kind)k,
				.path = r->path,
				.index = i });
			rule_up(r);
		}
		rule_up(r);
	}
	rule_up(r);
}

static void
read_top(struct slurm *slurm, struct rule_reading *r, json_t *top)
{
	if (!json_is_object(top)) {
		rule_mistake(r, "must be an object");
		return;
	}
	rule_members(r, top,
	    " slurmVersion validationOutputFilters locallyAddedAssertions ");
	r->version = (unsigned)rule_number(r, top, "slurmVersion", 1, 2);
	if (!r->bad) {
		read_lists(slurm, r, top, SLURM_PREFIX_FILTER);
	}
	if (!r->bad) {
		read_lists(slurm, r, top, SLURM_PREFIX_ASSERTION);
	}
}

static bool
read_one(struct slurm *slurm, const struct slurm_file *file, struct octets *why)
{
	struct rule_reading r = { .arena = slurm->arena,
		.file = file,
		.why = why };
	json_error_t error;
	json_t *top;

	r.path = arena_text(slurm->arena, file->path);
	if (file->text.len > LIMIT_SLURM_OCTETS) {
		octets_printf(why, "%s: longer than %u octets", file->path,
		    (unsigned)LIMIT_SLURM_OCTETS);
		return false;
	}
	top = json_loadb(file->text.len > 0 ? (const char *)file->text.at : "",
	    file->text.len, JSON_REJECT_DUPLICATES, &error);
	if (top == NULL) {
		octets_printf(why, "%s:%d:%d: ", file->path, error.line,
		    error.column);
		text_escape(why, text_bytes(error.text));
		return false;
	}
	read_top(slurm, &r, top);
	json_decref(top);
	return !r.bad;
}

static bool
first_time(const struct slurm_file *files, size_t which, struct octets *why)
{
	for (size_t i = 0; i < which; i++) {
		if (strcmp(files[i].path, files[which].path) == 0) {
			octets_printf(why, "%s: named twice",
			    files[which].path);
			return false;
		}
	}
	return true;
}

struct slurm *
slurm_read(const struct slurm_file *files, size_t count, struct octets *why)
{
	struct slurm *slurm = mem_zero(1, sizeof(*slurm));
	bool good = true;

	slurm->arena = arena_new();
	for (size_t i = 0; good && i < count; i++) {
		good = first_time(files, i, why) &&
		       read_one(slurm, &files[i], why);
	}
	if (!good || !except_disjoint(slurm->rules, slurm->count, why)) {
		slurm_free(slurm);
		return NULL;
	}
	return slurm;
}

void
slurm_free(struct slurm *slurm)
{
	if (slurm != NULL) {
		arena_free(slurm->arena);
		free(slurm->rules);
		free(slurm);
	}
}

int
slurm_load(struct slurm **out, const char *const *paths, size_t count,
    struct octets *why)
{
	struct slurm_file *files = mem_zero(count + 1, sizeof(*files));
	struct octets *texts = mem_zero(count + 1, sizeof(*texts));
	int rc = 0;

	*out = NULL;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = slurp_soon(&texts[i], paths[i], LIMIT_SLURM_OCTETS, why)
			 ? 0
			 : -EINVAL;
		files[i] =
		    (struct slurm_file){ paths[i], octets_bytes(&texts[i]) };
	}
	if (rc == 0) {
		*out = slurm_read(files, count, why);
		rc = *out == NULL ? -EINVAL : 0;
	}
	for (size_t i = 0; i < count; i++) {
		octets_clear(&texts[i]);
	}
	free(texts);
	free(files);
	return rc;
}

size_t
slurm_rules(const struct slurm *slurm)
{
	return slurm->count;
}

const struct slurm_rule *
slurm_rule(const struct slurm *slurm, size_t i)
{
	assert(i < slurm->count);
	return &slurm->rules[i];
}

const struct snapshot *
slurm_apply(const struct slurm *slurm, const struct snapshot *in,
    uint64_t *effects)
{
	return except_apply(slurm->rules, slurm->count, in, effects);
}
