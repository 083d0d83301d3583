/* SPDX-License-Identifier: BSD-2-Clause */
/* progress - see progress.h. */
#include "daemon/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { PAINT_MS = 200, WIDTH = 80, WIDTH_MOST = 512 };

void
progress_begin(struct progress *progress, int fd, enum progress_wish wish)
{
	const char *term = getenv("TERM");

	*progress =
	    (struct progress){ .fd = fd, .started_ms = clock_mono_ms() };
	progress->on = wish == PROGRESS_IF_TERMINAL && isatty(fd) == 1 &&
		       (term == NULL || strcmp(term, "dumb") != 0);
}

static size_t
columns(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) {
		return WIDTH;
	}
	return size.ws_col < WIDTH_MOST ? size.ws_col : WIDTH_MOST;
}

/* At most `width` columns. */
static void
put_line(struct octets *out, const struct progress *progress, int64_t now_ms,
    size_t width)
{
	const struct wire_progress *p = &progress->last;
	long long seconds = (now_ms - progress->started_ms) / 1000;
	size_t before = out->len;

	octets_printf(out,
	    "%lld:%02lld repositories %u/%u, points %u/%u, VRPs %u",
	    seconds / 60, seconds % 60, p->repositories_done, p->repositories,
	    p->points_done, p->points, p->vrps);
	if (p->octets > 0) {
		octets_printf(out, ", %.1f MB", (double)p->octets / 1e6);
	}
	if (p->fetch_count > 0) {
		octets_printf(out, ", ");
		text_escape(out, text_bytes(p->fetches[0].uri));
	}
	/* The last column stays free: some terminals wrap there. */
	if (out->len - before >= width) {
		out->len = before + width - 1;
	}
}

/* A terminal that does not listen loses a line, no more. */
static void
put(int fd, const struct octets *line)
{
	ssize_t n = write(fd, line->at, line->len);

	(void)n;
}

static void
paint(struct progress *progress, int64_t now)
{
	struct octets line = { 0 };

	octets_printf(&line, "\r");
	put_line(&line, progress, now, columns(progress->fd));
	octets_printf(&line, "\033[K");
	put(progress->fd, &line);
	octets_clear(&line);
	progress->painted = true;
	progress->shown_ms = now;
}

void
progress_note(struct progress *progress, const struct wire_progress *news)
{
	int64_t now = clock_mono_ms();

	if (!progress->on) {
		return;
	}
	if (news != NULL) {
		progress->last = *news;
	}
	if (!progress->painted || now - progress->shown_ms >= PAINT_MS) {
		paint(progress, now);
	}
}

void
progress_wipe(struct progress *progress)
{
	struct octets line = { 0 };

	if (progress->painted) {
		octets_printf(&line, "\r\033[K");
		put(progress->fd, &line);
		octets_clear(&line);
		progress->painted = false;
	}
}
