/* SPDX-License-Identifier: BSD-2-Clause */
/* engine - see engine.h. */
#include "validator/engine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "store/sweep.h"
#include "validator/examine.h"
#include "validator/locator.h"
#include "validator/pulse.h"
#include "validator/request.h"
#include "validator/run.h"
#include "validator/ward.h"

enum {
	AHEAD = 8, /* points for each judge, so that none waits for the owner */
	TICK_MS = 200,
	LOCK_WAIT_MS = 60000,
	SWEEP_GRACE = 7 * 24 * 3600,
	EMPTY_DEATHS = 2,
	WHY = 512,
};

struct engine {
	struct request request;
	struct arena *arena;
	struct talk *talk;
	struct log *log;
	struct store *store;
	struct launcher *launcher;
	struct trust *trust;
	struct blackbox *box; /* NULL: this run may not write */
	struct blackbox_past past;
	struct ward *ward;
	struct point_court court;
	struct fetcher_desk desk;
	struct walk walk;
	struct run run;
	bool stop;
	bool hung; /* a judge is, and cannot be waited for */
	char why[WHY];
};

static int fail(struct engine *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Why the request cannot be met: the answer's last words. */
static int
fail(struct engine *e, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(e->why, sizeof(e->why), format, ap);
	va_end(ap);
	return 1;
}

static int
fail_constraints(struct engine *e, const struct policy_tal *tal, unsigned line)
{
	struct bytes rest = tal->constraints, wrong = { 0 };
	struct octets shown = { 0 };
	int rc;

	for (unsigned i = 0; i < line; i++) {
		wrong = text_cut(&rest, '\n');
	}
	text_escape(&shown, text_trim(wrong));
	octets_u8(&shown, 0);
	rc = fail(e,
	    "%s:%u: `%.60s` is no rule; a rule is like `allow 10.0.0.0/8`, "
	    "`deny 192.0.2.0 - 192.0.2.9` or `deny AS64496 - AS64511`, with "
	    "prefixes zero beyond their length and ranges from low to high",
	    tal->constraints_origin, line, (const char *)shown.at);
	octets_clear(&shown);
	return rc;
}

static int
read_anchor(struct engine *e, const struct policy_tal *tal,
    struct walk_anchor *anchor)
{
	unsigned line = 0;
	enum fault fault;

	anchor->name = tal->name;
	fault = locator_read(&anchor->tal, tal->text, &line, e->arena);
	if (fault != FAULT_NONE) {
		return fail(e, "%s:%u: %s: %s (%s)", tal->origin, line,
		    fault_label(fault), fault_text(fault), fault_source(fault));
	}
	if (!constraints_read(&anchor->constraints, tal->constraints, &line,
		e->arena)) {
		return fail_constraints(e, tal, line);
	}
	return 0;
}

static int
read_anchors(struct engine *e)
{
	size_t n = e->request.policy.tal_count;
	struct constraints *all = arena_zero(e->arena, n + 1, sizeof(*all));

	if (n == 0) {
		return fail(e, "no trust anchor: give a TAL");
	}
	e->walk.anchor_count = n;
	e->walk.anchors = mem_zero(n, sizeof(*e->walk.anchors));
	for (size_t i = 0; i < n; i++) {
		int rc = read_anchor(e, &e->request.policy.tals[i],
		    &e->walk.anchors[i]);

		if (rc != 0) {
			return rc;
		}
		all[i] = e->walk.anchors[i].constraints;
	}
	e->court.constraints = all;
	return 0;
}

/* What did the engine before us die of? A database that kills whoever opens it
 * is of no use. */
static bool
look_back(void *arg)
{
	struct engine *e = arg;

	e->box = blackbox_open(e->request.policy.cache, &e->past);
	if (e->past.empty_deaths < EMPTY_DEATHS) {
		return false;
	}
	log_error(e->log,
	    "engines died twice of signal %d with nothing in hand: the cache "
	    "is set aside",
	    (int)e->past.signal);
	return true;
}

/* One run at a time: say so at once, then wait for the other to end. */
static int
open_in_turn(struct engine *e, struct store_config *config)
{
	int rc = store_open(&e->store, config, e->log);

	if (rc == -EBUSY) {
		log_warn(e->log, "%s: waiting up to %d seconds for it to end",
		    config->dir, LOCK_WAIT_MS / 1000);
		/* A frame takes the log with it. */
		talk_progress(e->talk, &(struct wire_progress){ .points = 0 });
		config->lock_wait_ms = LOCK_WAIT_MS;
		rc = store_open(&e->store, config, e->log);
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
open_store(struct engine *e)
{
	bool write = e->request.policy.update;
	struct store_config config = {
		.dir = e->request.policy.cache,
		.map_octets = e->request.policy.max_disk,
		.mode = write ? KV_READ_WRITE : KV_READ_ONLY,
		.fresh = e->request.policy.fresh && write,
		.locked = look_back,
		.arg = e,
	};
	int rc;

	if (config.dir == NULL) {
		return fail(e, "no cache folder was given");
	}
	rc = open_in_turn(e, &config);
	if (rc == -EBUSY) {
		return fail(e, "%s: another run uses this cache", config.dir);
	}
	if (rc == -ENOENT && !write) {
		return fail(e,
		    "%s: nothing in this cache yet; fill it with kedge "
		    "update",
		    config.dir);
	}
	if (rc != 0) {
		return fail(e, "%s: cache cannot be opened: %s%s", config.dir,
		    strerror(-rc), advice(rc, write));
	}
	return 0;
}

/* Before the first thread: the launcher is a fork of this process. */
static int
start_launcher(struct engine *e)
{
	struct launcher_config config = {
		.program = e->request.policy.rsync_command != NULL
			       ? e->request.policy.rsync_command
			       : "rsync",
		.rsync_dir = store_rsync_dir(e->store),
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
	return rc == 0 ? 0 : fail(e, "rsync launcher: %s", strerror(-rc));
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
	struct sandbox box = { .role = SANDBOX_ENGINE,
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
		return fail(e, "this kernel cannot confine the engine, and "
			       "require-sandbox is set");
	}
	return 0;
}

static void *
judge_begin(void *court, unsigned worker)
{
	(void)worker;
	return point_judge_new(court);
}

static void *
judge_work(void *self, void *job)
{
	int64_t begun = clock_thread_us();
	struct point_result *result = point_judge(self, job);

	result->judging_us = (uint64_t)(clock_thread_us() - begun);
	free(job);
	return result;
}

static void
judge_end(void *self)
{
	point_judge_free(self);
}

static void
drop_result(void *result)
{
	point_result_free(result);
}

static void
drop_fetched(void *result)
{
	fetcher_result_free(result);
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
		return fail(e, "rrdp-root-cert %s: %s", bad,
		    rc == -EINVAL ? "no certificate in it (PEM)"
				  : strerror(-rc));
	}
	if (rc != 0) {
		log_error(e->log, "no HTTPS: roots of TLS cannot be read: %s",
		    strerror(-rc));
	}
	return 0;
}

static void
set_up_walk(struct engine *e)
{
	struct walk *walk = &e->walk;

	e->court.kv = store_kv(e->store);
	e->court.policy = &e->request.policy;
	e->court.ward = e->ward;
	e->court.box = e->box;
	e->court.now = walk->now;
	point_rules(&e->request.policy, &e->court.rules);
	e->desk = (struct fetcher_desk){
		.policy = &e->request.policy,
		.store = e->store,
		.launcher = e->launcher,
		.trust = e->trust,
		.log = e->log,
		.ward = e->ward,
		.box = e->box,
		.now = walk->now,
		.deadline_ms = e->run.deadline_ms,
	};
	walk->policy = &e->request.policy;
	walk->desk = &e->desk;
	walk->store = e->store;
	walk->log = e->log;
	walk->arena = arena_new();
	walk->scratch = arena_new();
	walk->repo_by_uri = map_new();
	walk->seen = map_new();
	walk->host_fetches = map_new();
}

static void
start_pools(struct engine *e)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned judges = e->request.policy.validation_threads != 0
			      ? (unsigned)e->request.policy.validation_threads
			      : (unsigned)(cpus > 0 ? cpus : 1);

	e->walk.judges = pool_new(&(struct pool_work){ .name = "judge",
				      .begin = judge_begin,
				      .work = judge_work,
				      .end = judge_end,
				      .arg = &e->court },
	    judges, 0);
	e->walk.judge_room = (size_t)judges * AHEAD;
	e->walk.fetchers = pool_new(&(struct pool_work){ .name = "fetch",
					.begin = fetcher_begin,
					.work = fetcher_work,
					.end = fetcher_end,
					.arg = &e->desk },
	    (unsigned)e->request.policy.fetch_threads, 0);
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

	slot = e->box == NULL
		   ? NULL
		   : blackbox_oldest(e->box, BLACKBOX_OBJECT, &since);
	if (slot == NULL ||
	    clock_mono_ms() - since < (int64_t)LIMIT_JUDGE_SECONDS * 1000) {
		return;
	}
	blackbox_look(slot, &item);
	blackbox_blame(e->box, slot);
	(void)fail(e, "%s: judging it does not end", item.uri);
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
		if (clock_mono_ms() - told >= TICK_MS) {
			told = clock_mono_ms();
			send_progress(e);
			look_for_hang(e);
		}
		e->stop |= talk_gone(e->talk);
		if (poll(fds, 3, TICK_MS) > 0 && fds[2].revents != 0) {
			e->stop |= request_stops(&e->request);
		}
	}
	/* Somebody may lose patience with us: that is nobody's fault here. */
	if (e->stop && !e->hung && e->box != NULL) {
		blackbox_excuse(e->box);
	}
	send_progress(e);
}

static void
sweep(struct engine *e)
{
	struct sweep_report report = { 0 };
	int rc;

	if (!e->request.policy.update || e->request.policy.dirty || e->stop) {
		return;
	}
	rc = sweep_run(e->store, e->walk.now, SWEEP_GRACE, &report, e->log);
	if (rc != 0) {
		log_warn(e->log, "sweep: %s", strerror(-rc));
		store_blame(e->store, rc);
	}
}

static int
conclude(struct engine *e)
{
	if (e->hung) {
		return 1;
	}
	if (e->stop) {
		return fail(e, "stopped before the run was whole");
	}
	if (e->run.full) {
		return fail(e,
		    "%s: nothing of what was fetched could be kept; is there "
		    "room, and may it be written?",
		    e->request.policy.cache);
	}
	if (e->run.state == RUN_FAILED) {
		return fail(e, "no trust anchor gave a certificate");
	}
	return 0;
}

/*
 * A fetcher may be in the middle of a wait of minutes: the process ends
 * without it. The store is safe at any instant.
 */
static void
shut_pools(struct engine *e)
{
	if (e->hung) {
		return;
	}
	if (walk_fetching(&e->walk) == 0) {
		pool_free(e->walk.fetchers, free, drop_fetched);
		e->walk.fetchers = NULL;
	}
	pool_free(e->walk.judges, free, drop_result);
	e->walk.judges = NULL;
}

/* Judge by this walk; without one, why there is none is in e->why. */
static int
look(struct engine *e, const struct walk *walk)
{
	struct examine_desk desk = {
		.request = &e->request,
		.talk = e->talk,
		.now = e->walk.now,
		.kv = e->store == NULL ? NULL : store_kv(e->store),
		.walk = walk,
		.why = e->why,
	};
	int rc = examine_all(&desk);

	e->why[0] = '\0';
	return rc;
}

/* Objects are looked at without a cache or a trust anchor too. */
static int
look_alone(struct engine *e)
{
	int rc = confine(e);

	return rc == 0 ? look(e, NULL) : rc;
}

static int
do_run(struct engine *e)
{
	int rc = start_launcher(e);

	if (rc == 0) {
		e->ward = ward_new(e->store, &e->past, e->walk.now, e->log);
		rc = read_trust(e); /* out of reach afterwards */
	}
	if (rc == 0) {
		rc = confine(e);
	}
	if (rc != 0) {
		return rc;
	}
	set_up_walk(e);
	start_pools(e);
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
	sweep(e);
	shut_pools(e);
	return rc;
}

/* No run: tell what is left alone, and release what was asked for. */
static int
show_ward(struct engine *e)
{
	struct octets text = { 0 };
	const char *name = e->request.policy.release;
	int n;

	e->request.policy.update = name != NULL;
	if (open_store(e) != 0) {
		return 1;
	}
	if (name != NULL) {
		n = ward_release(e->store, name);
		if (n < 0) {
			return fail(e, "quarantine: %s", strerror(-n));
		}
		if (n == 0) {
			return fail(e,
			    "nothing in quarantine has the hash or URI %s",
			    name);
		}
	}
	ward_list(e->store, e->walk.now, &text);
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
		if (open_store(e) != 0) {
			return look_alone(e);
		}
	}
	rc = read_anchors(e);
	if (rc != 0) {
		return e->request.inspect ? rc : WIRE_REFUSED;
	}
	if (e->store == NULL) {
		rc = open_store(e);
	}
	return rc == 0 ? do_run(e) : rc;
}

