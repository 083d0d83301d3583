/* SPDX-License-Identifier: BSD-2-Clause */
/* manual - see manual.h. */
#include "daemon/manual.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/value.h"

enum { HELP_COLUMN = 32, HELP_WIDTH = 79 };

struct about {
	const char *name, *arguments, *summary;
};

static const struct about abouts[COMMANDS] = {
#define COMMAND(id, word, operands, text)                                      \
	[COMMAND_##id] = { #word, operands, text },
#include "daemon/command.def"
#undef COMMAND
};

/* --- help */

static bool
everywhere(const struct setting_row *row)
{
	return row->commands == (1U << COMMANDS) - 1;
}

/* Words broken at blanks; the first line begins at `column`. */
static void
fold(struct octets *out, const char *text, size_t column)
{
	struct bytes rest = text_bytes(text);
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
help_row(struct octets *out, const struct setting_row *row)
{
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
	fold(out, row->help, HELP_COLUMN);
}

/* A command's own options come first, under one title. */
static void
help_own(struct octets *out, enum command command)
{
	bool first = true;

	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);

		if (everywhere(row) || (row->commands & (1U << command)) == 0) {
			continue;
		}
		if (first) {
			octets_printf(out, "\nOptions of this command:\n");
			first = false;
		}
		help_row(out, row);
	}
}

static void
help_common(struct octets *out)
{
	const char *due = NULL;

	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);
		const char *title = setting_group((enum setting_id)i);

		due = title != NULL ? title : due;
		if (!everywhere(row)) {
			continue;
		}
		if (due != NULL) {
			octets_printf(out, "\n%s:\n", due);
			due = NULL;
		}
		help_row(out, row);
	}
}

void
manual_help(struct octets *out, enum command command)
{
	if (command != COMMANDS) {
		octets_printf(out,
		    "kedge %s: %s\n\nUsage: kedge [options] %s [options] %s\n",
		    abouts[command].name, abouts[command].summary,
		    abouts[command].name, abouts[command].arguments);
		help_own(out, command);
		octets_printf(out,
		    "\nThe options of `kedge --help` work here too.\n");
		return;
	}
	octets_printf(out,
	    "%s: validates the RPKI\n\n"
	    "Usage: kedge [options] command [options]\n\nCommands:\n",
	    PACKAGE_STRING);
	for (size_t i = 0; i < COMMANDS; i++) {
		octets_printf(out, "  %-10s %s\n", abouts[i].name,
		    abouts[i].summary);
	}
	octets_printf(out,
	    "\n`kedge COMMAND --help` tells more about one of them.\n");
	help_common(out);
	octets_printf(out,
	    "\nExit codes: 0 all is well, 1 an error, 2 with --complete when "
	    "something could\nnot be fetched.\n");
}

/* --- the configuration in effect */

static void
print_origin(struct octets *out, const struct settings *all,
    const struct setting *setting)
{
	switch (setting->origin) {
	case SETTING_CHECK:
	case SETTING_DEFAULT:
		octets_printf(out, "default");
		break;
	case SETTING_FILE:
	case SETTING_SECTION:
		octets_printf(out, "%s:%u",
		    all->file != NULL ? all->file : "file", setting->line);
		break;
	case SETTING_LINE:
		octets_printf(out, "command line");
		break;
	}
}

static bool
has_value(enum setting_id id, const struct setting *setting)
{
	if (setting_is_list(id)) {
		return setting->list.count > 0;
	}
	switch (setting_row(id)->kind) {
	case SETTING_TEXT:
	case SETTING_ASN:
	case SETTING_PREFIX:
		return setting->text != NULL;
	case SETTING_TIME:
		return setting->number != 0;
	case SETTING_FLAG:
	case SETTING_OFF:
	case SETTING_COUNT:
	case SETTING_NUMBER:
	case SETTING_SIZE:
	case SETTING_SECONDS:
	case SETTING_WORD:
	case SETTING_LIST:
	case SETTING_ASNS:
	case SETTING_PREFIXES:
		break;
	}
	return true;
}

static void
print_setting(struct octets *out, const struct settings *all,
    enum setting_id id)
{
	const struct setting *setting = &all->at[id];
	const struct setting_row *row = setting_row(id);
	size_t count = setting_is_list(id) ? setting->list.count : 1;

	octets_printf(out, "# ");
	print_origin(out, all, setting);
	octets_printf(out, "\n");
	if (!has_value(id, setting)) {
		octets_printf(out, "# %s =\n", row->name);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		octets_printf(out, "%s = ", row->name);
		value_print(out, row, setting, i);
		octets_printf(out, "\n");
	}
}

void
manual_config(struct octets *out, const struct settings *all)
{
	octets_printf(out, "# What %s would do, as a configuration file.\n",
	    PACKAGE_STRING);
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *title = setting_group((enum setting_id)i);

		if (title != NULL) {
			octets_printf(out, "\n# --- %s\n", title);
		}
		if (i != SET_CONFIG && i != SET_HELP && i != SET_VERSION) {
			print_setting(out, all, (enum setting_id)i);
		}
	}
}

