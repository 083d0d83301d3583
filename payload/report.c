/* SPDX-License-Identifier: BSD-2-Clause */
/* report - see report.h. */
#include "payload/report.h"

#include "base/checksum.h"
#include "base/cursor.h"
#include "payload/awaited.h"
#include "payload/ground.h"

enum { POINT_OCTETS = 17, GROUND_OCTETS = 14 }; /* each, at least */

static const char *const state_names[REPO_STATES] = {
	[REPO_NEW] = "new",
	[REPO_NOTICE] = "notice",
	[REPO_DELTAS] = "deltas",
	[REPO_SNAPSHOT] = "snapshot",
	[REPO_RSYNC] = "rsync",
	[REPO_READY] = "ready",
	[REPO_STALE] = "stale",
	[REPO_BACKING_OFF] = "backing-off",
};

static const char *const counter_names[REPORT_COUNTERS] = {
#define COUNTER(name, label) [REPORT_##name] = label,
#include "payload/counters.def"
#undef COUNTER
};

const char *
report_state_name(enum repository_state state)
{
	return state_names[state];
}

const char *
report_point_state_name(enum report_point_state state)
{
	static const char *const names[POINT_STATES] = {
		[POINT_WAITING] = "waiting",
		[POINT_VALID] = "valid",
		[POINT_CACHED] = "cached",
		[POINT_REJECTED] = "rejected",
	};

	return names[state];
}

const char *
report_counter_name(enum report_counter counter)
{
	return counter_names[counter];
}

int32_t
report_rrdp_status(const struct report_repository *r)
{
	int32_t last = r->payload_status != 0 ? r->payload_status : r->status;

	return last >= 200 && last < 400 && r->fault != FAULT_NONE ? -2 : last;
}

const struct report_ta *
report_find_ta(const struct report *report, const char *name)
{
	for (size_t i = 0; i < report->ta_count; i++) {
		if (strcmp(report->tas[i].name, name) == 0) {
			return &report->tas[i];
		}
	}
	return NULL;
}

uint64_t
report_point_name(const char *uri)
{
	const char *slash = strrchr(uri, '/');
	size_t len = slash == NULL ? strlen(uri) : (size_t)(slash - uri);

	return checksum_of(0, bytes_of(uri, len));
}

/* The operator's own lists are no failure. */
static bool
left_out(const struct report *report, const struct report_point *point)
{
	enum fault fault = point->repository == UINT16_MAX
			       ? FAULT_NONE
			       : report->repositories[point->repository].fault;

	return fault == FAULT_REPOSITORY_SKIPPED ||
	       fault == FAULT_REPOSITORY_DUBIOUS;
}

bool
report_point_failed(const struct report *report,
    const struct report_point *point)
{
	return (point->state == POINT_REJECTED ||
		   point->state == POINT_WAITING) &&
	       !left_out(report, point);
}

/* --- as octets */

static int64_t
read_time(struct cursor *c)
{
	return (int64_t)cursor_u64(c);
}

static void
put_time(struct octets *out, int64_t when)
{
	octets_u64(out, (uint64_t)when);
}

static void
put_counters(struct octets *out, const uint64_t counters[REPORT_COUNTERS])
{
	for (unsigned i = 0; i < REPORT_COUNTERS; i++) {
		octets_u64(out, counters[i]);
	}
}

static void
read_counters(struct cursor *c, uint64_t counters[REPORT_COUNTERS])
{
	for (unsigned i = 0; i < REPORT_COUNTERS; i++) {
		counters[i] = cursor_u64(c);
	}
}

static enum fault
read_fault(struct cursor *c)
{
	unsigned fault = cursor_u16(c);

	if (fault >= FAULT_COUNT) {
		cursor_fail(c);
		return FAULT_NONE;
	}
	return (enum fault)fault;
}

static void
put_repository(struct octets *out, const struct report_repository *r)
{
	octets_u8(out, (uint8_t)r->kind);
	octets_u8(out, (uint8_t)r->state);
	octets_text(out, r->uri);
	octets_u16(out, (uint16_t)r->fault);
	octets_text(out, r->detail);
	octets_text(out, r->session);
	octets_u64(out, r->serial);
	octets_text(out, r->snapshot_reason);
	octets_u32(out, (uint32_t)r->status);
	octets_u32(out, (uint32_t)r->payload_status);
	octets_u32(out, r->duration_ms);
	octets_u64(out, r->octets);
	octets_u32(out, r->objects);
	put_time(out, r->last_success);
	put_time(out, r->next_due);
	octets_u32(out, r->failures);
	put_counters(out, r->counters);
}

