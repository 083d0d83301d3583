/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify - what the service manager is told, and which sockets it gave us.
 *
 * The door to libsystemd; without that library, or without such a manager,
 * nothing is told and nothing was given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line of what goes on. Lines end at a control character. */
void notify_status(const char *text);
void notify_ready(void);
/* It takes longer, but goes on: to be said every few seconds. */
void notify_patience(void);
void notify_reloading(void);
void notify_stopping(void);

/* How often it must hear from us, in ms; 0: it does not watch. */
int64_t notify_watch_ms(void);
void notify_alive(void);

/*
 * Sockets that were opened for us, and the names their units give them. How
 * many; the array and the names are the caller's to free. They are taken out of
 * the environment.
 */
struct notify_socket {
	int fd;
	char *name;
};
size_t notify_sockets(struct notify_socket **sockets);
