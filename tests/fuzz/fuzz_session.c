/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets from a router, in pieces of any size: whatever it says, little is
 * held, every answer is due to one PDU and every Error Report is well formed.
 */
#include <assert.h>

#include "rtr/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(const struct session *session, const struct session_answer *a)
{
	struct bytes wrong, text;
	struct pdu pdu;

	assert(session->in.len <= SESSION_HELD);
	assert(!a->close || session->state == SESSION_CLOSING);
	if (a->say != SESSION_ERROR) {
		assert(a->report.len == 0);
		return;
	}
	assert(pdu_read(&pdu, octets_bytes(&a->report)) == PDU_WHOLE);
	assert(pdu.length == a->report.len && pdu.version <= 2);
	assert(pdu.field == a->error && pdu_error_known(pdu.version, a->error));
	assert(pdu_read_error(&pdu, &wrong, &text));
	assert(wrong.len == 0 || wrong.len >= 4);
}

/* Every second query is answered late: by then the cache may have begun another
 * session, or have nothing any more. */
static void
put_off(struct session *session, const struct session_cache *cache,
    struct session_answer *a)
{
	uint64_t queries = session->reset_queries + session->serial_queries;
	struct session_cache later = *cache;

	if ((a->say != SESSION_FULL && a->say != SESSION_DELTA) ||
	    queries % 2 != 0) {
		return;
	}
	later.ids[0]++, later.ids[1]++, later.ids[2]++;
	later.ready = queries % 4 != 0;
	session_resume(session, &later, a);
	assert(a->say != SESSION_DELTA);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session_cache cache = {
		.ids = { 100, 101, 102 },
		.serial = 3,
		.oldest = UINT32_MAX - 3,
	};
	struct bytes in = bytes_of(data, size);
	struct session session;

	/* The first octet says what the cache is like and how large pieces are.
	 */
	if (size == 0) {
		return 0;
	}
	cache.ready = (data[0] & 1) != 0;
	cache.max_version = data[0] >> 1 & 3 ? (data[0] >> 1 & 3) - 1u : 2;
	in = bytes_of(data + 1, size - 1);
	session_init(&session);
	while (in.len > 0 && session.state != SESSION_CLOSING) {
		size_t piece = 1u + (data[0] >> 3);
		struct session_answer a;
		size_t taken = session_hear(&session,
		    bytes_of(in.at, piece < in.len ? piece : in.len));

		in = bytes_of(in.at + taken, in.len - taken);
		do {
			session_answer(&session, &cache, &a);
			put_off(&session, &cache, &a);
			look(&session, &a);
			octets_clear(&a.report);
		} while (a.say != SESSION_NOTHING);
		/* There is always place again. */
		assert(session.state == SESSION_CLOSING ||
		       session.in.len < SESSION_HELD);
	}
	session_clear(&session);
	return 0;
}
