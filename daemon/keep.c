/* SPDX-License-Identifier: BSD-2-Clause */
/* keep - see keep.h. */
#include "daemon/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/pool.h"
#include "daemon/ahead.h"
#include "output/file.h"

static const char state_name[] = "state";
static const char ahead_name[] = "ahead";

/* What the worker knows of the disk; nobody else touches it once jobs run. */
struct desk {
	const char *folder;
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

struct job {
	enum { JOB_AHEAD, JOB_SAVE } kind;
	struct kept kept; /* of a save; of a record ids and serial */
	const struct delta *delta;
	const struct snapshot *to;
	int64_t when;
	enum keep_event answer;
};

struct keep {
	struct desk desk;
	struct pool *pool;
	bool saving;
	struct job *next; /* the save that waits for the one under way */
};

static void
free_job(void *arg)
{
	struct job *job = arg;

	if (job != NULL) {
		kept_clear(&job->kept);
		delta_put(job->delta);
		snapshot_put(job->to);
		free(job);
	}
}

/* --- the worker: the log says once that the disk fails, and once that it
 * does not any more */

static void
say_failing(struct desk *desk, const char *name, int rc)
{
	if (!desk->failing) {
		log_error(desk->log,
		    "%s/%s: %s: a restart will not find what is served now",
		    desk->folder, name, strerror(-rc));
	}
	desk->failing = true;
}

static void
say_working(struct desk *desk)
{
	if (desk->failing) {
		log_warn(desk->log, "%s: state is kept again", desk->folder);
	}
	desk->failing = false;
}

/* --- the worker: ahead */

static void
close_ahead(struct desk *desk)
{
	if (desk->ahead >= 0) {
		close(desk->ahead);
	}
	desk->ahead = -1;
}

/* Some file systems cannot; they need not be asked. */
static int
sync_folder(const struct desk *desk)
{
	return fsync(desk->dir) == 0 || errno == EINVAL ? 0 : -errno;
}

static bool
gone(const struct desk *desk, const char *name)
{
	return unlinkat(desk->dir, name, 0) == 0 || errno == ENOENT;
}

/* No state is better than one that says what is not so any more. */
static bool
forget(struct desk *desk)
{
	bool done;

	close_ahead(desk);
	done = gone(desk, state_name) && gone(desk, ahead_name) &&
	       sync_folder(desk) == 0;
	desk->known = desk->known && !done;
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
begin_ahead(struct desk *desk, struct octets *out)
{
	desk->ahead = openat(desk->dir, ahead_name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (desk->ahead < 0) {
		return -errno;
	}
	ahead_begin(out, &desk->place, &desk->ids, desk->serial);
	return sync_folder(desk);
}

static int
append(struct desk *desk, const struct job *job)
{
	struct octets o = { .at = NULL };
	int rc = desk->ahead < 0 ? begin_ahead(desk, &o) : 0;

	if (rc == 0) {
		ahead_add(&o, &desk->place, job->kept.serial, job->when,
		    job->delta, job->to);
		rc = desk->place.length > LIMIT_AHEAD_OCTETS
			 ? -EFBIG
			 : write_all(desk->ahead, octets_bytes(&o));
	}
	if (rc == 0 && fdatasync(desk->ahead) != 0) {
		rc = -errno;
	}
	octets_clear(&o);
	return rc;
}

static enum keep_event
do_ahead(struct desk *desk, const struct job *job)
{
	bool named = desk->known && ahead_same_ids(&desk->ids, &job->kept.ids);
	int rc = 0;

	if (named) {
		rc = job->kept.serial - desk->serial == 1 ? append(desk, job)
							  : -ERANGE;
	}
	if (named && rc == 0) {
		desk->serial = job->kept.serial;
	}
	if (rc != 0) {
		say_failing(desk, ahead_name, rc);
		if (!forget(desk)) {
			return KEEP_RENAME;
		}
	}
	desk->told_ids = job->kept.ids;
	desk->told = job->kept.serial;
	return KEEP_TOLD;
}

/* --- the worker: state */

static int
write_state(struct desk *desk, const struct kept *kept)
{
	struct octets path = { .at = NULL };
	struct file *file = NULL;
	int rc;

	octets_printf(&path, "%s/%s", desk->folder, state_name);
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
	return rc == 0 ? sync_folder(desk) : rc;
}

static enum keep_event
do_save(struct desk *desk, const struct job *job)
{
	const struct kept *kept = &job->kept;
	int rc;

	if (ahead_same_ids(&desk->told_ids, &kept->ids) &&
	    kept->serial != desk->told &&
	    desk->told - kept->serial < 0x80000000u) {
		return KEEP_SAVED; /* a newer one follows */
	}
	rc = write_state(desk, kept);
	if (rc != 0) {
		say_failing(desk, state_name, rc);
		return KEEP_FAILED;
	}
	say_working(desk);
	desk->known = true;
	desk->ids = kept->ids;
	desk->serial = kept->serial;
	close_ahead(desk);
	/* If it stays it does no harm: its serials are not after ours. */
	(void)gone(desk, ahead_name);
	return KEEP_SAVED;
}

static void *
begin_work(void *arg, unsigned worker)
{
	(void)worker;
	return arg;
}

/* Sets may have gone meanwhile but for this reference, and the loop is not to
 * free them. */
static void
let_go(struct job *job)
{
	uint32_t serial = job->kept.serial;

	kept_clear(&job->kept);
	job->kept.serial = serial;
	delta_put(job->delta);
	job->delta = NULL;
	snapshot_put(job->to);
	job->to = NULL;
}

static void *
work(void *self, void *arg)
{
	struct job *job = arg;

	job->answer =
	    job->kind == JOB_AHEAD ? do_ahead(self, job) : do_save(self, job);
	let_go(job);
	return job;
}

static void
end_work(void *self)
{
	(void)self;
}

/* --- opening */

static void
free_keep(struct keep *keep)
{
	close_ahead(&keep->desk);
	if (keep->desk.dir >= 0) {
		close(keep->desk.dir);
	}
	free((void *)(uintptr_t)keep->desk.folder);
	free(keep);
}

int
keep_open(struct keep **out, const char *folder, struct log *log)
{
	struct keep *keep = mem_zero(1, sizeof(*keep));
	int rc;

	keep->desk.folder = mem_text(folder);
	keep->desk.log = log;
	keep->desk.ahead = -1;
	keep->desk.dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = keep->desk.dir < 0 ? -errno : 0;
	if (rc != 0) {
		free_keep(keep);
		keep = NULL;
	}
	*out = keep;
	return rc;
}

/* --- loading */

void
keep_draw(struct kept_ids *ids, uint32_t *serial)
{
	struct kept_ids old = *ids;

	for (unsigned i = 0; i < PDU_VERSIONS; i++) {
		while (ids->rtr[i] == old.rtr[i]) {
			clock_random(&ids->rtr[i], sizeof(ids->rtr[i]));
		}
	}
	clock_random(&ids->json, sizeof(ids->json));
	ids->json &= (UINT64_C(1) << 53) - 1;
	if (serial != NULL) {
		clock_random(serial, sizeof(*serial));
		*serial &= 0xffffff;
	}
}

/* All octets of a file in the folder. 0, -ENOENT or another -errno. */
static int
read_file(const struct desk *desk, const char *name, struct octets *out)
{
	int fd = openat(desk->dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n = 1;
	int rc = 0;

	if (fd < 0) {
		return -errno;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size > LIMIT_STATE_OCTETS) {
		rc = -EFBIG;
	}
	if (rc == 0) {
		out->room = (size_t)st.st_size + 1;
		out->at = mem_try(out->room, 1);
		rc = out->at == NULL ? -ENOMEM : 0;
	}
	while (rc == 0 && n > 0 && out->len < out->room) {
		n = read(fd, out->at + out->len, out->room - out->len);
		if (n < 0 && errno != EINTR) {
			rc = -errno;
		}
		out->len += n > 0 ? (size_t)n : 0;
		n = n < 0 ? 1 : n;
	}
	close(fd);
	return rc;
}

/* "state" becomes "state.bad", so that somebody can look at it. */
static void
set_aside(struct desk *desk, const char *name, const char *why)
{
	char bad[16];

	snprintf(bad, sizeof(bad), "%s.bad", name);
	if (renameat(desk->dir, name, desk->dir, bad) != 0 && errno != ENOENT &&
	    !gone(desk, name)) {
		log_error(desk->log, "%s/%s: cannot be moved away: %s",
		    desk->folder, name, strerror(errno));
	}
	log_error(desk->log,
	    "%s/%s: %s: set aside; routers will take a new session",
	    desk->folder, name, why);
}

/* A folder that never held a state: no router heard of any. It gets one, so
 * that this is asked but once. */
static bool
is_new(struct desk *desk, struct kept *kept)
{
	struct stat st;

	if (fstatat(desk->dir, state_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	    errno != ENOENT) {
		return false;
	}
	keep_draw(&kept->ids, NULL);
	kept->serial = 1;
	return write_state(desk, kept) == 0;
}

static bool
load_state(struct desk *desk, struct kept *kept)
{
	struct octets o = { .at = NULL };
	const char *why = NULL;
	int rc = read_file(desk, state_name, &o);

	if (rc == 0) {
		(void)kept_read(kept, octets_bytes(&o), &why);
	} else if (rc != -ENOENT) {
		why = strerror(-rc);
	}
	octets_clear(&o);
	if (why != NULL) {
		set_aside(desk, state_name, why);
	}
	return rc == 0 && why == NULL;
}

/* False when it cannot be told what routers know. */
static bool
load_ahead(struct desk *desk, struct kept *kept)
{
	struct octets o = { .at = NULL };
	enum ahead_end end = AHEAD_NOTHING;
	int rc = read_file(desk, ahead_name, &o);

	if (rc == 0) {
		end = ahead_replay(kept, octets_bytes(&o), &desk->place);
	} else if (rc != -ENOENT) {
		end = AHEAD_DAMAGED;
	}
	octets_clear(&o);
	if (end == AHEAD_GOOD) {
		desk->ahead = openat(desk->dir, ahead_name,
		    O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
		if (desk->ahead < 0 ||
		    ftruncate(desk->ahead, (off_t)desk->place.length) != 0) {
			end = AHEAD_DAMAGED;
		}
	}
	if (end == AHEAD_DAMAGED) {
		close_ahead(desk);
		set_aside(desk, ahead_name, rc < 0 ? strerror(-rc) : "damaged");
		return false;
	}
	return end == AHEAD_GOOD || rc == -ENOENT || gone(desk, ahead_name);
}

/* Files that were written aside by one that was killed. */
static void
sweep(const struct desk *desk)
{
	int fd = openat(desk->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, ".state.", 7) == 0) {
			(void)gone(desk, entry->d_name);
		}
	}
	closedir(dir);
}

static void
load_old(struct desk *desk, struct kept *kept)
{
	/* One without a set was written when nothing was told yet: what was
	 * told after it nobody knows. */
	bool good = load_state(desk, kept) && kept->current != NULL;

	if (good && !load_ahead(desk, kept)) {
		set_aside(desk, state_name, "not the newest");
		good = false;
	}
	if (!good) {
		kept_clear(kept);
		keep_draw(&kept->ids, &kept->serial);
		(void)gone(desk, ahead_name);
		return;
	}
	desk->known = true;
	desk->ids = kept->ids;
	desk->serial = kept->serial;
}

void
keep_load(struct keep *keep, struct kept *kept)
{
	struct desk *desk = &keep->desk;
	const struct pool_work job = { .name = "kedge-keep",
		.begin = begin_work,
		.work = work,
		.end = end_work,
		.arg = desk };

	*kept = (struct kept){ .serial = 0 };
	sweep(desk);
	if (is_new(desk, kept)) {
		(void)gone(desk, ahead_name);
	} else {
		load_old(desk, kept);
	}
	keep->pool = pool_new(&job, 1, 0);
}

/* --- asking */

void
keep_ahead(struct keep *keep, const struct kept_ids *ids, uint32_t serial,
    const struct delta *delta, const struct snapshot *to)
{
	struct job *job = mem_zero(1, sizeof(*job));

	job->kind = JOB_AHEAD;
	job->kept.ids = *ids;
	job->kept.serial = serial;
	job->delta = delta_get(delta);
	job->to = snapshot_get(to);
	job->when = clock_wall();
	pool_submit(keep->pool, job);
}

void
keep_save(struct keep *keep, const struct kept *kept)
{
	struct job *job = mem_zero(1, sizeof(*job));

	job->kind = JOB_SAVE;
	kept_copy(&job->kept, kept);
	if (keep->saving) {
		free_job(keep->next);
		keep->next = job;
		return;
	}
	keep->saving = true;
	pool_submit(keep->pool, job);
}

int
keep_bell(const struct keep *keep)
{
	return pool_bell(keep->pool);
}

static void
finish(struct keep *keep, struct job *job, struct keep_news *news)
{
	news->event = job->answer;
	news->serial = job->kept.serial;
	if (job->kind == JOB_SAVE) {
		keep->saving = keep->next != NULL;
		if (keep->next != NULL) {
			pool_submit(keep->pool, keep->next);
			keep->next = NULL;
		}
	}
	free_job(job);
}

bool
keep_hear(struct keep *keep, struct keep_news *news)
{
	struct job *job = pool_collect(keep->pool);

	*news = (struct keep_news){ .event = KEEP_NONE };
	if (job != NULL) {
		finish(keep, job, news);
	}
	return job != NULL;
}

void
keep_close(struct keep *keep)
{
	struct keep_news news;
	struct job *job;

	if (keep == NULL) {
		return;
	}
	while (keep->pool != NULL && (job = pool_wait(keep->pool)) != NULL) {
		finish(keep, job, &news);
	}
	if (keep->pool != NULL) {
		pool_free(keep->pool, free_job, free_job);
	}
	free_keep(keep);
}
