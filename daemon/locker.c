/* SPDX-License-Identifier: BSD-2-Clause */
/* locker - see locker.h. */
#include "daemon/locker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "daemon/supply.h"
#include "output/file.h"

static const char state_name[] = "state";
static const char ahead_name[] = "ahead";

struct locker {
	char *folder; /* owned */
	struct log *log;
	int dir;
	bool known; /* the state file is ours and good: */
	struct kept_ids ids;
	uint32_t serial;          /* of state and ahead together */
	struct kept_ids told_ids; /* the newest anybody may have been told */
	uint32_t told;
	int ahead; /* descriptor, or -1 */
	struct ahead_place place;
	bool failing; /* said so in the log */
};

/* --- what the log says of the disk */

static void
say_failing(struct locker *locker, const char *name, int rc)
{
	if (!locker->failing) {
		log_error(locker->log,
		    "%s/%s: %s: a restart will not find what is served now",
		    locker->folder, name, strerror(-rc));
	}
	locker->failing = true;
}

static void
say_working(struct locker *locker)
{
	if (locker->failing) {
		log_warn(locker->log, "%s: state is kept again",
		    locker->folder);
	}
	locker->failing = false;
}

/* --- files */

static void
close_ahead(struct locker *locker)
{
	if (locker->ahead >= 0) {
		close(locker->ahead);
	}
	locker->ahead = -1;
}

/* Some file systems cannot; they need not be asked. */
static int
sync_folder(const struct locker *locker)
{
	return fsync(locker->dir) == 0 || errno == EINVAL ? 0 : -errno;
}

static bool
gone(const struct locker *locker, const char *name)
{
	return unlinkat(locker->dir, name, 0) == 0 || errno == ENOENT;
}

/* No state is better than one that says what is not so any more. */
static bool
forget(struct locker *locker)
{
	bool done;

	close_ahead(locker);
	done = gone(locker, state_name) && gone(locker, ahead_name) &&
	       sync_folder(locker) == 0;
	locker->known = locker->known && !done;
	return done;
}

static int
write_all(int fd, struct bytes octets)
{
	while (octets.len > 0) {
		ssize_t n = write(fd, octets.at, octets.len);

		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		if (n > 0) {
			octets =
			    bytes_of(octets.at + n, octets.len - (size_t)n);
		}
	}
	return 0;
}

static int
write_state(struct locker *locker, const struct kept *kept)
{
	struct octets path = { .at = NULL };
	struct file *file = NULL;
	int rc;

	octets_printf(&path, "%s/%s", locker->folder, state_name);
	octets_u8(&path, 0);
	rc = file_open(&file, (const char *)path.at);
	if (rc == 0) {
		rc = kept_write(kept, file_sink(file));
		if (rc == 0) {
			rc = file_close(file);
		} else {
			file_abandon(file);
		}
	}
	octets_clear(&path);
	/* A state that a power cut takes back would repeat serials. */
	return rc == 0 ? sync_folder(locker) : rc;
}

/* --- opening */

int
locker_open(struct locker **out, const char *folder, struct log *log)
{
	struct locker *locker = mem_zero(1, sizeof(*locker));
	int rc;

	locker->folder = mem_text(folder);
	locker->log = log;
	locker->ahead = -1;
	locker->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = locker->dir < 0 ? -errno : 0;
	if (rc != 0) {
		locker_close(locker);
		locker = NULL;
	}
	*out = locker;
	return rc;
}

void
locker_close(struct locker *locker)
{
	if (locker == NULL) {
		return;
	}
	close_ahead(locker);
	if (locker->dir >= 0) {
		close(locker->dir);
	}
	free(locker->folder);
	free(locker);
}

/* --- loading */

/* Open a file in the folder, of at most so many octets, to be read. 0, -ENOENT
 * or another -errno. */
static int
open_file(const struct locker *locker, const char *name, uint64_t most,
    struct supply *out)
{
	int fd = openat(locker->dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		return -errno;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size > most) {
		close(fd);
		return -EFBIG;
	}
	*out = supply_of_file(fd, (uint64_t)st.st_size);
	return 0;
}

static void
close_file(struct supply *supply)
{
	close(supply->fd);
	supply_clear(supply);
}

/* "state" becomes "state.bad", so that somebody can look at it. */
static void
set_aside(struct locker *locker, const char *name, const char *why)
{
	char bad[16];

	snprintf(bad, sizeof(bad), "%s.bad", name);
	if (renameat(locker->dir, name, locker->dir, bad) != 0 &&
	    errno != ENOENT && !gone(locker, name)) {
		log_error(locker->log, "%s/%s: cannot be moved away: %s",
		    locker->folder, name, strerror(errno));
	}
	log_error(locker->log,
	    "%s/%s: %s: set aside; routers will take a new session",
	    locker->folder, name, why);
}

static bool
load_state(struct locker *locker, struct kept *kept)
{
	struct supply supply;
	const char *why = NULL;
	int rc = open_file(locker, state_name, LIMIT_STATE_OCTETS, &supply);

	if (rc == 0) {
		(void)kept_read(kept, &supply, &why);
		if (supply.rc != 0 && supply.rc != -ENODATA) {
			why = strerror(-supply.rc);
		}
		close_file(&supply);
	} else if (rc != -ENOENT) {
		why = strerror(-rc);
	}
	if (why != NULL) {
		set_aside(locker, state_name, why);
	}
	return rc == 0 && why == NULL;
}

