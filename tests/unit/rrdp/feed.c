/* SPDX-License-Identifier: BSD-2-Clause */
/* feed - see feed.h. */
#include "feed.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static long
take(void *arg, void *into, size_t room)
{
	struct feed *feed = arg;
	size_t len =
	    feed->left.len < feed->piece ? feed->left.len : feed->piece;

	if (len > room) {
		len = room;
	}
	if (len > 0) {
		memcpy(into, feed->left.at, len);
	}
	feed->left = bytes_of(feed->left.at + len, feed->left.len - len);
	return (long)len;
}

struct xml_source
feed_source(struct feed *feed, struct bytes all, size_t piece)
{
	feed->left = all;
	feed->piece = piece;
	return (struct xml_source){ take, feed };
}

void
feed_file(struct octets *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	char part[4096];
	size_t n;

	assert_non_null(f);
	octets_reset(out);
	while ((n = fread(part, 1, sizeof(part), f)) > 0) {
		octets_add(out, part, n);
	}
	fclose(f);
}

unsigned
feed_folder(const char *folder, feed_fn *each)
{
	struct dirent **names = NULL;
	char path[4096];
	unsigned files = 0;
	int count = scandir(folder, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", folder,
			    names[i]->d_name);
			each(path, names[i]->d_name);
			files++;
		}
		free(names[i]);
	}
	free(names);
	return files;
}

const char *
feed_label(const char *name, char out[64])
{
	size_t len = strcspn(name, ".");

	assert_true(len < 64);
	memcpy(out, name, len);
	out[len] = '\0';
	return out;
}
