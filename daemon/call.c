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

/* As HTTP gives it, whether or not the server serves HTTP to anybody. */
static int
print_json(struct task *task, const char *path)
{
	const char *socket =
	    local_path(task->settings->at[SET_STATE_DIR].text, task->arena);
	struct octets body = { 0 };
	int code = TASK_ERROR;

	if (local_get(socket, path, &body)) {
		code = task_print(task, octets_bytes(&body)) ? TASK_GOOD
							     : TASK_ERROR;
	} else {
		log_error(task->log, "%.*s", (int)body.len,
		    (const char *)body.at);
	}
	octets_clear(&body);
	return code;
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
			log_error(task->log, "%.*s", (int)answer.len,
			    (const char *)answer.at);
			code = TASK_ERROR;
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
	int code = TASK_ERROR;

	if (anchor != NULL) {
		return call(task,
		    arena_printf(task->arena, "guard %s", anchor));
	}
	if (!control_ask(path, "guard", &text)) {
		log_error(task->log, "%.*s", (int)text.len,
		    (const char *)text.at);
	} else {
		code = text.len > 0 ? TASK_GUARDED : TASK_GOOD;
		task_say_none(text.len > 0, "nothing is held", &text);
		if (!task_print(task, octets_bytes(&text))) {
			code = TASK_ERROR;
		}
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
