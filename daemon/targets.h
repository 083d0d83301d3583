/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * targets - the files that --output asks for: several formats of one set, all
 * written aside before the first takes its place.
 */
#pragma once

#include "base/log.h"
#include "daemon/setting.h"
#include "output/format.h"

struct target;

struct targets {
	size_t count;
	struct target *at;
	bool hasty; /* wait for no reader: for a server */
};

/*
 * What the settings name; where they name nothing, `otherwise` in the format
 * of --format, or no file at all when that is NULL. Everything lands in the
 * arena of the settings. False, with *why, when one is not good.
 */
bool targets_read(struct targets *targets, const struct settings *all,
    const char *otherwise, struct octets *why);

/* The selection that the settings ask for. */
void targets_filter(struct filter *filter, const struct settings *all);

/* The folders that are written to: the n-th, or NULL; in the arena. */
const char *targets_folder(const struct targets *targets, size_t n,
    struct arena *arena);

/* Could the n-th be written now? Nothing is changed. 0 or -errno. */
int targets_try(const struct targets *targets, size_t n);
/* All of them? False: *why says which not, and why. */
bool targets_can(const struct targets *targets, const struct settings *all,
    struct octets *why);

/* False, logged, when one could not be written: then none was replaced. */
bool targets_write(const struct targets *targets,
    const struct format_input *input, struct log *log);
