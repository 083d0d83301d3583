/* SPDX-License-Identifier: BSD-2-Clause */
/* A service with a real keeper, whose engine does as it is told: when it runs,
 * what it makes of a set, and what a reload changes. */
#include "daemon/service.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "daemon/alarm.h"
#include "daemon/load.h"
#include "daemon/reception.h"
#include "daemon/reload.h"

enum { PATIENCE_MS = 60000, REFRESH = 86400, WORDS = 16 };

struct scene {
	char folder[64];
	char config[96], exceptions[96];
	char *words[WORDS];
	struct task task;
	struct keeper *keeper;
	struct service *service;
};

/* The fake engine lies beside this test. */
static const char *
fake(struct arena *arena)
{
	const char *build = getenv("KEDGE_BUILD");

	return arena_printf(arena, "%s/tests/unit/daemon/fake_engine",
	    build != NULL ? build : ".");
}

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
}

/* How the engine behaves, and how many local exceptions there are. */
static void
configure(struct scene *scene, const char *how, unsigned rules)
{
	struct octets o = { .at = NULL };

	octets_printf(&o,
	    "repository-dir = %s/%s\nexceptions = %s\nrefresh = %d\n"
	    "limit-v4-len = %d\n",
	    scene->folder, how, scene->exceptions, REFRESH,
	    strcmp(how, "moody") == 0 ? 7 : 24);
	octets_u8(&o, 0);
	put(scene->config, (const char *)o.at);
	octets_reset(&o);
	octets_printf(&o,
	    "{\"slurmVersion\": 1, \"validationOutputFilters\": "
	    "{\"prefixFilters\": [], \"bgpsecFilters\": []}, "
	    "\"locallyAddedAssertions\": {\"bgpsecAssertions\": [], "
	    "\"prefixAssertions\": [");
	for (unsigned i = 0; i < rules; i++) {
		octets_printf(&o,
		    "%s{\"asn\": %u, \"prefix\": \"192.0.2.0/24\"}",
		    i > 0 ? ", " : "", 64500 + i);
	}
	octets_printf(&o, "]}}");
	octets_u8(&o, 0);
	put(scene->exceptions, (const char *)o.at);
	octets_clear(&o);
}

static void
open_service(struct scene *scene)
{
	struct task *task = &scene->task;
	struct octets why = { .at = NULL };
	const char *const words[] = { "kedge", "server", "--config",
		scene->config, "--state-dir", scene->folder };
	int count = sizeof(words) / sizeof(words[0]);

	*task = (struct task){ .arena = arena_new() };
	for (int i = 0; i < count; i++) {
		scene->words[i] = arena_text(task->arena, words[i]);
	}
	task->settings = arena_zero(task->arena, 1, sizeof(*task->settings));
	task->options = arena_zero(task->arena, 1, sizeof(*task->options));
	task->log = log_new(LOG_LEVEL_ERROR);
	task->engine = fake(task->arena);
	if (!load_line(task, count, scene->words, &why) ||
	    !load_file(task, &why) || !task_ready(task, &why)) {
		fail_msg("%.*s", (int)why.len, (const char *)why.at);
	}
	assert_int_equal(keeper_fork(&scene->keeper, task->engine), 0);
	scene->service = service_new(task, scene->keeper, 0);
}

static void
close_service(struct scene *scene)
{
	service_free(scene->service);
	keeper_free(scene->keeper);
	slurm_free(scene->task.exceptions);
	setting_clear(scene->task.settings);
	log_free(scene->task.log);
	arena_free(scene->task.arena);
}

static void
begin(struct scene *scene, const char *how, unsigned rules)
{
	*scene = (struct scene){ .service = NULL };
	strcpy(scene->folder, "/tmp/test_service.XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->config, sizeof(scene->config), "%s/kedge.conf",
	    scene->folder);
	snprintf(scene->exceptions, sizeof(scene->exceptions), "%s/local.json",
	    scene->folder);
	configure(scene, how, rules);
	open_service(scene);
}

static void
end(struct scene *scene)
{
	static const char *const left[] = { "kedge.conf", "local.json", "state",
		"ahead", "journal/00000001", "journal", "moody.mood" };
	char path[128];

	close_service(scene);
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", scene->folder, left[i]);
		(void)remove(path);
	}
	assert_int_equal(rmdir(scene->folder), 0);
}

/* Until it rests in this state. */
static void
reach(struct scene *scene, enum service_state state)
{
	struct service *s = scene->service;
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	do {
		assert_int_equal(event_base_loop(s->base, EVLOOP_ONCE), 0);
		assert_true(clock_mono_ms() < until);
	} while (s->state != state || s->want_run || s->fresh);
}

static void
run(struct scene *scene, enum service_state state)
{
	scene->service->want_run = true;
	service_advance(scene->service);
	reach(scene, state);
}

static void
await_reload(struct scene *scene)
{
	const struct service *s = scene->service;

	while (s->loading) {
		assert_int_equal(event_base_loop(s->base, EVLOOP_ONCE), 0);
	}
	if (s->refusal.len > 0) {
		fail_msg("%.*s", (int)s->refusal.len,
		    (const char *)s->refusal.at);
	}
	assert_null(s->next);
}

static void
reload(struct scene *scene)
{
	reload_ask(scene->service);
	await_reload(scene);
}

/* Each failure doubles the wait, up to that between good runs; a good one ends
 * that. */
