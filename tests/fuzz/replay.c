/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay - main() for a fuzz harness built without libFuzzer: give it prefixes
 * of every file of its corpus, so that `make check` walks the same code.
 *
 * The corpus of fuzz_x is fixtures/fuzz/x and the folders (below fixtures/)
 * that the harness lists in fuzz_folders, if it has that:
 *
 *	const char *const fuzz_folders[] = { "roa", NULL };
 *
 * Arguments (files or folders) take its place. Each input is a block of its
 * own size, so that a sanitizer sees a read beyond its end.
 */
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[] __attribute__((weak));

/* Every prefix up to DENSE octets, then at most SPARSE more. */
enum { DENSE = 2048, SPARSE = 256, STEP = 64 };

/* A walk by nftw() has nowhere else to count. */
static unsigned files, inputs;

static void
give(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL) {
		abort();
	}
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	inputs++;
}

static void
give_prefixes(const uint8_t *data, size_t len)
{
	size_t step = len / SPARSE < STEP ? STEP : len / SPARSE;

	for (size_t cut = 0; cut < len; cut += cut < DENSE ? 1 : step) {
		give(data, cut);
	}
	give(data, len);
}

static int
visit(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	uint8_t *data;
	size_t len;
	FILE *f;

	(void)where;
	if (kind != FTW_F) {
		return kind == FTW_D ? 0 : -1;
	}
	f = fopen(path, "rb");
	data = malloc((size_t)st->st_size + 1);
	if (f == NULL || data == NULL) {
		perror(path);
		return -1;
	}
	len = fread(data, 1, (size_t)st->st_size, f);
	fclose(f);
	give_prefixes(data, len);
	free(data);
	files++;
	return 0;
}

static bool
replay_folder(const char *root, const char *kind, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s%s", root, kind, name);
	return nftw(path, visit, 16, FTW_PHYS) == 0;
}

/* "roa" for ".../fuzz_roa". */
static const char *
harness_name(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash == NULL ? program : slash + 1;

	return strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name;
}

static bool
replay_own(const char *program)
{
	const char *root = getenv("KEDGE_FIXTURES");
	const char *name = harness_name(program);
	char own[4096];
	bool good = true;

	if (root == NULL) {
		fputs("KEDGE_FIXTURES is not set\n", stderr);
		return false;
	}
	snprintf(own, sizeof(own), "%s/fuzz/%s", root, name);
	if (access(own, F_OK) == 0) {
		good = replay_folder(root, "fuzz/", name);
	}
	for (unsigned i = 0;
	     fuzz_folders != NULL && fuzz_folders[i] != NULL && good; i++) {
		good = replay_folder(root, "", fuzz_folders[i]);
	}
	return good && files > 0;
}

int
main(int argc, char **argv)
{
	bool good = argc > 1 || replay_own(argv[0]);

	for (int i = 1; i < argc && good; i++) {
		good = nftw(argv[i], visit, 16, FTW_PHYS) == 0;
	}
	printf("%sok 1 - %u files, %u inputs\n1..1\n", good ? "" : "not ",
	    files, inputs);
	return good ? 0 : 1;
}
