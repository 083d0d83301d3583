/* SPDX-License-Identifier: BSD-2-Clause */
/* order - see order.h. */
#include "fetch/order.h"

#include <stdio.h>

#include "base/cursor.h"

void
order_write(struct octets *out, const struct launcher_order *order)
{
	uint32_t count = 0;

	while (order->argv[count] != NULL) {
		count++;
	}
	octets_u64(out, (uint64_t)order->timeout_ms);
	octets_u64(out, order->max_octets);
	octets_u64(out, order->max_files);
	octets_text(out, order->dir);
	octets_u32(out, count);
	for (uint32_t i = 0; i < count; i++) {
		octets_text(out, order->argv[i]);
	}
}

bool
order_read(struct launcher_order *order, struct bytes message,
    struct arena *arena)
{
	struct cursor c = cursor_open(message);
	const char **argv;
	uint32_t count;

	order->timeout_ms = (int64_t)cursor_u64(&c);
	order->max_octets = cursor_u64(&c);
	order->max_files = cursor_u64(&c);
	order->dir = cursor_text(&c, arena);
	count = cursor_u32(&c);
	if (order->dir == NULL || count == 0 || count > ORDER_ARGS) {
		return false;
	}
	argv = arena_zero(arena, count + 1, sizeof(*argv));
	for (uint32_t i = 0; i < count; i++) {
		argv[i] = cursor_text(&c, arena);
		if (argv[i] == NULL) {
			return false;
		}
	}
	order->argv = argv;
	return cursor_end(&c);
}

void
order_write_answer(struct octets *out, const struct launcher_answer *answer)
{
	octets_u32(out, (uint32_t)answer->exit_code);
	octets_u8(out, answer->timed_out);
	octets_u8(out, answer->too_large);
	octets_text(out, answer->detail);
}

bool
order_read_answer(struct launcher_answer *answer, struct bytes message)
{
	struct cursor c = cursor_open(message);
	struct bytes detail;

	answer->exit_code = (int32_t)cursor_u32(&c);
	answer->timed_out = cursor_u8(&c) != 0;
	answer->too_large = cursor_u8(&c) != 0;
	detail = cursor_run(&c);
	snprintf(answer->detail, sizeof(answer->detail), "%.*s",
	    (int)detail.len, (const char *)detail.at);
	return cursor_end(&c);
}
