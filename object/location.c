/* SPDX-License-Identifier: BSD-2-Clause */
/* location - see location.h. */
#include "object/location.h"

#include <assert.h>
#include <string.h>

#include "base/uri.h"
#include "object/oid.h"

/* The URIs offered for one thing: the good ones, and why others fell. */
struct offer {
	enum uri_scheme scheme;
	const char *texts[LIMIT_CERT_URIS];
	bool directory; /* the first one */
	bool many;      /* there are more */
	unsigned good;
	enum fault fault; /* of the first bad one */
};

static void
consider(struct offer *offer, struct bytes text, struct arena *arena)
{
	struct uri uri;
	enum fault fault = uri_read(&uri, text, arena);

	if (fault == FAULT_NONE && uri.scheme != offer->scheme) {
		fault = FAULT_URI_SCHEME;
	}
	if (fault != FAULT_NONE) {
		if (offer->fault == FAULT_NONE) {
			offer->fault = fault;
		}
		return;
	}
	if (offer->good == 0) {
		offer->directory = uri.directory;
	}
	if (offer->good == LIMIT_CERT_URIS) {
		offer->many = true;
		return;
	}
	offer->texts[offer->good++] = uri.text;
}

/* There must be one, and not too many; without, say what was wrong with those
 * offered. */
static const char *
settle(const struct offer *offer, const struct der *d, enum fault fault)
{
	if (der_fine(d) && offer->good == 0) {
		der_fail(d, offer->fault != FAULT_NONE ? offer->fault : fault);
	}
	if (der_fine(d) && offer->many) {
		der_fail(d, fault);
	}
	return offer->texts[0];
}

/* All that is good in it, to be kept, with NULL at its end. */
static const char *const *
list_of(const struct offer *offer, struct arena *arena)
{
	const char **list =
	    arena_zero(arena, offer->good + 1, sizeof(offer->texts[0]));

	memcpy(list, offer->texts, offer->good * sizeof(offer->texts[0]));
	return list;
}

/* A GeneralName: a URI's octets, none of another form. */
static struct bytes
read_general_name(struct der *d)
{
	static const uint8_t others[] = { 0xa0, 0x81, 0x82, 0xa3, 0xa4, 0xa5,
		0x87, 0x88 };

	if (der_next_is(d, DER_IMPLICIT_6)) {
		return der_string(d, DER_IMPLICIT_6);
	}
	if (der_more(d) && memchr(others, *d->at, sizeof(others)) == NULL) {
		der_fail(d, FAULT_DER_TAG);
	}
	der_skip(d);
	return (struct bytes){ 0 };
}

/* One AccessDescription: its method, and its URI. */
static enum oid
read_description(struct der *list, struct bytes *location)
{
	struct der d = der_enter(list, DER_SEQUENCE);
	struct bytes method = der_oid(&d);

	*location = read_general_name(&d);
	der_close(&d);
	return der_fine(&d) ? oid_of(method) : OID_UNKNOWN;
}

void
location_crl_points(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der points = der_enter(d, DER_SEQUENCE);
	struct der point, name, full;
	struct offer crl = { .scheme = URI_RSYNC };

	if (!der_more(&points)) {
		der_fail(&points, FAULT_CERT_CRLDP);
	}
	point = der_enter(&points, DER_SEQUENCE);
	if (der_fine(&point) &&
	    (der_more(&points) || !der_next_is(&point, DER_CONTEXT_0))) {
		der_fail(&point, FAULT_CERT_CRLDP);
	}
	name = der_enter(&point, DER_CONTEXT_0);
	/* Reasons or cRLIssuer behind it; a name relative to the issuer in it.
	 */
	if (der_more(&point) ||
	    (der_fine(&name) && !der_next_is(&name, DER_CONTEXT_0))) {
		der_fail(&point, FAULT_CERT_CRLDP);
	}
	full = der_enter(&name, DER_CONTEXT_0);
	der_close(&name);
	while (der_more(&full)) {
		if (!der_next_is(&full, DER_IMPLICIT_6)) {
			der_fail(&full, FAULT_CERT_CRLDP);
		}
		consider(&crl, der_string(&full, DER_IMPLICIT_6), arena);
	}
	cert->crl_uri = settle(&crl, d, FAULT_CERT_CRLDP);
	cert->crl_uris = list_of(&crl, arena);
}

