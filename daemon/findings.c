/* SPDX-License-Identifier: BSD-2-Clause */
/* findings - see findings.h. */
#include "daemon/findings.h"

#include <string.h>

/* Did it cost an object or a point, or is it only odd? */
static bool
rejects(enum fault fault, const struct policy *policy)
{
	if (fault == FAULT_OBJECT_UNKNOWN) {
		return policy->unknown_objects == POLICY_REJECT;
	}
	return policy->strict || fault_rejects(fault);
}

static void
log_finding(struct log *log, const struct report_finding *f,
    const struct policy *policy, enum findings_tell tell)
{
	enum log_level level = tell == FINDINGS_QUIETLY    ? LOG_LEVEL_DEBUG
			       : rejects(f->fault, policy) ? LOG_LEVEL_WARN
							   : LOG_LEVEL_INFO;

	log_fault(log, level, f->uri, f->fault, f->detail);
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

/* Below two trust anchors it is two findings, and one line. */
static bool
same_line(const struct report_finding *a, const struct report_finding *b)
{
	return a->fault == b->fault && same_text(a->uri, b->uri) &&
	       same_text(a->detail, b->detail);
}

/* Why an anchor has no certificate was said of each of its URIs at once. */
static bool
told(const struct report_finding *f)
{
	return f->point == NULL && fault_rejects(f->fault);
}

static void
log_work(struct log *log, const struct report *r)
{
	unsigned long long found = r->findings_lost + r->finding_count;

	log_info(log,
	    "%llu points judged, %llu remembered, %llu signatures verified, "
	    "%llu findings",
	    (unsigned long long)r->judged, (unsigned long long)r->remembered,
	    (unsigned long long)r->signatures, found);
}

/* What each rule removed: constraints, lists of hosts and all the others. */
static void
log_counts(struct log *log, const struct report *r)
{
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		if (r->faults[i] > 0) {
			log_info(log, "%llu %s (%s)",
			    (unsigned long long)r->faults[i],
			    fault_label((enum fault)i),
			    fault_text((enum fault)i));
		}
	}
}

static void
log_unsafe(struct log *log, const struct report *r, const struct policy *policy)
{
	unsigned long long unsafe = 0;

	for (size_t i = 0; i < r->ta_count; i++) {
		unsafe += r->tas[i].counters[REPORT_UNSAFE_VRPS];
	}
	if (unsafe > 0) {
		log_info(log, "%llu VRPs overlap resources of rejected CAs: %s",
		    unsafe,
		    policy->unsafe_vrps == POLICY_REJECT
			? "left out (unsafe-vrps)"
			: "kept (unsafe-vrps)");
	}
}

void
findings_log(struct log *log, const struct report *report,
    const struct policy *policy, enum findings_tell tell)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct report_finding *f = &report->findings[i];

		if (!told(f) && (i == 0 || !same_line(f - 1, f))) {
			log_finding(log, f, policy, tell);
		}
	}
	if (report->findings_lost > 0) {
		log_warn(log,
		    "and %zu findings more, of which only the number "
		    "was kept",
		    report->findings_lost);
	}
	log_work(log, report);
	log_counts(log, report);
	log_unsafe(log, report, policy);
}
