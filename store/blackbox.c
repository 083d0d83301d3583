/* SPDX-License-Identifier: BSD-2-Clause */
/* blackbox - see blackbox.h. */
#include "store/blackbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	SLOTS = 2200,      /* more workers than options allow */
	BLACKBOX_FD = 200, /* where a signal's handler finds the file */
	SUSPECTS = BLACKBOX_CULPRITS,
};

static const char magic[] = "kedge blackbox 1";

struct blackbox_slot {
	uint32_t thread;  /* of the kernel; 0: nobody's */
	atomic_uint busy; /* with this kind; 0: with nothing */
	atomic_llong since_ms;
	struct blackbox_item item;
};

/* The file. */
struct page {
	char magic[16];
	char version[32];
	uint32_t clean;   /* the process did what it should */
	uint32_t excused; /* it was ended by somebody else */
	uint32_t guilty;  /* the thread that a signal came to */
	int32_t signal;
	uint32_t empty_deaths;
	uint32_t suspect_count;
	struct blackbox_item suspects[SUSPECTS];
	struct blackbox_slot slots[SLOTS];
};

struct blackbox {
	struct page *page;
	atomic_uint taken; /* slots given out */
};

/* --- the past */

static bool
same(const struct blackbox_item *a, const struct blackbox_item *b)
{
	return a->kind == b->kind && hash_equal(&a->name, &b->name);
}

static bool
was_suspect(const struct page *old, const struct blackbox_item *item)
{
	for (size_t i = 0; i < old->suspect_count; i++) {
		if (same(&old->suspects[i], item)) {
			return true;
		}
	}
	return false;
}

/*
 * Whose hand it was, where that is known. Where we were killed it could be
 * anybody's but that of one who waits for the network: he is often found so.
 */
static bool
in_question(const struct page *old, const struct blackbox_slot *slot)
{
	if (atomic_load(&slot->busy) == 0) {
		return false;
	}
	return old->guilty != 0 ? old->guilty == slot->thread
				: slot->item.kind != BLACKBOX_FETCH;
}

static void
judge_slot(const struct blackbox_slot *slot, const struct page *old,
    struct page *fresh, struct blackbox_past *past)
{
	struct blackbox_item item = slot->item;

	item.uri[BLACKBOX_URI - 1] = '\0';
	if (was_suspect(old, &item)) {
		if (past->count < BLACKBOX_CULPRITS) {
			past->culprits[past->count++] = item;
		}
	} else if (fresh->suspect_count < SUSPECTS) {
		fresh->suspects[fresh->suspect_count++] = item;
	}
}

static void
judge(const struct page *old, struct page *fresh, struct blackbox_past *past)
{
	past->died = old->clean == 0 && old->excused == 0;
	if (!past->died) {
		return;
	}
	past->signal = old->signal;
	/* The only file that is mapped is the database: a bus error comes of
	 * it or its disk, whatever somebody had in hand. */
	for (size_t i = 0; i < SLOTS && old->signal != SIGBUS; i++) {
		if (in_question(old, &old->slots[i])) {
			judge_slot(&old->slots[i], old, fresh, past);
		}
	}
	if (past->count == 0 && fresh->suspect_count == 0 && old->signal != 0) {
		fresh->empty_deaths = old->empty_deaths + 1;
	}
	past->empty_deaths = fresh->empty_deaths;
}

/* Another version's box says nothing about ours. */
static bool
read_old(int fd, struct page *old)
{
	ssize_t n = pread(fd, old, sizeof(*old), 0);

	return n == (ssize_t)sizeof(*old) &&
	       memcmp(old->magic, magic, sizeof(old->magic)) == 0 &&
	       strncmp(old->version, PACKAGE_VERSION, sizeof(old->version)) ==
		   0 &&
	       old->suspect_count <= SUSPECTS;
}

/* --- the signal's handler: no more than a write to a descriptor */

static void
on_signal(int number)
{
	uint32_t words[2] = { (uint32_t)syscall(SYS_gettid), (uint32_t)number };

	(void)!pwrite(BLACKBOX_FD, words, sizeof(words),
	    offsetof(struct page, guilty));
	/* Nobody handles it any more: it ends us when we leave here. */
	(void)raise(number);
}

static void
watch(int number)
{
	struct sigaction old;
	struct sigaction ours = { .sa_handler = on_signal,
		.sa_flags = (int)SA_RESETHAND };

	/* A sanitizer may have its own. */
	if (sigaction(number, NULL, &old) == 0 &&
	    (old.sa_flags & SA_SIGINFO) == 0 && old.sa_handler == SIG_DFL) {
		(void)sigaction(number, &ours, NULL);
	}
}

