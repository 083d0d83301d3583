/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pen - writes text to a sink in large pieces; the first failure sticks.
 */
#pragma once

#include <stdint.h>

#include "base/ip.h"
#include "base/octets.h"

enum { PEN_PIECE = 1 << 16 };

/* Where output goes: put returns 0 or -errno and is given nothing more after
 * it failed. */
struct sink {
	int (*put)(void *arg, struct bytes octets);
	void *arg;
};

struct pen {
	struct sink sink;
	struct octets buffer;
	int rc;
};

struct pen pen_open(struct sink sink);
/* Write what is left; returns the first failure. The pen is done. */
int pen_close(struct pen *pen);

/* What has come together goes to the sink. */
void pen_spill(struct pen *pen);

/* Millions of these a table: where they are called, so that the length of a
 * literal is known and a short one is a store. */
static inline void
pen_text(struct pen *pen, const char *text)
{
	octets_add(&pen->buffer, text, strlen(text));
	if (pen->buffer.len >= PEN_PIECE) {
		pen_spill(pen);
	}
}

void pen_number(struct pen *pen, uint64_t number);
void pen_prefix(struct pen *pen, const struct ip_prefix *prefix);
/* The inside of a JSON string, escaped. */
void pen_json(struct pen *pen, const char *text);
void pen_printf(struct pen *pen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "2026-03-01T00:00:00Z". */
void pen_time(struct pen *pen, int64_t when);
