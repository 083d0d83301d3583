/* SPDX-License-Identifier: BSD-2-Clause */
/* notify_none - notify.h where there is no libsystemd. */
#include "daemon/notify.h"

void
notify_status(const char *text)
{
	(void)text;
}

void
notify_ready(void)
{
}

void
notify_patience(void)
{
}

void
notify_reloading(void)
{
}

void
notify_stopping(void)
{
}

int64_t
notify_watch_ms(void)
{
	return 0;
}

void
notify_alive(void)
{
}

size_t
notify_sockets(struct notify_socket **sockets)
{
	*sockets = NULL;
	return 0;
}
