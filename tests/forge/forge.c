/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * forge - kedge-forge makes whole repositories, good and deliberately bad.
 *
 *	kedge-forge play STORY --out DIR
 *	kedge-forge bench --cas 2000 --roas 20000 --change 10 --out DIR
 *	kedge-forge object TARGET --out FILE < STORY
 *	kedge-forge breaks
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "tests/forge/bulk.h"
#include "tests/forge/mischief.h"
#include "tests/forge/press.h"
#include "tests/forge/shelf.h"
#include "tests/forge/story.h"

struct choices {
	const char *keys, *out, *rsync_base, *https_base, *at;
	unsigned threads;
	bool rsync_all;
	struct bulk bulk;
};

static const struct option options[] = {
	{ "keys", required_argument, NULL, 'k' },
	{ "out", required_argument, NULL, 'o' },
	{ "rsync-base", required_argument, NULL, 'r' },
	{ "https-base", required_argument, NULL, 'h' },
	{ "at", required_argument, NULL, 'a' },
	{ "threads", required_argument, NULL, 't' },
	{ "cas", required_argument, NULL, 'c' },
	{ "roas", required_argument, NULL, 'n' },
	{ "anchors", required_argument, NULL, 'A' },
	{ "hosts", required_argument, NULL, 'H' },
	{ "change", required_argument, NULL, 'd' },
	{ "via", required_argument, NULL, 'v' },
	{ "rsync-all", no_argument, NULL, 'R' },
	{ NULL, 0, NULL, 0 },
};

static int
usage(void)
{
	fputs("usage: kedge-forge play STORY --out DIR [options]\n"
	      "       kedge-forge bench --cas N --roas N --change PERMILLE "
	      "--out DIR\n"
	      "       kedge-forge object TARGET --out FILE < STORY\n"
	      "       kedge-forge breaks\n"
	      "  --keys FILE         primes (fixtures/keys/primes.hex)\n"
	      "  --rsync-base URI    with %h for a host "
	      "(rsync://%h.example.net/repo)\n"
	      "  --https-base URI    with %h for a host "
	      "(https://%h.example.net/rrdp)\n"
	      "  --at TIME           the story's clock at its beginning (now)\n"
	      "  --rsync-all         rsync serves RRDP-only points too\n"
	      "  --threads N         (the machine's)\n"
	      "  --anchors N --hosts N --via rsync|rrdp|both  shape of bench\n",
	    stderr);
	return 1;
}

static bool
choose(struct choices *c, int argc, char **argv)
{
	int which;

	while ((which = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned long n =
		    optarg == NULL ? 0 : strtoul(optarg, NULL, 10);

		switch (which) {
		case 'k':
			c->keys = optarg;
			break;
		case 'o':
			c->out = optarg;
			break;
		case 'r':
			c->rsync_base = optarg;
			break;
		case 'h':
			c->https_base = optarg;
			break;
		case 'a':
			c->at = optarg;
			break;
		case 'R':
			c->rsync_all = true;
			break;
		case 't':
			c->threads = (unsigned)n;
			break;
		case 'c':
			c->bulk.cas = n;
			break;
		case 'n':
			c->bulk.roas = n;
			break;
		case 'A':
			c->bulk.anchors = (unsigned)n;
			break;
		case 'H':
			c->bulk.hosts = (unsigned)n;
			break;
		case 'd':
			c->bulk.change = (unsigned)n;
			break;
		case 'v':
			c->bulk.via = optarg;
			break;
		default:
			return false;
		}
	}
	return true;
}

/* Plays the story without writing it, then writes one of its objects. */
static int
object(struct world *world, const char *target, const char *out)
{
	struct item *item;
	int rc;

	world->out = NULL;
	if (story_play(world, "-") != 0) {
		return 1;
	}
	item = world_find_item(world, target);
	if (item == NULL || out == NULL) {
		fprintf(stderr, "kedge-forge: no such object: %s\n", target);
		return 1;
	}
	rc = shelf_write(out, item->octets);
	if (rc != 0) {
		fprintf(stderr, "kedge-forge: %s: %s\n", out, strerror(-rc));
	}
	return rc == 0 ? 0 : 1;
}

static int
run(struct world *world, const struct choices *c, char **argv)
{
	if (strcmp(argv[0], "bench") == 0) {
		return bulk_play(world, &c->bulk);
	}
	if (argv[1] == NULL) {
		return usage();
	}
	if (strcmp(argv[0], "play") == 0) {
		return story_play(world, argv[1]);
	}
	return strcmp(argv[0], "object") == 0 ? object(world, argv[1], c->out)
					      : usage();
}

int
main(int argc, char **argv)
{
	struct choices c = {
		.keys = "fixtures/keys/primes.hex",
		.rsync_base = "rsync://%h.example.net/repo",
		.https_base = "https://%h.example.net/rrdp",
		.threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
		.bulk = { .cas = 2000,
		    .roas = 20000,
		    .anchors = 5,
		    .hosts = 20 },
	};
	struct key_ring *ring;
	struct world world;
	int rc;

	if (!choose(&c, argc, argv) || optind >= argc) {
		return usage();
	}
	if (strcmp(argv[optind], "breaks") == 0) {
		mischief_list();
		return 0;
	}
	ring = key_ring_new(c.keys);
	if (ring == NULL || key_ring_size(ring) < 100 || c.out == NULL) {
		fprintf(stderr, "kedge-forge: need --out, and primes from %s\n",
		    c.keys);
		key_ring_free(ring);
		return 1;
	}
	world_init(&world, ring);
	world.out = c.out;
	world.rsync_base = c.rsync_base;
	world.https_base = c.https_base;
	world.threads = c.threads;
	world.rsync_all = c.rsync_all;
	world.clock = clock_wall();
	if (c.at != NULL && !clock_parse(&world.clock, text_bytes(c.at))) {
		fprintf(stderr, "kedge-forge: not a time: %s\n", c.at);
		rc = 1;
	} else {
		rc = run(&world, &c, argv + optind);
	}
	world_clear(&world);
	key_ring_free(ring);
	return rc;
}
