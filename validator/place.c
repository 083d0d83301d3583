/* SPDX-License-Identifier: BSD-2-Clause */
/* place - see place.h. */
#include "validator/place.h"

#include <string.h>

#include "base/array.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/uri.h"
#include "validator/branch.h"
#include "validator/dispatch.h"
#include "validator/docket.h"
#include "validator/rations.h"

/*
 * Repositories have short numbers, and whoever has a CA can name any number of
 * them. So when there are many, those that would not be fetched anyway are not
 * even written down: no branch can take away the numbers that others need, nor
 * fill the report.
 */
enum { MANY_REPOS = 1000 };

static enum fault
crowding(const struct walk *walk, const struct repo *repo,
    const struct spot *spot)
{
	static const struct share one = { .new_repositories = 1 };

	if (walk->repo_count >= UINT16_MAX) {
		return FAULT_TA_REPOSITORIES;
	}
	return walk->repo_count >= MANY_REPOS && !repo->held
		   ? branch_fault(walk, spot, &one)
		   : FAULT_NONE;
}

static void
note_down(struct walk *walk, struct repo *repo)
{
	const char *uri = repo->report.uri;

	walk->repos = array_room(walk->repos, walk->repo_count,
	    &walk->repo_room, sizeof(struct repo *));
	walk->repos[walk->repo_count++] = repo;
	(void)map_set(walk->repo_by_uri, bytes_of(uri, strlen(uri)), repo);
}

/* The one that this spot names; NULL: there is none to be had. */
static struct repo *
find_repo(struct walk *walk, const struct spot *spot, enum repository_kind kind,
    const char *uri)
{
	struct bytes key = bytes_of(uri, strlen(uri));
	struct repo *repo = map_get(walk->repo_by_uri, key);
	enum fault fault;

	if (repo != NULL) {
		return repo;
	}
	repo = repo_new(kind, uri, (uint16_t)walk->repo_count);
	repo_recall(repo, store_kv(walk->store), walk->scratch);
	fault = crowding(walk, repo, spot);
	if (fault != FAULT_NONE) {
		walk_note(walk, fault, spot->ca->own.manifest_uri, spot);
		repo_free(repo);
		return NULL;
	}
	note_down(walk, repo);
	return repo;
}

/* May what is held of this repository be used? Not when the operator left it
 * out or its host is not to be trusted with a connection. */
static bool
usable(const struct repo *repo)
{
	return repo->report.fault != FAULT_REPOSITORY_SKIPPED &&
	       repo->report.fault != FAULT_REPOSITORY_DUBIOUS;
}

/* Whichever of the two was brought in last. */
static struct repo *
fresher(struct repo *rrdp, struct repo *rsync)
{
	if (rsync == NULL || !rsync->held) {
		return rrdp;
	}
	return rrdp->held &&
		       rrdp->report.last_success >= rsync->report.last_success
		   ? rrdp
		   : rsync;
}

/* What this module stands in for with this CA; NULL: for nothing that may be
 * used. */
static struct repo *
stands_in_for(struct walk *walk, const struct spot *spot,
    const struct repo *module)
{
	const char *notify = spot->ca->own.notify_uri;
	struct repo *rrdp = NULL;

	if (module->report.kind == REPOSITORY_RSYNC && walk->policy->rrdp &&
	    notify != NULL) {
		rrdp = find_repo(walk, spot, REPOSITORY_RRDP, notify);
	}
	return rrdp != NULL && usable(rrdp) ? rrdp : NULL;
}

/*
 * To the judges, with what its repository gave. A module that was to stand in
 * for RRDP and gave nothing either stands in for nothing: what RRDP brought
 * last may be newer than what rsync ever did.
 */
static void
go_on(struct walk *walk, struct spot *spot)
{
	struct repo *repo = spot->repo, *rrdp = NULL;

	if (repo != NULL && repo->report.state != REPO_READY) {
		rrdp = stands_in_for(walk, spot, repo);
	}
	if (rrdp != NULL) {
		spot->repo = fresher(rrdp, repo);
	}
	spot->unheard =
	    repo != NULL && repo->fetching && !repo->held && !spot->repo->held;
	docket_add(spot);
}

/* One of those that wait for it, and does not any more; NULL: nobody does. */
static struct spot *
next_waiting(struct repo *repo)
{
	struct spot *spot = repo->waiting;

	if (spot != NULL) {
		repo->waiting = spot->next_waiting;
		spot->next_waiting = NULL;
	}
	return spot;
}

void
place_release(struct walk *walk, struct repo *repo)
{
	struct spot *spot;

	while ((spot = next_waiting(repo)) != NULL) {
		go_on(walk, spot);
	}
}

