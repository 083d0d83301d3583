/* SPDX-License-Identifier: BSD-2-Clause */
/* What reel.h promises, in a folder of its own. */
#include "store/reel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "scratch.h"

static const char said[] = "BEGIN one two three END";

static struct reel_label
label(void)
{
	return (struct reel_label){ scratch_hash("what was asked"), -5, 100 };
}

static void
keep(const struct scratch *s)
{
	const struct reel_label l = label();
	struct reel *reel;

	assert_int_equal(reel_begin(&reel, s->dir), 0);
	reel_add(reel, bytes_of(said, 6));
	reel_add(reel, bytes_of(NULL, 0));
	reel_add(reel, text_bytes(said + 6));
	assert_int_equal(reel_keep(reel, &l), 0);
}

static int
find(const struct scratch *s, const char *key, int64_t now)
{
	const struct hash hash = scratch_hash(key);
	struct bytes content;
	int rc = reel_find(&content, s->dir, &hash, now);

	if (rc == 0) {
		assert_true(text_same(content, said));
		reel_leave(content);
	}
	return rc;
}

static void
expect_said(const struct scratch *s, int64_t now)
{
	assert_int_equal(find(s, "what was asked", now), 0);
}

static bool
there(const struct scratch *s, const char *name)
{
	char path[128];

	return access(scratch_path(s, name, path), F_OK) == 0;
}

static void
test_kept_for_its_key_and_time(void **state)
{
	const struct scratch *s = *state;

	assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	keep(s);
	expect_said(s, -5);
	expect_said(s, 100);
	assert_int_equal(find(s, "what was asked", -6), -ENOENT);
	assert_int_equal(find(s, "what was asked", 101), -ENOENT);
	assert_int_equal(find(s, "something else", 0), -ENOENT);
	keep(s);
	expect_said(s, 0);
	assert_false(there(s, REEL_ASIDE));
}

static void
test_whole_or_not(void **state)
{
	const struct scratch *s = *state;
	const struct reel_label l = label();
	struct reel *reel, *second;

	assert_int_equal(reel_begin(&reel, s->dir), 0);
	reel_add(reel, text_bytes(said));
	assert_int_equal(reel_begin(&second, s->dir), -EEXIST);
	assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	reel_drop(reel);
	assert_false(there(s, REEL_ASIDE));
	assert_int_equal(find(s, "what was asked", 0), -ENOENT);

	/* A run that writes to the store has removed it meanwhile. */
	assert_int_equal(reel_begin(&reel, s->dir), 0);
	reel_add(reel, text_bytes(said));
	{
		char path[128];

		assert_int_equal(unlink(scratch_path(s, REEL_ASIDE, path)), 0);
	}
	assert_int_equal(reel_keep(reel, &l), -ENOENT);
	assert_int_equal(reel_begin(&reel, "/nowhere/at/all"), -ENOENT);
	assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	reel_drop(NULL);
}

/* What is too long is not read, and nothing of it stays. */
static void
test_ceiling(void **state)
{
	const struct scratch *s = *state;
	const struct reel_label l = label();
	struct reel *reel;

	keep(s);
	assert_int_equal(reel_begin(&reel, s->dir), 0);
	reel_add(reel, text_bytes(said));
	reel_add(reel, bytes_of(said, LIMIT_REEL_OCTETS - strlen(said) + 1));
	reel_add(reel, text_bytes(said));
	assert_int_equal(reel_keep(reel, &l), -EFBIG);
	assert_false(there(s, REEL_ASIDE));
	expect_said(s, 0);
}

static size_t
read_file(const struct scratch *s, uint8_t *into, size_t room)
{
	char path[128];
	FILE *f = fopen(scratch_path(s, REEL_FILE, path), "rb");
	size_t n;

	assert_non_null(f);
	n = fread(into, 1, room, f);
	fclose(f);
	return n;
}

/* Each octet flipped, each length, and some more at the end. */
static void
test_damage(void **state)
{
	const struct scratch *s = *state;
	uint8_t octets[256];
	size_t n;

	keep(s);
	n = read_file(s, octets, sizeof(octets));
	assert_true(n > strlen(said) && n < sizeof(octets));
	for (size_t i = 0; i < n; i++) {
		octets[i] ^= 0x20;
		scratch_file(s, REEL_FILE, octets, n);
		octets[i] ^= 0x20;
		assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	}
	for (size_t i = 0; i < n; i++) {
		scratch_file(s, REEL_FILE, octets, i);
		assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	}
	octets[n] = 0;
	scratch_file(s, REEL_FILE, octets, n + 1);
	assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	scratch_file(s, REEL_FILE, octets, n);
	expect_said(s, 0);
}

/* Whatever stands in its place is not followed, waited for or read. */
static void
test_strange_files(void **state)
{
	const struct scratch *s = *state;
	char path[128], other[128];

	keep(s);
	scratch_path(s, REEL_FILE, path);
	scratch_path(s, "other", other);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink("other", path), 0);
	assert_int_equal(find(s, "what was asked", 0), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(find(s, "what was asked", 0), -ENOENT);
	assert_int_equal(rmdir(path), 0);
	keep(s);
	expect_said(s, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept_for_its_key_and_time,
		    scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_whole_or_not,
		    scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_ceiling, scratch_setup,
		    scratch_teardown),
		cmocka_unit_test_setup_teardown(test_damage, scratch_setup,
		    scratch_teardown),
		cmocka_unit_test_setup_teardown(test_strange_files,
		    scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
