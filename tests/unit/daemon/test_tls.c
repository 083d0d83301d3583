/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS on the loopback: who takes whom. Certificates are made here.
 */
#include "daemon/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { PATIENCE_MS = 60000, DAY = 86400 };

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
	struct octets pem, key_pem;
};

static void
extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	assert_int_equal(X509_add_ext(certificate, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void
to_pem(struct identity *id)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *at;
	long n;

	assert_int_equal(PEM_write_bio_X509(out, id->certificate), 1);
	n = BIO_get_mem_data(out, &at);
	octets_add(&id->pem, at, (size_t)n);
	BIO_free(out);
	out = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_PrivateKey(out, id->key, NULL, NULL, 0,
			     NULL, NULL),
	    1);
	n = BIO_get_mem_data(out, &at);
	octets_add(&id->key_pem, at, (size_t)n);
	BIO_free(out);
}

/* `names` NULL: none but the common name; `issuer` NULL: by itself. */
static void
make(struct identity *id, const char *common, const char *names,
    const struct identity *issuer, int days)
{
	X509_NAME *name;

	*id = (struct identity){ .key = EVP_EC_gen("P-256"),
		.certificate = X509_new() };
	(void)X509_set_version(id->certificate, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(id->certificate),
	    (long)(uintptr_t)id->certificate % 1000000);
	(void)X509_gmtime_adj(X509_getm_notBefore(id->certificate), -10L * DAY);
	(void)X509_gmtime_adj(X509_getm_notAfter(id->certificate),
	    (long)days * DAY);
	name = X509_get_subject_name(id->certificate);
	(void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)common, -1, -1, 0);
	(void)X509_set_pubkey(id->certificate, id->key);
	if (names != NULL) {
		extend(id->certificate, NID_subject_alt_name, names);
	}
	if (issuer == NULL) {
		extend(id->certificate, NID_basic_constraints,
		    "critical,CA:TRUE");
	}
	(void)X509_set_issuer_name(id->certificate,
	    issuer != NULL ? X509_get_subject_name(issuer->certificate) : name);
	assert_true(
	    X509_sign(id->certificate, issuer != NULL ? issuer->key : id->key,
		EVP_sha256()) > 0);
	to_pem(id);
}

static void
forget(struct identity *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->certificate);
	octets_clear(&id->pem);
	octets_clear(&id->key_pem);
}

static struct tls_pem
pem(const char *path, const struct octets *text)
{
	return (struct tls_pem){ path, octets_bytes(text) };
}

static bool
contains(struct octets *text, const char *part)
{
	bool found;

	octets_u8(text, 0);
	found = strstr((const char *)text->at, part) != NULL;
	text->len--;
	return found;
}

/* Everybody of these tests. */
struct town {
	struct identity ca, other_ca, server, unnamed, old, router, stray,
	    foreign;
};

static int
build(void **state)
{
	struct town *t = calloc(1, sizeof(*t));

	make(&t->ca, "ca", NULL, NULL, 100);
	make(&t->other_ca, "other", NULL, NULL, 100);
	make(&t->server, "x", "DNS:cache.example.net,IP:127.0.0.1", &t->ca, 50);
	make(&t->unnamed, "cache.example.net", NULL, &t->ca, 50);
	make(&t->old, "x", "DNS:cache.example.net", &t->ca, -1);
	make(&t->router, "r", "IP:127.0.0.1", &t->ca, 50);
	make(&t->stray, "r", "IP:192.0.2.1", &t->ca, 50);
	make(&t->foreign, "r", "IP:127.0.0.1", &t->other_ca, 50);
	*state = t;
	return 0;
}

static int
raze(void **state)
{
	struct town *t = *state;

	forget(&t->ca);
	forget(&t->other_ca);
	forget(&t->server);
	forget(&t->unnamed);
	forget(&t->old);
	forget(&t->router);
	forget(&t->stray);
	forget(&t->foreign);
	free(t);
	return 0;
}

static struct tls_offer
offer_of(const struct town *t)
{
	return (struct tls_offer){
		.certificate = pem("server.pem", &t->server.pem),
		.key = pem("server.key", &t->server.key_pem),
		.client_ca = pem("ca.pem", &t->ca.pem),
	};
}

/* --- talking */

struct side {
	struct bufferevent *event;
	struct tls *tls;
	bool open, ended;
	size_t heard;
	char why[160];
};

