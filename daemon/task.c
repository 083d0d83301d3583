/* SPDX-License-Identifier: BSD-2-Clause */
/* task - see task.h. */
#include "daemon/task.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/anchors.h"
#include "daemon/findings.h"
#include "daemon/hosts.h"
#include "payload/filter.h"

enum { HELLO_SECONDS = 30, STOP_SECONDS = 10 };

bool
task_prepare(struct task *task)
{
	struct octets why = { 0 };
	bool good;

	setting_policy(&task->policy, task->settings);
	task->policy.log_level = (uint64_t)task->log_level;
	good = anchors_load(&task->policy, task->settings, &why) &&
	       hosts_load(&task->policy, task->settings, &why);
	if (!good) {
		log_error(task->log, "%.*s", (int)why.len,
		    (const char *)why.at);
	}
	octets_clear(&why);
	return good;
}

static void
on_progress(void *arg, const struct wire_progress *news)
{
	struct task *task = arg;

	progress_note(&task->progress, news);
}

static void
on_text(void *arg, struct bytes text)
{
	struct task *task = arg;

	if (task->on_text != NULL) {
		task->on_text(task->arg, text);
	}
}

bool
task_run(struct task *task, struct supervise_end *end,
    const struct wire_inspect *inspect)
{
	struct supervise_work work = {
		.engine = task->engine,
		.log = task->log,
		.policy = &task->policy,
		.inspect = inspect,
		.hello_seconds = HELLO_SECONDS,
		.stop_seconds = STOP_SECONDS,
		.on_progress = on_progress,
		.on_text = on_text,
		.arg = task,
	};
	bool quiet = setting_on(task->settings, SET_QUIET) || inspect != NULL;

	progress_begin(&task->progress, STDERR_FILENO,
	    quiet ? PROGRESS_NEVER : PROGRESS_IF_TERMINAL);
	supervise_run(end, &work, task->arena);
	progress_wipe(&task->progress);
	if (end->how != SUPERVISE_DONE || (end->code != 0 && !inspect)) {
		log_error(task->log, "%s",
		    end->why != NULL ? end->why : "the run failed");
		return false;
	}
	if (inspect == NULL && end->snapshot == NULL) {
		log_error(task->log, "the engine ended without a set");
		return false;
	}
	if (inspect == NULL) {
		enum findings_tell tell =
		    !setting_on(task->settings, SET_LOG_REPOSITORY_ISSUES)
			? FINDINGS_QUIETLY
		    : task->policy.strict ? FINDINGS_STRICT
					  : FINDINGS_ASKED;

		findings_log(task->log, end->report, tell);
	}
	return true;
}

bool
task_exceptions(struct task *task)
{
	const struct policy_list *files =
	    &task->settings->at[SET_EXCEPTIONS].list;
	struct octets why = { 0 };
	int rc;

	if (files->count == 0) {
		return true;
	}
	rc = slurm_load(&task->exceptions, (const char *const *)files->items,
	    files->count, &why);
	if (rc != 0) {
		log_error(task->log, "%.*s", (int)why.len,
		    (const char *)why.at);
	}
	octets_clear(&why);
	return rc == 0;
}

/* Take the set's place with what was made of it. */
static void
replace(struct supervise_end *end, const struct snapshot *with)
{
	snapshot_put(end->snapshot);
	end->snapshot = with;
}

/* One line a rule: what it removed or added. */
static void
log_effects(struct task *task, const uint64_t *effects)
{
	for (size_t i = 0; i < slurm_rules(task->exceptions); i++) {
		const struct slurm_rule *rule = slurm_rule(task->exceptions, i);

		log_info(task->log, "%s: %s %zu: %llu", rule->path,
		    slurm_kind_name(rule->kind), rule->index + 1,
		    (unsigned long long)effects[i]);
	}
}

void
task_shape(struct task *task, struct supervise_end *end)
{
	const struct setting *at = task->settings->at;
	struct filter_policy policy = {
		.v4_length = (unsigned)at[SET_LIMIT_V4_LEN].number,
		.v6_length = (unsigned)at[SET_LIMIT_V6_LEN].number,
	};
	uint64_t *effects;
	size_t removed = 0;

	replace(end, filter_apply(&policy, end->snapshot, &removed));
	if (removed > 0) {
		log_info(task->log, "%zu VRPs left out by length", removed);
	}
	/* Last, so that what an operator asserts always stands. */
	if (task->exceptions != NULL) {
		effects = arena_zero(task->arena,
		    slurm_rules(task->exceptions) + 1, sizeof(*effects));
		replace(end,
		    slurm_apply(task->exceptions, end->snapshot, effects));
		log_effects(task, effects);
	}
}

int
task_code(const struct task *task, const struct supervise_end *end)
{
	if (!end->complete && setting_on(task->settings, SET_COMPLETE)) {
		log_warn(task->log, "not everything could be fetched");
		return TASK_INCOMPLETE;
	}
	return TASK_GOOD;
}

bool
task_print(struct task *task, struct bytes text)
{
	while (text.len > 0) {
		ssize_t n = write(STDOUT_FILENO, text.at, text.len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			log_error(task->log, "standard output: %s",
			    strerror(errno));
			return false;
		}
		text = bytes_of(text.at + n, text.len - (size_t)n);
	}
	return true;
}