/* False when it cannot be told what routers know. */
static bool
load_ahead(struct locker *locker, struct kept *kept)
{
	struct supply supply;
	struct bytes all;
	enum ahead_end end = AHEAD_NOTHING;
	int rc = open_file(locker, ahead_name, LIMIT_AHEAD_OCTETS, &supply);

	if (rc == 0) {
		all = supply_take(&supply, (size_t)supply.end);
		rc = supply.rc;
		end = ahead_replay(kept, all, &locker->place);
		close_file(&supply);
	}
	if (rc != 0 && rc != -ENOENT) {
		end = AHEAD_DAMAGED;
	}
	if (end == AHEAD_GOOD) {
		locker->ahead = openat(locker->dir, ahead_name,
		    O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
		if (locker->ahead < 0 ||
		    ftruncate(locker->ahead, (off_t)locker->place.length) !=
			0) {
			end = AHEAD_DAMAGED;
		}
	}
	if (end == AHEAD_DAMAGED) {
		close_ahead(locker);
		set_aside(locker, ahead_name,
		    rc < 0 ? strerror(-rc) : "damaged");
		return false;
	}
	return end == AHEAD_GOOD || rc == -ENOENT || gone(locker, ahead_name);
}

/* Files that were written aside by one that was killed. */
static void
sweep(const struct locker *locker)
{
	int fd = openat(locker->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, ".state.", 7) == 0) {
			(void)gone(locker, entry->d_name);
		}
	}
	closedir(dir);
}

static enum locker_found
load_old(struct locker *locker, struct kept *kept)
{
	/* One without a set was written when nothing was told yet: what was
	 * told after it nobody knows. */
	bool good = load_state(locker, kept) && kept->current != NULL;

	if (good && !load_ahead(locker, kept)) {
		set_aside(locker, state_name, "not the newest");
		good = false;
	}
	if (!good) {
		kept_clear(kept);
		(void)gone(locker, ahead_name);
		return LOCKER_LOST;
	}
	locker->known = true;
	locker->ids = kept->ids;
	locker->serial = kept->serial;
	return LOCKER_KEPT;
}

static bool
is_new(const struct locker *locker)
{
	struct stat st;
	int rc = fstatat(locker->dir, state_name, &st, AT_SYMLINK_NOFOLLOW);

	return rc != 0 && errno == ENOENT;
}

enum locker_found
locker_load(struct locker *locker, struct kept *kept)
{
	sweep(locker);
	return is_new(locker) ? LOCKER_NEW : load_old(locker, kept);
}

/* --- writing */

bool
locker_begin(struct locker *locker, const struct kept *kept)
{
	int rc = write_state(locker, kept);

	(void)gone(locker, ahead_name);
	return rc == 0;
}

static int
begin_ahead(struct locker *locker, struct octets *out)
{
	locker->ahead = openat(locker->dir, ahead_name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (locker->ahead < 0) {
		return -errno;
	}
	ahead_begin(out, &locker->place, &locker->ids, locker->serial);
	return sync_folder(locker);
}

static int
append(struct locker *locker, const struct ahead_serial *next)
{
	struct octets o = { .at = NULL };
	int rc = locker->ahead < 0 ? begin_ahead(locker, &o) : 0;

	if (rc == 0) {
		ahead_add(&o, &locker->place, next);
		rc = locker->place.length > LIMIT_AHEAD_OCTETS
			 ? -EFBIG
			 : write_all(locker->ahead, octets_bytes(&o));
	}
	if (rc == 0 && fdatasync(locker->ahead) != 0) {
		rc = -errno;
	}
	octets_clear(&o);
	return rc;
}

bool
locker_ahead(struct locker *locker, const struct kept_ids *ids,
    const struct ahead_serial *next)
{
	bool named = locker->known && ahead_same_ids(&locker->ids, ids);
	int rc = 0;

	if (named) {
		rc = next->serial - locker->serial == 1 ? append(locker, next)
							: -ERANGE;
	}
	if (named && rc == 0) {
		locker->serial = next->serial;
	}
	if (rc != 0) {
		say_failing(locker, ahead_name, rc);
		if (!forget(locker)) {
			return false;
		}
	}
	locker->told_ids = *ids;
	locker->told = next->serial;
	return true;
}

bool
locker_save(struct locker *locker, const struct kept *kept)
{
	int rc;

	if (ahead_same_ids(&locker->told_ids, &kept->ids) &&
	    kept->serial != locker->told &&
	    locker->told - kept->serial < 0x80000000u) {
		return true; /* a newer one follows */
	}
	rc = write_state(locker, kept);
	if (rc != 0) {
		say_failing(locker, state_name, rc);
		return false;
	}
	say_working(locker);
	locker->known = true;
	locker->ids = kept->ids;
	locker->serial = kept->serial;
	close_ahead(locker);
	/* If it stays it does no harm: its serials are not after ours. */
	(void)gone(locker, ahead_name);
	return true;
}
