/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * corpus - where files that others test with are, if they are at hand: in
 * KEDGE_CORPUS, or in shared/corpus beside the source. They stay outside of the
 * project.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Its folder; false, and a word about it, where there is none. */
static inline bool
corpus_find(char *out, size_t size)
{
	const char *given = getenv("KEDGE_CORPUS");
	const char *source = getenv("KEDGE_SRC");

	if (given != NULL) {
		snprintf(out, size, "%s", given);
	} else {
		snprintf(out, size, "%s/../shared/corpus",
		    source == NULL ? "." : source);
	}
	if (access(out, R_OK) != 0) {
		printf("# no corpus (KEDGE_CORPUS): passed over\n");
		return false;
	}
	return true;
}
