/* SPDX-License-Identifier: BSD-2-Clause */
/* policy - see policy.h. */
#include "payload/policy.h"

#include "base/cursor.h"

void
policy_init(struct policy *policy)
{
	*policy = (struct policy){
#define FLAG(name, value)   .name = (value),
#define NUMBER(name, value) .name = (value),
#define TEXT(name)
#define LIST(name)
#include "payload/policy.def"
#undef FLAG
#undef NUMBER
#undef TEXT
#undef LIST
	};
}

static void
put_list(struct octets *out, const struct policy_list *list)
{
	octets_u32(out, (uint32_t)list->count);
	for (size_t i = 0; i < list->count; i++) {
		octets_text(out, list->items[i]);
	}
}

static void
put_tals(struct octets *out, const struct policy *policy)
{
	octets_u32(out, (uint32_t)policy->tal_count);
	for (size_t i = 0; i < policy->tal_count; i++) {
		octets_text(out, policy->tals[i].name);
		octets_text(out, policy->tals[i].origin);
		octets_run(out, policy->tals[i].text);
		octets_run(out, policy->tals[i].constraints);
		octets_text(out, policy->tals[i].constraints_origin);
	}
}

void
policy_encode(struct octets *out, const struct policy *policy)
{
#define FLAG(name, value)   octets_u8(out, policy->name ? 1 : 0);
#define NUMBER(name, value) octets_u64(out, policy->name);
#define TEXT(name)          octets_text(out, policy->name);
#define LIST(name)          put_list(out, &policy->name);
#include "payload/policy.def"
#undef FLAG
#undef NUMBER
#undef TEXT
#undef LIST
	put_tals(out, policy);
}

static bool
read_flag(struct cursor *c)
{
	uint8_t flag = cursor_u8(c);

	if (flag > 1) {
		cursor_fail(c);
	}
	return flag == 1;
}

static struct policy_list
read_list(struct cursor *c, struct arena *arena)
{
	struct policy_list list = { .count = cursor_count(c, 4) };

	if (list.count != 0) {
		list.items = arena_zero(arena, list.count, sizeof(*list.items));
	}
	for (size_t i = 0; i < list.count && !c->bad; i++) {
		list.items[i] = cursor_string(c, arena);
	}
	return list;
}

static void
read_tals(struct policy *policy, struct cursor *c, struct arena *arena)
{
	size_t count = cursor_count(c, 20);
	struct policy_tal *tals = NULL;

	if (count != 0) {
		tals = arena_zero(arena, count, sizeof(*tals));
	}
	for (size_t i = 0; i < count && !c->bad; i++) {
		tals[i].name = cursor_string(c, arena);
		tals[i].origin = cursor_string(c, arena);
		tals[i].text = arena_copy(arena, cursor_run(c));
		tals[i].constraints = arena_copy(arena, cursor_run(c));
		tals[i].constraints_origin = cursor_text(c, arena);
	}
	policy->tal_count = count;
	policy->tals = tals;
}

/* What an enum or a port could not hold is not a policy of ours. */
static bool
sensible(const struct policy *policy)
{
	return policy->stale <= POLICY_ACCEPT &&
	       policy->unknown_objects <= POLICY_ACCEPT &&
	       policy->unsafe_vrps <= POLICY_ACCEPT &&
	       policy->rrdp_fallback <= FALLBACK_NEW;
}

bool
policy_decode(struct policy *policy, struct bytes in, struct arena *arena)
{
	struct cursor c = cursor_open(in);

	policy_init(policy);
#define FLAG(name, value)   policy->name = read_flag(&c);
#define NUMBER(name, value) policy->name = cursor_u64(&c);
#define TEXT(name)          policy->name = cursor_text(&c, arena);
#define LIST(name)          policy->name = read_list(&c, arena);
#include "payload/policy.def"
#undef FLAG
#undef NUMBER
#undef TEXT
#undef LIST
	read_tals(policy, &c, arena);
	return cursor_end(&c) && sensible(policy);
}
