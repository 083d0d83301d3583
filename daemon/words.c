/* SPDX-License-Identifier: BSD-2-Clause */
/* words - see words.h. */
#include "daemon/words.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { PART = 1024 }; /* a pipe that can be written to has room for it */

void
words_init(struct words *words, int fd)
{
	*words = (struct words){ .fd = fd };
}

void
words_clear(struct words *words)
{
	if (words->fd >= 0) {
		close(words->fd);
		words->fd = -1;
	}
}

/* Who reads our own does not make us wait. */
static void
pass_on(const char *part, size_t len)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&room, 1, 0) == 1 && room.revents == POLLOUT) {
		(void)!write(STDERR_FILENO, part, len);
	}
}

static void
take(struct words *words, char octet)
{
	if (octet == '\n') {
		words->ended = true;
		return;
	}
	if (words->ended) {
		words->len = 0;
		words->ended = false;
	}
	if (words->len < WORDS_LINE - 1) {
		words->line[words->len++] = octet == '\0' ? ' ' : octet;
		words->line[words->len] = '\0';
	}
}

bool
words_hear(struct words *words)
{
	char part[PART];
	ssize_t n;

	if (words->fd < 0) {
		return false;
	}
	n = read(words->fd, part, sizeof(part));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		words_clear(words);
	}
	if (n <= 0) {
		return false;
	}
	pass_on(part, (size_t)n);
	for (ssize_t i = 0; i < n; i++) {
		take(words, part[i]);
	}
	return true;
}
