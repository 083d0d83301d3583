/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roots - the TLS roots of the system and an operator's own as one PEM text.
 *
 * Reads files and folders; looks at no certificate, which is the TLS
 * library's business.
 */
#pragma once

#include <stddef.h>

#include "base/octets.h"

/*
 * Add what `path` holds: a PEM file, or every PEM file of a folder in order of
 * name. 0 or -errno; -EINVAL when there is no certificate, -EFBIG when a file
 * is larger than a set of roots could be.
 */
int roots_add(struct octets *pem, const char *path);

/* Add the system's: `preferred` (may be NULL) or where distributions put it. */
int roots_add_system(struct octets *pem, const char *preferred);
