/* SPDX-License-Identifier: BSD-2-Clause */
/* credentials - see credentials.h. */
#include "daemon/credentials.h"

#include <string.h>

#include "base/clock.h"
#include "base/slurp.h"

enum { PEM_MOST = 1 << 20 };

static bool
read_pem(struct tls_pem *pem, struct octets *text, const char *path,
    struct octets *why)
{
	if (path == NULL) {
		return true;
	}
	if (!slurp_soon(text, path, PEM_MOST, why)) {
		return false;
	}
	*pem = (struct tls_pem){ path, octets_bytes(text) };
	return true;
}

enum { FILES = 3 };

/* What routers are shown, and asked for. */
static bool
router_offer(const struct setting *at, struct tls_offer *offer,
    struct octets text[FILES], struct octets *why)
{
	const char *certificate = at[SET_RTR_TLS_CERT].text;
	const char *key = at[SET_RTR_TLS_KEY].text;
	const char *ca = at[SET_RTR_CLIENT_CA].text;

	if (certificate == NULL || key == NULL) {
		octets_printf(why,
		    "--rtr-tls needs --rtr-tls-cert and --rtr-tls-key");
		return false;
	}
	if (ca != NULL) {
		offer->clients = at[SET_RTR_CLIENT_AUTH].number == 0
				     ? TLS_CLIENTS_REQUIRE
				     : TLS_CLIENTS_REQUEST;
	}
	offer->names = at[SET_RTR_CLIENT_ANY_ADDRESS].number != 0
			   ? TLS_NAMES_ANY
			   : TLS_NAMES_ADDRESS;
	return read_pem(&offer->certificate, &text[0], certificate, why) &&
	       read_pem(&offer->key, &text[1], key, why) &&
	       read_pem(&offer->client_ca, &text[2], ca, why);
}

/* What people are shown; nothing is asked of them. */
static bool
web_offer(const struct setting *at, struct tls_offer *offer,
    struct octets text[FILES], struct octets *why)
{
	const char *certificate = at[SET_HTTP_TLS_CERT].text;
	const char *key = at[SET_HTTP_TLS_KEY].text;

	if (certificate == NULL || key == NULL) {
		octets_printf(why,
		    "--http-tls needs --http-tls-cert and --http-tls-key");
		return false;
	}
	offer->clients = TLS_CLIENTS_ANY;
	offer->names = TLS_NAMES_ANY;
	return read_pem(&offer->certificate, &text[0], certificate, why) &&
	       read_pem(&offer->key, &text[1], key, why);
}

/* Nothing of a key stays in memory that is given back. */
static void
wipe(struct octets text[FILES])
{
	for (size_t i = 0; i < FILES; i++) {
		if (text[i].len > 0) {
			explicit_bzero(text[i].at, text[i].len);
		}
		octets_clear(&text[i]);
	}
}

typedef bool offer_fn(const struct setting *at, struct tls_offer *offer,
    struct octets text[FILES], struct octets *why);

static struct tls *
read_tls(offer_fn *read_offer, const struct setting *at, struct octets *why)
{
	struct octets text[FILES] = { 0 };
	struct tls_offer offer = { 0 };
	struct tls *tls = NULL;

	if (read_offer(at, &offer, text, why)) {
		tls = tls_new(&offer, clock_wall(), why);
	}
	wipe(text);
	return tls;
}

bool
credentials_read(struct credentials *to, const struct setting *at, bool routers,
    bool people, struct octets *why)
{
	if (routers) {
		to->routers = read_tls(router_offer, at, why);
	}
	if (people && why->len == 0) {
		to->people = read_tls(web_offer, at, why);
	}
	return why->len == 0 && credentials_keys(to, at, why);
}

bool
credentials_keys(struct credentials *to, const struct setting *at,
    struct octets *why)
{
	const char *md5 = at[SET_RTR_MD5_KEYS].text;
	const char *ao = at[SET_RTR_AO_KEYS].text;

	if (md5 != NULL) {
		to->md5 = tcpkeys_read(TCPKEYS_MD5, md5, why);
	}
	if (ao != NULL && why->len == 0) {
		to->ao = tcpkeys_read(TCPKEYS_AO, ao, why);
	}
	return why->len == 0;
}

bool
credentials_call(struct credentials *to, const struct setting *at,
    const char *host, struct octets *why)
{
	const char *certificate = at[SET_TLS_CERT].text;
	const char *key = at[SET_TLS_KEY].text;
	struct octets text[FILES] = { 0 };
	struct tls_caller caller = { .host = host };

	if ((certificate == NULL) != (key == NULL)) {
		octets_printf(why, "--tls-cert and --tls-key go together");
		return false;
	}
	if (read_pem(&caller.ca, &text[0], at[SET_TLS_CA].text, why) &&
	    read_pem(&caller.certificate, &text[1], certificate, why) &&
	    read_pem(&caller.key, &text[2], key, why)) {
		to->cache = tls_new_caller(&caller, why);
	}
	wipe(text);
	return to->cache != NULL;
}

void
credentials_clear(struct credentials *all)
{
	tls_free(all->routers);
	tls_free(all->people);
	tls_free(all->cache);
	tcpkeys_free(all->md5);
	tcpkeys_free(all->ao);
	*all = (struct credentials){ 0 };
}

bool
credentials_arm(const struct credentials *all, int fd, struct octets *why)
{
	return (all->md5 == NULL || tcpkeys_arm(all->md5, fd, why)) &&
	       (all->ao == NULL || tcpkeys_arm(all->ao, fd, why));
}

void
credentials_disarm(const struct credentials *all, int fd)
{
	if (all->md5 != NULL) {
		tcpkeys_disarm(all->md5, fd);
	}
	if (all->ao != NULL) {
		tcpkeys_disarm(all->ao, fd);
	}
}