static void
on_read(struct bufferevent *event, void *arg)
{
	struct side *side = arg;
	struct evbuffer *in = bufferevent_get_input(event);

	side->heard += evbuffer_get_length(in);
	(void)evbuffer_drain(in, evbuffer_get_length(in));
}

static void
on_event(struct bufferevent *event, short what, void *arg)
{
	struct side *side = arg;

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		side->open = true;
		return;
	}
	side->ended = true;
	tls_explain(side->tls, event, side->why, sizeof(side->why));
}

static void
prepare(struct side *side, struct tls *tls, struct bufferevent *event)
{
	*side = (struct side){ .tls = tls, .event = event };
	assert_non_null(event);
	bufferevent_setcb(event, on_read, NULL, on_event, side);
	(void)bufferevent_enable(event, EV_READ | EV_WRITE);
}

static void
join(int fds[2])
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int at = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(at, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(at, 1), 0);
	assert_int_equal(getsockname(at, (struct sockaddr *)&in, &len), 0);
	fds[1] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fds[1], (struct sockaddr *)&in, sizeof(in)),
	    0);
	fds[0] = accept(at, NULL, NULL);
	close(at);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
	}
}

/* Does a megabyte reach the caller? Else each side's words are in why. */
static bool
talk(struct tls *server, struct tls *caller, char why[2][160])
{
	static const uint8_t lot[1 << 20];
	struct event_base *base = event_base_new();
	struct side s, c;
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	int fds[2];
	bool good;

	join(fds);
	prepare(&s, server, tls_wrap(server, base, fds[0]));
	prepare(&c, caller, tls_call(caller, base, fds[1]));
	(void)evbuffer_add_reference(bufferevent_get_output(s.event), lot,
	    sizeof(lot), NULL, NULL);
	while (c.heard < sizeof(lot) && !s.ended && !c.ended) {
		struct timeval tick = { .tv_usec = 5000 };

		assert_true(clock_mono_ms() < until);
		(void)event_base_loopexit(base, &tick);
		(void)event_base_loop(base, 0);
	}
	/* The other side may still have something to say. */
	for (unsigned i = 0; i < 20 && c.heard < sizeof(lot); i++) {
		struct timeval tick = { .tv_usec = 5000 };

		(void)event_base_loopexit(base, &tick);
		(void)event_base_loop(base, 0);
	}
	good = c.heard == sizeof(lot);
	memcpy(why[0], s.why, sizeof(s.why));
	memcpy(why[1], c.why, sizeof(c.why));
	tls_finish(server, s.event);
	bufferevent_free(s.event);
	bufferevent_free(c.event);
	event_base_free(base);
	return good;
}

struct meeting {
	const char *what;
	size_t server; /* offsets in struct town */
	size_t router; /* SIZE_MAX: it shows none */
	const char *host;
	enum tls_clients clients;
	enum tls_names names;
	const char *why; /* of either side; NULL: they meet */
};

#define AT(who) offsetof(struct town, who)

static const struct meeting meetings[] = {
	{ "no certificate is asked for", AT(server), SIZE_MAX,
	    "cache.example.net", TLS_CLIENTS_ANY, TLS_NAMES_ADDRESS, NULL },
	{ "the address is a name too", AT(server), SIZE_MAX, "127.0.0.1",
	    TLS_CLIENTS_ANY, TLS_NAMES_ADDRESS, NULL },
	{ "another name", AT(server), SIZE_MAX, "example.net", TLS_CLIENTS_ANY,
	    TLS_NAMES_ADDRESS, "hostname mismatch" },
	{ "a common name is none", AT(unnamed), SIZE_MAX, "cache.example.net",
	    TLS_CLIENTS_ANY, TLS_NAMES_ADDRESS, "hostname mismatch" },
	{ "a router that is known", AT(server), AT(router), "cache.example.net",
	    TLS_CLIENTS_REQUIRE, TLS_NAMES_ADDRESS, NULL },
	{ "a router without a certificate", AT(server), SIZE_MAX,
	    "cache.example.net", TLS_CLIENTS_REQUIRE, TLS_NAMES_ADDRESS,
	    "peer did not return a certificate" },
	{ "without one where it is only asked for", AT(server), SIZE_MAX,
	    "cache.example.net", TLS_CLIENTS_REQUEST, TLS_NAMES_ADDRESS, NULL },
	{ "one that names another address", AT(server), AT(stray),
	    "cache.example.net", TLS_CLIENTS_REQUIRE, TLS_NAMES_ADDRESS,
	    "IP address mismatch" },
	{ "the same where any address will do", AT(server), AT(stray),
	    "cache.example.net", TLS_CLIENTS_REQUIRE, TLS_NAMES_ANY, NULL },
	{ "of another authority", AT(server), AT(foreign), "cache.example.net",
	    TLS_CLIENTS_REQUIRE, TLS_NAMES_ADDRESS,
	    "unable to get local issuer certificate" },
	{ "of another authority where it is only asked for", AT(server),
	    AT(foreign), "cache.example.net", TLS_CLIENTS_REQUEST,
	    TLS_NAMES_ADDRESS, "unable to get local issuer certificate" },
};

