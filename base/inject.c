/* SPDX-License-Identifier: BSD-2-Clause */
/* inject - see inject.h. */
#include "base/inject.h"

void
inject_at(const char *uri)
{
	(void)uri;
}
