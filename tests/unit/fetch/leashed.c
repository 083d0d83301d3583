/* SPDX-License-Identifier: BSD-2-Clause */
/* leashed - see leashed.h. */
#include "leashed.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

const char *
leashed_path(const struct leashed *l, const char *name, char out[256])
{
	snprintf(out, 256, "%s/%s", l->top, name);
	return out;
}

void
leashed_write(const char *path, const char *text, size_t times)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (size_t i = 0; i < times; i++) {
		fputs(text, f);
	}
	assert_int_equal(0, fclose(f));
}

void
leashed_make(struct leashed *l, const char *script, unsigned children)
{
	struct launcher_config config = { .children = children };
	char path[256];

	snprintf(l->top, sizeof(l->top), "/tmp/kedge-leashed-XXXXXX");
	assert_non_null(mkdtemp(l->top));
	snprintf(l->dir, sizeof(l->dir), "%s/rsync", l->top);
	snprintf(l->folder, sizeof(l->folder), "%s/0", l->dir);
	assert_int_equal(0, mkdir(l->dir, 0700));
	assert_int_equal(0, mkdir(l->folder, 0700));
	config.program = "rsync";
	if (script != NULL) {
		config.program = leashed_path(l, "program", path);
		leashed_write(path, "#!/bin/sh\n", 1);
		FILE *f = fopen(path, "a");

		assert_non_null(f);
		fputs(script, f);
		assert_int_equal(0, fclose(f));
		assert_int_equal(0, chmod(path, 0755));
	}
	config.rsync_dir = l->dir;
	assert_int_equal(0, launcher_start(&l->launcher, &config));
}

static int
drop(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	(void)remove(path);
	return 0;
}

void
leashed_remove(struct leashed *l)
{
	launcher_stop(l->launcher);
	assert_int_equal(0, nftw(l->top, drop, 16, FTW_DEPTH | FTW_PHYS));
}

long
leashed_number(const struct leashed *l, const char *name)
{
	int64_t until = clock_mono_ms() + 5000;
	char path[256];
	long number = 0;

	snprintf(path, sizeof(path), "%s/%s", l->folder, name);
	while (number == 0 && clock_mono_ms() < until) {
		FILE *f = fopen(path, "r");
		char line[32] = "";

		if (f != NULL) {
			if (fgets(line, sizeof(line), f) != NULL &&
			    strchr(line, '\n') != NULL) {
				number = strtol(line, NULL, 10);
			}
			fclose(f);
		}
		clock_sleep_ms(10);
	}
	assert_true(number > 0);
	return number;
}

/* A zombie that nobody has collected yet counts as gone. */
static bool
zombie(long pid)
{
	char path[64], line[256] = "";
	const char *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f != NULL) {
		(void)!fgets(line, sizeof(line), f);
		fclose(f);
	}
	end = strrchr(line, ')');
	return end == NULL || strncmp(end, ") Z", 3) == 0;
}

bool
leashed_gone(long pid)
{
	int64_t until = clock_mono_ms() + 5000;

	while (clock_mono_ms() < until) {
		if ((kill((pid_t)pid, 0) != 0 && errno == ESRCH) ||
		    zombie(pid)) {
			return true;
		}
		clock_sleep_ms(10);
	}
	return false;
}
