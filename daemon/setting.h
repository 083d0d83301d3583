/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setting - the table of options (options.def) and what each one is set to.
 *
 * A value has an origin: its default, a line of a file, or the command line;
 * the later beats the earlier. Lists grow while their origin stays the same.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/octets.h"
#include "payload/policy.h"

enum command {
#define COMMAND(id, name, arguments, summary) COMMAND_##id,
#include "daemon/command.def"
#undef COMMAND
	COMMANDS
};

enum setting_kind {
	SETTING_FLAG,  /* off until set */
	SETTING_OFF,   /* setting it turns a flag of the policy off */
	SETTING_COUNT, /* how often it was said */
	SETTING_NUMBER,
	SETTING_SIZE,    /* octets; K, M, G and T are powers of 1024 */
	SETTING_SECONDS, /* s, m, h and d may follow */
	SETTING_TIME,
	SETTING_WORD, /* one of row.words; the number is which */
	SETTING_TEXT,
	SETTING_LIST, /* texts */
	SETTING_ASN,
	SETTING_ASNS,
	SETTING_PREFIX,
	SETTING_PREFIXES,
};

enum setting_id {
#define GROUP(title)
#define OPTION(id, ...) SET_##id,
#include "daemon/options.def"
#undef GROUP
#undef OPTION
	SETTINGS
};

struct setting_row {
	const char *name;
	char letter; /* 0: none */
	enum setting_kind kind;
	size_t policy; /* offset in struct policy, or SETTING_OWN */
	const char *fallback;
	uint64_t least, most;
	const char *words;
	unsigned commands; /* bits 1 << enum command */
	const char *argument;
	const char *help;
};

#define SETTING_OWN SIZE_MAX

enum setting_origin {
	SETTING_CHECK, /* only to be looked at: for another command */
	SETTING_DEFAULT,
	SETTING_FILE,    /* the head of the configuration file */
	SETTING_SECTION, /* the part of it that is for this command */
	SETTING_LINE,    /* the command line */
};

struct setting {
	enum setting_origin origin;
	unsigned line; /* of the file, from one; of the last where a list */
	uint64_t number;
	const char *text;
	struct policy_list list;
	unsigned *lines; /* of each in the list */
	size_t room, line_room;
};

struct settings {
	struct arena *arena;
	const char *file; /* the configuration file read, or NULL */
	unsigned line;    /* of it, while it is read; 0: not in there */
	struct setting at[SETTINGS];
};

/* Everything at its default; texts land in the arena. */
void setting_init(struct settings *all, struct arena *arena);
void setting_clear(struct settings *all);

const struct setting_row *setting_row(enum setting_id id);
const char *setting_group(enum setting_id id); /* title, at a group's first */

/* Does saying it take an argument? */
bool setting_wants_text(enum setting_id id);
bool setting_is_list(enum setting_id id);
/* Has this command the option? COMMANDS: has every one of them? */
bool setting_allowed(enum setting_id id, enum command command);

/* Its default as people write it; false when there is nothing to tell. */
bool setting_default(struct octets *out, enum setting_id id);

/*
 * Give it a value. False when the text is not one; then *why says what would
 * be right. A flag takes NULL or yes, no, true, false, on, off. What came from
 * a higher origin stays.
 */
bool setting_set(struct settings *all, enum setting_id id, const char *text,
    enum setting_origin origin, struct octets *why);

/*
 * Something is wrong with what was said, and *why tells: put before it which
 * option that was, and its line when it stands in a file. `item` counts in a
 * list.
 */
void setting_blame(const struct settings *all, enum setting_id id, size_t item,
    struct octets *why);

/* As setting_blame(), if *why begins with the name of a file that the option
 * names, and a colon. False: it does not. */
bool setting_blame_file(const struct settings *all, enum setting_id id,
    struct octets *why);

bool setting_on(const struct settings *all, enum setting_id id);
bool setting_given(const struct settings *all, enum setting_id id);

/* The policy these settings make; trust anchors are anchors.h's business. */
void setting_policy(struct policy *policy, const struct settings *all);

/* By name; SETTINGS when there is none. */
enum setting_id setting_find(const char *name);

/* A command: its name, what may stand behind it, and what it does. */
struct setting_about {
	const char *name, *arguments, *summary;
};

const struct setting_about *setting_about(enum command command);
const char *setting_command(enum command command);   /* its name */
enum command setting_find_command(const char *name); /* COMMANDS: none */
