/* SPDX-License-Identifier: BSD-2-Clause */
/* errand - see errand.h. */
#include "daemon/errand.h"

#include <stdlib.h>

#include "base/mem.h"

static void
write_files(const struct errand *errand)
{
	const struct report *report = account_report(errand->account);
	struct format_input input = {
		.snapshot = errand->snapshot,
		.report = report,
		.now = report->finished,
	};

	(void)targets_write(errand->targets, &input, errand->log);
}

/* Here, and not by the loop. */
static void
let_go(struct errand *errand)
{
	publish_free(errand->publish);
	errand->publish = NULL;
	stream_put(errand->stream);
	errand->stream = NULL;
	snapshot_put(errand->snapshot);
	errand->snapshot = NULL;
	account_put(errand->account);
	errand->account = NULL;
}

static void *
begin_worker(void *arg, unsigned worker)
{
	(void)arg;
	/* No worker keeps anything; what it is must not be NULL. */
	return mem_zero(1, sizeof(worker));
}

static void *
work(void *self, void *job)
{
	struct errand *errand = job;

	(void)self;
	switch (errand->kind) {
	case ERRAND_PUBLISH:
		publish_work(errand->publish);
		break;
	case ERRAND_DISCARD:
		let_go(errand);
		break;
	case ERRAND_FILES:
		write_files(errand);
		let_go(errand);
		break;
	case ERRAND_ENCODE:
		feed_work(errand->order);
		break;
	case ERRAND_LOAD:
		errand->loaded = load_again(errand->task, &errand->why);
		break;
	}
	return errand;
}

struct pool *
errand_pool(unsigned threads)
{
	static const struct pool_work errands = {
		.name = "errand",
		.begin = begin_worker,
		.work = work,
		.end = free,
	};

	return pool_new(&errands, threads, 0);
}

struct errand *
errand_publish(struct publish *publish)
{
	struct errand *errand = mem_zero(1, sizeof(*errand));

	errand->kind = ERRAND_PUBLISH;
	errand->publish = publish;
	return errand;
}

struct errand *
errand_discard(struct publish *publish)
{
	struct errand *errand = errand_publish(publish);

	errand->kind = ERRAND_DISCARD;
	return errand;
}

struct errand *
errand_forget(const struct stream *stream)
{
	struct errand *errand = mem_zero(1, sizeof(*errand));

	errand->kind = ERRAND_DISCARD;
	errand->stream = stream;
	return errand;
}

struct errand *
errand_encode(struct feed_order *order)
{
	struct errand *errand = mem_zero(1, sizeof(*errand));

	errand->kind = ERRAND_ENCODE;
	errand->order = order;
	return errand;
}

struct errand *
errand_files(const struct targets *targets, const struct snapshot *snapshot,
    const struct account *account, struct log *log)
{
	struct errand *errand = mem_zero(1, sizeof(*errand));

	errand->kind = ERRAND_FILES;
	errand->targets = targets;
	errand->snapshot = snapshot_get(snapshot);
	errand->account = account_get(account);
	errand->log = log;
	return errand;
}

struct errand *
errand_load(const struct task *task)
{
	struct errand *errand = mem_zero(1, sizeof(*errand));

	errand->kind = ERRAND_LOAD;
	errand->task = task;
	return errand;
}

void
errand_free(void *errand)
{
	struct errand *e = errand;

	publish_free(e->publish);
	feed_drop(e->order);
	stream_put(e->stream);
	snapshot_put(e->snapshot);
	account_put(e->account);
	load_free(e->loaded);
	octets_clear(&e->why);
	free(e);
}
