/* SPDX-License-Identifier: BSD-2-Clause */
/* cache - see cache.h. */
#include "validator/cache.h"

#include <errno.h>
#include <string.h>

enum {
	LOCK_WAIT_MS = 60000,
	EMPTY_DEATHS = 2,
};

struct opening {
	struct cache *cache;
	const char *dir;
	struct log *log;
};

/* What did the engine before us die of? A database that kills whoever opens it
 * is of no use. */
static bool
look_back(void *arg)
{
	const struct opening *opening = arg;
	struct cache *cache = opening->cache;

	cache->box = blackbox_open(opening->dir, &cache->past);
	if (cache->past.empty_deaths < EMPTY_DEATHS) {
		return false;
	}
	log_error(opening->log,
	    "engines died twice of signal %d with nothing in hand: the cache "
	    "is set aside",
	    (int)cache->past.signal);
	return true;
}

/* One run at a time: say so at once, then wait for the other to end. */
static int
open_in_turn(struct cache *cache, struct store_config *config,
    struct talk *talk, struct log *log)
{
	int rc = store_open(&cache->store, config, log);

	if (rc == -EBUSY) {
		log_warn(log, "%s: waiting up to %d seconds for it to end",
		    config->dir, LOCK_WAIT_MS / 1000);
		/* A frame takes the log with it. */
		talk_progress(talk, &(struct wire_progress){ .points = 0 });
		config->lock_wait_ms = LOCK_WAIT_MS;
		rc = store_open(&cache->store, config, log);
	}
	return rc;
}

/* What to do about a cache that cannot be opened. */
static const char *
advice(int rc, bool write)
{
	if (rc == -EACCES || rc == -EPERM || rc == -EROFS) {
		return write ? "; --noupdate reads it, --repository-dir names "
			       "another"
			     : "; --repository-dir names another";
	}
	return rc == -ENOTDIR || rc == -ENAMETOOLONG
		   ? "; --repository-dir takes a folder"
		   : "";
}

static int
refuse(struct regret *regret, const char *dir, int rc, bool write)
{
	if (rc == -EBUSY) {
		return regret_say(regret, "%s: another run uses this cache",
		    dir);
	}
	if (rc == -EBADMSG && !write) {
		return regret_say(regret,
		    "%s: damaged, or a cache of another version; kedge update "
		    "sets it aside and begins anew",
		    dir);
	}
	if (rc == -ENOENT && !write) {
		return regret_say(regret,
		    "%s: nothing in this cache yet; fill it with kedge "
		    "update",
		    dir);
	}
	return regret_say(regret, "%s: cache cannot be opened: %s%s", dir,
	    strerror(-rc), advice(rc, write));
}

int
cache_open(struct cache *cache, const struct policy *policy, struct talk *talk,
    struct log *log, struct regret *regret)
{
	struct opening opening = { cache, policy->cache, log };
	struct store_config config = {
		.dir = policy->cache,
		.map_octets = policy->max_disk,
		.mode = policy->update ? KV_READ_WRITE : KV_READ_ONLY,
		.fresh = policy->fresh && policy->update,
		.locked = look_back,
		.arg = &opening,
	};
	int rc;

	if (config.dir == NULL) {
		return regret_say(regret, "no cache folder was given");
	}
	rc = open_in_turn(cache, &config, talk, log);
	return rc == 0 ? 0 : refuse(regret, config.dir, rc, policy->update);
}

void
cache_close(struct cache *cache)
{
	blackbox_close(cache->box);
	store_close(cache->store);
}
