/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * still - a view that holds still: what a worker renders from, while the
 * service goes on. Sets and reports are counted, the rest is copied.
 */
#pragma once

#include "base/arena.h"
#include "output/atlas.h"
#include "output/view.h"

/* Connections and requests, as metrics tell. */
struct still_http {
	unsigned clients;
	uint64_t accepted, refused, requests, octets_in, octets_out;
	uint64_t rendered, kept_octets;
	unsigned rendering;
};

/* A rule of the local exceptions. */
struct still_rule {
	const char *kind; /* "prefixFilters" and so on */
	const char *path, *comment;
	size_t index;
	bool filter; /* takes away; else adds */
	bool has_prefix, has_asn, has_ski;
	struct ip_prefix prefix;
	uint32_t asn;
	uint8_t max_length; /* of assertions */
	uint64_t effect;
};

struct still {
	struct arena *arena;
	struct view view; /* slurm, history and so on are NULL in it */
	struct filter_policy limits;
	bool limited;              /* limits are set */
	const struct atlas *atlas; /* of the current set; NULL: not yet */
	struct still_http http;
	int64_t now;
	size_t router_count;
	struct view_router *routers;
	size_t rule_count, rules_left_out;
	struct still_rule *rules;
};

/* What is wanted beside the plain values. */
enum { STILL_ROUTERS = 1, STILL_RULES = 2 };

struct still *still_new(const struct view_source *source, unsigned parts);
void still_free(struct still *still); /* NULL is fine */

/* NULL when there was no run yet. */
const struct report *still_report(const struct still *still);
