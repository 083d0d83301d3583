/* SPDX-License-Identifier: BSD-2-Clause */
/* shelf - see shelf.h. */
#include "tests/forge/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"
#include "tests/forge/mutant.h"
#include "tests/forge/notice.h"

static void
make_folders(const char *path)
{
	char *copy = mem_text(path);

	for (char *at = copy + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		mkdir(copy, 0755);
		*at = '/';
	}
	free(copy);
}

int
shelf_write(const char *path, struct bytes octets)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	int fd = open(path, flags, 0644);
	ssize_t n;
	int rc = 0;

	if (fd < 0 && errno == ENOENT) {
		make_folders(path);
		fd = open(path, flags, 0644);
	}
	if (fd < 0) {
		return -errno;
	}
	while (octets.len > 0 && rc == 0) {
		n = write(fd, octets.at, octets.len);
		if (n < 0) {
			rc = -errno;
		} else {
			octets.at += n;
			octets.len -= (size_t)n;
		}
	}
	close(fd);
	return rc;
}

int
shelf_publish(const struct world *world, const char *path, struct bytes octets)
{
	struct timespec times[2] = { { .tv_sec = world->clock },
		{ .tv_sec = world->clock } };
	int rc = shelf_write(path, octets);

	return rc == 0 && utimensat(AT_FDCWD, path, times, 0) != 0 ? -errno
								   : rc;
}

int
shelf_tals(const struct world *world)
{
	struct arena *arena = arena_new();
	struct octets tal = { 0 }, base64 = { 0 };
	int rc = 0;

	for (size_t i = 0; i < world->ca_count && rc == 0; i++) {
		const struct ca *ca = world->cas[i];

		if (ca->parent != NULL) {
			continue;
		}
		octets_reset(&tal);
		octets_reset(&base64);
		if ((ca->via & VIA_RRDP) != 0) {
			octets_printf(&tal, "%s\n",
			    world_https(world, ca->host, arena,
				ca->cert->file));
		}
		octets_printf(&tal, "%s\n\n",
		    world_rsync(world, ca->host, arena, ca->cert->file));
		text_base64(&base64, ca->key->spki, TEXT_BASE64);
		for (size_t n = 0; n < base64.len; n += 64) {
			size_t len = base64.len - n;

			octets_printf(&tal, "%.*s\n",
			    (int)(len > 64 ? 64 : len),
			    (const char *)base64.at + n);
		}
		rc = shelf_write(arena_printf(arena, "%s/tals/%s.tal",
				     world->out, ca->path),
		    octets_bytes(&tal));
	}
	octets_clear(&tal);
	octets_clear(&base64);
	arena_free(arena);
	return rc;
}

static struct bytes
published(const struct item *item, struct arena *arena)
{
	struct bytes copy;

	if (!item->altered || item->octets.len == 0) {
		return item->octets;
	}
	copy = arena_copy(arena, item->octets);
	((uint8_t *)(uintptr_t)copy.at)[copy.len - 1] ^= 1;
	return copy;
}

static void
add_file(struct files *files, const char *uri, struct bytes octets)
{
	struct file *file;

	if (files->count == files->room) {
		files->room = files->room * 2 + 64;
		files->at =
		    mem_grow(files->at, files->room, sizeof(*files->at));
	}
	file = &files->at[files->count++];
	file->uri = uri;
	file->octets = octets;
	key_sha256(file->hash, octets);
}

static int
compare_files(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return strcmp(x->uri, y->uri);
}

/* What the host publishes one way, sorted by URI. */
static struct files
gather(struct world *world, const struct host *host, enum via via)
{
	struct files files = { 0 };

	for (size_t i = 0; i < world->ca_count; i++) {
		const struct ca *ca = world->cas[i];

		if (ca->host != host ||
		    ((ca->via & via) == 0 &&
			!(world->rsync_all && via == VIA_RSYNC))) {
			continue;
		}
		for (size_t n = 0; n < ca->count; n++) {
			const struct item *item = ca->items[n];

			if (!item->withdrawn && !item->hidden) {
				add_file(&files,
				    arena_printf(world->arena, "%s/%s",
					ca->path, item->file),
				    published(item, world->arena));
			}
		}
	}
	if (files.count > 0) {
		qsort(files.at, files.count, sizeof(*files.at), compare_files);
	}
	return files;
}

