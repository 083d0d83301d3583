/* SPDX-License-Identifier: BSD-2-Clause */
/* rule - see rule.h. */
#include "payload/rule.h"

#include <assert.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"

void
rule_down(struct rule_reading *r, const char *key, size_t index)
{
	assert(r->depth < RULE_STEPS);
	r->steps[r->depth++] = (struct locate_step){ key, index };
}

void
rule_up(struct rule_reading *r)
{
	r->depth--;
}

/* A mistake in the value that was gone down to. */
void
rule_mistake(struct rule_reading *r, const char *what)
{
	struct locate_place place;

	if (r->bad) {
		return;
	}
	r->bad = true;
	place = locate_find(r->file->text, r->steps, r->depth);
	octets_printf(r->why, "%s:%u:%u: %s", r->path, place.line, place.column,
	    what);
}

static void
mistake_at(struct rule_reading *r, const char *key, const char *what)
{
	rule_down(r, key, 0);
	rule_mistake(r, what);
	rule_up(r);
}

/* Every member must be one of the words between blanks. */
void
rule_members(struct rule_reading *r, json_t *object, const char *known)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		struct octets word = { .at = NULL };
		struct octets text = { .at = NULL };

		octets_printf(&word, " %s ", key);
		octets_u8(&word, 0);
		if (strchr(key, ' ') != NULL ||
		    strstr(known, (const char *)word.at) == NULL) {
			octets_printf(&text, "unknown member \"");
			text_escape(&text, text_bytes(key));
			octets_printf(&text, "\"; there may be:%.*s",
			    (int)strlen(known) - 1, known);
			octets_u8(&text, 0);
			mistake_at(r, key, (const char *)text.at);
		}
		octets_clear(&word);
		octets_clear(&text);
	}
}

/* A member that must be there, of this type. */
json_t *
rule_member(struct rule_reading *r, json_t *object, const char *key,
    json_type type)
{
	json_t *value = json_object_get(object, key);
	struct octets text = { .at = NULL };

	if (value != NULL && json_typeof(value) == type) {
		return value;
	}
	octets_printf(&text,
	    value == NULL ? "there must be a \"%s\""
			  : "\"%s\" has another type",
	    key);
	octets_printf(&text, ": %s",
	    type == JSON_OBJECT  ? "an object"
	    : type == JSON_ARRAY ? "an array"
	    : type == JSON_STRING
		? "a string"
		: "a whole number without quotes, sign or fraction");
	octets_u8(&text, 0);
	if (value == NULL) {
		rule_mistake(r, (const char *)text.at);
	} else {
		mistake_at(r, key, (const char *)text.at);
	}
	octets_clear(&text);
	return NULL;
}

static bool
has(json_t *object, const char *key)
{
	return json_object_get(object, key) != NULL;
}

uint64_t
rule_number(struct rule_reading *r, json_t *object, const char *key,
    uint64_t low, uint64_t high)
{
	json_t *value = rule_member(r, object, key, JSON_INTEGER);
	json_int_t number = value == NULL ? 0 : json_integer_value(value);
	char what[96];

	if (value == NULL) {
		return low;
	}
	if (number < 0 || (uint64_t)number < low || (uint64_t)number > high) {
		snprintf(what, sizeof(what), "\"%s\" must be from %llu to %llu",
		    key, (unsigned long long)low, (unsigned long long)high);
		mistake_at(r, key, what);
		return low;
	}
	return (uint64_t)number;
}

const char *
rule_string(struct rule_reading *r, json_t *object, const char *key)
{
	json_t *value = rule_member(r, object, key, JSON_STRING);

	return value == NULL ? NULL : json_string_value(value);
}

static void
read_prefix(struct rule_reading *r, json_t *object, struct slurm_rule *rule)
{
	const char *text = rule_string(r, object, "prefix");

	if (text != NULL && !ip_prefix_parse(&rule->vrp.prefix,
				text_bytes(text), IP_PREFIX_ONLY)) {
		mistake_at(r, "prefix",
		    "not a prefix such as \"192.0.2.0/24\" or "
		    "\"2001:db8::/32\", zero beyond its length");
	}
	rule->has_prefix = true;
}

static void
read_asn(struct rule_reading *r, json_t *object, const char *key,
    struct slurm_rule *rule)
{
	rule->asn = (uint32_t)rule_number(r, object, key, 0, UINT32_MAX);
	rule->has_asn = true;
}

static void
read_ski(struct rule_reading *r, json_t *object, struct slurm_rule *rule)
{
	const char *text = rule_string(r, object, "SKI");
	struct octets ski = { .at = NULL };

	if (text != NULL) {
		if (text_from_base64(&ski, text_bytes(text), TEXT_BASE64URL) &&
		    ski.len == KEYID_SIZE) {
			memcpy(rule->key.ski.at, ski.at, KEYID_SIZE);
		} else {
			mistake_at(r, "SKI",
			    "not 20 octets as 27 characters of base64url "
			    "without padding");
		}
	}
	octets_clear(&ski);
	rule->has_ski = true;
}

