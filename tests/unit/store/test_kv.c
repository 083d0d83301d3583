/* SPDX-License-Identifier: BSD-2-Clause */
/* What kv.h promises, on a database of its own. */
#include "store/kv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "scratch.h"
#include "tests/unit/between.h"

static struct bytes
text(const char *s)
{
	return text_bytes(s);
}

static void
put(struct scratch *s, enum kv_table table, const char *key, const char *value)
{
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(kv_put(txn, table, text(key), text(value)), 0);
	scratch_commit(txn);
}

static void
expect(struct kv_txn *txn, const char *key, const char *value)
{
	struct bytes got;
	int rc = kv_get(txn, KV_META, text(key), &got);

	if (value == NULL) {
		assert_int_equal(rc, -ENOENT);
	} else {
		assert_int_equal(rc, 0);
		assert_true(bytes_equal(got, text(value)));
	}
}

static void
test_put_get_del(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn;

	put(s, KV_META, "a", "one");
	put(s, KV_META, "b", "");
	put(s, KV_META, "a", "two");
	txn = scratch_read(s);
	expect(txn, "a", "two");
	expect(txn, "b", "");
	expect(txn, "c", NULL);
	kv_abort(txn);
	txn = scratch_write(s);
	assert_int_equal(kv_del(txn, KV_META, text("a")), 0);
	assert_int_equal(kv_del(txn, KV_META, text("a")), -ENOENT);
	scratch_commit(txn);
	txn = scratch_read(s);
	expect(txn, "a", NULL);
	kv_abort(txn);
}

static void
test_tables_are_apart(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn;
	struct bytes got;

	put(s, KV_META, "a", "one");
	txn = scratch_read(s);
	for (unsigned t = 0; t < KV_TABLES; t++) {
		assert_int_equal(kv_get(txn, t, text("a"), &got),
		    t == KV_META ? 0 : -ENOENT);
	}
	kv_abort(txn);
}

static void
test_abort_leaves_no_trace(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(kv_put(txn, KV_META, text("a"), text("x")), 0);
	expect(txn, "a", "x");
	kv_abort(txn);
	kv_abort(NULL);
	txn = scratch_read(s);
	expect(txn, "a", NULL);
	kv_abort(txn);
}

static void
test_reader_sees_its_moment(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *before;

	put(s, KV_META, "a", "old");
	before = scratch_read(s);
	put(s, KV_META, "a", "new");
	expect(before, "a", "old");
	kv_abort(before);
	before = scratch_read(s);
	expect(before, "a", "new");
	kv_abort(before);
}

/* As many at once as there may be workers: each judge has one, each fetcher two
 * where it writes. */
static void
test_many_readers(void **state)
{
	enum { MANY = 1024 + 2 * 1024 };
	struct scratch *s = *state;
	struct kv_txn *txns[MANY];

	put(s, KV_META, "a", "old");
	for (unsigned i = 0; i < MANY; i++) {
		txns[i] = scratch_read(s);
	}
	put(s, KV_META, "a", "new");
	for (unsigned i = 0; i < MANY; i++) {
		expect(txns[i], "a", "old");
		kv_abort(txns[i]);
	}
}

static void
test_append_wants_order(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(kv_append(txn, KV_OBJECT, text("b"), text("1")), 0);
	assert_int_equal(kv_append(txn, KV_OBJECT, text("c"), text("2")), 0);
	assert_int_equal(kv_append(txn, KV_OBJECT, text("a"), text("3")),
	    -EEXIST);
	/* The failure sticks, and nothing of the transaction stays. */
	assert_int_equal(kv_commit(txn), -EEXIST);
	txn = scratch_read(s);
	assert_int_equal(kv_get(txn, KV_OBJECT, text("b"), &(struct bytes){}),
	    -ENOENT);
	kv_abort(txn);
}

struct seen {
	struct kv_txn *txn;
	char keys[64];
	const char *stop;
	bool delete;
};

