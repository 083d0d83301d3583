/* SPDX-License-Identifier: BSD-2-Clause */
/* notice - see notice.h. */
#include "tests/forge/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"
#include "tests/forge/shelf.h"

#define NAMESPACE "http://www.ripe.net/rpki/rrdp"

enum { KEPT_DELTAS = 50 };

static void
hex(char out[65], const uint8_t hash[32])
{
	for (size_t i = 0; i < 32; i++) {
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	}
}

/* Looks like a version 4 UUID and is the same in every run of a story. */
static void
choose_session(struct host *host)
{
	char seed[128];
	uint8_t h[32];

	snprintf(seed, sizeof(seed), "%.100s %llu", host->name,
	    (unsigned long long)++host->sessions);
	key_sha256(h, bytes_of(seed, strlen(seed)));
	h[6] = (h[6] & 0x0f) | 0x40;
	h[8] = (h[8] & 0x3f) | 0x80;
	snprintf(host->session, sizeof(host->session),
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10],
	    h[11], h[12], h[13], h[14], h[15]);
}

void
notice_new_session(struct host *host)
{
	host->session[0] = '\0';
}

static void
root(struct octets *out, const char *element, const struct host *host)
{
	octets_printf(out,
	    "<%s xmlns=\"" NAMESPACE "\" version=\"1\" "
	    "session_id=\"%s\" serial=\"%llu\">\n",
	    element, host->session, (unsigned long long)host->serial);
}

/* replaces: the hash of what stood there before, or NULL. */
static void
publish(struct octets *out, const char *uri, struct bytes octets,
    const uint8_t *replaces)
{
	char text[65];

	octets_printf(out, "<publish uri=\"%s\"", uri);
	if (replaces != NULL) {
		hex(text, replaces);
		octets_printf(out, " hash=\"%s\"", text);
	}
	octets_printf(out, ">");
	text_base64(out, octets, TEXT_BASE64);
	octets_printf(out, "</publish>\n");
}

static const char *
rsync_uri(struct world *world, const struct host *host, const char *path)
{
	return world_rsync(world, host, world->arena, path);
}

/* What changed from the host's files to these. False: nothing. */
static bool
write_delta(struct octets *out, struct world *world, const struct host *host,
    const struct files *now)
{
	const struct files *old = &host->files;
	size_t i = 0, n = 0;
	bool any = false;
	char text[65];

	root(out, "delta", host);
	while (i < old->count || n < now->count) {
		const struct file *a = i < old->count ? &old->at[i] : NULL;
		const struct file *b = n < now->count ? &now->at[n] : NULL;
		int order = a == NULL   ? 1
			    : b == NULL ? -1
					: strcmp(a->uri, b->uri);

		if (order < 0) {
			hex(text, a->hash);
			octets_printf(out,
			    "<withdraw uri=\"%s\" hash=\"%s\"/>\n",
			    rsync_uri(world, host, a->uri), text);
			any = true;
		} else if (order > 0 || memcmp(a->hash, b->hash, 32) != 0) {
			publish(out, rsync_uri(world, host, b->uri), b->octets,
			    order == 0 ? a->hash : NULL);
			any = true;
		}
		i += order <= 0;
		n += order >= 0;
	}
	octets_printf(out, "</delta>\n");
	return any;
}

static void
write_snapshot(struct octets *out, struct world *world, const struct host *host)
{
	root(out, "snapshot", host);
	for (size_t i = 0; i < host->files.count; i++) {
		publish(out, rsync_uri(world, host, host->files.at[i].uri),
		    host->files.at[i].octets, NULL);
	}
	octets_printf(out, "</snapshot>\n");
}

/* --- spoiling: a row a way, all on the finished text */

static void
replace(struct octets *text, const char *from, const char *to)
{
	struct octets out = { 0 };
	uint8_t *at = memmem(text->at, text->len, from, strlen(from));
	size_t before;

	if (at == NULL) {
		return;
	}
	before = (size_t)(at - text->at);
	octets_add(&out, text->at, before);
	octets_add(&out, to, strlen(to));
	octets_add(&out, at + strlen(from), text->len - before - strlen(from));
	octets_clear(text);
	*text = out;
}

static void
spoil_truncated(struct octets *text)
{
	text->len /= 2;
}

static void
spoil_empty(struct octets *text)
{
	text->len = 0;
}

static void
spoil_doctype(struct octets *text)
{
	replace(text, "<", "<!DOCTYPE x [<!ENTITY a \"b\">]>\n<");
}

