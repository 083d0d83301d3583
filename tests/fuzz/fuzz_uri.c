/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_uri - what uri_read() lets through is in its one spelling and safe. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool held)
{
	if (!held) {
		abort();
	}
}

static void
check_text(const struct uri *uri)
{
	size_t len = strlen(uri->text), path = strcspn(uri->text, "?");
	const char *up = strstr(uri->text, "/../");

	demand(len <= LIMIT_URI && (up == NULL || up > uri->text + path));
	demand(strpbrk(uri->text, "\\# \"<>") == NULL);
	demand(path == len || uri->scheme == URI_HTTPS);
	for (size_t i = 0; i < len; i++) {
		demand(uri->text[i] > 0x20 && uri->text[i] < 0x7f);
		demand(uri->text[i] != '%' ||
		       (len - i > 2 && uri->text[i + 1] >= '2'));
	}
	demand(uri->directory == (uri->text[path - 1] == '/'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct uri uri, again;

	if (uri_read(&uri, bytes_of(data, size), arena) == FAULT_NONE) {
		check_text(&uri);
		/* Reading what came out changes nothing. */
		demand(uri_read(&again, bytes_of(uri.text, strlen(uri.text)),
			   arena) == FAULT_NONE);
		demand(strcmp(uri.text, again.text) == 0);
		demand(uri_same_origin(&uri, &again));
		demand(uri_dubious(&uri) == uri_dubious(&again));
		if (uri.scheme == URI_RSYNC) {
			demand(strlen(uri_module(uri.text, arena)) <=
			       strlen(uri.text) + 1);
		}
	}
	arena_free(arena);
	return 0;
}
