/* SPDX-License-Identifier: BSD-2-Clause */
/* rsync - see rsync.h. */
#include "fetch/rsync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

enum {
	FIXED_ARGS = 32,
	TIMEOUT_IO = 30, /* rsync's own exit codes */
	TIMEOUT_CONNECT = 35,
	PARTIAL = 23,
	VANISHED = 24,
	FILE_SLACK = 2, /* a file twice the ceiling still comes, to be named */
};

struct command {
	struct arena *arena;
	const char **argv; /* there is room for one more in front */
	size_t count;
};

static void
say(struct command *command, const char *arg)
{
	command->argv[command->count++] = arg;
}

static void
begin(struct command *command, const struct rsync_config *config)
{
	command->arena = arena_new();
	command->count = 0;
	command->argv = arena_zero(command->arena,
	    config->arg_count + FIXED_ARGS, sizeof(*command->argv));
	command->argv++;
	say(command, "rsync");
	say(command, "--no-motd");
	say(command, "--times");
	say(command, "--no-links");
	say(command, "--no-devices");
	say(command, "--no-specials");
	/* Whatever modes the server has, we can read and remove it. */
	say(command, "--chmod=D0700,F0600");
	say(command, arena_printf(command->arena, "--contimeout=%u",
			 config->connect_seconds));
	say(command, arena_printf(command->arena, "--timeout=%u",
			 config->stall_seconds));
}

/* The operator's words, and after "--" nothing is an option any more. */
static void
finish(struct command *command, const struct rsync_config *config,
    const char *from, const char *to)
{
	for (size_t i = 0; i < config->arg_count; i++) {
		say(command, config->args[i]);
	}
	say(command, "--");
	say(command, from);
	say(command, to);
}

static enum fault
judge(const struct launcher_answer *answer)
{
	if (answer->too_large) {
		return FAULT_RSYNC_LIMIT;
	}
	if (answer->timed_out || answer->exit_code == TIMEOUT_IO ||
	    answer->exit_code == TIMEOUT_CONNECT) {
		return FAULT_RSYNC_TIMEOUT;
	}
	return answer->exit_code == 0 ? FAULT_NONE : FAULT_RSYNC_EXIT;
}

static void
explain(struct rsync_answer *answer, const char *said)
{
	if (answer->exit_code <= 0) {
		snprintf(answer->detail, sizeof(answer->detail), "%s", said);
		return;
	}
	snprintf(answer->detail, sizeof(answer->detail), "exit code %d%s%.220s",
	    answer->exit_code, said[0] != '\0' ? ": " : "", said);
}

static enum fault
run_once(const struct rsync_config *config, const struct launcher_order *order,
    struct rsync_answer *answer)
{
	struct launcher_answer said;
	int rc = launcher_run(config->launcher, order, &said);

	if (rc != 0) {
		snprintf(answer->detail, sizeof(answer->detail), "launcher: %s",
		    strerror(-rc));
		return FAULT_RSYNC_EXIT;
	}
	answer->exit_code = said.exit_code;
	explain(answer, said.detail);
	return judge(&said);
}

/* rsync tries one address only where nothing answers: a server that is known
 * under two may be within reach under the other. */
static enum fault
run(const struct rsync_config *config, const struct command *command,
    const char *dir, struct rsync_answer *answer)
{
	struct launcher_order order = {
		.argv = command->argv,
		.dir = dir,
		.timeout_ms = (int64_t)config->total_seconds * 1000,
		.max_octets = config->max_octets,
		.max_files = config->max_files,
	};
	enum fault fault = run_once(config, &order, answer);

	if (answer->exit_code != TIMEOUT_CONNECT || config->other_family == 0) {
		return fault;
	}
	order.argv = command->argv - 1;
	command->argv[-1] = command->argv[0];
	command->argv[0] =
	    config->other_family == AF_INET ? "--ipv4" : "--ipv6";
	return run_once(config, &order, answer);
}

static enum fault
ready(const char *uri, const char *dir, struct rsync_answer *answer)
{
	*answer = (struct rsync_answer){ .exit_code = -1 };
	if (strncmp(uri, "rsync://", strlen("rsync://")) != 0) {
		return FAULT_URI_SCHEME;
	}
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		snprintf(answer->detail, sizeof(answer->detail), "folder: %s",
		    strerror(errno));
		return FAULT_SPOOL_IO;
	}
	return FAULT_NONE;
}

static const char *
with_slash(struct arena *arena, const char *text)
{
	size_t len = strlen(text);

	return len > 0 && text[len - 1] == '/'
		   ? text
		   : arena_printf(arena, "%s/", text);
}

