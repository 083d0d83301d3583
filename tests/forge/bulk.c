/* SPDX-License-Identifier: BSD-2-Clause */
/* bulk - see bulk.h. */
#include "tests/forge/bulk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/forge/story.h"

/* A command as text, cut and told. */
static bool __attribute__((format(printf, 2, 3)))
tell(struct world *world, const char *format, ...)
{
	char line[4096];
	char *words[256], *save = NULL;
	size_t count = 0;
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	for (char *word = strtok_r(line, " ", &save);
	     word != NULL && count < 255; word = strtok_r(NULL, " ", &save)) {
		words[count++] = word;
	}
	return story_tell(world, words, count);
}

/* How CAs are laid out: each has a /20 and a /44 of its anchor's blocks. */
struct place {
	unsigned anchor;
	unsigned long in; /* which CA of its anchor */
};

static struct place
place_of(const struct bulk *bulk, unsigned long ca)
{
	return (struct place){ .anchor = (unsigned)(ca % bulk->anchors),
		.in = ca / bulk->anchors };
}

static bool
tell_anchors(struct world *world, const struct bulk *bulk)
{
	for (unsigned i = 0; i < bulk->anchors; i++) {
		if (!tell(world,
			"anchor ta%u %u.0.0.0/8 %x::/16 "
			"AS%u-%u host ta%u via both",
			i, 10 + i, 0x2400 + i, 100000 * (i + 1),
			100000 * (i + 1) + 99999, i)) {
			return false;
		}
	}
	return true;
}

/*
 * Most CAs hang below their anchor; every tenth is a registry under which the
 * nine after it hang, as national registries do.
 */
static bool
tell_cas(struct world *world, const struct bulk *bulk)
{
	static const char *const vias[] = { "both", "rrdp", "both", "rsync",
		"both" };

	for (unsigned long i = 0; i < bulk->cas; i++) {
		struct place p = place_of(bulk, i);
		unsigned long host =
		    i % 3 == 0 ? i % bulk->hosts : p.anchor % bulk->hosts;

		if (!tell(world,
			"ca ta%u/c%lu %u.%lu.%lu.0/20 "
			"%x:%lx::/32 AS%lu-%lu host h%lu via %s",
			p.anchor, i, 10 + p.anchor, p.in >> 4 & 255,
			(p.in & 15) << 4, 0x2400 + p.anchor, p.in,
			100000 * (p.anchor + 1) + p.in * 10,
			100000 * (p.anchor + 1) + p.in * 10 + 9, host,
			bulk->via != NULL ? bulk->via : vias[host % 5])) {
			return false;
		}
	}
	return true;
}

/* ROA n of CA i: one to eight prefixes, every fourth with IPv6. */
static bool
tell_roa(struct world *world, const struct bulk *bulk, unsigned long i,
    unsigned long n, unsigned turn)
{
	struct place p = place_of(bulk, i);
	char prefixes[2048];
	size_t len = 0;

	for (unsigned long k = 0; k <= (i + n) % 8; k++) {
		len += (size_t)snprintf(prefixes + len, sizeof(prefixes) - len,
		    " %u.%lu.%lu.0/24", 10 + p.anchor, p.in >> 4 & 255,
		    ((p.in & 15) << 4) + (n + k) % 16);
	}
	if ((i + n) % 4 == 0) {
		snprintf(prefixes + len, sizeof(prefixes) - len,
		    " %x:%lx:%lx::/48-%lu", 0x2400 + p.anchor, p.in, n,
		    48 + n % 16);
	}
	return tell(world, "roa ta%u/c%lu/r%lu-%u AS%lu%s", p.anchor, i, n,
	    turn, 100000 * (p.anchor + 1) + p.in * 10 + (n + turn) % 10,
	    prefixes);
}

static bool
tell_objects(struct world *world, const struct bulk *bulk)
{
	bool ok = true;

	for (unsigned long n = 0; n < bulk->roas && ok; n++) {
		ok = tell_roa(world, bulk, n % bulk->cas, n / bulk->cas, 0);
	}
	for (unsigned long i = 0; i < bulk->cas && ok; i++) {
		struct place p = place_of(bulk, i);
		unsigned long asn = 100000 * (p.anchor + 1) + p.in * 10;

		if (i % 10 == 3) {
			ok = tell(world, "aspa ta%u/c%lu/a AS%lu AS%lu AS%lu",
			    p.anchor, i, asn, asn + 100, asn + 333);
		}
		if (ok && i % 50 == 7) {
			ok = tell(world, "routerkey ta%u/c%lu/k AS%lu",
			    p.anchor, i, asn);
		}
	}
	return ok;
}

/* A share of the ROAs is replaced by others. */
static bool
tell_changes(struct world *world, const struct bulk *bulk)
{
	unsigned long every = 1000 / bulk->change;
	bool ok = true;

	for (unsigned long n = 0; n < bulk->roas && ok; n += every) {
		struct place p = place_of(bulk, n % bulk->cas);

		ok = tell(world, "withdraw ta%u/c%lu/r%lu-0.roa", p.anchor,
			 n % bulk->cas, n / bulk->cas) &&
		     tell_roa(world, bulk, n % bulk->cas, n / bulk->cas, 1);
	}
	return ok;
}

int
bulk_play(struct world *world, const struct bulk *bulk)
{
	bool ok = tell_anchors(world, bulk) && tell_cas(world, bulk) &&
		  tell_objects(world, bulk) && tell(world, "step");

	if (ok && bulk->change > 0) {
		ok = tell_changes(world, bulk) && tell(world, "step");
	}
	return ok ? 0 : 1;
}
