/* SPDX-License-Identifier: BSD-2-Clause */
/* store - see store.h. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/folder.h"
#include "store/meta.h"
#include "store/reel.h"

enum { LOCK_STEP_MS = 50, ASIDE_KEPT = 7 * 86400 };

/* Another format is set aside, never converted: all of it can be fetched. */
static const char format[] = "kedge store 2";
static const char aside[] = "data.mdb.damaged-";

struct store {
	struct arena *arena; /* of the paths */
	const char *dir, *rsync, *spool;
	struct kv *kv;
	struct log *log;
	int folder;     /* dir, for KV_READ_WRITE */
	int lock;       /* holds the run lock while open */
	bool condemned; /* to be set aside at the end */
};

static int
wait_for_lock(int fd, int64_t wait_ms)
{
	int64_t until = clock_mono_ms() + wait_ms;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			return -errno;
		}
		if (clock_mono_ms() >= until) {
			return -EBUSY;
		}
		clock_sleep_ms(LOCK_STEP_MS);
	}
	return 0;
}

static void
tell_holder(struct store *store)
{
	char pid[32] = "";
	ssize_t n = pread(store->lock, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	log_warn(store->log, "%s: another run holds the lock (process %s)",
	    store->dir, pid[0] == '\0' ? "unknown" : pid);
}

/* Mode 0600, since whoever may open a file may lock it. */
static int
take_lock(struct store *store, int64_t wait_ms)
{
	struct stat st;
	char pid[32];
	int len, rc;

	store->lock = openat(store->folder, "lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (store->lock < 0 || fstat(store->lock, &st) != 0) {
		return -errno;
	}
	if (!S_ISREG(st.st_mode)) {
		return -EINVAL;
	}
	rc = wait_for_lock(store->lock, wait_ms);
	if (rc == -EBUSY) {
		tell_holder(store);
	}
	if (rc != 0) {
		return rc;
	}
	/* For people; a full disk must not keep a run from starting. */
	len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(store->lock, 0) != 0 ||
	    pwrite(store->lock, pid, (size_t)len, 0) != len) {
		log_debug(store->log, "%s: lock file not written", store->dir);
	}
	return 0;
}

