/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * swift_preload - a machine whose alarms come a hundred times as soon: what
 * takes ten minutes is over in six seconds.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/timerfd.h>

typedef int settime_fn(int fd, int flags, const struct itimerspec *to,
    struct itimerspec *old);

int
timerfd_settime(int fd, int flags, const struct itimerspec *to,
    struct itimerspec *old)
{
	settime_fn *next = (settime_fn *)dlsym(RTLD_NEXT, "timerfd_settime");
	long long ns =
	    (to->it_value.tv_sec * 1000000000LL + to->it_value.tv_nsec) / 100;
	struct itimerspec soon = { .it_value = { .tv_sec = ns / 1000000000,
				       .tv_nsec = ns % 1000000000 + 1 } };

	return next == NULL ? -1 : next(fd, flags, &soon, old);
}