/* First time that anyone asks for it: fetch, or say why not. */
static void
begin_repo(struct walk *walk, struct repo *repo)
{
	bool ready = false;
	enum fault fault =
	    repo_refused(repo, walk->policy, walk->now, &ready, walk->scratch);

	if (fault == FAULT_NONE && !ready && walk->given_up) {
		fault = FAULT_REPOSITORY_DEADLINE;
	}
	if (fault != FAULT_NONE) {
		repo->report.fault = fault;
		log_fault(walk->log, LOG_LEVEL_WARN, repo->report.uri, fault,
		    NULL);
		repo_advance(repo, REPO_STALE, walk->log);
	} else if (ready) {
		repo_advance(repo, REPO_READY, walk->log);
	} else if (repo_backs_off(repo, walk->policy, walk->now)) {
		repo_rest(repo, walk->log);
	} else {
		repo->straggles = false;
		dispatch_add(walk, repo);
	}
}

/*
 * Has its branch had its share, or its part of the host's? That is its own
 * affair: the repository stays as it is, for another branch may ask for it.
 * Rounds have an end because nothing of that begins anew with one: who was
 * refused is refused again.
 */
static enum fault
over_budget(struct walk *walk, struct repo *repo, struct spot *spot)
{
	struct share more = dispatch_share(repo);
	enum fault fault;

	if (repo->report.state != REPO_NEW || repo->fetching ||
	    !walk->policy->update) {
		return FAULT_NONE;
	}
	fault = branch_fault(walk, spot, &more);
	if (fault == FAULT_NONE) {
		fault = rations_fault(walk, repo, spot, &more);
	}
	if (fault == FAULT_NONE) {
		const struct share one = { .new_repositories =
					       more.new_repositories,
			.known_repositories = more.known_repositories,
			.stock = more.stock };

		branch_charge(spot, &one);
		rations_charge(walk, repo, spot, &one);
		repo->weight = 0;
	}
	return fault;
}

/* The spot goes on with what is held of nobody, or of what was to be replaced.
 */
static void
refuse(struct walk *walk, struct spot *spot, struct repo *repo,
    enum fault fault)
{
	walk_note(walk, fault, repo->report.uri, spot);
	spot->repo = stands_in_for(walk, spot, repo);
	docket_add(spot);
}

void
place_refused(struct walk *walk)
{
	while (walk->refused != NULL) {
		struct repo *repo = walk->refused;
		struct spot *spot;
		enum fault fault;

		walk->refused = repo->next_pending;
		repo->next_pending = NULL;
		/* Another branch may have asked for it meanwhile, and pays. */
		fault = dispatch_refusal(walk, repo);
		if (fault == FAULT_NONE) {
			repo->refused = FAULT_NONE;
			dispatch_add(walk, repo);
			continue;
		}
		repo->fetching = false;
		while ((spot = next_waiting(repo)) != NULL) {
			refuse(walk, spot, repo, fault);
		}
	}
}

/* Who of those that ask pays for it: the one above all of them. So nobody can
 * drag a neighbour's repository onto a branch of its own. */
static void
note_asker(struct repo *repo, struct spot *spot)
{
	struct spot *fork;

	if (repo->dispatched) {
		return;
	}
	fork = branch_fork(repo->asker, spot);
	if (fork != NULL) {
		repo->asker = fork;
		return;
	}
	while (repo->asker->parent != NULL) {
		repo->asker = repo->asker->parent;
	}
}

/* It gave nothing in this run, and will not. */
static bool
failed(const struct repo *repo)
{
	return repo->report.state == REPO_STALE ||
	       repo->report.state == REPO_BACKING_OFF;
}

static struct repo *
module_of(struct walk *walk, const struct spot *spot)
{
	return find_repo(walk, spot, REPOSITORY_RSYNC,
	    uri_module(spot->ca->own.repository_uri, walk->scratch));
}

static struct repo *
rsync_repo(struct walk *walk, const struct spot *spot)
{
	return walk->policy->rsync ? module_of(walk, spot) : NULL;
}

/*
 * Do the operator's lists leave this CA out, and because of which repository?
 * As with rpki-client, whose files they are, what counts is the host of the
 * module that the CA lies in; with us that of its notification too.
 */
