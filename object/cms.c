/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cms - RFC 6488 section 2 as RFC 9589 changed it, from the outside inwards.
 *
 *   ContentInfo  { contentType, content [0] }
 *   SignedData   { version, digestAlgorithms, encapContentInfo,
 *                  certificates [0] IMPLICIT, signerInfos }
 *   SignerInfo   { version, sid [0] IMPLICIT, digestAlgorithm,
 *                  signedAttrs [0] IMPLICIT, signatureAlgorithm, signature }
 */
#include "object/cms.h"

#include <string.h>

#include "crypto/digest.h"
#include "object/der.h"
#include "object/oid.h"
#include "object/sha256.h"
#include "object/stamp.h"

enum { CMS_VERSION = 3, SIGNATURE = 256 };

struct envelope {
	struct bytes type, content; /* what is signed */
	struct bytes certificate;   /* the one that is carried, whole */
	struct bytes sid;           /* the signer's SKI */
	struct bytes attributes;    /* signedAttrs, whole, as received */
	struct bytes signature;
	/* the values of the attributes; a time is noted as seen */
	struct bytes said_type, said_digest;
	bool said_time;
	int64_t signing_time;
};

static void
check_version(const struct der *d, struct bytes version)
{
	if (version.len != 1 || version.at[0] != CMS_VERSION) {
		der_fail(d, FAULT_CMS_VERSION);
	}
}

/* 2.1.2: a SET of exactly one algorithm. */
static void
read_digest_algorithms(struct der *data)
{
	struct der set = der_enter(data, DER_SET);

	if (der_count(set) != 1) {
		der_fail(&set, FAULT_CMS_ALGORITHM);
	}
	sha256_read(&set, FAULT_CMS_ALGORITHM);
	der_close(&set);
}

/* 2.1.3 */
static void
read_content(struct der *data, struct envelope *env)
{
	struct der info = der_enter(data, DER_SEQUENCE);
	struct der field;

	env->type = der_oid(&info);
	if (der_fine(&info) && !der_next_is(&info, DER_CONTEXT_0)) {
		der_fail(&info, FAULT_CMS_CONTENT);
	}
	field = der_enter(&info, DER_CONTEXT_0);
	env->content = der_octets(&field);
	if (env->content.len == 0) {
		der_fail(&field, FAULT_CMS_CONTENT);
	}
	der_close(&field);
	der_close(&info);
}

/* 2.1.4 and 2.1.5: one certificate, of no other sort, and no CRLs. */
static void
read_certificates(struct der *data, struct envelope *env)
{
	struct der set;

	if (der_fine(data) && !der_next_is(data, DER_CONTEXT_0)) {
		der_fail(data, FAULT_CMS_CERTIFICATES);
	}
	set = der_enter(data, DER_CONTEXT_0);
	if (der_count(set) != 1 || !der_next_is(&set, DER_SEQUENCE)) {
		der_fail(&set, FAULT_CMS_CERTIFICATES);
	}
	env->certificate = der_whole(&set, DER_SEQUENCE);
	der_close(&set);
	if (der_next_is(data, DER_CONTEXT_1)) {
		der_fail(data, FAULT_CMS_CRLS);
	}
}

/* 2.1.6.4: three kinds of attribute, each once, each with one value. */
static void
read_attribute(struct der *list, struct envelope *env)
{
	struct der attribute = der_enter(list, DER_SEQUENCE);
	enum oid oid = oid_of(der_oid(&attribute));
	struct der values = der_enter(&attribute, DER_SET);
	bool again = false;

	der_close(&attribute);
	if (oid != OID_CONTENT_TYPE && oid != OID_MESSAGE_DIGEST &&
	    oid != OID_SIGNING_TIME) {
		der_fail(&attribute, FAULT_CMS_FORBIDDEN);
	}
	if (der_count(values) != 1) {
		der_fail(&values, FAULT_CMS_ATTRIBUTES);
	}
	if (!der_fine(&values)) {
		return;
	}
	if (oid == OID_CONTENT_TYPE) {
		again = env->said_type.len > 0;
		env->said_type = der_oid(&values);
	} else if (oid == OID_MESSAGE_DIGEST) {
		again = env->said_digest.at != NULL;
		env->said_digest = der_octets(&values);
	} else {
		again = env->said_time;
		env->said_time = true;
		env->signing_time = stamp_signing(&values);
	}
	if (again) {
		der_fail(&values, FAULT_CMS_ATTRIBUTES);
	}
}

static void
read_attributes(struct der *signer, struct envelope *env)
{
	struct bytes previous = { 0 };
	struct der list, inside;

	if (der_fine(signer) && !der_next_is(signer, DER_CONTEXT_0)) {
		der_fail(signer, FAULT_CMS_ATTRIBUTES);
	}
	env->attributes = der_whole(signer, DER_CONTEXT_0);
	inside = der_open(env->attributes, signer->fault);
	list = der_enter(&inside, DER_CONTEXT_0);
	while (der_more(&list)) {
		const uint8_t *from = list.at;
		struct bytes whole;

		read_attribute(&list, env);
		whole = bytes_of(from, (size_t)(list.at - from));
		if (der_fine(&list) && !der_ascend(previous, whole)) {
			der_fail(&list, FAULT_CMS_ORDER);
		}
		previous = whole;
	}
	if (env->said_type.len == 0 || env->said_digest.at == NULL) {
		der_fail(&list, FAULT_CMS_ATTRIBUTES);
	}
	if (!env->said_time) {
		der_fail(&list, FAULT_CMS_SIGNING_TIME);
	}
}

