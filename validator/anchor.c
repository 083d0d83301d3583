/* SPDX-License-Identifier: BSD-2-Clause */
/* anchor - see anchor.h. */
#include "validator/anchor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/inject.h"
#include "base/uri.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "fetch/near.h"
#include "fetch/rsync.h"
#include "object/cert.h"
#include "store/meta.h"

static bool
signed_by_itself(const struct cert *cert, struct verifier *verifier)
{
	struct hash digest;
	struct key *key = key_rsa(cert->modulus);
	bool good;

	digest_of(cert->tbs, &digest);
	good =
	    key != NULL && verify_rsa(verifier, key, &digest, cert->signature);
	key_free(key);
	return good;
}

/* Is this certificate the anchor the TAL means, at `now`? */
static enum fault
check_cert(struct cert *cert, const struct tal *tal, struct bytes octets,
    int64_t now, struct verifier *verifier, struct arena *arena)
{
	enum fault fault = cert_decode(cert, CERT_TA, octets, arena);

	if (fault != FAULT_NONE) {
		return fault;
	}
	if (!bytes_equal(cert->spki, tal->spki)) {
		return FAULT_TA_KEY;
	}
	if (now < cert->not_before) {
		return FAULT_CHAIN_PREMATURE;
	}
	if (now > cert->not_after) {
		return FAULT_CHAIN_EXPIRED;
	}
	return signed_by_itself(cert, verifier) ? FAULT_NONE
						: FAULT_TA_SIGNATURE;
}

/* Which of two valid ones stands: later notBefore, then earlier notAfter. */
static bool
prefers(const struct cert *fetched, const struct cert *kept)
{
	if (fetched->not_before != kept->not_before) {
		return fetched->not_before > kept->not_before;
	}
	return fetched->not_after <= kept->not_after;
}

static enum fault
get_https(struct fetcher *self, const struct uri *uri, struct fetcher_result *r)
{
	struct http_answer answer = { .status = -1 };
	struct spool *spool;
	uint8_t part[4096];
	enum fault fault;
	long n;

	if (self->http == NULL || !self->desk->policy->rrdp) {
		return FAULT_TA_FETCH;
	}
	spool = spool_new(store_spool_dir(self->desk->store),
	    self->desk->policy->max_object_size);
	fault = http_get(self->http,
	    &(struct http_request){ .uri = uri->text,
		.into = spool,
		.allow_near = true },
	    &answer);
	r->outcome.status = answer.status;
	r->outcome.octets += answer.octets;
	memcpy(r->outcome.detail, answer.detail, sizeof(r->outcome.detail));
	spool_rewind(spool);
	octets_reset(&r->certificate);
	while (fault == FAULT_NONE &&
	       (n = spool_read(spool, part, sizeof(part))) != 0) {
		if (n < 0) {
			fault = FAULT_SPOOL_IO;
			break;
		}
		octets_add(&r->certificate, part, (size_t)n);
	}
	spool_free(spool);
	return fault;
}

static enum fault
get_rsync(struct fetcher *self, const struct uri *uri, struct fetcher_result *r)
{
	struct rsync_config config;
	struct rsync_answer answer = { .exit_code = -1 };
	const char *dir;
	enum fault fault;

	if (self->desk->launcher == NULL || !self->desk->policy->rsync) {
		return FAULT_TA_FETCH;
	}
	fetcher_rsync(self, &config);
	fault = fetcher_look_up(self, uri, true, &config, r->outcome.detail);
	if (fault != FAULT_NONE) {
		return fault;
	}
	dir = arena_printf(self->arena, "%s/ta-%u",
	    store_rsync_dir(self->desk->store), self->number);
	octets_reset(&r->certificate);
	fault = rsync_file(&config, uri->text, dir, &r->certificate, &answer);
	r->outcome.status = answer.exit_code;
	memcpy(r->outcome.detail, answer.detail, sizeof(r->outcome.detail));
	return fault;
}

/* What an operator asks beyond the rules: with --strict what is odd is wrong,
 * in anchors too. */
