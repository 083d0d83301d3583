/* SPDX-License-Identifier: BSD-2-Clause */
/* options - see options.h. */
#include "daemon/options.h"

#include <assert.h>
#include <getopt.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/slurp.h"
#include "base/text.h"
#include "daemon/nearest.h"

enum {
	LONG_BASE = 256, /* what getopt gives back for a long option: + id */
	CONFIG_OCTETS = 1 << 20,
};

/* ------------------------------------------------- the command line */

/* What getopt is told: the options allowed here. */
struct offered {
	struct option longs[SETTINGS + 1];
	char shorts[2 * SETTINGS + 3];
};

static bool
allowed(enum setting_id id, enum command command)
{
	unsigned commands = setting_row(id)->commands;

	return command == COMMANDS ? commands == (1U << COMMANDS) - 1
				   : (commands & (1U << command)) != 0;
}

static void
offer(struct offered *to, enum command command)
{
	size_t n = 0;
	size_t at = 0;

	*to = (struct offered){ 0 };
	if (command == COMMANDS) {
		to->shorts[at++] = '+'; /* stop at the command */
	}
	to->shorts[at++] = ':';
	for (size_t i = 0; i < SETTINGS; i++) {
		enum setting_id id = (enum setting_id)i;
		const struct setting_row *row = setting_row(id);
		bool wants = setting_wants_text(id);

		if (!allowed(id, command)) {
			continue;
		}
		to->longs[n++] = (struct option){
			.name = row->name,
			.has_arg = wants ? required_argument : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (row->letter != 0) {
			to->shorts[at++] = row->letter;
			if (wants) {
				to->shorts[at++] = ':';
			}
		}
	}
}

static enum setting_id
by_letter(int letter, enum command command)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if (setting_row((enum setting_id)i)->letter == letter &&
		    allowed((enum setting_id)i, command)) {
			return (enum setting_id)i;
		}
	}
	return SETTINGS;
}

static enum setting_id
by_code(int code, enum command command)
{
	return code >= LONG_BASE ? (enum setting_id)(code - LONG_BASE)
				 : by_letter(code, command);
}

static void
say_commands(unsigned commands, struct octets *why)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if ((commands & (1U << i)) != 0) {
			octets_printf(why, " `kedge %s`",
			    setting_command((enum command)i));
		}
	}
}

/* Others have it; *why tells what to do here. */
static bool
say_foreign(const char *name, struct octets *why)
{
	static const struct {
		const char *name, *answer;
	} foreign[] = {
#define FOREIGN(theirs, here) { theirs, here },
#include "daemon/foreign.def"
#undef FOREIGN
	};

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (strcmp(foreign[i].name, name) == 0) {
			octets_printf(why, "; %s", foreign[i].answer);
			return true;
		}
	}
	return false;
}

/* There is such an option, but not here. */
static void
say_elsewhere(enum setting_id id, enum command command, struct octets *why)
{
	octets_printf(why, "--%s %s", setting_row(id)->name,
	    command == COMMANDS ? "belongs behind its command:"
				: "is not for this command, but for");
	say_commands(setting_row(id)->commands, why);
}

static void
say_unknown(const char *said, enum command command, struct octets *why)
{
	char name[NEAREST_WORD] = "";
	size_t len = strcspn(said + 2, "=");
	enum setting_id id;
	struct nearest near;

	if (len < sizeof(name)) {
		memcpy(name, said + 2, len);
		name[len] = '\0';
	}
	id = setting_find(name);
	if (id != SETTINGS) {
		say_elsewhere(id, command, why);
		return;
	}
	octets_printf(why, "no option --");
	text_escape(why, bytes_of(said + 2, len));
	if (say_foreign(name, why)) {
		return;
	}
	near = nearest_start(name);
	for (size_t i = 0; i < SETTINGS; i++) {
		if (command == COMMANDS ||
		    allowed((enum setting_id)i, command)) {
			nearest_offer(&near,
			    text_bytes(setting_row((enum setting_id)i)->name));
		}
	}
	if (near.word[0] != '\0') {
		octets_printf(why, "; did you mean --%s?", near.word);
	} else if (command != COMMANDS) {
		octets_printf(why, "; `kedge %s --help` lists what there is",
		    setting_command(command));
	} else {
		octets_printf(why, "; `kedge --help` lists what there is");
	}
}

static void
say_letter(int letter, enum command command, struct octets *why)
{
	uint8_t said = (uint8_t)letter;

	octets_printf(why, "no option -");
	text_escape(why, bytes_of(&said, 1));
	if (command != COMMANDS) {
		octets_printf(why, "; `kedge %s --help` lists what there is",
		    setting_command(command));
		return;
	}
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);

		if (row->letter == letter) {
			octets_printf(why, " here; it belongs behind:");
			say_commands(row->commands, why);
			return;
		}
	}
}

/* getopt said '?' or ':'. */
static void
complain(int code, char **argv, enum command command, struct octets *why)
{
	const char *said = argv[optind - 1];

	if (code == ':') {
		enum setting_id id = by_code(optopt, command);

		octets_printf(why, "--%s needs %s", setting_row(id)->name,
		    setting_row(id)->argument);
	} else if (optopt >= LONG_BASE) {
		octets_printf(why, "--%s takes no value",
		    setting_row(by_code(optopt, command))->name);
	} else if (optopt != 0) {
		say_letter(optopt, command, why);
	} else {
		say_unknown(said, command, why);
	}
}

