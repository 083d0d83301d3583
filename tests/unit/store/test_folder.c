/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees that others made are removed whole, and nothing outside them. */
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

static int
top(const struct scratch *s)
{
	int fd = open(s->dir, O_RDONLY | O_DIRECTORY);

	assert_true(fd >= 0);
	return fd;
}

static bool
is_there(const struct scratch *s, const char *name)
{
	struct stat st;
	char path[128];

	return lstat(scratch_path(s, name, path), &st) == 0;
}

static void
test_links_are_not_followed(void **state)
{
	struct scratch *s = *state;
	int fd = top(s);

	assert_int_equal(mkdirat(fd, "kept", 0755), 0);
	scratch_file(s, "kept/file", "x", 1);
	assert_int_equal(mkdirat(fd, "tree", 0755), 0);
	assert_int_equal(symlinkat("../kept", fd, "tree/to-folder"), 0);
	assert_int_equal(symlinkat("../kept/file", fd, "tree/to-file"), 0);
	assert_int_equal(symlinkat("kept", fd, "link"), 0);
	assert_int_equal(mkfifoat(fd, "tree/pipe", 0644), 0);
	assert_int_equal(folder_open(fd, "link"), -ENOTDIR);
	assert_int_equal(folder_remove(fd, "link"), 0);
	assert_int_equal(folder_remove(fd, "tree"), 0);
	assert_int_equal(folder_remove(fd, "tree"), 0);
	assert_false(is_there(s, "tree"));
	assert_false(is_there(s, "link"));
	assert_true(is_there(s, "kept/file"));
	close(fd);
}

/* Far deeper than a path may be long, with names that get in the way. */
static void
test_deep_and_crowded(void **state)
{
	struct scratch *s = *state;
	int fd = top(s), at;

	assert_int_equal(mkdirat(fd, "tree", 0755), 0);
	at = openat(fd, "tree", O_RDONLY | O_DIRECTORY);
	assert_int_equal(mkdirat(at, ".aside.0", 0755), 0);
	assert_int_equal(mkdirat(at, ".aside.0/full", 0755), 0);
	close(openat(at, ".aside.1", O_CREAT | O_WRONLY, 0644));
	for (unsigned i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(at, "deeper", 0755), 0);
		close(openat(at, "file", O_CREAT | O_WRONLY, 0644));
		next = openat(at, "deeper", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	close(at);
	assert_int_equal(folder_remove(fd, "tree"), 0);
	assert_false(is_there(s, "tree"));
	close(fd);
}

static void
test_shut_folders(void **state)
{
	struct scratch *s = *state;
	int fd = top(s);

	assert_int_equal(mkdirat(fd, "tree", 0755), 0);
	assert_int_equal(mkdirat(fd, "tree/shut", 0755), 0);
	assert_int_equal(mkdirat(fd, "tree/shut/in", 0755), 0);
	scratch_file(s, "tree/shut/in/file", "x", 1);
	assert_int_equal(fchmodat(fd, "tree/shut/in", 0, 0), 0);
	assert_int_equal(fchmodat(fd, "tree/shut", 0, 0), 0);
	assert_int_equal(folder_remove(fd, "tree"), 0);
	assert_false(is_there(s, "tree"));
	close(fd);
}

static void
test_make(void **state)
{
	struct scratch *s = *state;
	char path[128];

	assert_int_equal(folder_make(scratch_path(s, "a//b/c/", path)), 0);
	assert_true(is_there(s, "a/b/c"));
	assert_int_equal(folder_make(path), 0);
	scratch_file(s, "file", "x", 1);
	assert_int_equal(folder_make(scratch_path(s, "file/x", path)),
	    -ENOTDIR);
}

int
main(void)
{
#define WITH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_links_are_not_followed),
		WITH(test_deep_and_crowded),
		WITH(test_shut_folders),
		WITH(test_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
