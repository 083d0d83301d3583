/* SPDX-License-Identifier: BSD-2-Clause */
/* examine - see examine.h. */
#include "validator/examine.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "store/lastgood.h"
#include "store/mirror.h"
#include "store/objects.h"

/* What was asked for, once found. */
struct subject {
	const char *uri; /* NULL: only octets are known */
	struct hash hash;
	struct bytes octets;
};

/* What the walk says of it. */
struct verdict {
	bool listed;      /* by a manifest that was believed */
	enum fault fault; /* first that rejects; FAULT_NONE */
	const char *by;   /* manifest URI of the CA that lists it */
	const char *ta;
	char uri[LIMIT_URI + 1];
};

static void
render(struct talk *talk, const struct wire_inspect *wanted,
    struct bytes octets, struct arena *arena)
{
	struct octets out = { 0 };
	struct hash hash;
	char hex[HASH_TEXT];

	(void)arena;
	digest_of(octets, &hash);
	hash_text(&hash, hex);
	if (wanted->form == WIRE_INSPECT_TEXT) {
		octets_printf(&out, "SHA-256:         %s\n", hex);
	}
	talk_text(talk, octets_bytes(&out));
	octets_clear(&out);
}

void
examine_show(const struct wire_inspect *wanted, struct talk *talk,
    struct arena *arena)
{
	if (wanted->octets.len > 0) {
		render(talk, wanted, wanted->octets, arena);
	}
}

static void
tell(struct talk *talk, const struct wire_inspect *wanted, const char *state,
    const struct verdict *v)
{
	struct octets out = { 0 };
	bool fault = v != NULL && v->fault != FAULT_NONE;

	if (wanted->form == WIRE_INSPECT_JSON) {
		octets_printf(&out, "{ \"validation\": \"%s\"", state);
		if (fault) {
			octets_printf(&out,
			    ", \"fault\": \"%s\", \"source\": \"%s\", "
			    "\"text\": \"%s\"",
			    fault_label(v->fault), fault_source(v->fault),
			    fault_text(v->fault));
		}
		if (v != NULL && v->by != NULL) {
			octets_printf(&out, ", \"manifest\": \"");
			text_json(&out, bytes_of(v->by, strlen(v->by)));
			octets_printf(&out, "\", \"ta\": \"");
			text_json(&out, bytes_of(v->ta, strlen(v->ta)));
			octets_printf(&out, "\"");
		}
		octets_printf(&out, " }\n");
	} else {
		octets_printf(&out, "Validation:      %s\n", state);
		if (fault) {
			octets_printf(&out, "Fault:           %s (%s) %s\n",
			    fault_label(v->fault), fault_source(v->fault),
			    fault_text(v->fault));
		}
		if (v != NULL && v->by != NULL) {
			octets_printf(&out,
			    "Listed by:       %s\nTrust anchor:    %s\n", v->by,
			    v->ta);
		}
	}
	talk_text(talk, octets_bytes(&out));
	octets_clear(&out);
}

int
examine_alone(const struct wire_inspect *wanted, struct talk *talk,
    struct arena *arena)
{
	(void)arena;
	tell(talk, wanted, "unknown: there is no cache to validate by", NULL);
	return 1;
}

static bool
find_by_uri(const struct walk *walk, struct kv_txn *txn,
    struct subject *subject)
{
	for (size_t i = 0; i < walk->repo_count; i++) {
		if (walk->repos[i]->mirror != 0 &&
		    mirror_find(txn, walk->repos[i]->mirror, subject->uri,
			&subject->hash) == 0 &&
		    objects_get(txn, &subject->hash, &subject->octets) == 0) {
			return true;
		}
	}
	return false;
}

static bool
lists(const struct walk *walk, struct kv_txn *txn, const struct spot *spot,
    const struct hash *hash)
{
	const struct ca_seed *own = &spot->ca->own;
	struct lastgood row;

	if (spot->state == SPOT_REJECTED || spot->result == NULL) {
		return false;
	}
	if (hash_equal(&spot->result->head.manifest, hash)) {
		return true;
	}
	if (lastgood_get(txn, &own->ski, own->manifest_uri, &row,
		walk->scratch) != 0) {
		return false;
	}
	for (size_t i = 0; i < row.file_count; i++) {
		if (hash_equal(&row.files[i], hash)) {
			return true;
		}
	}
	return false;
}

static bool
zero(const struct hash *hash)
{
	static const struct hash none;

	return hash_equal(hash, &none);
}

static void
look_for_faults(const struct walk *walk, const struct spot *spot,
    const struct subject *subject, struct verdict *v)
{
	struct answer_reader reader;
	struct answer_head head;
	struct answer_item item;

	if (spot->result == NULL ||
	    !answer_open(&reader, &head, octets_bytes(&spot->result->answer),
		walk->scratch)) {
		return;
	}
	while (answer_next(&reader, &item)) {
		const struct answer_finding *f = &item.finding;

		if (item.record != ANSWER_FINDING ||
		    !(fault_rejects(f->fault) || walk->policy->strict) ||
		    (zero(&f->object) ||
			!hash_equal(&f->object, &subject->hash))) {
			continue;
		}
		v->fault = f->fault;
		v->by = spot->ca->own.manifest_uri;
		v->ta = walk->anchors[spot->ca->ta].name;
	}
}

static void
judge_subject(const struct walk *walk, struct kv_txn *txn,
    const struct subject *subject, struct verdict *v)
{
	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct spot *spot = walk->spots[i];

		look_for_faults(walk, spot, subject, v);
		if (hash_equal(&spot->ca->own.certificate, &subject->hash)) {
			v->listed = true;
			v->by = spot->ca->own.manifest_uri;
			v->ta = walk->anchors[spot->ca->ta].name;
		}
		if (lists(walk, txn, spot, &subject->hash)) {
			v->listed = true;
			v->by = spot->ca->own.manifest_uri;
			v->ta = walk->anchors[spot->ca->ta].name;
		}
	}
}

static int
answer_in_txn(const struct walk *walk, struct kv_txn *txn,
    const struct wire_inspect *wanted, struct talk *talk)
{
	struct subject subject = { .uri = wanted->name,
		.octets = wanted->octets };
	struct verdict v = { 0 };

	if (wanted->octets.len > 0) {
		digest_of(wanted->octets, &subject.hash);
	} else if (find_by_uri(walk, txn, &subject)) {
		render(talk, wanted, subject.octets, walk->scratch);
	} else {
		tell(talk, wanted, "not in the cache", NULL);
		return 1;
	}
	judge_subject(walk, txn, &subject, &v);
	if (v.listed && v.fault == FAULT_NONE) {
		tell(talk, wanted, "valid", &v);
		return 0;
	}
	tell(talk, wanted,
	    v.fault != FAULT_NONE ? "rejected"
				  : "not listed by any believed manifest",
	    &v);
	return 1;
}

int
examine_answer(const struct walk *walk, const struct wire_inspect *wanted,
    struct talk *talk)
{
	struct kv_txn *txn = NULL;
	int rc = kv_read(store_kv(walk->store), &txn);

	if (rc != 0) {
		tell(talk, wanted, "unknown: the cache cannot be read", NULL);
		return 1;
	}
	rc = answer_in_txn(walk, txn, wanted, talk);
	kv_abort(txn);
	return rc;
}
