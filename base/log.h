/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log - where kedge speaks: stderr, syslog, a file or its parent process.
 *
 * A message is one line; control characters in it are escaped, so that no one
 * who chooses a name or a text can forge a second one. Safe from any thread.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/octets.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

struct log;

/* Called with one finished, escaped line without newline, under a lock. */
typedef void log_sink(void *arg, enum log_level level, const char *line);

struct log *log_new(enum log_level most);
void log_free(struct log *log);
void log_limit(struct log *log, enum log_level most); /* from now on */

/* Does standard error lead to systemd's journal? It takes the level apart. */
bool log_journal(const struct log *log);

/* As syslog(3) has it, by name; -1: there is none. */
int log_facility(const char *name);

/* Replace where lines go (stderr at first). */
void log_to_stderr(struct log *log);
void log_to_syslog(struct log *log, const char *facility);
int log_to_file(struct log *log, const char *path); /* 0 or -errno */
int log_reopen(struct log *log);                    /* after rotation */
void log_to_sink(struct log *log, log_sink *sink, void *arg);

/*
 * Also keep the last lines, each with its time and level, as many as this many
 * octets hold (0: none any more); and give them, oldest first.
 */
void log_keep(struct log *log, size_t octets);
void log_kept(struct log *log, struct octets *out);

/* "error", "warn", "info", "debug". */
const char *log_level_name(enum log_level level);
int log_level_parse(const char *name); /* -1: no such level */

void log_error(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_warn(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Information that everybody sees who did not ask for errors alone. */
void log_notice(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_info(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_debug(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whose fault, its label, where the rule is written, what is wrong, and a
 * detail unless it is NULL or empty: all lines of faults look alike. */
void log_fault(struct log *log, enum log_level level, const char *subject,
    enum fault fault, const char *detail);
/* A line that another process already made. */
void log_line(struct log *log, enum log_level level, const char *line);
