/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject - in the engine's place of base/inject.c: KEDGE_INJECT=HOW:TEXT makes
 * the engine crash, abort, hang, balloon or dawdle at each URI that holds the
 * text.
 */
#include "base/inject.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { DAWDLE = 3 }; /* seconds */

static void
balloon(void)
{
	for (;;) {
		memset(mem_zero(1, 1 << 24), 1, 1 << 24);
	}
}

void
inject_at(const char *uri)
{
	const char *what = getenv("KEDGE_INJECT");
	const char *text = what != NULL ? strchr(what, ':') : NULL;

	if (text == NULL || strstr(uri, text + 1) == NULL) {
		return;
	}
	switch (what[0]) {
	case 'c':
		(void)raise(SIGSEGV);
		break;
	case 'a':
		abort();
	case 'h':
		for (;;) {
			pause();
		}
	case 'b':
		balloon();
		break;
	case 'd':
		(void)sleep(DAWDLE);
		break;
	}
}