static bool
left_out(struct walk *walk, const struct spot *spot, struct repo **why)
{
	const struct ca *ca = spot->ca;
	const struct policy *p = walk->policy;
	const char *notify = p->rrdp ? ca->own.notify_uri : NULL;
	const char *module = ca->own.repository_uri;

	if (notify != NULL &&
	    repo_listed(&p->skip_hosts, notify, walk->scratch)) {
		*why = find_repo(walk, spot, REPOSITORY_RRDP, notify);
		return true;
	}
	if (repo_listed(&p->skip_hosts, module, walk->scratch)) {
		*why = module_of(walk, spot);
		return true;
	}
	if (p->only_hosts.count == 0 ||
	    repo_listed(&p->only_hosts, module, walk->scratch) ||
	    (notify != NULL &&
		repo_listed(&p->only_hosts, notify, walk->scratch))) {
		return false;
	}
	*why = module_of(walk, spot);
	return true;
}

/* Where there are too many repositories, `repo` is NULL. */
static void
leave_out(struct walk *walk, struct spot *spot, struct repo *repo)
{
	spot->left_out = true;
	spot->repo = repo;
	if (repo != NULL && repo->report.state == REPO_NEW && !repo->fetching) {
		begin_repo(walk, repo);
	}
	docket_add(spot);
}

/* Nothing came of it in this run: may rsync stand in? */
static bool
turns_to_rsync(struct walk *walk, const struct repo *repo)
{
	return failed(repo) && repo_falls_back(repo, walk->policy, &walk->span);
}

/* Where it leads was the only reason not to ask it, and is none any more. */
static bool
let_in(struct walk *walk, struct repo *repo)
{
	if (!repo->near || !repo->kept_out) {
		return false;
	}
	repo->kept_out = false;
	repo_advance(repo, REPO_NEW, walk->log);
	return true;
}

/*
 * What it makes of a repository whose CA it is that asks. Who may not be led
 * into our own network cannot keep those from it who may be, by asking first.
 */
static void
take_in(struct walk *walk, struct repo *repo, const struct spot *spot)
{
	const struct walk_anchor *anchor;

	if (walk->anchors == NULL) {
		return;
	}
	anchor = &walk->anchors[spot->ca->ta];
	repo->near |= anchor->near;
	repo->unsettled |= !anchor->settled;
	(void)let_in(walk, repo);
}

bool
place_anew(struct walk *walk, struct repo *repo,
    const struct fetcher_result *result)
{
	repo->kept_out = !result->job.near &&
			 (result->outcome.fault == FAULT_HTTP_DUBIOUS ||
			     result->outcome.fault == FAULT_RSYNC_DUBIOUS);
	if (walk->given_up || !let_in(walk, repo)) {
		return false;
	}
	dispatch_add(walk, repo);
	return true;
}

static void
wait_for(struct walk *walk, struct spot *spot, struct repo *repo)
{
	enum fault fault = FAULT_NONE;

	if (repo != NULL) {
		take_in(walk, repo, spot);
		fault = over_budget(walk, repo, spot);
	}
	if (fault != FAULT_NONE) {
		refuse(walk, spot, repo, fault);
		return;
	}
	spot->repo = repo;
	spot->state = SPOT_WAITING;
	if (repo == NULL) {
		docket_add(spot);
		return;
	}
	if (repo->report.state == REPO_NEW && !repo->fetching) {
		repo->asker = spot;
		begin_repo(walk, repo);
	}
	if (repo->fetching) {
		note_asker(repo, spot);
	}
	if (walk_waits(walk, repo)) {
		spot->next_waiting = repo->waiting;
		repo->waiting = spot;
		return;
	}
	if (turns_to_rsync(walk, repo)) {
		wait_for(walk, spot, rsync_repo(walk, spot));
		return;
	}
	if (!usable(repo)) {
		repo->mirror = 0;
	}
	go_on(walk, spot);
}

void
place_spot(struct walk *walk, struct spot *spot)
{
	const struct ca *ca = spot->ca;
	struct repo *repo = NULL;

	if (left_out(walk, spot, &repo)) {
		leave_out(walk, spot, repo);
		arena_reset(walk->scratch);
		return;
	}
	if (ca->own.notify_uri != NULL && walk->policy->rrdp) {
		repo =
		    find_repo(walk, spot, REPOSITORY_RRDP, ca->own.notify_uri);
		if (repo != NULL && !walk->policy->update &&
		    repo_gives_way(repo, walk->policy, &walk->span)) {
			repo = fresher(repo, rsync_repo(walk, spot));
		}
	} else {
		repo = rsync_repo(walk, spot);
	}
	wait_for(walk, spot, repo);
	arena_reset(walk->scratch);
}

void
place_by_rsync(struct walk *walk, struct repo *repo)
{
	struct spot *spot;

	while ((spot = next_waiting(repo)) != NULL) {
		wait_for(walk, spot, rsync_repo(walk, spot));
		arena_reset(walk->scratch);
	}
}
