/* SPDX-License-Identifier: BSD-2-Clause */
/* engine - see engine.h. */
#include "validator/engine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/sandbox.h"
#include "store/sweep.h"
#include "validator/cache.h"
#include "validator/echo.h"
#include "validator/examine.h"
#include "validator/mandate.h"
#include "validator/pulse.h"
#include "validator/rations.h"
#include "validator/request.h"
#include "validator/run.h"
#include "validator/staff.h"
#include "validator/ward.h"

enum {
	TICK_MS = 200,
	SWEEP_GRACE = 7 * 24 * 3600,
};

struct engine {
	struct request request;
	struct arena *arena;
	struct talk *talk;
	struct log *log;
	struct cache cache;
	struct launcher *launcher;
	struct trust *trust;
	struct ward *ward;
	struct echo *echo; /* NULL: each run speaks for itself */
	struct point_court court;
	struct fetcher_desk desk;
	struct walk walk;
	struct run run;
	bool stop;
	bool hung; /* a judge is, and cannot be waited for */
	struct regret regret;
};

static int
take_mandate(struct engine *e)
{
	struct mandate mandate;
	int rc =
	    mandate_read(&mandate, &e->request.policy, e->arena, &e->regret);

	e->walk.anchors = mandate.anchors;
	e->walk.anchor_count = mandate.count;
	e->court.constraints = mandate.constraints;
	return rc;
}

static int
open_cache(struct engine *e)
{
	return cache_open(&e->cache, &e->request.policy, e->talk, e->log,
	    &e->regret);
}

/* Before the first thread: the launcher is a fork of this process. */
static int
start_launcher(struct engine *e)
{
	struct launcher_config config = {
		.program = e->request.policy.rsync_command != NULL
			       ? e->request.policy.rsync_command
			       : "rsync",
		.rsync_dir = store_rsync_dir(e->cache.store),
		.children = (unsigned)e->request.policy.fetch_threads,
	};
	int rc;

	if (!e->request.policy.rsync || !e->request.policy.update) {
		return 0;
	}
	rc = launcher_start(&e->launcher, &config);
	if (rc == -ENOENT) {
		log_warn(e->log, "%s: no such program: going on without rsync",
		    config.program);
		e->request.policy.rsync = false;
		return 0;
	}
	return rc == 0 ? 0
		       : regret_say(&e->regret, "rsync launcher: %s",
			     strerror(-rc));
}

static int
confine(struct engine *e)
{
	const struct sandbox_path paths[] = {
		{ e->request.policy.cache, true, false },
		{ "/usr/share", false, false },
		{ "/usr/lib", false, false },
		{ "/lib", false, false },
		{ "/dev/null", true, false },
		{ "/dev/urandom", false, false },
		{ "/proc/self", false, false },
		{ "/sys/devices/system/cpu", false, false },
	};
	struct sandbox box = { .role = e->request.policy.update ? SANDBOX_ENGINE
								: SANDBOX_JUDGE,
		.paths = paths,
		.path_count = sizeof(paths) / sizeof(paths[0]),
		.data_octets = e->request.policy.max_memory,
		.files = 4096,
		.child = launcher_pid(e->launcher) };

	if (!e->request.policy.sandbox) {
		return 0;
	}
	e->run.facts.sandbox = sandbox_enter(&box);
	if (e->request.policy.require_sandbox &&
	    (e->run.facts.sandbox &
		(SANDBOX_LANDLOCK_FILES | SANDBOX_SECCOMP)) !=
		(SANDBOX_LANDLOCK_FILES | SANDBOX_SECCOMP)) {
		return regret_say(&e->regret,
		    "this kernel cannot confine the engine, and "
		    "require-sandbox is set");
	}
	return 0;
}

/*
 * Once for all fetchers. A machine without roots goes on, for rsync may do;
 * what the operator named must be good.
 */
