/* SPDX-License-Identifier: BSD-2-Clause */
/* courier - see courier.h. */
#include "daemon/courier.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	HELLO_MS = 30000,
	OVERTIME = 120,   /* seconds past the engine's own deadline */
	TELL_MS = 1000,   /* how often it comes back for nothing */
	AGAIN_MS = 10000, /* from one call that it is late to the next */
};

static void
on_sealed(void *arg, const struct dialogue_set *set)
{
	struct courier *courier = arg;

	snapshot_put(courier->snapshot);
	account_put(courier->account);
	courier->snapshot = set->snapshot;
	courier->account = account_new(set->report);
	courier->seal = set->seal;
	courier->news = COURIER_SET;
}

static void
on_progress(void *arg, const struct wire_progress *news)
{
	((struct courier *)arg)->progress = *news;
}

struct courier *
courier_new(int fd, const struct policy *policy, struct log *log)
{
	struct courier *courier = mem_zero(1, sizeof(*courier));
	int64_t now = clock_mono_ms();

	courier->log = log;
	courier->fd = fd;
	courier->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	courier->arena = arena_new();
	courier->hello_by_ms = now + HELLO_MS;
	if (policy->deadline != 0) {
		courier->end_by_ms =
		    now + ((int64_t)policy->deadline + OVERTIME) * 1000;
	}
	courier->ears = (struct dialogue_ears){
		.log = log,
		.sealed = on_sealed,
		.progress = on_progress,
		.arg = courier,
	};
	dialogue_init(&courier->dialogue, fd, &courier->ears, courier->arena);
	dialogue_run(&courier->dialogue, policy);
	return courier;
}

void
courier_free(struct courier *courier)
{
	if (courier == NULL) {
		return;
	}
	snapshot_put(courier->snapshot);
	account_put(courier->account);
	dialogue_clear(&courier->dialogue);
	arena_free(courier->arena);
	close(courier->fd);
	if (courier->bell >= 0) {
		close(courier->bell);
	}
	free(courier);
}

void
courier_stop(struct courier *courier)
{
	uint64_t one = 1;

	(void)!write(courier->bell, &one, sizeof(one));
}

static bool
late(const struct courier *courier)
{
	int64_t now = clock_mono_ms();

	return (!courier->dialogue.hello && now > courier->hello_by_ms) ||
	       (courier->end_by_ms != 0 && now > courier->end_by_ms);
}

/* An engine that waits for a disk takes a while to die. */
static void
put_off(struct courier *courier)
{
	int64_t again = clock_mono_ms() + AGAIN_MS;

	courier->hello_by_ms = again;
	courier->end_by_ms = courier->end_by_ms == 0 ? 0 : again;
}

static void
on_bell(struct courier *courier)
{
	uint64_t rung;

	if (read(courier->bell, &rung, sizeof(rung)) == sizeof(rung) &&
	    !courier->stopping) {
		courier->stopping = true;
		dialogue_stop(&courier->dialogue);
	}
}

static void
listen_once(struct courier *courier, int wait_ms)
{
	struct pollfd wait[2] = {
		{ .fd = courier->fd, .events = POLLIN },
		{ .fd = courier->bell, .events = POLLIN },
	};

	dialogue_send(&courier->dialogue);
	if (dialogue_waiting(&courier->dialogue)) {
		wait[0].events |= POLLOUT;
	}
	if (poll(wait, 2, wait_ms) <= 0) {
		return;
	}
	if (wait[1].revents != 0) {
		on_bell(courier);
	}
	if ((wait[0].revents & ~POLLOUT) != 0) {
		dialogue_hear(&courier->dialogue);
	}
}

void
courier_listen(struct courier *courier)
{
	int64_t until = clock_mono_ms() + TELL_MS;

	courier->news = COURIER_PROGRESS;
	while (courier->news == COURIER_PROGRESS) {
		int64_t left = until - clock_mono_ms();

		if (courier->dialogue.end != DIALOGUE_ON) {
			courier->news = COURIER_END;
		} else if (late(courier)) {
			courier->news = COURIER_LATE;
			put_off(courier);
		} else if (left <= 0) {
			return;
		} else {
			listen_once(courier, (int)left);
		}
	}
}
