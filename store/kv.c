/* SPDX-License-Identifier: BSD-2-Clause */
/* kv - see kv.h. */
#include "store/kv.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/turnstile.h"
#include "store/pages.h"

enum {
	FILE_MODE = 0640,
	/* Slots in the lock file: twice the workers there can be. */
	READERS = 4096,
	SETTLE_MS = 20,
	SLICE = 2 << 20, /* octets in one of several transactions */
	ROW_COST = 64,   /* octets of a page that a row takes beside itself */
};

/* Beyond the budget, for deletes and the few marks that come with them. */
static const uint64_t reserve_most = UINT64_C(64) << 20;
static const uint64_t reserve_least = UINT64_C(4) << 20;
static const uint64_t marks_most = UINT64_C(64) << 10;

static const char *const table_names[KV_TABLES] = {
	[KV_META] = "meta",
	[KV_OBJECT] = "object",
	[KV_HASH] = "hash",
	[KV_MIRROR] = "mirror",
	[KV_REPOSITORY] = "repository",
	[KV_LASTGOOD] = "lastgood",
	[KV_RESULT] = "result",
	[KV_QUARANTINE] = "quarantine",
	[KV_USED] = "used",
};

struct kv {
	atomic_bool failed; /* a read did, and said nothing about the rows */
	MDB_env *env;
	struct turnstile *writers; /* LMDB's own lock has no order */
	MDB_dbi tables[KV_TABLES];
	uint64_t budget;
	unsigned page;
};

struct kv_txn {
	struct kv *kv;
	MDB_txn *txn;
	bool writes;
	uint64_t weight;  /* at the turnstile */
	uint64_t written; /* octets, about */
	int failed;       /* the first failure of a put or delete */
	uint64_t room;    /* octets the budget has left, at the start */
	uint64_t charged;
};

static int
errno_of(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return 0;
	case MDB_NOTFOUND:
		return -ENOENT;
	case MDB_KEYEXIST:
		return -EEXIST;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return -ENOSPC;
	case MDB_READERS_FULL:
		return -EUSERS;
	case MDB_PAGE_NOTFOUND:
	case MDB_CORRUPTED:
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
	case MDB_INCOMPATIBLE:
	case MDB_BAD_DBI:
	case MDB_PAGE_FULL:   /* a page holds more than it has room for, */
	case MDB_CURSOR_FULL: /* leads to itself, */
#ifdef MDB_PROBLEM
	case MDB_PROBLEM: /* or is of another kind than it must be */
#endif
		return -EBADMSG;
	default:
		return rc > 0 ? -rc : -EIO;
	}
}

static MDB_val
val_of(struct bytes octets)
{
	/* LMDB's struct has no const; it does not write through it. */
	return (MDB_val){ octets.len, (void *)(uintptr_t)octets.at };
}

static struct bytes
bytes_of_val(const MDB_val *val)
{
	return bytes_of(val->mv_data, val->mv_size);
}

/* All are made in one transaction: where one is missing, it is not ours. */
static int
open_tables(struct kv *kv, bool make)
{
	MDB_txn *txn = NULL;
	MDB_stat stat;
	int rc = mdb_txn_begin(kv->env, NULL, make ? 0 : MDB_RDONLY, &txn);

	for (unsigned t = 0; rc == 0 && t < KV_TABLES; t++) {
		rc = mdb_dbi_open(txn, table_names[t], make ? MDB_CREATE : 0,
		    &kv->tables[t]);
	}
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc == MDB_NOTFOUND ? -EBADMSG : errno_of(rc);
	}
	rc = mdb_txn_commit(txn);
	if (rc == 0) {
		rc = mdb_env_stat(kv->env, &stat);
		kv->page = stat.ms_psize;
	}
	return errno_of(rc);
}

