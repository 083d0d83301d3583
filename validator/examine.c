/* SPDX-License-Identifier: BSD-2-Clause */
/* examine - see examine.h. */
#include "validator/examine.h"

#include <string.h>

#include "base/text.h"
#include "base/uri.h"
#include "crypto/digest.h"
#include "store/meta.h"
#include "store/objects.h"
#include "validator/catalogue.h"
#include "validator/crowd.h"
#include "validator/finding.h"
#include "validator/portrait.h"
#include "validator/vouch.h"

/* One object on the desk. */
struct exhibit {
	const struct examine_desk *desk;
	struct kv_txn *txn; /* NULL: no cache */
	struct arena *arena;
	struct sheet *sheet;
	const char *name;
	const char *uri; /* NULL: not known to be anywhere */
	struct bytes octets;
	size_t place_count;
	const char *places[CATALOGUE_PLACES];
	struct crowd **crowd; /* of the walk, once somebody asked */
};

static void
on_piece(void *arg, struct bytes piece)
{
	talk_text(arg, piece);
}

static int
worse(int a, int b)
{
	if (a == EXAMINE_REJECTED || b == EXAMINE_REJECTED) {
		return EXAMINE_REJECTED;
	}
	return a > b ? a : b;
}

/* --- finding it */

static bool
find_anchor(struct exhibit *e)
{
	const struct walk *walk = e->desk->walk;

	for (size_t i = 0; walk != NULL && i < walk->anchor_count; i++) {
		const struct walk_anchor *a = &walk->anchors[i];

		for (size_t n = 0; n < a->tal.count; n++) {
			struct hash spki;

			digest_of(a->tal.spki, &spki);
			if (strcmp(a->tal.uris[n], e->uri) == 0 &&
			    meta_ta_get(e->txn, &spki, &e->octets) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* What the repository does not publish any more, but a last good manifest
 * still lists. */
static bool
find_kept(struct exhibit *e)
{
	const struct walk *walk = e->desk->walk;

	for (size_t i = 0; walk != NULL && i < walk->spot_count; i++) {
		const struct spot *spot = walk->spots[i];
		struct roster roster;
		struct hash hash;

		if (uri_inside(spot->ca->own.repository_uri, e->uri) &&
		    roster_find(&roster, e->txn, spot, ROSTER_USED, e->arena) &&
		    roster_hash(&roster, e->uri, &hash) &&
		    objects_get(e->txn, &hash, &e->octets) == 0) {
			return true;
		}
	}
	return false;
}

static bool
find_by_uri(struct exhibit *e)
{
	struct hash hash;
	struct uri uri;

	if (uri_read(&uri, text_bytes(e->name), e->arena) != FAULT_NONE) {
		return false;
	}
	e->uri = uri.text;
	return (catalogue_find(e->desk->walk, e->txn, e->uri, &hash,
		    &e->octets) &&
		   e->octets.len > 0) ||
	       find_anchor(e) || find_kept(e);
}

/* By SHA-256: whatever URI has it tells its kind. */
static bool
find_by_hash(struct exhibit *e)
{
	struct hash hash;

	if (!hash_parse(&hash, text_bytes(e->name)) ||
	    objects_get(e->txn, &hash, &e->octets) != 0) {
		return false;
	}
	e->place_count = catalogue_places(e->txn, &hash, e->places, e->arena);
	return true;
}

static bool
is_hash(const char *name)
{
	struct hash hash;

	return hash_parse(&hash, text_bytes(name));
}

/* --- a repository, which is not an object */

static bool
show_repository(struct exhibit *e)
{
	struct repository row;

	if (e->uri == NULL ||
	    repository_get(e->txn, e->uri, &row, e->arena) != 0) {
		return false;
	}
	sheet_begin(e->sheet);
	sheet_text(e->sheet, "name", "Object", text_bytes(e->name));
	sheet_word(e->sheet, "type", "Type", "repository");
	finding_repository(&row, e->desk->now, e->sheet);
	sheet_end(e->sheet);
	return true;
}

/* --- the sheets */

static void
say_state(struct exhibit *e, const char *state, const char *why)
{
	sheet_word(e->sheet, "validation", "Validation", state);
	if (why != NULL) {
		sheet_text(e->sheet, "reason", "Reason", text_bytes(why));
	}
}

static void
show_finding(struct exhibit *e, const struct verdict *v,
    const struct specimen *specimen)
{
	finding_show(&(struct finding){ .verdict = v,
			 .specimen = specimen,
			 .walk = e->desk->walk,
			 .txn = e->txn,
			 .now = e->desk->now,
			 .arena = e->arena },
	    e->sheet);
}

static int
show_absent(struct exhibit *e)
{
	struct verdict v = { .state = VERDICT_UNKNOWN };

	if (show_repository(e)) {
		return EXAMINE_VALID;
	}
	sheet_begin(e->sheet);
	sheet_text(e->sheet, "name", "Object", text_bytes(e->name));
	if (e->desk->walk != NULL && e->uri != NULL) {
		verdict_of_absent(&v, e->desk->walk, e->txn, e->uri, e->arena);
	}
	say_state(e, "absent",
	    e->txn == NULL ? e->desk->why
	    : e->name[0] != '\0' && e->name[strlen(e->name) - 1] == '/'
		? "a folder, of which the cache knows no repository; name "
		  "an object in it"
		: "the cache has no such object");
	show_finding(e, &v, NULL);
	sheet_end(e->sheet);
	return EXAMINE_REJECTED;
}

/*
 * Have its customer's ASPAs together more providers than a set may hold? Then
 * none of them counts (ASPA profile 5). One that no manifest lists can only say
 * too much by itself.
 */
static bool
is_crowded(const struct exhibit *e, const struct verdict *v,
    const struct specimen *specimen)
{
	size_t most = e->desk->request->policy.max_aspa_providers;

	if (v->state == VERDICT_REJECTED || specimen->sort != SPECIMEN_SIGNED ||
	    specimen->kind != KIND_ASPA) {
		return false;
	}
	if (v->state != VERDICT_VALID) {
		return specimen->content.aspa.count > most;
	}
	if (*e->crowd == NULL) {
		*e->crowd = crowd_of(e->desk->walk);
	}
	return crowd_over(*e->crowd, specimen->content.aspa.customer, most);
}

static void
reject(struct verdict *v, enum fault fault)
{
	if (fault != FAULT_NONE) {
		v->state = VERDICT_REJECTED;
		v->fault = fault;
	}
}

/* What the walk says of it, and without one what it says itself. */
static void
hear(const struct exhibit *e, const struct specimen *specimen,
    struct verdict *v)
{
	*v = (struct verdict){ .state = specimen->fault != FAULT_NONE
					    ? VERDICT_REJECTED
					    : VERDICT_UNKNOWN,
		.fault = specimen->fault };
	if (e->desk->walk != NULL) {
		verdict_of(v, e->desk->walk, e->txn, specimen, e->uri,
		    e->arena);
	}
}

static int
show_verdict(struct exhibit *e, struct specimen *specimen, struct verdict *v)
{
	static const int codes[VERDICT_STATES] = {
		[VERDICT_VALID] = EXAMINE_VALID,
		[VERDICT_REJECTED] = EXAMINE_REJECTED,
		[VERDICT_UNLISTED] = EXAMINE_OPEN,
		[VERDICT_UNKNOWN] = EXAMINE_OPEN,
	};
	const char *why = e->desk->why;

	if (is_crowded(e, v, specimen)) {
		reject(v, FAULT_ASPA_LIMIT);
	} else if (v->state == VERDICT_UNKNOWN ||
		   v->state == VERDICT_UNLISTED) {
		reject(v, vouch_alone(specimen));
	}
	if (e->desk->walk != NULL) {
		why = finding_reason(v, specimen);
	}
	say_state(e, verdict_name(v->state),
	    v->state == VERDICT_REJECTED && v->fault_uri == NULL ? NULL : why);
	show_finding(e, v, specimen);
	return codes[v->state];
}

static void
show_places(struct exhibit *e)
{
	if (e->place_count == 0) {
		return;
	}
	sheet_list(e->sheet, "published_at", "Published at");
	for (size_t i = 0; i < e->place_count; i++) {
		sheet_text(e->sheet, NULL, NULL, text_bytes(e->places[i]));
	}
	sheet_list_end(e->sheet);
}

/* Or is it unknown, or rejected by what it is without a place? */
static bool
anybody_spoke(const struct verdict *v)
{
	return v->state != VERDICT_UNKNOWN &&
	       (v->state != VERDICT_REJECTED || v->spot != NULL ||
		   v->fault_uri != NULL);
}

/*
 * Octets that name no issuer, or one that nobody is, may still be published
 * somewhere: they are looked for in every mirror, if the cache has them at all.
 */
static void
look_around(struct exhibit *e, const struct specimen *specimen,
    struct verdict *v)
{
	struct keyid issuer;
	struct bytes octets;
	bool named = specimen_issuer(specimen, &issuer);

	if (e->txn == NULL || e->uri != NULL || (named && anybody_spoke(v))) {
		return;
	}
	if (e->place_count == 0 &&
	    (!named || objects_get(e->txn, &specimen->hash, &octets) == 0)) {
		e->place_count = catalogue_places(e->txn, &specimen->hash,
		    e->places, e->arena);
	}
	if (e->place_count > 0) {
		e->uri = e->places[0];
		hear(e, specimen, v);
	}
}

static int
show_object(struct exhibit *e)
{
	const char *name = e->place_count > 0 ? e->places[0]
			   : is_hash(e->name) ? ""
					      : e->name;
	struct specimen specimen;
	struct verdict v;
	int code;

	specimen_read(&specimen, name, e->uri, e->octets, e->arena);
	specimen.name = e->name;
	hear(e, &specimen, &v);
	look_around(e, &specimen, &v);
	sheet_begin(e->sheet);
	portrait_head(&specimen, e->sheet);
	show_places(e);
	portrait_body(&specimen, e->sheet, e->arena);
	if (specimen.sort == SPECIMEN_RRDP) {
		reject(&v, specimen.fault); /* found only now */
	}
	finding_notes(&specimen, e->sheet);
	code = show_verdict(e, &specimen, &v);
	sheet_end(e->sheet);
	return code;
}

static int
examine_one(const struct examine_desk *desk, const struct wire_look *look,
    struct sheet *sheet, struct crowd **crowd, struct arena *arena)
{
	struct exhibit e = { .desk = desk,
		.arena = arena,
		.sheet = sheet,
		.name = look->name,
		.octets = look->octets,
		.crowd = crowd };
	bool found = look->in_hand;
	int code;

	if (desk->kv != NULL && kv_read(desk->kv, &e.txn) != 0) {
		e.txn = NULL;
	}
	if (!found && e.txn != NULL) {
		found =
		    is_hash(look->name) ? find_by_hash(&e) : find_by_uri(&e);
	}
	code = found ? show_object(&e) : show_absent(&e);
	kv_abort(e.txn);
	return code;
}

int
examine_all(const struct examine_desk *desk)
{
	struct sheet sheet = {
		.form = desk->request->wanted.form == WIRE_INSPECT_JSON
			    ? SHEET_JSON
			    : SHEET_TEXT,
		.send = on_piece,
		.arg = desk->talk,
	};
	struct arena *arena = arena_new();
	struct crowd *crowd = NULL;
	struct wire_look look;
	int code = EXAMINE_VALID;

	for (;;) {
		talk_frame(desk->talk, WIRE_NEXT, bytes_of(NULL, 0));
		if (talk_gone(desk->talk) ||
		    !request_look(desk->request, &look, arena)) {
			break;
		}
		code = worse(code,
		    examine_one(desk, &look, &sheet, &crowd, arena));
		arena_reset(arena);
	}
	sheet_clear(&sheet);
	crowd_free(crowd);
	arena_free(arena);
	return code;
}
