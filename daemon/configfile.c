/* SPDX-License-Identifier: BSD-2-Clause */
/* configfile - see configfile.h. */
#include "daemon/configfile.h"

#include <ini.h>
#include <string.h>

#include "base/slurp.h"
#include "base/text.h"
#include "daemon/advice.h"
#include "daemon/nearest.h"

#define NO_LINE "not `key = value`, [section] or # comment"

enum { CONFIG_OCTETS = 1 << 20 };

struct parse {
	struct settings *all;
	const char *path;
	enum command command;
	struct octets *why;
	struct bytes left;
	unsigned line;
	unsigned seen[COMMANDS + 1][SETTINGS]; /* line; the last is the head */
	unsigned failed; /* line of the first complaint, already in why */
};

static void
begin_complaint(struct parse *parse)
{
	parse->failed = parse->line;
	octets_printf(parse->why, "%s:%u: ", parse->path, parse->line);
}

/* Which commands a section speaks to; COMMANDS is all. False: no such one. */
static bool
find_section(const char *section, enum command *out)
{
	*out = setting_find_command(section);
	return *out != COMMANDS || strcmp(section, "kedge") == 0;
}

static void
say_no_section(struct parse *parse, const char *section)
{
	struct nearest near = nearest_start(section);

	begin_complaint(parse);
	octets_printf(parse->why, "no command for the section [");
	text_escape(parse->why, text_bytes(section));
	octets_printf(parse->why, "]");
	nearest_offer(&near, text_bytes("kedge"));
	for (size_t i = 0; i < COMMANDS; i++) {
		nearest_offer(&near,
		    text_bytes(setting_command((enum command)i)));
	}
	nearest_say(&near, parse->why);
	if (near.word[0] == '\0') {
		octets_printf(parse->why, "; [kedge] is for every command");
	}
}

/* inih tells of a section only with a key in it, and passes over what follows
 * its name. */
static bool
check_section(struct parse *parse, struct bytes line)
{
	const char *section =
	    text_copy(parse->all->arena, text_cut(&line, ']')) + 1;
	enum command command;

	line = text_trim(line);
	if (!find_section(section, &command)) {
		say_no_section(parse, section);
	} else if (line.len > 0 && strchr("#;\r", line.at[0]) == NULL) {
		begin_complaint(parse);
		octets_printf(parse->why, "nothing may follow [%s] on its line",
		    section);
	}
	return parse->failed == 0;
}

/* One line, as fgets() would give it; inih cuts long ones without a word. */
static char *
next_line(char *to, int room, void *arg)
{
	struct parse *parse = arg;
	struct bytes line;

	if (parse->failed != 0 || parse->left.len == 0) {
		return NULL;
	}
	parse->line++;
	/* A blank at its beginning would continue the value above. */
	line = text_trim(text_cut(&parse->left, '\n'));
	if (line.len + 2 > (size_t)room) {
		begin_complaint(parse);
		octets_printf(parse->why,
		    "the line is longer than %d octets; lists repeat their key",
		    room - 2);
		return NULL;
	}
	for (size_t i = 0; i < line.len; i++) {
		bool end = i + 1 == line.len && line.at[i] == '\r';

		if (line.at[i] == 0x7f ||
		    (line.at[i] < ' ' && line.at[i] != '\t' && !end)) {
			begin_complaint(parse);
			octets_printf(parse->why,
			    "octet 0x%02x does not belong in a text",
			    line.at[i]);
			return NULL;
		}
	}
	if (line.len > 0 && line.at[0] == '[' &&
	    memchr(line.at, ']', line.len) != NULL &&
	    !check_section(parse, line)) {
		return NULL;
	}
	memcpy(to, line.at, line.len);
	memcpy(to + line.len, "\n", 2);
	return to;
}

static void
say_no_key(struct parse *parse, const char *name)
{
	struct nearest near = nearest_start(name);

	begin_complaint(parse);
	if (strpbrk(name, " \t") != NULL) {
		octets_printf(parse->why, NO_LINE); /* a `:` came later */
		return;
	}
	octets_printf(parse->why, "no setting `");
	text_escape(parse->why, text_bytes(name));
	octets_printf(parse->why, "`");
	if (advice_foreign(name, ADVICE_FILE, parse->why)) {
		return;
	}
	for (size_t i = 0; i < SETTINGS; i++) {
		nearest_offer(&near,
		    text_bytes(setting_row((enum setting_id)i)->name));
	}
	nearest_say(&near, parse->why);
	if (near.word[0] == '\0') {
		octets_printf(parse->why, "; kedge.conf(5) tells which exist");
	}
}

