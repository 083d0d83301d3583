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
#include "daemon/shape.h"
#include "daemon/ways.h"

enum { HELLO_SECONDS = 30, STOP_SECONDS = 10 };

static bool
prepare(struct task *task, struct octets *why)
{
	setting_policy(&task->policy, task->settings);
	task->policy.log_level = (uint64_t)task->log_level;
	return ways_check(task->settings, why) &&
	       anchors_load(&task->policy, task->settings, why) &&
	       hosts_load(&task->policy, task->settings, why);
}

static bool
read_exceptions(struct task *task, struct octets *why)
{
	const struct policy_list *files =
	    &task->settings->at[SET_EXCEPTIONS].list;

	if (files->count == 0 ||
	    slurm_load(&task->exceptions, (const char *const *)files->items,
		files->count, why) == 0) {
		return true;
	}
	(void)setting_blame_file(task->settings, SET_EXCEPTIONS, why);
	return false;
}

/* False, and the complaint is logged. */
static bool
good_or_say(struct task *task, bool good, struct octets *why)
{
	if (!good) {
		(void)task_refuse(task, why);
	}
	octets_clear(why);
	return good;
}

bool
task_prepare(struct task *task)
{
	struct octets why = { 0 };

	return good_or_say(task, prepare(task, &why), &why);
}

bool
task_ready(struct task *task, struct octets *why)
{
	task->targets = arena_zero(task->arena, 1, sizeof(*task->targets));
	task->targets->hasty = true;
	return prepare(task, why) && read_exceptions(task, why) &&
	       targets_read(task->targets, task->settings, NULL, why);
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

static bool
on_next(void *arg, struct wire_look *look)
{
	struct task *task = arg;

	return task->on_next != NULL && task->on_next(task->arg, look);
}

bool
task_run(struct task *task, struct supervise_end *end,
    const struct wire_inspect *inspect)
{
	bool run = inspect == NULL && !task->policy.quarantine;
	bool alone = run && !task->policy.update;
	struct supervise_work work = {
		.engine = alone ? task->judge : task->engine,
		.log = task->log,
		.policy = &task->policy,
		.inspect = inspect,
		.hello_seconds = HELLO_SECONDS,
		.stop_seconds = STOP_SECONDS,
		.on_progress = on_progress,
		.on_text = on_text,
		.on_next = on_next,
		.arg = task,
	};
	bool quiet = setting_on(task->settings, SET_QUIET) || !run;

	progress_begin(&task->progress, STDERR_FILENO,
	    quiet ? PROGRESS_NEVER : PROGRESS_IF_TERMINAL);
	supervise_run(end, &work, task->arena);
	progress_wipe(&task->progress);
	if (end->how != SUPERVISE_DONE || (end->code != 0 && !inspect)) {
		log_error(task->log, "%s",
		    end->why != NULL ? end->why : "the run failed");
		return false;
	}
	if (run && end->snapshot == NULL) {
		log_error(task->log, "the engine ended without a set");
		return false;
	}
	if (run) {
		findings_log(task->log, end->report, &task->policy,
		    setting_on(task->settings, SET_LOG_REPOSITORY_ISSUES)
			? FINDINGS_ASKED
			: FINDINGS_QUIETLY);
	}
	return true;
}

bool
task_exceptions(struct task *task)
{
	struct octets why = { 0 };

	return good_or_say(task, read_exceptions(task, &why), &why);
}

/* Take the set's place with what was made of it. */
static void
replace(struct supervise_end *end, const struct snapshot *with)
{
	snapshot_put(end->snapshot);
	end->snapshot = with;
}

void
task_shape(struct task *task, struct supervise_end *end)
{
	struct shape shape = shape_of(task->settings, task->exceptions);
	struct shape_effects effects = { 0 };

	replace(end, shape_apply(&shape, end->snapshot, &effects));
	shape_log(task->log, &shape, &effects);
	shape_clear(&effects);
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

void
task_say_none(bool any, const char *sentence, struct octets *text)
{
	if (!any && isatty(STDOUT_FILENO)) {
		octets_printf(text, "%s\n", sentence);
	}
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
			/* Who stops reading has seen enough. */
			if (errno != EPIPE) {
				log_error(task->log, "standard output: %s",
				    strerror(errno));
			}
			return false;
		}
		text = bytes_of(text.at + n, text.len - (size_t)n);
	}
	return true;
}

int
task_answer(struct task *task, struct octets *text)
{
	bool good = task_print(task, octets_bytes(text));

	octets_clear(text);
	return good ? TASK_GOOD : TASK_ERROR;
}

int
task_refuse(const struct task *task, struct octets *why)
{
	log_error(task->log, "%.*s", (int)why->len, (const char *)why->at);
	octets_clear(why);
	return TASK_ERROR;
}
