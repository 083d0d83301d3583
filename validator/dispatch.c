/* SPDX-License-Identifier: BSD-2-Clause */
/* dispatch - see dispatch.h. */
#include "validator/dispatch.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "validator/branch.h"
#include "validator/rations.h"

/* Did it answer last time? */
static bool
proven(const struct repo *repo)
{
	return repo->held && repo->report.failures == 0;
}

/* Half of what the one above may have, and one in any case. */
static size_t
part(size_t places, unsigned depth)
{
	size_t half = depth < 32 ? places >> depth : 0;

	return half > 0 ? half : 1;
}

/* Have those that pay for it enough places already? */
static bool
branch_may_go(const struct repo *repo, size_t places, size_t shared)
{
	const struct spot *spot = repo->asker;

	for (; spot != NULL; spot = spot->parent) {
		if (spot->all.going >= part(places, spot->ca->depth) ||
		    (!proven(repo) &&
			spot->all.unproven >= part(shared, spot->ca->depth))) {
			return false;
		}
	}
	return true;
}

static bool
may_go(const struct walk *walk, const struct repo *repo)
{
	size_t places = walk->policy->fetch_threads;
	size_t shared = places > 1 ? places / 2 : 1;

	if (walk->fetches >= places ||
	    rations_going(walk->rations, repo) >= LIMIT_HOST_FETCHES) {
		return false;
	}
	return (proven(repo) || walk->unproven_fetches < shared) &&
	       branch_may_go(repo, places, shared);
}

/* At the fork where their branches part, has a's fewer fetches than b's? */
static bool
sooner(const struct repo *a, const struct repo *b)
{
	const struct spot *x = a->asker, *y = b->asker;
	const struct crew none = { 0 };
	const struct crew *of_x = x == NULL ? &none : &x->own;
	const struct crew *of_y = y == NULL ? &none : &y->own;

	while (x != y) {
		if (y == NULL || (x != NULL && x->ca->depth >= y->ca->depth)) {
			of_x = &x->all;
			x = x->parent;
		} else {
			of_y = &y->all;
			y = y->parent;
		}
	}
	return of_x->going != of_y->going ? of_x->going < of_y->going
					  : of_x->gone < of_y->gone;
}

static void
count_crew(struct repo *repo, int one)
{
	struct spot *spot = repo->asker;

	if (spot == NULL) {
		return;
	}
	spot->own.going += (uint32_t)one;
	spot->own.gone += one > 0;
	for (; spot != NULL; spot = spot->parent) {
		spot->all.going += (uint32_t)one;
		spot->all.unproven += repo->unproven ? (uint32_t)one : 0;
		spot->all.gone += one > 0;
	}
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
	job->near = repo->near;
	job->meter = &repo->meter;
	atomic_store(&repo->step, rrdp ? REPO_NOTICE : REPO_RSYNC);
	atomic_store(&repo->meter, 0);
	repo->dispatched = true;
	repo->unproven = !proven(repo);
	walk->fetches++;
	walk->unproven_fetches += repo->unproven;
	rations_count(walk->rations, repo, 1);
	count_crew(repo, 1);
	repo_advance(repo, rrdp ? REPO_NOTICE : REPO_RSYNC, walk->log);
	pool_submit(walk->fetchers, job);
}

struct share
dispatch_share(const struct repo *repo)
{
	struct share one = { 0 };

	if (repo->held) {
		one.known_repositories = one.known_octets = 1;
		one.known_fetching = 1;
		one.stock = repo->weight;
	} else {
		one.new_repositories = one.new_octets = 1;
		one.new_fetching = 1;
	}
	return one;
}

enum fault
dispatch_refusal(const struct walk *walk, const struct repo *repo)
{
	struct share more = dispatch_share(repo);
	enum fault fault;

	more.new_repositories = more.known_repositories = more.stock = 0;
	fault = branch_fault(walk, repo->asker, &more);
	return fault != FAULT_NONE
		   ? fault
		   : rations_fault(walk, repo, repo->asker, &more);
}

/* Where the next one hangs: proven ones first, then by branch, then by age. */
static struct repo **
choose(struct walk *walk)
{
	struct repo **best = NULL;

	for (struct repo **link = &walk->pending; *link != NULL;
	     link = &(*link)->next_pending) {
		bool better =
		    best == NULL || proven(*link) > proven(*best) ||
		    (proven(*link) == proven(*best) && sooner(*link, *best));

		if (better && may_go(walk, *link)) {
			best = link;
		}
	}
	return best;
}

static struct repo *
unhang(struct walk *walk, struct repo **link)
{
	struct repo *repo = *link;

	*link = repo->next_pending;
	if (repo->next_pending == NULL) {
		walk->pending_end = link;
	}
	repo->next_pending = NULL;
	walk->pending_count--;
	return repo;
}

static void
send_next(struct walk *walk)
{
	while (walk->pending != NULL &&
	       walk->fetches < walk->policy->fetch_threads) {
		struct repo **link = choose(walk);
		struct repo *repo;

		if (link == NULL) {
			return;
		}
		repo = unhang(walk, link);
		repo->refused = dispatch_refusal(walk, repo);
		if (repo->refused != FAULT_NONE) {
			repo->next_pending = walk->refused;
			walk->refused = repo;
		} else {
			go(walk, repo);
		}
	}
}

/* Those that wait could not go before, and nothing has come free since. */
void
dispatch_add(struct walk *walk, struct repo *repo)
{
	assert(repo->next_pending == NULL && !repo->dispatched);
	repo->fetching = true;
	if (may_go(walk, repo)) {
		go(walk, repo);
		return;
	}
	*(walk->pending == NULL ? &walk->pending : walk->pending_end) = repo;
	walk->pending_end = &repo->next_pending;
	walk->pending_count++;
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
	rations_count(walk->rations, repo, -1);
	count_crew(repo, -1);
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
