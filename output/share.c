/* SPDX-License-Identifier: BSD-2-Clause */
#include "output/share.h"

uint64_t
share_count(const uint64_t counters[REPORT_COUNTERS],
    const struct atlas_share *share, enum share_fate fate, enum atlas_type type)
{
	static const enum report_counter valid[ATLAS_TYPES] = {
		[ATLAS_V4] = REPORT_VRPS_V4,
		[ATLAS_V6] = REPORT_VRPS_V6,
		[ATLAS_ROUTER_KEYS] = REPORT_ROUTER_KEYS,
		[ATLAS_ASPAS] = REPORT_ASPAS,
	};
	uint64_t here =
	    share == NULL ? 0 : share->first[type] + share->again[type];

	switch (fate) {
	case SHARE_VALID:
		return counters[valid[type]];
	case SHARE_UNSAFE:
		return type == ATLAS_V4   ? counters[REPORT_UNSAFE_V4]
		       : type == ATLAS_V6 ? counters[REPORT_UNSAFE_V6]
					  : 0;
	case SHARE_FILTERED:
		return share == NULL || counters[valid[type]] < here
			   ? 0
			   : counters[valid[type]] - here;
	case SHARE_DUPLICATE:
		return share == NULL ? 0 : share->again[type];
	case SHARE_CONTRIBUTED:
	case SHARE_FATES:
		break;
	}
	return share == NULL ? 0 : share->first[type];
}

bool
share_known(enum share_fate fate)
{
	return fate == SHARE_VALID || fate == SHARE_UNSAFE;
}

const char *
share_type(enum atlas_type type)
{
	static const char *const names[ATLAS_TYPES] = {
		[ATLAS_V4] = "route_origins_ipv4",
		[ATLAS_V6] = "route_origins_ipv6",
		[ATLAS_ROUTER_KEYS] = "router_keys",
		[ATLAS_ASPAS] = "aspas",
	};

	return names[type];
}

uint64_t
share_vrps(const struct atlas_share *share)
{
	return share->first[ATLAS_V4] + share->first[ATLAS_V6];
}
