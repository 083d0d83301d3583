/* SPDX-License-Identifier: BSD-2-Clause */
/* load - see load.h. */
#include "daemon/load.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/configfile.h"
#include "daemon/confine.h"

bool
load_line(struct task *task, int argc, char **argv, struct octets *why)
{
	task->argc = argc;
	task->argv = argv;
	setting_init(task->settings, task->arena);
	return options_read_line(task->options, task->settings, argc, argv,
	    why);
}

bool
load_file(struct task *task, struct octets *why)
{
	static const char usual[] = KEDGE_SYSCONFDIR "/kedge.conf";
	const char *path = task->settings->at[SET_CONFIG].text;

	if (path == NULL && access(usual, F_OK) != 0) {
		return true;
	}
	return configfile_read(task->settings, path != NULL ? path : usual,
	    task->options->subject, why);
}

enum log_level
load_level(const struct settings *all)
{
	int level = (int)all->at[SET_LOG_LEVEL].number +
		    (int)all->at[SET_VERBOSE].number -
		    (int)all->at[SET_QUIET].number;

	if (level < LOG_LEVEL_ERROR) {
		return LOG_LEVEL_ERROR;
	}
	return level > LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG
				       : (enum log_level)level;
}

/* What a server takes when it starts and then no more. */
static const enum setting_id once[] = { SET_STATE_DIR, SET_JOURNAL_SIZE,
	SET_USER, SET_GROUP, SET_LOG, SET_LOGFILE, SET_SYSLOG,
	SET_SYSLOG_FACILITY, SET_REQUIRE_SANDBOX, SET_DISABLE_SANDBOX };

static bool
same(const struct setting *a, const struct setting *b, enum setting_kind kind)
{
	if (kind != SETTING_TEXT) {
		return a->number == b->number;
	}
	return a->text == NULL || b->text == NULL
		   ? a->text == b->text
		   : strcmp(a->text, b->text) == 0;
}

/* A default stays what it was when we were somebody else. */
static void
inherit(struct task *task, const struct task *old, enum setting_id id)
{
	struct setting *now = &task->settings->at[id];
	const struct setting *then = &old->settings->at[id];

	if (now->origin == SETTING_DEFAULT && then->origin == SETTING_DEFAULT &&
	    then->text != NULL) {
		now->text = arena_text(task->arena, then->text);
	}
}

static bool
fits(struct task *task, const struct task *old, struct octets *why)
{
	inherit(task, old, SET_STATE_DIR);
	inherit(task, old, SET_REPOSITORY_DIR);
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		const struct setting_row *row = setting_row(once[i]);

		if (!same(&task->settings->at[once[i]],
			&old->settings->at[once[i]], row->kind)) {
			octets_printf(why,
			    "%s is taken at the start alone: restart kedge, or "
			    "put back what it was",
			    row->name);
			return false;
		}
	}
	return true;
}

struct task *
load_again(const struct task *old, struct octets *why)
{
	struct task *task = mem_zero(1, sizeof(*task));

	task->arena = arena_new();
	task->settings = arena_zero(task->arena, 1, sizeof(*task->settings));
	task->options = arena_zero(task->arena, 1, sizeof(*task->options));
	task->log = old->log;
	task->engine = old->engine;
	if (!load_line(task, old->argc, old->argv, why) ||
	    !load_file(task, why) || !fits(task, old, why)) {
		load_free(task);
		return NULL;
	}
	task->log_level = load_level(task->settings);
	if (!confine_reads(task, why) || !task_ready(task, why) ||
	    !confine_writes(task, why)) {
		load_free(task);
		return NULL;
	}
	return task;
}

void
load_free(struct task *task)
{
	if (task == NULL) {
		return;
	}
	slurm_free(task->exceptions);
	setting_clear(task->settings);
	arena_free(task->arena);
	free(task);
}
