/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache folder: lock, damage, foreign files, death in the middle. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "scratch.h"
#include "store/folder.h"
#include "store/meta.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "tests/unit/between.h"

struct bench {
	struct scratch scratch;
	struct log *log;
	struct store *store;
	char said[256]; /* the last line logged */
};

static void
hear(void *arg, enum log_level level, const char *line)
{
	struct bench *b = arg;

	(void)level;
	snprintf(b->said, sizeof(b->said), "%s", line);
}

static int
setup(void **state)
{
	struct bench *b = mem_zero(1, sizeof(*b));

	scratch_make(&b->scratch);
	b->log = log_new(LOG_LEVEL_WARN);
	log_to_sink(b->log, hear, b);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	store_close(b->store);
	scratch_remove(&b->scratch);
	log_free(b->log);
	free(b);
	return 0;
}

static int
open_as(struct bench *b, enum kv_mode mode)
{
	const struct store_config config = {
		.dir = b->scratch.dir,
		.map_octets = SCRATCH_MAP,
		.mode = mode,
	};

	b->said[0] = '\0';
	return store_open(&b->store, &config, b->log);
}

static void
shut(struct bench *b)
{
	store_close(b->store);
	b->store = NULL;
}

static void
note(struct bench *b, const char *name, const char *value)
{
	struct kv_txn *txn;

	assert_int_equal(kv_write(store_kv(b->store), &txn), 0);
	assert_int_equal(meta_put(txn, name, text_bytes(value)), 0);
	assert_int_equal(kv_commit(txn), 0);
}

static int
recall(struct bench *b, const char *name, const char *value)
{
	struct kv_txn *txn;
	struct bytes got;
	int rc;

	assert_int_equal(kv_read(store_kv(b->store), &txn), 0);
	rc = meta_get(txn, name, &got);
	if (rc == 0) {
		assert_true(bytes_equal(got, text_bytes(value)));
	}
	kv_abort(txn);
	return rc;
}

static int
count_aside(void *arg, int dir, const char *name)
{
	unsigned *count = arg;

	(void)dir;
	*count += strncmp(name, "data.mdb.damaged-", 17) == 0;
	return 0;
}

static unsigned
asides(const struct bench *b)
{
	unsigned count = 0;
	int dir = open(b->scratch.dir, O_RDONLY | O_DIRECTORY);

	assert_int_equal(folder_each(dir, count_aside, &count), 0);
	close(dir);
	return count;
}

