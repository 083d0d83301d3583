/* SPDX-License-Identifier: BSD-2-Clause */
/* Files as they may and may not be, and what they do to a set. */
#include "payload/slurm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/payload/make.h"

#define HEAD(version) "{\"slurmVersion\":" #version ","
#define FILTERS(p, b)                                                          \
	"\"validationOutputFilters\":{\"prefixFilters\":[" p                   \
	"],\"bgpsecFilters\":[" b "]},\n"
#define ASSERTIONS(p, b)                                                       \
	"\"locallyAddedAssertions\":{\"prefixAssertions\":[" p                 \
	"],\"bgpsecAssertions\":[" b "]}}"
#define FILTERS_2(a)                                                           \
	"\"validationOutputFilters\":{\"prefixFilters\":[],"                   \
	"\"bgpsecFilters\":[],\"aspaFilters\":[" a "]},\n"
#define ASSERTIONS_2(a)                                                        \
	"\"locallyAddedAssertions\":{\"prefixAssertions\":[],"                 \
	"\"bgpsecAssertions\":[],\"aspaAssertions\":[" a "]}}"
#define ONE(filter)      HEAD(1) FILTERS(filter, "") ASSERTIONS("", "")
#define ONE_KEY(filter)  HEAD(1) FILTERS("", filter) ASSERTIONS("", "")
#define ONE_ROUTE(rule)  HEAD(1) FILTERS("", "") ASSERTIONS(rule, "")
#define ONE_ROUTER(rule) HEAD(1) FILTERS("", "") ASSERTIONS("", rule)
#define ONE_ASPA(rule)   HEAD(2) FILTERS_2("") ASSERTIONS_2(rule)
#define SKI              "AAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* A refused file, and how the message must begin. */
static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "f:1:0: '[' or '{' expected near end of file" },
	{ "[]", "f:1:1: must be an object" },
	{ "{\"slurmVersion\":1,\n \"slurmVersion\":1}", "f:2:15: duplicate" },
	{ "{}", "f:1:1: there must be a \"slurmVersion\"" },
	{ HEAD(3) "\"x\":1}", "f:1:23: unknown member \"x\"; there may be:" },
	{ HEAD(3) FILTERS("", "") ASSERTIONS("", ""),
	    "f:1:17: \"slurmVersion\" must be from 1 to 2" },
	{ HEAD(1.0) FILTERS("", "") ASSERTIONS("", ""),
	    "f:1:17: \"slurmVersion\" has another type: a whole number" },
	{ HEAD("1") FILTERS("", "") ASSERTIONS("", ""), "f:1:17: " },
	{ HEAD(1) FILTERS("", "") "\"a b\":1}", "f:2:7: unknown member" },
	{ HEAD(1) FILTERS("", "") "}", "f:2:1: string or '}' expected" },
	{ HEAD(2) FILTERS("", "") ASSERTIONS("", ""),
	    "f:1:45: there must be a \"aspaFilters\": an array" },
	{ HEAD(1) FILTERS_2("") ASSERTIONS_2(""),
	    "f:1:98: unknown member \"aspaFilters\"" },
	{ ONE("{}"), "f:1:63: there must be a \"prefix\" or an \"asn\"" },
	{ ONE("1"), "f:1:63: must be an object" },
	{ ONE("{\"asn\":1},\n{\"asn\":\"AS1\"}"), "f:2:8: \"asn\" has" },
	{ ONE("{\"asn\":-1}"), "f:1:70: \"asn\" must be from 0 to 4294967295" },
	{ ONE("{\"asn\":4294967296}"), "f:1:70: \"asn\" must be" },
	{ ONE("{\"asn\":1e3}"), "f:1:70: \"asn\" has another type" },
	{ ONE("{\"asn\":1,\"SKI\":\"" SKI "\"}"), "f:1:78: unknown member" },
	{ ONE("{\"prefix\":\"10.0.0.1/8\"}"), "f:1:73: not a prefix" },
	{ ONE("{\"prefix\":\"10.0.0.0\"}"), "f:1:73: not a prefix" },
	{ ONE("{\"prefix\":7}"), "f:1:73: \"prefix\" has another type" },
	{ ONE("{\"asn\":1,\"comment\":1}"), "f:1:82: \"comment\" has" },
	{ ONE_KEY("{\"SKI\":\"" SKI "=\"}"), "f:1:89: not 20 octets" },
	{ ONE_KEY("{\"SKI\":\"AAAA\"}"), "f:1:89: not 20 octets" },
	{ ONE_KEY("{\"comment\":\"\"}"), "f:1:82: there must be an \"asn\" " },
	{ ONE_ROUTE("{\"asn\":1}"), "f:2:47: there must be a \"prefix\"" },
	{ ONE_ROUTE("{\"prefix\":\"10.0.0.0/8\"}"),
	    "f:2:47: there must be a \"asn\"" },
	{ ONE_ROUTE(
	      "{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxPrefixLength\":7}"),
	    "f:2:96: \"maxPrefixLength\" must be from 8 to 32" },
	{ ONE_ROUTE("{\"asn\":1,\"prefix\":\"::/0\",\"maxPrefixLength\":129}"),
	    "f:2:90: \"maxPrefixLength\" must be from 0 to 128" },
	{ ONE_ROUTER("{\"asn\":1,\"SKI\":\"" SKI "\"}"),
	    "f:2:69: there must be a \"routerPublicKey\"" },
	{ ONE_ROUTER(
	      "{\"asn\":1,\"SKI\":\"" SKI "\",\"routerPublicKey\":\"A\"}"),
	    "f:2:132: not a whole" },
	{ ONE_ROUTER(
	      "{\"asn\":1,\"SKI\":\"" SKI "\",\"routerPublicKey\":\"MAMC\"}"),
	    "f:2:132: not a whole" }, /* one octet short */
	{ ONE_ROUTER(
	      "{\"asn\":1,\"SKI\":\"" SKI "\",\"routerPublicKey\":\"AAAA\"}"),
	    "f:2:132: not a whole" },
	{ ONE_ASPA("{\"customerAsn\":1,\"providerAsns\":[]}"),
	    "f:2:121: must not be empty" },
	{ ONE_ASPA("{\"customerAsn\":1,\"providerAsns\":[2,1]}"),
	    "f:2:121: the customer" },
	{ ONE_ASPA("{\"customerAsn\":9,\"providerAsns\":[2,1]}"),
	    "f:2:121: must be ascending" },
	{ ONE_ASPA("{\"customerAsn\":9,\"providerAsns\":[2,2]}"),
	    "f:2:121: must be ascending" },
	{ ONE_ASPA("{\"customerAsn\":9,\"providerAsns\":[0,2]}"),
	    "f:2:121: 0 (no provider)" },
	{ ONE_ASPA("{\"customerAsn\":9,\"providerAsns\":[\"2\"]}"),
	    "f:2:121: must hold AS numbers" },
	{ ONE("") "x", "f:2:7" },
};