static int
read_trust(struct engine *e)
{
	const struct policy_list *own = &e->request.policy.rrdp_root_certs;
	const char *bad = NULL;
	int rc = 0;

	if (e->request.policy.update && e->request.policy.rrdp) {
		rc = http_trust(&e->trust, own->items, own->count, &bad);
	}
	if (bad != NULL) {
		return regret_say(&e->regret, "rrdp-root-cert %s: %s", bad,
		    rc == -EINVAL ? "no certificate in it (PEM)"
				  : strerror(-rc));
	}
	if (rc != 0) {
		log_error(e->log, "no HTTPS: roots of TLS cannot be read: %s",
		    strerror(-rc));
	}
	return 0;
}

/* All but one, which is for who has little to do. */
static unsigned
spare_processors(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus > 2 ? (unsigned)cpus - 1 : 1;
}

static void
set_up_walk(struct engine *e)
{
	struct walk *walk = &e->walk;

	walk->bars = bars_new();
	e->court.kv = store_kv(e->cache.store);
	e->court.bars = walk->bars;
	e->court.policy = &e->request.policy;
	e->court.ward = e->ward;
	e->court.box = e->cache.box;
	e->court.now = walk->now;
	point_rules(&e->request.policy, &e->court.rules);
	e->desk = (struct fetcher_desk){
		.policy = &e->request.policy,
		.store = e->cache.store,
		.launcher = e->launcher,
		.trust = e->trust,
		.log = e->log,
		.ward = e->ward,
		.box = e->cache.box,
		.turnstile = turnstile_new(spare_processors()),
		.now = walk->now,
		.deadline_ms = e->run.deadline_ms,
	};
	walk->policy = &e->request.policy;
	walk->span = ward_span(e->ward);
	walk->desk = &e->desk;
	walk->store = e->cache.store;
	walk->log = e->log;
	walk->arena = arena_new();
	walk->scratch = arena_new();
	walk->repo_by_uri = map_new();
	walk->seen = map_new();
	walk->rations = rations_new();
}

static void
send_progress(struct engine *e)
{
	struct wire_progress progress;

	pulse_take(&e->walk, &progress);
	talk_progress(e->talk, &progress);
}

/*
 * A judge that takes so long for one object never comes back. What it holds is
 * a culprit, and this process ends without it.
 */
static void
look_for_hang(struct engine *e)
{
	struct blackbox_item item;
	const struct blackbox_slot *slot;
	int64_t since;

	slot = e->cache.box == NULL
		   ? NULL
		   : blackbox_oldest(e->cache.box, BLACKBOX_OBJECT, &since);
	if (slot == NULL ||
	    clock_mono_ms() - since < (int64_t)LIMIT_JUDGE_SECONDS * 1000) {
		return;
	}
	blackbox_look(slot, &item);
	blackbox_blame(e->cache.box, slot);
	(void)regret_say(&e->regret, "%s: judging it does not end", item.uri);
	e->hung = true;
	e->stop = true;
}

static void
run_loop(struct engine *e)
{
	struct pollfd fds[] = {
		{ .fd = pool_bell(e->walk.judges), .events = POLLIN },
		{ .fd = pool_bell(e->walk.fetchers), .events = POLLIN },
		{ .fd = e->request.fd, .events = POLLIN },
	};
	int64_t told = 0;

	walk_begin(&e->walk);
	while (!e->stop && run_advance(&e->run)) {
		talk_lines(e->talk);
		if (clock_mono_ms() - told >= TICK_MS) {
			told = clock_mono_ms();
			send_progress(e);
			look_for_hang(e);
		}
		e->stop |= talk_gone(e->talk);
		if (poll(fds, 3, e->walk.hurried ? 0 : TICK_MS) > 0 &&
		    fds[2].revents != 0) {
			e->stop |= request_stops(&e->request);
		}
	}
	/* Somebody may lose patience with us: that is nobody's fault here. */
	atomic_store(&e->desk.ended, e->stop);
	if (e->stop && !e->hung && e->cache.box != NULL) {
		blackbox_excuse(e->cache.box);
	}
	send_progress(e);
}

