/* SPDX-License-Identifier: BSD-2-Clause */
/* stream - see stream.h. */
#include "rtr/stream.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct stream {
	atomic_uint refs;
	struct octets octets;
};

enum { SINCE_ROUTER_KEYS = 1, SINCE_ASPAS = 2 };
/* Of a prefix, and of what stands around prefixes in most answers. */
enum { V4_OCTETS = 20, V6_OCTETS = 32, ROOM_BESIDE = 64 };

static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
vrp_order(const struct vrp *a, const struct vrp *b)
{
	int by = order(a->prefix.family, b->prefix.family);

	if (by == 0) {
		by = memcmp(a->prefix.address, b->prefix.address,
		    sizeof(a->prefix.address));
	}
	if (by == 0) {
		by = order(a->max_length, b->max_length);
	}
	if (by == 0) {
		by = order(a->prefix.length, b->prefix.length);
	}
	return by != 0 ? by : order(a->asn, b->asn);
}

static int
run_order(const void *left, const void *right)
{
	const struct vrp *const *a = left;
	const struct vrp *const *b = right;

	return vrp_order(*a, *b);
}

static int
key_order(const void *left, const void *right)
{
	const struct router_key *a = *(const struct router_key *const *)left;
	const struct router_key *b = *(const struct router_key *const *)right;
	int by = memcmp(a->ski.at, b->ski.at, KEYID_SIZE);

	if (by == 0) {
		by = order(a->spki_len, b->spki_len);
	}
	if (by == 0) {
		by = memcmp(a->spki, b->spki, a->spki_len);
	}
	return by != 0 ? by : order(a->asn, b->asn);
}

static int
aspa_order(const void *left, const void *right)
{
	const struct aspa *const *a = left;
	const struct aspa *const *b = right;

	return order((*a)->customer, (*b)->customer);
}

/* A sorted copy of pointers; NULL when there are none. */
static void *
sorted(const void *list, size_t count,
    int (*compare)(const void *, const void *))
{
	void *copy;

	if (count == 0) {
		return NULL;
	}
	copy = mem_copy(list, count * sizeof(void *));
	qsort(copy, count, sizeof(void *), compare);
	return copy;
}

static bool
same_address(const struct vrp *a, const struct vrp *b)
{
	return a->prefix.family == b->prefix.family &&
	       memcmp(a->prefix.address, b->prefix.address,
		   sizeof(a->prefix.address)) == 0;
}

/*
 * From the order of item.h to that of the protocol: they differ only among
 * VRPs of one address, of which there are few, so a million are put right in
 * the time it takes to look at them.
 */
static const struct vrp **
put_in_order(const struct vrp *const *list, size_t count)
{
	const struct vrp **copy;

	if (count == 0) {
		return NULL;
	}
	copy = mem_copy(list, count * sizeof(*copy));
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && same_address(copy[i], copy[i + n]);
		     n++) {
		}
		if (n > 1) {
			qsort(copy + i, n, sizeof(*copy), run_order);
		}
	}
	return copy;
}

/* The last gate: what would break a router's session never leaves, whatever
 * may have put it into the set. */
static void
add_vrp(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct vrp *vrp)
{
	if (item_vrp_sane(vrp)) {
		pdu_prefix(out, version, flag, vrp);
	}
}

/* How many at the front are IPv4; the rest is IPv6. */
static size_t
ipv4_count(const struct vrp *const *list, size_t count)
{
	size_t n = 0;

	while (n < count && list[n]->prefix.family == IP_V4) {
		n++;
	}
	return n;
}

/* What VRPs take of which so many are IPv4. */
static size_t
octets_of(const struct stream_changes *c, const size_t ipv4[2])
{
	size_t all = c->vrp_count[0] + c->vrp_count[1];
	size_t few = ipv4[0] + ipv4[1];

	return few * V4_OCTETS + (all - few) * V6_OCTETS;
}

