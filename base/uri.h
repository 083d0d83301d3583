/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uri - the two kinds of URI the RPKI knows: rsync (RFC 5781) and https.
 *
 * A checked URI is NUL-free ASCII of at most LIMIT_URI octets in one spelling:
 * scheme and host in lower case, default port left out, no user information,
 * fragment, backslash, empty, "." or ".." segment; a query with https only.
 * Escapes stay as they are, but there are none of what needs none, and of no
 * slash, backslash or control. Two URIs name the same thing exactly when their
 * octets are equal.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"

enum uri_scheme { URI_RSYNC, URI_HTTPS };

struct uri {
	enum uri_scheme scheme;
	const char *text;  /* the normal form, NUL-ended, in the arena */
	struct bytes host; /* within text; IPv6 with its brackets */
	unsigned port;     /* 0: the scheme's own */
	struct bytes path; /* after "host/"; rsync: "module/dir/file" */
	bool directory;    /* the path ends with '/' */
};

/*
 * Check and normalise. Faults: uri-scheme, uri-form, uri-length. For rsync the
 * module must not be empty.
 */
enum fault uri_read(struct uri *uri, struct bytes text, struct arena *arena);

/* localhost, an address literal, or a port that was spelled out. */
bool uri_dubious(const struct uri *uri);

/* Same scheme, host and port (RFC 6454). */
bool uri_same_origin(const struct uri *a, const struct uri *b);

/* "rsync://host/module/" of an rsync URI that uri_read() wrote, in the arena.
 */
const char *uri_module(const char *text, struct arena *arena);

/* Is `text` a name directly in the directory `dir`, which ends with '/'? */
bool uri_inside(const char *dir, const char *text);

/* dir and name put together; dir ends with '/'. In the arena. */
const char *uri_join(const char *dir, struct bytes name, struct arena *arena);

/* The part after the last '/'. */
const char *uri_name(const char *text);
