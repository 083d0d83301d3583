/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox - give up everything a process does not need (Landlock, seccomp,
 * resource limits, no_new_privs). Each step is best effort by kernel: what
 * could not be had is reported, not silently skipped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum sandbox_role {
	SANDBOX_ENGINE,   /* network out, cache read and write, no exec */
	SANDBOX_JUDGE,    /* the same without any network */
	SANDBOX_LAUNCHER, /* may execute rsync, nothing else */
	SANDBOX_SERVER,   /* listens, writes its state, no exec */
};

struct sandbox_path {
	const char *path;
	bool write;
	bool execute;
};

struct sandbox {
	enum sandbox_role role;
	const struct sandbox_path *paths; /* all that may be touched */
	size_t path_count;
	uint64_t data_octets; /* RLIMIT_DATA; 0: as it is */
	unsigned files;       /* RLIMIT_NOFILE; 0: as it is */
	pid_t child;          /* the one process it may send signals; 0: none */
};

/* What holds now, as bits. */
enum {
	SANDBOX_NO_NEW_PRIVS = 1,
	SANDBOX_LANDLOCK_FILES = 2,
	SANDBOX_LANDLOCK_NETWORK = 4,
	SANDBOX_SECCOMP = 8,
	SANDBOX_LIMITS = 16,
	/* Not on every machine can seccomp see the arguments, and so hold */
	SANDBOX_SOCKETS = 32, /* which kinds of sockets there are, */
	SANDBOX_MEMORY = 64,  /* and that none is mapped to be executed. */
};

/* Confine this process for good; returns the bits that hold. */
unsigned sandbox_enter(const struct sandbox *sandbox);

/* A further Landlock layer before exec of rsync: may write `dir` only. */
unsigned sandbox_enter_child(const char *dir, const char *program);
