/* SPDX-License-Identifier: BSD-2-Clause */
/* Judging where the store cannot be read; all else tests/system tells. */
#include "validator/point.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tests/unit/store/scratch.h"

enum { MOST = 10000 };

/* Nobody loses a point without being told. */
static void
test_nothing_to_be_read(void **state)
{
	struct scratch *s = *state;
	struct policy policy;
	struct point_court court = { .kv = s->kv, .policy = &policy };
	struct ca ca = { .own.manifest_uri = "rsync://r.example/m/a.mft" };
	struct point_job job = { .ca = &ca };
	struct kv_txn **readers = mem_zero(MOST, sizeof(*readers));
	struct point_judge *judge;
	struct point_result *result;
	struct answer_reader reader;
	struct answer_head head;
	struct answer_item item;
	size_t n = 0;

	policy_init(&policy);
	while (n < MOST && kv_read(s->kv, &readers[n]) == 0) {
		n++;
	}
	assert_true(n < MOST);
	judge = point_judge_new(&court);
	result = point_judge(judge, &job);
	assert_int_equal(result->head.state, ANSWER_REJECTED);
	assert_int_not_equal(result->machine, 0);
	assert_int_equal(result->head.findings, 1);
	reader.arena = arena_new();
	assert_true(answer_open(&reader, &head, octets_bytes(&result->answer),
	    reader.arena));
	assert_true(answer_next(&reader, &item));
	assert_int_equal(item.record, ANSWER_FINDING);
	assert_int_equal(item.finding.fault, FAULT_STORE_IO);
	assert_string_equal(item.finding.uri, ca.own.manifest_uri);
	arena_free(reader.arena);
	point_result_free(result);
	point_judge_free(judge);
	while (n > 0) {
		kv_abort(readers[--n]);
	}
	free(readers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_to_be_read,
		    scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
