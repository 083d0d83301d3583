/* SPDX-License-Identifier: BSD-2-Clause */
/* control - see control.h. */
#include "daemon/control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/porch.h"

enum {
	ASKERS = 16,        /* at once; the next wait */
	LINE_OCTETS = 4096, /* of a request */
	STALL_SECONDS = 10,
	PATIENCE_SECONDS = 30, /* of a command */
};

struct asker {
	struct asker *next, *prev;
	struct control *control;
	struct bufferevent *event;
	bool answered;
};

struct control {
	struct event_base *base;
	struct porch *porch;
	control_answer *answer;
	void *arg;
	struct asker *askers;
	unsigned count;
};

const char *
control_path(const char *state, struct arena *arena)
{
	return arena_printf(arena, "%s/control", state);
}

static bool
address_of(struct sockaddr_un *address, const char *path)
{
	size_t n = strlen(path);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n >= sizeof(address->sun_path)) {
		return false;
	}
	memcpy(address->sun_path, path, n + 1);
	return true;
}

int
control_bind(const char *path)
{
	struct sockaddr_un address;
	mode_t mask;
	int fd, rc;

	if (!address_of(&address, path)) {
		return -ENAMETOOLONG;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -errno;
	}
	(void)unlink(path);
	mask = umask(0177);
	rc = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (rc != 0 || listen(fd, ASKERS) != 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

/* --- the server's side */

static void
asker_free(struct asker *asker)
{
	struct control *control = asker->control;

	if (asker->prev != NULL) {
		asker->prev->next = asker->next;
	} else {
		control->askers = asker->next;
	}
	if (asker->next != NULL) {
		asker->next->prev = asker->prev;
	}
	control->count--;
	porch_set(control->porch, PORCH_OPEN);
	bufferevent_free(asker->event);
	free(asker);
}

static void
reply(struct asker *asker, const char *line)
{
	struct control *control = asker->control;
	struct octets text = { 0 };
	bool ok = control->answer(control->arg, line, &text);
	const char *word = ok ? "ok\n" : "no\n";

	(void)bufferevent_write(asker->event, word, strlen(word));
	if (text.len > 0) {
		(void)bufferevent_write(asker->event, text.at, text.len);
	}
	octets_clear(&text);
	asker->answered = true;
}

static void
on_read(struct bufferevent *event, void *arg)
{
	struct asker *asker = arg;
	struct evbuffer *in = bufferevent_get_input(event);
	char *line;
	size_t len;

	if (asker->answered) {
		(void)evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);
	if (line != NULL && strlen(line) == len) {
		reply(asker, line);
		free(line);
	} else if (line != NULL || evbuffer_get_length(in) >= LINE_OCTETS) {
		free(line);
		asker_free(asker);
	}
}

static void
on_written(struct bufferevent *event, void *arg)
{
	struct asker *asker = arg;

	(void)event;
	if (asker->answered) {
		asker_free(asker);
	}
}

static void
on_end(struct bufferevent *event, short what, void *arg)
{
	(void)event;
	(void)what;
	asker_free(arg);
}

static void
on_come(void *arg, int fd, const char *address)
{
	struct timeval stall = { .tv_sec = STALL_SECONDS };
	struct control *control = arg;
	struct asker *asker = mem_zero(1, sizeof(*asker));

	(void)address;
	asker->control = control;
	asker->event =
	    bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	asker->next = control->askers;
	if (asker->next != NULL) {
		asker->next->prev = asker;
	}
	control->askers = asker;
	if (++control->count >= ASKERS) {
		porch_set(control->porch, PORCH_SHUT);
	}
	bufferevent_setcb(asker->event, on_read, on_written, on_end, asker);
	bufferevent_setwatermark(asker->event, EV_READ, 0, LINE_OCTETS);
	bufferevent_set_timeouts(asker->event, &stall, &stall);
	(void)bufferevent_enable(asker->event, EV_READ | EV_WRITE);
}

struct control *
control_new(struct event_base *base, struct log *log, int fd,
    control_answer *answer, void *arg)
{
	struct control *control = mem_zero(1, sizeof(*control));
	const struct porch_host host = {
		.base = base,
		.log = log,
		.what = "control",
		.backlog = -1,
		.come = on_come,
		.arg = control,
	};

	control->base = base;
	control->answer = answer;
	control->arg = arg;
	control->porch = porch_new(&host, fd);
	return control;
}

void
control_free(struct control *control)
{
	if (control == NULL) {
		return;
	}
	while (control->askers != NULL) {
		asker_free(control->askers);
	}
	porch_free(control->porch);
	free(control);
}

bool
control_idle(const struct control *control)
{
	return control->askers == NULL;
}

/* --- a command's side */

static bool
no(struct octets *out, const char *path, const char *why)
{
	octets_reset(out);
	octets_printf(out, "%s: %s", path, why);
	return false;
}

static bool
say_line(int fd, const char *line)
{
	struct octets o = { 0 };
	bool good;

	octets_printf(&o, "%s\n", line);
	good = send(fd, o.at, o.len, MSG_NOSIGNAL) == (ssize_t)o.len;
	octets_clear(&o);
	return good;
}

/* All there is, to the end of the stream. */
static int
hear_all(int fd, struct octets *out)
{
	uint8_t part[16384];
	ssize_t n;

	while ((n = recv(fd, part, sizeof(part), 0)) != 0) {
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		octets_add(out, part, (size_t)n);
	}
	return 0;
}

static bool
take_answer(const char *path, struct octets *out)
{
	bool ok;

	if (out->len < 3) {
		return no(out, path, "the server gave no answer");
	}
	ok = memcmp(out->at, "ok\n", 3) == 0;
	memmove(out->at, out->at + 3, out->len - 3);
	out->len -= 3;
	return ok;
}

bool
control_talk(const char *path, const char *line, struct octets *out)
{
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	struct sockaddr_un address;
	bool good = false;
	int fd, rc;

	if (!address_of(&address, path)) {
		return no(out, path, strerror(ENAMETOOLONG));
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return no(out, path, strerror(errno));
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
	    0) {
		(void)no(out, path,
		    errno == ENOENT || errno == ECONNREFUSED
			? "no server is running with this state folder; "
			  "start one (kedge server), or name its folder "
			  "with --state-dir"
		    : errno == EACCES
			? "Permission denied; be root, or the user that "
			  "the server runs as"
			: strerror(errno));
	} else if (!say_line(fd, line)) {
		(void)no(out, path, strerror(errno));
	} else {
		rc = hear_all(fd, out);
		good = rc == 0;
		if (!good) {
			(void)no(out, path,
			    rc == -EAGAIN ? "the server does not answer"
					  : strerror(-rc));
		}
	}
	close(fd);
	return good;
}

bool
control_ask(const char *path, const char *line, struct octets *out)
{
	return control_talk(path, line, out) && take_answer(path, out);
}
