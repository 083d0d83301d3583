/* SPDX-License-Identifier: BSD-2-Clause */
/* leftover - see leftover.h. */
#include "store/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/map.h"
#include "base/text.h"
#include "store/folder.h"
#include "store/repository.h"

/* For a tree that never came whole, or that the last run did not lead to. */
enum { FRUITLESS = 2 * 3600 };

struct search {
	struct store *store;
	int64_t now;
	const struct met *met; /* NULL: not known */
	uint32_t *trees;       /* by the numbers they are named by */
	size_t count, room;
	struct map *needed; /* numbers of repositories */
};

/* Other names are not ours. */
static int
note_tree(void *arg, int dir, const char *name)
{
	struct search *search = arg;
	uint64_t number;

	(void)dir;
	if (text_uint(text_bytes(name), UINT32_MAX, &number)) {
		search->trees = array_room(search->trees, search->count,
		    &search->room, sizeof(*search->trees));
		search->trees[search->count++] = (uint32_t)number;
	}
	return 0;
}

static int
note_needed(void *arg, const struct repository *row)
{
	struct search *search = arg;
	bool wanted =
	    row->last_success != 0 &&
	    (search->met == NULL || met_repository(search->met, row->number));

	if (wanted || row->last_attempt >= search->now - FRUITLESS) {
		(void)map_set(search->needed,
		    bytes_of(&row->number, sizeof(row->number)), search);
	}
	return 0;
}

/* A tree is made after its row, so when trees were looked for first, a row that
 * is not there now never was. */
static int
look(struct search *search, int dir)
{
	struct kv_txn *txn;
	int rc = folder_each(dir, note_tree, search);

	if (rc == 0) {
		rc = kv_read(store_kv(search->store), &txn);
	}
	if (rc == 0) {
		rc = repository_each(txn, note_needed, search);
		kv_abort(txn);
	}
	return rc;
}

static uint64_t
drop(const struct search *search, int dir, struct log *log)
{
	uint64_t removed = 0;

	for (size_t i = 0; i < search->count; i++) {
		uint32_t number = search->trees[i];
		char name[16];
		int rc;

		if (map_get(search->needed,
			bytes_of(&number, sizeof(number))) != NULL) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "%u", number);
		rc = folder_remove(dir, name);
		if (rc == 0) {
			removed++;
		} else {
			log_warn(log, "%s/%s: not removed: %s",
			    store_rsync_dir(search->store), name,
			    strerror(-rc));
		}
	}
	return removed;
}

int
leftover_drop(struct store *store, int64_t now, const struct met *met,
    struct log *log, uint64_t *removed)
{
	struct search search = { .store = store, .now = now, .met = met };
	int rc;
	int dir = open(store_rsync_dir(store),
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0) {
		return errno == ENOENT ? 0 : -errno;
	}
	search.needed = map_new();
	rc = look(&search, dir);
	if (rc == 0) {
		*removed += drop(&search, dir, log);
	}
	map_free(search.needed);
	free(search.trees);
	close(dir);
	return rc;
}
