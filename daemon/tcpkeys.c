/* SPDX-License-Identifier: BSD-2-Clause */
/* tcpkeys - see tcpkeys.h. */
#include "daemon/tcpkeys.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/slurp.h"
#include "base/text.h"

enum {
	FILE_MOST = 1 << 20,
	KEY_MOST = 80,
	MAC_OCTETS = 12, /* RFC 5926: 96 bits of each algorithm */
};

/*
 * What the kernel takes, as in its linux/tcp.h; written down here because the
 * C library's headers lack the newer parts.
 */
enum {
	MD5_EXTENDED = 32,
	MD5_BY_PREFIX = 1,
	AO_ADD = 38,
	AO_DELETE = 39,
};

struct md5_request {
	struct sockaddr_storage address;
	uint8_t flags, prefix;
	uint16_t key_len;
	int32_t interface;
	uint8_t key[KEY_MOST];
};
static_assert(sizeof(struct md5_request) == 216, "as the kernel has it");

struct ao_request {
	struct sockaddr_storage address;
	char algorithm[64];
	int32_t interface;
	uint32_t flags;
	uint16_t reserved;
	uint8_t prefix, send_id, receive_id, mac_len, key_flags, key_len;
	uint8_t key[KEY_MOST];
};
static_assert(sizeof(struct ao_request) == 288, "as the kernel has it");

struct ao_removal {
	struct sockaddr_storage address;
	int32_t interface;
	uint32_t flags;
	uint16_t reserved;
	uint8_t prefix, send_id, receive_id, current, next, key_flags;
};
static_assert(sizeof(struct ao_removal) == 144, "as the kernel has it");

/* Names as RFC 5926 writes them, and as the kernel does. */
static const struct {
	const char *name, *kernel;
} algorithms[] = {
	{ "hmac-sha1", "hmac(sha1)" },
	{ "aes-128-cmac", "cmac(aes128)" },
	{ "hmac-sha256", "hmac(sha256)" },
};

enum { ALGORITHMS = sizeof(algorithms) / sizeof(algorithms[0]) };

struct secret {
	struct ip_prefix prefix;
	uint8_t send_id, receive_id;
	unsigned algorithm;
	uint8_t key_len;
	uint8_t key[KEY_MOST];
};

struct tcpkeys {
	enum tcpkeys_kind kind;
	struct secret *secrets;
	size_t count, room;
};

/* --- reading */

/* What is wrong with the key, or NULL. */
static const char *
read_key(struct secret *secret, struct bytes text)
{
	struct octets raw = { 0 };
	bool hex = text.len > 4 && memcmp(text.at, "hex:", 4) == 0;
	const char *wrong = NULL;

	if (hex) {
		if (!text_from_hex(&raw, bytes_of(text.at + 4, text.len - 4))) {
			wrong = "hex: wants pairs of hexadecimal digits";
		}
	} else {
		octets_add_bytes(&raw, text);
		for (size_t i = 0; i < text.len; i++) {
			if (text.at[i] < 0x21 || text.at[i] > 0x7e) {
				wrong = "the key is not printable ASCII; "
					"write it as hex:";
			}
		}
	}
	if (wrong == NULL && (raw.len == 0 || raw.len > KEY_MOST)) {
		wrong = "a key has 1 to 80 octets";
	}
	if (wrong == NULL) {
		memcpy(secret->key, raw.at, raw.len);
		secret->key_len = (uint8_t)raw.len;
	}
	if (raw.len > 0) {
		explicit_bzero(raw.at, raw.len);
	}
	octets_clear(&raw);
	return wrong;
}

/* The next word of the line; it moves past it and the blanks behind. */
static struct bytes
word(struct bytes *line)
{
	size_t n = 0;
	struct bytes found;

	while (n < line->len && line->at[n] != ' ' && line->at[n] != '\t') {
		n++;
	}
	found = bytes_of(line->at, n);
	*line = text_trim(bytes_of(line->at + n, line->len - n));
	return found;
}