static void
sweep(struct engine *e, const struct met *met)
{
	struct sweep_report report = { 0 };
	int rc = sweep_run(e->cache.store, e->walk.now, SWEEP_GRACE, met,
	    &report, e->log);

	if (rc != 0) {
		log_warn(e->log, "sweep: %s", strerror(-rc));
		store_blame(e->cache.store, rc);
	}
}

static bool
may_sweep(const struct engine *e)
{
	const struct policy *p = &e->request.policy;

	return p->update && !p->dirty &&
	       (p->at == 0 || sweep_knows(e->cache.store, e->walk.now));
}

/* What the store lost a sweep finds, so that it is fetched again. */
static void
tidy_up(struct engine *e, bool whole)
{
	struct met *met = NULL;

	/* Where only some hosts are to be led to, the others are not met. */
	whole = whole && e->request.policy.only_hosts.count == 0;
	if (may_sweep(e) && !e->stop &&
	    (e->walk.holes || sweep_due(e->cache.store, e->walk.now))) {
		met = whole ? walk_met(&e->walk) : NULL;
		sweep(e, met);
		met_free(met);
	}
}

/* The engine before us died. If a damaged database was the cause we die here,
 * with nothing in hand, and no object is blamed for it. */
static void
try_the_store(struct engine *e)
{
	if (may_sweep(e) && e->cache.past.died) {
		sweep(e, NULL);
	}
}

static int
conclude(struct engine *e)
{
	if (e->hung) {
		return 1;
	}
	if (e->stop) {
		return regret_say(&e->regret,
		    "stopped before the run was whole");
	}
	if (e->run.full) {
		return regret_say(&e->regret,
		    "%s: nothing of what was fetched could be kept; is there "
		    "room, and may it be written?",
		    e->request.policy.cache);
	}
	if (e->run.vain) {
		return regret_say(&e->regret,
		    "no repository could be fetched, and nothing is kept of "
		    "any");
	}
	if (e->run.state == RUN_FAILED) {
		return regret_say(&e->regret,
		    "no trust anchor gave a certificate");
	}
	return 0;
}

/* Judge by this walk; without one, why there is none is in e->regret.text. */
static int
look(struct engine *e, const struct walk *walk)
{
	struct examine_desk desk = {
		.request = &e->request,
		.talk = e->talk,
		.now = e->walk.now,
		.kv = e->cache.store == NULL ? NULL : store_kv(e->cache.store),
		.walk = walk,
		.why = e->regret.text,
	};
	int rc = examine_all(&desk);

	e->regret.text[0] = '\0';
	return rc;
}

/* Objects are looked at without a cache or a trust anchor too. */
static int
look_alone(struct engine *e)
{
	int rc = confine(e);

	return rc == 0 ? look(e, NULL) : rc;
}

/* All that a run is, from the first fetch to the last seal. */
static int
run_whole(struct engine *e)
{
	int rc;

	set_up_walk(e);
	staff_start(&e->walk, &e->court, &e->desk);
	e->run.walk = &e->walk;
	e->run.talk = e->talk;
	e->run.log = e->log;
	e->run.policy = &e->request.policy;
	e->run.mute = e->request.inspect;
	run_loop(e);
	rc = conclude(e);
	if (e->request.inspect && !e->stop) {
		rc = look(e, rc == 0 ? &e->walk : NULL);
	}
	tidy_up(e, rc == 0);
	return rc;
}

/* Has the same been asked before, of the same store? Else it may be again. */
static int
run_or_echo(struct engine *e)
{
	int rc;

	if (e->echo != NULL &&
	    echo_again(e->echo, e->walk.now, e->talk, &e->run.facts)) {
		return 0;
	}
	if (e->echo != NULL) {
		echo_listen(e->echo, e->talk);
		/* Sorted once, and not each time that it is said again. */
		e->run.facts.in_order = true;
	}
	rc = run_whole(e);
	if (rc == 0 && e->echo != NULL) {
		echo_keep(e->echo, &e->walk);
	}
	if (!e->hung) {
		staff_dismiss(&e->walk);
	}
	return rc;
}

