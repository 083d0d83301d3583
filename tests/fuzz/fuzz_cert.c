/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a certificate of each kind: what one says of places and
 * resources is as others rely on.
 */
#include <assert.h>

#include "base/text.h"
#include "base/uri.h"
#include "object/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *const fuzz_folders[] = { "cert", NULL };

/* What a URI must name. */
enum shape { ANYTHING, A_FILE, A_FOLDER };

static void
look_at_uri(const char *text, enum shape shape, struct arena *arena)
{
	struct uri uri;

	if (text != NULL) {
		assert(uri_read(&uri, text_bytes(text), arena) == FAULT_NONE);
		assert(text_same(text_bytes(text), uri.text));
		assert(
		    shape == ANYTHING || uri.directory == (shape == A_FOLDER));
	}
}

static void
look(const struct cert *cert, struct arena *arena)
{
	uint32_t asns[LIMIT_ROUTER_ASES];

	assert(cert->signature.len == 256);
	assert(!resources_empty(&cert->resources));
	assert(cert->not_before <= cert->not_after);
	look_at_uri(cert->crl_uri, ANYTHING, arena);
	look_at_uri(cert->issuer_uri, ANYTHING, arena);
	look_at_uri(cert->repository_uri, A_FOLDER, arena);
	look_at_uri(cert->manifest_uri, A_FILE, arena);
	look_at_uri(cert->notify_uri, ANYTHING, arena);
	look_at_uri(cert->object_uri, A_FILE, arena);
	assert(
	    cert->crl_uri == NULL || cert_names(cert->crl_uris, cert->crl_uri));
	if (cert->kind == CERT_ROUTER) {
		assert(cert_router_asns(cert, asns) > 0);
		assert(cert->point.len == 65);
	} else {
		assert(cert->modulus.len == 256);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct arena *arena = arena_new();
	struct cert cert;

	for (unsigned kind = CERT_TA; kind <= CERT_ROUTER; kind++) {
		if (cert_decode(&cert, (enum cert_kind)kind, in, arena) ==
		    FAULT_NONE) {
			look(&cert, arena);
		}
	}
	cert_decode_ee_bare(&cert, in, arena);
	arena_free(arena);
	return 0;
}
