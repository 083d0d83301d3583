/* SPDX-License-Identifier: BSD-2-Clause */
/* regret - see regret.h. */
#include "validator/regret.h"

#include <stdarg.h>
#include <stdio.h>

int
regret_say(struct regret *regret, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(regret->text, sizeof(regret->text), format, ap);
	va_end(ap);
	return 1;
}
