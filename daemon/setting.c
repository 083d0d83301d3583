/* SPDX-License-Identifier: BSD-2-Clause */
/* setting - see setting.h. */
#include "daemon/setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "daemon/value.h"

enum {
	EVERY = (1 << COMMANDS) - 1,
	ON_VRPS = 1 << COMMAND_VRPS,
	ON_VALIDATE = 1 << COMMAND_VALIDATE,
	ON_UPDATE = 1 << COMMAND_UPDATE,
	ON_INSPECT = 1 << COMMAND_INSPECT,
	ON_SERVER = 1 << COMMAND_SERVER,
	ON_STATUS = 1 << COMMAND_STATUS,
	ON_STOP = 1 << COMMAND_STOP,
	ON_EXPLAIN = 1 << COMMAND_EXPLAIN,
	ON_RTR = 1 << COMMAND_RTR,
	ON_STDIO = 1 << COMMAND_RTR_STDIO,
	ON_GUARD = 1 << COMMAND_GUARD,
	ON_QUARANTINE = 1 << COMMAND_QUARANTINE,
	ON_CHANGES = 1 << COMMAND_CHANGES,
	RUNS = ON_VRPS | ON_VALIDATE | ON_UPDATE,
};

#define P(field) offsetof(struct policy, field)
#define OWN      SETTING_OWN

static const struct setting_row rows[SETTINGS] = {
#define GROUP(title)
#define OPTION(id, long_name, short_name, form, field, start, min, max,        \
    choice, who, what, text)                                                   \
	[SET_##id] = {                                                         \
		.name = long_name,                                             \
		.letter = short_name,                                          \
		.kind = SETTING_##form,                                        \
		.policy = field,                                               \
		.fallback = start,                                             \
		.least = min,                                                  \
		.most = max,                                                   \
		.words = choice,                                               \
		.commands = who,                                               \
		.argument = what,                                              \
		.help = text,                                                  \
	},
#include "daemon/options.def"
#undef GROUP
#undef OPTION
};

/* The title of a group stands before its first option. */
struct heading {
	const char *title; /* NULL: an option */
	enum setting_id id;
};

static const struct heading headings[] = {
#define GROUP(words)      { .title = words },
#define OPTION(name, ...) { .id = SET_##name },
#include "daemon/options.def"
#undef GROUP
#undef OPTION
};