/* getopt takes the beginning of a name for the name: scripts would break. */
static bool
abbreviated(enum setting_id id, char **argv, const char **said)
{
	const char *name = setting_row(id)->name;
	size_t len;

	*said = argv[optind - 1];
	if (optarg != NULL && optarg == argv[optind - 1]) {
		*said = argv[optind - 2];
	}
	len = strcspn(*said + 2, "=");
	return len != strlen(name) || strncmp(*said + 2, name, len) != 0;
}

/* Read options until something else comes; `command` says which exist. */
static bool
read_some(struct settings *all, int argc, char **argv, enum command command,
    struct octets *why)
{
	struct offered offered;
	const char *said;
	int code;

	offer(&offered, command);
	opterr = 0;
	optind = 0;
	for (;;) {
		enum setting_id id;

		optopt = 0;
		code = getopt_long(argc, argv, offered.shorts, offered.longs,
		    NULL);
		if (code == -1) {
			return true;
		}
		if (code == '?' || code == ':') {
			complain(code, argv, command, why);
			return false;
		}
		id = by_code(code, command);
		assert(id != SETTINGS);
		if (code >= LONG_BASE && abbreviated(id, argv, &said)) {
			say_unknown(said, command, why);
			return false;
		}
		if (!setting_set(all, id, optarg, SETTING_LINE, why)) {
			return false;
		}
	}
}

static void
say_no_command(const char *name, struct octets *why)
{
	struct nearest near = nearest_start(name);

	octets_printf(why, "no command `");
	text_escape(why, text_bytes(name));
	octets_printf(why, "`");
	for (size_t i = 0; i < COMMANDS; i++) {
		nearest_offer(&near,
		    text_bytes(setting_command((enum command)i)));
	}
	nearest_say(&near, why);
	if (near.word[0] == '\0') {
		octets_printf(why, "; `kedge --help` lists what there is");
	}
}

/* What `kedge config` and `kedge help` are asked about. */
static bool
find_subject(struct options *options, struct octets *why)
{
	options->subject = options->command;
	if (options->command == COMMAND_CONFIG) {
		options->subject = COMMAND_SERVER;
	} else if (options->command == COMMAND_HELP) {
		options->subject = COMMANDS;
	} else {
		return true;
	}
	if (options->count > 0) {
		options->subject = setting_find_command(options->rest[0]);
		if (options->subject == COMMANDS) {
			say_no_command(options->rest[0], why);
			return false;
		}
	}
	return true;
}

bool
options_read_line(struct options *options, struct settings *all, int argc,
    char **argv, struct octets *why)
{
	*options = (struct options){ .command = COMMANDS, .subject = COMMANDS };
	if (!read_some(all, argc, argv, COMMANDS, why)) {
		return false;
	}
	argc -= optind;
	argv += optind;
	if (argc <= 0) {
		if (setting_on(all, SET_HELP) || setting_on(all, SET_VERSION) ||
		    setting_given(all, SET_TAL)) {
			return true;
		}
		octets_printf(why, "no command; `kedge --help` lists them");
		return false;
	}
	options->command = setting_find_command(argv[0]);
	if (options->command == COMMANDS) {
		say_no_command(argv[0], why);
		return false;
	}
	if (!read_some(all, argc, argv, options->command, why)) {
		return false;
	}
	options->count = argc - optind;
	options->rest = argv + optind;
	return find_subject(options, why);
}

/* -------------------------------------------- the configuration file */

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
	octets_printf(parse->why, "no setting `");
	text_escape(parse->why, text_bytes(name));
	octets_printf(parse->why, "`");
	if (say_foreign(name, parse->why)) {
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
	if (section != COMMANDS && !allowed(id, section)) {
		begin_complaint(parse);
		say_elsewhere(id, section, parse->why);
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
	} else if (may_stand(parse, id, command)) {
		take(parse, id, command, value);
	}
	return parse->failed == 0;
}

bool
options_read_text(struct settings *all, const char *path, struct bytes text,
    enum command command, struct octets *why)
{
	struct parse parse = { .all = all,
		.path = path,
		.command = command,
		.why = why,
		.left = text };
	size_t before = why->len;
	int line = ini_parse_stream(next_line, &parse, on_key, &parse);

	if (line > 0 && (parse.failed == 0 || (unsigned)line < parse.failed)) {
		why->len = before;
		octets_printf(why,
		    "%s:%d: not `key = value`, [section] or # comment", path,
		    line);
		parse.failed = (unsigned)line;
	}
	return parse.failed == 0 && line == 0;
}

bool
options_read_file(struct settings *all, const char *path, enum command command,
    struct octets *why)
{
	struct octets text = { 0 };
	bool good = slurp_soon(&text, path, CONFIG_OCTETS, why);

	if (good) {
		good = options_read_text(all, path, octets_bytes(&text),
		    command, why);
		all->file = text_copy(all->arena, text_bytes(path));
	}
	octets_clear(&text);
	return good;
}
