/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leash - the launcher's process: children held to their orders.
 *
 * One thread, one loop. Each order comes with a descriptor of its own; the
 * answer goes back there, and whoever closes the other end has given up.
 * launcher.h is how the engine speaks to it.
 */
#pragma once

struct leash {
	int orders;          /* SOCK_SEQPACKET from the engine */
	const char *program; /* absolute */
	const char *below;   /* all destinations are below it */
	unsigned children;
};

/* Serve until the engine's end closes; then every child is killed. */
void leash_run(const struct leash *leash);