static const struct setting_about commands[COMMANDS] = {
#define COMMAND(id, word, operands, text)                                      \
	[COMMAND_##id] = { #word, operands, text },
#include "daemon/command.def"
#undef COMMAND
};

const struct setting_row *
setting_row(enum setting_id id)
{
	assert(id < SETTINGS);
	return &rows[id];
}

const char *
setting_group(enum setting_id id)
{
	for (size_t i = 1; i < sizeof(headings) / sizeof(headings[0]); i++) {
		if (headings[i].title == NULL && headings[i].id == id) {
			return headings[i - 1].title;
		}
	}
	return NULL;
}

bool
setting_wants_text(enum setting_id id)
{
	return rows[id].kind > SETTING_COUNT;
}

bool
setting_is_list(enum setting_id id)
{
	enum setting_kind kind = rows[id].kind;

	return kind == SETTING_LIST || kind == SETTING_ASNS ||
	       kind == SETTING_PREFIXES;
}

bool
setting_allowed(enum setting_id id, enum command command)
{
	return command == COMMANDS ? rows[id].commands == EVERY
				   : (rows[id].commands & (1U << command)) != 0;
}

/* Where a folder of ours is when nobody says. */
static const char *
default_folder(struct arena *arena, const char *system, const char *variable,
    const char *below_home)
{
	const char *xdg = getenv(variable);
	const char *home = getenv("HOME");

	if (geteuid() == 0 || (xdg == NULL && home == NULL)) {
		return system;
	}
	if (xdg != NULL && xdg[0] == '/') {
		return arena_printf(arena, "%s/kedge", xdg);
	}
	return arena_printf(arena, "%s/%s/kedge", home != NULL ? home : "",
	    below_home);
}

/* What the policy holds before anybody says anything. */
static void
take_default(struct setting *setting, const struct setting_row *row,
    const struct policy *policy)
{
	const char *field = (const char *)policy + row->policy;

	switch (row->kind) {
	case SETTING_NUMBER:
	case SETTING_SIZE:
	case SETTING_SECONDS:
	case SETTING_TIME:
	case SETTING_WORD:
		memcpy(&setting->number, field, sizeof(setting->number));
		break;
	case SETTING_TEXT:
		memcpy(&setting->text, field, sizeof(setting->text));
		break;
	case SETTING_FLAG:
	case SETTING_OFF:
	case SETTING_COUNT:
	case SETTING_LIST:
	case SETTING_ASN:
	case SETTING_ASNS:
	case SETTING_PREFIX:
	case SETTING_PREFIXES:
		break;
	}
}

void
setting_init(struct settings *all, struct arena *arena)
{
	struct octets why = { 0 };
	struct policy policy;
	bool good;

	*all = (struct settings){ .arena = arena };
	policy_init(&policy);
	for (size_t i = 0; i < SETTINGS; i++) {
		all->at[i].origin = SETTING_DEFAULT;
		if (rows[i].policy != SETTING_OWN) {
			take_default(&all->at[i], &rows[i], &policy);
		} else if (rows[i].fallback != NULL) {
			good = setting_set(all, (enum setting_id)i,
			    rows[i].fallback, SETTING_DEFAULT, &why);
			assert(good);
			(void)good;
		}
	}
	all->at[SET_LIMIT_V4_LEN].number = 32;
	all->at[SET_LIMIT_V6_LEN].number = 128;
	all->at[SET_REPOSITORY_DIR].text = default_folder(arena,
	    "/var/cache/kedge", "XDG_CACHE_HOME", ".cache");
	all->at[SET_STATE_DIR].text = default_folder(arena, "/var/lib/kedge",
	    "XDG_STATE_HOME", ".local/state");
	octets_clear(&why);
}

static void
print_default(struct octets *out, const struct setting_row *row,
    const struct setting *setting)
{
	static const char units[] = "KMGT";
	uint64_t number = setting->number;
	size_t unit = 0;

	if (row->kind != SETTING_SIZE || number == 0) {
		value_print(out, row, setting, 0);
		return;
	}
	while (number % 1024 == 0 && unit < sizeof(units) - 1) {
		number /= 1024;
		unit++;
	}
	octets_printf(out, "%llu", (unsigned long long)number);
	if (unit > 0) {
		octets_u8(out, (uint8_t)units[unit - 1]);
	}
}

bool
setting_default(struct octets *out, enum setting_id id)
{
	const struct setting_row *row = &rows[id];
	struct arena *arena = arena_new();
	struct settings all;
	size_t before = out->len;

	setting_init(&all, arena);
	switch (row->kind) {
	case SETTING_NUMBER:
	case SETTING_SIZE:
	case SETTING_SECONDS:
	case SETTING_WORD:
		print_default(out, row, &all.at[id]);
		break;
	case SETTING_TEXT:
		octets_printf(out, "%s",
		    row->fallback != NULL ? row->fallback : "");
		break;
	case SETTING_FLAG:
	case SETTING_OFF:
	case SETTING_COUNT:
	case SETTING_TIME:
	case SETTING_LIST:
	case SETTING_ASN:
	case SETTING_ASNS:
	case SETTING_PREFIX:
	case SETTING_PREFIXES:
		break;
	}
	setting_clear(&all);
	arena_free(arena);
	return out->len > before;
}

void
setting_clear(struct settings *all)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		free(all->at[i].list.items);
		free(all->at[i].lines);
	}
	*all = (struct settings){ 0 };
}

bool
setting_set(struct settings *all, enum setting_id id, const char *text,
    enum setting_origin origin, struct octets *why)
{
	const struct setting_row *row = &rows[id];
	struct setting *setting = &all->at[id];
	uint64_t number = setting->number;
	bool again = setting->origin == origin;