static void
clean_up(struct engine *e)
{
	/* Nothing that is in hand now is at fault for how we end. */
	if (!e->hung && e->box != NULL) {
		blackbox_done(e->box);
	}
	if (e->walk.fetchers != NULL || e->hung) {
		/* Somebody still works, with what they were given. */
		launcher_end(e->launcher);
		talk_free(e->talk);
		_exit(0);
	}
	launcher_stop(e->launcher);
	talk_free(e->talk);
	blackbox_close(e->box);
	ward_free(e->ward);
	if (e->walk.arena != NULL) {
		walk_clear(&e->walk);
	} else {
		free(e->walk.anchors);
	}
	trust_free(e->trust);
	store_close(e->store);
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
	if (!request_read(&e.request)) {
		fprintf(stderr,
		    "kedge-engine: no request on descriptor %d: "
		    "this program is started by kedge\n",
		    fd);
		frame_clear(&e.request.reader);
		arena_free(e.arena);
		return 1;
	}
	e.talk = talk_new(fd);
	e.log = log_new((enum log_level)e.request.policy.log_level);
	log_to_sink(e.log, talk_line, e.talk);
	talk_hello(e.talk);
	code = serve(&e);
	talk_done(e.talk, code, e.why);
	clean_up(&e);
	return 0;
}