static enum fault
check_policy(const struct policy *policy, const struct cert *cert)
{
	if (policy->strict && cert->odd.count > 0) {
		return (enum fault)cert->odd.list[0];
	}
	return resources_blocks(&cert->resources) > policy->max_blocks
		   ? FAULT_RESOURCES_LIMIT
		   : FAULT_NONE;
}

static enum fault
check(struct fetcher *self, const struct tal *tal, struct bytes octets,
    struct cert *cert)
{
	struct hash name;
	enum fault fault;

	digest_of(octets, &name);
	if (self->desk->ward != NULL &&
	    ward_has(self->desk->ward, QUARANTINE_ANCHOR, &name)) {
		return FAULT_QUARANTINED;
	}
	blackbox_hold(self->slot, BLACKBOX_ANCHOR, &name, tal->uris[0]);
	inject_at(tal->uris[0]);
	fault = check_cert(cert, tal, octets, self->desk->now, self->verifier,
	    self->arena);
	blackbox_release(self->slot);
	return fault == FAULT_NONE ? check_policy(self->desk->policy, cert)
				   : fault;
}

/* `kept` is NULL where nothing is. */
static enum fault
get_one(struct fetcher *self, const char *text, struct fetcher_result *r,
    const struct cert *kept, struct cert *cert)
{
	struct uri uri;
	enum fault fault =
	    uri_read(&uri, bytes_of(text, strlen(text)), self->arena);

	r->outcome.detail[0] = '\0';
	if (fault != FAULT_NONE) {
		return fault;
	}
	if (uri_dubious(&uri) && !self->desk->policy->allow_dubious_hosts) {
		return FAULT_REPOSITORY_DUBIOUS;
	}
	fault = uri.scheme == URI_HTTPS ? get_https(self, &uri, r)
					: get_rsync(self, &uri, r);
	if (fault == FAULT_NONE) {
		fault = check(self, r->job.tal,
		    arena_copy(self->arena, octets_bytes(&r->certificate)),
		    cert);
	}
	return fault == FAULT_NONE && kept != NULL && !prefers(cert, kept)
		   ? FAULT_TA_OLDER
		   : fault;
}

/* Did the operator leave us a way to fetch it at all? */
static bool
way_open(const struct fetcher *self, const char *text)
{
	const struct policy *p = self->desk->policy;

	return strncmp(text, "https:", strlen("https:")) == 0
		   ? self->http != NULL && p->rrdp
		   : self->desk->launcher != NULL && p->rsync;
}

static bool
any_way_open(const struct fetcher *self, const struct tal *tal)
{
	for (size_t i = 0; i < tal->count; i++) {
		if (way_open(self, tal->uris[i])) {
			return true;
		}
	}
	return false;
}

/* The first URI that gives a valid certificate, and none that is older than the
 * one kept; its octets are in *r. */
static enum fault
get_any(struct fetcher *self, struct fetcher_result *r, const struct cert *kept,
    struct cert *cert)
{
	const struct tal *tal = r->job.tal;
	bool choosy = any_way_open(self, tal);
	char why[sizeof(r->outcome.detail)] = "";
	enum fault first = FAULT_NONE;

	for (size_t i = 0; i < tal->count; i++) {
		enum fault fault;

		if (choosy && !way_open(self, tal->uris[i])) {
			continue;
		}
		if (r->job.step != NULL) {
			atomic_store(r->job.step, (int)i);
		}
		fault = get_one(self, tal->uris[i], r, kept, cert);
		if (fault == FAULT_NONE || fault == FAULT_TA_OLDER) {
			r->from = tal->uris[i];
		}
		if (fault == FAULT_NONE) {
			return FAULT_NONE;
		}
		log_fault(self->desk->log, LOG_LEVEL_WARN, tal->uris[i], fault,
		    r->outcome.detail);
		if (first == FAULT_NONE || fault == FAULT_TA_OLDER) {
			first = fault;
			memcpy(why, r->outcome.detail, sizeof(why));
		}
	}
	memcpy(r->outcome.detail, why, sizeof(why));
	return first == FAULT_NONE ? FAULT_TA_FETCH : first;
}