static void
backs_off_and_comes_back(void **state)
{
	static const int64_t pauses[] = { 10, 20, 40, 80 };
	struct scene scene;
	struct service *s;
	int64_t from;

	(void)state;
	begin(&scene, "die", 0);
	s = scene.service;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		from = clock_wall();
		run(&scene, SERVICE_RETRYING);
		assert_true(s->run_due >= from + pauses[i]);
		assert_true(s->run_due <= clock_wall() + pauses[i]);
		assert_true(alarm_pending(s->due));
		assert_int_equal(s->failures, i + 1);
	}
	s->failures = 4000000000u;
	run(&scene, SERVICE_RETRYING);
	assert_true(s->run_due <= clock_wall() + REFRESH);
	configure(&scene, "good", 0);
	reload(&scene);
	reach(&scene, SERVICE_IDLE);
	assert_int_equal(s->failures, 0);
	assert_int_equal(snapshot_vrps(history_current(s->history)), 1);
	configure(&scene, "die", 0);
	reload(&scene);
	reach(&scene, SERVICE_STALE);
	assert_true(s->run_due <= clock_wall() + pauses[0]);
	assert_int_equal(snapshot_vrps(history_current(s->history)), 1);
	end(&scene);
}

/* What each rule did is told by its number: never of others than it was counted
 * of, as those that were read at a reload are until a set was made by them. */
static void
tells_effects_of_the_rules_that_had_them(void **state)
{
	struct scene scene;
	struct view_source source;
	struct view view = { .serial = 0 };
	struct service *s;

	(void)state;
	begin(&scene, "good", 1);
	s = scene.service;
	source = reception_source(s);
	run(&scene, SERVICE_IDLE);
	source.look(source.arg, &view);
	assert_int_equal(slurm_rules(view.slurm), 1);
	assert_int_equal(view.slurm_effects[0], 1);
	configure(&scene, "good", 500);
	reload(&scene);
	assert_int_equal(s->state, SERVICE_PUBLISHING);
	source.look(source.arg, &view);
	assert_int_equal(slurm_rules(view.slurm), 500);
	assert_true(view.slurm_effects == NULL || s->effects.rules == 500);
	reach(&scene, SERVICE_IDLE);
	source.look(source.arg, &view);
	assert_int_equal(s->effects.rules, 500);
	assert_int_equal(view.slurm_effects[499], 1);
	assert_int_equal(snapshot_vrps(view.current), 501);
	end(&scene);
}

/* Files may have changed after they were read. */
static void
reads_once_more_what_is_asked_for_meanwhile(void **state)
{
	struct scene scene;
	struct service *s;

	(void)state;
	begin(&scene, "good", 1);
	s = scene.service;
	run(&scene, SERVICE_IDLE);
	configure(&scene, "good", 5);
	reload_ask(s);
	reload_ask(s);
	configure(&scene, "good", 7);
	reload_ask(s);
	await_reload(&scene);
	assert_int_equal(slurm_rules(s->task->exceptions), 7);
	reach(&scene, SERVICE_IDLE);
	assert_int_equal(s->effects.rules, 7);
	end(&scene);
}

static void
set_mood(const struct scene *scene, const char *mood)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/moody.mood", scene->folder);
	put(path, mood);
}

/* The write of a while ago is done, and another one is not asked for. */
static void
settle(const struct scene *scene)
{
	while (alarm_pending(scene->service->save)) {
		assert_int_equal(event_base_loop(scene->service->base,
				     EVLOOP_ONCE),
		    0);
	}
}

static uint32_t
asn_before_policy(const struct scene *scene)
{
	return snapshot_vrp(scene->service->plain, 0)->asn;
}

/* What a run brought until it was stopped, or failed, is kept: also where local
 * policy lets routers hear nothing of it. */
static void
keeps_what_an_unfinished_run_brought(void **state)
{
	struct scene scene;
	struct service *s;

	(void)state;
	begin(&scene, "moody", 0);
	set_mood(&scene, "good");
	s = scene.service;
	run(&scene, SERVICE_IDLE);
	assert_int_equal(asn_before_policy(&scene), 64496);
	settle(&scene);
	set_mood(&scene, "linger");
	s->want_run = true;
	service_advance(s);
	do {
		reach(&scene, SERVICE_RUNNING);
	} while (asn_before_policy(&scene) != 64497);
	assert_false(alarm_pending(s->save));
	close_service(&scene);
	/* Nothing but what was kept. */
	open_service(&scene);
	assert_int_equal(asn_before_policy(&scene), 64497);
	set_mood(&scene, "unsealed");
	run(&scene, SERVICE_STALE);
	assert_int_equal(asn_before_policy(&scene), 64496);
	assert_true(alarm_pending(scene.service->save));
	end(&scene);
}

/* A set that is made again is another one for who asks for times, but not for
 * who asks for items and the trust anchors they are from. */
static void
numbers_what_it_makes(void **state)
{
	struct scene scene;
	struct service *s;
	uint64_t edition, attributed;

	(void)state;
	begin(&scene, "good", 1);
	s = scene.service;
	run(&scene, SERVICE_IDLE);
	edition = s->edition;
	attributed = s->attributed_in;
	run(&scene, SERVICE_IDLE);
	assert_true(s->edition > edition);
	assert_true(s->attributed_in == attributed);
	configure(&scene, "another", 1);
	reload(&scene);
	reach(&scene, SERVICE_IDLE);
	assert_true(s->attributed_in > attributed);
	assert_int_equal(history_serial(s->history), 1);
	edition = s->edition;
	close_service(&scene);
	clock_sleep_ms(1000);
	open_service(&scene);
	assert_true(scene.service->edition > edition);
	end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backs_off_and_comes_back),
		cmocka_unit_test(keeps_what_an_unfinished_run_brought),
		cmocka_unit_test(numbers_what_it_makes),
		cmocka_unit_test(tells_effects_of_the_rules_that_had_them),
		cmocka_unit_test(reads_once_more_what_is_asked_for_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
