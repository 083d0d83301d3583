/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tak - RFC 9691 section 2, read in the order it is written there.
 *
 *   TAK    { version [0] DEFAULT 0, current, predecessor [0] OPTIONAL,
 *            successor [1] OPTIONAL }
 *   TAKey  { comments, certificateURIs, subjectPublicKeyInfo }
 *
 * [0] stands for two things; what comes before the first key is the version.
 */
#include "object/tak.h"

#include "base/limits.h"
#include "base/uri.h"
#include "object/der.h"
#include "object/spki.h"

/* A comment becomes a line of a TAL, so it must not break lines. */
static bool
comment_fine(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < 0x20 || text.at[i] == 0x7f) {
			return false;
		}
	}
	return true;
}

static void
read_comments(struct der *d, struct tak_key *key, struct arena *arena)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	size_t n = der_count(list);
	struct bytes *comments;

	if (!der_fine(&list) || n == 0) {
		return;
	}
	comments = arena_zero(arena, n, sizeof(*comments));
	while (der_more(&list)) {
		struct bytes text = der_string(&list, DER_UTF8_STRING);

		if (der_fine(&list) && !comment_fine(text)) {
			der_fail(&list, FAULT_TAK_COMMENT);
		}
		comments[key->comment_count++] = text;
	}
	key->comments = comments;
}

static void
read_uris(struct der *d, struct tak_key *key, struct arena *arena)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	size_t n = der_count(list);

	if (n == 0 || n > LIMIT_TAK_URIS) {
		der_fail(&list, FAULT_TAK_URI);
		return;
	}
	key->uris = arena_zero(arena, n, sizeof(*key->uris));
	while (der_more(&list)) {
		struct bytes text = der_string(&list, DER_IA5_STRING);
		struct uri uri = { 0 };

		if (der_fine(&list)) {
			enum fault fault = uri_read(&uri, text, arena);

			if (fault == FAULT_NONE && uri.directory) {
				fault = FAULT_TAK_URI;
			}
			if (fault != FAULT_NONE) {
				der_fail(&list, fault);
			}
		}
		key->uris[key->uri_count++] = uri.text;
	}
}

static void
read_key(struct der *d, struct tak_key *key, struct arena *arena)
{
	struct der seq = der_enter(d, DER_SEQUENCE);

	read_comments(&seq, key, arena);
	read_uris(&seq, key, arena);
	key->spki = der_whole(&seq, DER_SEQUENCE);
	if (der_fine(&seq) && !spki_is_rsa(key->spki, NULL)) {
		der_fail(&seq, FAULT_TAK_KEY);
	}
	der_close(&seq);
}

static bool
read_other(struct der *d, uint8_t tag, struct tak_key *key, struct arena *arena)
{
	struct der field;

	if (!der_next_is(d, tag)) {
		return false;
	}
	field = der_enter(d, tag);
	read_key(&field, key, arena);
	der_close(&field);
	return true;
}

enum fault
tak_decode(struct tak *tak, struct bytes content, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(content, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);

	*tak = (struct tak){ 0 };
	der_version_zero(&seq, FAULT_TAK_VERSION);
	read_key(&seq, &tak->current, arena);
	tak->has_predecessor =
	    read_other(&seq, DER_CONTEXT_0, &tak->predecessor, arena);
	tak->has_successor =
	    read_other(&seq, DER_CONTEXT_1, &tak->successor, arena);
	der_close(&seq);
	der_close(&top);
	return fault;
}

enum fault
tak_covered(const struct tak *tak, const struct cert *ee)
{
	(void)tak;
	return resources_all_inherit(&ee->resources) ? FAULT_NONE
						     : FAULT_TAK_EE;
}

enum fault
tak_matches(const struct tak *tak, struct bytes spki)
{
	return bytes_equal(tak->current.spki, spki) ? FAULT_NONE
						    : FAULT_TAK_MISMATCH;
}
