/* SPDX-License-Identifier: BSD-2-Clause */
/* tale - see tale.h. */
#include "daemon/tale.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

/* Where it is written that a last good version stands in. */
#define LAST_GOOD "RFC 9286 6.6"

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* BEFORE and the text that it has, or nothing. */
static void
put(struct octets *out, const char *before, const json_t *object,
    const char *key)
{
	const char *text = text_of(object, key);

	if (text[0] != '\0') {
		octets_printf(out, "%s", before);
		text_escape(out, text_bytes(text));
	}
}

/* BEFORE and the number that it has, counted from FROM; or nothing. */
static void
put_number(struct octets *out, const char *before, const json_t *object,
    const char *key, long long from)
{
	const json_t *number = json_object_get(object, key);

	if (json_is_integer(number)) {
		octets_printf(out, "%s%lld", before,
		    (long long)json_integer_value(number) + from);
	}
}

static void
put_repository(struct octets *out, const json_t *repository)
{
	if (!json_is_object(repository)) {
		return;
	}
	put(out, "    repository ", repository, "uri");
	put(out, " ", repository, "state");
	put(out, ", last success ", repository, "lastSuccess");
	put(out, ", ", repository, "fault");
	put(out, " ", repository, "detail");
	octets_u8(out, '\n');
}

static void
put_source(struct octets *out, const json_t *source)
{
	const json_t *span = json_object_get(source, "chainValidity");

	put(out, "  ", source, "type");
	put(out, " ", source, "uri");
	put(out, " ", source, "path");
	put(out, " of trust anchor ", source, "ta");
	put(out, ", ends ", source, "expires");
	put(out, " (", source, "comment");
	if (text_of(source, "comment")[0] != '\0') {
		octets_u8(out, ')');
	}
	octets_u8(out, '\n');
	put(out, "    certificates of its chain hold until ", span, "notAfter");
	put(out, ", manifests and CRLs until ", source, "stale");
	if (json_is_object(span)) {
		octets_u8(out, '\n');
	}
	if (json_is_true(json_object_get(source, "lastGood"))) {
		octets_printf(out, "    its publication point failed: the last "
				   "good version stands in (" LAST_GOOD ")\n");
	}
	if (json_is_true(json_object_get(source, "held"))) {
		octets_printf(out, "    the collapse guard holds it: what it "
				   "rests on could not be fetched\n");
	}
	put_repository(out, json_object_get(source, "repository"));
}

/* How it meets the route that was asked about. */
static void
put_match(struct octets *out, const json_t *item)
{
	static const struct {
		const char *match, *words;
	} ways[] = {
		{ "matched", "matches" },
		{ "unmatched_as", "for another AS" },
		{ "unmatched_length", "the route is too long" },
		{ "covering", "covers it" },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(text_of(item, "match"), ways[i].match) == 0) {
			octets_printf(out, " (%s)", ways[i].words);
		}
	}
}

/* What is in a set, by kind; members of other kinds are not there. */
static void
put_item(struct octets *out, const json_t *item)
{
	const json_t *list = json_object_get(item, "sources");
	const json_t *one;
	size_t i;

	put(out, "", item, "type");
	put(out, " ", item, "asn");
	put(out, " ", item, "prefix");
	put_number(out, "-", item, "maxLength", 0);
	put(out, " ", item, "SKI");
	put(out, " ", item, "customer");
	put_match(out, item);
	put(out, ", until ", item, "expires");
	octets_u8(out, '\n');
	json_array_foreach(list, i, one)
	{
		put_source(out, one);
	}
}

static void
put_rule(struct octets *out, const json_t *rule)
{
	if (!json_is_object(rule)) {
		return;
	}
	put(out, "  ", rule, "path");
	put(out, " ", rule, "list");
	put_number(out, " ", rule, "index", 1);
	if (json_is_integer(json_object_get(rule, "length"))) {
		put(out, "--", rule, "limit");
		put_number(out, " ", rule, "length", 0);
	}
	put(out, ": ", rule, "comment");
	octets_u8(out, '\n');
}

static void
put_removed(struct octets *out, const json_t *item)
{
	const json_t *rules = json_object_get(item, "removedBy");
	const json_t *one;
	size_t i;

	octets_printf(out, "removed by local policy: ");
	put_item(out, item);
	json_array_foreach(rules, i, one)
	{
		put_rule(out, one);
	}
}

static void
put_exception(struct octets *out, const json_t *rule)
{
	octets_printf(out, "local exception:\n");
	put_rule(out, rule);
}

static void
put_fault(struct octets *out, const char *before, const json_t *finding)
{
	put(out, before, finding, "label");
	put(out, " (", finding, "source");
	octets_printf(out, ") ");
	put(out, "", finding, "text");
	put(out, ": ", finding, "detail");
}

/* What became of the point where it was found. */
static void
put_consequence(struct octets *out, const char *state)
{
	if (strcmp(state, "cached") == 0) {
		octets_printf(out, ", whose last good version stands in "
				   "(" LAST_GOOD ")");
	} else if (strcmp(state, "rejected") == 0) {
		octets_printf(out, ", from which nothing was taken");
	}
}

