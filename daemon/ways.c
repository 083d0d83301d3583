/* SPDX-License-Identifier: BSD-2-Clause */
/* ways - see ways.h. */
#include "daemon/ways.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static bool
good_roots(const struct settings *all, struct octets *why)
{
	const struct policy_list *roots = &all->at[SET_RRDP_ROOT_CERT].list;

	for (size_t i = 0; i < roots->count; i++) {
		if (access(roots->items[i], R_OK) != 0) {
			octets_printf(why, "%s: %s", roots->items[i],
			    strerror(errno));
			setting_blame(all, SET_RRDP_ROOT_CERT, i, why);
			return false;
		}
	}
	return true;
}

/* Without a scheme it is spoken to over HTTP. */
static bool
known_scheme(const char *proxy)
{
	static const char *const known[] = { "http", "https", "socks4",
		"socks4a", "socks5", "socks5h" };
	const char *colon = strstr(proxy, "://");

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (colon == NULL ||
		    ((size_t)(colon - proxy) == strlen(known[i]) &&
			strncmp(proxy, known[i], strlen(known[i])) == 0)) {
			return true;
		}
	}
	return false;
}

static bool
good_proxies(const struct settings *all, struct octets *why)
{
	const struct policy_list *proxies = &all->at[SET_RRDP_PROXY].list;

	for (size_t i = 0; i < proxies->count; i++) {
		if (!known_scheme(proxies->items[i])) {
			octets_printf(why, "`");
			text_escape(why, text_bytes(proxies->items[i]));
			octets_printf(why,
			    "`: it begins with http://, https://, socks5://, "
			    "socks5h://, socks4:// or socks4a://");
			setting_blame(all, SET_RRDP_PROXY, i, why);
			return false;
		}
	}
	return true;
}

static bool
good_address(const struct settings *all, struct octets *why)
{
	const char *address = all->at[SET_RRDP_LOCAL_ADDR].text;
	struct in6_addr any;

	if (address == NULL || inet_pton(AF_INET, address, &any) == 1 ||
	    inet_pton(AF_INET6, address, &any) == 1) {
		return true;
	}
	octets_printf(why, "`");
	text_escape(why, text_bytes(address));
	octets_printf(why, "`: it is an address like 192.0.2.1 or 2001:db8::1");
	setting_blame(all, SET_RRDP_LOCAL_ADDR, 0, why);
	return false;
}

bool
ways_check(const struct settings *all, struct octets *why)
{
	return good_roots(all, why) && good_proxies(all, why) &&
	       good_address(all, why);
}
