/* SPDX-License-Identifier: BSD-2-Clause */
/* help - see help.h. */
#include "daemon/help.h"

#include "base/text.h"
#include "output/format.h"

enum { HELP_COLUMN = 32, HELP_WIDTH = 79, COMMAND_COLUMN = 10 };

/* Words broken at blanks; the first line begins at `column`. */
static void
fold(struct octets *out, struct bytes rest, size_t column)
{
	size_t at = column;

	while (rest.len > 0) {
		struct bytes word = text_cut(&rest, ' ');

		if (at > column && at + 1 + word.len > HELP_WIDTH) {
			octets_printf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			octets_printf(out, " ");
			at++;
		}
		octets_add_bytes(out, word);
		at += word.len;
	}
	octets_printf(out, "\n");
}

static void
help_row(struct octets *out, enum setting_id id)
{
	const struct setting_row *row = setting_row(id);
	struct octets text = { 0 };
	size_t before = out->len;
	size_t width;

	if (row->letter != 0) {
		octets_printf(out, "  -%c, --%s", row->letter, row->name);
	} else {
		octets_printf(out, "      --%s", row->name);
	}
	if (row->argument != NULL) {
		octets_printf(out, " %s", row->argument);
	}
	width = out->len - before;
	if (width + 2 > HELP_COLUMN) {
		octets_printf(out, "\n");
		width = 0;
	}
	octets_printf(out, "%*s", (int)(HELP_COLUMN - width), "");
	octets_printf(&text, "%s", row->help);
	help_default(&text, id);
	fold(out, octets_bytes(&text), HELP_COLUMN);
	octets_clear(&text);
}

/* A command's own options come first, under one title. */
static void
help_own(struct octets *out, enum command command)
{
	bool first = true;

	for (size_t i = 0; i < SETTINGS; i++) {
		enum setting_id id = (enum setting_id)i;

		if (setting_allowed(id, COMMANDS) ||
		    !setting_allowed(id, command)) {
			continue;
		}
		if (first) {
			octets_printf(out, "\nOptions of this command:\n");
			first = false;
		}
		help_row(out, id);
	}
}

static void
help_common(struct octets *out)
{
	const char *due = NULL;

	for (size_t i = 0; i < SETTINGS; i++) {
		const char *title = setting_group((enum setting_id)i);

		due = title != NULL ? title : due;
		if (!setting_allowed((enum setting_id)i, COMMANDS)) {
			continue;
		}
		if (due != NULL) {
			octets_printf(out, "\n%s:\n", due);
			due = NULL;
		}
		help_row(out, (enum setting_id)i);
	}
}

void
help_default(struct octets *out, enum setting_id id)
{
	struct octets usual = { 0 };

	for (size_t i = 0; id == SET_FORMAT && format_row(i) != NULL; i++) {
		octets_printf(out, "%s%s", i == 0 ? " There are " : ", ",
		    format_row(i + 1) == NULL ? "and " : "");
		octets_printf(out, "%s%s", format_row(i)->name,
		    format_row(i + 1) == NULL ? "." : "");
	}
	if (setting_default(&usual, id)) {
		octets_printf(out, " Default: %.*s.", (int)usual.len,
		    (const char *)usual.at);
	}
	octets_clear(&usual);
}

static void
help_command(struct octets *out, enum command command)
{
	const struct setting_about *about = setting_about(command);

	octets_printf(out,
	    "kedge %s: %s\n\nUsage: kedge [options] %s [options]%s%s\n",
	    about->name, about->summary, about->name,
	    about->arguments[0] != '\0' ? " " : "", about->arguments);
	help_own(out, command);
	octets_printf(out, "\nThe options of `kedge --help` work here too.\n");
}

void
help_print(struct octets *out, enum command command)
{
	if (command != COMMANDS) {
		help_command(out, command);
		return;
	}
	octets_printf(out,
	    "%s: validates the RPKI\n\n"
	    "Usage: kedge [options] command [options]\n\nCommands:\n",
	    PACKAGE_STRING);
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct setting_about *about =
		    setting_about((enum command)i);

		octets_printf(out, "  %-*s %s\n", COMMAND_COLUMN, about->name,
		    about->summary);
	}
	octets_printf(out,
	    "\n`kedge COMMAND --help` tells more about one of them, kedge(1) "
	    "and kedge.conf(5)\neverything (`kedge man`). In a configuration "
	    "file, options stand without dashes.\n");
	help_common(out);
	octets_printf(out,
	    "\nExit codes: 0 all is well; 1 an error; 2 with --complete: "
	    "written, but something\ncould not be fetched; 3 from `kedge "
	    "guard`: something is held. See kedge(1) for\n`kedge inspect` and "
	    "`kedge validate`.\n");
}
