/* SPDX-License-Identifier: BSD-2-Clause */
/* A file is replaced whole or not at all. */
#include "output/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

static char *
in_dir(const char *dir, const char *name)
{
	struct octets path = { .at = NULL };

	octets_printf(&path, "%s/%s", dir, name);
	octets_u8(&path, 0);
	return (char *)path.at;
}

static int
write_text(const char *path, const char *text)
{
	struct file *file;
	struct sink sink;
	int rc = file_open(&file, path);

	if (rc != 0) {
		return rc;
	}
	sink = file_sink(file);
	(void)sink.put(sink.arg, text_bytes(text));
	return file_close(file);
}

static void
expect(const char *path, const char *text)
{
	char got[64] = { 0 };
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	(void)!fread(got, 1, sizeof(got) - 1, f);
	fclose(f);
	assert_string_equal(got, text);
}

static unsigned
count_files(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned count = 0;

	assert_non_null(d);
	while (readdir(d) != NULL) {
		count++;
	}
	closedir(d);
	return count - 2;
}

static void
replaces_and_keeps_the_mode(void **state)
{
	char dir[] = "/tmp/kedge-file-XXXXXX";
	char *path;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = in_dir(dir, "vrps.csv");
	assert_int_equal(write_text(path, "one"), 0);
	expect(path, "one");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(write_text(path, "two"), 0);
	expect(path, "two");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(count_files(dir), 1);
	unlink(path);
	free(path);
	rmdir(dir);
}

static void
leaves_the_old_when_it_cannot(void **state)
{
	char dir[] = "/tmp/kedge-file-XXXXXX";
	struct rlimit old, small;
	struct file *file;
	struct sink sink;
	char *path;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = in_dir(dir, "vrps.csv");
	assert_int_equal(write_text(path, "one"), 0);
	assert_int_equal(file_open(&file, path), 0);
	sink = file_sink(file);
	assert_int_equal(sink.put(sink.arg, text_bytes("two")), 0);
	expect(path, "one");
	file_abandon(file);
	expect(path, "one");
	/* A ceiling on file size stands for a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 2;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(write_text(path, "three"), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	expect(path, "one");
	assert_int_equal(count_files(dir), 1);
	unlink(path);
	free(path);
	rmdir(dir);
	file_abandon(NULL);
}

static void
replaces_a_link_not_what_it_names(void **state)
{
	char dir[] = "/tmp/kedge-file-XXXXXX";
	char *target, *path;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	target = in_dir(dir, "target");
	path = in_dir(dir, "link");
	assert_int_equal(write_text(target, "kept"), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(write_text(path, "new"), 0);
	expect(target, "kept");
	expect(path, "new");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(path);
	unlink(target);
	free(path);
	free(target);
	rmdir(dir);
}

static void
says_why_not(void **state)
{
	(void)state;
	assert_int_equal(write_text("/nowhere/at/all", "x"), -ENOENT);
	assert_int_equal(write_text("/tmp/", "x"), -EISDIR);
	assert_int_equal(write_text("/tmp", "x") != 0, 1);
	assert_int_equal(write_text("-", ""), 0);
	assert_int_equal(write_text(NULL, ""), 0);
}

static void
make(const char *dir, const char *name)
{
	char *path = in_dir(dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	close(fd);
	free(path);
}

/* Writes, and is killed. */
static void
leave_one(const char *path)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct file *file;
		struct sink sink;

		if (file_open(&file, path) == 0) {
			sink = file_sink(file);
			(void)sink.put(sink.arg, text_bytes("half"));
		}
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* Only what nobody writes any more, and what has such a name. */
static void
removes_what_was_left(void **state)
{
	static const char *const others[] = { ".vrps.csv",
		".vrps.csv.0123456789abcde", ".vrps.csv.0123456789abcdeF",
		".vrps.csv.0123456789abcdef0", "vrps.csv.0123456789abcdef",
		".vrps_csv.0123456789abcdef", ".vrps.cs.0123456789abcdef" };
	enum { OTHERS = sizeof(others) / sizeof(others[0]) };
	char dir[] = "/tmp/kedge-file-XXXXXX";
	struct file *writing;
	struct sink sink;
	char *path;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = in_dir(dir, "vrps.csv");
	for (size_t i = 0; i < OTHERS; i++) {
		make(dir, others[i]);
	}
	leave_one(path);
	leave_one(path);
	assert_int_equal(count_files(dir), OTHERS + 1);
	assert_int_equal(file_open(&writing, path), 0);
	assert_int_equal(count_files(dir), OTHERS + 1);
	assert_int_equal(write_text(path, "one"), 0);
	assert_int_equal(count_files(dir), OTHERS + 2);
	sink = file_sink(writing);
	assert_int_equal(sink.put(sink.arg, text_bytes("two")), 0);
	assert_int_equal(file_close(writing), 0);
	expect(path, "two");
	assert_int_equal(count_files(dir), OTHERS + 1);
	for (size_t i = 0; i < OTHERS; i++) {
		char *other = in_dir(dir, others[i]);

		assert_int_equal(unlink(other), 0);
		free(other);
	}
	unlink(path);
	free(path);
	rmdir(dir);
}

/* Replacing /dev/null by a file would be remembered for long. */
static void
writes_to_what_is_no_file(void **state)
{
	char dir[] = "/tmp/kedge-file-XXXXXX";
	char *path;
	struct stat st;
	char got[4] = { 0 };
	int reader;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = in_dir(dir, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(write_text(path, "new"), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(read(reader, got, 3), 3);
	assert_string_equal(got, "new");
	close(reader);
	unlink(path);
	free(path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_and_keeps_the_mode),
		cmocka_unit_test(leaves_the_old_when_it_cannot),
		cmocka_unit_test(replaces_a_link_not_what_it_names),
		cmocka_unit_test(removes_what_was_left),
		cmocka_unit_test(writes_to_what_is_no_file),
		cmocka_unit_test(says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
