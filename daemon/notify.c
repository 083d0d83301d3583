/* SPDX-License-Identifier: BSD-2-Clause */
/* notify - see notify.h. */
#include "daemon/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/mem.h"

void
notify_status(const char *text)
{
	char line[256];

	snprintf(line, sizeof(line), "STATUS=%s", text);
	line[strcspn(line, "\r\n")] = '\0';
	(void)sd_notify(0, line);
}

void
notify_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void
notify_patience(void)
{
	(void)sd_notify(0, "EXTEND_TIMEOUT_USEC=60000000");
}

/* The manager wants to know when it began, by the clock that never goes back.
 */
void
notify_reloading(void)
{
	char line[128];

	snprintf(line, sizeof(line), "RELOADING=1\nMONOTONIC_USEC=%lld000",
	    (long long)clock_mono_ms());
	(void)sd_notify(0, line);
}

void
notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

int64_t
notify_watch_ms(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 1000) : 0;
}

void
notify_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

size_t
notify_sockets(struct notify_socket **sockets)
{
	char **names = NULL;
	int n = sd_listen_fds_with_names(1, &names);

	*sockets = NULL;
	if (n <= 0) {
		free(names);
		return 0;
	}
	*sockets = mem_zero((size_t)n, sizeof(**sockets));
	for (int i = 0; i < n; i++) {
		(*sockets)[i].fd = SD_LISTEN_FDS_START + i;
		(*sockets)[i].name = names[i];
	}
	free(names);
	return (size_t)n;
}
