/* SPDX-License-Identifier: BSD-2-Clause */
/* local - see local.h. */
#include "daemon/local.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/control.h"

const char *
local_path(const char *state, struct arena *arena)
{
	return arena_printf(arena, "%s/http", state);
}

void
local_escape(struct octets *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~:/", c) != NULL) {
			octets_u8(out, c);
		} else {
			octets_printf(out, "%%%02X", c);
		}
	}
}

/* The line for people out of what is meant for programs. */
static void
unwrap(struct octets *out)
{
	json_t *answer = json_loadb((const char *)out->at, out->len, 0, NULL);
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (error != NULL) {
		octets_reset(out);
		octets_printf(out, "%s", error);
	}
	json_decref(answer);
}

/* The body follows the first empty line; HTTP/1.0 ends it by closing. */
static bool
take_body(struct octets *out)
{
	static const char end[] = "\r\n\r\n";
	uint8_t *body = memmem(out->at, out->len, end, 4);
	bool good;

	if (out->len < 12 || memcmp(out->at, "HTTP/1.", 7) != 0 ||
	    body == NULL) {
		octets_reset(out);
		octets_printf(out, "the server gave no answer");
		return false;
	}
	good = memcmp(out->at + 9, "200", 3) == 0;
	body += 4;
	out->len -= (size_t)(body - out->at);
	memmove(out->at, body, out->len);
	while (!good && out->len > 0 && out->at[out->len - 1] == '\n') {
		out->len--;
	}
	if (!good) {
		unwrap(out);
	}
	return good;
}

bool
local_get(const char *socket, const char *path, struct octets *out)
{
	struct octets line = { 0 };
	bool good;

	octets_printf(&line,
	    "GET %s HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r",
	    path);
	octets_u8(&line, 0);
	good = control_talk(socket, (const char *)line.at, out);
	octets_clear(&line);
	return good && take_body(out);
}
