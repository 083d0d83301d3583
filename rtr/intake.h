/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake - gathers the payload of one answer and makes the next set of it.
 *
 * Strict: what a cache must not send (RFC 8210 5.6, 8210bis 5.3) is told, by
 * the code of the Error Report that is due.
 */
#pragma once

#include <stdbool.h>

#include "payload/snapshot.h"
#include "rtr/pdu.h"

struct intake;

struct intake_fault {
	enum pdu_error error;
	const char *why;
	/* Of what was gathered before, the PDU that does not fit; to be
	 * cleared. */
	struct octets pdu;
};

/* Items will say they come from `cache`. */
struct intake *intake_new(const char *cache);
void intake_free(struct intake *intake); /* NULL is fine */
void intake_reset(struct intake *intake);

/* A payload PDU; what it holds is copied. False: *fault says what is wrong with
 * it. */
bool intake_add(struct intake *intake, const struct pdu *pdu,
    struct intake_fault *fault);

/*
 * What was gathered, applied to `before` (NULL: nothing was there). NULL when
 * it does not fit: an item announced that is there, or withdrawn that is not.
 */
const struct snapshot *intake_apply(struct intake *intake,
    const struct snapshot *before, struct intake_fault *fault);
