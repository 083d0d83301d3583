/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect - see inspect.h. */
#include "daemon/inspect.h"

#include <string.h>

#include "base/text.h"
#include "daemon/slurp.h"

static void
on_text(void *arg, struct bytes text)
{
	task_print(arg, text);
}

/* A URI is for the engine to look up; anything else is a file of ours. */
static bool
find_octets(struct task *task, const char *name, struct octets *out)
{
	struct octets why = { 0 };
	bool good = true;

	if (strncmp(name, "rsync://", 8) != 0 &&
	    strncmp(name, "https://", 8) != 0) {
		good = slurp_file(out, name,
		    (size_t)task->policy.max_object_size, &why);
		if (good && out->len == 0) {
			octets_printf(&why, "%s: an empty file", name);
			good = false;
		}
	}
	if (!good) {
		log_error(task->log, "%.*s", (int)why.len,
		    (const char *)why.at);
	}
	octets_clear(&why);
	return good;
}

static int
inspect_one(struct task *task, const char *name)
{
	struct wire_inspect wanted = { .form = WIRE_INSPECT_TEXT,
		.name = name };
	struct octets octets = { 0 };
	struct supervise_end end = { .code = TASK_ERROR };
	int code = TASK_ERROR;

	if (setting_on(task->settings, SET_JSON)) {
		wanted.form = WIRE_INSPECT_JSON;
	}
	if (find_octets(task, name, &octets)) {
		wanted.octets = octets_bytes(&octets);
		if (task_run(task, &end, &wanted)) {
			code = end.code == 0 ? TASK_GOOD : TASK_ERROR;
		}
		snapshot_put(end.snapshot);
	}
	octets_clear(&octets);
	return code;
}

int
inspect_run(struct task *task)
{
	int code = TASK_GOOD;

	if (task->options->count == 0) {
		log_error(task->log,
		    "nothing to inspect: kedge inspect FILE|URI...");
		return TASK_ERROR;
	}
	if (!task_prepare(task)) {
		return TASK_ERROR;
	}
	task->on_text = on_text;
	task->arg = task;
	task->policy.update = false;
	for (int i = 0; i < task->options->count; i++) {
		if (inspect_one(task, task->options->rest[i]) != TASK_GOOD) {
			code = TASK_ERROR;
		}
	}
	return code;
}
