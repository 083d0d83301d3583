/* SPDX-License-Identifier: BSD-2-Clause */
/* fetcher - see fetcher.h. */
#include "validator/fetcher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/inject.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/uri.h"
#include "fetch/footprint.h"
#include "fetch/near.h"
#include "fetch/rsync.h"
#include "store/import.h"
#include "validator/anchor.h"
#include "validator/books.h"

void *
fetcher_begin(void *desk, unsigned worker)
{
	struct fetcher *self = mem_zero(1, sizeof(*self));
	const struct policy *p;
	struct http_config config;
	int rc = 0;

	self->desk = desk;
	self->number = worker;
	p = self->desk->policy;
	config = (struct http_config){
		.trust = self->desk->trust,
		.proxy_count = p->rrdp_proxies.count,
		.proxies = p->rrdp_proxies.items,
		.local_addr = p->rrdp_local_addr,
		.agent = "kedge/" PACKAGE_VERSION,
		.connect_seconds = (unsigned)p->connect_timeout,
		.stall_seconds = (unsigned)p->stall_timeout,
		.total_seconds = (unsigned)p->rrdp_timeout,
		.redirects = (unsigned)p->max_redirects,
		.header = (size_t)p->max_http_header,
		.allow_dubious = p->allow_dubious_hosts,
		.turnstile = self->desk->turnstile,
	};
	if (config.trust != NULL) {
		rc = http_new(&self->http, &config);
	}
	if (rc != 0) {
		log_error(self->desk->log, "no HTTPS: %s", strerror(-rc));
		self->http = NULL;
	}
	self->verifier = verify_new();
	self->arena = arena_new();
	self->slot =
	    self->desk->box != NULL ? blackbox_slot(self->desk->box) : NULL;
	return self;
}

void
fetcher_end(void *arg)
{
	struct fetcher *self = arg;

	http_free(self->http);
	verify_free(self->verifier);
	arena_free(self->arena);
	free(self);
}

void
fetcher_rsync(const struct fetcher *self, struct rsync_config *config)
{
	const struct policy *p = self->desk->policy;

	*config = (struct rsync_config){
		.launcher = self->desk->launcher,
		.arg_count = p->rsync_args.count,
		.args = p->rsync_args.items,
		.connect_seconds = (unsigned)p->connect_timeout,
		.stall_seconds = (unsigned)p->stall_timeout,
		.total_seconds = (unsigned)p->rsync_timeout,
		.max_octets = p->max_repository_size,
		.max_files = p->max_rsync_files,
		.max_object = p->max_object_size,
	};
}

static void
on_step(void *arg, enum sync_step step)
{
	static const enum repository_state states[] = {
		[SYNC_NOTICE] = REPO_NOTICE,
		[SYNC_DELTAS] = REPO_DELTAS,
		[SYNC_SNAPSHOT] = REPO_SNAPSHOT,
	};

	if (arg != NULL) {
		atomic_store((atomic_int *)arg, states[step]);
	}
}

static int64_t
deadline(const struct fetcher *self)
{
	int64_t end = clock_mono_ms() +
		      (int64_t)self->desk->policy->repository_timeout * 1000;

	return self->desk->deadline_ms != 0 && self->desk->deadline_ms < end
		   ? self->desk->deadline_ms
		   : end;
}

const char *
fetcher_more(const struct fetcher_result *result)
{
	return strcmp(result->outcome.detail,
		   fault_text(result->outcome.fault)) == 0
		   ? ""
		   : result->outcome.detail;
}

