/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * order - what the engine and the launcher's process write to each other.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/octets.h"
#include "fetch/launcher.h"

enum {
	ORDER_MOST = 65536,  /* octets of an order */
	ORDER_ARGS = 256,    /* arguments of a program */
	ORDER_ANSWER = 1024, /* octets of an answer */
};

void order_write(struct octets *out, const struct launcher_order *order);
/* False when something is amiss; texts live in the arena. */
bool order_read(struct launcher_order *order, struct bytes message,
    struct arena *arena);

void order_write_answer(struct octets *out,
    const struct launcher_answer *answer);
bool order_read_answer(struct launcher_answer *answer, struct bytes message);
