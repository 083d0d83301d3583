/* SPDX-License-Identifier: BSD-2-Clause */
/* verdict - see verdict.h. */
#include "validator/verdict.h"

#include <string.h>

#include "base/text.h"
#include "base/uri.h"
#include "validator/catalogue.h"
#include "validator/vouch.h"

enum { MAX_UP = 32 }; /* issuers that are looked for above each other */

/* What one point says of the subject, from least to most. */
enum grade {
	GRADE_NOTHING,
	GRADE_POINT, /* the point is not believed, or not this version */
	GRADE_FAULT, /* a fault of its own */
	GRADE_ACCEPTED,
};

struct hearing {
	const struct walk *walk;
	struct kv_txn *txn;
	struct arena *arena;
	const struct specimen *specimen; /* NULL: it is not there */
	const char *uri;                 /* where it must be; NULL: anywhere */
	struct keyid issuer;
	bool has_issuer;
	const struct spot *parent; /* a believed point of that key */
	enum grade grade;
	size_t other_count; /* faults that points found in it */
	struct verdict_other others[VERDICT_OTHERS];
	struct verdict *v;
};

static const char *const names[VERDICT_STATES] = {
	[VERDICT_VALID] = "valid",
	[VERDICT_REJECTED] = "rejected",
	[VERDICT_UNLISTED] = "unlisted",
	[VERDICT_UNKNOWN] = "unknown",
};

const char *
verdict_name(enum verdict_state state)
{
	return names[state];
}

/* --- what one point says */

static bool
by_key(const struct hearing *h, const struct spot *spot)
{
	return h->has_issuer &&
	       hash_keyid_equal(&spot->ca->own.ski, &h->issuer);
}

static bool
by_place(const struct hearing *h, const struct spot *spot)
{
	const struct ca_seed *own = &spot->ca->own;

	return h->uri != NULL && (strcmp(own->manifest_uri, h->uri) == 0 ||
				     uri_inside(own->repository_uri, h->uri));
}

/* Where this manifest has the subject; NULL: nowhere. */
static const char *
place_in(const struct hearing *h, const struct roster *roster)
{
	const char *own = roster->spot->ca->own.manifest_uri;

	if (h->specimen == NULL) {
		return NULL;
	}
	if (hash_equal(&roster->hash, &h->specimen->hash) &&
	    (h->uri == NULL || strcmp(h->uri, own) == 0)) {
		return own;
	}
	return roster_lists(roster, &h->specimen->hash, h->uri, h->arena);
}

