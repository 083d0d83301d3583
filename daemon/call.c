/* SPDX-License-Identifier: BSD-2-Clause */
/* call - see call.h. */
#include "daemon/call.h"

#include "daemon/control.h"

static int
call(struct task *task, const char *line)
{
	const char *path =
	    control_path(task->settings->at[SET_STATE_DIR].text, task->arena);
	struct octets text = { 0 };
	int code = TASK_ERROR;

	if (control_ask(path, line, &text)) {
		code = task_print(task, octets_bytes(&text)) ? TASK_GOOD
							     : TASK_ERROR;
	} else {
		log_error(task->log, "%.*s", (int)text.len,
		    (const char *)text.at);
	}
	octets_clear(&text);
	return code;
}

int
call_status(struct task *task)
{
	return call(task, "status");
}

int
call_reload(struct task *task)
{
	return call(task, "reload");
}

int
call_run(struct task *task)
{
	return call(task, "run");
}

/* Without --accept, what it says is whether anything is held. */
int
call_guard(struct task *task)
{
	const char *anchor = task->settings->at[SET_ACCEPT].text;
	const char *path =
	    control_path(task->settings->at[SET_STATE_DIR].text, task->arena);
	struct octets text = { 0 };
	int code = TASK_ERROR;

	if (anchor != NULL) {
		return call(task,
		    arena_printf(task->arena, "guard %s", anchor));
	}
	if (!control_ask(path, "guard", &text)) {
		log_error(task->log, "%.*s", (int)text.len,
		    (const char *)text.at);
	} else if (task_print(task, octets_bytes(&text))) {
		code = text.len > 0 ? TASK_GUARDED : TASK_GOOD;
	}
	octets_clear(&text);
	return code;
}

int
call_stop(struct task *task)
{
	return call(task,
	    setting_on(task->settings, SET_FINAL) ? "stop final" : "stop");
}
