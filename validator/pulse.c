/* SPDX-License-Identifier: BSD-2-Clause */
/* pulse - see pulse.h. */
#include "validator/pulse.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Into the list of those that began first, unless it began too late. */
static struct wire_fetch *
place_for(struct wire_progress *p, int64_t since)
{
	unsigned at = p->fetch_count;

	while (at > 0 && p->fetches[at - 1].since > since) {
		at--;
	}
	if (at == WIRE_FETCHES) {
		return NULL;
	}
	p->fetch_count += p->fetch_count < WIRE_FETCHES;
	memmove(&p->fetches[at + 1], &p->fetches[at],
	    (p->fetch_count - 1 - at) * sizeof(p->fetches[0]));
	p->fetches[at].since = since;
	return &p->fetches[at];
}

/* A moment of the monotonic clock as the wall tells it. */
static int64_t
wall_of(int64_t mono_ms)
{
	return clock_wall() - (clock_mono_ms() - mono_ms) / 1000;
}

static void
add_repository(struct wire_progress *p, const struct repo *repo)
{
	struct wire_fetch *f = place_for(p, wall_of(repo->since_ms));
	uint64_t octets = atomic_load(&repo->meter);

	p->octets += octets;
	if (f != NULL) {
		f->state = (enum repository_state)atomic_load(&repo->step);
		f->octets = octets;
		snprintf(f->uri, sizeof(f->uri), "%s", repo->report.uri);
	}
}

static void
add_anchor(struct wire_progress *p, const struct walk *walk,
    const struct walk_anchor *anchor)
{
	struct wire_fetch *f = place_for(p, wall_of(walk->began_ms));

	if (f != NULL) {
		f->state = REPO_NEW;
		f->octets = 0;
		snprintf(f->uri, sizeof(f->uri), "%s",
		    anchor->tal.uris[atomic_load(&anchor->step)]);
	}
}

void
pulse_take(const struct walk *walk, struct wire_progress *p)
{
	*p = (struct wire_progress){
		.repositories = (uint32_t)walk->repo_count,
		.points = (uint32_t)walk->spot_count,
		.points_done = (uint32_t)walk->done,
		.fetching = (uint32_t)walk_fetching(walk),
		.vrps = (uint32_t)walk->vrps,
	};
	for (size_t i = 0; i < walk->anchor_count; i++) {
		if (!walk->anchors[i].answered) {
			add_anchor(p, walk, &walk->anchors[i]);
		}
	}
	for (size_t i = 0; i < walk->repo_count; i++) {
		const struct repo *repo = walk->repos[i];

		p->octets += repo->report.octets;
		if (!repo->fetching) {
			p->repositories_done++;
		} else if (repo->dispatched) {
			add_repository(p, repo);
		}
	}
}
