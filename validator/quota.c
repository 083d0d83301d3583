/* SPDX-License-Identifier: BSD-2-Clause */
/* quota - see quota.h. */
#include "validator/quota.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

enum {
	TELLERS = 12000, /* so many at most: each has some five findings */
	WALK_PART = 10,  /* of all that may be told, where it is too much */
};

/* What may be told, of one kind. */
struct purse {
	size_t asked, most;
	size_t each, walk; /* once settled */
	size_t left;       /* of whose turn it is */
};

struct quota {
	size_t anchors, count;
	size_t *tellers; /* of each anchor; once settled, that still may */
	struct purse findings, octets;
};

struct quota *
quota_new(size_t anchors)
{
	struct quota *quota = mem_zero(1, sizeof(*quota));

	quota->anchors = anchors;
	quota->tellers = mem_zero(anchors + 1, sizeof(*quota->tellers));
	quota->findings.most = LIMIT_FINDINGS;
	quota->octets.most = LIMIT_FINDING_OCTETS;
	return quota;
}

void
quota_free(struct quota *quota)
{
	if (quota != NULL) {
		free(quota->tellers);
		free(quota);
	}
}

void
quota_ask(struct quota *quota, uint16_t anchor, size_t findings, size_t octets)
{
	assert(anchor < quota->anchors);
	quota->findings.asked += findings;
	quota->octets.asked += octets;
	quota->tellers[anchor] += findings > 0;
	quota->count += findings > 0;
}

void
quota_ask_walk(struct quota *quota, size_t findings)
{
	quota->findings.asked += findings;
}

static size_t
lower(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many tell if no anchor has more than so many who do. */
static size_t
telling(const struct quota *quota, size_t level)
{
	size_t sum = 0;

	for (size_t i = 0; i < quota->anchors; i++) {
		sum += lower(quota->tellers[i], level);
	}
	return sum;
}

/* As many of each anchor as may be. */
static void
level_out(struct quota *quota)
{
	size_t low = 0, high = TELLERS;

	while (low < high) {
		size_t middle = (low + high + 1) / 2;

		if (telling(quota, middle) <= TELLERS) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	for (size_t i = 0; i < quota->anchors; i++) {
		quota->tellers[i] = lower(quota->tellers[i], low);
	}
}

static void
settle(struct purse *purse, size_t tellers)
{
	purse->each = purse->walk = purse->most;
	if (purse->asked > purse->most) {
		purse->walk = purse->most / WALK_PART;
		purse->each = (purse->most - 2 * purse->walk) / tellers;
	}
}

void
quota_settle(struct quota *quota)
{
	size_t tellers = lower(quota->count, TELLERS);

	settle(&quota->findings, tellers > 0 ? tellers : 1);
	settle(&quota->octets, tellers > 0 ? tellers : 1);
	if (quota->findings.each < quota->findings.most ||
	    quota->octets.each < quota->octets.most) {
		level_out(quota);
	}
}

void
quota_begin(struct quota *quota, uint16_t anchor, size_t findings)
{
	bool may = findings > 0 && quota->tellers[anchor] > 0;

	quota->tellers[anchor] -= may;
	quota->findings.left = may ? quota->findings.each : 0;
	quota->octets.left = may ? quota->octets.each : 0;
}

void
quota_begin_walk(struct quota *quota)
{
	quota->findings.left = quota->findings.walk;
	quota->octets.left = quota->octets.walk;
}

bool
quota_take(struct quota *quota, size_t octets)
{
	if (quota->findings.left == 0 || octets > quota->octets.left) {
		return false;
	}
	quota->findings.left--;
	quota->octets.left -= octets;
	return true;
}
