/* SPDX-License-Identifier: BSD-2-Clause */
/* fixture - see fixture.h. */
#include "tests/unit/object/fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bytes
fixture_load(struct arena *arena, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *octets;
	size_t len;

	if (f == NULL) {
		return (struct bytes){ 0 };
	}
	fseek(f, 0, SEEK_END);
	len = (size_t)ftell(f);
	rewind(f);
	octets = arena_zero(arena, len + 1, 1);
	assert_int_equal(fread(octets, 1, len, f), len);
	fclose(f);
	return bytes_of(octets, len);
}

struct bytes
fixture_read(struct arena *arena, const char *name)
{
	const char *root = getenv("KEDGE_FIXTURES");
	char path[4096];
	struct bytes octets;

	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	octets = fixture_load(arena, path);
	if (octets.at == NULL) {
		print_error("%s: cannot be read\n", path);
	}
	assert_non_null(octets.at);
	return octets;
}

/* Judge one file; the block is exact, so that a read beyond it is seen. */
static void
judge(const char *name, const char *want, fixture_decode *decode)
{
	struct arena *arena = arena_new();
	struct bytes octets = fixture_read(arena, name);
	uint8_t *exact = malloc(octets.len + 1);
	const char *got;

	assert_non_null(exact);
	memcpy(exact + 1, octets.at, octets.len);
	got = fault_label(decode(bytes_of(exact + 1, octets.len), arena));
	if (strcmp(want, got) != 0) {
		print_error("%s: %s\n", name, got);
	}
	assert_string_equal(want, got);
	free(exact);
	arena_free(arena);
}

static unsigned
walk(const char *kind, const char *folder, fixture_decode *decode)
{
	char dir[2048], name[1024], want[256];
	struct dirent *e;
	unsigned n = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/%s/%s", getenv("KEDGE_FIXTURES"), kind,
	    folder);
	d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.') {
			continue;
		}
		snprintf(name, sizeof(name), "%s/%s/%s", kind, folder,
		    e->d_name);
		snprintf(want, sizeof(want), "%s", e->d_name);
		want[strcspn(want, ".")] = '\0';
		judge(name, strcmp(folder, "good") == 0 ? "ok" : want, decode);
		n++;
	}
	closedir(d);
	return n;
}

void
fixture_walk(const char *kind, fixture_decode *decode)
{
	assert_true(walk(kind, "good", decode) > 0);
	assert_true(walk(kind, "bad", decode) > 0);
}

void
fixture_cover(const struct fixture_cover *rows, size_t count,
    fixture_covered *covered, const void *object)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < count; i++) {
		struct cert ee = { 0 };

		print_message("%s\n", rows[i].resources);
		assert_true(resources_text_read(&ee.resources,
		    bytes_of(rows[i].resources, strlen(rows[i].resources)),
		    arena));
		if (rows[i].choice != RESOURCE_ABSENT) {
			ee.resources.v4.choice = rows[i].choice;
			ee.resources.as.choice = rows[i].choice;
		}
		assert_string_equal(rows[i].label,
		    fault_label(covered(object, &ee)));
	}
	arena_free(arena);
}
