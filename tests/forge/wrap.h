/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wrap - CMS signed objects as RFC 6488 wants them unless edits say otherwise.
 *
 * Names an edit can use: cms cms.type cms.content cms.signed cms.version
 * cms.digests cms.encap cms.etype cms.econtent cms.certificates cms.signers
 * cms.signer cms.sversion cms.sid cms.sdigest cms.attributes cms.attr.type
 * cms.attr.type.value cms.attr.time cms.attr.time.value cms.attr.digest
 * cms.attr.digest.value cms.sigalg cms.signature; the EE certificate's names
 * with "ee." before them; and the content's own.
 */
#pragma once

#include "tests/forge/paper.h"

struct wrap {
	const char *type;     /* eContentType */
	struct bytes content; /* eContent */
	const struct paper *ee;
	int64_t signed_at;
};

void wrap_object(struct ink *k, const struct wrap *wrap);
