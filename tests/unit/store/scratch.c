/* SPDX-License-Identifier: BSD-2-Clause */
/* scratch - see scratch.h. */
#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/digest.h"
#include "store/folder.h"

void
scratch_make(struct scratch *s)
{
	const char *under = getenv("TMPDIR");

	memset(s, 0, sizeof(*s));
	snprintf(s->dir, sizeof(s->dir), "%.40s/kedge-store-XXXXXX",
	    under == NULL ? "/tmp" : under);
	assert_non_null(mkdtemp(s->dir));
}

void
scratch_open(struct scratch *s, uint64_t map)
{
	assert_int_equal(kv_open(&s->kv, s->dir, map, KV_READ_WRITE), 0);
}

void
scratch_remove(struct scratch *s)
{
	kv_close(s->kv);
	s->kv = NULL;
	assert_int_equal(folder_remove(AT_FDCWD, s->dir), 0);
}

int
scratch_setup(void **state)
{
	struct scratch *s = mem_zero(1, sizeof(*s));

	scratch_make(s);
	scratch_open(s, SCRATCH_MAP);
	*state = s;
	return 0;
}

int
scratch_teardown(void **state)
{
	scratch_remove(*state);
	free(*state);
	return 0;
}

struct kv_txn *
scratch_read(struct scratch *s)
{
	struct kv_txn *txn;

	assert_int_equal(kv_read(s->kv, &txn), 0);
	return txn;
}

struct kv_txn *
scratch_write(struct scratch *s)
{
	struct kv_txn *txn;

	assert_int_equal(kv_write(s->kv, &txn), 0);
	return txn;
}

void
scratch_commit(struct kv_txn *txn)
{
	assert_int_equal(kv_commit(txn), 0);
}

struct hash
scratch_hash(const char *text)
{
	struct hash hash;

	digest_of(bytes_of(text, strlen(text)), &hash);
	return hash;
}

const char *
scratch_path(const struct scratch *s, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", s->dir, name);
	return out;
}

void
scratch_file(const struct scratch *s, const char *name, const void *octets,
    size_t len)
{
	char path[128];
	FILE *f = fopen(scratch_path(s, name, path), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(octets, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}