static int
note(void *arg, struct bytes key, struct bytes value)
{
	struct seen *seen = arg;
	char name[16] = "";

	(void)value;
	memcpy(name, key.at, key.len);
	strcat(seen->keys, name);
	strcat(seen->keys, " ");
	if (seen->delete) {
		assert_int_equal(kv_del(seen->txn, KV_META, text(name)), 0);
		strcat(name, "+");
		assert_int_equal(kv_put(seen->txn, KV_QUARANTINE, text(name),
				     text("")),
		    0);
	}
	return seen->stop != NULL && strcmp(seen->stop, name) == 0 ? 7 : 0;
}

static void
test_each(void **state)
{
	static const char *const keys[] = { "p", "pa", "pb", "pc", "q", "o" };
	struct scratch *s = *state;
	struct seen seen = { .stop = "pb" };
	struct kv_txn *txn;

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		put(s, KV_META, keys[i], "v");
	}
	txn = scratch_read(s);
	assert_int_equal(kv_each(txn, KV_META, text("p"), note, &seen), 7);
	assert_string_equal(seen.keys, "p pa pb ");
	seen = (struct seen){ 0 };
	assert_int_equal(kv_each(txn, KV_META, text(""), note, &seen), 0);
	assert_string_equal(seen.keys, "o p pa pb pc q ");
	seen = (struct seen){ 0 };
	assert_int_equal(kv_each(txn, KV_META, text("x"), note, &seen), 0);
	assert_string_equal(seen.keys, "");
	kv_abort(txn);
	txn = scratch_write(s);
	seen = (struct seen){ .txn = txn, .delete = true };
	assert_int_equal(kv_each(txn, KV_META, text("p"), note, &seen), 0);
	assert_string_equal(seen.keys, "p pa pb pc ");
	seen = (struct seen){ 0 };
	assert_int_equal(kv_each(txn, KV_META, text(""), note, &seen), 0);
	assert_string_equal(seen.keys, "o q ");
	kv_abort(txn);
}

static void
test_seek_and_last(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn;
	struct bytes key, value;

	txn = scratch_read(s);
	assert_int_equal(kv_last(txn, KV_META, &key), -ENOENT);
	assert_int_equal(kv_seek(txn, KV_META, text(""), &key, &value),
	    -ENOENT);
	kv_abort(txn);
	put(s, KV_META, "b", "1");
	put(s, KV_META, "d", "2");
	txn = scratch_read(s);
	assert_int_equal(kv_seek(txn, KV_META, text(""), &key, &value), 0);
	assert_true(bytes_equal(key, text("b")));
	assert_int_equal(kv_seek(txn, KV_META, text("b"), &key, &value), 0);
	assert_true(bytes_equal(key, text("b")));
	assert_int_equal(kv_seek(txn, KV_META, text("c"), &key, &value), 0);
	assert_true(bytes_equal(key, text("d")));
	assert_true(bytes_equal(value, text("2")));
	assert_int_equal(kv_seek(txn, KV_META, text("e"), &key, &value),
	    -ENOENT);
	assert_int_equal(kv_last(txn, KV_META, &key), 0);
	assert_true(bytes_equal(key, text("d")));
	kv_abort(txn);
}

static void
test_del_prefix(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn = scratch_write(s);
	struct bytes got;
	char key[16];

	for (unsigned i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "%c%04u", 'a' + (int)(i % 3), i);
		assert_int_equal(kv_put(txn, KV_MIRROR, text(key), text(key)),
		    0);
	}
	assert_int_equal(kv_del_prefix(txn, KV_MIRROR, text("b")), 0);
	assert_int_equal(kv_del_prefix(txn, KV_MIRROR, text("zz")), 0);
	scratch_commit(txn);
	txn = scratch_read(s);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "%c%04u", 'a' + (int)(i % 3), i);
		assert_int_equal(kv_get(txn, KV_MIRROR, text(key), &got),
		    i % 3 == 1 ? -ENOENT : 0);
	}
	kv_abort(txn);
}

/* Fill with rows of 8 kB until it refuses; how many went in. */
static unsigned
fill(struct scratch *s, int *rc)
{
	uint8_t *octets = mem_zero(1, 8192);
	unsigned rows = 0;
	uint8_t key[4] = { 0 };

	for (;;) {
		struct kv_txn *txn;

		*rc = kv_write(s->kv, &txn);
		assert_int_equal(*rc, 0);
		for (unsigned i = 0; i < 50 && *rc == 0; i++, rows++) {
			key[0] = (uint8_t)(rows >> 8);
			key[1] = (uint8_t)rows;
			*rc = kv_put(txn, KV_RESULT, bytes_of(key, 4),
			    bytes_of(octets, 8192));
		}
		if (*rc == 0) {
			*rc = kv_commit(txn);
		} else {
			assert_int_equal(kv_commit(txn), *rc);
		}
		if (*rc != 0) {
			break;
		}
	}
	free(octets);
	return rows;
}

