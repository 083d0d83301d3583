/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run may say again must stand for the whole time it says: the parts of
 * a run that look at the clock outside of points. */
#include "validator/echo.h"

#include <stdlib.h>

#include "store/quarantine.h"
#include "tests/unit/store/scratch.h"
#include "validator/ward.h"

enum { LENGTH = LIMIT_QUARANTINE_SECONDS, ROWS = 3 };

static const int64_t when[ROWS] = { 1000, 1000 + LENGTH / 2, 1000 + LENGTH };
static const char *const names[ROWS] = { "a", "b", "c" };

static void
fill(struct store *store)
{
	struct kv_txn *txn;

	assert_int_equal(kv_write(store_kv(store), &txn), 0);
	for (unsigned i = 0; i < ROWS; i++) {
		const struct quarantine row = { .kind = QUARANTINE_OBJECT,
			.name = scratch_hash(names[i]),
			.version = PACKAGE_VERSION,
			.when = when[i] };

		assert_int_equal(quarantine_put(txn, &row), 0);
	}
	assert_int_equal(kv_commit(txn), 0);
}

/* Who is in it, as bits, and while it stays so. */
static unsigned
inside(struct store *store, int64_t now, struct span *span)
{
	static const struct blackbox_past quiet;
	struct ward *ward = ward_new(store, &quiet, now, NULL);
	unsigned bits = 0;

	for (unsigned i = 0; i < ROWS; i++) {
		const struct hash name = scratch_hash(names[i]);

		bits |= (unsigned)ward_has(ward, QUARANTINE_OBJECT, &name) << i;
	}
	*span = ward_span(ward);
	ward_free(ward);
	return bits;
}

static void
test_ward_changes_at_its_edges(void **state)
{
	struct scratch *s = *state;
	const struct store_config config = { .dir = s->dir,
		.map_octets = SCRATCH_MAP,
		.mode = KV_READ_WRITE };
	struct log *log = log_new(LOG_LEVEL_ERROR);
	struct store *store;
	unsigned spans = 0;

	assert_int_equal(store_open(&store, &config, log), 0);
	fill(store);
	for (int64_t now = INT64_MIN;; spans++) {
		struct span span, next;
		unsigned bits = inside(store, now, &span);

		assert_true(span.from == now);
		assert_int_equal(inside(store, span.until, &next), bits);
		assert_true(next.from == now && next.until == span.until);
		if (span.until == INT64_MAX) {
			break;
		}
		now = span.until + 1;
		assert_int_not_equal(inside(store, now, &next), bits);
	}
	assert_int_equal(spans, 2 * ROWS);
	store_close(store);
	log_free(log);
}

static void
test_fallback_changes_at_its_edges(void **state)
{
	struct policy policy;
	struct repo repo = { .held = true, .fallback_at = 500 };

	(void)state;
	policy_init(&policy);
	policy.rrdp_fallback_time = 100;
	for (int64_t now = 350; now < 550; now++) {
		struct span span = span_at(now);
		bool said = repo_gives_way(&repo, &policy, &span);

		assert_int_equal(said, now < 400 || now >= 500);
		for (int64_t then = 350; then < 550; then++) {
			struct span other = span_at(then);

			if (then >= span.from && then <= span.until) {
				assert_int_equal(repo_gives_way(&repo, &policy,
						     &other),
				    said);
			}
		}
		assert_true(span.from <= now && now <= span.until);
		assert_int_equal(span.from == INT64_MIN, now < 400);
		assert_int_equal(span.until == INT64_MAX, now >= 500);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ward_changes_at_its_edges,
		    scratch_setup, scratch_teardown),
		cmocka_unit_test(test_fallback_changes_at_its_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
