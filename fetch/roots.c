/* SPDX-License-Identifier: BSD-2-Clause */
/* roots - see roots.h. */
#include "fetch/roots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEGIN "-----BEGIN CERTIFICATE-----"

enum { FILE_MOST = 16 << 20 };

static int
read_all(struct octets *out, int fd)
{
	uint8_t part[16384];
	size_t before = out->len;

	for (;;) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? -errno : 0;
		}
		octets_add(out, part, (size_t)n);
		if (out->len - before > FILE_MOST) {
			return -EFBIG;
		}
	}
}

static int
add_file(struct octets *pem, const char *path)
{
	size_t before = pem->len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0) {
		return -errno;
	}
	rc = read_all(pem, fd);
	close(fd);
	if (rc == 0 && memmem(pem->at + before, pem->len - before, BEGIN,
			   strlen(BEGIN)) == NULL) {
		rc = -EINVAL;
	}
	if (rc != 0) {
		pem->len = before;
		return rc;
	}
	octets_u8(pem, '\n');
	return 0;
}

static int
add_entry(struct octets *pem, const char *dir, const char *name)
{
	char path[4096];
	struct stat st;
	int rc, len;

	len = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (len < 0 || (size_t)len >= sizeof(path)) {
		return -ENAMETOOLONG;
	}
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
		return 0;
	}
	rc = add_file(pem, path);
	return rc == -EINVAL ? 0 : rc; /* a README among them is no harm */
}

static int
add_folder(struct octets *pem, const char *dir)
{
	struct dirent **names = NULL;
	size_t before = pem->len;
	int count = scandir(dir, &names, NULL, alphasort);
	int rc = count < 0 ? -errno : 0;

	for (int i = 0; i < count; i++) {
		if (rc == 0 && names[i]->d_name[0] != '.') {
			rc = add_entry(pem, dir, names[i]->d_name);
		}
		free(names[i]);
	}
	free(names);
	return rc == 0 && pem->len == before ? -EINVAL : rc;
}

int
roots_add(struct octets *pem, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		return -errno;
	}
	return S_ISDIR(st.st_mode) ? add_folder(pem, path)
				   : add_file(pem, path);
}

int
roots_add_system(struct octets *pem, const char *preferred)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
	};

	if (preferred != NULL && roots_add(pem, preferred) == 0) {
		return 0;
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (roots_add(pem, places[i]) == 0) {
			return 0;
		}
	}
	return -ENOENT;
}