/* A SEQUENCE that ends where the octets do: what was pasted is whole. */
static bool
is_sequence(struct bytes der)
{
	size_t octets = 0, length;

	if (der.len < 2 || der.at[0] != 0x30) {
		return false;
	}
	length = der.at[1];
	if (length >= 0x80) {
		octets = length - 0x80;
		length = 0;
	}
	if (octets > 2 || der.len < 2 + octets) {
		return false;
	}
	for (size_t i = 0; i < octets; i++) {
		length = length << 8 | der.at[2 + i];
	}
	return der.len == 2 + octets + length;
}

static void
read_key(struct rule_reading *r, json_t *object, struct slurm_rule *rule)
{
	const char *text = rule_string(r, object, "routerPublicKey");
	struct octets spki = { .at = NULL };
	struct bytes own;

	if (text != NULL) {
		if (text_from_base64(&spki, text_bytes(text), TEXT_BASE64URL) &&
		    is_sequence(octets_bytes(&spki)) &&
		    spki.len <= LIMIT_SPKI) {
			own = arena_copy(r->arena, octets_bytes(&spki));
			rule->key.spki = own.at;
			rule->key.spki_len = (uint16_t)own.len;
		} else {
			mistake_at(r, "routerPublicKey",
			    "not a whole SubjectPublicKeyInfo of DER, in "
			    "base64url without padding");
		}
	}
	octets_clear(&spki);
}

static void
read_max_length(struct rule_reading *r, json_t *object, struct slurm_rule *rule)
{
	struct vrp *vrp = &rule->vrp;

	vrp->asn = rule->asn;
	vrp->max_length = vrp->prefix.length;
	if (!r->bad && has(object, "maxPrefixLength")) {
		vrp->max_length =
		    (uint8_t)rule_number(r, object, "maxPrefixLength",
			vrp->prefix.length, ip_bits(vrp->prefix.family));
	}
}

static const char *
check_providers(const struct aspa *aspa)
{
	for (uint32_t i = 0; i < aspa->count; i++) {
		if (aspa->providers[i] == aspa->customer) {
			return "the customer cannot be its own provider";
		}
		if (aspa->providers[i] == 0 && aspa->count != 1) {
			return "0 (no provider) can only stand alone";
		}
		if (i != 0 && aspa->providers[i] <= aspa->providers[i - 1]) {
			return "must be ascending and without doubles";
		}
	}
	return aspa->count == 0 ? "must not be empty; 0 says no provider"
				: NULL;
}

static void
read_providers(struct rule_reading *r, json_t *object, struct slurm_rule *rule)
{
	json_t *array = rule_member(r, object, "providerAsns", JSON_ARRAY);
	size_t count = array == NULL ? 0 : json_array_size(array);
	uint32_t *providers =
	    arena_zero(r->arena, count + 1, sizeof(*providers));
	const char *wrong = NULL;

	for (size_t i = 0; i < count; i++) {
		json_t *value = json_array_get(array, i);
		json_int_t number = json_integer_value(value);

		if (!json_is_integer(value) || number < 0 ||
		    number > UINT32_MAX) {
			wrong = "must hold AS numbers from 0 to 4294967295";
		} else {
			providers[i] = (uint32_t)number;
		}
	}
	rule->aspa = (struct aspa){ rule->asn, (uint32_t)count, providers };
	wrong = wrong != NULL ? wrong : check_providers(&rule->aspa);
	if (wrong == NULL && count > LIMIT_ASPA_PROVIDERS) {
		wrong = "more providers than we accept (4000)";
	}
	if (wrong != NULL && array != NULL) {
		mistake_at(r, "providerAsns", wrong);
	}
}

void
rule_read(struct rule_reading *r, json_t *object, struct slurm_rule *rule)
{
	switch (rule->kind) {
	case SLURM_PREFIX_FILTER:
	case SLURM_BGPSEC_FILTER:
		if (has(object, "prefix")) {
			read_prefix(r, object, rule);
		}
		if (has(object, "asn")) {
			read_asn(r, object, "asn", rule);
		}
		if (has(object, "SKI")) {
			read_ski(r, object, rule);
		}
		if (!rule->has_asn && !rule->has_prefix && !rule->has_ski) {
			rule_mistake(r,
			    rule->kind == SLURM_PREFIX_FILTER
				? "there must be a \"prefix\" or an \"asn\""
				: "there must be an \"asn\" or an \"SKI\"");
		}
		break;
	case SLURM_ASPA_FILTER:
		read_asn(r, object, "customerAsn", rule);
		break;
	case SLURM_PREFIX_ASSERTION:
		read_asn(r, object, "asn", rule);
		read_prefix(r, object, rule);
		read_max_length(r, object, rule);
		break;
	case SLURM_BGPSEC_ASSERTION:
		read_asn(r, object, "asn", rule);
		read_ski(r, object, rule);
		read_key(r, object, rule);
		rule->key.asn = rule->asn;
		break;
	case SLURM_ASPA_ASSERTION:
		read_asn(r, object, "customerAsn", rule);
		read_providers(r, object, rule);
		break;
	case SLURM_KINDS:
		break;
	}
	if (has(object, "comment")) {
		rule->comment =
		    arena_text(r->arena, rule_string(r, object, "comment"));
	}
}