/* Announcements from the last to the first, then withdrawals. */
static void
add_vrps(struct octets *out, unsigned version, const struct stream_changes *c)
{
	const struct vrp **lists[2];
	size_t from[2] = { 0 }, to[2];

	for (unsigned flag = 0; flag < 2; flag++) {
		lists[flag] = put_in_order(c->vrps[flag], c->vrp_count[flag]);
		to[flag] = ipv4_count(lists[flag], c->vrp_count[flag]);
	}
	octets_reserve(out, octets_of(c, to) + ROOM_BESIDE);
	for (unsigned family = 0; family < 2; family++) {
		for (size_t i = to[PDU_ANNOUNCE]; i > from[PDU_ANNOUNCE]; i--) {
			add_vrp(out, version, PDU_ANNOUNCE,
			    lists[PDU_ANNOUNCE][i - 1]);
		}
		for (size_t i = from[PDU_WITHDRAW]; i < to[PDU_WITHDRAW]; i++) {
			add_vrp(out, version, PDU_WITHDRAW,
			    lists[PDU_WITHDRAW][i]);
		}
		for (unsigned flag = 0; flag < 2; flag++) {
			from[flag] = to[flag];
			to[flag] = c->vrp_count[flag];
		}
	}
	free(lists[PDU_WITHDRAW]);
	free(lists[PDU_ANNOUNCE]);
}

static void
add_keys(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct stream_changes *c)
{
	const struct router_key **list =
	    sorted(c->keys[flag], c->key_count[flag], key_order);

	for (size_t i = 0; i < c->key_count[flag]; i++) {
		pdu_router_key(out, version, flag, list[i]);
	}
	free(list);
}

static void
add_aspas(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct stream_changes *c)
{
	const struct aspa **list =
	    sorted(c->aspas[flag], c->aspa_count[flag], aspa_order);

	for (size_t i = 0; i < c->aspa_count[flag]; i++) {
		pdu_aspa(out, version, flag, list[i]);
	}
	free(list);
}

const struct stream *
stream_of_changes(const struct stream_frame *frame,
    const struct stream_changes *changes)
{
	struct stream *stream = mem_zero(1, sizeof(*stream));
	struct octets *out = &stream->octets;

	atomic_init(&stream->refs, 1);
	pdu_cache_response(out, frame->version, frame->session);
	add_vrps(out, frame->version, changes);
	if (frame->version >= SINCE_ROUTER_KEYS) {
		add_keys(out, frame->version, PDU_ANNOUNCE, changes);
		add_keys(out, frame->version, PDU_WITHDRAW, changes);
	}
	if (frame->version >= SINCE_ASPAS) {
		add_aspas(out, frame->version, PDU_ANNOUNCE, changes);
		add_aspas(out, frame->version, PDU_WITHDRAW, changes);
	}
	pdu_end_of_data(out, frame->version, frame->session, frame->serial,
	    &frame->timing);
	return stream;
}

const struct stream *
stream_full(const struct stream_frame *frame, const struct snapshot *snapshot)
{
	struct stream_changes c = { 0 };
	size_t vrps = snapshot_vrps(snapshot);
	size_t keys = snapshot_router_keys(snapshot);
	size_t aspas = snapshot_aspas(snapshot);
	const struct vrp **v = mem_zero(vrps + 1, sizeof(*v));
	const struct router_key **k = mem_zero(keys + 1, sizeof(*k));
	const struct aspa **a = mem_zero(aspas + 1, sizeof(*a));
	const struct stream *stream;

	for (size_t i = 0; i < vrps; i++) {
		v[i] = snapshot_vrp(snapshot, i);
	}
	for (size_t i = 0; i < keys; i++) {
		k[i] = snapshot_router_key(snapshot, i);
	}
	for (size_t i = 0; i < aspas; i++) {
		a[i] = snapshot_aspa(snapshot, i);
	}
	c.vrps[PDU_ANNOUNCE] = v;
	c.vrp_count[PDU_ANNOUNCE] = vrps;
	c.keys[PDU_ANNOUNCE] = k;
	c.key_count[PDU_ANNOUNCE] = keys;
	c.aspas[PDU_ANNOUNCE] = a;
	c.aspa_count[PDU_ANNOUNCE] = aspas;
	stream = stream_of_changes(frame, &c);
	free(v);
	free(k);
	free(a);
	return stream;
}

/* The count is the one part of a stream that moves. */
static struct stream *
own(const struct stream *stream)
{
	return (struct stream *)(uintptr_t)stream;
}

const struct stream *
stream_get(const struct stream *stream)
{
	atomic_fetch_add(&own(stream)->refs, 1);
	return stream;
}

void
stream_put(const struct stream *stream)
{
	if (stream == NULL || atomic_fetch_sub(&own(stream)->refs, 1) != 1) {
		return;
	}
	octets_clear(&own(stream)->octets);
	free(own(stream));
}

struct bytes
stream_octets(const struct stream *stream)
{
	return octets_bytes(&stream->octets);
}
