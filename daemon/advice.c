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

bool
advice_foreign(const char *name, struct octets *why)
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

void
advice_elsewhere(enum setting_id id, enum command command, struct octets *why)
{
	octets_printf(why, "--%s %s", setting_row(id)->name,
	    command == COMMANDS ? "belongs behind its command:"
				: "is not for this command, but for");
	advice_commands(id, why);
}