static void
spoil_session(struct octets *text)
{
	replace(text, "session_id=\"",
	    "session_id=\"00000000-0000-4000-8000-"
	    "000000000000\" was=\"");
	replace(text, " was=\"", " x=\"");
	/* The attribute x would be a second fault: it is cut out. */
	uint8_t *x = memmem(text->at, text->len, " x=\"", 4);
	uint8_t *end = x == NULL ? NULL
				 : memchr(x + 4, '"',
				       text->len - (size_t)(x + 4 - text->at));

	if (end != NULL) {
		memmove(x, end + 1, text->len - (size_t)(end + 1 - text->at));
		text->len -= (size_t)(end + 1 - x);
	}
}

static void
spoil_serial(struct octets *text)
{
	replace(text, " serial=\"", " serial=\"9");
}

static void
spoil_serial_zero(struct octets *text)
{
	replace(text, " serial=\"", " serial=\"0");
}

static void
spoil_version(struct octets *text)
{
	replace(text, "version=\"1\"", "version=\"2\"");
}

static void
spoil_namespace(struct octets *text)
{
	replace(text, NAMESPACE, "http://example.net/other");
}

static void
spoil_base64(struct octets *text)
{
	replace(text, "\">MI", "\">!!");
}

static void
spoil_twice(struct octets *text)
{
	uint8_t *at = memmem(text->at, text->len, "<publish", 8);
	uint8_t *end = memmem(text->at, text->len, "</publish>\n", 11);
	struct octets out = { 0 };

	if (at == NULL || end == NULL) {
		return;
	}
	end += 11;
	octets_add(&out, text->at, (size_t)(end - text->at));
	octets_add(&out, at, text->len - (size_t)(at - text->at));
	octets_clear(text);
	*text = out;
}

static void
spoil_element(struct octets *text)
{
	replace(text, ">\n<", ">\n<surprise/>\n<");
}

static void
spoil_foreign(struct octets *text)
{
	replace(text, "uri=\"https://", "uri=\"https://elsewhere.example.org/");
}

static void
spoil_wrong_hash(struct octets *text)
{
	uint8_t *at = memmem(text->at, text->len, "hash=\"", 6);

	if (at != NULL) {
		at[6] = at[6] == '0' ? '1' : '0';
	}
}

static void
spoil_altered(struct octets *text)
{
	replace(text, "<", " <"); /* still fine XML, other octets */
}

static void
spoil_no_deltas(struct octets *text)
{
	uint8_t *at = memmem(text->at, text->len, "<delta", 6);

	if (at != NULL) {
		text->len = (size_t)(at - text->at);
		octets_printf(text, "</notification>\n");
	}
}

static void
spoil_gap(struct octets *text)
{
	uint8_t *at = memmem(text->at, text->len, "<delta", 6);
	uint8_t *end =
	    at == NULL ? NULL
		       : memchr(at, '\n', text->len - (size_t)(at - text->at));

	if (end != NULL) {
		memmove(at, end + 1, text->len - (size_t)(end + 1 - text->at));
		text->len -= (size_t)(end + 1 - at);
	}
}

enum when { BEFORE_HASH, AFTER_HASH };

static const struct way {
	const char *how;
	void (*spoil)(struct octets *text); /* NULL: not written at all */
	enum when when;
} ways[] = {
	{ "missing", NULL, AFTER_HASH },
	{ "altered", spoil_altered, AFTER_HASH },
	{ "truncated", spoil_truncated, BEFORE_HASH },
	{ "empty", spoil_empty, BEFORE_HASH },
	{ "doctype", spoil_doctype, BEFORE_HASH },
	{ "session", spoil_session, BEFORE_HASH },
	{ "serial", spoil_serial, BEFORE_HASH },
	{ "serial-zero", spoil_serial_zero, BEFORE_HASH },
	{ "version", spoil_version, BEFORE_HASH },
	{ "namespace", spoil_namespace, BEFORE_HASH },
	{ "base64", spoil_base64, BEFORE_HASH },
	{ "twice", spoil_twice, BEFORE_HASH },
	{ "element", spoil_element, BEFORE_HASH },
	{ "foreign", spoil_foreign, BEFORE_HASH },
	{ "wrong-hash", spoil_wrong_hash, BEFORE_HASH },
	{ "no-deltas", spoil_no_deltas, BEFORE_HASH },
	{ "gap", spoil_gap, BEFORE_HASH },
};

static const struct way *
find_way(const char *how)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].how, how) == 0) {
			return &ways[i];
		}
	}
	return NULL;
}

bool
notice_spoil(struct world *world, struct host *host, const char *what,
    const char *how)
{
	struct spoil *spoil;

	if (strcmp(what, "mend") == 0) {
		host->spoils = NULL;
		return true;
	}
	if (find_way(how) == NULL ||
	    (strcmp(what, "notification") != 0 &&
		strcmp(what, "snapshot") != 0 && strcmp(what, "delta") != 0)) {
		return false;
	}
	spoil = arena_zero(world->arena, 1, sizeof(*spoil));
	spoil->what = arena_text(world->arena, what);
	spoil->how = arena_text(world->arena, how);
	spoil->next = host->spoils;
	host->spoils = spoil;
	return true;
}