/* May this setting stand here? */
static bool
may_stand(struct parse *parse, enum setting_id id, enum command section)
{
	unsigned *seen = &parse->seen[section][id];
	const char *name = setting_row(id)->name;

	if (id == SET_CONFIG || id == SET_HELP || id == SET_VERSION) {
		begin_complaint(parse);
		octets_printf(parse->why, "%s is for the command line only",
		    name);
		return false;
	}
	if (section != COMMANDS && !setting_allowed(id, section)) {
		begin_complaint(parse);
		advice_elsewhere(id, section, parse->why);
		return false;
	}
	if (*seen != 0 && !setting_is_list(id)) {
		begin_complaint(parse);
		octets_printf(parse->why,
		    "%s is set for the second time; "
		    "the first was line %u",
		    name, *seen);
		return false;
	}
	*seen = parse->line;
	return true;
}

/* What other files of this kind allow would end up in paths and names. */
static bool
plain(struct parse *parse, const char *name, const char *value)
{
	const char *wrong = NULL;

	if (value[0] == '"' || value[0] == '\'' ||
	    (value[0] == '[' && strchr(value, ':') == NULL) ||
	    (value[0] == '[' && strpbrk(value, "\"',") != NULL)) {
		wrong = "values stand without quotes, and lists repeat their "
			"key";
	} else if (value[0] == '#' || strstr(value, " #") != NULL ||
		   strstr(value, "\t#") != NULL) {
		wrong = "after a value a comment begins with ; and with # "
			"only on a line of its own";
	}
	if (wrong != NULL) {
		begin_complaint(parse);
		octets_printf(parse->why, "%s = ", name);
		text_escape(parse->why, text_bytes(value));
		octets_printf(parse->why, ": %s", wrong);
	}
	return wrong == NULL;
}

static void
take(struct parse *parse, enum setting_id id, enum command section,
    const char *value)
{
	enum setting_origin origin =
	    section == COMMANDS ? SETTING_FILE : SETTING_SECTION;
	struct octets wrong = { 0 };

	if (section != COMMANDS && section != parse->command) {
		origin = SETTING_CHECK;
	}
	parse->all->line = parse->line;
	if (!setting_set(parse->all, id, value, origin, &wrong)) {
		begin_complaint(parse);
		octets_add_bytes(parse->why, octets_bytes(&wrong));
	}
	parse->all->line = 0;
	octets_clear(&wrong);
}

static int
on_key(void *arg, const char *section, const char *name, const char *value)
{
	struct parse *parse = arg;
	enum command command;
	enum setting_id id;

	if (parse->failed != 0) {
		return 0;
	}
	/* The head has no name, and the others were looked at. */
	(void)find_section(section, &command);
	id = setting_find(name);
	if (id == SETTINGS) {
		say_no_key(parse, name);
	} else if (may_stand(parse, id, command) && plain(parse, name, value)) {
		take(parse, id, command, value);
	}
	return parse->failed == 0;
}

static bool
is_json(struct bytes text)
{
	text = text_trim(text);
	return text.len > 0 && text.at[0] == '{';
}

bool
configfile_read_text(struct settings *all, const char *path, struct bytes text,
    enum command command, struct octets *why)
{
	struct parse parse = { .all = all,
		.path = path,
		.command = command,
		.why = why,
		.left = text };
	size_t before = why->len;
	int line;

	if (is_json(text)) {
		octets_printf(why,
		    "%s: this is JSON, and settings are lines of `key = value`",
		    path);
		return false;
	}
	line = ini_parse_stream(next_line, &parse, on_key, &parse);
	if (line > 0 && (parse.failed == 0 || (unsigned)line < parse.failed)) {
		why->len = before;
		octets_printf(why, "%s:%d: " NO_LINE, path, line);
		parse.failed = (unsigned)line;
	}
	return parse.failed == 0 && line == 0;
}

bool
configfile_read(struct settings *all, const char *path, enum command command,
    struct octets *why)
{
	struct octets text = { 0 };
	bool good = slurp_soon(&text, path, CONFIG_OCTETS, why);

	if (good) {
		good = configfile_read_text(all, path, octets_bytes(&text),
		    command, why);
		all->file = text_copy(all->arena, text_bytes(path));
	}
	octets_clear(&text);
	return good;
}