/* RFC 7935 2: rsaEncryption, or with the digest; parameters NULL or none. */
static void
read_signature_algorithm(struct der *signer)
{
	struct der algorithm = der_enter(signer, DER_SEQUENCE);
	enum oid oid = oid_of(der_oid(&algorithm));

	if (oid != OID_RSA_ENCRYPTION && oid != OID_SHA256_WITH_RSA) {
		der_fail(signer, FAULT_CMS_SIGNATURE_ALGORITHM);
	}
	if (der_next_is(&algorithm, DER_NULL)) {
		der_null(&algorithm);
	}
	if (der_more(&algorithm)) {
		der_fail(signer, FAULT_CMS_SIGNATURE_ALGORITHM);
	}
}

static void
read_signer(struct der *set, struct envelope *env)
{
	struct der signer = der_enter(set, DER_SEQUENCE);
	struct bytes version = der_integer(&signer);

	/* Where it is another form, the version is another too. */
	if (der_fine(&signer) && !der_next_is(&signer, DER_IMPLICIT_0)) {
		der_fail(&signer, FAULT_CMS_SID);
	}
	check_version(&signer, version);
	env->sid = der_take(&signer, DER_IMPLICIT_0);
	sha256_read(&signer, FAULT_CMS_ALGORITHM);
	read_attributes(&signer, env);
	read_signature_algorithm(&signer);
	env->signature = der_octets(&signer);
	if (der_next_is(&signer, DER_CONTEXT_1)) {
		der_fail(&signer, FAULT_CMS_UNSIGNED);
	}
	der_close(&signer);
}

static void
read_signers(struct der *data, struct envelope *env)
{
	struct der set = der_enter(data, DER_SET);

	if (der_count(set) != 1) {
		der_fail(&set, FAULT_CMS_SIGNERS);
	}
	read_signer(&set, env);
	der_close(&set);
}

static enum fault
read_envelope(struct envelope *env, struct bytes der)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(der, &fault);
	struct der info = der_enter(&top, DER_SEQUENCE);
	struct bytes type = der_oid(&info);
	struct der field, data;

	if (!oid_is(type, OID_SIGNED_DATA)) {
		der_fail(&info, FAULT_CMS_TYPE);
	}
	field = der_enter(&info, DER_CONTEXT_0);
	der_close(&info);
	der_close(&top);
	data = der_enter(&field, DER_SEQUENCE);
	der_close(&field);
	check_version(&data, der_integer(&data));
	read_digest_algorithms(&data);
	read_content(&data, env);
	read_certificates(&data, env);
	read_signers(&data, env);
	der_close(&data);
	return fault;
}

/* What the attributes say of the content, and the digest that is signed. */
static enum fault
check_attributes(struct cms *cms, const struct envelope *env)
{
	static const uint8_t set[] = { DER_SET };
	struct bytes rest = env->attributes;
	const struct bytes signed_set[] = {
		bytes_of(set, sizeof(set)),
		bytes_of(rest.at + 1, rest.len - 1),
	};
	struct hash hash;

	if (!bytes_equal(env->said_type, env->type)) {
		return FAULT_CMS_CONTENT_TYPE;
	}
	digest_of(env->content, &hash);
	if (!bytes_equal(env->said_digest, hash_bytes(&hash))) {
		return FAULT_CMS_DIGEST;
	}
	/* 2.1.6.6: signed as a SET OF, sent under [0]: one octet differs. */
	digest_of_pieces(signed_set, 2, &cms->signed_digest);
	return FAULT_NONE;
}

enum fault
cms_open(struct cms *cms, enum cms_profile profile, struct bytes der,
    struct arena *arena)
{
	struct envelope env = { 0 };
	enum fault fault;

	*cms = (struct cms){ 0 };
	fault = read_envelope(&env, der);
	cms->certificate = env.certificate;
	cms->type = env.type;
	cms->content = env.content;
	cms->signature = env.signature;
	cms->signing_time = env.signing_time;
	cms->has_signing_time = env.said_time;
	if (fault != FAULT_NONE) {
		return fault;
	}
	fault = check_attributes(cms, &env);
	if (fault != FAULT_NONE) {
		return fault;
	}
	fault = profile == CMS_PROFILE_BARE
		    ? cert_decode_ee_bare(&cms->ee, env.certificate, arena)
		    : cert_decode(&cms->ee, CERT_EE, env.certificate, arena);
	if (fault != FAULT_NONE) {
		return fault;
	}
	if (!bytes_equal(env.sid, bytes_of(cms->ee.ski.at, KEYID_SIZE))) {
		return FAULT_CMS_SID;
	}
	/* Last: where a key of another size is why, that is to be told. */
	return env.signature.len == SIGNATURE ? FAULT_NONE
					      : FAULT_CMS_SIGNATURE;
}