static int
do_run(struct engine *e)
{
	int rc = start_launcher(e);

	if (rc == 0 && !e->request.inspect) {
		/* Before anything is read that decides. */
		e->echo =
		    echo_new(&e->request.policy, store_kv(e->cache.store));
	}
	if (rc == 0) {
		e->ward = ward_new(e->cache.store, &e->cache.past, e->walk.now,
		    e->log);
		rc = read_trust(e); /* out of reach afterwards */
	}
	if (rc == 0) {
		rc = confine(e);
	}
	if (rc != 0) {
		return rc;
	}
	try_the_store(e);
	return run_or_echo(e);
}

/* No run: tell what is left alone, and release what was asked for. */
static int
show_ward(struct engine *e)
{
	struct octets text = { 0 };
	const char *name = e->request.policy.release;
	int n;

	e->request.policy.update = name != NULL;
	if (open_cache(e) != 0) {
		return 1;
	}
	if (name != NULL) {
		n = ward_release(e->cache.store, name);
		if (n < 0) {
			return regret_say(&e->regret, "quarantine: %s",
			    strerror(-n));
		}
		if (n == 0) {
			return regret_say(&e->regret,
			    "nothing in quarantine has the hash or URI %s",
			    name);
		}
	}
	ward_list(e->cache.store, e->walk.now, &text);
	talk_text(e->talk, octets_bytes(&text));
	octets_clear(&text);
	return 0;
}

static int
serve(struct engine *e)
{
	int rc;

	e->run.facts.started = clock_wall();
	e->walk.now = e->request.policy.at != 0 ? (int64_t)e->request.policy.at
						: e->run.facts.started;
	if (e->request.policy.deadline != 0) {
		e->run.deadline_ms = clock_mono_ms() +
				     (int64_t)e->request.policy.deadline * 1000;
	}
	if (e->request.policy.quarantine) {
		return show_ward(e);
	}
	if (e->request.inspect) {
		e->request.policy.update = false;
		if (open_cache(e) != 0) {
			return look_alone(e);
		}
	}
	rc = take_mandate(e);
	if (rc != 0) {
		return e->request.inspect ? rc : WIRE_REFUSED;
	}
	if (e->cache.store == NULL) {
		rc = open_cache(e);
	}
	return rc == 0 ? do_run(e) : rc;
}

static void
clean_up(struct engine *e)
{
	echo_free(e->echo);
	/* Nothing that is in hand now is at fault for how we end. */
	if (!e->hung && e->cache.box != NULL) {
		blackbox_done(e->cache.box);
	}
	if (e->walk.fetchers != NULL || e->hung) {
		/* Somebody still works, with what they were given. */
		launcher_end(e->launcher);
		talk_free(e->talk);
		_exit(0);
	}
	launcher_stop(e->launcher);
	talk_free(e->talk);
	ward_free(e->ward);
	if (e->walk.arena != NULL) {
		walk_clear(&e->walk);
	} else {
		free(e->walk.anchors);
	}
	turnstile_free(e->desk.turnstile);
	trust_free(e->trust);
	cache_close(&e->cache);
	frame_clear(&e->request.reader);
	arena_free(e->arena);
	log_free(e->log);
}

int
engine_main(int fd)
{
	struct engine e = { .request.fd = fd };
	int code;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN); /* the parent decides, by STOP */
	(void)umask(022);
	e.arena = arena_new();
	e.request.arena = e.arena;
	e.talk = talk_new(fd);
	/* First of all: a kedge of another version asks in other words. */
	talk_hello(e.talk);
	if (!request_read(&e.request)) {
		fprintf(stderr,
		    "no request on descriptor %d: this program is started "
		    "by kedge\n",
		    fd);
		talk_free(e.talk);
		frame_clear(&e.request.reader);
		arena_free(e.arena);
		return 1;
	}
	e.log = log_new((enum log_level)e.request.policy.log_level);
	log_to_sink(e.log, talk_line, e.talk);
	code = serve(&e);
	talk_done(e.talk, code, e.regret.text);
	clean_up(&e);
	return 0;
}
