/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy - what a run is asked to do, as the engine receives it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/octets.h"

/*
 * How large the store may be made, and is when nobody says: it is one map, and
 * addresses of 32 bits must leave room for all else beside it.
 */
#define POLICY_WIDE      (sizeof(void *) > 4)
#define POLICY_DISK_MOST (POLICY_WIDE ? UINT64_C(1) << 44 : UINT64_C(3) << 29)
#define POLICY_DISK      (POLICY_WIDE ? UINT64_C(1) << 35 : POLICY_DISK_MOST)

enum policy_action { POLICY_REJECT, POLICY_WARN, POLICY_ACCEPT };
enum policy_fallback { FALLBACK_NEVER, FALLBACK_STALE, FALLBACK_NEW };

struct policy_list {
	size_t count;
	const char **items;
};

/* A trust anchor to start from. */
struct policy_tal {
	const char *name;   /* as outputs print it */
	const char *origin; /* file it came from, or "built in" */
	struct bytes text;  /* the TAL */
	/* Its constraints file; empty and NULL where it has none. */
	struct bytes constraints;
	const char *constraints_origin;
};

struct policy {
#define FLAG(name, value)   bool name;
#define NUMBER(name, value) uint64_t name;
#define TEXT(name)          const char *name;
#define LIST(name)          struct policy_list name;
#include "payload/policy.def"
#undef FLAG
#undef NUMBER
#undef TEXT
#undef LIST
	size_t tal_count;
	const struct policy_tal *tals;
};

/* Every row at its default. */
void policy_init(struct policy *policy);

void policy_encode(struct octets *out, const struct policy *policy);
/* False when the octets are not a policy. Everything lands in the arena. */
bool policy_decode(struct policy *policy, struct bytes in, struct arena *arena);
