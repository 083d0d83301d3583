/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every format against a file of what it must be: ours in fixtures/output, and
 * where the shared corpus is at hand, what Routinator expects of itself.
 */
#include "output/format.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/corpus.h"
#include "tests/unit/payload/make.h"

static int
put(void *arg, struct bytes octets)
{
	octets_add_bytes(arg, octets);
	return 0;
}

/* NULL when there is no such file. Caller frees. */
static char *
read_file(const char *path)
{
	struct octets text = { .at = NULL };
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (f == NULL) {
		return NULL;
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) != 0) {
		octets_add(&text, piece, n);
	}
	fclose(f);
	octets_u8(&text, 0);
	return (char *)text.at;
}

static char *
render(const struct format *format, const struct format_input *input)
{
	struct octets text = { .at = NULL };

	assert_int_equal(format_write(format, input,
			     (struct sink){ .put = put, .arg = &text }),
	    0);
	octets_u8(&text, 0);
	return (char *)text.at;
}

static void
add_exception(struct builder *builder, uint32_t asn, uint32_t source)
{
	static const uint32_t providers[] = { 1, 2, 3, 4 };
	static const uint8_t spki[64];
	struct vrp vrp = make_vrp("12.34.56.0/24", 24, asn);

	builder_vrp(builder, &vrp, source);
	builder_router_key(builder,
	    &(struct router_key){ .asn = asn, .spki = spki, .spki_len = 64 },
	    source);
	builder_aspa(builder,
	    &(struct aspa){ .customer = asn,
		.count = 4,
		.providers = providers },
	    source);
}

/* Routinator's test has everything twice, which a set of ours cannot hold: the
 * second has another AS number here, and it is put back in the text. */
static void
put_back(char *text)
{
	char *at;

	while ((at = strstr(text, "1235")) != NULL) {
		at[3] = '4';
	}
}

/* How many files there were to compare with. */
static unsigned
compare_with_corpus(const char *dir, const struct format_input *input,
    const char *bits)
{
	unsigned compared = 0;

	for (size_t i = 0; format_row(i) != NULL; i++) {
		const struct format *format = format_row(i);
		char path[4096];
		char *want, *got;

		/* Ours says more on purpose: expires and an aspa-set. */
		if (strcmp(format->name, "openbgpd") == 0) {
			continue;
		}
		snprintf(path, sizeof(path),
		    "%s/vrp-exports/routinator-output-formats/%s.%s", dir, bits,
		    format->name);
		want = read_file(path);
		if (want == NULL) {
			continue;
		}
		got = render(format, input);
		/* There, nothing is counted: the metrics are all zero. */
		if (strcmp(format->name, "summary") != 0) {
			put_back(got);
			assert_string_equal(got, want);
		}
		free(got);
		free(want);
		compared++;
	}
	return compared;
}

static void
is_what_routinator_writes(void **state)
{
	struct builder *builder;
	struct source exception = { .kind = SOURCE_EXCEPTION,
		.ta = SOURCE_NO_TA,
		.uri = "",
		.expires = INT64_MAX };
	struct format_input input = { .now = 0 };
	unsigned compared = 0;
	uint32_t source;
	char dir[2048];

	(void)state;
	if (!corpus_find(dir, sizeof(dir))) {
		return;
	}
	builder = builder_new();
	source = builder_source(builder, &exception);
	add_exception(builder, 1234, source);
	add_exception(builder, 1235, source);
	input.snapshot = builder_seal(builder);
	for (unsigned bits = 0; bits < 8; bits++) {
		struct filter filter = { .without = { (bits & 4) == 0,
					     (bits & 2) == 0,
					     (bits & 1) == 0 } };
		char name[4] = { (char)('0' + (bits >> 2)),
			(char)('0' + ((bits >> 1) & 1)),
			(char)('0' + (bits & 1)), 0 };

		input.filter = &filter;
		compared += compare_with_corpus(dir, &input, name);
	}
	snapshot_put(input.snapshot);
	assert_int_equal(compared, 8 * 11);
}

