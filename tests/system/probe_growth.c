/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe_growth - what one may send us, KIND and N, worked off once in work():
 * the test counts the instructions of that for N, 2N and 4N.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"
#include "object/crl.h"
#include "object/manifest.h"
#include "object/roa.h"
#include "payload/builder.h"
#include "payload/delta.h"
#include "payload/slurm.h"
#include "rrdp/document.h"
#include "store/bars.h"
#include "store/leftover.h"
#include "store/repository.h"
#include "tests/bench/many.h"

enum { SEQUENCE = 0x30 };

static const char head[] =
    "<snapshot xmlns=\"http://www.ripe.net/rpki/rrdp\" version=\"1\" "
    "session_id=\"9df4b597-af9e-4dca-bdda-719cce2c4e28\" serial=\"3\">\n";

struct load {
	size_t count;
	struct octets in;
	struct arena *arena;
	const struct snapshot *before, *after;
	struct store *store;
	struct log *log;
};

/* Tag, the shortest length, content. */
static void
put(struct octets *o, uint8_t tag, struct bytes content)
{
	size_t len = content.len;

	octets_u8(o, tag);
	if (len >= 0x1000000) {
		octets_u8(o, 0x84);
		octets_u32(o, (uint32_t)len);
	} else if (len >= 0x10000) {
		octets_u8(o, 0x83);
		octets_u8(o, (uint8_t)(len >> 16));
		octets_u16(o, (uint16_t)len);
	} else if (len >= 0x100) {
		octets_u8(o, 0x82);
		octets_u16(o, (uint16_t)len);
	} else if (len >= 0x80) {
		octets_u8(o, 0x81);
		octets_u8(o, (uint8_t)len);
	} else {
		octets_u8(o, (uint8_t)len);
	}
	octets_add_bytes(o, content);
}

/* One more value around all that is there. */
static void
around(struct octets *o, uint8_t tag)
{
	struct octets whole = { .at = NULL };

	put(&whole, tag, octets_bytes(o));
	octets_clear(o);
	*o = whole;
}

static void
put_hex(struct octets *o, const char *hex)
{
	(void)text_from_hex(o, text_bytes(hex));
}

/* --- what to read */

static void
make_roa(struct load *load)
{
	struct octets family = { .at = NULL }, list = { .at = NULL };

	for (size_t i = 0; i < load->count; i++) {
		uint8_t address[] = { 0x30, 7, 3, 5, 0, 10, 0, 0, 0 };

		address[6] = (uint8_t)(i >> 16);
		address[7] = (uint8_t)(i >> 8);
		address[8] = (uint8_t)i;
		octets_add(&list, address, sizeof(address));
	}
	around(&list, SEQUENCE);
	put_hex(&family, "04020001");
	octets_add_bytes(&family, octets_bytes(&list));
	around(&family, SEQUENCE);
	around(&family, SEQUENCE);
	put_hex(&load->in, "020300fbf0");
	octets_add_bytes(&load->in, octets_bytes(&family));
	around(&load->in, SEQUENCE);
	octets_clear(&family);
	octets_clear(&list);
}

static bool
read_roa(struct load *load)
{
	struct roa roa;

	return roa_decode(&roa, octets_bytes(&load->in), load->arena) ==
		   FAULT_NONE &&
	       roa.count == load->count;
}

static void
make_manifest(struct load *load)
{
	struct octets list = { .at = NULL }, one = { .at = NULL };
	char name[32];

	for (size_t i = 0; i < load->count; i++) {
		octets_reset(&one);
		snprintf(name, sizeof(name), "x%06zu.%s", i,
		    i == 0 ? "crl" : "roa");
		put(&one, 0x16, bytes_of(name, strlen(name)));
		put_hex(&one, "032100");
		for (unsigned k = 0; k < HASH_SIZE; k++) {
			octets_u8(&one, (uint8_t)(i >> (k % 4 * 8)));
		}
		put(&list, SEQUENCE, octets_bytes(&one));
	}
	around(&list, SEQUENCE);
	put_hex(&load->in, "020101180f32303236303330313030303030305a"
			   "180f32303236303330323030303030305a"
			   "0609608648016503040201");
	octets_add_bytes(&load->in, octets_bytes(&list));
	around(&load->in, SEQUENCE);
	octets_clear(&list);
	octets_clear(&one);
}