/* --- the box */

/* Allocated for good: a store into it must not find the disk full. */
static int
open_file(const char *dir)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/blackbox", dir);
	struct stat st;
	int fd;

	if (n < 0 || (size_t)n >= sizeof(path)) {
		return -1;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
			   posix_fallocate(fd, 0, sizeof(struct page)) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct page *
map(int fd)
{
	int flags = fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	void *at = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE,
	    flags, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void
begin(struct page *to, const struct page *fresh)
{
	*to = *fresh;
	memcpy(to->magic, magic, sizeof(to->magic));
	(void)snprintf(to->version, sizeof(to->version), "%s", PACKAGE_VERSION);
}

struct blackbox *
blackbox_open(const char *dir, struct blackbox_past *past)
{
	struct blackbox *box = mem_zero(1, sizeof(*box));
	struct page *old = mem_zero(1, sizeof(*old));
	struct page *fresh = mem_zero(1, sizeof(*fresh));
	int fd = open_file(dir);

	*past = (struct blackbox_past){ 0 };
	if (fd >= 0 && read_old(fd, old)) {
		judge(old, fresh, past);
	}
	box->page = map(fd);
	if (box->page != NULL) {
		begin(box->page, fresh);
	}
	if (fd >= 0) {
		if (dup3(fd, BLACKBOX_FD, O_CLOEXEC) == BLACKBOX_FD) {
			watch(SIGSEGV);
			watch(SIGBUS);
			watch(SIGILL);
			watch(SIGFPE);
			watch(SIGABRT);
			watch(SIGSYS);
		}
		close(fd);
	}
	free(old);
	free(fresh);
	return box;
}

void
blackbox_excuse(struct blackbox *box)
{
	if (box->page != NULL) {
		box->page->excused = 1;
	}
}

void
blackbox_blame(struct blackbox *box, const struct blackbox_slot *slot)
{
	if (box->page != NULL) {
		box->page->guilty = slot->thread;
		box->page->excused = 0;
	}
}

void
blackbox_done(struct blackbox *box)
{
	if (box->page != NULL) {
		box->page->clean = 1;
	}
}

void
blackbox_close(struct blackbox *box)
{
	if (box == NULL) {
		return;
	}
	blackbox_done(box);
	if (box->page != NULL) {
		(void)munmap(box->page, sizeof(*box->page));
	}
	free(box);
}

struct blackbox_slot *
blackbox_slot(struct blackbox *box)
{
	unsigned i = atomic_fetch_add(&box->taken, 1);

	if (box->page == NULL || i >= SLOTS) {
		return NULL;
	}
	box->page->slots[i].thread = (uint32_t)syscall(SYS_gettid);
	return &box->page->slots[i];
}

void
blackbox_hold(struct blackbox_slot *slot, unsigned kind,
    const struct hash *name, const char *uri)
{
	size_t n;

	if (slot == NULL) {
		return;
	}
	n = strnlen(uri, BLACKBOX_URI - 1);
	atomic_store(&slot->busy, 0);
	slot->item.kind = kind;
	slot->item.name = *name;
	memcpy(slot->item.uri, uri, n);
	slot->item.uri[n] = '\0';
	atomic_store(&slot->since_ms, clock_mono_ms());
	atomic_store(&slot->busy, kind);
}

void
blackbox_release(struct blackbox_slot *slot)
{
	if (slot != NULL) {
		atomic_store(&slot->busy, 0);
	}
}

const struct blackbox_slot *
blackbox_oldest(const struct blackbox *box, unsigned kind, int64_t *since_ms)
{
	const struct blackbox_slot *oldest = NULL;

	for (unsigned i = 0;
	     box->page != NULL && i < SLOTS && i < atomic_load(&box->taken);
	     i++) {
		const struct blackbox_slot *slot = &box->page->slots[i];
		int64_t when = atomic_load(&slot->since_ms);

		if (atomic_load(&slot->busy) == kind &&
		    (oldest == NULL || when < *since_ms)) {
			oldest = slot;
			*since_ms = when;
		}
	}
	return oldest;
}

void
blackbox_look(const struct blackbox_slot *slot, struct blackbox_item *item)
{
	*item = slot->item;
	item->uri[BLACKBOX_URI - 1] = '\0';
}