static void
run_rrdp(struct fetcher *self, struct fetcher_result *r)
{
	const struct policy *p = self->desk->policy;
	struct sync_job job = {
		.notify = r->job.uri,
		.store = self->desk->store,
		.http = self->http,
		.log = self->desk->log,
		.now = self->desk->now,
		.deadline_ms = deadline(self),
		.max_notification = p->max_notification_size,
		.max_file = p->max_snapshot_size,
		.max_repository = p->max_repository_size,
		.max_items = (uint32_t)p->max_rsync_files,
		.max_object = p->max_object_size,
		.max_deltas = (unsigned)p->rrdp_max_deltas,
		.allow_dubious = p->allow_dubious_hosts,
		.allow_near = r->job.near,
		.on_step = on_step,
		.arg = r->job.step,
		.note = books_note_done,
		.note_arg = self->desk,
		.meter = r->job.meter,
	};

	if (self->http == NULL) {
		r->outcome.fault = FAULT_HTTP_CONNECT;
		return;
	}
	sync_run(&job, &r->outcome);
}

static void
store_fault(struct fetcher_result *r, int rc)
{
	r->outcome.fault = FAULT_STORE_IO;
	r->partial = false;
	snprintf(r->outcome.detail, sizeof(r->outcome.detail), "%s",
	    strerror(-rc));
}

/* What of it came in this run cannot be told: it costs its branch all that lies
 * there, or who never ends well could fill the disk for nothing. */
static uint64_t
left_behind(const char *dir)
{
	struct footprint sum = { 0 };

	return footprint_measure(dir, 0, 0, &sum) == 0 ? sum.octets : 0;
}

static void
import_module(struct fetcher *self, struct fetcher_result *r, const char *dir,
    struct repository *row)
{
	const struct policy *p = self->desk->policy;
	struct import_job job = {
		.store = self->desk->store,
		.dir = dir,
		.base = r->job.uri,
		.number = row->number,
		.max_object = p->max_object_size,
		.max_file = p->max_object_size + RSYNC_SLACK,
		.max_files = p->max_rsync_files,
		.max_octets = p->max_repository_size,
		.max_held = LIMIT_RSYNC_REMEMBERED,
	};
	struct import_result out = { 0 };
	int rc = import_tree(&job, &out);

	if (rc == -EFBIG) {
		r->outcome.fault = FAULT_RSYNC_LIMIT;
		r->partial = false;
		r->outcome.octets = left_behind(dir);
		return;
	}
	if (rc != 0) {
		store_fault(r, rc);
		return;
	}
	/* Who let us see nothing at all has not answered. */
	r->partial &= out.objects > 0;
	r->outcome.objects = out.objects;
	r->outcome.octets = out.octets;
	r->outcome.changed = out.changed;
}

/*
 * A file that is not what its manifest says may have been changed without a
 * change of its size and time, and rsync then passes it over. Looking into all
 * files costs the server much: done once, and seldom again where it did not
 * help. Nor where the module did not come last time: that may have been why.
 */
enum { LOOK_CLOSER = 16 };

static bool
looks_closer(const struct repository *row)
{
	return row->back % LOOK_CLOSER == 1 && row->failures == 0;
}

/* A server may refuse to look into its files. Asked again it has what is left
 * of its time, and no more. */
static enum fault
bring_tree(struct rsync_config *config, const char *uri, const char *dir,
    struct rsync_answer *answer)
{
	int64_t began = clock_mono_ms();
	enum fault fault = rsync_tree(config, uri, dir, answer);
	int64_t spent = (clock_mono_ms() - began) / 1000;

	if (fault != FAULT_RSYNC_EXIT || answer->partial ||
	    !config->by_content || spent >= (int64_t)config->total_seconds) {
		return fault;
	}
	config->by_content = false;
	config->total_seconds -= (unsigned)spent;
	return rsync_tree(config, uri, dir, answer);
}

enum fault
fetcher_look_up(const struct fetcher *self, const struct uri *uri, bool near,
    struct rsync_config *config, char detail[256])
{
	const struct policy *p = self->desk->policy;
	int64_t timeout_ms = (int64_t)p->connect_timeout * 1000;
	enum near_answer answer =
	    p->allow_dubious_hosts
		? NEAR_NO
		: near_host(uri->host, timeout_ms, &config->other_family);

