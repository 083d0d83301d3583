/* SPDX-License-Identifier: BSD-2-Clause */
/* manual - see manual.h. */
#include "daemon/manual.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/help.h"
#include "daemon/value.h"
#include "output/format.h"

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
	octets_printf(out,
	    all->file != NULL ? "# Read: %s\n" : "# There is no %s\n",
	    all->file != NULL ? all->file : KEDGE_SYSCONFDIR "/kedge.conf");
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
page_option(struct octets *out, enum setting_id id)
{
	const struct setting_row *row = setting_row(id);

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
	help_default(out, id);
	octets_printf(out, "\n");
	if (!setting_allowed(id, COMMANDS)) {
		octets_printf(out, "Only for");
		for (size_t i = 0; i < COMMANDS; i++) {
			if (setting_allowed(id, (enum command)i)) {
				octets_printf(out, " %s",
				    setting_command((enum command)i));
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
		page_option(out, (enum setting_id)i);
	}
}

static void
page_formats(struct octets *out)
{
	octets_printf(out,
	    ".SH FORMATS\nFor\n.BR \\-\\-format \" and \" \\-\\-output ;\n"
	    "over HTTP\n.BI / NAME\ngives the same.\n");
	for (size_t i = 0; format_row(i) != NULL; i++) {
		octets_printf(out, ".TP\n.B ");
		troff(out, format_row(i)->name);
		octets_u8(out, '\n');
		troff(out, format_row(i)->help);
		octets_u8(out, '\n');
	}
}

/* What no table tells. */
static const char ends[] =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nAll is well.\n"
    ".TP\n.B 1\nAn error, told in one line on stderr or in the log; outputs "
    "were not touched.\nAlso when no trust anchor gave a set.\n"
    ".TP\n.B 2\nWith \\-\\-complete: outputs were written, but something "
    "could not be fetched.\n"
    ".TP\n.B 3\nFrom\n.BR \"kedge guard\" :\nthe collapse guard holds "
    "something.\n"
    ".PP\n.B kedge inspect\nends with 0 when every object is valid, with 1 "
    "when one is rejected, absent or\ncannot be read, and with 2 when nothing "
    "is wrong with any, but no manifest\nlists one, or its CA is not known.\n"
    ".B kedge validate\nends with 0 whatever the state of the routes is.\n"
    ".SH SIGNALS\n"
    "A server takes these; a single run ends at\n.B SIGINT\nand\n.B "
    "SIGTERM\nand leaves outputs as they were.\n"
    ".TP\n.BR SIGTERM \", \" SIGINT\nSay goodbye to routers and end, like\n"
    ".BR \"kedge stop\" .\n"
    ".TP\n.B SIGHUP\nRead the configuration and all files it names again, "
    "and open the log file\nanew, like\n.BR \"kedge reload\" .\nA file that "
    "is not good is told in the log and changes nothing.\n"
    ".TP\n.B SIGUSR1\nFetch and validate now, like\n.BR \"kedge run\" .\n"
    ".TP\n.B SIGUSR2\nOpen the log file anew, for log rotation.\n";

static const char places[] =
    ".TP\n/var/cache/kedge\nThe cache, when run by root; otherwise kedge below"
    "\n.BR $XDG_CACHE_HOME \", or ~/.cache.\"\nIt may be removed while nothing "
    "runs: it is fetched again.\n"
    ".TP\n/var/lib/kedge\nThe state of a server, when run by root; otherwise "
    "kedge below\n.BR $XDG_STATE_HOME \", or ~/.local/state.\"\nHere are the "
    "sockets by which\n.B kedge status\nand its like find the server.\n"
    ".SH ENVIRONMENT\n.TP\n.B KEDGE_ENGINE_PATH\nThe engine to start, an "
    "absolute path, in place of the one that was installed.\n"
    ".TP\n.BR http_proxy \" and its like\"\nAre not looked at: say\n"
    ".BR \\-\\-rrdp\\-proxy .\nWhat rsync fetches goes through no proxy.\n"
    ".SH EXAMPLES\n"
    "Serve routers and, on this machine, HTTP:\n.PP\n.nf\n.RS\n"
    "kedge server \\-\\-rtr 192.0.2.1:323 \\-\\-http 127.0.0.1:8323\n.RE\n"
    ".fi\n.PP\nWrite files from cron; they are replaced only after a whole "
    "run:\n.PP\n.nf\n.RS\nkedge vrps \\-q \\-\\-complete "
    "\\-o json=/srv/vrps.json \\-o openbgpd=/srv/roas.conf\n.RE\n.fi\n"
    ".PP\nSay what a route is, and why:\n.PP\n.nf\n.RS\n"
    "kedge validate \\-n \\-a AS64496 \\-p 192.0.2.0/24\n"
    "kedge explain 192.0.2.0/24 AS64496\n.RE\n.fi\n"
    ".PP\nCheck a configuration before it is used, and see what the server "
    "would do:\n.PP\n.nf\n.RS\nkedge \\-c new.conf config server\n.RE\n"
    ".fi\n"
    ".SH SEE ALSO\n.BR kedge.conf (5)\n";

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
		const struct setting_about *about =
		    setting_about((enum command)i);

		octets_printf(out, ".TP\n.B %s%s", about->name,
		    about->arguments[0] != '\0' ? " " : "");
		troff(out, about->arguments);
		octets_printf(out, "\n%s\n", about->summary);
	}
	octets_printf(out,
	    ".SH OPTIONS\nOptions for every command may also stand before "
	    "it. Where SECONDS are wanted,\n30s, 10m, 2h or 7d may be said; "
	    "where OCTETS are, 64K, 8M, 2G or 1T.\n");
	page_options(out);
	page_formats(out);
	octets_printf(out, "%s.SH FILES\n.TP\n%s/kedge.conf\n", ends,
	    KEDGE_SYSCONFDIR);
	octets_printf(out, "The configuration, see\n.BR kedge.conf (5).\n%s",
	    places);
}

static const char conf[] =
    ".SH DESCRIPTION\nLines of\n.IR key \" = \" value .\n"
    "The keys are the long options of\n.BR kedge (1),\nwithout the "
    "dashes; options without an argument take yes or no. An option "
    "that\nmay repeat repeats its key. A list on the command line "
    "replaces that of the file.\nLines that begin with # or ; are "
    "comments; so is what follows a blank and ;\non a line. Values stand "
    "without quotes. No line may be longer than 198\noctets.\n.PP\nWhat stands before the first "
    "section, or in the section\n.BR [kedge] ,\nholds for every "
    "command; a section with the name of a command, like\n"
    ".B [server]\nor\n.BR [vrps] ,\nfor that command only. What is wrong "
    "anywhere in the file is an error, told with\nits line: a key that "
    "does not exist, a key in a section whose command does not\ntake it, a "
    "value that is none, a key set twice that is no list.\n"
    ".B kedge config COMMAND\nprints what is in effect for a command.\n"
    ".SH EXAMPLE\n.nf\nrepository\\-dir = "
    "/var/cache/kedge\nexceptions = /etc/kedge/local.slurm\n\n"
    "[server]\nrtr = 192.0.2.1:323\nrtr = [2001:db8::1]:323\n"
    "http = 127.0.0.1:8323\n\n"
    "[vrps]\noutput = csv=/var/lib/kedge/vrps.csv\noutput = "
    "json=/var/lib/kedge/vrps.json\n.fi\n.SH SEE ALSO\n"
    ".BR kedge (1)\n";

static void
page_conf(struct octets *out)
{
	page_head(out, "kedge.conf", 5, "configuration of kedge");
	octets_printf(out, "%s", conf);
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