static void
test_budget_full_and_room_again(void **state)
{
	struct scratch *s = *state;
	struct kv_usage usage;
	struct kv_txn *txn;
	unsigned first, again;
	int rc;

	first = fill(s, &rc);
	assert_int_equal(rc, -ENOSPC);
	assert_between(first, 1000, SCRATCH_MAP / 8192);
	assert_int_equal(kv_usage(s->kv, &usage), 0);
	assert_int_equal(usage.map, SCRATCH_MAP);
	assert_between(usage.used, SCRATCH_MAP / 2, SCRATCH_MAP);
	assert_between(usage.entries[KV_RESULT], first - 100, first);
	/* What is full can still be emptied, and marks still fit. */
	put(s, KV_META, "mark", "fits");
	for (unsigned i = 0; i < 256; i++) {
		uint8_t key = (uint8_t)i;

		txn = scratch_write(s);
		assert_int_equal(kv_del_prefix(txn, KV_RESULT,
				     bytes_of(&key, 1)),
		    0);
		scratch_commit(txn);
	}
	assert_int_equal(kv_usage(s->kv, &usage), 0);
	assert_between(usage.used, 0, SCRATCH_MAP / 4);
	assert_int_equal(usage.entries[KV_RESULT], 0);
	again = fill(s, &rc);
	assert_int_equal(rc, -ENOSPC);
	assert_between(again, first - 200, first + 200);
}

static void
test_smaller_budget_than_data(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn;
	int rc;

	fill(s, &rc);
	put(s, KV_META, "a", "kept");
	kv_close(s->kv);
	scratch_open(s, 1 << 20);
	txn = scratch_read(s);
	expect(txn, "a", "kept");
	kv_abort(txn);
	fill(s, &rc);
	assert_int_equal(rc, -ENOSPC);
	txn = scratch_write(s);
	assert_int_equal(kv_del(txn, KV_META, text("a")), 0);
	scratch_commit(txn);
}