static void
keep(struct fetcher *self, const struct hash *spki, struct fetcher_result *r)
{
	struct kv_txn *txn = NULL;
	int rc = kv_write(store_kv(self->desk->store), &txn);

	if (rc == 0) {
		rc = kv_end(txn,
		    meta_ta_put(txn, spki, octets_bytes(&r->certificate)));
	}
	if (rc != 0) {
		log_warn(self->desk->log,
		    "%s: certificate could not be kept: %s", r->from,
		    strerror(-rc));
	}
}

/* The certificate that is kept, or why none can be had. */
static enum fault
recall(struct fetcher *self, const struct hash *spki, const struct tal *tal,
    struct cert *cert)
{
	enum fault fault = FAULT_REPOSITORY_NOT_HELD;
	struct kv_txn *txn = NULL;
	struct bytes octets;

	if (kv_read(store_kv(self->desk->store), &txn) != 0) {
		return fault;
	}
	if (meta_ta_get(txn, spki, &octets) == 0) {
		octets = arena_copy(self->arena, octets);
		fault = check(self, tal, octets, cert);
	}
	kv_abort(txn);
	return fault;
}

static void
take_kept(struct fetcher_result *result, const struct cert *kept)
{
	octets_reset(&result->certificate);
	octets_add_bytes(&result->certificate, kept->der);
	result->kept = true;
}

/*
 * A TAL is the operator's word. Where it leads into a network of one's own, the
 * repositories below it are there too; where it does not, none has to be.
 */
static bool
is_near(struct fetcher *self, const char *text)
{
	const struct policy *p = self->desk->policy;
	struct uri uri;

	/* Whoever reaches all by a proxy may have nobody to ask for names. */
	bool asks = p->rsync || (p->rrdp && p->rrdp_proxies.count == 0);

	return asks && !p->allow_dubious_hosts &&
	       uri_read(&uri, bytes_of(text, strlen(text)), self->arena) ==
		   FAULT_NONE &&
	       near_host(uri.host, (int64_t)p->connect_timeout * 1000, NULL) ==
		   NEAR_YES;
}

void
anchor_recall(const struct fetcher_desk *desk, struct fetcher_result *result)
{
	struct fetcher self = { .desk = desk,
		.verifier = verify_new(),
		.arena = arena_new() };
	struct hash spki;
	struct cert kept;

	digest_of(result->job.tal->spki, &spki);
	result->outcome.fault = recall(&self, &spki, result->job.tal, &kept);
	if (result->outcome.fault == FAULT_NONE) {
		take_kept(result, &kept);
	}
	verify_free(self.verifier);
	arena_free(self.arena);
}

void
anchor_fetch(struct fetcher *self, struct fetcher_result *result)
{
	const struct tal *tal = result->job.tal;
	struct cert fetched, kept;
	struct hash spki;
	enum fault recalled;

	digest_of(tal->spki, &spki);
	recalled = recall(self, &spki, tal, &kept);
	if (!self->desk->policy->update) {
		result->outcome.fault = recalled;
		if (recalled == FAULT_NONE) {
			take_kept(result, &kept);
		} else {
			log_fault(self->desk->log, LOG_LEVEL_WARN, tal->uris[0],
			    recalled, NULL);
		}
		return;
	}
	result->outcome.fault = get_any(self, result,
	    recalled == FAULT_NONE ? &kept : NULL, &fetched);
	result->near =
	    is_near(self, result->from != NULL ? result->from : tal->uris[0]);
	if (result->outcome.fault == FAULT_NONE) {
		if (recalled != FAULT_NONE ||
		    !bytes_equal(fetched.der, kept.der)) {
			keep(self, &spki, result);
		}
		return;
	}
	octets_reset(&result->certificate);
	if (recalled == FAULT_NONE) {
		take_kept(result, &kept);
	}
}