static bool
read_manifest(struct load *load)
{
	struct manifest manifest;

	return manifest_decode(&manifest, octets_bytes(&load->in),
		   load->arena) == FAULT_NONE &&
	       manifest.count == load->count;
}

#define ALGORITHM "300d06092a864886f70d01010b0500"

static void
make_crl(struct load *load)
{
	struct octets list = { .at = NULL };

	for (size_t i = load->count; i > 0; i--) {
		uint8_t entry[] = { 0x30, 20, 2, 3, 0x40, 0, 0, 0x17, 13, '2',
			'6', '0', '3', '0', '1', '0', '0', '0', '0', '0', '0',
			'Z' };

		entry[4] = (uint8_t)(0x10 + (i >> 16));
		entry[5] = (uint8_t)(i >> 8);
		entry[6] = (uint8_t)i;
		octets_add(&list, entry, sizeof(entry));
	}
	around(&list, SEQUENCE);
	put_hex(&load->in, "020101" ALGORITHM "300c310a300806035504031301"
			   "61"
			   "170d3236303330313030303030305a"
			   "170d3236303330323030303030305a");
	octets_add_bytes(&load->in, octets_bytes(&list));
	put_hex(&load->in,
	    "a02f302d301f0603551d230418301680140102030405060708090a0b0c0d0e0f"
	    "1011121314300a0603551d140403020101");
	around(&load->in, SEQUENCE);
	put_hex(&load->in, ALGORITHM "0382010100");
	memset(octets_more(&load->in, 256), 0x5a, 256);
	around(&load->in, SEQUENCE);
	octets_clear(&list);
}

/* And as many serials looked up as there are. */
static bool
read_crl(struct load *load)
{
	struct crl crl;
	size_t found = 0;

	if (crl_decode(&crl, octets_bytes(&load->in), load->arena) !=
		FAULT_NONE ||
	    crl.count != load->count) {
		return false;
	}
	for (size_t i = 0; i < crl.count; i++) {
		uint8_t serial[CERT_SERIAL] = { 0 };

		serial[CERT_SERIAL - 2] = (uint8_t)(i >> 8);
		serial[CERT_SERIAL - 1] = (uint8_t)i;
		found += crl_revokes(&crl, serial) ||
			 crl_revokes(&crl, crl.entries[i].serial);
	}
	return found == crl.count;
}

/* Every second /24, so that nothing touches. */
static void
make_resources(struct load *load)
{
	struct octets list = { .at = NULL }, family = { .at = NULL };

	for (size_t i = 0; i < load->count; i++) {
		uint8_t block[] = { 3, 4, 0, 0, 0, 0 };

		block[3] = (uint8_t)(i >> 15);
		block[4] = (uint8_t)(i >> 7);
		block[5] = (uint8_t)(i << 1);
		octets_add(&list, block, sizeof(block));
	}
	around(&list, SEQUENCE);
	put_hex(&family, "04020001");
	octets_add_bytes(&family, octets_bytes(&list));
	around(&family, SEQUENCE);
	put(&load->in, SEQUENCE, octets_bytes(&family));
	octets_clear(&list);
	octets_clear(&family);
}

/* What a child has within what its issuer has: the same. */
static bool
read_resources(struct load *load)
{
	struct resources own = { 0 }, issuer = { 0 }, all;
	struct oddities odd = { 0 };
	struct bytes in = octets_bytes(&load->in);

	return resources_read_ip(&own, in, &odd, load->arena) == FAULT_NONE &&
	       resources_read_ip(&issuer, in, &odd, load->arena) ==
		   FAULT_NONE &&
	       resources_effective(&all, &own, &issuer) == FAULT_NONE &&
	       all.v4.count == load->count;
}