static const struct identity *
who(const struct town *t, size_t at)
{
	return (const struct identity *)((const char *)t + at);
}

static void
test_meetings(void **state)
{
	const struct town *t = *state;

	for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
		const struct meeting *m = &meetings[i];
		struct tls_offer offer = offer_of(t);
		struct tls_caller caller = { .host = m->host,
			.ca = pem("ca.pem", &t->ca.pem) };
		struct octets words = { 0 };
		struct tls *server, *router;
		char why[2][160];
		bool met;

		print_message("# %s\n", m->what);
		offer.certificate = pem("s.pem", &who(t, m->server)->pem);
		offer.key = pem("s.key", &who(t, m->server)->key_pem);
		offer.clients = m->clients;
		offer.names = m->names;
		if (m->router != SIZE_MAX) {
			caller.certificate =
			    pem("r.pem", &who(t, m->router)->pem);
			caller.key = pem("r.key", &who(t, m->router)->key_pem);
		}
		server = tls_new(&offer, clock_wall(), &words);
		router = tls_new_caller(&caller, &words);
		assert_non_null(server);
		assert_non_null(router);
		met = talk(server, router, why);
		assert_int_equal(met, m->why == NULL);
		if (m->why != NULL) {
			assert_true(strstr(why[0], m->why) != NULL ||
				    strstr(why[1], m->why) != NULL);
		}
		tls_free(server);
		tls_free(router);
		octets_clear(&words);
	}
}

/* --- files */

static void
refused(const struct tls_offer *offer, struct tls *running, const char *why)
{
	struct octets words = { 0 };

	assert_null(tls_new(offer, clock_wall(), &words));
	assert_true(contains(&words, why));
	octets_reset(&words);
	assert_false(tls_replace(running, offer, clock_wall(), &words));
	assert_true(contains(&words, why));
	octets_clear(&words);
}

static void
test_files(void **state)
{
	const struct town *t = *state;
	struct tls_offer good = offer_of(t), bad;
	struct tls_caller caller = { .host = "cache.example.net",
		.ca = pem("ca.pem", &t->ca.pem) };
	struct octets words = { 0 }, junk = { 0 };
	struct tls *running = tls_new(&good, clock_wall(), &words);
	struct tls *router = tls_new_caller(&caller, &words);
	int64_t ends = tls_expires(running);
	char why[2][160];

	assert_true(
	    ends > clock_wall() + 49L * DAY && ends < clock_wall() + 51L * DAY);
	octets_printf(&junk, "-----BEGIN CERTIFICATE-----\nMIIB\n");
	bad = good;
	bad.certificate = pem("junk.pem", &junk);
	refused(&bad, running, "junk.pem: no certificate (PEM) in it");
	bad = good;
	bad.key = pem("junk.key", &junk);
	refused(&bad, running, "junk.key: no private key (PEM)");
	bad = good;
	bad.key = pem("other.key", &t->router.key_pem);
	refused(&bad, running,
	    "other.key: not the key of the certificate in server.pem");
	bad = good;
	bad.certificate = pem("old.pem", &t->old.pem);
	bad.key = pem("old.key", &t->old.key_pem);
	refused(&bad, running, "old.pem: its certificate ended at 20");
	bad = good;
	bad.clients = TLS_CLIENTS_REQUIRE;
	bad.client_ca = pem("empty.pem", &(struct octets){ 0 });
	refused(&bad, running, "empty.pem: no certificate (PEM) in it");
	/* After all of this it serves as before. */
	assert_int_equal(tls_expires(running), ends);
	assert_true(talk(running, router, why));
	/* And a good one takes its place. */
	good.clients = TLS_CLIENTS_REQUIRE;
	assert_true(tls_replace(running, &good, clock_wall(), &words));
	assert_false(talk(running, router, why));
	tls_free(running);
	tls_free(router);
	octets_clear(&words);
	octets_clear(&junk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meetings),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, build, raze);
}