static void
refuses_and_says_where(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slurm_file file = { "f", text_bytes(bad[i].text) };
		struct octets why = { .at = NULL };
		struct slurm *slurm = slurm_read(&file, 1, &why);

		octets_u8(&why, 0);
		if (slurm != NULL || strncmp((const char *)why.at, bad[i].why,
					 strlen(bad[i].why)) != 0) {
			print_error("# %zu: %s\n#   not %s\n", i, why.at,
			    bad[i].why);
			wrong++;
		}
		slurm_free(slurm);
		octets_clear(&why);
	}
	assert_int_equal(wrong, 0);
}

/* Two files that may or may not stand together. */
static const struct {
	const char *what, *a, *b;
	bool good;
} pairs[] = {
	{ "the same prefix", ONE("{\"prefix\":\"10.0.0.0/8\"}"),
	    ONE_ROUTE("{\"asn\":1,\"prefix\":\"10.0.0.0/8\"}"), false },
	{ "one covers the other", ONE("{\"prefix\":\"10.9.0.0/16\"}"),
	    ONE_ROUTE("{\"asn\":1,\"prefix\":\"10.0.0.0/8\"}"), false },
	{ "an own one between",
	    ONE("{\"prefix\":\"10.0.0.0/8\"},{\"prefix\":\"10.9.0.0/16\"}"),
	    ONE("{\"prefix\":\"10.9.9.0/24\"}"), false },
	{ "neighbours", ONE("{\"prefix\":\"10.0.0.0/9\"}"),
	    ONE("{\"prefix\":\"10.128.0.0/9\"}"), true },
	{ "families", ONE("{\"prefix\":\"::/0\"}"),
	    ONE("{\"prefix\":\"0.0.0.0/0\"}"), true },
	{ "AS numbers of prefix filters do not overlap", ONE("{\"asn\":1}"),
	    ONE("{\"asn\":1}"), true },
	{ "AS numbers of routers do", ONE_KEY("{\"asn\":1}"),
	    ONE_KEY("{\"asn\":1}"), false },
	{ "customers do", ONE_ASPA("{\"customerAsn\":9,\"providerAsns\":[2]}"),
	    HEAD(2) FILTERS_2("{\"customerAsn\":9}") ASSERTIONS_2(""), false },
	{ "other customers",
	    ONE_ASPA("{\"customerAsn\":9,\"providerAsns\":[2]}"),
	    HEAD(2) FILTERS_2("{\"customerAsn\":8}") ASSERTIONS_2(""), true },
};

