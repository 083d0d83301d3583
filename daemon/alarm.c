/* SPDX-License-Identifier: BSD-2-Clause */
/* alarm - see alarm.h. */
#include "daemon/alarm.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/mem.h"

struct alarm {
	struct event *timer;
	bool *mark;
	void (*ring)(void *arg);
	void *arg;
};

static void
on_time(evutil_socket_t fd, short what, void *arg)
{
	const struct alarm *alarm = arg;

	(void)fd;
	(void)what;
	if (alarm->mark != NULL) {
		*alarm->mark = true;
	}
	alarm->ring(alarm->arg);
}

struct alarm *
alarm_new(struct event_base *base, bool *mark, void (*ring)(void *arg),
    void *arg)
{
	struct alarm *alarm = mem_zero(1, sizeof(*alarm));

	alarm->timer = evtimer_new(base, on_time, alarm);
	alarm->mark = mark;
	alarm->ring = ring;
	alarm->arg = arg;
	return alarm;
}

void
alarm_free(struct alarm *alarm)
{
	if (alarm != NULL) {
		event_free(alarm->timer);
		free(alarm);
	}
}

void
alarm_set(struct alarm *alarm, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	(void)event_add(alarm->timer, &tv);
}

void
alarm_soon(struct alarm *alarm)
{
	event_active(alarm->timer, EV_TIMEOUT, 0);
}

void
alarm_off(struct alarm *alarm)
{
	event_del(alarm->timer);
}

bool
alarm_pending(const struct alarm *alarm)
{
	return event_pending(alarm->timer, EV_TIMEOUT, NULL) != 0;
}
