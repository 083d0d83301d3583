/* SPDX-License-Identifier: BSD-2-Clause */
/* echo - see echo.h. */
#include "validator/echo.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cursor.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "store/reel.h"

/* Counts up with every change to what is kept, where this program's own file
 * would not tell. */
enum { FORMAT = 1 };

struct echo {
	const struct policy *policy;
	struct kv *kv;
	struct talk *talk; /* NULL: not listened to */
	struct reel *reel; /* NULL: nothing is kept */
	unsigned sets;
	struct kv_state state;
	struct hash key;
};

/* Another build may find out something else under the same version. */
static bool
put_program(struct octets *out)
{
	struct stat st;

	if (stat("/proc/self/exe", &st) != 0) {
		return false;
	}
	octets_text(out, PACKAGE_VERSION);
	octets_u32(out, FORMAT);
	octets_u64(out, st.st_dev);
	octets_u64(out, st.st_ino);
	octets_u64(out, (uint64_t)st.st_size);
	octets_u64(out, (uint64_t)st.st_ctim.tv_sec);
	octets_u64(out, (uint64_t)st.st_ctim.tv_nsec);
	return true;
}

static void
put_state(struct octets *out, const struct kv_state *state)
{
	octets_u64(out, state->commit);
	octets_u64(out, state->device);
	octets_u64(out, state->inode);
	octets_u64(out, state->octets);
	octets_u64(out, (uint64_t)state->changed_s);
	octets_u64(out, (uint64_t)state->changed_ns);
}

static bool
make_key(struct echo *echo)
{
	struct policy asked = *echo->policy;
	struct octets o = { 0 };
	bool known = put_program(&o);

	asked.at = 0; /* the time is looked at by itself */
	put_state(&o, &echo->state);
	policy_encode(&o, &asked);
	digest_of(octets_bytes(&o), &echo->key);
	octets_clear(&o);
	return known;
}

/* Who wants to see what goes on is not told what went on. */
static bool
may(const struct policy *policy)
{
	return !policy->update && policy->memory &&
	       policy->log_level < LOG_LEVEL_DEBUG;
}

struct echo *
echo_new(const struct policy *policy, struct kv *kv)
{
	struct echo *echo;

	if (!may(policy)) {
		return NULL;
	}
	echo = mem_zero(1, sizeof(*echo));
	echo->policy = policy;
	echo->kv = kv;
	if (kv_state(kv, &echo->state) != 0 || !make_key(echo)) {
		free(echo);
		return NULL;
	}
	return echo;
}

static void
stop_listening(struct echo *echo)
{
	if (echo->talk != NULL) {
		talk_overheard(echo->talk, NULL, NULL);
		echo->talk = NULL;
	}
}

void
echo_free(struct echo *echo)
{
	if (echo == NULL) {
		return;
	}
	stop_listening(echo);
	reel_drop(echo->reel);
	free(echo);
}

/* Its time and its costs are this run's; all of it comes from memory. */
static bool
say_report(struct talk *talk, struct bytes body,
    const struct gather_facts *facts)
{
	struct arena *arena = arena_new();
	struct octets o = { 0 };
	struct report report;
	bool good = wire_read_report(&report, body, arena);

	if (good) {
		report.remembered += report.judged;
		report.judged = report.signatures = 0;
		gather_facts(&report, facts);
		wire_put_report(&o, &report);
		talk_frame(talk, WIRE_REPORT, octets_bytes(&o));
	}
	octets_clear(&o);
	arena_free(arena);
	return good;
}

/* Frame by frame, as it was said, until the seal. */
static bool
say_all(struct talk *talk, struct bytes said, const struct gather_facts *facts)
{
	struct cursor c = cursor_open(said);
	bool good = true;
	enum wire type = WIRE_BEGIN;

	while (good && type != WIRE_SEAL) {
		struct bytes body;

		type = (enum wire)cursor_u8(&c);
		body = cursor_run(&c);
		good = !c.bad;
		if (good && type == WIRE_REPORT) {
			good = say_report(talk, body, facts);
		} else if (good) {
			talk_frame(talk, type, body);
		}
	}
	return good;
}

bool
echo_again(const struct echo *echo, int64_t now, struct talk *talk,
    const struct gather_facts *facts)
{
	struct bytes said;
	bool sealed;

	if (reel_find(&said, echo->policy->cache, &echo->key, now) != 0) {
		return false;
	}
	sealed = say_all(talk, said, facts);
	reel_leave(said);
	return sealed;
}

/* What belongs to a set, and what was said about it on the way. */
static bool
lasting(enum wire type)
{
	return type == WIRE_LOG || (type >= WIRE_BEGIN && type <= WIRE_SEAL);
}

static void
hear(void *arg, enum wire type, struct bytes body)
{
	struct echo *echo = arg;
	struct octets head = { 0 };

	echo->sets += type == WIRE_BEGIN;
	if (lasting(type)) {
		octets_u8(&head, (uint8_t)type);
		octets_u32(&head, (uint32_t)body.len);
		reel_add(echo->reel, octets_bytes(&head));
		reel_add(echo->reel, body);
		octets_clear(&head);
	}
}

void
echo_listen(struct echo *echo, struct talk *talk)
{
	if (reel_begin(&echo->reel, echo->policy->cache) == 0) {
		echo->talk = talk;
		talk_overheard(talk, hear, echo);
	}
}

/* Was a branch cut short by what it took of the processor? Next time it may
 * take less. */
static bool
by_its_time(const struct walk *walk)
{
	for (size_t i = 0; i < walk->finding_count; i++) {
		enum fault fault = walk->findings[i].fault;

		if (fault == FAULT_TA_JUDGING || fault == FAULT_HOST_JUDGING) {
			return true;
		}
	}
	return false;
}

/* An anchor whose certificate is not to be had may have one that begins. */
static bool
all_anchors(const struct walk *walk)
{
	for (size_t i = 0; i < walk->anchor_count; i++) {
		if (walk->anchors[i].root == NULL) {
			return false;
		}
	}
	return true;
}

/* What the store failed to give it may give again. */
static bool
all_points(const struct walk *walk)
{
	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct point_result *r = walk->spots[i]->result;

		if (r == NULL || r->machine != 0 || r->damaged || r->holes) {
			return false;
		}
	}
	return true;
}

void
echo_keep(struct echo *echo, const struct walk *walk)
{
	const struct reel_label label = { .key = echo->key,
		.from = walk->span.from,
		.until = walk->span.until };
	struct kv_state now;

	stop_listening(echo);
	/* Every transaction of this run saw one state, if it is still there. */
	if (echo->reel != NULL && echo->sets == 1 && !walk->given_up &&
	    all_anchors(walk) && all_points(walk) && !by_its_time(walk) &&
	    kv_state(echo->kv, &now) == 0 &&
	    memcmp(&now, &echo->state, sizeof(now)) == 0) {
		(void)reel_keep(echo->reel, &label);
		echo->reel = NULL;
	}
}