static void
put_finding(struct octets *out, const json_t *finding)
{
	octets_printf(out, "%s ",
	    json_is_true(json_object_get(finding, "rejects")) ? "rejected:"
							      : "noted:");
	put_fault(out, "", finding);
	put(out, "\n  object ", finding, "uri");
	put(out, "\n  below manifest ", finding, "point");
	put_consequence(out, text_of(finding, "pointState"));
	put(out, "\n  of trust anchor ", finding, "ta");
	put(out, ", repository ", finding, "repository");
	octets_u8(out, '\n');
}

static const struct fate {
	const char *state, *danger, *sentence;
} fates[] = {
	{ "waiting", "missing", "was not judged yet" },
	{ "rejected", "missing", "failed: nothing was taken from it" },
	{ "cached", "outdated",
	    "failed: its last good version stands in (" LAST_GOOD ")" },
	{ "valid", "missing", "lacks what was rejected there" },
};

static const struct fate *
fate_of(const char *state)
{
	size_t i = sizeof(fates) / sizeof(fates[0]) - 1;

	while (i > 0 && strcmp(state, fates[i].state) != 0) {
		i--;
	}
	return &fates[i];
}

static void
put_blame(struct octets *out, const json_t *finding)
{
	put_fault(out, "    ", finding);
	put(out, "\n      object ", finding, "uri");
	octets_u8(out, '\n');
}

/* A point that may have spoken of the route. */
static void
put_point(struct octets *out, const json_t *point)
{
	const json_t *list = json_object_get(point, "findings");
	const struct fate *fate = fate_of(text_of(point, "state"));
	const json_t *one;
	size_t i;

	octets_printf(out, "may be %s", fate->danger);
	put(out, ": the point ", point, "point");
	put(out, ", whose certificate covers ", point, "covers");
	put(out, ", of trust anchor ", point, "ta");
	octets_printf(out, ", %s\n", fate->sentence);
	json_array_foreach(list, i, one)
	{
		put_blame(out, one);
	}
	put_repository(out, json_object_get(point, "repository"));
}

static const struct {
	const char *key;
	void (*print)(struct octets *out, const json_t *one);
} parts[] = {
	{ "vrps", put_item },
	{ "payload", put_item },
	{ "removed", put_removed },
	{ "exceptions", put_exception },
	{ "points", put_point },
	{ "findings", put_finding },
};

static long long
number_of(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

/* Whom the set rests on: what another anchor says cannot be in it. */
static void
put_anchors(struct octets *out, const json_t *tas)
{
	const json_t *one;
	size_t i;

	octets_printf(out, "\ntrust anchors in use:");
	json_array_foreach(tas, i, one)
	{
		octets_printf(out, i == 0 ? " " : ", ");
		text_escape(out, text_bytes(json_string_value(one)));
	}
}

/* What to say where no part has anything, and of what did not fit. */
static void
put_tail(struct octets *out, const json_t *answer, bool said)
{
	const json_t *query = json_object_get(answer, "query");
	long long lost = number_of(answer, "pointsWithoutPayload");
	long long unknown = number_of(answer, "pointsUnknown");
	long long more = number_of(answer, "pointsLeftOut");

	if (more > 0) {
		octets_printf(out, "and %lld points more may be missing\n",
		    more);
	}
	if (said) {
		return;
	}
	octets_printf(out, "nothing in the set, in local exceptions or among "
			   "what the last run found wrong concerns it");
	if (unknown > 0) {
		octets_printf(out,
		    ", but %lld publication points failed that are only "
		    "counted, and may have: see /api/v1/faults, or the log "
		    "under --log-repository-issues",
		    unknown);
	} else if (lost > 0 && text_of(query, "prefix")[0] != '\0') {
		octets_printf(out,
		    "; of the %lld publication points that gave nothing none "
		    "has a certificate that covers it",
		    lost);
	}
	put_anchors(out, json_object_get(answer, "tas"));
	octets_u8(out, '\n');
}

static bool
asks_for_repository(const json_t *answer)
{
	const char *asked = text_of(json_object_get(answer, "query"), "uri");

	return asked[0] != '\0' &&
	       strcmp(asked,
		   text_of(json_object_get(answer, "repository"), "uri")) == 0;
}

static void
put_head(struct octets *out, const json_t *answer)
{
	const json_t *query = json_object_get(answer, "query");
	const json_t *in_set = json_object_get(answer, "inSet");

	put(out, "", query, "prefix");
	put(out, " from ", query, "asn");
	put(out, "", query, "uri");
	put(out, " is ", answer, "state");
	put(out, ": ", answer, "description");
	if (asks_for_repository(answer)) {
		octets_printf(out, " is a repository");
	} else if (json_is_boolean(in_set)) {
		octets_printf(out, " is %s the set",
		    json_is_true(in_set) ? "in" : "not in");
	}
	octets_u8(out, '\n');
	put_repository(out, json_object_get(answer, "repository"));
}

bool
tale_put(struct octets *out, struct bytes text)
{
	json_t *answer = json_loadb((const char *)text.at, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	size_t said = 0;

	if (!json_is_object(answer)) {
		json_decref(answer);
		return false;
	}
	put_head(out, answer);
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
		const json_t *list = json_object_get(answer, parts[p].key);
		const json_t *one;
		size_t i;

		json_array_foreach(list, i, one)
		{
			parts[p].print(out, one);
			said++;
		}
	}
	put_tail(out, answer, said > 0 || asks_for_repository(answer));
	json_decref(answer);
	return true;
}
