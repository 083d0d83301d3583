/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ahead - what the state file does not have yet: a record for each serial that
 * came after it, written before any router hears of that serial. It carries
 * what the journal is to say of it, which is written only then.
 *
 *	"kedgeahd" version (4) ids (14) serial of the state (4) checksum (8)
 *	records: length (4) checksum (8) body checksum (8)
 *
 * Each checksum is seeded with the one before. A record that ends with the file
 * before its own end was being written when the process died: nobody was told,
 * and it is cut. Anything else that does not fit is damage.
 */
#pragma once

#include "daemon/kept.h"

/* Where the next record goes. */
struct ahead_place {
	uint64_t chain;  /* the last checksum */
	uint64_t length; /* octets of the file that hold */
};

/* A serial that nobody was told yet. */
struct ahead_serial {
	uint32_t serial;
	int64_t when;
	const struct delta *delta; /* leads to it */
	const struct snapshot *to; /* what it means */
	/* The same before local policy; NULL: no other set. */
	const struct delta *plain_delta;
	const struct snapshot *plain;
	struct bytes changes; /* its entry in the journal; may be empty */
};

/* Both append to *out what goes to the end of the file. */
void ahead_begin(struct octets *out, struct ahead_place *place,
    const struct kept_ids *ids, uint32_t serial);
void ahead_add(struct octets *out, struct ahead_place *place,
    const struct ahead_serial *next);

enum ahead_end {
	AHEAD_GOOD,    /* *kept is what routers know; *place where to go on */
	AHEAD_NOTHING, /* nothing that concerns this state: remove it */
	AHEAD_DAMAGED, /* what routers know cannot be told */
};

/* Bring what was kept up to the last record. */
enum ahead_end ahead_replay(struct kept *kept, struct bytes in,
    struct ahead_place *place);

bool ahead_same_ids(const struct kept_ids *a, const struct kept_ids *b);
