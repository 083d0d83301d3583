/* SPDX-License-Identifier: BSD-2-Clause */
/* since - see since.h. */
#include "daemon/since.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "daemon/segments.h"

enum { GLANCE = 1 << 20 }; /* octets in which a first record lies */

bool
since_read(struct since *since, const char *text, int64_t now)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t len = text == NULL ? 0 : strlen(text);
	uint64_t number;

	*since = (struct since){ .kind = SINCE_ALL };
	if (text == NULL) {
		return true;
	}
	if (text_uint(bytes_of(text, len), UINT32_MAX, &number)) {
		since->kind = SINCE_SERIAL;
		since->serial = (uint32_t)number;
		return true;
	}
	since->kind = SINCE_TIME;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (len > 1 && text[len - 1] == units[i].letter &&
		    text_uint(bytes_of(text, len - 1), UINT32_MAX, &number)) {
			since->when = now - (int64_t)number * units[i].seconds;
			return true;
		}
	}
	/* Digits alone are serials. */
	return strchr(text, 'T') != NULL &&
	       clock_parse(&since->when, bytes_of(text, len));
}

struct reader {
	const struct since *since;
	journal_ear *ear;
	void *arg;
	uint64_t session; /* the newest */
	bool more;
};

static bool
wanted(const struct reader *r, const struct journal_head *head)
{
	switch (r->since->kind) {
	case SINCE_ALL:
		break;
	case SINCE_TIME:
		return head->when >= r->since->when;
	case SINCE_SERIAL:
		return head->session == r->session &&
		       head->serial != r->since->serial &&
		       head->serial - r->since->serial < 0x80000000u;
	}
	return true;
}

static bool
hear(void *arg, const struct journal_head *head, const struct change *change)
{
	struct reader *r = arg;

	if (wanted(r, head)) {
		r->more = r->ear(r->arg, head, change);
	}
	return r->more;
}

/* The first or the last record of a segment. */
enum glance_at { GLANCE_FIRST, GLANCE_LAST };

struct glance {
	enum glance_at at;
	struct journal_head head;
	bool any;
};

static bool
glance(void *arg, const struct journal_head *head, const struct change *change)
{
	struct glance *g = arg;

	(void)change;
	g->head = *head;
	g->any = true;
	return g->at == GLANCE_LAST;
}

static struct glance
look(const struct segments *segments, size_t i, enum glance_at at,
    struct octets *room)
{
	struct glance g = { .at = at };
	uint64_t most = at == GLANCE_FIRST ? GLANCE : LIMIT_SEGMENT_OCTETS;

	octets_reset(room);
	if (segments_load(segments, i, most, room) == 0) {
		(void)journal_walk(octets_bytes(room), glance, &g);
	}
	return g;
}

/* The newest segment of which everything before is not wanted. */
static size_t
find_start(struct reader *r, const struct segments *segments,
    struct octets *room)
{
	size_t i = segments->count;
	struct glance g = { .any = false };

	while (i > 0 && !g.any) {
		g = look(segments, --i, GLANCE_LAST, room);
	}
	r->session = g.head.session;
	for (i = segments->count; i > 0; i--) {
		g = look(segments, i - 1, GLANCE_FIRST, room);
		if (g.any && !wanted(r, &g.head)) {
			return i - 1;
		}
	}
	return 0;
}

int
since_tell(const char *folder, const struct since *since, journal_ear *ear,
    void *arg)
{
	struct reader r = { .since = since,
		.ear = ear,
		.arg = arg,
		.more = true };
	struct octets room = { .at = NULL };
	struct segments segments;
	int rc = segments_open(&segments, folder, SEGMENTS_READ);

	if (rc == 0) {
		for (size_t i = find_start(&r, &segments, &room);
		     r.more && i < segments.count; i++) {
			octets_reset(&room);
			/* It may be dropped while we read: the rest counts. */
			if (segments_load(&segments, i, LIMIT_SEGMENT_OCTETS,
				&room) == 0) {
				(void)journal_walk(octets_bytes(&room), hear,
				    &r);
			}
		}
	}
	segments_close(&segments);
	octets_clear(&room);
	return rc;
}
