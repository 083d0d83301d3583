/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe_rrdp - drive fetch/ and rrdp/ against a server, for test_rrdp_*.py.
 *
 *	probe_rrdp get URI ROOTS [NAME=VALUE...]
 *	probe_rrdp sync URI ROOTS STORE [NAME=VALUE...]
 *
 * Prints NAME=VALUE lines; sync also one "object URI HASH OCTETS" an object of
 * the mirror, OCTETS being -1 when the object table has none.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/pool.h"
#include "base/queue.h"
#include "base/text.h"
#include "base/turnstile.h"
#include "fetch/http.h"
#include "rrdp/sync.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/repository.h"

struct setting {
	const char *name;
	uint64_t value;
};

enum {
	CONNECT,
	STALL,
	TOTAL,
	REPOSITORY,
	NOTIFICATION,
	FILE_MOST,
	ALL,
	OBJECT,
	DELTAS,
	DUBIOUS,
	MAP,
	TIMES,
	TURNSTILE,
	SETTINGS
};

static bool
set(struct setting *settings, const char *word)
{
	struct bytes value = text_bytes(word);
	struct bytes name = text_cut(&value, '=');

	for (size_t i = 0; i < SETTINGS; i++) {
		if (text_same(name, settings[i].name)) {
			return text_uint(value, UINT64_MAX, &settings[i].value);
		}
	}
	return false;
}

static int
print_object(void *arg, const char *uri, const struct hash *hash)
{
	struct bytes octets;
	char text[HASH_TEXT];
	int rc = objects_get(arg, hash, &octets);

	hash_text(hash, text);
	printf("object %s %s %ld\n", uri, text,
	    rc == 0 ? (long)octets.len : -1);
	return 0;
}

static void
print_mirror(struct store *store, const char *uri)
{
	struct arena *arena = arena_new();
	struct repository row;
	struct kv_txn *txn;

	if (kv_read(store_kv(store), &txn) == 0) {
		if (repository_get(txn, uri, &row, arena) == 0) {
			printf("etag=%s\nback=%u\ndeltas=%zu\n",
			    row.etag != NULL ? row.etag : "", row.back,
			    row.delta_count);
			(void)mirror_each(txn, row.number, print_object, txn);
		}
		kv_abort(txn);
	}
	arena_free(arena);
}

static void
print_step(void *arg, enum sync_step step)
{
	static const char *const names[] = { "notice", "deltas", "snapshot" };

	(void)arg;
	printf("step=%s\n", names[step]);
}

static int
sync_once(struct http *http, const char *uri, const char *dir,
    const struct setting *settings)
{
	struct log *log = log_new(LOG_LEVEL_DEBUG);
	struct store_config config = { .dir = dir,
		.map_octets = settings[MAP].value,
		.mode = KV_READ_WRITE };
	struct store *store;
	int rc = store_open(&store, &config, log);

	if (rc == 0) {
		struct sync_job job = { .notify = uri,
			.store = store,
			.http = http,
			.log = log,
			.now = clock_wall(),
			.deadline_ms = clock_mono_ms() +
				       (int64_t)settings[REPOSITORY].value,
			.max_notification = settings[NOTIFICATION].value,
			.max_file = settings[FILE_MOST].value,
			.max_repository = settings[ALL].value,
			.max_object = settings[OBJECT].value,
			.max_items = 1000000,
			.max_deltas = (unsigned)settings[DELTAS].value,
			.allow_dubious = settings[DUBIOUS].value != 0,
			.on_step = print_step };
		struct sync_result result;

		sync_run(&job, &result);
		printf("fault=%s\ndetail=%s\nstatus=%d\nchanged=%d\n"
		       "reason=%s\nsession=%s\nserial=%llu\noctets=%llu\n"
		       "objects=%u\npayload_status=%d\n",
		    fault_label(result.fault), result.detail, result.status,
		    result.changed,
		    result.snapshot_reason != NULL ? result.snapshot_reason
						   : "",
		    result.session, (unsigned long long)result.serial,
		    (unsigned long long)result.octets, result.objects,
		    result.payload_status);
		print_mirror(store, uri);
		store_close(store);
	}
	log_free(log);
	return rc;
}

struct errand {
	struct http *http;
	struct http_request *request;
	struct http_answer *answer;
	enum fault fault;
	struct queue *done;
};

static void
get_aside(void *arg)
{
	struct errand *errand = arg;

	errand->fault = http_get(errand->http, errand->request, errand->answer);
	(void)queue_push(errand->done, errand);
}