static int
write_anchors(const struct world *world, const struct host *host)
{
	int rc = 0;

	for (size_t i = 0; i < world->ca_count && rc == 0; i++) {
		const struct ca *ca = world->cas[i];

		if (ca->host != host || ca->parent != NULL ||
		    ca->cert->hidden) {
			continue;
		}
		if (!host->rsync_gone) {
			rc = shelf_publish(world,
			    arena_printf(world->arena, "%s/step-%u/rsync/%s/%s",
				world->out, world->step, host->name,
				ca->cert->file),
			    ca->cert->octets);
		}
		if (!host->rrdp_gone && rc == 0) {
			rc = shelf_publish(world,
			    arena_printf(world->arena, "%s/step-%u/https/%s/%s",
				world->out, world->step, host->name,
				ca->cert->file),
			    ca->cert->octets);
		}
	}
	return rc;
}

/* Does the file hold just these octets? */
static bool
holds(const char *path, struct bytes octets)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *all = mem_zero(octets.len + 1, 1);
	ssize_t n = fd < 0 ? -1 : read(fd, all, octets.len + 1);
	bool same = n >= 0 && bytes_equal(bytes_of(all, (size_t)n), octets);

	free(all);
	if (fd >= 0) {
		close(fd);
	}
	return same;
}

/* A publisher's files keep their times while they do not change: rsync goes by
 * them. */
static void
keep_time(const char *path, const char *before, struct bytes octets)
{
	struct stat st;

	if (stat(before, &st) == 0 && holds(before, octets)) {
		struct timespec times[2] = { st.st_mtim, st.st_mtim };

		(void)utimensat(AT_FDCWD, path, times, 0);
	}
}

static const char *
rsync_path(const struct world *world, unsigned step, const struct host *host,
    const char *uri)
{
	return arena_printf(world->arena, "%s/step-%u/rsync/%s/%s", world->out,
	    step, host->name, uri);
}

static int
write_rsync(struct world *world, const struct host *host)
{
	struct files files = gather(world, host, VIA_RSYNC);
	int rc = 0;

	for (size_t i = 0; i < files.count && rc == 0; i++) {
		const struct file *file = &files.at[i];
		const char *path =
		    rsync_path(world, world->step, host, file->uri);

		rc = shelf_publish(world, path, file->octets);
		keep_time(path,
		    rsync_path(world, world->step - 1, host, file->uri),
		    file->octets);
	}
	free(files.at);
	return rc;
}

/* What was done to each object that has a mutant, for who looks into it. */
static int
write_mutants(const struct world *world)
{
	struct octets lines = { 0 };
	int rc = 0;

	for (size_t i = 0; i < world->ca_count; i++) {
		const struct ca *ca = world->cas[i];

		for (size_t n = 0; n < ca->count; n++) {
			const struct item *item = ca->items[n];

			if (item->mutant != NULL) {
				octets_printf(&lines, "%s/%s\t%s\n", ca->path,
				    item->file, item->mutant->said);
			}
		}
		if (ca->parent == NULL && ca->cert->mutant != NULL) {
			octets_printf(&lines, "%s\t%s\n", ca->cert->file,
			    ca->cert->mutant->said);
		}
	}
	if (lines.len > 0) {
		rc =
		    shelf_write(arena_printf(world->arena, "%s/step-%u/mutants",
				    world->out, world->step),
			octets_bytes(&lines));
	}
	octets_clear(&lines);
	return rc;
}

int
shelf_step(struct world *world)
{
	char at[CLOCK_TEXT + 1];
	int rc = 0;

	for (size_t i = 0; i < world->host_count && rc == 0; i++) {
		struct host *host = world->hosts[i];
		struct files rrdp = gather(world, host, VIA_RRDP);

		rc = write_anchors(world, host);
		if (rc == 0 && !host->rsync_gone) {
			rc = write_rsync(world, host);
		}
		if (rc == 0 && rrdp.count > 0) {
			rc = notice_publish(world, host, &rrdp);
		} else {
			free(rrdp.at);
		}
	}
	if (rc == 0) {
		rc = write_mutants(world);
	}
	clock_text(world->clock, at);
	strcat(at, "\n");
	return rc != 0 ? rc
		       : shelf_write(arena_printf(world->arena, "%s/step-%u/at",
					 world->out, world->step),
			     text_bytes(at));
}