static int
begin_env(struct kv *kv, const char *dir, uint64_t map, unsigned flags)
{
	int rc = mdb_env_create(&kv->env);

	if (rc != 0) {
		kv->env = NULL;
		return rc;
	}
	rc = mdb_env_set_maxdbs(kv->env, KV_TABLES);
	if (rc == 0) {
		rc = mdb_env_set_maxreaders(kv->env, READERS);
	}
	if (rc == 0 && map > 0) {
		rc = mdb_env_set_mapsize(kv->env, map);
	}
	if (rc == 0) {
		rc = mdb_env_open(kv->env, dir, flags, FILE_MODE);
	}
	if (rc != 0) {
		mdb_env_close(kv->env);
		kv->env = NULL;
	}
	return rc;
}

static uint64_t
reserve_for(uint64_t budget)
{
	uint64_t reserve = budget / 8;

	if (reserve > reserve_most) {
		return reserve_most;
	}
	return reserve < reserve_least ? reserve_least : reserve;
}

static int
open_env(struct kv *kv, const char *dir, uint64_t held, enum kv_mode mode)
{
	uint64_t map = kv->budget > held ? kv->budget : held;
	int dead;
	int rc;

	if (mode == KV_READ_ONLY) {
		/* The map is as large as the writer made it. */
		rc = begin_env(kv, dir, 0, MDB_NOTLS | MDB_RDONLY);
		if (rc == EACCES || rc == EPERM || rc == EROFS) {
			rc = begin_env(kv, dir, 0,
			    MDB_NOTLS | MDB_RDONLY | MDB_NOLOCK);
		}
		return errno_of(rc);
	}
	/* Pages are synced before the root that names them, so what is on disk
	 * is always whole; only the last root may be late. */
	rc = begin_env(kv, dir, map + reserve_for(kv->budget),
	    MDB_NOTLS | MDB_NOMETASYNC);
	if (rc == 0) {
		rc = mdb_reader_check(kv->env, &dead);
	}
	return errno_of(rc);
}

int
kv_open(struct kv **out, const char *dir, uint64_t map_octets,
    enum kv_mode mode)
{
	struct kv *kv = NULL;
	uint64_t held = 0;
	int rc;

	*out = NULL;
	rc = pages_check(dir, &held);
	if (rc == -EBADMSG && mode == KV_READ_ONLY) {
		/* A writer may be between its commit and the file's end. */
		clock_sleep_ms(SETTLE_MS);
		rc = pages_check(dir, &held);
	}
	if (rc == -ENOENT && mode == KV_READ_WRITE) {
		rc = 0;
	} else if (rc == 0 && held == 0 && mode == KV_READ_ONLY) {
		rc = -ENOENT;
	}
	if (rc != 0) {
		return rc;
	}
	kv = mem_zero(1, sizeof(*kv));
	kv->budget = map_octets;
	kv->writers = turnstile_new(1);
	rc = open_env(kv, dir, held, mode);
	if (rc == 0) {
		rc = open_tables(kv, held == 0);
	}
	if (rc != 0) {
		kv_close(kv);
		return rc;
	}
	*out = kv;
	return 0;
}

void
kv_close(struct kv *kv)
{
	if (kv == NULL) {
		return;
	}
	if (kv->env != NULL) {
		mdb_env_close(kv->env);
	}
	turnstile_free(kv->writers);
	free(kv);
}

/* LMDB refuses a cursor on its list of free pages to a writer, so the count is
 * taken with a reader beside it; at most one commit lies between the two. */