void
location_authority(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	struct offer issuer = { .scheme = URI_RSYNC };

	while (der_more(&list)) {
		struct bytes location;
		enum oid method = read_description(&list, &location);

		if (method == OID_AD_CA_ISSUERS && location.at != NULL) {
			consider(&issuer, location, arena);
		}
	}
	cert->issuer_uri = settle(&issuer, d, FAULT_CERT_AIA);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static const char *
as_folder(const char *text, struct arena *arena)
{
	return ends_with(text, "/") ? text : arena_printf(arena, "%s/", text);
}

static void
take_pair(struct cert *cert, const char *repository, const char *manifest,
    struct arena *arena)
{
	if (!ends_with(repository, "/")) {
		fault_note(&cert->odd, FAULT_CERT_SIA_SLASH);
	}
	cert->repository_uri = as_folder(repository, arena);
	cert->manifest_uri = manifest;
	cert->apart = !uri_inside(cert->repository_uri, manifest);
}

/*
 * The first manifest, and the first repository, of which one holds the other.
 * Where none does, it is fetching that fails (RFC 9286 6.1): the CA may have
 * been well before.
 */
static void
settle_places(struct der *d, struct cert *cert, const struct offer *repository,
    const struct offer *manifest, struct arena *arena)
{
	const char *first = NULL, *top = settle(repository, d, FAULT_CERT_SIA);
	const char *folders[LIMIT_CERT_URIS];

	(void)settle(manifest, d, FAULT_CERT_SIA);
	for (unsigned r = 0; r < repository->good; r++) {
		folders[r] = as_folder(repository->texts[r], arena);
	}
	for (unsigned m = 0; m < manifest->good; m++) {
		const char *text = manifest->texts[m];

		if (!ends_with(text, ".mft")) {
			continue;
		}
		first = first != NULL ? first : text;
		for (unsigned r = 0; r < repository->good; r++) {
			if (uri_inside(folders[r], text)) {
				take_pair(cert, repository->texts[r], text,
				    arena);
				return;
			}
		}
	}
	if (der_fine(d) && first == NULL) {
		der_fail(d, FAULT_CERT_SIA_MANIFEST);
	}
	if (der_fine(d)) {
		take_pair(cert, top, first, arena);
	}
}

/* At most one, and that a good one. */
static void
settle_notify(struct der *d, struct cert *cert, const struct offer *notify)
{
	if (notify->good + (notify->fault != FAULT_NONE) > 1) {
		der_fail(d, FAULT_CERT_SIA_NOTIFY);
	} else if (notify->fault != FAULT_NONE) {
		der_fail(d, notify->fault);
	}
	cert->notify_uri = notify->texts[0];
}

static void
read_places_of_ca(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	struct offer repository = { .scheme = URI_RSYNC };
	struct offer manifest = { .scheme = URI_RSYNC };
	struct offer notify = { .scheme = URI_HTTPS };

	while (der_more(&list)) {
		struct bytes location;
		enum oid method = read_description(&list, &location);
		struct offer *offer = method == OID_AD_CA_REPOSITORY
					  ? &repository
				      : method == OID_AD_MANIFEST ? &manifest
				      : method == OID_AD_NOTIFY   ? &notify
								  : NULL;

		if (offer != NULL && der_fine(&list)) {
			consider(offer, location, arena);
		}
	}
	settle_places(d, cert, &repository, &manifest, arena);
	settle_notify(d, cert, &notify);
}

static void
read_places_of_ee(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	struct offer object = { .scheme = URI_RSYNC };

	while (der_more(&list)) {
		struct bytes location;
		enum oid method = read_description(&list, &location);

		if (method == OID_AD_SIGNED_OBJECT) {
			consider(&object, location, arena);
		} else if (method == OID_AD_NOTIFY) {
			fault_note(&cert->odd, FAULT_CERT_SIA_EE_NOTIFY);
		} else {
			der_fail(&list, FAULT_CERT_SIA_METHOD);
		}
	}
	cert->object_uri = settle(&object, d, FAULT_CERT_SIA);
	cert->object_uris = list_of(&object, arena);
	if (der_fine(d) && object.directory) {
		der_fail(d, FAULT_CERT_SIA_OBJECT);
	}
}

void
location_subject(struct der *d, struct cert *cert, struct arena *arena)
{
	if (cert->kind == CERT_EE) {
		read_places_of_ee(d, cert, arena);
	} else {
		read_places_of_ca(d, cert, arena);
	}
}
