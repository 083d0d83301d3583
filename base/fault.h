/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault - the catalogue of everything the outside world can do wrong.
 *
 * A fault is data, not an error of ours: it is counted, logged once by whoever
 * knows the object's name, and the run goes on. An oddity is a row of the same
 * table that does not reject anything.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum fault {
	FAULT_NONE = 0,
#define FAULT(name, label, source, text)  FAULT_##name,
#define ODDITY(name, label, source, text) FAULT_##name,
#include "base/fault.def"
#undef FAULT
#undef ODDITY
	FAULT_COUNT
};

/* What a decoder noticed and let pass; the first few, without doubles. */
enum { FAULT_ODDITIES = 8 };
struct oddities {
	uint8_t count;
	uint16_t list[FAULT_ODDITIES]; /* enum fault */
};

/* Short word for logs and metrics: "roa-maxlen". Never NULL. */
const char *fault_label(enum fault fault);
/* Where the rule is written: "RFC 9582 4.3.2.2". Never NULL. */
const char *fault_source(enum fault fault);
/* What is wrong, as a clause: "maxLength below prefix". Never NULL. */
const char *fault_text(enum fault fault);
/* False for oddities and FAULT_NONE. */
bool fault_rejects(enum fault fault);
/* FAULT_NONE when no row has this label. */
enum fault fault_find(const char *label);

void fault_note(struct oddities *odd, enum fault fault);
