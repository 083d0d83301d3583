/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fixture - every file under fixtures/<kind>: those in good/ decode, and each
 * in bad/ raises the fault before the first dot of its name. A new case is a
 * new file.
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "object/cert.h"

typedef enum fault fixture_decode(struct bytes octets, struct arena *arena);

/* Walk both folders of a kind; a failed expectation fails the test. */
void fixture_walk(const char *kind, fixture_decode *decode);

/* One file below the folder of fixtures, as the arena's. */
struct bytes fixture_read(struct arena *arena, const char *name);
/* One file anywhere; octets at NULL when it cannot be read. */
struct bytes fixture_load(struct arena *arena, const char *path);

/* What an object says to an EE certificate with these resources. */
struct fixture_cover {
	const char *resources;
	enum resource_choice
	    choice; /* of addresses and ASes; ABSENT: as said */
	const char *label;
};

typedef enum fault fixture_covered(const void *object, const struct cert *ee);

/* Row by row; a label that is not the expected one fails the test. */
void fixture_cover(const struct fixture_cover *rows, size_t count,
    fixture_covered *covered, const void *object);
