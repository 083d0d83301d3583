/* SPDX-License-Identifier: BSD-2-Clause */
/* log - see log.h. One lock keeps lines whole and the target steady. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/octets.h"

enum { LINE_MOST = 8192 };

enum target { TO_STDERR, TO_SYSLOG, TO_FILE, TO_SINK };

struct log {
	pthread_mutex_t lock;
	_Atomic(enum log_level) most;
	enum target target;
	int fd;       /* of a file, or standard error */
	char *path;   /* of a file */
	int facility; /* of syslog */
	bool journal; /* standard error leads to systemd's */
	log_sink *sink;
	void *arg;
	size_t keep;        /* octets of lines that are kept; 0: none */
	struct octets kept; /* the newest at the end, up to twice as many */
};

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
	[LOG_LEVEL_WARN] = { "warn", LOG_WARNING },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

enum { LEVELS = sizeof(levels) / sizeof(levels[0]) };

static const struct {
	const char *name;
	int facility;
} facilities[] = {
	{ "auth", LOG_AUTH },
	{ "authpriv", LOG_AUTHPRIV },
	{ "cron", LOG_CRON },
	{ "daemon", LOG_DAEMON },
	{ "ftp", LOG_FTP },
	{ "kern", LOG_KERN },
	{ "lpr", LOG_LPR },
	{ "mail", LOG_MAIL },
	{ "news", LOG_NEWS },
	{ "syslog", LOG_SYSLOG },
	{ "user", LOG_USER },
	{ "uucp", LOG_UUCP },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

static void
hold(struct log *log)
{
	pthread_mutex_lock(&log->lock);
}

static void
release(struct log *log)
{
	pthread_mutex_unlock(&log->lock);
}

/* systemd says which file the journal reads (systemd.exec(5)). */
static bool
is_journal(int fd)
{
	const char *said = secure_getenv("JOURNAL_STREAM");
	char is[48];
	struct stat st;

	if (said == NULL || fstat(fd, &st) != 0) {
		return false;
	}
	(void)snprintf(is, sizeof(is), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	return strcmp(said, is) == 0;
}

struct log *
log_new(enum log_level most)
{
	struct log *log = mem_zero(1, sizeof(*log));

	pthread_mutex_init(&log->lock, NULL);
	log->most = most;
	log->fd = STDERR_FILENO;
	log->journal = is_journal(log->fd);
	return log;
}

bool
log_journal(const struct log *log)
{
	return log->journal;
}

void
log_limit(struct log *log, enum log_level most)
{
	log->most = most;
}

/* Let go of the present target; standard error takes its place. */
static void
leave_target(struct log *log)
{
	switch (log->target) {
	case TO_FILE:
		close(log->fd);
		free(log->path);
		log->path = NULL;
		break;
	case TO_SYSLOG:
		closelog();
		break;
	case TO_STDERR:
	case TO_SINK:
		break;
	}
	log->fd = STDERR_FILENO;
	log->target = TO_STDERR;
}

void
log_free(struct log *log)
{
	if (log != NULL) {
		leave_target(log);
		octets_clear(&log->kept);
		pthread_mutex_destroy(&log->lock);
		free(log);
	}
}

void
log_to_stderr(struct log *log)
{
	hold(log);
	leave_target(log);
	release(log);
}

int
log_facility(const char *name)
{
	for (size_t i = 0; i < sizeof(facilities) / sizeof(facilities[0]);
	     i++) {
		if (strcmp(facilities[i].name, name) == 0) {
			return facilities[i].facility;
		}
	}
	return -1;
}

void
log_to_syslog(struct log *log, const char *facility)
{
	hold(log);
	leave_target(log);
	log->target = TO_SYSLOG;
	log->facility = log_facility(facility);
	if (log->facility < 0) {
		log->facility = LOG_DAEMON;
	}
	openlog("kedge", LOG_PID | LOG_NDELAY, log->facility);
	release(log);
}

static int
open_file(const char *path)
{
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);

	return fd < 0 ? -errno : fd;
}

int
log_to_file(struct log *log, const char *path)
{
	int fd = open_file(path);

	if (fd < 0) {
		return fd;
	}
	hold(log);
	leave_target(log);
	log->target = TO_FILE;
	log->fd = fd;
	log->path = mem_text(path);
	release(log);
	return 0;
}

int
log_reopen(struct log *log)
{
	int rc = 0;

	hold(log);
	if (log->target == TO_FILE) {
		int fd = open_file(log->path);

		if (fd < 0) {
			rc = fd;
		} else {
			close(log->fd);
			log->fd = fd;
		}
	}
	release(log);
	return rc;
}

void
log_to_sink(struct log *log, log_sink *sink, void *arg)
{
	hold(log);
	leave_target(log);
	log->target = TO_SINK;
	log->sink = sink;
	log->arg = arg;
	release(log);
}

/* Where the newest whole lines begin that fit into what may be kept. */
static struct bytes
newest(const struct log *log)
{
	struct bytes all = octets_bytes(&log->kept);

	while (all.len > log->keep) {
		const uint8_t *end = memchr(all.at, '\n', all.len);
		size_t line = (size_t)(end - all.at) + 1;

		all = bytes_of(all.at + line, all.len - line);
	}
	return all;
}

void
log_keep(struct log *log, size_t octets)
{
	hold(log);
	log->keep = octets;
	if (octets == 0) {
		octets_clear(&log->kept);
	}
	release(log);
}

void
log_kept(struct log *log, struct octets *out)
{
	hold(log);
	octets_add_bytes(out, newest(log));
	release(log);
}

const char *
log_level_name(enum log_level level)
{
	return levels[level].name;
}

int
log_level_parse(const char *name)
{
	for (int i = 0; i < LEVELS; i++) {
		if (strcmp(levels[i].name, name) == 0) {
			return i;
		}
	}
	return -1;
}

/*
 * What is not printable ASCII becomes \xHH. A backslash stays: a line may come
 * here twice (from the engine), and must not grow each time.
 */
static void
add_clean(struct octets *out, const char *line)
{
	size_t len = strlen(line);
	bool cut = len > LINE_MOST;

	for (size_t i = 0; i < (cut ? LINE_MOST : len); i++) {
		uint8_t c = (uint8_t)line[i];

		if (c >= 0x20 && c < 0x7f) {
			octets_u8(out, c);
		} else {
			octets_printf(out, "\\x%02x", c);
		}
	}
	if (cut) {
		octets_printf(out, " [cut]");
	}
}

static void
write_whole(int fd, struct bytes line)
{
	while (line.len > 0) {
		ssize_t done = write(fd, line.at, line.len);

		if (done < 0 && errno != EINTR) {
			return; /* there is nobody left to tell */
		}
		if (done > 0) {
			line =
			    bytes_of(line.at + done, line.len - (size_t)done);
		}
	}
}

/* A terminal shows lines as they come; elsewhere the time is worth having. The
 * journal knows it, and takes the priority (sd-daemon(3)). */
static void
add_prefix(const struct log *log, enum log_level level, struct octets *out)
{
	char when[CLOCK_TEXT];

	if (log->target == TO_STDERR && log->journal) {
		octets_printf(out, "<%d>", levels[level].priority);
		return;
	}
	if (log->target == TO_FILE ||
	    (log->target == TO_STDERR && isatty(log->fd) == 0)) {
		clock_text(clock_wall(), when);
		octets_printf(out, "%s ", when);
	}
	if (log->target != TO_SINK && log->target != TO_SYSLOG) {
		octets_printf(out, "kedge: %s: ", levels[level].name);
	}
}

static void
keep_line(struct log *log, enum log_level level, const char *line)
{
	char when[CLOCK_TEXT];

	if (log->keep == 0) {
		return;
	}
	clock_text(clock_wall(), when);
	octets_printf(&log->kept, "%s %s: ", when, levels[level].name);
	add_clean(&log->kept, line);
	octets_u8(&log->kept, '\n');
	if (log->kept.len > 2 * log->keep) {
		struct bytes left = newest(log);

		memmove(log->kept.at, left.at, left.len);
		log->kept.len = left.len;
	}
}

static void
put_line(struct log *log, enum log_level level, const char *line)
{
	struct octets out = { 0 };

	hold(log);
	keep_line(log, level, line);
	add_prefix(log, level, &out);
	add_clean(&out, line);
	switch (log->target) {
	case TO_STDERR:
	case TO_FILE:
		octets_u8(&out, '\n');
		write_whole(log->fd, octets_bytes(&out));
		break;
	case TO_SYSLOG:
		syslog(log->facility | levels[level].priority, "%.*s",
		    (int)out.len, (const char *)out.at);
		break;
	case TO_SINK:
		octets_u8(&out, '\0');
		log->sink(log->arg, level, (const char *)out.at);
		break;
	}
	release(log);
	octets_clear(&out);
}

void
log_line(struct log *log, enum log_level level, const char *line)
{
	if (log != NULL && level <= log->most) {
		put_line(log, level, line);
	}
}

/* At this level, for those who asked for at least that. */
static void __attribute__((format(printf, 4, 0)))
log_args(struct log *log, enum log_level least, enum log_level level,
    const char *format, va_list args)
{
	struct octets text = { 0 };

	if (log == NULL || least > log->most) {
		return;
	}
	octets_vprintf(&text, format, args);
	octets_u8(&text, '\0');
	put_line(log, level, (const char *)text.at);
	octets_clear(&text);
}

void
log_error(struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args(log, LOG_LEVEL_ERROR, LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void
log_warn(struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args(log, LOG_LEVEL_WARN, LOG_LEVEL_WARN, format, args);
	va_end(args);
}

void
log_notice(struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args(log, LOG_LEVEL_WARN, LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void
log_info(struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args(log, LOG_LEVEL_INFO, LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void
log_debug(struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args(log, LOG_LEVEL_DEBUG, LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

void
log_fault(struct log *log, enum log_level level, const char *subject,
    enum fault fault, const char *detail)
{
	bool more = detail != NULL && detail[0] != '\0';
	struct octets text = { 0 };

	octets_printf(&text, "%s: %s (%s) %s%s%s", subject, fault_label(fault),
	    fault_source(fault), fault_text(fault), more ? ": " : "",
	    more ? detail : "");
	octets_u8(&text, '\0');
	log_line(log, level, (const char *)text.at);
	octets_clear(&text);
}