	if (text == NULL) {
		assert(!setting_wants_text(id));
		number = row->kind == SETTING_COUNT && again ? number + 1 : 1;
	} else if (!value_read(row, text, &number)) {
		value_wanted(why, row, text);
		return false;
	}
	if (origin < setting->origin) {
		return true;
	}
	setting->number = number;
	setting->origin = origin;
	setting->line = all->line;
	if (text != NULL) {
		setting->text = text_copy(all->arena, text_bytes(text));
	}
	if (setting_is_list(id)) {
		size_t n = again ? setting->list.count : 0;

		setting->list.items = array_room(setting->list.items, n,
		    &setting->room, sizeof(*setting->list.items));
		setting->list.items[n] = setting->text;
		setting->list.count = n + 1;
		setting->lines = array_room(setting->lines, n,
		    &setting->line_room, sizeof(*setting->lines));
		setting->lines[n] = all->line;
	}
	return true;
}

void
setting_blame(const struct settings *all, enum setting_id id, size_t item,
    struct octets *why)
{
	const struct setting *setting = &all->at[id];
	struct octets told = { 0 };

	if (setting->origin < SETTING_FILE ||
	    (setting_is_list(id) && item >= setting->list.count)) {
		return;
	}
	octets_add_bytes(&told, octets_bytes(why));
	octets_reset(why);
	if (setting->origin == SETTING_LINE) {
		octets_printf(why, "--%s: ", rows[id].name);
	} else {
		octets_printf(why, "%s:%u: %s: ", all->file,
		    setting_is_list(id) ? setting->lines[item] : setting->line,
		    rows[id].name);
	}
	octets_add_bytes(why, octets_bytes(&told));
	octets_clear(&told);
}

bool
setting_blame_file(const struct settings *all, enum setting_id id,
    struct octets *why)
{
	const struct setting *setting = &all->at[id];
	size_t count = setting_is_list(id)     ? setting->list.count
		       : setting->text != NULL ? 1
					       : 0;

	for (size_t i = 0; i < count; i++) {
		const char *file = setting_is_list(id) ? setting->list.items[i]
						       : setting->text;
		size_t len = strlen(file);

		if (why->len > len && why->at[len] == ':' &&
		    memcmp(why->at, file, len) == 0) {
			setting_blame(all, id, i, why);
			return true;
		}
	}
	return false;
}

bool
setting_on(const struct settings *all, enum setting_id id)
{
	return all->at[id].number != 0;
}

bool
setting_given(const struct settings *all, enum setting_id id)
{
	return all->at[id].origin != SETTING_DEFAULT;
}

static void
hand_over(struct policy *policy, const struct setting_row *row,
    const struct setting *setting)
{
	char *field = (char *)policy + row->policy;
	bool on = setting->number != 0;
	bool off = !on;

	switch (row->kind) {
	case SETTING_FLAG:
		memcpy(field, &on, sizeof(on));
		break;
	case SETTING_OFF:
		memcpy(field, &off, sizeof(off));
		break;
	case SETTING_COUNT:
	case SETTING_NUMBER:
	case SETTING_SIZE:
	case SETTING_SECONDS:
	case SETTING_TIME:
	case SETTING_WORD:
		memcpy(field, &setting->number, sizeof(setting->number));
		break;
	case SETTING_TEXT:
	case SETTING_ASN:
	case SETTING_PREFIX:
		memcpy(field, &setting->text, sizeof(setting->text));
		break;
	case SETTING_LIST:
	case SETTING_ASNS:
	case SETTING_PREFIXES:
		memcpy(field, &setting->list, sizeof(setting->list));
		break;
	}
}

void
setting_policy(struct policy *policy, const struct settings *all)
{
	policy_init(policy);
	for (size_t i = 0; i < SETTINGS; i++) {
		if (rows[i].policy != SETTING_OWN) {
			hand_over(policy, &rows[i], &all->at[i]);
		}
	}
}

enum setting_id
setting_find(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			return (enum setting_id)i;
		}
	}
	return SETTINGS;
}

const char *
setting_command(enum command command)
{
	assert(command < COMMANDS);
	return commands[command].name;
}

const struct setting_about *
setting_about(enum command command)
{
	assert(command < COMMANDS);
	return &commands[command];
}

enum command
setting_find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return (enum command)i;
		}
	}
	return COMMANDS;
}
