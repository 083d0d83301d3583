/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notice - the update notification file: what a repository offers now
 * (RFC 8182 3.5.1).
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/uri.h"
#include "rrdp/field.h"
#include "rrdp/xml.h"

struct notice_file {
	uint64_t serial;
	struct hash hash;
	struct uri uri;
};

struct notice {
	char session[FIELD_SESSION];
	uint64_t serial;
	struct notice_file snapshot; /* its serial is the notice's */
	size_t delta_count;
	struct notice_file *deltas; /* by serial; there may be gaps */
	struct oddities odd;
};

/*
 * Read one; all of it lives in the arena. The order of deltas is free, a gap
 * is an oddity (nothing before it can be used), but no serial may come twice
 * or be above the notification's. Faults: see xml.h, and rrdp-version,
 * rrdp-session, rrdp-serial, rrdp-hash-form, rrdp-element, rrdp-text,
 * rrdp-snapshots, rrdp-deltas, uri-*.
 */
enum fault notice_read(struct notice *notice, const struct xml_source *source,
    struct arena *arena, char detail[XML_DETAIL]);

/* Snapshot and deltas must have the notification's origin (RFC 9674):
 * rrdp-origin. */
enum fault notice_origin(const struct notice *notice, const struct uri *notify);
