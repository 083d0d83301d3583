/* SPDX-License-Identifier: BSD-2-Clause */
/* findings - see findings.h. */
#include "daemon/findings.h"

static void
log_finding(struct log *log, const struct report_finding *f,
    enum findings_tell tell)
{
	bool loud = tell == FINDINGS_STRICT || fault_rejects(f->fault);
	void (*say)(struct log *, const char *, ...) = tell == FINDINGS_QUIETLY
							   ? log_debug
						       : loud ? log_warn
							      : log_info;
	bool detail = f->detail != NULL && f->detail[0] != '\0';

	say(log, "%s: %s (%s) %s%s%s", f->uri, fault_label(f->fault),
	    fault_source(f->fault), fault_text(f->fault), detail ? ": " : "",
	    detail ? f->detail : "");
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

void
findings_log(struct log *log, const struct report *report,
    enum findings_tell tell)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		log_finding(log, &report->findings[i], tell);
	}
	if (report->findings_lost > 0) {
		log_warn(log,
		    "and %zu findings more, of which only the number "
		    "was kept",
		    report->findings_lost);
	}
	log_work(log, report);
}
