/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * supply - octets that are taken one after the other from a file or from
 * memory, so that a large file need not be held beside what is made of it.
 */
#pragma once

#include <stdint.h>

#include "base/octets.h"

struct supply {
	int fd;                /* lent; or -1: */
	const uint8_t *memory; /* lent */
	uint64_t at, end;      /* what is to come */
	struct octets held;    /* taken last */
	int rc;                /* -errno, once something went wrong */
};

struct supply supply_of(struct bytes octets);
struct supply supply_of_file(int fd, uint64_t length);
void supply_clear(struct supply *supply);

/* Go on here, up to there. */
void supply_seek(struct supply *supply, uint64_t at, uint64_t end);

/* The next octets, lent until more is taken; empty, from then on, when there
 * are not so many or they cannot be read. */
struct bytes supply_take(struct supply *supply, size_t len);