/* --- pages of the manual */

/* Text for troff: backslash, dash and a dot or quote at the line's begin. */
static void
troff(struct octets *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		bool first = c == text || c[-1] == '\n';

		if (first && (*c == '.' || *c == '\'')) {
			octets_printf(out, "\\&");
		}
		if (*c == '\\' || *c == '-') {
			octets_printf(out, "\\");
		}
		octets_u8(out, (uint8_t)*c);
	}
}

static void
page_head(struct octets *out, const char *name, int section,
    const char *summary)
{
	octets_printf(out, ".TH %s %d \"\" \"%s\"\n.SH NAME\n%s \\- %s\n", name,
	    section, PACKAGE_STRING, name, summary);
}

static void
page_option(struct octets *out, const struct setting_row *row)
{
	octets_printf(out, ".TP\n.B ");
	if (row->letter != 0) {
		octets_printf(out, "\\-%c, ", row->letter);
	}
	octets_printf(out, "\\-\\-");
	troff(out, row->name);
	if (row->argument != NULL) {
		octets_printf(out, "\\fR \\fI");
		troff(out, row->argument);
		octets_printf(out, "\\fR");
	}
	octets_printf(out, "\n");
	troff(out, row->help);
	octets_printf(out, "\n");
	if (!everywhere(row)) {
		octets_printf(out, "Only for");
		for (size_t i = 0; i < COMMANDS; i++) {
			if ((row->commands & (1U << i)) != 0) {
				octets_printf(out, " %s", abouts[i].name);
			}
		}
		octets_printf(out, ".\n");
	}
}

static void
page_options(struct octets *out)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *title = setting_group((enum setting_id)i);

		if (title != NULL) {
			octets_printf(out, ".SS %s\n", title);
		}
		page_option(out, setting_row((enum setting_id)i));
	}
}

static void
page_kedge(struct octets *out)
{
	page_head(out, "kedge", 1, "validate the RPKI");
	octets_printf(out,
	    ".SH SYNOPSIS\n.B kedge\n[\\fIoptions\\fR] \\fIcommand\\fR "
	    "[\\fIoptions\\fR]\n.SH DESCRIPTION\n");
	octets_printf(out,
	    "kedge collects the repositories of the RPKI over "
	    "RRDP and rsync, validates\nevery object from the trust anchors "
	    "down, and gives the result to routers,\nto people and to "
	    "programs.\n.SH COMMANDS\n");
	for (size_t i = 0; i < COMMANDS; i++) {
		octets_printf(out, ".TP\n.B %s ", abouts[i].name);
		troff(out, abouts[i].arguments);
		octets_printf(out, "\n%s\n", abouts[i].summary);
	}
	octets_printf(out, ".SH OPTIONS\n");
	page_options(out);
	octets_printf(out,
	    ".SH EXIT STATUS\n"
	    "0: all is well. 1: an error; outputs were not touched. 2: with "
	    "\\-\\-complete,\nsomething could not be fetched; outputs were "
	    "written.\n.PP\ninspect: 0: every object is valid. 1: one is "
	    "rejected, absent or cannot be read.\n2: nothing is wrong with "
	    "any, but no manifest lists one, or its CA is not known.\n"
	    ".SH FILES\n.TP\n%s/kedge.conf\nthe configuration, see\n"
	    ".BR kedge.conf (5)\n.TP\n/var/cache/kedge\nthe cache, when run "
	    "by root\n.SH SEE ALSO\n.BR kedge.conf (5)\n",
	    KEDGE_SYSCONFDIR);
}

static void
page_conf(struct octets *out)
{
	page_head(out, "kedge.conf", 5, "configuration of kedge");
	octets_printf(out,
	    ".SH DESCRIPTION\nLines of\n.IR key \" = \" value .\n"
	    "The keys are the long options of\n.BR kedge (1),\nwithout the "
	    "dashes; options without an argument take yes or no. An option "
	    "that\nmay repeat repeats its key. A list on the command line "
	    "replaces that of the file.\nLines that begin with # or ; are "
	    "comments; so is what follows a blank and ;\non a line. No line "
	    "may be longer than 198 octets.\n.PP\nWhat stands before the first "
	    "section, or in the section\n.BR [kedge] ,\nholds for every "
	    "command; a section with the name of a command, like\n"
	    ".BR [vrps] ,\nfor that command only. A key that does not exist "
	    "is an error.\n.SH EXAMPLE\n.nf\nrepository\\-dir = "
	    "/var/cache/kedge\nexceptions = /etc/kedge/local.slurm\n\n"
	    "[vrps]\noutput = csv=/var/lib/kedge/vrps.csv\noutput = "
	    "json=/var/lib/kedge/vrps.json\n.fi\n.SH SEE ALSO\n"
	    ".BR kedge (1)\n");
}

bool
manual_page(struct octets *out, const char *name)
{
	if (strcmp(name, "kedge") == 0) {
		page_kedge(out);
	} else if (strcmp(name, "kedge.conf") == 0) {
		page_conf(out);
	} else {
		return false;
	}
	return true;
}