static void
read_repository(struct report_repository *r, struct cursor *c,
    struct arena *arena)
{
	r->kind = (enum repository_kind)cursor_below(c, REPOSITORY_RSYNC + 1);
	r->state = (enum repository_state)cursor_below(c, REPO_STATES);
	r->uri = cursor_string(c, arena);
	r->fault = read_fault(c);
	r->detail = cursor_text(c, arena);
	r->session = cursor_text(c, arena);
	r->serial = cursor_u64(c);
	r->snapshot_reason = cursor_text(c, arena);
	r->status = (int32_t)cursor_u32(c);
	r->payload_status = (int32_t)cursor_u32(c);
	r->duration_ms = cursor_u32(c);
	r->octets = cursor_u64(c);
	r->objects = cursor_u32(c);
	r->last_success = read_time(c);
	r->next_due = read_time(c);
	r->failures = cursor_u32(c);
	read_counters(c, r->counters);
}

static void
put_ta(struct octets *out, const struct report_ta *ta)
{
	octets_text(out, ta->name);
	octets_text(out, ta->uri);
	octets_u16(out, (uint16_t)ta->fault);
	octets_text(out, ta->detail);
	octets_u8(out, ta->kept ? 1 : 0);
	awaited_put(out, &ta->awaited);
	put_counters(out, ta->counters);
}

static void
read_ta(struct report_ta *ta, struct cursor *c, struct arena *arena)
{
	ta->name = cursor_string(c, arena);
	ta->uri = cursor_text(c, arena);
	ta->fault = read_fault(c);
	ta->detail = cursor_text(c, arena);
	ta->kept = cursor_below(c, 2) == 1;
	awaited_read(&ta->awaited, c, arena);
	read_counters(c, ta->counters);
}

static void
put_finding(struct octets *out, const struct report_finding *f)
{
	octets_u16(out, (uint16_t)f->fault);
	octets_text(out, f->uri);
	octets_text(out, f->detail);
	octets_add(out, f->object.at, HASH_SIZE);
	octets_u16(out, f->ta);
	octets_u16(out, f->repository);
	octets_text(out, f->point);
	octets_u8(out, (uint8_t)f->state);
}

static void
read_finding(struct report_finding *f, struct cursor *c, struct arena *arena)
{
	f->fault = read_fault(c);
	f->uri = cursor_string(c, arena);
	f->detail = cursor_text(c, arena);
	cursor_copy(c, f->object.at, HASH_SIZE);
	f->ta = cursor_u16(c);
	f->repository = cursor_u16(c);
	f->point = cursor_text(c, arena);
	f->state = (enum report_point_state)cursor_below(c, POINT_STATES);
}

static void
put_points(struct octets *out, const struct report *report)
{
	octets_u32(out, (uint32_t)report->point_count);
	for (size_t i = 0; i < report->point_count; i++) {
		const struct report_point *p = &report->points[i];

		octets_u64(out, p->name);
		octets_u32(out, p->parent);
		octets_u16(out, p->ta);
		octets_u16(out, p->repository);
		octets_u8(out, (uint8_t)p->state);
	}
	octets_u64(out, report->points_lost);
}

void
report_encode(struct octets *out, const struct report *report)
{
	put_time(out, report->started);
	put_time(out, report->finished);
	octets_u64(out, report->cpu_us);
	octets_u64(out, report->memory_kb);
	octets_u64(out, report->signatures);
	octets_u64(out, report->remembered);
	octets_u64(out, report->judged);
	octets_u32(out, report->sandbox);
	put_time(out, report->valid_until);
	octets_u32(out, (uint32_t)report->ta_count);
	for (size_t i = 0; i < report->ta_count; i++) {
		put_ta(out, &report->tas[i]);
	}
	octets_u32(out, (uint32_t)report->repository_count);
	for (size_t i = 0; i < report->repository_count; i++) {
		put_repository(out, &report->repositories[i]);
	}
	octets_u32(out, (uint32_t)report->finding_count);
	for (size_t i = 0; i < report->finding_count; i++) {
		put_finding(out, &report->findings[i]);
	}
	octets_u64(out, report->findings_lost);
	put_points(out, report);
	octets_u32(out, (uint32_t)report->ground_count);
	for (size_t i = 0; i < report->ground_count; i++) {
		ground_put(out, &report->grounds[i]);
	}
	octets_u64(out, report->grounds_lost);
	octets_u32(out, FAULT_COUNT);
	for (unsigned i = 0; i < FAULT_COUNT; i++) {
		octets_u64(out, report->faults[i]);
	}
}

