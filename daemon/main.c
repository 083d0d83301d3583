/* SPDX-License-Identifier: BSD-2-Clause */
/* main - where kedge begins. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/anchors.h"
#include "daemon/bridge.h"
#include "daemon/call.h"
#include "daemon/chronicle.h"
#include "daemon/gate.h"
#include "daemon/help.h"
#include "daemon/identity.h"
#include "daemon/inspect.h"
#include "daemon/load.h"
#include "daemon/manual.h"
#include "daemon/reasons.h"
#include "daemon/release.h"
#include "daemon/router.h"
#include "daemon/serve.h"
#include "daemon/task.h"
#include "daemon/update.h"
#include "daemon/validate.h"
#include "daemon/value.h"
#include "daemon/vrps.h"

static int
run_config(struct task *task)
{
	struct octets text = { 0 };
	struct octets why = { 0 };

	/* A configuration that could not run is not worth printing. */
	if (!task_ready(task, &why) ||
	    (task->options->subject == COMMAND_SERVER &&
		!gate_check(task->settings, &why))) {
		return task_refuse(task, &why);
	}
	manual_config(&text, task->settings);
	return task_answer(task, &text);
}

static int
run_tals(struct task *task)
{
	struct octets text = { 0 };

	anchors_print(&text);
	return task_answer(task, &text);
}

/* On a terminal by man(1), which does not come back; elsewhere as it is. */
static void
show_page(const struct octets *text)
{
	int fd = -1;

	if (isatty(STDOUT_FILENO)) {
		fd = memfd_create("page", MFD_CLOEXEC);
	}
	if (fd < 0) {
		return;
	}
	if (write(fd, text->at, text->len) == (ssize_t)text->len &&
	    lseek(fd, 0, SEEK_SET) == 0 && dup2(fd, STDIN_FILENO) >= 0) {
		(void)execlp("man", "man", "-l", "-", (char *)NULL);
	}
	close(fd);
}

static int
run_man(struct task *task)
{
	const char *name =
	    task->options->count > 0 ? task->options->rest[0] : "kedge";
	struct octets text = { 0 };

	if (!manual_page(&text, name)) {
		log_error(task->log,
		    "no page `%s`; there are kedge and kedge.conf", name);
		return TASK_ERROR;
	}
	show_page(&text);
	return task_answer(task, &text);
}

static int
run_help(struct task *task)
{
	struct octets text = { 0 };

	help_print(&text, task->options->subject);
	return task_answer(task, &text);
}

static const struct {
	int (*run)(struct task *task);
	int operands; /* how many it takes; -1: any number */
} commands[COMMANDS] = {
	[COMMAND_SERVER] = { serve_run, 0 },
	[COMMAND_STATUS] = { call_status, 0 },
	[COMMAND_EXPLAIN] = { reasons_run, 2 },
	[COMMAND_RELOAD] = { call_reload, 0 },
	[COMMAND_RUN] = { call_run, 0 },
	[COMMAND_CHANGES] = { chronicle_run, 0 },
	[COMMAND_GUARD] = { call_guard, 0 },
	[COMMAND_STOP] = { call_stop, 0 },
	[COMMAND_VRPS] = { vrps_run, 0 },
	[COMMAND_UPDATE] = { update_run, 0 },
	[COMMAND_VALIDATE] = { validate_run, 0 },
	[COMMAND_INSPECT] = { inspect_run, -1 },
	[COMMAND_RTR] = { router_run, 1 },
	[COMMAND_RTR_STDIO] = { bridge_run, 0 },
	[COMMAND_QUARANTINE] = { release_run, 0 },
	[COMMAND_CONFIG] = { run_config, 1 },
	[COMMAND_TALS] = { run_tals, 0 },
	[COMMAND_MAN] = { run_man, 1 },
	[COMMAND_HELP] = { run_help, 1 },
};

/* --- the log */

/* stderr, without tearing the line that progress paints there. */
static void
on_line(void *arg, enum log_level level, const char *line)
{
	struct progress *progress = arg;

	progress_wipe(progress);
	if (level <= LOG_LEVEL_WARN) {
		fprintf(stderr, "kedge: %s: %s\n", log_level_name(level), line);
	} else {
		fprintf(stderr, "kedge: %s\n", line);
	}
}

enum { TO_STDERR, TO_SYSLOG, TO_FILE }; /* the words of --log */

/* What the file says of the log is about what runs when nobody looks: who asks
 * for something is answered where he asks. */
static bool
heeded(const struct task *task, enum setting_id id)
{
	enum command command = task->options->command;
	bool alone = command == COMMAND_SERVER || command == COMMAND_VRPS ||
		     command == COMMAND_UPDATE;

	return task->settings->at[id].origin == SETTING_LINE ||
	       (alone && setting_given(task->settings, id));
}