/* A disk that is full: a child that may not make files longer than this. */
static void
test_disk_full(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn;
	int status;
	pid_t pid;

	put(s, KV_META, "a", "old");
	kv_close(s->kv);
	s->kv = NULL;
	pid = fork();
	if (pid == 0) {
		const struct rlimit limit = { 1 << 20, 1 << 20 };
		struct kv *kv;
		int rc;

		signal(SIGXFSZ, SIG_IGN);
		if (kv_open(&kv, s->dir, SCRATCH_MAP, KV_READ_WRITE) != 0 ||
		    setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
		    kv_write(kv, &txn) != 0 ||
		    kv_put(txn, KV_META, text("a"), text("new")) != 0) {
			_exit(1);
		}
		kv_put(txn, KV_OBJECT, text("x"),
		    bytes_of(mem_zero(1, 4 << 20), 4 << 20));
		rc = kv_commit(txn);
		if (rc != -EFBIG && rc != -EIO && rc != -ENOSPC) {
			_exit(2);
		}
		/* The same environment goes on, with the old state. */
		if (kv_write(kv, &txn) != 0 ||
		    kv_put(txn, KV_META, text("b"), text("later")) != 0 ||
		    kv_commit(txn) != 0) {
			_exit(3);
		}
		kv_close(kv);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	scratch_open(s, SCRATCH_MAP);
	txn = scratch_read(s);
	expect(txn, "a", "old");
	expect(txn, "b", "later");
	kv_abort(txn);
}

static void
test_reads_without_writing(void **state)
{
	struct scratch *s = *state;
	struct kv *reader;
	struct kv_txn *txn;
	char path[128];

	kv_close(s->kv);
	s->kv = NULL;
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(unlink(scratch_path(s, "data.mdb", path)), 0);
	assert_int_equal(kv_open(&reader, s->dir, SCRATCH_MAP, KV_READ_ONLY),
	    -ENOENT);
	assert_null(reader);
	assert_int_equal(kv_open(&reader, "/nonexistent", SCRATCH_MAP,
			     KV_READ_ONLY),
	    -ENOENT);
	scratch_open(s, SCRATCH_MAP);
	put(s, KV_META, "a", "one");
	kv_close(s->kv);
	s->kv = NULL;
	assert_int_equal(kv_open(&reader, s->dir, 4096, KV_READ_ONLY), 0);
	assert_int_equal(kv_read(reader, &txn), 0);
	expect(txn, "a", "one");
	kv_abort(txn);
	kv_close(reader);
}

/* Someone who may read the folder but not write to it. */
static void
test_reads_what_others_own(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn;
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		/* cmocka's skip() counts as failed in TAP. */
		print_message("only root can try this\n");
		return;
	}
	put(s, KV_META, "a", "one");
	kv_close(s->kv);
	s->kv = NULL;
	assert_int_equal(chmod(s->dir, 0755), 0);
	pid = fork();
	if (pid == 0) {
		struct bytes got;
		struct kv *kv;
		int rc;

		/* The files stay root's; their group is ours. */
		if (setegid(0) != 0 || seteuid(65534) != 0) {
			_exit(1);
		}
		rc = kv_open(&kv, s->dir, SCRATCH_MAP, KV_READ_ONLY);
		if (rc != 0 || kv_read(kv, &txn) != 0 ||
		    kv_get(txn, KV_META, text("a"), &got) != 0) {
			_exit(2);
		}
		_exit(bytes_equal(got, text("one")) ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct kv_state
state_of(const struct scratch *s)
{
	struct kv_state now;

	assert_int_equal(kv_state(s->kv, &now), 0);
	return now;
}

static bool
same(const struct kv_state *a, const struct kv_state *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* It tells each commit, and a file put in the place of this one. */
static void
test_state_tells_what_changed(void **state)
{
	struct scratch *s = *state;
	char path[128], other[128], command[300];
	struct kv_state first, second, third;

	put(s, KV_META, "a", "one");
	first = state_of(s);
	kv_abort(scratch_read(s));
	kv_abort(scratch_write(s));
	second = state_of(s);
	assert_true(same(&first, &second));
	scratch_path(s, "data.mdb", path);
	scratch_path(s, "backup", other);
	snprintf(command, sizeof(command), "cp -p %s %s", path, other);
	assert_int_equal(system(command), 0);
	put(s, KV_META, "a", "two");
	second = state_of(s);
	assert_false(same(&first, &second));
	assert_int_equal(second.commit, first.commit + 1);

	/* As many commits, another row. */
	kv_close(s->kv);
	assert_int_equal(rename(other, path), 0);
	scratch_open(s, SCRATCH_MAP);
	put(s, KV_META, "a", "six");
	third = state_of(s);
	assert_int_equal(third.commit, second.commit);
	assert_false(same(&second, &third));
}

/* Nobody is told of a state of which something could not be read. */
static void
test_state_needs_reads(void **state)
{
	enum { MOST = 5000 };
	struct kv_txn *txns[MOST];
	struct scratch *s = *state;
	struct kv_state now;
	size_t n = 0;

	put(s, KV_META, "a", "one");
	(void)state_of(s);
	while (n < MOST && kv_read(s->kv, &txns[n]) == 0) {
		n++;
	}
	assert_true(n < MOST);
	while (n > 0) {
		kv_abort(txns[--n]);
	}
	assert_int_equal(kv_state(s->kv, &now), -EIO);
}

int
main(void)
{
#define WITH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_put_get_del),
		WITH(test_tables_are_apart),
		WITH(test_abort_leaves_no_trace),
		WITH(test_reader_sees_its_moment),
		WITH(test_many_readers),
		WITH(test_append_wants_order),
		WITH(test_each),
		WITH(test_seek_and_last),
		WITH(test_del_prefix),
		WITH(test_budget_full_and_room_again),
		WITH(test_smaller_budget_than_data),
		WITH(test_disk_full),
		WITH(test_reads_without_writing),
		WITH(test_reads_what_others_own),
		WITH(test_state_tells_what_changed),
		WITH(test_state_needs_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
