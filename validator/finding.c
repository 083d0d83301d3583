/* SPDX-License-Identifier: BSD-2-Clause */
/* finding - see finding.h. */
#include "validator/finding.h"

#include "base/text.h"

/* For people one line, as in the log. */
static void
say_fault(struct sheet *s, const char *label, enum fault fault)
{
	struct octets line = { 0 };

	octets_printf(&line, "%s (%s) %s", fault_label(fault),
	    fault_source(fault), fault_text(fault));
	sheet_text(s, NULL, label, octets_bytes(&line));
	octets_clear(&line);
}

static void
members_of_fault(struct sheet *s, enum fault fault)
{
	sheet_word(s, "label", NULL, fault_label(fault));
	sheet_word(s, "source", NULL, fault_source(fault));
	sheet_word(s, "text", NULL, fault_text(fault));
}

void
finding_notes(const struct specimen *specimen, struct sheet *s)
{
	size_t count = 0;

	for (size_t n = 0; n < SPECIMEN_ODDS; n++) {
		count += specimen_odd(specimen, n)->count;
	}
	if (count == 0) {
		return;
	}
	sheet_list(s, "notes", "Let pass");
	for (size_t n = 0; n < SPECIMEN_ODDS; n++) {
		const struct oddities *odd = specimen_odd(specimen, n);

		for (unsigned i = 0; i < odd->count; i++) {
			if (s->form == SHEET_TEXT) {
				say_fault(s, NULL, (enum fault)odd->list[i]);
				continue;
			}
			sheet_row(s);
			members_of_fault(s, (enum fault)odd->list[i]);
			sheet_row_end(s);
		}
	}
	sheet_list_end(s);
}

static const char *
reason_unlisted(const struct verdict *v)
{
	return v->spot != NULL
		   ? "its CA vouches for it, but the manifest does not list it"
		   : "of a trust anchor's key, but not the certificate in use";
}

static const char *
reason_unknown(const struct specimen *specimen)
{
	switch (specimen->sort) {
	case SPECIMEN_CERT:
	case SPECIMEN_CRL:
	case SPECIMEN_SIGNED:
		return "no CA that validates from the cache issued it";
	case SPECIMEN_TAL:
		return "none of the trust anchors in use";
	case SPECIMEN_RRDP:
		return "RRDP documents are not signed; this one is well-formed";
	case SPECIMEN_STRANGE:
	case SPECIMEN_SORTS:
		break;
	}
	return "nothing that the RPKI knows";
}

const char *
finding_reason(const struct verdict *v, const struct specimen *specimen)
{
	switch (v->state) {
	case VERDICT_VALID:
		if (v->kept) {
			return "by the last good version of its manifest";
		}
		return v->spot != NULL && !v->listed
			   ? "its CA vouches for it; no manifest need list it"
			   : NULL;
	case VERDICT_REJECTED:
		return v->fault_uri == NULL ? NULL
		       : v->listed ? "the publication point is rejected"
				   : "what it depends on is rejected";
	case VERDICT_UNLISTED:
		return reason_unlisted(v);
	case VERDICT_UNKNOWN:
		return reason_unknown(specimen);
	case VERDICT_STATES:
		break;
	}
	return NULL;
}

static void
show_rejection(const struct verdict *v, struct sheet *s)
{
	if (v->fault == FAULT_NONE) {
		return;
	}
	if (s->form == SHEET_TEXT) {
		say_fault(s, "Fault", v->fault);
	} else {
		sheet_group(s, "fault", NULL);
		members_of_fault(s, v->fault);
	}
	if (v->fault_uri != NULL) {
		sheet_text(s, "uri", "Found at", text_bytes(v->fault_uri));
	}
	if (v->detail != NULL) {
		sheet_text(s, "detail", "Detail", text_bytes(v->detail));
	}
	if (s->form == SHEET_JSON) {
		sheet_group_end(s);
	}
}

/* From the top: recursion is bounded by the depth of the walk. */
static void
show_above(const struct ca *ca, struct sheet *s)
{
	if (ca == NULL) {
		return;
	}
	show_above(ca->issuer, s);
	sheet_row(s);
	sheet_text(s, "uri", NULL, text_bytes(ca->own.uri));
	if (s->form == SHEET_JSON) {
		sheet_hash(s, "sha256", NULL, &ca->own.certificate);
		sheet_keyid(s, "ski", NULL, &ca->own.ski);
		sheet_text(s, "manifest", NULL,
		    text_bytes(ca->own.manifest_uri));
	}
	sheet_row_end(s);
}

static void
show_chain(const struct verdict *v, const struct walk *walk, struct sheet *s)
{
	if (v->ca == NULL) {
		return;
	}
	sheet_text(s, "ta", "Trust anchor",
	    text_bytes(walk->anchors[v->ca->ta].name));
	sheet_list(s, "chain", "Chain");
	show_above(v->ca, s);
	if (!v->itself && v->uri != NULL) {
		sheet_row(s);
		sheet_text(s, "uri", NULL, text_bytes(v->uri));
		sheet_row_end(s);
	}
	sheet_list_end(s);
}