static bool
open_log(struct task *task, struct octets *why)
{
	const struct settings *all = task->settings;
	const char *file =
	    heeded(task, SET_LOGFILE) ? all->at[SET_LOGFILE].text : NULL;
	uint64_t target =
	    heeded(task, SET_LOG) ? all->at[SET_LOG].number : TO_STDERR;
	struct octets facility = { 0 };
	int rc;

	log_free(task->log);
	task->log_level = load_level(all);
	task->log = log_new(task->log_level);
	if (heeded(task, SET_SYSLOG) && setting_on(all, SET_SYSLOG)) {
		target = TO_SYSLOG;
	} else if (file != NULL && !heeded(task, SET_LOG)) {
		target = strcmp(file, "-") == 0 ? TO_STDERR : TO_FILE;
	}
	task->log_aside = target != TO_STDERR;
	if (target == TO_FILE) {
		if (file == NULL) {
			octets_printf(why,
			    "to log to a file, say --logfile FILE");
			return false;
		}
		rc = log_to_file(task->log, file);
		if (rc != 0) {
			octets_printf(why,
			    "cannot log to %s: %s; name another --logfile",
			    file, strerror(-rc));
		}
		return rc == 0;
	}
	if (target == TO_SYSLOG) {
		value_print(&facility, setting_row(SET_SYSLOG_FACILITY),
		    &all->at[SET_SYSLOG_FACILITY], 0);
		octets_u8(&facility, 0);
		log_to_syslog(task->log, (const char *)facility.at);
		octets_clear(&facility);
	} else if (!log_journal(task->log)) {
		log_to_sink(task->log, on_line, &task->progress);
	}
	return true;
}

/* --- the beginning */

/* Descriptors 0 to 2 must be taken, or a file of ours would become one. What
 * nobody reads cannot be written, or it would be lost without a word. */
static bool
standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd == STDOUT_FILENO) {
			close(fd);
			fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		}
	} while (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
	if (fd > STDERR_FILENO) {
		close(fd);
	}
	return fd >= 0;
}

static const char *
engine_path(const char *installed)
{
	const char *path = secure_getenv("KEDGE_ENGINE_PATH");

	return path != NULL && path[0] == '/' ? path : installed;
}

static bool
asks_for_list(const struct settings *all)
{
	const struct policy_list *tals = &all->at[SET_TAL].list;

	return tals->count == 1 && strcmp(tals->items[0], "list") == 0;
}

static bool
few_operands(const struct options *options, struct octets *why)
{
	int most;

	if (options->command == COMMANDS) {
		octets_printf(why, "no command; `kedge --help` lists them");
		return false;
	}
	most = commands[options->command].operands;
	if (most >= 0 && options->count > most) {
		octets_printf(why, "kedge %s does not take `%s`",
		    setting_command(options->command), options->rest[most]);
		return false;
	}
	return true;
}

/* Everything that is refused at the start. A server has sockets to bind before
 * it becomes somebody else. */
static bool
get_ready(struct task *task, struct octets *why)
{
	const struct settings *all = task->settings;

	if (task->options->command == COMMAND_SERVER) {
		serve_hold_requests();
	}
	return few_operands(task->options, why) && load_file(task, why) &&
	       (task->options->command == COMMAND_SERVER ||
		   identity_become(all->at[SET_USER].text,
		       all->at[SET_GROUP].text, why)) &&
	       open_log(task, why);
}

static int
run(struct task *task, struct octets *why)
{
	const struct settings *all = task->settings;
	struct octets text = { 0 };

	if (setting_on(all, SET_HELP)) {
		return run_help(task);
	}
	if (setting_on(all, SET_VERSION)) {
		octets_printf(&text, "%s\n", PACKAGE_STRING);
		if (KEDGE_BUG_ADDRESS[0] != '\0') {
			octets_printf(&text, "Bugs, also of security: %s\n",
			    KEDGE_BUG_ADDRESS);
		}
		return task_answer(task, &text);
	}
	if (asks_for_list(all)) {
		return run_tals(task);
	}
	if (!get_ready(task, why)) {
		return TASK_ERROR;
	}
	return commands[task->options->command].run(task);
}

static void *
take_memory(size_t size)
{
	return mem_grow(NULL, 1, size);
}

static void *
resize_memory(void *old, size_t size)
{
	return mem_grow(old, 1, size);
}

int
main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct octets why = { 0 };
	struct settings settings;
	struct options options;
	struct task task = {
		.arena = arena,
		.settings = &settings,
		.options = &options,
		.engine = engine_path(KEDGE_ENGINE),
		.judge = engine_path(KEDGE_JUDGE),
	};
	int code = TASK_ERROR;

	/* Memory that is gone ends us within libevent as anywhere else: nobody
	 * goes on with an answer of which a part could not be put out. */
	event_set_mem_functions(take_memory, resize_memory, free);
	if (!standard_streams()) {
		fprintf(stderr, "kedge: /dev/null cannot be opened: %s\n",
		    strerror(errno));
		return TASK_ERROR;
	}
	task.log = log_new(LOG_LEVEL_WARN);
	if (load_line(&task, argc, argv, &why)) {
		code = run(&task, &why);
	}
	if (why.len > 0 && log_journal(task.log)) {
		log_error(task.log, "%.*s", (int)why.len, (const char *)why.at);
	} else if (why.len > 0) {
		fprintf(stderr, "kedge: %.*s\n", (int)why.len,
		    (const char *)why.at);
	}
	slurm_free(task.exceptions);
	log_free(task.log);
	setting_clear(&settings);
	octets_clear(&why);
	arena_free(arena);
	return code;
}