/* Who shares a module must not lose it to somebody's folders within folders. */
static const char *
too_deep(struct arena *arena)
{
	char pattern[2 * LIMIT_RSYNC_FOLDERS + 1] = { 0 };

	for (unsigned i = 0; i < LIMIT_RSYNC_FOLDERS; i++) {
		memcpy(pattern + 2 * i, "/*", 2);
	}
	return arena_printf(arena, "--exclude=%s/", pattern);
}

/*
 * A server can dismiss the program before anything is compared, as it does
 * behind a list of its modules, and the program then ends well. So there is
 * something in the way that each comparison removes, since no server's file of
 * that name comes through the filters.
 */
static const char *
lay(struct arena *arena, const char *dir)
{
	const char *path =
	    arena_printf(arena, "%sstray", with_slash(arena, dir));
	int fd = open(path, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		return NULL;
	}
	close(fd);
	return path;
}

static enum fault
pick_up(const char *stray, enum fault fault, struct rsync_answer *answer)
{
	if (stray == NULL || unlink(stray) != 0 || fault != FAULT_NONE) {
		return fault;
	}
	snprintf(answer->detail, sizeof(answer->detail),
	    "ended before anything was compared");
	return FAULT_RSYNC_EXIT;
}

/* How a tree is brought up to date. */
static void
say_how(struct command *command, const struct rsync_config *config)
{
	say(command, "--recursive");
	say(command, "--omit-dir-times");
	/* Who publishes twice within a second may do so in as many octets. */
	say(command, "--modify-window=-1");
	if (config->by_content) {
		say(command, "--checksum");
	}
	/* Nobody else reads the tree: a name more for each file is waste. */
	say(command, "--inplace");
	say(command, "--prune-empty-dirs");
	/* The tree is no store: it is to be what the server has now. */
	say(command, "--delete");
	say(command, "--delete-excluded");
	if (config->afresh) {
		say(command, "--ignore-errors");
	}
	say(command, arena_printf(command->arena, "--max-size=%llu",
			 (unsigned long long)config->max_object + RSYNC_SLACK));
	say(command, too_deep(command->arena));
	say(command, "--include=*/");
	say(command, "--include=*.???");
	say(command, "--exclude=*");
}

enum fault
rsync_tree(const struct rsync_config *config, const char *uri, const char *dir,
    struct rsync_answer *answer)
{
	struct command command;
	const char *stray;
	enum fault fault = ready(uri, dir, answer);

	if (fault != FAULT_NONE) {
		return fault;
	}
	begin(&command, config);
	say_how(&command, config);
	finish(&command, config, with_slash(command.arena, uri),
	    with_slash(command.arena, dir));
	stray = lay(command.arena, dir);
	fault = pick_up(stray, run(config, &command, dir, answer), answer);
	answer->partial =
	    fault == FAULT_RSYNC_EXIT &&
	    (answer->exit_code == PARTIAL || answer->exit_code == VANISHED);
	arena_free(command.arena);
	return fault;
}

/* What is there is a file of a size we take, or it is not taken. */
static enum fault
take_file(const char *path, uint64_t max, struct octets *out)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum fault fault = FAULT_NONE;
	struct stat st;

	if (fd < 0) {
		return FAULT_RSYNC_MISSING;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		fault = FAULT_RSYNC_MISSING;
	}
	while (fault == FAULT_NONE) {
		uint8_t part[16384];
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			fault = n < 0 ? FAULT_SPOOL_IO : FAULT_NONE;
			break;
		}
		octets_add(out, part, (size_t)n);
		if (out->len > max) {
			fault = FAULT_RSYNC_OBJECT;
		}
	}
	close(fd);
	if (fault != FAULT_NONE) {
		octets_reset(out);
	}
	return fault;
}

enum fault
rsync_file(const struct rsync_config *config, const char *uri, const char *dir,
    struct octets *out, struct rsync_answer *answer)
{
	struct command command;
	const char *path;
	enum fault fault = ready(uri, dir, answer);

	octets_reset(out);
	if (fault != FAULT_NONE) {
		return fault;
	}
	begin(&command, config);
	say(&command, arena_printf(command.arena, "--max-size=%llu",
			  (unsigned long long)config->max_object * FILE_SLACK));
	path = arena_printf(command.arena, "%sfile.cer",
	    with_slash(command.arena, dir));
	(void)unlink(path); /* yesterday's is no answer */
	finish(&command, config, uri, path);
	fault = run(config, &command, dir, answer);
	if (fault == FAULT_NONE) {
		fault = take_file(path, config->max_object, out);
	}
	(void)unlink(path);
	arena_free(command.arena);
	return fault;
}