static void
make_snapshot(struct load *load)
{
	octets_add(&load->in, head, strlen(head));
	for (size_t i = 0; i < load->count; i++) {
		octets_printf(&load->in,
		    "<publish uri=\"rsync://h.example/m/%zu.roa\">AAAA"
		    "</publish>\n",
		    i);
	}
	octets_printf(&load->in, "</snapshot>\n");
}

static enum fault
count_item(void *arg, const struct document_item *item)
{
	(void)item;
	++*(size_t *)arg;
	return FAULT_NONE;
}

static bool
read_snapshot(struct load *load)
{
	size_t items = 0;
	struct bytes left = octets_bytes(&load->in);
	struct xml_source source = xml_octets(&left);
	struct document_report report;
	struct document_job job = {
		.kind = DOCUMENT_SNAPSHOT,
		.session = "9df4b597-af9e-4dca-bdda-719cce2c4e28",
		.serial = 3,
		.max_object = 2000,
		.max_octets = 100000000,
		.max_items = 1000000,
		.item = count_item,
		.arg = &items,
	};

	return document_read(&job, &source, &report) == FAULT_NONE &&
	       items == load->count;
}

/* --- what to tell routers */

static void
make_sets(struct load *load)
{
	load->before =
	    builder_seal(many_build((uint32_t)load->count, 1, 2000000000));
}

static bool
read_sets(struct load *load)
{
	const struct delta *delta;

	load->after =
	    builder_seal(many_build((uint32_t)load->count, 2, 2000000000));
	delta = delta_new(load->before, load->after);
	if (delta_empty(delta)) {
		return false;
	}
	delta_put(delta);
	return true;
}

/* As many filters as there is payload, and as many assertions. */
static void
make_slurm(struct load *load)
{
	uint32_t seed = 3;

	make_sets(load);
	octets_printf(&load->in,
	    "{\"slurmVersion\":1,\"validationOutputFilters\":{"
	    "\"prefixFilters\":[");
	for (size_t i = 0; i < load->count; i++) {
		struct vrp vrp = many_vrp(&seed);

		octets_printf(&load->in,
		    "%s{\"asn\":%u,\"prefix\":\"%u.%u.%u."
		    "0/24\"}",
		    i == 0 ? "" : ",", (unsigned)vrp.asn, 1 + (unsigned)i % 200,
		    (unsigned)i / 200 % 256, (unsigned)i / 51200);
	}
	octets_printf(&load->in,
	    "],\"bgpsecFilters\":[]},\"locallyAddedAssertions\":{"
	    "\"prefixAssertions\":[");
	for (size_t i = 0; i < load->count; i++) {
		octets_printf(&load->in,
		    "%s{\"asn\":%zu,\"prefix\":\"%u.%u.%u."
		    "0/24\"}",
		    i == 0 ? "" : ",", i, 1 + (unsigned)i % 200,
		    (unsigned)i / 200 % 256, (unsigned)i / 51200);
	}
	octets_printf(&load->in, "],\"bgpsecAssertions\":[]}}");
}

static bool
read_slurm(struct load *load)
{
	struct octets why = { .at = NULL };
	struct slurm_file file = { "probe", octets_bytes(&load->in) };
	struct slurm *slurm = slurm_read(&file, 1, &why);

	if (slurm == NULL) {
		fprintf(stderr, "%.*s", (int)why.len, (const char *)why.at);
		return false;
	}
	load->after = slurm_apply(slurm, load->before, NULL);
	return slurm_rules(slurm) == 2 * load->count;
}

/* Names that differ little, as a hostile CA would choose them. */
static bool
read_map(struct load *load)
{
	struct map *map = map_new();

	for (size_t i = 0; i < load->count; i++) {
		(void)map_set(map, bytes_of(&i, sizeof(i)), load);
	}
	for (size_t i = 0; i < load->count; i++) {
		if (map_get(map, bytes_of(&i, sizeof(i))) == NULL) {
			return false;
		}
	}
	return map_count(map) == load->count;
}