/* Two trust anchors, both families, doubled sources, an exception. */
static const struct snapshot *
mixed(void)
{
	struct builder *builder = builder_new();
	struct source exception = { .kind = SOURCE_EXCEPTION,
		.ta = SOURCE_NO_TA,
		.uri = "/etc/kedge/\"local\".json",
		.comment = "line\none",
		.expires = INT64_MAX };
	struct vrp vrp = make_vrp("192.0.2.0/24", 26, 64496);
	uint32_t a, b;
	static const uint8_t spki[5] = { 0x30, 3, 2, 1, 7 };
	static const uint32_t one[] = { 64501, 64500 };
	static const uint32_t two[] = { 64502 };
	struct router_key key = { .asn = 64497, .spki = spki, .spki_len = 5 };

	key.ski.at[0] = 0xab;
	builder_ta(builder, "alpha");
	builder_ta(builder, "beta");
	a = make_source(builder, 0, "rsync://r.example/m/a.roa", 1767225600);
	b = make_source(builder, 1, "rsync://r.example/m/b.roa", 1767312000);
	builder_vrp(builder, &vrp, b);
	builder_vrp(builder, &vrp, a);
	vrp = make_vrp("2001:db8::/32", 32, 64497);
	builder_vrp(builder, &vrp, b);
	vrp = make_vrp("10.0.0.0/8", 8, 0);
	builder_vrp(builder, &vrp, builder_source(builder, &exception));
	builder_router_key(builder, &key, a);
	builder_aspa(builder,
	    &(struct aspa){ .customer = 64496, .count = 2, .providers = one },
	    a);
	builder_aspa(builder,
	    &(struct aspa){ .customer = 64496, .count = 1, .providers = two },
	    b);
	return builder_seal(builder);
}

/* The first metric has it. */
static const char *
behind_version(const char *text)
{
	const char *found = strstr(text, "kedge_info{");

	return found == NULL ? text : strchr(found, '\n');
}

static void
is_what_fixtures_say(void **state)
{
	struct report_ta tas[2] = { { .name = "alpha" }, { .name = "beta" } };
	struct report report = { .ta_count = 2, .tas = tas };
	struct format_input input = { .snapshot = mixed(),
		.report = &report,
		.now = 1767139200 };
	const char *keep = getenv("KEDGE_KEEP");

	(void)state;
	tas[0].counters[REPORT_VALID_ROAS] = 2;
	tas[1].counters[REPORT_VRPS] = 12345678;
	for (size_t i = 0; format_row(i) != NULL; i++) {
		const struct format *format = format_row(i);
		char path[4096];
		char *want;
		char *got = render(format, &input);

		snprintf(path, sizeof(path), "%s/output/mixed.%s",
		    getenv("KEDGE_FIXTURES"), format->name);
		if (keep != NULL) { /* to make a fixture, then read it */
			FILE *f = fopen(path, "wb");

			assert_non_null(f);
			fwrite(got, 1, strlen(got), f);
			fclose(f);
		}
		want = read_file(path);
		assert_non_null(want);
		assert_string_equal(behind_version(got), behind_version(want));
		free(want);
		free(got);
	}
	snapshot_put(input.snapshot);
}

static int
fail_second(void *arg, struct bytes octets)
{
	unsigned *calls = arg;

	(void)octets;
	return ++*calls == 1 ? 0 : -ENOSPC;
}

static void
stops_at_a_full_disk(void **state)
{
	struct builder *builder = builder_new();
	struct format_input input = { .now = 0 };
	unsigned calls = 0;

	(void)state;
	builder_ta(builder, "alpha");
	for (uint32_t i = 0; i < 20000; i++) {
		make_add(builder, "10.0.0.0/8", 8, i);
	}
	input.snapshot = builder_seal(builder);
	assert_int_equal(format_write(format_find("csv"), &input,
			     (struct sink){ fail_second, &calls }),
	    -ENOSPC);
	assert_int_equal(calls, 2);
	assert_null(format_find("CSV"));
	snapshot_put(input.snapshot);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_routinator_writes),
		cmocka_unit_test(is_what_fixtures_say),
		cmocka_unit_test(stops_at_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
