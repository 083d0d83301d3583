/* SPDX-License-Identifier: BSD-2-Clause */
/* Which chains a set of roots bears. That connections hold to it is for
 * tests/system/test_rrdp_http.py to say. */
#include "crypto/trust.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/octets.h"
#include "base/text.h"

static void
test_nothing_in_it(void **state)
{
	static const char *const texts[] = { "", "hello",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(trust_new(text_bytes(texts[i])));
	}
	trust_free(NULL);
}

/* --- three of a chain, and other roots that have the name of the first */

enum { ROOT, MIDDLE, LEAF, NAMESAKE, PEOPLE = NAMESAKE + 9 };

struct person {
	EVP_PKEY *key;
	X509 *cert;
};

static void
set_name(X509_NAME *name, const char *text)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			     (const unsigned char *)text, -1, -1, 0),
	    1);
}

/* Names alone would not tell the root from its namesake. */
static void
extend(X509 *cert, X509 *issuer, int which, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, which, value);
	assert_non_null(extension);
	X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
}

static void
certify(struct person *person, const struct person *issuer, const char *name,
    const char *constraints)
{
	X509 *cert = X509_new();

	person->key = EVP_EC_gen("P-256");
	person->cert = cert;
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	set_name(X509_get_subject_name(cert), name);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer->cert));
	X509_set_pubkey(cert, person->key);
	extend(cert, issuer->cert, NID_basic_constraints, constraints);
	extend(cert, issuer->cert, NID_subject_key_identifier, "hash");
	extend(cert, issuer->cert, NID_authority_key_identifier, "keyid");
	assert_true(X509_sign(cert, issuer->key, EVP_sha256()) > 0);
}

static void
people_begin(struct person *people)
{
	certify(&people[ROOT], &people[ROOT], "root", "CA:TRUE");
	certify(&people[MIDDLE], &people[ROOT], "middle", "CA:TRUE");
	certify(&people[LEAF], &people[MIDDLE], "leaf", "CA:FALSE");
	for (int i = NAMESAKE; i < PEOPLE; i++) {
		certify(&people[i], &people[i], "root", "CA:TRUE");
	}
}

static void
people_end(struct person *people)
{
	for (int i = 0; i < PEOPLE; i++) {
		X509_free(people[i].cert);
		EVP_PKEY_free(people[i].key);
	}
}

static void
add_pem(struct octets *pem, X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	assert_int_equal(PEM_write_bio_X509(bio, cert), 1);
	len = BIO_get_mem_data(bio, &text);
	octets_add(pem, text, (size_t)len);
	BIO_free(bio);
}

/* Does the leaf, which brings the middle one along, lead to what we trust? */
static int
verify(SSL_CTX *ssl, const struct person *people)
{
	X509_STORE_CTX *chain = X509_STORE_CTX_new();
	STACK_OF(X509) *brought = sk_X509_new_null();
	int answer;

	sk_X509_push(brought, people[MIDDLE].cert);
	assert_int_equal(X509_STORE_CTX_init(chain, SSL_CTX_get_cert_store(ssl),
			     people[LEAF].cert, brought),
	    1);
	answer = X509_verify_cert(chain);
	X509_STORE_CTX_free(chain);
	sk_X509_free(brought);
	return answer;
}

static void
test_chains(void **state)
{
	static const char broken[] = "-----BEGIN CERTIFICATE-----\n"
				     "no base64\n"
				     "-----END CERTIFICATE-----\n";
	static const struct {
		const char *what;
		int trusted[3];
		int count, answer;
	} rows[] = {
		{ "the root", { ROOT }, 1, 1 },
		{ "its namesake", { NAMESAKE }, 1, 0 },
		{ "the namesake first", { NAMESAKE, ROOT }, 2, 1 },
		{ "the root twice", { ROOT, ROOT, NAMESAKE }, 3, 1 },
		{ "one that others have signed", { MIDDLE }, 1, 1 },
		{ "the leaf itself", { LEAF }, 1, 1 },
	};
	struct person people[PEOPLE] = { { NULL, NULL } };

	(void)state;
	people_begin(people);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SSL_CTX *ssl = SSL_CTX_new(TLS_client_method());
		struct octets pem = { 0 };
		struct trust *trust;

		for (int k = 0; k < rows[i].count; k++) {
			octets_add_bytes(&pem, text_bytes(broken));
			add_pem(&pem, people[rows[i].trusted[k]].cert);
		}
		trust = trust_new(octets_bytes(&pem));
		assert_non_null(trust);
		trust_lend(trust, ssl);
		for (int times = 0; times < 3; times++) {
			if (verify(ssl, people) != rows[i].answer) {
				fail_msg("%s", rows[i].what);
			}
		}
		SSL_CTX_free(ssl);
		trust_free(trust);
		octets_clear(&pem);
	}
	people_end(people);
}

/* --- several ask at once */

struct asker {
	pthread_t thread;
	pthread_barrier_t *begin;
	SSL_CTX *ssl;
	const struct person *people;
	int answer;
};

static void *
ask(void *arg)
{
	struct asker *asker = arg;

	(void)pthread_barrier_wait(asker->begin);
	asker->answer = verify(asker->ssl, asker->people);
	return NULL;
}

/* The root comes last of those of its name. */
static void
ask_at_once(const struct person *people, struct bytes pem)
{
	enum { ASKERS = 4 };
	struct asker askers[ASKERS];
	SSL_CTX *ssl = SSL_CTX_new(TLS_client_method());
	struct trust *trust = trust_new(pem);
	pthread_barrier_t begin;

	assert_non_null(trust);
	trust_lend(trust, ssl);
	pthread_barrier_init(&begin, NULL, ASKERS);
	for (int i = 0; i < ASKERS; i++) {
		askers[i] = (struct asker){ .begin = &begin,
			.ssl = ssl,
			.people = people };
		assert_int_equal(pthread_create(&askers[i].thread, NULL, ask,
				     &askers[i]),
		    0);
	}
	for (int i = 0; i < ASKERS; i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].answer, 1);
	}
	pthread_barrier_destroy(&begin);
	SSL_CTX_free(ssl);
	trust_free(trust);
}

static void
test_at_once(void **state)
{
	struct person people[PEOPLE] = { { NULL, NULL } };
	struct octets pem = { 0 };

	(void)state;
	people_begin(people);
	for (int i = NAMESAKE; i < PEOPLE; i++) {
		add_pem(&pem, people[i].cert);
	}
	add_pem(&pem, people[ROOT].cert);
	for (int times = 0; times < 100; times++) {
		ask_at_once(people, octets_bytes(&pem));
	}
	octets_clear(&pem);
	people_end(people);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_in_it),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
