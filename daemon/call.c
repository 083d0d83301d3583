/* SPDX-License-Identifier: BSD-2-Clause */
/* call - see call.h. */
#include "daemon/call.h"

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control.h"
#include "daemon/local.h"

/* How long a reload is waited for, and how often it is asked after. */
enum { TAKING_MS = 30000, TAKING_PAUSE_MS = 20 };

static int
call(struct task *task, const char *line)
{
	const char *path =
	    control_path(task->settings->at[SET_STATE_DIR].text, task->arena);
	struct octets text = { 0 };

	return control_ask(path, line, &text) ? task_answer(task, &text)
					      : task_refuse(task, &text);
}

/* As HTTP gives it, whether or not the server serves HTTP to anybody. */
static int
print_json(struct task *task, const char *path)
{
	const char *socket =
	    local_path(task->settings->at[SET_STATE_DIR].text, task->arena);
	struct octets body = { 0 };

	return local_get(socket, path, &body) ? task_answer(task, &body)
					      : task_refuse(task, &body);
}

int
call_status(struct task *task)
{
	return setting_on(task->settings, SET_JSON)
		   ? print_json(task, "/api/v1/status")
		   : call(task, "status");
}

/* The server takes what it read between two steps of its own: until then, who
 * comes in is let in by the settings before. */
int
call_reload(struct task *task)
{
	const char *path =
	    control_path(task->settings->at[SET_STATE_DIR].text, task->arena);
	int64_t end = clock_mono_ms() + TAKING_MS;
	struct octets answer = { 0 };
	int code = call(task, "reload");

	while (code == TASK_GOOD && !control_ask(path, "reloaded", &answer)) {
		if (!text_same(octets_bytes(&answer), CALL_NOT_YET)) {
			code = task_refuse(task, &answer);
		} else if (clock_mono_ms() > end) {
			log_warn(task->log,
			    "the new settings are not taken yet: the server "
			    "is busy, and takes them when it can");
			break;
		}
		octets_clear(&answer);
		clock_sleep_ms(TAKING_PAUSE_MS);
	}
	octets_clear(&answer);
	return code;
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
	bool holds;

	if (anchor != NULL) {
		return call(task,
		    arena_printf(task->arena, "guard %s", anchor));
	}
	if (!control_ask(path, "guard", &text)) {
		return task_refuse(task, &text);
	}
	holds = text.len > 0;
	task_say_none(holds, "nothing is held", &text);
	if (task_answer(task, &text) != TASK_GOOD) {
		return TASK_ERROR;
	}
	return holds ? TASK_GUARDED : TASK_GOOD;
}

int
call_stop(struct task *task)
{
	return call(task,
	    setting_on(task->settings, SET_FINAL) ? "stop final" : "stop");
}
