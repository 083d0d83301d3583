/* SPDX-License-Identifier: BSD-2-Clause */
/* rations - see rations.h. */
#include "validator/rations.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "validator/walk.h"

struct host {
	size_t going;
	struct share given;
};

struct rations {
	struct map *by_name; /* struct host */
	struct map *parts;   /* struct part_key -> struct share */
};

/* From here down the part gets no smaller: who is above has counted it. */
enum { DEEPEST = 2 };

/* A CA is the same in every round. */
struct part_key {
	const struct host *host;
	struct hash certificate;
	uint64_t ta;
};

static void
free_all(struct map *map)
{
	struct bytes key;
	void *value;

	for (size_t at = 0; map_next(map, &at, &key, &value);) {
		free(value);
	}
	map_free(map);
}

struct rations *
rations_new(void)
{
	struct rations *rations = mem_zero(1, sizeof(*rations));

	rations->by_name = map_new();
	rations->parts = map_new();
	return rations;
}

void
rations_free(struct rations *rations)
{
	if (rations != NULL) {
		free_all(rations->by_name);
		free_all(rations->parts);
		free(rations);
	}
}

/* The value under this key, made of nothing where there is none. */
static void *
obtain(struct map *map, struct bytes key, size_t size)
{
	void *value = map_get(map, key);

	if (value == NULL) {
		value = mem_zero(1, size);
		(void)map_set(map, key, value);
	}
	return value;
}

static struct host *
find(const struct rations *rations, const struct repo *repo)
{
	return map_get(rations->by_name, repo->host);
}

static struct part_key
key_of(const struct host *host, const struct ca *ca)
{
	return (struct part_key){ host, ca->own.certificate, ca->ta };
}

static struct bytes
bytes_of_key(const struct part_key *key)
{
	return bytes_of(key, sizeof(*key));
}

size_t
rations_going(const struct rations *rations, const struct repo *repo)
{
	const struct host *host = find(rations, repo);

	return host == NULL ? 0 : host->going;
}

void
rations_count(struct rations *rations, const struct repo *repo, int one)
{
	struct host *host = obtain(rations->by_name, repo->host, sizeof(*host));

	host->going += (size_t)one;
}

static enum fault
part_fault(const struct walk *walk, const struct host *host,
    const struct spot *spot, const struct share *more)
{
	static const struct share none;
	const struct part_key key = key_of(host, spot->ca);
	const struct share *given = NULL;
	const struct share most =
	    share_of_host(walk->policy, spot->ca->depth + 1);

	if (host != NULL) {
		given = map_get(walk->rations->parts, bytes_of_key(&key));
	}
	return share_host_fault(given != NULL ? given : &none, more, &most);
}

enum fault
rations_fault(const struct walk *walk, const struct repo *repo,
    const struct spot *spot, const struct share *more)
{
	static const struct share none;
	const struct host *host = find(walk->rations, repo);
	const struct share most = share_of_host(walk->policy, 0);
	enum fault fault =
	    share_host_fault(host != NULL ? &host->given : &none, more, &most);

	for (; spot != NULL && fault == FAULT_NONE; spot = spot->parent) {
		if (spot->ca->depth <= DEEPEST) {
			fault = part_fault(walk, host, spot, more);
		}
	}
	return fault;
}

void
rations_charge(struct walk *walk, const struct repo *repo,
    const struct spot *spot, const struct share *more)
{
	struct host *host =
	    obtain(walk->rations->by_name, repo->host, sizeof(*host));

	share_add(&host->given, more);
	for (; spot != NULL; spot = spot->parent) {
		const struct part_key key = key_of(host, spot->ca);

		if (spot->ca->depth <= DEEPEST) {
			share_add(obtain(walk->rations->parts,
				      bytes_of_key(&key), sizeof(struct share)),
			    more);
		}
	}
}

void
rations_new_round(struct rations *rations)
{
	struct bytes key;
	void *value;

	for (size_t at = 0; map_next(rations->by_name, &at, &key, &value);) {
		struct host *host = value;

		host->given.judging = 0;
	}
	for (size_t at = 0; map_next(rations->parts, &at, &key, &value);) {
		struct share *part = value;

		part->judging = 0;
	}
}
