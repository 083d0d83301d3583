/* SPDX-License-Identifier: BSD-2-Clause */
/* dispatch - see dispatch.h. */
#include "validator/dispatch.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"

/* Counters are small numbers kept in the map's pointers. */
static size_t
at_host(const struct walk *walk, const struct repo *repo)
{
	return (size_t)(uintptr_t)map_get(walk->host_fetches, repo->host);
}

static void
count_host(struct walk *walk, const struct repo *repo, size_t n)
{
	if (n == 0) {
		(void)map_remove(walk->host_fetches, repo->host);
	} else {
		(void)map_set(walk->host_fetches, repo->host,
		    (void *)(uintptr_t)n);
	}
}

/* Did it answer last time? */
static bool
proven(const struct repo *repo)
{
	return repo->held && repo->report.failures == 0;
}

static bool
may_go(const struct walk *walk, const struct repo *repo)
{
	size_t places = walk->policy->fetch_threads;
	size_t shared = places > 1 ? places / 2 : 1;

	if (walk->fetches >= places ||
	    at_host(walk, repo) >= LIMIT_HOST_FETCHES) {
		return false;
	}
	return proven(repo) || walk->unproven_fetches < shared;
}

static void
go(struct walk *walk, struct repo *repo)
{
	struct fetcher_job *job = mem_zero(1, sizeof(*job));
	bool rrdp = repo->report.kind == REPOSITORY_RRDP;

	job->kind = rrdp ? FETCHER_RRDP : FETCHER_RSYNC;
	job->owner = repo;
	job->uri = repo->report.uri;
	job->step = &repo->step;
	job->meter = &repo->meter;
	atomic_store(&repo->step, rrdp ? REPO_NOTICE : REPO_RSYNC);
	atomic_store(&repo->meter, 0);
	repo->dispatched = true;
	repo->unproven = !proven(repo);
	walk->fetches++;
	walk->unproven_fetches += repo->unproven;
	count_host(walk, repo, at_host(walk, repo) + 1);
	repo_advance(repo, rrdp ? REPO_NOTICE : REPO_RSYNC, walk->log);
	pool_submit(walk->fetchers, job);
}

/* Proven ones first; among equals in the order in which they were found. */
static void
send_those_who_may(struct walk *walk, bool which)
{
	struct repo **link = &walk->pending;

	while (*link != NULL && walk->fetches < walk->policy->fetch_threads) {
		struct repo *repo = *link;

		if (proven(repo) != which || !may_go(walk, repo)) {
			link = &repo->next_pending;
			continue;
		}
		*link = repo->next_pending;
		repo->next_pending = NULL;
		walk->pending_count--;
		go(walk, repo);
	}
}

static void
send_next(struct walk *walk)
{
	send_those_who_may(walk, true);
	send_those_who_may(walk, false);
}

void
dispatch_add(struct walk *walk, struct repo *repo)
{
	struct repo **link = &walk->pending;

	while (*link != NULL) {
		link = &(*link)->next_pending;
	}
	*link = repo;
	walk->pending_count++;
	repo->fetching = true;
	send_next(walk);
}

void
dispatch_done(struct walk *walk, struct repo *repo)
{
	if (!repo->dispatched) {
		return;
	}
	repo->dispatched = false;
	walk->fetches--;
	walk->unproven_fetches -= repo->unproven;
	count_host(walk, repo, at_host(walk, repo) - 1);
	send_next(walk);
}

void
dispatch_drop(struct walk *walk)
{
	while (walk->pending != NULL) {
		struct repo *repo = walk->pending;

		walk->pending = repo->next_pending;
		repo->next_pending = NULL;
	}
	walk->pending_count = 0;
}
