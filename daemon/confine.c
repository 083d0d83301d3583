/* SPDX-License-Identifier: BSD-2-Clause */
/* confine - see confine.h. */
#include "daemon/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/array.h"
#include "base/sandbox.h"
#include "base/text.h"

enum {
	FOR_ALL_TIME = SANDBOX_NO_NEW_PRIVS | SANDBOX_LANDLOCK_FILES |
		       SANDBOX_SECCOMP | SANDBOX_LIMITS
};

struct reach {
	struct arena *arena;
	struct sandbox_path *paths;
	size_t count, room;
};

enum manner { MAY_READ, MAY_WRITE };

static void
add(struct reach *reach, const char *path, enum manner manner)
{
	if (path == NULL) {
		return;
	}
	reach->paths = array_room(reach->paths, reach->count, &reach->room,
	    sizeof(*reach->paths));
	reach->paths[reach->count++] = (struct sandbox_path){
		.path = path,
		.write = manner == MAY_WRITE,
	};
}

/* A file may be replaced by another of its name: what counts is its folder. */
static void
add_folder_of(struct reach *reach, const char *file, enum manner manner)
{
	const char *slash;

	if (file == NULL) {
		return;
	}
	slash = strrchr(file, '/');
	if (slash == NULL) {
		add(reach, ".", manner);
	} else if (slash == file) {
		add(reach, "/", manner);
	} else {
		add(reach,
		    text_copy(reach->arena,
			bytes_of(file, (size_t)(slash - file))),
		    manner);
	}
}

/* The options that name files to be read, and those that name folders. */
static const enum setting_id files_read[] = { SET_CONFIG, SET_TAL,
	SET_EXCEPTIONS, SET_SKIPLIST, SET_SHORTLIST, SET_RTR_TLS_CERT,
	SET_RTR_TLS_KEY, SET_HTTP_TLS_CERT, SET_HTTP_TLS_KEY, SET_RTR_CLIENT_CA,
	SET_RTR_MD5_KEYS, SET_RTR_AO_KEYS };
static const enum setting_id folders_read[] = { SET_EXTRA_TALS_DIR,
	SET_CONSTRAINTS_DIR };

static void
add_read(struct reach *reach, const struct settings *all)
{
	add(reach, KEDGE_SYSCONFDIR, MAY_READ);
	add(reach, KEDGE_TALDIR, MAY_READ);
	for (size_t i = 0; i < sizeof(files_read) / sizeof(files_read[0]);
	     i++) {
		const struct setting *at = &all->at[files_read[i]];

		if (!setting_is_list(files_read[i])) {
			add_folder_of(reach, at->text, MAY_READ);
			continue;
		}
		for (size_t j = 0; j < at->list.count; j++) {
			add_folder_of(reach, at->list.items[j], MAY_READ);
		}
	}
	for (size_t i = 0; i < sizeof(folders_read) / sizeof(folders_read[0]);
	     i++) {
		add(reach, all->at[folders_read[i]].text, MAY_READ);
	}
}

static void
add_written(struct reach *reach, const struct task *task)
{
	const struct settings *all = task->settings;

	add(reach, all->at[SET_STATE_DIR].text, MAY_WRITE);
	add_folder_of(reach, all->at[SET_LOGFILE].text, MAY_WRITE);
	for (size_t i = 0; i < task->targets->count; i++) {
		add(reach, targets_folder(task->targets, i, reach->arena),
		    MAY_WRITE);
	}
	add(reach, "/dev/null", MAY_WRITE);
	add(reach, "/dev/urandom", MAY_READ);
	add(reach, "/etc/localtime", MAY_READ);
}

/* As many descriptors as we may have: each router needs one. */
static void
raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

bool
confine(struct task *task, unsigned *bits, struct octets *why)
{
	struct reach reach = { .arena = task->arena };
	struct sandbox sandbox = { .role = SANDBOX_SERVER };

	*bits = 0;
	raise_files();
	if (!task->policy.sandbox) {
		return true;
	}
	add_read(&reach, task->settings);
	add_written(&reach, task);
	sandbox.paths = reach.paths;
	sandbox.path_count = reach.count;
	*bits = sandbox_enter(&sandbox);
	free(reach.paths);
	if ((*bits & FOR_ALL_TIME) == FOR_ALL_TIME) {
		return true;
	}
	if (task->policy.require_sandbox) {
		octets_printf(why, "this kernel cannot confine the server as "
				   "--require-sandbox asks");
		return false;
	}
	log_warn(task->log,
	    "this kernel confines the server only in part; see kedge status");
	return true;
}

/* --- a server that is confined already */

static bool
restart(struct octets *why, const char *option, const char *path)
{
	octets_printf(why,
	    "--%s %s: a running server reaches only the folders that it was "
	    "started with: restart kedge",
	    option, path);
	return false;
}

/* Landlock says no to open(2) and nothing to access(2). */
static bool
can_be_read(enum setting_id id, const char *path, struct octets *why)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	return errno != EACCES || access(path, R_OK) != 0 ||
	       restart(why, setting_row(id)->name, path);
}

static bool
setting_can_be_read(const struct settings *all, enum setting_id id,
    struct octets *why)
{
	const struct setting *at = &all->at[id];

	if (!setting_is_list(id)) {
		return at->text == NULL || can_be_read(id, at->text, why);
	}
	for (size_t i = 0; i < at->list.count; i++) {
		if (!can_be_read(id, at->list.items[i], why)) {
			return false;
		}
	}
	return true;
}

bool
confine_reads(const struct task *task, struct octets *why)
{
	for (size_t i = 0; i < sizeof(files_read) / sizeof(files_read[0]);
	     i++) {
		if (!setting_can_be_read(task->settings, files_read[i], why)) {
			return false;
		}
	}
	for (size_t i = 0; i < sizeof(folders_read) / sizeof(folders_read[0]);
	     i++) {
		if (!setting_can_be_read(task->settings, folders_read[i],
			why)) {
			return false;
		}
	}
	return true;
}

bool
confine_writes(const struct task *task, struct octets *why)
{
	const struct settings *all = task->settings;
	const char *folder;

	for (size_t i = 0; i < task->targets->count; i++) {
		int rc = targets_try(task->targets, i);

		folder = targets_folder(task->targets, i, all->arena);
		if (rc == -EACCES && access(folder, W_OK | X_OK) == 0) {
			return restart(why, setting_row(SET_OUTPUT)->name,
			    all->at[SET_OUTPUT].list.items[i]);
		}
		if (rc != 0) {
			octets_printf(why, "--output %s: %s",
			    all->at[SET_OUTPUT].list.items[i], strerror(-rc));
			return false;
		}
	}
	return true;
}
