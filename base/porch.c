/* SPDX-License-Identifier: BSD-2-Clause */
/* porch - see porch.h. */
#include "base/porch.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/mem.h"

enum {
	PAUSE_SECONDS = 1,
	TOLD_MS = 60000, /* how often it is said that nobody gets in */
};

struct porch {
	struct porch_host host;
	struct evconnlistener *event;
	struct event *resume; /* after the process ran out of descriptors */
	enum porch_door door;
	int64_t told_ms; /* that nobody gets in; 0: never */
};

static void
on_accept(struct evconnlistener *event, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct porch *porch = arg;
	char address[IP_TEXT] = { 0 };

	(void)event;
	(void)len;
	ip_socket_text(sa, address);
	porch->host.come(porch->host.arg, fd, address);
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct porch *porch = arg;

	(void)fd;
	(void)what;
	if (porch->door == PORCH_OPEN) {
		(void)evconnlistener_enable(porch->event);
	}
}

static void
on_error(struct evconnlistener *event, void *arg)
{
	struct porch *porch = arg;
	struct timeval pause = { .tv_sec = PAUSE_SECONDS };
	int error = EVUTIL_SOCKET_ERROR();
	int64_t now = clock_mono_ms();

	if (porch->told_ms == 0 || now - porch->told_ms >= TOLD_MS) {
		porch->told_ms = now;
		log_warn(porch->host.log,
		    "%s: cannot accept a connection: %s; trying again%s",
		    porch->host.what, strerror(error),
		    error == EMFILE || error == ENFILE
			? " (raise LimitNOFILE=, or ulimit -n)"
			: "");
	}
	(void)evconnlistener_disable(event);
	(void)event_add(porch->resume, &pause);
}

struct porch *
porch_new(const struct porch_host *host, int fd)
{
	struct porch *porch = mem_zero(1, sizeof(*porch));

	porch->host = *host;
	porch->door = PORCH_OPEN;
	(void)evutil_make_socket_nonblocking(fd);
	porch->event = evconnlistener_new(host->base, on_accept, porch,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, host->backlog, fd);
	if (porch->event == NULL) {
		free(porch);
		return NULL;
	}
	porch->resume = evtimer_new(host->base, on_resume, porch);
	evconnlistener_set_error_cb(porch->event, on_error);
	return porch;
}

void
porch_free(struct porch *porch)
{
	if (porch != NULL) {
		event_free(porch->resume);
		evconnlistener_free(porch->event);
		free(porch);
	}
}

void
porch_set(struct porch *porch, enum porch_door door)
{
	porch->door = door;
	if (door == PORCH_SHUT) {
		(void)evconnlistener_disable(porch->event);
	} else if (!event_pending(porch->resume, EV_TIMEOUT, NULL)) {
		(void)evconnlistener_enable(porch->event);
	}
}

int
porch_fd(const struct porch *porch)
{
	return evconnlistener_get_fd(porch->event);
}