	if (answer == NEAR_SILENT) {
		snprintf(detail, 256, "its name is not resolved in time");
		return FAULT_RSYNC_TIMEOUT;
	}
	return answer == NEAR_YES && !near ? FAULT_RSYNC_DUBIOUS : FAULT_NONE;
}

static enum fault
look_up_module(struct fetcher *self, struct rsync_config *config,
    struct fetcher_result *r)
{
	struct uri uri;
	enum fault fault = uri_read(&uri, text_bytes(r->job.uri), self->arena);

	return fault != FAULT_NONE ? fault
				   : fetcher_look_up(self, &uri, r->job.near,
					 config, r->outcome.detail);
}

/*
 * One file that cannot be read, or was replaced meanwhile, must not cost all
 * others in the module their news: which of it fits together the manifests say
 * (RFC 6481 3, RFC 9286 6).
 */
static void
run_rsync(struct fetcher *self, struct fetcher_result *r)
{
	struct rsync_config config;
	struct rsync_answer answer = { .exit_code = -1 };
	struct repository row = { 0 };
	const char *dir;
	int rc;

	if (r->job.step != NULL) {
		atomic_store(r->job.step, REPO_RSYNC);
	}
	fetcher_rsync(self, &config);
	r->outcome.fault = look_up_module(self, &config, r);
	if (r->outcome.fault != FAULT_NONE) {
		return;
	}
	rc = books_open(self, r, &row);
	if (rc != 0) {
		store_fault(r, rc);
		return;
	}
	config.by_content = looks_closer(&row);
	/* Where a server cannot read all it has, nothing is removed here, or an
	 * error would empty the folder. In the end that is more than we take.
	 */
	config.afresh = row.failures > 0;
	dir = arena_printf(self->arena, "%s/%u",
	    store_rsync_dir(self->desk->store), row.number);
	r->outcome.fault = bring_tree(&config, r->job.uri, dir, &answer);
	r->outcome.status = answer.exit_code;
	memcpy(r->outcome.detail, answer.detail, sizeof(r->outcome.detail));
	r->partial = answer.partial;
	if (r->outcome.fault == FAULT_NONE || r->partial) {
		import_module(self, r, dir, &row);
	} else {
		r->outcome.octets = left_behind(dir);
		/* It ends by itself where a file may grow no more. */
		if (r->outcome.fault == FAULT_RSYNC_EXIT &&
		    r->outcome.octets >= config.max_octets) {
			r->outcome.fault = FAULT_RSYNC_LIMIT;
		}
	}
}

static void
fetch_repository(struct fetcher *self, struct fetcher_result *r)
{
	struct hash name = quarantine_name(r->job.uri);

	if (self->desk->ward != NULL &&
	    ward_has(self->desk->ward, QUARANTINE_FETCH, &name)) {
		r->outcome.fault = FAULT_QUARANTINED;
		return;
	}
	blackbox_hold(self->slot, BLACKBOX_FETCH, &name, r->job.uri);
	inject_at(r->job.uri);
	if (r->job.kind == FETCHER_RRDP) {
		run_rrdp(self, r);
	} else {
		run_rsync(self, r);
	}
}

void *
fetcher_work(void *arg, void *item)
{
	struct fetcher *self = arg;
	struct fetcher_job *job = item;
	struct fetcher_result *r = mem_zero(1, sizeof(*r));
	int64_t began = clock_mono_ms();
	int rc = 0;

	r->job = *job;
	r->outcome.status = -1;
	free(job);
	if (r->job.kind == FETCHER_ANCHOR) {
		anchor_fetch(self, r);
	} else {
		fetch_repository(self, r);
		rc = books_close(self, r);
	}
	if (rc != 0) {
		store_fault(r, rc);
	}
	blackbox_release(self->slot);
	if (self->http != NULL) {
		http_hang_up(self->http);
	}
	r->duration_ms = clock_mono_ms() - began;
	arena_reset(self->arena);
	return r;
}

void
fetcher_result_free(struct fetcher_result *result)
{
	if (result == NULL) {
		return;
	}
	octets_clear(&result->certificate);
	free(result);
}
