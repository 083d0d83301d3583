/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay - main() for a fuzz harness built without libFuzzer: give it every
 * prefix of every fixture, so that `make check` walks the same code.
 */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned files;

static int
visit(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	static uint8_t buf[1 << 16];
	size_t len;
	FILE *f;

	(void)st;
	(void)where;
	if (kind != FTW_F) {
		return 0;
	}
	f = fopen(path, "rb");
	if (f == NULL) {
		return -1;
	}
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	for (size_t cut = 0; cut <= len; cut++) {
		LLVMFuzzerTestOneInput(buf, cut);
	}
	files++;
	return 0;
}

int
main(void)
{
	const char *root = getenv("KEDGE_FIXTURES");
	int bad = root == NULL || nftw(root, visit, 16, FTW_PHYS) != 0;

	printf("%sok 1 - %u fixtures and all their prefixes\n1..1\n",
	    bad ? "not " : "", files);
	return bad;
}
