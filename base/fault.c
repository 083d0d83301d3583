/* SPDX-License-Identifier: BSD-2-Clause */
/* fault - the table behind fault.h, made from fault.def. */
#include "base/fault.h"

#include <string.h>

static const struct {
	const char *label;
	const char *source;
	const char *text;
	bool rejects;
} faults[FAULT_COUNT] = {
	[FAULT_NONE] = { "ok", "-", "no fault", false },
#define FAULT(name, l, s, t)  [FAULT_##name] = { l, s, t, true },
#define ODDITY(name, l, s, t) [FAULT_##name] = { l, s, t, false },
#include "base/fault.def"
#undef FAULT
#undef ODDITY
};

const char *
fault_label(enum fault fault)
{
	return faults[fault].label;
}

const char *
fault_source(enum fault fault)
{
	return faults[fault].source;
}

const char *
fault_text(enum fault fault)
{
	return faults[fault].text;
}

bool
fault_rejects(enum fault fault)
{
	return faults[fault].rejects;
}

enum fault
fault_find(const char *label)
{
	for (unsigned i = 1; i < FAULT_COUNT; i++) {
		if (strcmp(faults[i].label, label) == 0) {
			return (enum fault)i;
		}
	}
	return FAULT_NONE;
}

void
fault_note(struct oddities *odd, enum fault fault)
{
	for (unsigned i = 0; i < odd->count; i++) {
		if (odd->list[i] == fault) {
			return;
		}
	}
	if (odd->count < FAULT_ODDITIES) {
		odd->list[odd->count++] = (uint16_t)fault;
	}
}
