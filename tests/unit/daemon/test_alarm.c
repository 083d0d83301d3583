/* SPDX-License-Identifier: BSD-2-Clause */
/* An alarm rings once for each time it is set, and not when it is called off.
 */
#include "daemon/alarm.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

struct night {
	struct event_base *base;
	struct alarm *alarm;
	bool mark, again;
	unsigned rings;
};

static void
ring(void *arg)
{
	struct night *night = arg;

	night->rings++;
	if (night->again) {
		night->again = false;
		alarm_set(night->alarm, 1);
	}
}

static void
begin(struct night *night)
{
	*night = (struct night){ .base = event_base_new() };
	night->alarm = alarm_new(night->base, &night->mark, ring, night);
}

/* Until nothing is left to wait for. */
static unsigned
sleep_well(struct night *night)
{
	night->rings = 0;
	(void)event_base_dispatch(night->base);
	return night->rings;
}

static void
end(struct night *night)
{
	alarm_free(night->alarm);
	event_base_free(night->base);
}

static void
rings_once(void **state)
{
	struct night night;

	(void)state;
	begin(&night);
	assert_false(alarm_pending(night.alarm));
	alarm_set(night.alarm, 1);
	assert_true(alarm_pending(night.alarm));
	assert_int_equal(sleep_well(&night), 1);
	assert_true(night.mark);
	assert_false(alarm_pending(night.alarm));
	assert_int_equal(sleep_well(&night), 0);
	/* Set within its own ring. */
	night.again = true;
	alarm_set(night.alarm, 0);
	assert_int_equal(sleep_well(&night), 2);
	end(&night);
}

static void
is_set_anew_or_off(void **state)
{
	struct night night;

	(void)state;
	begin(&night);
	/* The longest that a setting can ask for, and longer. */
	alarm_set(night.alarm, INT64_C(31536000) * 1000);
	assert_true(alarm_pending(night.alarm));
	alarm_set(night.alarm, INT64_C(100) * 31536000 * 1000);
	assert_true(alarm_pending(night.alarm));
	alarm_set(night.alarm, 1);
	assert_int_equal(sleep_well(&night), 1);
	night.mark = false;
	alarm_set(night.alarm, 1);
	alarm_off(night.alarm);
	assert_false(alarm_pending(night.alarm));
	assert_int_equal(sleep_well(&night), 0);
	assert_false(night.mark);
	end(&night);
}

/* No test can put the machine to sleep; the kernel tells by which clock each of
 * its timers goes. */
static unsigned
timers_that_count_sleep(void)
{
	char path[64], line[64];
	unsigned count = 0;

	for (int fd = 0; fd < 64; fd++) {
		FILE *info;
		int clock;

		(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		info = fopen(path, "r");
		while (
		    info != NULL && fgets(line, sizeof(line), info) != NULL) {
			count += sscanf(line, "clockid: %d", &clock) == 1 &&
				 clock == CLOCK_BOOTTIME;
		}
		if (info != NULL) {
			fclose(info);
		}
	}
	return count;
}

static void
counts_sleep(void **state)
{
	struct night night;

	(void)state;
	assert_int_equal(timers_that_count_sleep(), 0);
	begin(&night);
	assert_int_equal(timers_that_count_sleep(), 1);
	end(&night);
	assert_int_equal(timers_that_count_sleep(), 0);
}

static void
rings_soon(void **state)
{
	struct night night;

	(void)state;
	begin(&night);
	alarm_soon(night.alarm);
	assert_int_equal(event_base_loop(night.base, EVLOOP_NONBLOCK) >= 0, 1);
	assert_int_equal(night.rings, 1);
	alarm_soon(night.alarm);
	alarm_soon(night.alarm);
	(void)event_base_loop(night.base, EVLOOP_NONBLOCK);
	assert_int_equal(night.rings, 2);
	end(&night);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_once),
		cmocka_unit_test(is_set_anew_or_off),
		cmocka_unit_test(counts_sleep),
		cmocka_unit_test(rings_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