static int
count_free(struct kv *kv, uint64_t *pages)
{
	MDB_cursor *cursor = NULL;
	MDB_txn *txn = NULL;
	MDB_val key, value;
	int rc = mdb_txn_begin(kv->env, NULL, MDB_RDONLY, &txn);

	*pages = 0;
	if (rc != 0) {
		return rc;
	}
	rc = mdb_cursor_open(txn, 0, &cursor);
	while (rc == 0) {
		size_t count = 0;

		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		if (rc == 0 && value.mv_size >= sizeof(count)) {
			memcpy(&count, value.mv_data, sizeof(count));
			*pages += count;
		}
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
used_octets(struct kv *kv, uint64_t *used)
{
	MDB_envinfo info;
	uint64_t spare;
	int rc = count_free(kv, &spare);

	if (rc == 0) {
		rc = mdb_env_info(kv->env, &info);
	}
	if (rc == 0) {
		uint64_t pages = info.me_last_pgno + 1;

		*used = (pages > spare ? pages - spare : 0) * kv->page;
	}
	return rc;
}

static int
begin(struct kv *kv, struct kv_txn **out, unsigned flags)
{
	struct kv_txn *txn = mem_zero(1, sizeof(*txn));
	int rc = mdb_txn_begin(kv->env, NULL, flags, &txn->txn);

	txn->kv = kv;
	*out = txn;
	if (rc == MDB_MAP_RESIZED) {
		/* A writer with a larger budget came; follow it. EINVAL when
		 * other transactions of ours still use the smaller map. */
		rc = mdb_env_set_mapsize(kv->env, 0);
		if (rc == 0) {
			rc = mdb_txn_begin(kv->env, NULL, flags, &txn->txn);
		}
	}
	if (rc != 0) {
		free(txn);
		*out = NULL;
	}
	return rc;
}

/* Of a read; whoever goes on as if nothing were there need not tell. */
static int
read_errno(struct kv *kv, int rc)
{
	rc = errno_of(rc);
	if (rc != 0 && rc != -ENOENT) {
		atomic_store(&kv->failed, true);
	}
	return rc;
}

int
kv_read(struct kv *kv, struct kv_txn **txn)
{
	return read_errno(kv, begin(kv, txn, MDB_RDONLY));
}

/* In the turnstile. */
static int
begin_write(struct kv *kv, struct kv_txn **out)
{
	uint64_t used = 0;
	int rc = begin(kv, out, 0);

	if (rc != 0) {
		return rc;
	}
	rc = used_octets(kv, &used);
	if (rc != 0) {
		kv_abort(*out);
		*out = NULL;
		return rc;
	}
	(*out)->writes = true;
	(*out)->room = kv->budget > used ? kv->budget - used : 0;
	return 0;
}

int
kv_write_much(struct kv *kv, uint64_t octets, struct kv_txn **out)
{
	int rc;

	turnstile_enter(kv->writers, octets);
	rc = begin_write(kv, out);
	if (rc != 0) {
		turnstile_leave(kv->writers);
		return errno_of(rc);
	}
	(*out)->weight = octets;
	return 0;
}

int
kv_write(struct kv *kv, struct kv_txn **out)
{
	return kv_write_much(kv, 0, out);
}

bool
kv_enough(const struct kv_txn *txn)
{
	return txn->written >= SLICE ||
	       turnstile_wanted(txn->kv->writers, txn->weight);
}

uint64_t
kv_room(const struct kv_txn *txn)
{
	return txn->room;
}

int
kv_commit(struct kv_txn *txn)
{
	struct kv *kv = txn->kv;
	bool writes = txn->writes;
	int rc = txn->failed;

	if (rc != 0) {
		kv_abort(txn);
		return rc;
	}
	rc = errno_of(mdb_txn_commit(txn->txn));
	free(txn);
	if (writes) {
		turnstile_leave(kv->writers);
	}
	if (rc == 0 && writes) {
		mdb_filehandle_t fd;
		MDB_envinfo info;

		/* Pages at the end that were given and freed again were never
		 * written; a file that is too short shall mean damage. */
		if (mdb_env_get_fd(kv->env, &fd) == 0 &&
		    mdb_env_info(kv->env, &info) == 0) {
			pages_extend(fd, (info.me_last_pgno + 1) * kv->page);
		}
	}
	return rc;
}

void
kv_abort(struct kv_txn *txn)
{
	if (txn == NULL) {
		return;
	}
	mdb_txn_abort(txn->txn);
	if (txn->writes) {
		turnstile_leave(txn->kv->writers);
	}
	free(txn);
}

int
kv_end(struct kv_txn *txn, int rc)
{
	if (rc != 0) {
		kv_abort(txn);
		return rc;
	}
	return kv_commit(txn);
}

int
kv_get(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes *value)
{
	MDB_val k = val_of(key);
	MDB_val v = { 0, NULL };
	int rc = mdb_get(txn->txn, txn->kv->tables[table], &k, &v);

	*value = bytes_of_val(&v);
	return read_errno(txn->kv, rc);
}

/* Is there room for this row? What is replaced is not given back: at the edge
 * of the budget a transaction is refused a little early. */
static bool
charge(struct kv_txn *txn, size_t octets)
{
	uint64_t page = txn->kv->page;
	uint64_t cost = octets + ROW_COST;

	if (cost > page / 2) {
		cost = (cost + page - 1) / page * page;
	}
	txn->charged += cost;
	return txn->charged <= marks_most || txn->charged <= txn->room;
}

static int
put(struct kv_txn *txn, enum kv_table table, const struct bytes row[2],
    unsigned flags)
{
	MDB_val k = val_of(row[0]);
	MDB_val v = val_of(row[1]);
	int rc;

	assert(txn->writes && row[0].len > 0 && row[0].len <= KV_KEY);
	txn->written += ROW_COST + row[0].len + row[1].len;
	if (!charge(txn, row[0].len + row[1].len)) {
		rc = -ENOSPC;
	} else {
		rc = errno_of(
		    mdb_put(txn->txn, txn->kv->tables[table], &k, &v, flags));
	}
	if (txn->failed == 0) {
		txn->failed = rc;
	}
	return rc;
}

int
kv_put(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes value)
{
	return put(txn, table, (struct bytes[2]){ key, value }, 0);
}

int
kv_append(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes value)
{
	return put(txn, table, (struct bytes[2]){ key, value }, MDB_APPEND);
}

static int
del_failed(struct kv_txn *txn, int rc)
{
	rc = errno_of(rc);
	if (txn->failed == 0 && rc != -ENOENT) {
		txn->failed = rc;
	}
	return rc;
}

int
kv_del(struct kv_txn *txn, enum kv_table table, struct bytes key)
{
	MDB_val k = val_of(key);

	assert(txn->writes);
	txn->written += ROW_COST;
	return del_failed(txn,
	    mdb_del(txn->txn, txn->kv->tables[table], &k, NULL));
}

/* One look with a cursor of its own. */
static int
look(struct kv_txn *txn, enum kv_table table, struct bytes row[2],
    MDB_cursor_op op)
{
	MDB_cursor *cursor;
	MDB_val k = val_of(row[0]);
	MDB_val v = { 0, NULL };
	int rc;

	rc = mdb_cursor_open(txn->txn, txn->kv->tables[table], &cursor);
	if (rc != 0) {
		return read_errno(txn->kv, rc);
	}
	rc = mdb_cursor_get(cursor, &k, &v, op);
	mdb_cursor_close(cursor);
	row[0] = bytes_of_val(&k);
	row[1] = bytes_of_val(&v);
	return read_errno(txn->kv, rc);
}

int
kv_seek(struct kv_txn *txn, enum kv_table table, struct bytes from,
    struct bytes *key, struct bytes *value)
{
	struct bytes row[2] = { from, bytes_of(NULL, 0) };
	int rc =
	    look(txn, table, row, from.len > 0 ? MDB_SET_RANGE : MDB_FIRST);

	*key = row[0];
	*value = row[1];
	return rc;
}

int
kv_last(struct kv_txn *txn, enum kv_table table, struct bytes *key)
{
	struct bytes row[2] = { { NULL, 0 }, { NULL, 0 } };
	int rc = look(txn, table, row, MDB_LAST);

	*key = row[0];
	return rc;
}

static bool
begins_with(const MDB_val *key, struct bytes prefix)
{
	return key->mv_size >= prefix.len &&
	       (prefix.len == 0 ||
		   memcmp(key->mv_data, prefix.at, prefix.len) == 0);
}

/* To the entry after `last`, whatever became of the entry `last` since. */
static int
step_past(MDB_cursor *cursor, struct bytes last, MDB_val *key, MDB_val *value)
{
	int rc;

	*key = val_of(last);
	rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
	if (rc == 0 && bytes_equal(bytes_of_val(key), last)) {
		rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
	}
	return rc;
}

int
kv_each(struct kv_txn *txn, enum kv_table table, struct bytes prefix,
    kv_each_fn *each, void *arg)
{
	MDB_cursor *cursor;
	uint8_t last[KV_KEY];
	MDB_val k = val_of(prefix);
	MDB_val v;
	int rc;
	int answer = 0;

	rc = mdb_cursor_open(txn->txn, txn->kv->tables[table], &cursor);
	if (rc != 0) {
		return read_errno(txn->kv, rc);
	}
	rc = mdb_cursor_get(cursor, &k, &v,
	    prefix.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
	while (rc == 0 && begins_with(&k, prefix)) {
		size_t len = k.mv_size;

		if (len > sizeof(last)) {
			rc = MDB_CORRUPTED;
			break;
		}
		memcpy(last, k.mv_data, len);
		answer = each(arg, bytes_of_val(&k), bytes_of_val(&v));
		if (answer != 0) {
			break;
		}
		rc = txn->writes
			 ? step_past(cursor, bytes_of(last, len), &k, &v)
			 : mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	if (answer != 0) {
		return answer;
	}
	return rc == MDB_NOTFOUND ? 0 : read_errno(txn->kv, rc);
}

int
kv_del_prefix(struct kv_txn *txn, enum kv_table table, struct bytes prefix)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc;

	assert(txn->writes && prefix.len > 0);
	rc = mdb_cursor_open(txn->txn, txn->kv->tables[table], &cursor);
	if (rc != 0) {
		return del_failed(txn, rc);
	}
	do {
		k = val_of(prefix);
		rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
		if (rc == 0 && !begins_with(&k, prefix)) {
			rc = MDB_NOTFOUND;
		}
		if (rc == 0) {
			rc = mdb_cursor_del(cursor, 0);
		}
	} while (rc == 0);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : del_failed(txn, rc);
}

int
kv_usage(struct kv *kv, struct kv_usage *out)
{
	MDB_txn *txn = NULL;
	int rc;

	memset(out, 0, sizeof(*out));
	out->map = kv->budget;
	rc = used_octets(kv, &out->used);
	if (rc == 0) {
		rc = mdb_txn_begin(kv->env, NULL, MDB_RDONLY, &txn);
	}
	for (unsigned t = 0; rc == 0 && t < KV_TABLES; t++) {
		MDB_stat stat;

		rc = mdb_stat(txn, kv->tables[t], &stat);
		if (rc == 0) {
			out->entries[t] = stat.ms_entries;
		}
	}
	mdb_txn_abort(txn);
	return errno_of(rc);
}

int
kv_state(struct kv *kv, struct kv_state *out)
{
	mdb_filehandle_t fd;
	MDB_envinfo info;
	struct stat st;
	int rc = mdb_env_get_fd(kv->env, &fd);

	*out = (struct kv_state){ 0 };
	if (atomic_load(&kv->failed)) {
		return -EIO;
	}
	if (rc == 0) {
		rc = mdb_env_info(kv->env, &info);
	}
	if (rc != 0) {
		return errno_of(rc);
	}
	if (fstat(fd, &st) != 0) {
		return -errno;
	}
	*out = (struct kv_state){
		.commit = info.me_last_txnid,
		.device = st.st_dev,
		.inode = st.st_ino,
		.octets = (uint64_t)st.st_size,
		.changed_s = st.st_ctim.tv_sec,
		.changed_ns = st.st_ctim.tv_nsec,
	};
	return 0;
}
