/* SPDX-License-Identifier: BSD-2-Clause */
/* repo - see repo.h. */
#include "validator/repo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/uri.h"

/* A checked URI always has one. */
static struct bytes
host_of(const char *uri)
{
	const char *host = strstr(uri, "://") + 3;

	return bytes_of(host, strcspn(host, "/"));
}

struct repo *
repo_new(enum repository_kind kind, const char *uri, uint16_t index)
{
	struct repo *repo = mem_zero(1, sizeof(*repo));

	repo->report.kind = kind;
	repo->report.uri = mem_text(uri);
	repo->host = host_of(repo->report.uri);
	repo->report.state = REPO_NEW;
	repo->report.status = -1;
	repo->index = index;
	repo->since_ms = clock_mono_ms();
	return repo;
}

static void
free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

void
repo_free(struct repo *repo)
{
	if (repo == NULL) {
		return;
	}
	free_text(repo->report.uri);
	free_text(repo->report.detail);
	free_text(repo->report.session);
	free_text(repo->trouble);
	free(repo);
}

void
repo_recall(struct repo *repo, struct kv *kv, struct arena *arena)
{
	struct kv_txn *txn = NULL;
	struct repository row;

	if (kv_read(kv, &txn) != 0) {
		return;
	}
	if (repository_get(txn, repo->report.uri, &row, arena) == 0) {
		repo->mirror = row.number;
		repo->held = row.last_success != 0;
		repo->fallback_at = row.fallback_at;
		repo->back = row.back;
		repo->weight = row.weight;
		repo->report.session = mem_text(row.session);
		repo->report.serial = row.serial;
		repo->report.last_success = row.last_success;
		repo->report.next_due = row.next_due;
		repo->report.failures = row.failures;
		repo->trouble = mem_text(row.trouble);
		repo->status = row.status;
		repo->payload_status = row.payload_status;
	}
	kv_abort(txn);
}

static bool
listed(const struct policy_list *hosts, const struct uri *uri)
{
	for (size_t i = 0; i < hosts->count; i++) {
		if (text_same(uri->host, hosts->items[i])) {
			return true;
		}
	}
	return false;
}

bool
repo_listed(const struct policy_list *hosts, const char *text,
    struct arena *arena)
{
	struct uri uri;

	return hosts->count > 0 &&
	       uri_read(&uri, text_bytes(text), arena) == FAULT_NONE &&
	       listed(hosts, &uri);
}

/* A list of hosts to go to is one of modules: which notification may be asked
 * depends on the CA that names it (validator/place.c). */
static bool
skipped(const struct repo *repo, const struct policy *policy,
    const struct uri *uri)
{
	return listed(&policy->skip_hosts, uri) ||
	       (repo->report.kind == REPOSITORY_RSYNC &&
		   policy->only_hosts.count > 0 &&
		   !listed(&policy->only_hosts, uri));
}

enum fault
repo_refused(const struct repo *repo, const struct policy *policy, int64_t now,
    bool *ready, struct arena *arena)
{
	const char *text = repo->report.uri;
	struct uri uri;
	enum fault fault = uri_read(&uri, bytes_of(text, strlen(text)), arena);

	*ready = false;
	if (fault != FAULT_NONE) {
		return fault;
	}
	if (skipped(repo, policy, &uri)) {
		return FAULT_REPOSITORY_SKIPPED;
	}
	if (uri_dubious(&uri) && !policy->allow_dubious_hosts) {
		return FAULT_REPOSITORY_DUBIOUS;
	}
	if (!policy->update) {
		*ready = repo->held;
		return repo->held ? FAULT_NONE : FAULT_REPOSITORY_NOT_HELD;
	}
	/* What came in the future came by a clock that was wrong. */
	*ready = repo->held && policy->update_after > 0 &&
		 repo->report.last_success <= now &&
		 now - repo->report.last_success <
		     (int64_t)policy->update_after * 60;
	return FAULT_NONE;
}

bool
repo_backs_off(const struct repo *repo, const struct policy *policy,
    int64_t now)
{
	int64_t due = repo->report.next_due;

	/* A clock that was wrong must not silence a repository for ever. */
	return policy->back_off && policy->update && due > now &&
	       due <= now + LIMIT_BACK_OFF_SECONDS;
}

static void
set_text(const char **where, const char *text)
{
	free_text(*where);
	*where = text != NULL && text[0] != '\0' ? mem_text(text) : NULL;
}

void
repo_fetched(struct repo *repo, const struct fetcher_result *result,
    int64_t now, struct log *log)
{
	const struct sync_result *outcome = &result->outcome;
	struct report_repository *report = &repo->report;

	repo->fetching = false;
	report->fault = outcome->fault;
	set_text(&report->detail, fetcher_more(result));
	report->status = outcome->status;
	report->payload_status = outcome->payload_status;
	report->duration_ms = (uint32_t)result->duration_ms;
	report->octets += outcome->octets;
	report->snapshot_reason = outcome->snapshot_reason;
	if (outcome->mirror != 0) {
		repo->mirror = outcome->mirror;
	}
	repo->fallback_at = result->fallback_at;
	repo->later = result->later;
	if (outcome->fault != FAULT_NONE) {
		log_fault(log, LOG_LEVEL_WARN, report->uri, outcome->fault,
		    fetcher_more(result));
	}
	if (outcome->fault != FAULT_NONE && !result->partial) {
		report->failures++;
		repo_advance(repo, REPO_STALE, log);
		return;
	}
	if (repo->report.kind == REPOSITORY_RRDP) {
		set_text(&report->session, outcome->session);
		report->serial = outcome->serial;
	}
	report->objects = outcome->objects;
	report->failures = 0;
	report->last_success = now;
	repo->held = true;
	repo_advance(repo, REPO_READY, log);
}

void
repo_rest(struct repo *repo, struct log *log)
{
	struct report_repository *report = &repo->report;

	report->fault = FAULT_REPOSITORY_BACKING_OFF;
	set_text(&report->detail, repo->trouble);
	report->status = repo->status;
	report->payload_status = repo->payload_status;
	repo_advance(repo, REPO_BACKING_OFF, log);
}

void
repo_advance(struct repo *repo, enum repository_state state, struct log *log)
{
	log_debug(log, "%s: %s -> %s", repo->report.uri,
	    report_state_name(repo->report.state), report_state_name(state));
	repo->report.state = state;
	repo->since_ms = clock_mono_ms();
}

bool
repo_gives_way(const struct repo *repo, const struct policy *policy,
    struct span *span)
{
	if (repo->report.kind != REPOSITORY_RRDP || !policy->rsync ||
	    policy->rrdp_fallback == FALLBACK_NEVER) {
		return false;
	}
	if (!repo->held) {
		return true;
	}
	/* Nobody is to wait longer than that, whatever the clock said then. */
	return policy->rrdp_fallback == FALLBACK_STALE &&
	       repo->fallback_at != 0 &&
	       (span_reached(span, repo->fallback_at) ||
		   !span_reached(span,
		       repo->fallback_at -
			   (int64_t)policy->rrdp_fallback_time));
}

bool
repo_falls_back(const struct repo *repo, const struct policy *policy,
    struct span *span)
{
	return policy->update && repo_gives_way(repo, policy, span);
}