/* True when the file is to be written. */
static bool
spoil(const struct host *host, const char *what, struct octets *text,
    enum when when)
{
	bool write = true;

	for (const struct spoil *s = host->spoils; s != NULL; s = s->next) {
		const struct way *way = find_way(s->how);

		if (strcmp(s->what, what) != 0 || way->when != when) {
			continue;
		}
		if (way->spoil == NULL) {
			write = false;
		} else {
			way->spoil(text);
		}
	}
	return write;
}

/* --- writing */

static int
put(struct world *world, const struct host *host, const char *name,
    struct bytes octets)
{
	if (host->rrdp_gone) {
		return 0;
	}
	return shelf_publish(world,
	    arena_printf(world->arena, "%s/step-%u/https/%s/%s", world->out,
		world->step, host->name, name),
	    octets);
}

/* Spoil, hash, spoil, write; the hash in hex. */
static int
finish(struct world *world, const struct host *host, const char *what,
    struct octets *text, char hash[65])
{
	char *name = arena_printf(world->arena, "%s/%llu/%s.xml", host->session,
	    (unsigned long long)host->serial, what);
	uint8_t digest[32];

	spoil(host, what, text, BEFORE_HASH);
	key_sha256(digest, octets_bytes(text));
	hex(hash, digest);
	if (!spoil(host, what, text, AFTER_HASH)) {
		return 0;
	}
	return put(world, host, name, octets_bytes(text));
}

static void
keep_delta(struct host *host, struct octets *text)
{
	if (host->delta_count == KEPT_DELTAS) {
		free((void *)(uintptr_t)host->deltas[0].octets.at);
		memmove(host->deltas, host->deltas + 1,
		    (KEPT_DELTAS - 1) * sizeof(*host->deltas));
		host->delta_count--;
	}
	host->deltas = mem_grow(host->deltas, host->delta_count + 1,
	    sizeof(*host->deltas));
	host->deltas[host->delta_count++] = (struct delta){
		.serial = host->serial,
		.octets = bytes_of(mem_copy(text->at, text->len), text->len),
	};
}

static void
forget_deltas(struct host *host)
{
	while (host->delta_count > 0) {
		host->delta_count--;
		free((void *)(uintptr_t)host->deltas[host->delta_count]
			 .octets.at);
	}
}

/* Session, serial and the new delta, if there is one. */
static void
advance(struct world *world, struct host *host, const struct files *files)
{
	struct octets text = { 0 };

	if (host->session[0] == '\0') {
		choose_session(host);
		forget_deltas(host);
		host->serial = 1;
		return;
	}
	host->serial++;
	if (write_delta(&text, world, host, files)) {
		keep_delta(host, &text);
	} else {
		host->serial--;
	}
	octets_clear(&text);
}

static int
write_deltas(struct octets *notification, struct world *world,
    struct host *host)
{
	struct octets text = { 0 };
	uint64_t serial = host->serial;
	char hash[65];
	int rc = 0;

	for (size_t i = host->delta_count; i-- > 0 && rc == 0;) {
		octets_reset(&text);
		octets_add_bytes(&text, host->deltas[i].octets);
		host->serial = host->deltas[i].serial;
		rc = finish(world, host, "delta", &text, hash);
		octets_printf(notification,
		    "<delta serial=\"%llu\" uri=\"%s\" hash=\"%s\"/>\n",
		    (unsigned long long)host->serial,
		    world_https(world, host, world->arena,
			arena_printf(world->arena, "%s/%llu/delta.xml",
			    host->session, (unsigned long long)host->serial)),
		    hash);
	}
	host->serial = serial;
	octets_clear(&text);
	return rc;
}

int
notice_publish(struct world *world, struct host *host, struct files *files)
{
	struct octets text = { 0 }, snapshot = { 0 };
	char hash[65];
	int rc;

	advance(world, host, files);
	free(host->files.at);
	host->files = *files;
	write_snapshot(&snapshot, world, host);
	rc = finish(world, host, "snapshot", &snapshot, hash);
	octets_clear(&snapshot);
	root(&text, "notification", host);
	octets_printf(&text, "<snapshot uri=\"%s\" hash=\"%s\"/>\n",
	    world_https(world, host, world->arena,
		arena_printf(world->arena, "%s/%llu/snapshot.xml",
		    host->session, (unsigned long long)host->serial)),
	    hash);
	if (rc == 0) {
		rc = write_deltas(&text, world, host);
	}
	octets_printf(&text, "</notification>\n");
	spoil(host, "notification", &text, BEFORE_HASH);
	if (rc == 0 && spoil(host, "notification", &text, AFTER_HASH)) {
		rc = put(world, host, "notification.xml", octets_bytes(&text));
	}
	octets_clear(&text);
	return rc;
}