static const char *
read_ao(struct secret *secret, struct bytes *line)
{
	uint64_t send_id, receive_id;
	struct bytes name;

	if (!text_uint(word(line), 255, &send_id) ||
	    !text_uint(word(line), 255, &receive_id)) {
		return "SEND-ID and RECEIVE-ID are numbers up to 255";
	}
	secret->send_id = (uint8_t)send_id;
	secret->receive_id = (uint8_t)receive_id;
	name = word(line);
	for (secret->algorithm = 0; secret->algorithm < ALGORITHMS;
	     secret->algorithm++) {
		if (text_same(name, algorithms[secret->algorithm].name)) {
			return NULL;
		}
	}
	return "algorithms are hmac-sha1, aes-128-cmac and hmac-sha256";
}

static const char *
read_secret(struct tcpkeys *keys, struct bytes line)
{
	struct secret secret = { 0 };
	const char *wrong = NULL;

	if (!ip_prefix_parse(&secret.prefix, word(&line), IP_LONE_ADDRESS)) {
		return "expected an address or a prefix first";
	}
	if (keys->kind == TCPKEYS_AO) {
		wrong = read_ao(&secret, &line);
	}
	if (wrong == NULL) {
		wrong = read_key(&secret, word(&line));
	}
	if (wrong == NULL && line.len > 0) {
		wrong = "more words than expected";
	}
	if (wrong == NULL) {
		keys->secrets = array_room(keys->secrets, keys->count,
		    &keys->room, sizeof(*keys->secrets));
		keys->secrets[keys->count++] = secret;
	}
	explicit_bzero(&secret, sizeof(secret));
	return wrong;
}

struct tcpkeys *
tcpkeys_parse(enum tcpkeys_kind kind, const char *path, struct bytes text,
    struct octets *why)
{
	struct tcpkeys *keys = mem_zero(1, sizeof(*keys));
	const char *wrong = NULL;

	keys->kind = kind;
	for (unsigned n = 1; text.len > 0 && wrong == NULL; n++) {
		struct bytes line = text_trim(text_cut(&text, '\n'));

		if (line.len > 0 && line.at[line.len - 1] == '\r') {
			line = text_trim(bytes_of(line.at, line.len - 1));
		}
		if (line.len > 0 && line.at[0] != '#') {
			wrong = read_secret(keys, line);
		}
		if (wrong != NULL) {
			octets_printf(why, "%s:%u: %s", path, n, wrong);
		}
	}
	if (wrong != NULL) {
		tcpkeys_free(keys);
		return NULL;
	}
	return keys;
}

struct tcpkeys *
tcpkeys_read(enum tcpkeys_kind kind, const char *path, struct octets *why)
{
	struct octets text = { 0 };
	struct tcpkeys *keys = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0) {
		octets_printf(why, "%s: others may read the keys; chmod 600 it",
		    path);
		return NULL;
	}
	if (slurp_soon(&text, path, FILE_MOST, why)) {
		keys = tcpkeys_parse(kind, path, octets_bytes(&text), why);
	}
	if (text.len > 0) {
		explicit_bzero(text.at, text.len);
	}
	octets_clear(&text);
	return keys;
}

void
tcpkeys_free(struct tcpkeys *keys)
{
	if (keys == NULL) {
		return;
	}
	if (keys->count > 0) {
		explicit_bzero(keys->secrets,
		    keys->count * sizeof(*keys->secrets));
	}
	free(keys->secrets);
	free(keys);
}

size_t
tcpkeys_count(const struct tcpkeys *keys)
{
	return keys->count;
}

/* --- telling the kernel */

/* An IPv6 socket that takes IPv4 too knows its addresses as ::ffff:0:0/96. */
static void
put_address(struct sockaddr_storage *at, const struct ip_prefix *prefix,
    unsigned family)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (family == IP_V4) {
		memcpy(&in.sin_addr, prefix->address, 4);
		memcpy(at, &in, sizeof(in));
		return;
	}
	if (prefix->family == IP_V4) {
		memset(in6.sin6_addr.s6_addr + 10, 0xff, 2);
		memcpy(in6.sin6_addr.s6_addr + 12, prefix->address, 4);
	} else {
		memcpy(&in6.sin6_addr, prefix->address, 16);
	}
	memcpy(at, &in6, sizeof(in6));
}