static int
prepare_folder(struct store *store, const char *name, folder_each_fn *each)
{
	int fd = folder_open(store->folder, name);
	struct stat st;
	int rc;

	/* A file in its place is rubbish; a link is somebody's intention. */
	if (fd == -ENOTDIR &&
	    fstatat(store->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && folder_remove(store->folder, name) == 0) {
		fd = folder_open(store->folder, name);
	}
	if (fd < 0) {
		return fd;
	}
	rc = each == NULL ? 0 : folder_each(fd, each, NULL);
	close(fd);
	return rc;
}

static int
drop_left_over(void *arg, int dir, const char *name)
{
	(void)arg;
	return folder_remove(dir, name);
}

static int
drop_aside(void *arg, int dir, const char *name)
{
	(void)arg;
	return strncmp(name, aside, sizeof(aside) - 1) == 0
		   ? folder_remove(dir, name)
		   : 0;
}

/* It is of a database that is about to change, and only takes room. */
static int
drop_reel(struct store *store)
{
	int rc = folder_remove(store->folder, REEL_FILE);

	return rc != 0 ? rc : folder_remove(store->folder, REEL_ASIDE);
}

/* What nobody looked at in a week only takes room. */
static int
drop_old_aside(void *arg, int dir, const char *name)
{
	const int64_t *now = arg;
	size_t front = sizeof(aside) - 1;
	uint64_t when;

	if (strncmp(name, aside, front) != 0 ||
	    !text_uint(text_bytes(name + front), INT64_MAX, &when) ||
	    (int64_t)when >= *now - ASIDE_KEPT) {
		return 0;
	}
	return folder_remove(dir, name);
}

/*
 * Make room for a database that knows nothing. Trees of rsync go too: their
 * names are numbers that the new database will give to others.
 */
static int
forget_all(struct store *store)
{
	int rc = folder_remove(store->folder, "data.mdb");

	if (rc == 0) {
		rc = folder_remove(store->folder, "lock.mdb");
	}
	if (rc == 0) {
		rc = folder_remove(store->folder, "rsync");
	}
	return rc != 0 ? rc : prepare_folder(store, "rsync", NULL);
}

static int
set_aside(struct store *store)
{
	char name[64];
	int rc = folder_each(store->folder, drop_aside, NULL);

	snprintf(name, sizeof(name), "%s%" PRId64, aside, clock_wall());
	if (rc == 0 &&
	    renameat(store->folder, "data.mdb", store->folder, name) != 0) {
		rc = -errno;
	}
	if (rc == 0) {
		log_warn(store->log,
		    "%s: database damaged or of another format: kept as %s, "
		    "beginning anew",
		    store->dir, name);
		rc = forget_all(store);
	}
	return rc;
}

/* Is this ours? An empty one becomes so. -EBADMSG: no. */
static int
check_format(struct kv *kv, enum kv_mode mode)
{
	struct kv_usage usage;
	struct kv_txn *txn = NULL;
	struct bytes found;
	int rc = kv_usage(kv, &usage);

	if (rc == 0) {
		rc = kv_read(kv, &txn);
	}
	if (rc != 0) {
		return rc;
	}
	rc = meta_get(txn, "format", &found);
	if (rc == 0 && !text_same(found, format)) {
		rc = -EBADMSG;
	}
	kv_abort(txn);
	if (rc != -ENOENT || mode == KV_READ_ONLY) {
		return rc;
	}
	for (unsigned t = 0; t < KV_TABLES; t++) {
		if (usage.entries[t] != 0) {
			return -EBADMSG;
		}
	}
	rc = kv_write(kv, &txn);
	if (rc != 0) {
		return rc;
	}
	return kv_end(txn, meta_put(txn, "format", text_bytes(format)));
}

static int
open_database(struct store *store, const struct store_config *config)
{
	int rc =
	    kv_open(&store->kv, config->dir, config->map_octets, config->mode);

	if (rc == 0) {
		rc = check_format(store->kv, config->mode);
	}
	if (rc != 0) {
		kv_close(store->kv);
		store->kv = NULL;
	}
	return rc;
}

static int
open_for_writing(struct store *store, const struct store_config *config)
{
	int64_t now = clock_wall();
	int rc = folder_make(config->dir);

	if (rc != 0) {
		return rc;
	}
	store->folder = open(config->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0) {
		return -errno;
	}
	rc = take_lock(store, config->lock_wait_ms);
	if (rc == 0) {
		rc = prepare_folder(store, "rsync", NULL);
	}
	if (rc == 0) {
		rc = prepare_folder(store, "tmp", drop_left_over);
	}
	if (rc == 0) {
		rc = folder_each(store->folder, drop_old_aside, &now);
	}
	if (rc == 0) {
		rc = drop_reel(store);
	}
	if (rc == 0 && config->locked != NULL && config->locked(config->arg)) {
		rc = set_aside(store);
		rc = rc == -ENOENT ? 0 : rc;
	}
	if (rc == 0 && config->fresh) {
		rc = forget_all(store);
	}
	if (rc == 0) {
		rc = open_database(store, config);
	}
	if (rc == -EBADMSG) {
		rc = set_aside(store);
		if (rc == 0) {
			rc = open_database(store, config);
		}
	}
	return rc;
}

int
store_open(struct store **out, const struct store_config *config,
    struct log *log)
{
	struct store *store = mem_zero(1, sizeof(*store));
	int rc;

	*out = NULL;
	store->arena = arena_new();
	store->dir = arena_text(store->arena, config->dir);
	store->rsync = arena_printf(store->arena, "%s/rsync", config->dir);
	store->spool = arena_printf(store->arena, "%s/tmp", config->dir);
	store->log = log;
	store->folder = -1;
	store->lock = -1;
	rc = config->mode == KV_READ_WRITE ? open_for_writing(store, config)
					   : open_database(store, config);
	if (rc == -ELOOP) {
		log_error(log,
		    "%s: a symbolic link stands where a file of the "
		    "store should",
		    config->dir);
	}
	if (rc != 0) {
		store_close(store);
		return rc;
	}
	*out = store;
	return 0;
}

void
store_blame(struct store *store, int rc)
{
	/* A damaged list of free pages leads anywhere in the file and past it;
	 * a full disk or one that fails is another matter. */
	store->condemned =
	    store->condemned ||
	    (store->folder >= 0 &&
		(rc == -EBADMSG || rc == -EFBIG || rc == -EINVAL));
}

void
store_close(struct store *store)
{
	if (store == NULL) {
		return;
	}
	kv_close(store->kv);
	if (store->condemned) {
		(void)set_aside(store);
	}
	if (store->lock >= 0) {
		close(store->lock);
	}
	if (store->folder >= 0) {
		close(store->folder);
	}
	arena_free(store->arena);
	free(store);
}

struct kv *
store_kv(struct store *store)
{
	return store->kv;
}

const char *
store_rsync_dir(const struct store *store)
{
	return store->rsync;
}

const char *
store_spool_dir(const struct store *store)
{
	return store->spool;
}