static void
refuses_files_that_overlap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct slurm_file files[2] = {
			{ "a", text_bytes(pairs[i].a) },
			{ "b", text_bytes(pairs[i].b) },
		};
		struct octets why = { .at = NULL };
		struct slurm *slurm = slurm_read(files, 2, &why);

		print_message("# %s\n", pairs[i].what);
		assert_int_equal(slurm != NULL, pairs[i].good);
		assert_int_equal(why.len != 0, !pairs[i].good);
		if (!pairs[i].good) {
			octets_u8(&why, 0);
			assert_non_null(strstr((char *)why.at, "RFC 8416 4.2"));
		}
		slurm_free(slurm);
		octets_clear(&why);
	}
}

static const char rules[] = HEAD(
    2) "\"validationOutputFilters\":{\"prefixFilters\":["
       "{\"prefix\":\"10.0.0.0/8\"},{\"asn\":7},"
       "{\"prefix\":\"11.0.0.0/8\",\"asn\":1}],"
       "\"bgpsecFilters\":[{\"asn\":3}],\"aspaFilters\":[{\"customerAsn\":5}]},"
       "\"locallyAddedAssertions\":{\"prefixAssertions\":["
       "{\"asn\":7,\"prefix\":\"10.0.0.0/8\",\"comment\":\"mine\"},"
       "{\"asn\":1,\"prefix\":\"::/0\",\"maxPrefixLength\":3}],"
       "\"bgpsecAssertions\":[{\"asn\":4,\"SKI\":\"" SKI
       "\",\"routerPublicKey\":\"MAEA\"}],"
       "\"aspaAssertions\":[{\"customerAsn\":6,\"providerAsns\":[1,9]}]}}";

static const struct snapshot *
some(void)
{
	static const uint32_t providers[] = { 8 };
	struct builder *builder = builder_new();
	uint32_t source = make_source(builder, 0, "rsync://r/m/x", 9);
	uint8_t spki[2] = { 1, 2 };

	builder_ta(builder, "alpha");
	make_add(builder, "10.0.0.0/8", 8, 1);
	make_add(builder, "10.1.0.0/16", 16, 7);
	make_add(builder, "0.0.0.0/0", 8, 1);
	make_add(builder, "12.0.0.0/8", 8, 7);
	make_add(builder, "11.0.0.0/8", 8, 1);
	make_add(builder, "11.0.0.0/8", 8, 2);
	for (uint32_t asn = 3; asn < 5; asn++) {
		builder_router_key(builder,
		    &(struct router_key){ .asn = asn,
			.spki = spki,
			.spki_len = 2 },
		    source);
		builder_aspa(builder,
		    &(struct aspa){ .customer = asn + 2,
			.count = 1,
			.providers = providers },
		    source);
	}
	return builder_seal(builder);
}

static void
filters_first_and_then_asserts(void **state)
{
	static const uint64_t want[] = { 2, 2, 1, 1, 1, 1, 1, 1, 1 };
	struct slurm_file file = { "local.json", text_bytes(rules) };
	struct octets why = { .at = NULL };
	struct slurm *slurm = slurm_read(&file, 1, &why);
	const struct snapshot *in = some();
	const struct snapshot *out;
	uint64_t effects[9];
	struct source_room room;
	char *text;

	(void)state;
	assert_non_null(slurm);
	assert_int_equal(slurm_rules(slurm), 9);
	out = slurm_apply(slurm, in, effects);
	assert_memory_equal(effects, want, sizeof(want));
	assert_string_equal(slurm_kind_name(slurm_rule(slurm, 4)->kind),
	    "aspaFilters");
	slurm_free(slurm);
	snapshot_put(in);
	text = make_text(out);
	assert_string_equal(text,
	    "0.0.0.0/0-8 AS1\n10.0.0.0/8-8 AS7\n11.0.0.0/8-8 AS2\n::/0-3 AS1\n"
	    "key AS4 00.. 2\nkey AS4 00.. 3\naspa 6: 1 8 9\n");
	free(text);
	snapshot_source(out, ITEM_VRP, 1, 0, &room);
	assert_int_equal(room.source.kind, SOURCE_EXCEPTION);
	assert_string_equal(room.source.uri, "local.json");
	assert_string_equal(room.source.comment, "mine");
	assert_string_equal(snapshot_ta(out, ITEM_VRP, 1), "N/A");
	assert_string_equal(snapshot_ta(out, ITEM_VRP, 2), "alpha");
	assert_true(snapshot_expires(out, ITEM_VRP, 1) == INT64_MAX);
	snapshot_put(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_and_says_where),
		cmocka_unit_test(refuses_files_that_overlap),
		cmocka_unit_test(filters_first_and_then_asserts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
