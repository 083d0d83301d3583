/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream - an answer to routers as octets, encoded once, shared by count.
 *
 * Order within an answer is that of 8210bis 11.2, which earlier versions may
 * have too: IPv4, IPv6, router keys, ASPAs; announcements before withdrawals;
 * the more specific of two prefixes announced first and withdrawn last, so
 * that no route is invalid in between.
 */
#pragma once

#include <stdint.h>

#include "payload/snapshot.h"
#include "rtr/pdu.h"

struct stream;

/* Which version, of which session, up to which serial. */
struct stream_frame {
	unsigned version;
	uint16_t session;
	uint32_t serial;
	struct pdu_timing timing;
};

/* Cache Response, every item announced, End of Data. First reference. */
const struct stream *stream_full(const struct stream_frame *frame,
    const struct snapshot *snapshot);

const struct stream *stream_get(const struct stream *stream);
void stream_put(const struct stream *stream); /* NULL is fine */
struct bytes stream_octets(const struct stream *stream);

/*
 * For a delta: items to announce and to withdraw, VRPs in the order of item.h,
 * the others in any; lent until stream_of_changes() returns. A version without
 * a kind leaves it out.
 */
struct stream_changes {
	size_t vrp_count[2], key_count[2], aspa_count[2]; /* by enum pdu_flag */
	const struct vrp *const *vrps[2];
	const struct router_key *const *keys[2];
	const struct aspa *const *aspas[2];
};
const struct stream *stream_of_changes(const struct stream_frame *frame,
    const struct stream_changes *changes);
