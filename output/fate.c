/* SPDX-License-Identifier: BSD-2-Clause */
/* fate - see fate.h. */
#include "output/fate.h"

uint64_t
fate_count(const uint64_t counters[REPORT_COUNTERS],
    const struct atlas_part *part, enum fate fate, enum atlas_type type)
{
	static const enum report_counter valid[ATLAS_TYPES] = {
		[ATLAS_V4] = REPORT_VRPS_V4,
		[ATLAS_V6] = REPORT_VRPS_V6,
		[ATLAS_ROUTER_KEYS] = REPORT_ROUTER_KEYS,
		[ATLAS_ASPAS] = REPORT_ASPAS,
	};
	uint64_t here =
	    part == NULL ? 0 : part->first[type] + part->again[type];

	switch (fate) {
	case FATE_VALID:
		return counters[valid[type]];
	case FATE_UNSAFE:
		return type == ATLAS_V4   ? counters[REPORT_UNSAFE_V4]
		       : type == ATLAS_V6 ? counters[REPORT_UNSAFE_V6]
					  : 0;
	case FATE_FILTERED:
		return part == NULL || counters[valid[type]] < here
			   ? 0
			   : counters[valid[type]] - here;
	case FATE_DUPLICATE:
		return part == NULL ? 0 : part->again[type];
	case FATE_CONTRIBUTED:
	case FATES:
		break;
	}
	return part == NULL ? 0 : part->first[type];
}

bool
fate_known(enum fate fate)
{
	return fate == FATE_VALID || fate == FATE_UNSAFE;
}