static void
show_others(const struct verdict *v, const struct walk *walk, struct sheet *s)
{
	if (v->other_count == 0) {
		return;
	}
	sheet_list(s, "elsewhere", "Elsewhere");
	for (size_t i = 0; i < v->other_count; i++) {
		const struct ca *ca = v->others[i].spot->ca;

		sheet_row(s);
		sheet_word(s, "label", NULL, fault_label(v->others[i].fault));
		sheet_text(s, "manifest", "below",
		    text_bytes(ca->own.manifest_uri));
		sheet_text(s, "ta", "of",
		    text_bytes(walk->anchors[ca->ta].name));
		sheet_row_end(s);
	}
	sheet_list_end(s);
}

static void
show_manifest(const struct verdict *v, struct sheet *s)
{
	const struct manifest *m = &v->roster.content.manifest;

	sheet_group(s, "manifest", "Manifest");
	sheet_text(s, "uri", "URI", text_bytes(v->spot->ca->own.manifest_uri));
	sheet_flag(s, "lists", "Lists this", v->listed);
	sheet_flag(s, "last_good", "Last good version", v->kept);
	if (v->roster.open) {
		sheet_hash(s, "sha256", "SHA-256", &v->roster.hash);
		sheet_serial(s, "number", "Number",
		    bytes_of(m->number, sizeof(m->number)));
		sheet_time(s, "this_update", "This update", m->this_update);
		sheet_time(s, "next_update", "Next update", m->next_update);
	}
	sheet_group_end(s);
}

static void
show_crl(const struct verdict *v, const struct specimen *specimen,
    struct sheet *s)
{
	const struct crl *crl = &v->roster.crl;
	const struct cert *cert =
	    specimen == NULL ? NULL : specimen_cert(specimen);

	if (!v->roster.crl_open) {
		return;
	}
	sheet_group(s, "crl", "CRL");
	sheet_text(s, "uri", "URI", text_bytes(v->roster.crl_uri));
	sheet_serial(s, "number", "Number",
	    bytes_of(crl->number, sizeof(crl->number)));
	sheet_time(s, "this_update", "This update", crl->this_update);
	sheet_time(s, "next_update", "Next update", crl->next_update);
	if (cert != NULL) {
		sheet_flag(s, "revokes", "Revokes this",
		    crl_revokes(crl, cert->serial));
	}
	sheet_group_end(s);
}

/* How long ago, in whole units, the largest that fits. */
static void
show_age(struct sheet *s, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "days" }, { 3600, "hours" }, { 60, "minutes" },
		{ 1, "seconds" } };
	struct octets text = { 0 };
	size_t i = 0;

	seconds = seconds < 0 ? 0 : seconds;
	if (s->form == SHEET_JSON) {
		sheet_number(s, "age", "Age", (uint64_t)seconds);
		return;
	}
	while (i < 3 && seconds < 2 * units[i].seconds) {
		i++;
	}
	octets_printf(&text, "%lld %s", (long long)(seconds / units[i].seconds),
	    units[i].name);
	sheet_text(s, "age", "Age", octets_bytes(&text));
	octets_clear(&text);
}

void
finding_repository(const struct repository *row, int64_t now, struct sheet *s)
{
	sheet_group(s, "repository", "Repository");
	sheet_text(s, "uri", "URI", text_bytes(row->uri));
	if (row->session != NULL) {
		sheet_text(s, "session", "RRDP session",
		    text_bytes(row->session));
		sheet_number(s, "serial", "RRDP serial", row->serial);
	}
	if (row->last_success != 0) {
		sheet_time(s, "last_success", "Last fetched",
		    row->last_success);
		show_age(s, now - row->last_success);
	} else {
		sheet_word(s, "state", "Last fetched", "never");
	}
	if (row->failures != 0) {
		sheet_number(s, "failures", "Failures in a row", row->failures);
		sheet_time(s, "last_attempt", "Last attempt",
		    row->last_attempt);
		if (row->trouble != NULL) {
			sheet_text(s, "trouble", "Because of",
			    text_bytes(row->trouble));
		}
	}
	sheet_group_end(s);
}

static void
show_repository(const struct finding *f, struct sheet *s)
{
	const struct spot *spot = f->verdict->spot;
	struct repository row;

	if (spot->repo != NULL && repository_get(f->txn, spot->repo->report.uri,
				      &row, f->arena) == 0) {
		finding_repository(&row, f->now, s);
	}
}

void
finding_show(const struct finding *f, struct sheet *s)
{
	show_rejection(f->verdict, s);
	if (f->walk == NULL) {
		return;
	}
	show_chain(f->verdict, f->walk, s);
	show_others(f->verdict, f->walk, s);
	if (f->verdict->spot != NULL) {
		show_manifest(f->verdict, s);
		show_crl(f->verdict, f->specimen, s);
		show_repository(f, s);
	}
}
