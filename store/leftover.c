/* SPDX-License-Identifier: BSD-2-Clause */
/* leftover - see leftover.h. */
#include "store/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "store/folder.h"
#include "store/repository.h"

/* For a tree that never came whole, or that the last run did not lead to. */
enum { FRUITLESS = 2 * 3600 };

struct search {
	struct store *store;
	int64_t now;
	const struct met *met; /* NULL: not known */
	struct log *log;
	uint64_t *removed;
	uint32_t number; /* of the tree in question */
};

static int
owns_tree(void *arg, const struct repository *row)
{
	const struct search *search = arg;
	bool wanted =
	    row->last_success != 0 &&
	    (search->met == NULL || met_repository(search->met, row->number));

	return row->number == search->number &&
	       (wanted || row->last_attempt >= search->now - FRUITLESS);
}

/* 1: a repository needs the tree now; 0; -errno. */
static int
is_needed(struct search *search)
{
	struct kv_txn *txn;
	int rc = kv_read(store_kv(search->store), &txn);

	if (rc == 0) {
		rc = repository_each(txn, owns_tree, search);
		kv_abort(txn);
	}
	return rc;
}

/* A tree is named by its repository's number; other names are not ours. A tree
 * is made after its row, so a row that is not there now never was. */
static int
drop_tree(void *arg, int dir, const char *name)
{
	struct search *search = arg;
	uint64_t number;
	int rc;

	if (!text_uint(text_bytes(name), UINT32_MAX, &number)) {
		return 0;
	}
	search->number = (uint32_t)number;
	rc = is_needed(search);
	if (rc != 0) {
		return rc < 0 ? rc : 0;
	}
	rc = folder_remove(dir, name);
	if (rc != 0) {
		log_warn(search->log, "%s/%s: not removed: %s",
		    store_rsync_dir(search->store), name, strerror(-rc));
		return 0;
	}
	*search->removed += 1;
	return 0;
}

int
leftover_drop(struct store *store, int64_t now, const struct met *met,
    struct log *log, uint64_t *removed)
{
	struct search search = {
		.store = store,
		.now = now,
		.met = met,
		.log = log,
		.removed = removed,
	};
	int rc;
	int dir = open(store_rsync_dir(store),
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0) {
		return errno == ENOENT ? 0 : -errno;
	}
	rc = folder_each(dir, drop_tree, &search);
	close(dir);
	return rc;
}