static void
test_opens_and_remembers(void **state)
{
	struct bench *b = *state;
	struct stat st;
	char path[128];

	assert_int_equal(open_as(b, KV_READ_ONLY), -ENOENT);
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	note(b, "word", "kept");
	shut(b);
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	assert_int_equal(recall(b, "word", "kept"), 0);
	assert_int_equal(stat(store_rsync_dir(b->store), &st), 0);
	assert_int_equal(stat(store_spool_dir(b->store), &st), 0);
	assert_int_equal(stat(scratch_path(&b->scratch, "lock", path), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(asides(b), 0);
	shut(b);
	assert_int_equal(open_as(b, KV_READ_ONLY), 0);
	assert_int_equal(recall(b, "word", "kept"), 0);
}

static void
test_makes_its_folder(void **state)
{
	struct bench *b = *state;
	struct store_config config = { .map_octets = SCRATCH_MAP };
	char path[128];

	config.dir = scratch_path(&b->scratch, "a/b/c", path);
	assert_int_equal(store_open(&b->store, &config, b->log), 0);
	note(b, "word", "kept");
}

static void
test_fresh(void **state)
{
	struct bench *b = *state;
	struct store_config config = { .map_octets = SCRATCH_MAP,
		.fresh = true };
	struct stat st;
	char path[128];

	config.dir = b->scratch.dir;
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	note(b, "word", "gone");
	scratch_file(&b->scratch, "rsync/1", "x", 1);
	scratch_file(&b->scratch, "tmp/left", "x", 1);
	shut(b);
	assert_int_equal(store_open(&b->store, &config, b->log), 0);
	assert_int_equal(recall(b, "word", ""), -ENOENT);
	assert_int_equal(stat(scratch_path(&b->scratch, "rsync/1", path), &st),
	    -1);
	assert_int_equal(stat(scratch_path(&b->scratch, "tmp/left", path), &st),
	    -1);
}

static void
test_one_run_at_a_time(void **state)
{
	struct bench *b = *state;
	struct store_config config = { .map_octets = SCRATCH_MAP };
	struct store *other;
	char wanted[64];
	int64_t began;
	int status;
	pid_t pid;

	config.dir = b->scratch.dir;
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	assert_int_equal(store_open(&other, &config, b->log), -EBUSY);
	snprintf(wanted, sizeof(wanted), "process %ld", (long)getpid());
	assert_non_null(strstr(b->said, wanted));
	config.lock_wait_ms = 200;
	began = clock_mono_ms();
	assert_int_equal(store_open(&other, &config, b->log), -EBUSY);
	assert_between(clock_mono_ms() - began, 200, 5000);
	/* Readers need no lock. */
	pid = fork();
	if (pid == 0) {
		config.mode = KV_READ_ONLY;
		_exit(store_open(&other, &config, b->log) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	shut(b);
	assert_int_equal(store_open(&other, &config, b->log), 0);
	store_close(other);
}

/* A killed run leaves no lock behind. */
static void
test_lock_dies_with_its_holder(void **state)
{
	struct bench *b = *state;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (open_as(b, KV_READ_WRITE) != 0) {
			_exit(1);
		}
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
}

static off_t
database_size(const struct bench *b)
{
	struct stat st;
	char path[128];

	assert_int_equal(stat(scratch_path(&b->scratch, "data.mdb", path), &st),
	    0);
	return st.st_size;
}

static void
fill(struct bench *b)
{
	uint8_t octets[3000] = { 0 };
	struct kv_txn *txn;

	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	assert_int_equal(kv_write(store_kv(b->store), &txn), 0);
	for (unsigned i = 0; i < 50; i++) {
		struct hash hash;

		memcpy(octets, &i, sizeof(i));
		digest_of(bytes_of(octets, sizeof(octets)), &hash);
		assert_int_equal(objects_put(txn, &hash,
				     bytes_of(octets, sizeof(octets))),
		    0);
	}
	assert_int_equal(kv_commit(txn), 0);
	shut(b);
}

static void
expect_anew(struct bench *b)
{
	assert_int_equal(open_as(b, KV_READ_ONLY), -EBADMSG);
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	assert_non_null(strstr(b->said, "beginning anew"));
	assert_int_equal(recall(b, "word", ""), -ENOENT);
	note(b, "word", "new");
	assert_int_equal(asides(b), 1);
	shut(b);
}

static void
test_cut_short(void **state)
{
	static const unsigned percents[] = { 99, 50, 10, 1 };
	struct bench *b = *state;
	char path[128];

	for (unsigned i = 0; i < 4; i++) {
		fill(b);
		scratch_path(&b->scratch, "data.mdb", path);
		assert_int_equal(truncate(path,
				     database_size(b) * percents[i] / 100),
		    0);
		expect_anew(b);
	}
	/* Nothing but the two roots, one of them, part of one. */
	for (unsigned i = 0; i < 3; i++) {
		fill(b);
		assert_int_equal(truncate(path, (off_t[]){ 8192, 4096, 7 }[i]),
		    0);
		expect_anew(b);
	}
	/* Empty is as good as not there. */
	fill(b);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	assert_int_equal(recall(b, "word", ""), -ENOENT);
}

static void
test_foreign(void **state)
{
	struct bench *b = *state;
	uint8_t noise[20000];
	char path[128];

	clock_random(noise, sizeof(noise));
	scratch_file(&b->scratch, "data.mdb", noise, sizeof(noise));
	expect_anew(b);
	memset(noise, 0, sizeof(noise));
	scratch_file(&b->scratch, "data.mdb", noise, sizeof(noise));
	expect_anew(b);
	scratch_path(&b->scratch, "data.mdb", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	expect_anew(b);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	expect_anew(b);
}

static void
test_other_format(void **state)
{
	struct bench *b = *state;

	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	note(b, "word", "old");
	note(b, "format", "kedge store 0");
	shut(b);
	expect_anew(b);
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	assert_int_equal(recall(b, "word", "new"), 0);
}

static void
test_links_are_refused(void **state)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "lock",
		"rsync", "tmp" };
	struct bench *b = *state;
	char path[128], target[128];
	struct stat st;

	scratch_path(&b->scratch, "target", target);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		scratch_path(&b->scratch, names[i], path);
		assert_int_equal(folder_remove(AT_FDCWD, path), 0);
		assert_int_equal(symlink(target, path), 0);
		assert_true(open_as(b, KV_READ_WRITE) < 0);
		assert_null(b->store);
		assert_int_equal(stat(target, &st), -1);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
}

static void
flip(const struct bench *b, off_t at, unsigned bit)
{
	uint8_t octet;
	char path[128];
	int fd = open(scratch_path(&b->scratch, "data.mdb", path), O_RDWR);

	assert_int_equal(pread(fd, &octet, 1, at), 1);
	octet ^= (uint8_t)(1U << bit);
	assert_int_equal(pwrite(fd, &octet, 1, at), 1);
	close(fd);
}

/* Every bit of the two root pages' fields: opening says yes or no, but never
 * dies. In a child, since LMDB would take us with it. */
static void
test_flipped_roots(void **state)
{
	struct bench *b = *state;
	int status;
	pid_t pid;

	fill(b);
	for (off_t at = 0; at < 152; at++) {
		for (unsigned page = 0; page < 2; page++) {
			unsigned bit = (unsigned)at % 8;
			off_t where = at + (page == 0 ? 0 : 4096);

			flip(b, where, bit);
			pid = fork();
			if (pid == 0) {
				signal(SIGFPE, SIG_DFL);
				signal(SIGBUS, SIG_DFL);
				signal(SIGSEGV, SIG_DFL);
				open_as(b, KV_READ_ONLY);
				shut(b);
				_exit(0);
			}
			assert_int_equal(waitpid(pid, &status, 0), pid);
			assert_int_equal(status, 0);
			flip(b, where, bit);
		}
	}
	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	assert_int_equal(asides(b), 0);
}

enum { GENERATION = 40 };

static void
name_item(char out[64], unsigned i)
{
	snprintf(out, 64, "rsync://r.example/m/%u.roa", i);
}

/* One import as RRDP does it: everything anew in one transaction. */
static void
write_generation(struct kv *kv, unsigned generation)
{
	struct kv_txn *txn;
	char uri[64], octets[64];

	if (kv_write(kv, &txn) != 0) {
		_exit(1);
	}
	for (unsigned i = 0; i < GENERATION; i++) {
		struct hash hash;
		int len;

		name_item(uri, i);
		len =
		    snprintf(octets, sizeof(octets), "%u of %u", i, generation);
		digest_of(bytes_of(octets, (size_t)len), &hash);
		if (objects_put(txn, &hash, bytes_of(octets, (size_t)len)) ||
		    mirror_put(txn, 1, uri, &hash)) {
			_exit(1);
		}
	}
	if (kv_commit(txn) != 0) {
		_exit(1);
	}
}

/* All of one generation, which is told; none is 0. */
static unsigned
read_generation(struct kv *kv)
{
	unsigned generation = 0, item, g;
	struct kv_txn *txn;
	struct bytes octets;
	struct hash hash;
	char uri[64], copy[64];

	assert_int_equal(kv_read(kv, &txn), 0);
	for (unsigned i = 0; i < GENERATION; i++) {
		int rc;

		name_item(uri, i);
		rc = mirror_find(txn, 1, uri, &hash);
		if (i == 0 && rc == -ENOENT) {
			break;
		}
		assert_int_equal(rc, 0);
		assert_int_equal(objects_get(txn, &hash, &octets), 0);
		snprintf(copy, sizeof(copy), "%.*s", (int)octets.len,
		    (const char *)octets.at);
		assert_int_equal(sscanf(copy, "%u of %u", &item, &g), 2);
		assert_int_equal(item, i);
		assert_true(i == 0 || g == generation);
		generation = g;
	}
	kv_abort(txn);
	return generation;
}

/* Killed at any instant of an import: old or new, never between, and a reader
 * beside it never sees anything else. */
static void
test_killed_in_an_import(void **state)
{
	struct bench *b = *state;
	unsigned last = 0;
	uint32_t delay;
	int status;

	for (unsigned round = 0; round < 50; round++) {
		unsigned before = last;
		pid_t pid = fork();

		if (pid == 0) {
			if (open_as(b, KV_READ_WRITE) != 0) {
				_exit(1);
			}
			for (unsigned g = before + 1;; g++) {
				write_generation(store_kv(b->store), g);
			}
		}
		clock_random(&delay, sizeof(delay));
		usleep(delay % 20000);
		if (open_as(b, KV_READ_ONLY) == 0) {
			assert_true(
			    read_generation(store_kv(b->store)) >= before);
			shut(b);
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(open_as(b, KV_READ_WRITE), 0);
		last = read_generation(store_kv(b->store));
		assert_true(last >= before);
		assert_int_equal(asides(b), 0);
		shut(b);
	}
	print_message("%u generations\n", last);
	assert_true(last > 0);
}

/* Reads every object by every name: 1 when octets came back that are not what
 * was put, 0 when all that was told is true or refused. */
static int
read_all(struct bench *b)
{
	struct kv_txn *txn;
	struct bytes octets;
	struct hash hash, found, wanted;
	char uri[64], text[64];

	if (open_as(b, KV_READ_ONLY) != 0 ||
	    kv_read(store_kv(b->store), &txn) != 0) {
		return 0;
	}
	for (unsigned i = 0; i < GENERATION; i++) {
		name_item(uri, i);
		snprintf(text, sizeof(text), "%u of 1", i);
		wanted = scratch_hash(text);
		if (mirror_find(txn, 1, uri, &hash) != 0) {
			continue;
		}
		if (!hash_equal(&hash, &wanted)) {
			return 1;
		}
		if (objects_get(txn, &hash, &octets) == 0) {
			digest_of(octets, &found);
			if (!hash_equal(&found, &wanted)) {
				return 1;
			}
		}
	}
	kv_abort(txn);
	shut(b);
	return 0;
}

/* Any bit of any page: what is told is true, or refused, or LMDB gives up the
 * process (whoever started it sets the store aside); nothing false is told. */
static void
test_flipped_pages(void **state)
{
	enum { FLIPS = 400, TOLD_FALSELY = 99 };
	struct bench *b = *state;
	unsigned died = 0;
	uint32_t at;
	int status;
	pid_t pid;

	assert_int_equal(open_as(b, KV_READ_WRITE), 0);
	write_generation(store_kv(b->store), 1);
	shut(b);
	assert_int_equal(read_all(b), 0);
	for (unsigned i = 0; i < FLIPS; i++) {
		clock_random(&at, sizeof(at));
		at %= (uint32_t)database_size(b) * 8;
		flip(b, at / 8, at % 8);
		pid = fork();
		if (pid == 0) {
			/* cmocka would catch these and go on in the child. */
			signal(SIGBUS, SIG_DFL);
			signal(SIGSEGV, SIG_DFL);
			signal(SIGFPE, SIG_DFL);
			signal(SIGABRT, SIG_DFL);
			fclose(stderr);
			_exit(read_all(b) == 0 ? 0 : TOLD_FALSELY);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == TOLD_FALSELY) {
			print_message("bit %u\n", at);
			fail();
		}
		died += status != 0;
		flip(b, at / 8, at % 8);
	}
	print_message("%u of %d flips ended the process\n", died, FLIPS);
	assert_int_equal(read_all(b), 0);
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_opens_and_remembers),
		WITH(test_makes_its_folder),
		WITH(test_fresh),
		WITH(test_one_run_at_a_time),
		WITH(test_lock_dies_with_its_holder),
		WITH(test_cut_short),
		WITH(test_foreign),
		WITH(test_other_format),
		WITH(test_links_are_refused),
		WITH(test_flipped_roots),
		WITH(test_flipped_pages),
		WITH(test_killed_in_an_import),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
