/* SPDX-License-Identifier: BSD-2-Clause */
/* advice - see advice.h. */
#include "daemon/advice.h"

#include <string.h>

void
advice_commands(enum setting_id id, struct octets *why)
{
	const char *between = "";

	for (size_t i = 0; i < COMMANDS; i++) {
		if (setting_allowed(id, (enum command)i)) {
			octets_printf(why, "%s `kedge %s`", between,
			    setting_command((enum command)i));
			between = ",";
		}
	}
}

static void
say_ours(enum setting_id id, enum advice_place place, struct octets *why)
{
	const struct setting_row *row = setting_row(id);

	if (place == ADVICE_FILE) {
		octets_printf(why, "; say %s = %s", row->name,
		    row->argument == NULL ? "yes" : row->argument);
	} else {
		octets_printf(why, "; say --%s%s%s", row->name,
		    row->argument == NULL ? "" : " ",
		    row->argument == NULL ? "" : row->argument);
	}
}

/* Their name, or the beginning of several. */
static bool
fits(const char *theirs, const char *name)
{
	size_t len = strlen(theirs);

	return theirs[len - 1] == '*' ? strncmp(theirs, name, len - 1) == 0
				      : strcmp(theirs, name) == 0;
}

bool
advice_foreign(const char *name, enum advice_place place, struct octets *why)
{
	static const struct {
		const char *name;
		enum setting_id ours; /* where there is no answer */
		const char *answer;
	} foreign[] = {
#define RENAMED(theirs, id)   { theirs, SET_##id, NULL },
#define FOREIGN(theirs, here) { theirs, SETTINGS, here },
#include "daemon/foreign.def"
#undef RENAMED
#undef FOREIGN
	};
	size_t count = sizeof(foreign) / sizeof(foreign[0]);
	size_t i = 0;

	while (i < count && !fits(foreign[i].name, name)) {
		i++;
	}
	if (i < count && foreign[i].answer != NULL) {
		octets_printf(why, "; %s", foreign[i].answer);
	} else if (i < count) {
		say_ours(foreign[i].ours, place, why);
	}
	return i < count;
}

void
advice_elsewhere(enum setting_id id, enum command command, struct octets *why)
{
	octets_printf(why, "--%s %s", setting_row(id)->name,
	    command == COMMANDS ? "belongs behind its command:"
				: "is not for this command, but for");
	advice_commands(id, why);
}