static void
read_faults(struct report *report, struct cursor *c)
{
	if (cursor_u32(c) != FAULT_COUNT) {
		cursor_fail(c);
	}
	for (unsigned i = 0; i < FAULT_COUNT; i++) {
		report->faults[i] = cursor_u64(c);
	}
}

/*
 * Indexes of other tables are checked here, so that readers need not; 0xffff
 * says "none" for both.
 */
static bool
findings_fit(const struct report *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct report_finding *f = &report->findings[i];

		if ((f->ta != UINT16_MAX && f->ta >= report->ta_count) ||
		    (f->repository != UINT16_MAX &&
			f->repository >= report->repository_count)) {
			return false;
		}
	}
	return true;
}

/* Indexes are checked as they come. */
static void
read_points(struct report *report, struct cursor *c, struct arena *arena)
{
	report->point_count = cursor_count(c, POINT_OCTETS);
	report->points =
	    arena_zero(arena, report->point_count + 1, sizeof(*report->points));
	for (size_t i = 0; i < report->point_count && !c->bad; i++) {
		struct report_point *p = &report->points[i];

		p->name = cursor_u64(c);
		p->parent = cursor_u32(c);
		p->ta = cursor_u16(c);
		p->repository = cursor_u16(c);
		p->state =
		    (enum report_point_state)cursor_below(c, POINT_STATES);
		if ((p->parent != REPORT_NO_POINT && p->parent >= i) ||
		    p->ta >= report->ta_count ||
		    (p->repository != UINT16_MAX &&
			p->repository >= report->repository_count)) {
			cursor_fail(c);
		}
	}
	report->points_lost = (size_t)cursor_u64(c);
}

static void
read_grounds(struct report *report, struct cursor *c, struct arena *arena)
{
	report->ground_count = cursor_count(c, GROUND_OCTETS);
	report->grounds = arena_zero(arena, report->ground_count + 1,
	    sizeof(*report->grounds));
	for (size_t i = 0; i < report->ground_count && !c->bad; i++) {
		struct report_ground *g = &report->grounds[i];

		ground_read(g, c, arena);
		if (g->ta >= report->ta_count ||
		    (g->repository != UINT16_MAX &&
			g->repository >= report->repository_count)) {
			cursor_fail(c);
		}
	}
	report->grounds_lost = (size_t)cursor_u64(c);
}

static void
read_tables(struct report *report, struct cursor *c, struct arena *arena)
{
	const size_t counters = sizeof(uint64_t) * REPORT_COUNTERS;

	report->ta_count = cursor_count(c, counters);
	report->tas =
	    arena_zero(arena, report->ta_count + 1, sizeof(*report->tas));
	for (size_t i = 0; i < report->ta_count && !c->bad; i++) {
		read_ta(&report->tas[i], c, arena);
	}
	report->repository_count = cursor_count(c, counters);
	report->repositories = arena_zero(arena, report->repository_count + 1,
	    sizeof(*report->repositories));
	for (size_t i = 0; i < report->repository_count && !c->bad; i++) {
		read_repository(&report->repositories[i], c, arena);
	}
	report->finding_count = cursor_count(c, HASH_SIZE + 19);
	report->findings = arena_zero(arena, report->finding_count + 1,
	    sizeof(*report->findings));
	for (size_t i = 0; i < report->finding_count && !c->bad; i++) {
		read_finding(&report->findings[i], c, arena);
	}
}

bool
report_decode(struct report *report, struct bytes in, struct arena *arena)
{
	struct cursor c = cursor_open(in);

	*report = (struct report){ .started = read_time(&c) };
	report->finished = read_time(&c);
	report->cpu_us = cursor_u64(&c);
	report->memory_kb = cursor_u64(&c);
	report->signatures = cursor_u64(&c);
	report->remembered = cursor_u64(&c);
	report->judged = cursor_u64(&c);
	report->sandbox = cursor_u32(&c);
	report->valid_until = read_time(&c);
	read_tables(report, &c, arena);
	report->findings_lost = (size_t)cursor_u64(&c);
	read_points(report, &c, arena);
	read_grounds(report, &c, arena);
	read_faults(report, &c);
	return cursor_end(&c) && findings_fit(report);
}
