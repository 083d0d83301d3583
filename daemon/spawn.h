/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spawn - start the engine's program: a process group of its own, the socket
 * as descriptor 3, nothing of ours but what it needs, and never outliving us.
 */
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/octets.h"

enum {
	SPAWN_FD = 3,        /* where the engine finds us */
	SPAWN_NO_EXEC = 127, /* exit code when it could not be executed */
};

struct spawned {
	pid_t pid;
	int fd;    /* our end of the socket */
	int words; /* what it says on its standard error: words.h */
};

/* 0 or -errno. The child gets `mask` as its signal mask. */
int spawn_engine(struct spawned *child, const char *path, const sigset_t *mask,
    struct arena *arena);

/* What the kernel's status says of an engine that left without a word, and the
 * last line of its standard error; "" for none. */
void spawn_death(struct octets *out, const char *path, int status,
    const char *words);
