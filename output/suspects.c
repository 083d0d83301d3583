/* SPDX-License-Identifier: BSD-2-Clause */
/* suspects - see suspects.h. */
#include "output/suspects.h"

#include <string.h>

#include "output/evidence.h"
#include "output/faultlist.h"
#include "payload/ground.h"

enum {
	POINTS_MOST = 20, /* that are told */
	BLAMES_MOST = 10, /* of what is wrong at each of them */
};

struct suspect {
	const struct report_ground *ground;
	const struct report_span *span; /* that holds the prefix */
};

static unsigned
narrowness(const struct suspect *suspect)
{
	return ground_narrowness(suspect->span);
}

/* Into the list of those whose range is the narrowest; how many there are. */
static size_t
add_suspect(struct suspect list[], size_t count, const struct suspect *one)
{
	size_t at = count;

	while (at > 0 && narrowness(&list[at - 1]) < narrowness(one)) {
		at--;
	}
	if (at == POINTS_MOST) {
		return count;
	}
	count += count < POINTS_MOST;
	memmove(&list[at + 1], &list[at], (count - 1 - at) * sizeof(*list));
	list[at] = *one;
	return count;
}

/* What is wrong at this point. */
static void
put_blames(struct jot *jot, const struct report *report, const char *point,
    bool *told_of)
{
	size_t told = 0, left_out = 0;

	jot_list(jot, "findings");
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct report_finding *f = &report->findings[i];

		if (f->point == NULL || !fault_rejects(f->fault) ||
		    strcmp(f->point, point) != 0) {
			continue;
		}
		told_of[i] = true;
		if (told++ < BLAMES_MOST) {
			faultlist_put(jot, report, f);
		} else {
			left_out++;
		}
	}
	jot_end_list(jot);
	jot_number(jot, "findingsLeftOut", left_out);
}

static void
put_suspect(struct jot *jot, const struct still *still,
    const struct suspect *suspect, bool *told)
{
	const struct report *report = still_report(still);
	const struct report_ground *g = suspect->ground;
	char covers[GROUND_TEXT];

	ground_text(suspect->span, covers);
	jot_object(jot, NULL);
	jot_text(jot, "point", g->uri);
	jot_text(jot, "ta", report->tas[g->ta].name);
	jot_text(jot, "state", report_point_state_name(g->state));
	jot_text(jot, "covers", covers);
	jot_bool(jot, "roughly", g->coarse);
	evidence_repository(jot, still, g->repository);
	put_blames(jot, report, g->uri, told);
	jot_end_object(jot);
}

void
suspects_put(struct jot *jot, const struct still *still,
    const struct ip_prefix *prefix, bool valid, bool *told)
{
	const struct report *report = still_report(still);
	struct suspect list[POINTS_MOST];
	size_t count = 0, all = 0;

	for (size_t i = 0; report != NULL && i < report->ground_count; i++) {
		struct suspect one = { &report->grounds[i],
			ground_holds(&report->grounds[i], prefix) };

		if (one.span != NULL &&
		    (!valid || one.ground->state == POINT_CACHED)) {
			count = add_suspect(list, count, &one);
			all++;
		}
	}
	jot_list(jot, "points");
	for (size_t i = 0; i < count; i++) {
		put_suspect(jot, still, &list[i], told);
	}
	jot_end_list(jot);
	jot_number(jot, "pointsLeftOut", all - count);
	jot_number(jot, "pointsUnknown",
	    report == NULL ? 0 : report->grounds_lost);
}
