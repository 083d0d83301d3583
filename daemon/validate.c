/* SPDX-License-Identifier: BSD-2-Clause */
/* validate - see validate.h. */
#include "daemon/validate.h"

#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "daemon/routes.h"
#include "output/file.h"
#include "output/pen.h"
#include "output/validity.h"

struct question {
	struct task *task;
	const struct snapshot *snapshot;
	struct routes routes;
	bool single; /* -a and -p, not a file */
	int64_t now;
};

/* --- text */

static void
text_list(struct pen *pen, const struct snapshot *snapshot,
    const struct origin_list *list, const char *what)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct vrp *vrp = snapshot_vrp(snapshot, list->at[i]);

		pen_text(pen, "    ");
		pen_prefix(pen, &vrp->prefix);
		pen_printf(pen, " max %u AS%u (%s): %s\n", vrp->max_length,
		    vrp->asn, snapshot_ta(snapshot, ITEM_VRP, list->at[i]),
		    what);
	}
}

static void
text_answer(struct pen *pen, const struct question *question,
    const struct route *route, const struct origin_answer *answer)
{
	const char *reason = validity_reason(answer);

	pen_prefix(pen, &route->prefix);
	pen_printf(pen, " => AS%u: %s", route->asn,
	    origin_state_name(answer->state));
	if (reason != NULL) {
		pen_printf(pen, " (%s)", reason);
	}
	pen_text(pen, "\n");
	text_list(pen, question->snapshot, &answer->matched, "matches");
	text_list(pen, question->snapshot, &answer->unmatched_as,
	    "for another AS");
	text_list(pen, question->snapshot, &answer->unmatched_length,
	    "the route is too long");
}

static void
write_text(struct pen *pen, const struct question *question,
    const struct origin_index *index, struct arena *arena)
{
	for (size_t i = 0; i < question->routes.count; i++) {
		const struct route *route = &question->routes.at[i];
		struct origin_answer answer;

		arena_reset(arena);
		answer =
		    origin_explain(index, &route->prefix, route->asn, arena);
		text_answer(pen, question, route, &answer);
	}
}

/* In the shape scripts know from Routinator. */
static void
write_json(struct pen *pen, const struct question *question,
    const struct origin_index *index, struct arena *arena)
{
	const struct routes *routes = &question->routes;

	if (!question->single) {
		validity_begin(pen);
	}
	for (size_t i = 0; i < routes->count; i++) {
		struct validity_route route = { routes->at[i].prefix,
			routes->at[i].asn };

		arena_reset(arena);
		if (question->single) {
			validity_write(pen, index, &route, question->now,
			    arena);
			return;
		}
		validity_add(pen, index, &route, i, arena);
	}
	validity_end(pen, question->now);
}

static void
write_answers(struct pen *pen, const struct question *question)
{
	bool json = setting_on(question->task->settings, SET_JSON);
	struct origin_index *index = origin_new(question->snapshot);
	struct arena *arena = arena_new();

	(json ? write_json : write_text)(pen, question, index, arena);
	arena_free(arena);
	origin_free(index);
}

/* --- the command */

static bool
read_question(struct question *question)
{
	struct task *task = question->task;
	const struct setting *at = task->settings->at;
	bool pair = at[SET_ASN].text != NULL && at[SET_PREFIX].text != NULL;
	bool half = at[SET_ASN].text != NULL || at[SET_PREFIX].text != NULL;
	struct octets why = { 0 };
	bool good;

	if (half ? !pair || at[SET_INPUT].text != NULL
		 : at[SET_INPUT].text == NULL) {
		log_error(task->log,
		    "kedge validate needs --asn with --prefix, or --input");
		return false;
	}
	question->single = pair;
	if (pair) {
		routes_one(&question->routes, at[SET_PREFIX].text,
		    at[SET_ASN].text);
		return true;
	}
	good = routes_read(&question->routes, at[SET_INPUT].text,
	    setting_on(task->settings, SET_JSON) ? ROUTES_JSON : ROUTES_TEXT,
	    &why);
	if (!good) {
		setting_blame(task->settings, SET_INPUT, 0, &why);
		(void)task_refuse(task, &why);
	}
	octets_clear(&why);
	return good;
}

static bool
answer(struct question *question, const char *path)
{
	struct task *task = question->task;
	struct file *file = NULL;
	struct pen pen;
	int rc = file_open(&file, path);

	if (rc == 0) {
		pen = pen_open(file_sink(file));
		write_answers(&pen, question);
		pen_close(&pen);
		rc = file_close(file);
	}
	if (rc != 0) {
		log_error(task->log, "%s: %s", path, strerror(-rc));
	}
	return rc == 0;
}

int
validate_run(struct task *task)
{
	const struct policy_list *to = &task->settings->at[SET_OUTPUT].list;
	struct question question = { .task = task };
	struct supervise_end end = { .code = TASK_ERROR };
	int code = TASK_ERROR;

	if (to->count > 1) {
		log_error(task->log, "kedge validate writes one --output only");
		return TASK_ERROR;
	}
	if (read_question(&question) && task_prepare(task) &&
	    task_exceptions(task) && task_run(task, &end, NULL)) {
		task_shape(task, &end);
		question.snapshot = end.snapshot;
		question.now = task->policy.at != 0 ? (int64_t)task->policy.at
						    : clock_wall();
		code = answer(&question, to->count == 1 ? to->items[0] : "-")
			   ? task_code(task, &end)
			   : TASK_ERROR;
	}
	snapshot_put(end.snapshot);
	routes_clear(&question.routes);
	return code;
}
