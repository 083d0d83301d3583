/* SPDX-License-Identifier: BSD-2-Clause */
/* staff - see staff.h. */
#include "validator/staff.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "validator/recall.h"

enum {
	AHEAD = 8
}; /* points for each judge, so that none waits for the owner */

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

void
staff_start(struct walk *walk, struct point_court *court,
    struct fetcher_desk *desk)
{
	const struct policy *policy = walk->policy;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned judges = policy->validation_threads != 0
			      ? (unsigned)policy->validation_threads
			      : (unsigned)(cpus > 0 ? cpus : 1);
	/* Anchors have been fetched; somebody only looks them up. */
	unsigned fetchers =
	    policy->update ? (unsigned)policy->fetch_threads : 1;

	walk->recall = recall_new(court);
	walk->judges = pool_new(&(struct pool_work){ .name = "judge",
				    .begin = judge_begin,
				    .work = judge_work,
				    .end = judge_end,
				    .arg = court },
	    judges, 0);
	walk->judge_count = judges;
	walk->judge_room = (size_t)judges * AHEAD;
	walk->fetchers = pool_new(&(struct pool_work){ .name = "fetch",
				      .begin = fetcher_begin,
				      .work = fetcher_work,
				      .end = fetcher_end,
				      .arg = desk },
	    fetchers, 0);
}

void
staff_dismiss(struct walk *walk)
{
	if (walk_fetching(walk) == 0) {
		pool_free(walk->fetchers, free, drop_fetched);
		walk->fetchers = NULL;
	}
	pool_free(walk->judges, free, drop_result);
	walk->judges = NULL;
}
