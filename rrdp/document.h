/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document - a snapshot or delta file: what it publishes and withdraws
 * (RFC 8182 3.5.2, 3.5.3).
 */
#pragma once

#include "base/fault.h"
#include "base/hash.h"
#include "rrdp/xml.h"

enum document_kind { DOCUMENT_SNAPSHOT, DOCUMENT_DELTA };

enum document_change {
	DOCUMENT_PUBLISH,  /* new; in a snapshot all are */
	DOCUMENT_REPLACE,  /* of the object with hash `old` */
	DOCUMENT_WITHDRAW, /* likewise */
};

/* Lent for the length of one call. */
struct document_item {
	enum document_change change;
	const char *uri;  /* checked rsync URI */
	struct hash old;  /* REPLACE, WITHDRAW */
	struct hash hash; /* PUBLISH, REPLACE: of the octets */
	struct bytes octets;
	bool oversize; /* hash is right, its octets are too many to be here */
};

typedef enum fault document_item_fn(void *arg,
    const struct document_item *item);

struct document_job {
	enum document_kind kind;
	const char *session; /* what the notification said, in lower case */
	uint64_t serial;
	uint64_t max_object;
	uint64_t max_octets; /* of all objects together */
	uint32_t max_items;
	document_item_fn *item; /* a fault from it ends the reading */
	void *arg;
};

struct document_report {
	uint64_t octets; /* of all objects */
	uint32_t items, oversize;
	uint32_t nameless; /* of the items: passed over */
	char uri[256];     /* where it was when it went wrong, shortened */
	char detail[XML_DETAIL];
};

struct document;

/*
 * Read one as its octets come, item by item. One object above max_object does
 * not cost the others: it comes without octets. Nor does one without an rsync
 * URI as uri_read() takes it: it does not come at all. A URI that comes twice
 * does, since nobody could say which is meant. The first fault is final, and
 * nothing is read after it. Job and report are lent until document_free().
 * Faults: see xml.h, and rrdp-version, rrdp-session, rrdp-serial,
 * rrdp-session-other, rrdp-serial-other, rrdp-element, rrdp-text,
 * rrdp-hash-form, rrdp-base64, rrdp-duplicate, rrdp-empty-delta, rrdp-limit.
 */
struct document *document_new(const struct document_job *job,
    struct document_report *report);
enum fault document_feed(struct document *document, struct bytes more);
enum fault document_end(struct document *document); /* that was all */
void document_free(struct document *document);

/* All of it at once; spool-io when the source fails. */
enum fault document_read(const struct document_job *job,
    const struct xml_source *source, struct document_report *report);