static struct kv_txn *
open_store(struct load *load)
{
	char dir[] = "store-XXXXXX";
	const struct store_config config = { .dir = mkdtemp(dir),
		.map_octets = 1 << 28 };
	struct kv_txn *txn;

	load->log = log_new(LOG_LEVEL_ERROR);
	if (store_open(&load->store, &config, load->log) != 0 ||
	    kv_write(store_kv(load->store), &txn) != 0) {
		exit(2);
	}
	return txn;
}

static const char *
manifest_of(struct load *load, size_t i)
{
	return arena_printf(load->arena, "rsync://h.example/m/%zu.mft", i);
}

static const struct keyid one_key;

/* Points of one key. */
static void
make_bars(struct load *load)
{
	struct kv_txn *txn = open_store(load);

	for (size_t i = 0; i < load->count; i++) {
		struct lastgood row = { .uri = manifest_of(load, i),
			.beside = true };

		if (lastgood_put(txn, &one_key, &row) != 0) {
			exit(2);
		}
	}
	if (kv_commit(txn) != 0) {
		exit(2);
	}
}

static bool
read_bars(struct load *load)
{
	struct bars *bars = bars_new();
	struct lastgood row;
	struct kv_txn *txn;
	bool good = kv_read(store_kv(load->store), &txn) == 0;

	for (size_t i = 0; good && i < load->count; i++) {
		const char *uri = manifest_of(load, i);

		good = bars_find(bars, txn, &one_key, uri, &row, load->arena) ==
			   0 &&
		       strcmp(row.uri, uri) == 0;
	}
	return good;
}

/* Modules that were asked, each with a folder in the cache. */
static void
make_trees(struct load *load)
{
	struct kv_txn *txn = open_store(load);

	for (size_t i = 0; i < load->count; i++) {
		const char *uri =
		    arena_printf(load->arena, "rsync://h%zu.example/m/", i);
		struct repository row = { .uri = uri, .last_attempt = 1 };

		if (repository_put(txn, &row) != 0 ||
		    mkdir(arena_printf(load->arena, "%s/%u",
			      store_rsync_dir(load->store), row.number),
			0700) != 0) {
			exit(2);
		}
	}
	if (kv_commit(txn) != 0) {
		exit(2);
	}
}

static bool
read_trees(struct load *load)
{
	uint64_t removed = 0;

	return leftover_drop(load->store, 1, NULL, load->log, &removed) == 0 &&
	       removed == 0;
}

static void
make_nothing(struct load *load)
{
	(void)load;
}

static const struct {
	const char *kind;
	void (*make)(struct load *load);
	bool (*read)(struct load *load);
} kinds[] = {
	{ "roa", make_roa, read_roa },
	{ "manifest", make_manifest, read_manifest },
	{ "crl", make_crl, read_crl },
	{ "resources", make_resources, read_resources },
	{ "snapshot", make_snapshot, read_snapshot },
	{ "sets", make_sets, read_sets },
	{ "slurm", make_slurm, read_slurm },
	{ "map", make_nothing, read_map },
	{ "trees", make_trees, read_trees },
	{ "bars", make_bars, read_bars },
};

/* What is counted: the test names it. */
__attribute__((noinline)) bool work(bool (*read)(struct load *load),
    struct load *load);

bool
work(bool (*read)(struct load *load), struct load *load)
{
	bool good = read(load);

	__asm__ volatile("" ::: "memory");
	return good;
}

int
main(int argc, char **argv)
{
	struct load load = { .arena = arena_new() };

	if (argc != 3) {
		return 2;
	}
	load.count = strtoul(argv[2], NULL, 10);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, argv[1]) == 0) {
			kinds[i].make(&load);
			return work(kinds[i].read, &load) ? 0 : 1;
		}
	}
	return 2;
}