/* Others have all places of the turnstile until it waits there. */
static enum fault
get_in_turn(struct errand *errand, struct turnstile *turnstile)
{
	atomic_ullong meter = 0;

	errand->request->meter = &meter;
	errand->done = queue_new(1);
	turnstile_enter(turnstile, 0);
	if (!pool_aside(get_aside, errand)) {
		abort();
	}
	while (turnstile_waiting(turnstile) == 0 &&
	       queue_count(errand->done) == 0) {
		clock_sleep_ms(1);
	}
	printf("waits=%zu\nheld=%llu\n", turnstile_waiting(turnstile),
	    atomic_load(&meter));
	turnstile_leave(turnstile);
	(void)queue_pop(errand->done);
	queue_free(errand->done);
	return errand->fault;
}

static int
get_once(struct http *http, const char *uri, const struct setting *settings,
    struct turnstile *turnstile)
{
	const char *etag = getenv("PROBE_ETAG");
	struct http_request request = { .uri = uri,
		.etag = etag,
		.into = spool_new("/tmp", settings[FILE_MOST].value) };
	struct http_answer answer;
	struct errand errand = { .http = http,
		.request = &request,
		.answer = &answer };
	int64_t began = clock_mono_ms();
	enum fault fault = turnstile != NULL
			       ? get_in_turn(&errand, turnstile)
			       : http_get(http, &request, &answer);

	printf("fault=%s\nstatus=%d\noctets=%llu\netag=%s\n"
	       "last_modified=%s\ndetail=%s\nms=%lld\n",
	    fault_label(fault), answer.status,
	    (unsigned long long)answer.octets, answer.etag,
	    answer.last_modified, answer.detail,
	    (long long)(clock_mono_ms() - began));
	spool_free(request.into);
	return 0;
}

static int
run(int argc, char **argv, struct setting *settings)
{
	bool sync = argc > 4 && strcmp(argv[1], "sync") == 0;
	const char *roots[] = { argc > 3 ? argv[3] : "" };
	struct http_config config = { .agent = "kedge/probe",
		.redirects = LIMIT_REDIRECTS,
		.header = LIMIT_HTTP_HEADER };
	struct trust *trust = NULL;
	struct turnstile *turnstile = NULL;
	struct http *http;
	int rc = argc < 4 ? -EINVAL : 0;

	for (int i = sync ? 5 : 4; i < argc; i++) {
		rc = set(settings, argv[i]) ? rc : -EINVAL;
	}
	config.connect_seconds = (unsigned)settings[CONNECT].value;
	config.stall_seconds = (unsigned)settings[STALL].value;
	config.total_seconds = (unsigned)settings[TOTAL].value;
	config.allow_dubious = settings[DUBIOUS].value != 0;
	if (settings[TURNSTILE].value > 0) {
		turnstile = turnstile_new((unsigned)settings[TURNSTILE].value);
	}
	config.turnstile = turnstile;
	if (rc == 0) {
		rc = http_trust(&trust, roots, 1, NULL);
		config.trust = trust;
	}
	if (rc == 0) {
		rc = http_new(&http, &config);
	}
	for (uint64_t i = 0; rc == 0 && i < settings[TIMES].value; i++) {
		rc = sync ? sync_once(http, argv[2], argv[4], settings)
			  : get_once(http, argv[2], settings, turnstile);
	}
	if (rc == 0) {
		http_free(http);
	}
	turnstile_free(turnstile);
	trust_free(trust);
	return rc;
}

int
main(int argc, char **argv)
{
	struct setting settings[SETTINGS] = {
		[CONNECT] = { "connect", 2 },
		[STALL] = { "stall", 3 },
		[TOTAL] = { "total", 8 },
		[REPOSITORY] = { "repository", 20000 },
		[NOTIFICATION] = { "notification", 10000000 },
		[FILE_MOST] = { "file", 100000000 },
		[ALL] = { "all", 1000000000 },
		[OBJECT] = { "object", 8000000 },
		[DELTAS] = { "deltas", 300 },
		[DUBIOUS] = { "dubious", 1 },
		[MAP] = { "map", 1 << 28 },
		[TIMES] = { "times", 1 },
		[TURNSTILE] = { "turnstile", 0 },
	};
	int rc = run(argc, argv, settings);

	if (rc != 0) {
		fprintf(stderr, "probe_rrdp: %s\n", strerror(-rc));
	}
	return rc != 0;
}
