/* SPDX-License-Identifier: BSD-2-Clause */
/* options - see options.h. */
#include "daemon/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/advice.h"
#include "daemon/nearest.h"

/* What getopt gives back for a long option: this and its id. */
enum { LONG_BASE = 256 };

/* What getopt is told: the options allowed here. */
struct offered {
	struct option longs[SETTINGS + 1];
	char shorts[2 * SETTINGS + 3];
};

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

		if (!setting_allowed(id, command)) {
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
		    setting_allowed((enum setting_id)i, command)) {
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
		advice_elsewhere(id, command, why);
		return;
	}
	octets_printf(why, "no option --");
	text_escape(why, bytes_of(said + 2, len));
	if (advice_foreign(name, ADVICE_LINE, why)) {
		return;
	}
	near = nearest_start(name);
	for (size_t i = 0; i < SETTINGS; i++) {
		if (command == COMMANDS ||
		    setting_allowed((enum setting_id)i, command)) {
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
	const char said[2] = { (char)letter, '\0' };

	octets_printf(why, "no option -");
	text_escape(why, text_bytes(said));
	if (advice_foreign(said, ADVICE_LINE, why)) {
		return;
	}
	if (command != COMMANDS) {
		octets_printf(why, "; `kedge %s --help` lists what there is",
		    setting_command(command));
		return;
	}
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);

		if (row->letter == letter) {
			octets_printf(why, " here; it belongs behind:");
			advice_commands((enum setting_id)i, why);
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
	if (advice_foreign(name, ADVICE_LINE, why)) {
		return;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		nearest_offer(&near,
		    text_bytes(setting_command((enum command)i)));
	}
	nearest_say(&near, why);
	if (near.word[0] == '\0' && setting_find(name) != SETTINGS) {
		octets_printf(why, "; there is an option --%s", name);
	} else if (near.word[0] == '\0') {
		octets_printf(why, "; `kedge --help` lists what there is");
	}
}

/* What `kedge config` and `kedge help` are asked about. */
static bool
find_subject(struct options *options, bool help, struct octets *why)
{
	options->subject = options->command;
	if (options->command == COMMAND_CONFIG) {
		options->subject = help ? COMMAND_CONFIG : COMMAND_SERVER;
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
	return find_subject(options, setting_on(all, SET_HELP), why);
}
