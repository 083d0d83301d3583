/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest - see nearest.h. */
#include "daemon/nearest.h"

#include <string.h>

#include "base/text.h"

/* So many edits may lie between: one in three letters, at least two. */
static unsigned
tolerance(size_t len)
{
	return len < 6 ? 2 : (unsigned)(len > 30 ? 10 : len / 3);
}

struct nearest
nearest_start(const char *given)
{
	struct nearest near = { .given = given };
	size_t len = strlen(given);

	near.best = len >= NEAREST_WORD ? 0 : tolerance(len) + 1;
	return near;
}

void
nearest_offer(struct nearest *near, struct bytes word)
{
	char copy[NEAREST_WORD];
	size_t len = strlen(near->given);
	unsigned d;

	if (near->best == 0 || word.len >= sizeof(copy)) {
		return;
	}
	memcpy(copy, word.at, word.len);
	copy[word.len] = '\0';
	d = len >= 2 && strncmp(near->given, copy, len) == 0
		? 0
		: text_distance(near->given, copy);
	if (d < near->best && d < word.len) {
		near->best = d;
		memcpy(near->word, copy, word.len + 1);
	}
}

void
nearest_say(const struct nearest *near, struct octets *out)
{
	if (near->word[0] != '\0') {
		octets_printf(out, "; did you mean %s?", near->word);
	}
}
