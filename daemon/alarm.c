/* SPDX-License-Identifier: BSD-2-Clause */
/* alarm - see alarm.h. libevent's own timers stand still in a machine that
 * sleeps, so this is a descriptor of the kernel's. */
#include "daemon/alarm.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"

struct alarm {
	struct event *timer;
	int fd;
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

	alarm->fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (alarm->fd < 0) {
		abort(); /* before there is anything to serve */
	}
	alarm->timer = event_new(base, alarm->fd, EV_READ, on_time, alarm);
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
		close(alarm->fd);
		free(alarm);
	}
}

/* Setting it forgets that its time had come. */
void
alarm_set(struct alarm *alarm, int64_t ms)
{
	struct itimerspec once = { .it_value = { .tv_sec = ms / 1000,
				       .tv_nsec = ms % 1000 * 1000000 } };

	if (ms <= 0) {
		once.it_value = (struct timespec){ .tv_nsec = 1 };
	}
	(void)timerfd_settime(alarm->fd, 0, &once, NULL);
	(void)event_add(alarm->timer, NULL);
}

void
alarm_soon(struct alarm *alarm)
{
	event_active(alarm->timer, EV_READ, 0);
}

void
alarm_off(struct alarm *alarm)
{
	event_del(alarm->timer);
}

bool
alarm_pending(const struct alarm *alarm)
{
	return event_pending(alarm->timer, EV_READ, NULL) != 0;
}