/* A stale manifest or a stranger that was let in is only mentioned. */
static bool
mentioned(enum fault fault)
{
	return fault == FAULT_MANIFEST_STALE || fault == FAULT_CRL_STALE ||
	       fault == FAULT_OBJECT_UNKNOWN;
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/*
 * Is this finding about the subject? A file that is missing or another is
 * named by its URI, and by the hash of the manifest that wants it; what was
 * used is what was wanted.
 */
static bool
concerns(const struct hearing *h, const struct roster *roster,
    const char *place, bool used, const struct answer_finding *f)
{
	static const struct hash none;

	if (h->specimen != NULL && hash_equal(&f->object, &h->specimen->hash)) {
		return place == NULL || same(f->uri, place);
	}
	return !used && same(f->uri, place) &&
	       (hash_equal(&f->object, &none) ||
		   hash_equal(&f->object, &roster->hash));
}

/* The first finding that rejects: about the subject, or else at all. */
struct complaint {
	struct answer_finding own, first;
};

static void
hear_findings(const struct hearing *h, const struct roster *roster,
    const char *place, bool used, struct complaint *c)
{
	const struct spot *spot = roster->spot;
	struct answer_reader reader;
	struct answer_head head;
	struct answer_item item;

	if (!answer_open(&reader, &head, octets_bytes(&spot->result->answer),
		h->arena)) {
		return;
	}
	while (answer_next(&reader, &item)) {
		const struct answer_finding *f = &item.finding;

		if (item.record != ANSWER_FINDING ||
		    !(fault_rejects(f->fault) || h->walk->policy->strict) ||
		    (used && mentioned(f->fault))) {
			continue;
		}
		if (c->first.fault == FAULT_NONE) {
			c->first = *f;
		}
		if (c->own.fault == FAULT_NONE &&
		    concerns(h, roster, place, used, f)) {
			c->own = *f;
		}
	}
}

/* The walk refused to go on below a certificate that its point accepted. */
static enum fault
refused(const struct hearing *h, const struct spot *spot, const char *place)
{
	for (size_t i = 0; i < h->walk->finding_count; i++) {
		const struct walk_finding *f = &h->walk->findings[i];

		if (f->spot == spot && same(f->uri, place) &&
		    h->specimen != NULL && h->specimen->sort == SPECIMEN_CERT) {
			return f->fault;
		}
	}
	return FAULT_NONE;
}

static void
blame(struct hearing *h, const struct answer_finding *f, bool itself)
{
	h->v->fault = f->fault == FAULT_NONE ? FAULT_STORE_IO : f->fault;
	h->v->fault_uri = itself ? NULL : f->uri;
	h->v->detail = f->detail;
}

/* A point has spoken: take it down if it says more than those before. */
static void
take_down(struct hearing *h, const struct roster *roster, const char *place,
    bool used, const struct complaint *c)
{
	const struct spot *spot = roster->spot;
	enum fault walked = used ? refused(h, spot, place) : FAULT_NONE;
	enum grade grade = c->own.fault != FAULT_NONE || walked != FAULT_NONE
			       ? GRADE_FAULT
			   : used ? GRADE_ACCEPTED
				  : GRADE_POINT;

	if (grade == GRADE_FAULT && h->other_count < VERDICT_OTHERS) {
		h->others[h->other_count++] = (struct verdict_other){ spot,
			walked != FAULT_NONE ? walked : c->own.fault };
	}
	if (grade <= h->grade) {
		return;
	}
	h->grade = grade;
	*h->v = (struct verdict){
		.state = used && grade == GRADE_ACCEPTED ? VERDICT_VALID
							 : VERDICT_REJECTED,
		.uri = place,
		.ca = spot->ca,
		.spot = spot,
		.listed = place != NULL &&
			  (h->specimen != NULL ||
			      c->own.fault == FAULT_MANIFEST_FILE_MISSING),
		.kept = used && spot->state == SPOT_CACHED,
		.roster = *roster,
	};
	if (walked != FAULT_NONE) {
		h->v->fault = walked;
	} else if (grade == GRADE_FAULT) {
		blame(h, &c->own, true);
	} else if (grade == GRADE_POINT) {
		blame(h, &c->first, false);
	}
}

static void
hear(struct hearing *h, const struct spot *spot)
{
	struct roster used, shown;
	struct complaint c = { .own.fault = FAULT_NONE };
	bool has = roster_find(&used, h->txn, spot, ROSTER_USED, h->arena);
	const char *place = has ? place_in(h, &used) : NULL;

	if (has && place != NULL) {
		hear_findings(h, &used, place, true, &c);
		take_down(h, &used, place, true, &c);
		return;
	}
	if (has && by_key(h, spot)) {
		h->parent = spot;
	}
	(void)roster_find(&shown, h->txn, spot, ROSTER_SHOWN, h->arena);
	place = place_in(h, &shown);
	hear_findings(h, &shown, place != NULL ? place : h->uri, false, &c);
	if (place != NULL || c.own.fault != FAULT_NONE ||
	    (!has && (by_key(h, spot) || !shown.open))) {
		take_down(h, &shown, place != NULL ? place : h->uri, false, &c);
	}
}

/* --- what stands at the top */

/* May the anchor's certificate be at this place? */
static bool
anchor_place(const struct walk_anchor *a, const char *uri)
{
	for (size_t i = 0; i < a->tal.count; i++) {
		if (same(a->tal.uris[i], uri)) {
			return true;
		}
	}
	return uri == NULL || (a->root != NULL && same(a->root->own.uri, uri));
}

/* The anchor of this key that uses this very certificate, or else any. */
static const struct walk_anchor *
find_anchor(const struct walk *walk, const struct specimen *s, const char *uri)
{
	struct bytes key = s->sort == SPECIMEN_TAL ? s->tal.spki : s->cert.spki;
	const struct walk_anchor *any = NULL;

	for (size_t i = 0; s->fault == FAULT_NONE && i < walk->anchor_count;
	     i++) {
		const struct walk_anchor *a = &walk->anchors[i];

		if (!bytes_equal(key, a->tal.spki) || !anchor_place(a, uri)) {
			continue;
		}
		if (a->root != NULL &&
		    (s->sort == SPECIMEN_TAL ||
			hash_equal(&a->root->own.certificate, &s->hash))) {
			return a;
		}
		any = a;
	}
	return any;
}

static bool
judge_anchor(struct hearing *h)
{
	const struct specimen *s = h->specimen;
	const struct walk_anchor *a = find_anchor(h->walk, s, h->uri);
	struct verdict *v = h->v;

	if (a == NULL) {
		return false;
	}
	if (a->root == NULL) {
		v->state = VERDICT_REJECTED;
		v->fault = a->fault;
		v->fault_uri = a->tal.uris[0];
	} else if (s->sort == SPECIMEN_TAL ||
		   hash_equal(&a->root->own.certificate, &s->hash)) {
		v->state = VERDICT_VALID;
		v->ca = a->root;
		v->itself = true;
		v->uri = a->root->own.uri;
	} else {
		/* Of the same key, but not the one in use. */
		v->state = VERDICT_UNLISTED;
	}
	return true;
}

/* --- what no point knows */

static void
judge_by_parent(struct hearing *h)
{
	struct verdict *v = h->v;
	const struct specimen *s = h->specimen;

	*v = (struct verdict){ .ca = h->parent->ca, .spot = h->parent };
	(void)roster_find(&v->roster, h->txn, h->parent, ROSTER_USED, h->arena);
	v->kept = h->parent->state == SPOT_CACHED;
	v->fault = s->fault != FAULT_NONE
		       ? s->fault
		       : vouch_for(h->walk, &v->roster, s, h->arena);
	v->state = v->fault != FAULT_NONE ? VERDICT_REJECTED
		   : s->sort == SPECIMEN_SIGNED && s->kind == KIND_RSC
		       ? VERDICT_VALID
		       : VERDICT_UNLISTED;
}

static void judge(struct hearing *h, unsigned up);

/* No point has its issuer's key: what of the certificate that it names? */
static void
judge_by_issuer(struct hearing *h, unsigned up)
{
	const struct cert *cert = specimen_cert(h->specimen);
	struct specimen issuer;
	struct verdict above = { .state = VERDICT_UNKNOWN };
	struct hearing higher = *h;
	struct hash hash;
	struct bytes octets;

	if (up == 0 || cert == NULL || cert->issuer_uri == NULL ||
	    !catalogue_find(h->walk, h->txn, cert->issuer_uri, &hash,
		&octets) ||
	    octets.len == 0 || hash_equal(&hash, &h->specimen->hash)) {
		return;
	}
	specimen_read(&issuer, cert->issuer_uri, cert->issuer_uri, octets,
	    h->arena);
	if (issuer.sort != SPECIMEN_CERT ||
	    !hash_keyid_equal(&issuer.cert.ski, &h->issuer)) {
		return;
	}
	higher.specimen = &issuer;
	higher.uri = cert->issuer_uri;
	higher.v = &above;
	judge(&higher, up - 1);
	if (above.state == VERDICT_REJECTED) {
		*h->v = above;
		h->v->uri = h->uri;
		h->v->listed = false;
		h->v->fault_uri = above.fault_uri != NULL ? above.fault_uri
							  : cert->issuer_uri;
	}
}

static bool
anchors_matter(const struct specimen *s)
{
	return s->sort == SPECIMEN_TAL ||
	       (s->sort == SPECIMEN_CERT && s->cert.kind == CERT_TA);
}

/* Faults elsewhere than where the verdict comes from. */
static void
keep_others(struct hearing *h)
{
	struct verdict *v = h->v;

	for (size_t i = 0; i < h->other_count; i++) {
		if (h->others[i].spot != v->spot) {
			v->others[v->other_count++] = h->others[i];
		}
	}
}

static void
judge(struct hearing *h, unsigned up)
{
	const struct specimen *s = h->specimen;

	*h->v = (struct verdict){ .state = VERDICT_UNKNOWN, .uri = h->uri };
	h->grade = GRADE_NOTHING;
	h->other_count = 0;
	h->parent = NULL;
	h->has_issuer = s != NULL && specimen_issuer(s, &h->issuer);
	if (s != NULL && anchors_matter(s) && judge_anchor(h)) {
		return;
	}
	for (size_t i = 0; i < h->walk->spot_count; i++) {
		const struct spot *spot = h->walk->spots[i];

		if (spot->result != NULL &&
		    (by_key(h, spot) || by_place(h, spot))) {
			hear(h, spot);
		}
	}
	if (h->grade == GRADE_NOTHING && s != NULL && h->parent != NULL) {
		judge_by_parent(h);
	} else if (h->grade == GRADE_NOTHING && s != NULL) {
		judge_by_issuer(h, up);
	}
	keep_others(h);
}

void
verdict_of(struct verdict *v, const struct walk *walk, struct kv_txn *txn,
    const struct specimen *specimen, const char *uri, struct arena *arena)
{
	struct hearing h = { .walk = walk,
		.txn = txn,
		.arena = arena,
		.specimen = specimen,
		.uri = uri,
		.v = v };

	judge(&h, MAX_UP);
	/* Of what is not judged where it is listed, its own faults count. */
	if (v->state != VERDICT_REJECTED && specimen->fault != FAULT_NONE &&
	    !(v->state == VERDICT_VALID &&
		specimen->fault == FAULT_OBJECT_UNKNOWN)) {
		v->state = VERDICT_REJECTED;
		v->fault = specimen->fault;
	}
}

void
verdict_of_absent(struct verdict *v, const struct walk *walk,
    struct kv_txn *txn, const char *uri, struct arena *arena)
{
	struct hearing h = { .walk = walk,
		.txn = txn,
		.arena = arena,
		.uri = uri,
		.v = v };

	judge(&h, MAX_UP);
}
