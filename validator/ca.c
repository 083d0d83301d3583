/* SPDX-License-Identifier: BSD-2-Clause */
/* ca - see ca.h. */
#include "validator/ca.h"

#include "crypto/digest.h"

struct ca_seed
ca_seed_of(const struct cert *cert, const char *uri, int64_t stale)
{
	struct ca_seed seed = {
		.uri = uri,
		.ski = cert->ski,
		.subject = cert->subject,
		.spki = cert->spki,
		.modulus = cert->modulus,
		.resources = cert->resources,
		.repository_uri = cert->repository_uri,
		.manifest_uri = cert->manifest_uri,
		.notify_uri = cert->notify_uri,
		.apart = cert->apart,
		.not_before = cert->not_before,
		.not_after = cert->not_after,
		.stale = stale,
	};

	digest_of(cert->der, &seed.certificate);
	return seed;
}

void
ca_seed_encode(struct octets *out, const struct ca_seed *seed)
{
	struct octets set = { 0 };

	octets_add(out, seed->certificate.at, HASH_SIZE);
	octets_text(out, seed->uri);
	octets_add(out, seed->ski.at, KEYID_SIZE);
	octets_run(out, seed->subject);
	octets_run(out, seed->spki);
	octets_u32(out, (uint32_t)(seed->modulus.at - seed->spki.at));
	octets_u32(out, (uint32_t)seed->modulus.len);
	resources_encode(&set, &seed->resources);
	octets_run(out, octets_bytes(&set));
	octets_clear(&set);
	octets_text(out, seed->repository_uri);
	octets_text(out, seed->manifest_uri);
	octets_text(out, seed->notify_uri);
	octets_u8(out, seed->apart);
	octets_u64(out, (uint64_t)seed->not_before);
	octets_u64(out, (uint64_t)seed->not_after);
	octets_u64(out, (uint64_t)seed->stale);
}

bool
ca_seed_decode(struct ca_seed *seed, struct cursor *in, struct arena *arena)
{
	uint32_t offset, len;

	*seed = (struct ca_seed){ 0 };
	cursor_copy(in, seed->certificate.at, HASH_SIZE);
	seed->uri = cursor_text(in, arena);
	cursor_copy(in, seed->ski.at, KEYID_SIZE);
	seed->subject = arena_copy(arena, cursor_run(in));
	seed->spki = arena_copy(arena, cursor_run(in));
	offset = cursor_u32(in);
	len = cursor_u32(in);
	if (offset > seed->spki.len || len > seed->spki.len - offset) {
		cursor_fail(in);
		return false;
	}
	seed->modulus = bytes_of(seed->spki.at + offset, len);
	if (!resources_decode(&seed->resources, cursor_run(in), arena)) {
		cursor_fail(in);
	}
	seed->repository_uri = cursor_text(in, arena);
	seed->manifest_uri = cursor_text(in, arena);
	seed->notify_uri = cursor_text(in, arena);
	seed->apart = cursor_u8(in) != 0;
	seed->not_before = (int64_t)cursor_u64(in);
	seed->not_after = (int64_t)cursor_u64(in);
	seed->stale = (int64_t)cursor_u64(in);
	return !in->bad && seed->uri != NULL && seed->repository_uri != NULL &&
	       seed->manifest_uri != NULL;
}

static void
pass_text(struct cursor *in)
{
	uint32_t len = cursor_u32(in);

	(void)cursor_take(in, len == UINT32_MAX ? 0 : len);
}

void
ca_seed_pass(struct cursor *in)
{
	(void)cursor_take(in, HASH_SIZE);
	pass_text(in); /* where it is published */
	(void)cursor_take(in, KEYID_SIZE);
	(void)cursor_run(in); /* subject */
	(void)cursor_run(in); /* key */
	(void)cursor_take(in, 2 * 4);
	(void)cursor_run(in); /* resources */
	pass_text(in);
	pass_text(in);
	pass_text(in);
	(void)cursor_take(in, 1 + 3 * 8);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* One digest a kind; what is inherited was digested before. */
static void
digest_sets(struct ca *ca)
{
	const struct resources parts[CA_SETS] = {
		{ .v4 = ca->resources.v4 },
		{ .v6 = ca->resources.v6 },
		{ .as = ca->resources.as },
	};
	const struct resources *own = &ca->own.resources;
	const bool heir[CA_SETS] = { own->v4.choice == RESOURCE_INHERIT,
		own->v6.choice == RESOURCE_INHERIT,
		own->as.choice == RESOURCE_INHERIT };
	struct octets o = { 0 };

	for (unsigned i = 0; i < CA_SETS; i++) {
		if (heir[i] && ca->issuer != NULL) {
			ca->sets[i] = ca->issuer->sets[i];
			continue;
		}
		octets_reset(&o);
		resources_encode(&o, &parts[i]);
		digest_of(octets_bytes(&o), &ca->sets[i]);
	}
	octets_clear(&o);
	digest_of(bytes_of(ca->sets, sizeof(ca->sets)), &ca->holds);
}

const struct ca *
ca_new(const struct ca *issuer, uint16_t ta, const struct ca_seed *seed,
    struct arena *arena)
{
	struct ca *ca = arena_zero(arena, 1, sizeof(*ca));

	ca->issuer = issuer;
	ca->ta = ta;
	ca->own = *seed;
	ca->resources = seed->resources;
	ca->not_before = seed->not_before;
	ca->not_after = seed->not_after;
	ca->stale = seed->stale;
	if (issuer != NULL) {
		ca->depth = issuer->depth + 1;
		/* Judged before; what was spoilt since holds nothing. */
		if (resources_effective(&ca->resources, &seed->resources,
			&issuer->resources) != FAULT_NONE) {
			ca->resources = (struct resources){ 0 };
		}
		if (issuer->not_before > ca->not_before) {
			ca->not_before = issuer->not_before;
		}
		ca->not_after = earlier(ca->not_after, issuer->not_after);
		ca->stale = earlier(ca->stale, issuer->stale);
	}
	digest_sets(ca);
	return ca;
}

bool
ca_loops(const struct ca *ca, const struct ca_seed *child)
{
	for (; ca != NULL; ca = ca->issuer) {
		if (hash_keyid_equal(&ca->own.ski, &child->ski) &&
		    strcmp(ca->own.manifest_uri, child->manifest_uri) == 0) {
			return true;
		}
	}
	return false;
}