/* A key of no octets takes it away. */
static int
tell_md5(int fd, unsigned family, const struct secret *secret, uint8_t key_len)
{
	struct md5_request r = {
		.flags = MD5_BY_PREFIX,
		.prefix = secret->prefix.length,
		.key_len = key_len,
	};
	int rc;

	put_address(&r.address, &secret->prefix, family);
	memcpy(r.key, secret->key, key_len);
	rc = setsockopt(fd, IPPROTO_TCP, MD5_EXTENDED, &r, sizeof(r));
	explicit_bzero(r.key, sizeof(r.key));
	return rc;
}

static int
tell_ao(int fd, unsigned family, const struct secret *secret)
{
	const char *name = algorithms[secret->algorithm].kernel;
	struct ao_request r = {
		.prefix = secret->prefix.length,
		.send_id = secret->send_id,
		.receive_id = secret->receive_id,
		.mac_len = MAC_OCTETS,
		.key_len = secret->key_len,
	};
	int rc;

	put_address(&r.address, &secret->prefix, family);
	memcpy(r.algorithm, name, strlen(name));
	memcpy(r.key, secret->key, secret->key_len);
	rc = setsockopt(fd, IPPROTO_TCP, AO_ADD, &r, sizeof(r));
	explicit_bzero(r.key, sizeof(r.key));
	return rc;
}

static void
say_error(const struct tcpkeys *keys, const struct secret *secret, int error,
    struct octets *why)
{
	bool md5 = keys->kind == TCPKEYS_MD5;
	char text[IP_TEXT];

	ip_prefix_text(&secret->prefix, text);
	octets_printf(why, "%s for %s: %s", md5 ? "TCP-MD5" : "TCP-AO", text,
	    strerror(error));
	if (error == ENOPROTOOPT) {
		octets_printf(why, "; %s",
		    md5 ? "this kernel was built without CONFIG_TCP_MD5SIG"
			: "it needs Linux 6.7 built with CONFIG_TCP_AO");
	} else if (error == ENOMEM) {
		octets_printf(why, "; raise net.core.optmem_max");
	} else if (error == EEXIST) {
		octets_printf(why, "; two keys for the same peers and ids");
	} else if (error == ENOENT) {
		octets_printf(why, "; this kernel lacks the algorithm");
	}
}

/* 4 or 6 as ip.h has them; 0: neither. */
static unsigned
family_of(int fd)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	if (domain == AF_INET) {
		return IP_V4;
	}
	return domain == AF_INET6 ? IP_V6 : 0;
}

static bool
takes_both(int fd, unsigned family)
{
	int only = 1;
	socklen_t len = sizeof(only);

	return family == IP_V6 &&
	       getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &len) == 0 &&
	       only == 0;
}

static bool
fits(const struct secret *secret, unsigned family, bool both)
{
	return secret->prefix.family == family || both;
}

bool
tcpkeys_arm(const struct tcpkeys *keys, int fd, struct octets *why)
{
	unsigned family = family_of(fd);
	bool both = takes_both(fd, family);

	for (size_t i = 0; i < keys->count; i++) {
		const struct secret *secret = &keys->secrets[i];
		int rc;

		if (!fits(secret, family, both)) {
			continue;
		}
		rc = keys->kind == TCPKEYS_MD5
			 ? tell_md5(fd, family, secret, secret->key_len)
			 : tell_ao(fd, family, secret);
		if (rc != 0) {
			say_error(keys, secret, errno, why);
			return false;
		}
	}
	return true;
}

void
tcpkeys_disarm(const struct tcpkeys *keys, int fd)
{
	unsigned family = family_of(fd);
	bool both = takes_both(fd, family);

	for (size_t i = 0; i < keys->count; i++) {
		const struct secret *secret = &keys->secrets[i];
		struct ao_removal r = {
			.prefix = secret->prefix.length,
			.send_id = secret->send_id,
			.receive_id = secret->receive_id,
		};

		if (!fits(secret, family, both)) {
			continue;
		}
		if (keys->kind == TCPKEYS_MD5) {
			(void)tell_md5(fd, family, secret, 0);
		} else {
			put_address(&r.address, &secret->prefix, family);
			(void)setsockopt(fd, IPPROTO_TCP, AO_DELETE, &r,
			    sizeof(r));
		}
	}
}
