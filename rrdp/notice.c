/* SPDX-License-Identifier: BSD-2-Clause */
/* notice - see notice.h. */
#include "rrdp/notice.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct reader {
	struct notice *notice;
	struct arena *arena;
	struct notice_file *deltas; /* on the heap while it grows */
	size_t count, room;
	bool snapshot_seen;
};

static enum fault
read_root(struct reader *reader, const struct xml_element *element)
{
	struct field_root root = { .serial = 0 };
	enum fault fault;

	if (strcmp(element->name, "notification") != 0) {
		return FAULT_RRDP_ELEMENT;
	}
	fault = field_root(&root, element);
	if (fault != FAULT_NONE) {
		return fault;
	}
	memcpy(reader->notice->session, root.session, sizeof(root.session));
	reader->notice->serial = root.serial;
	if (root.odd) {
		fault_note(&reader->notice->odd, FAULT_RRDP_UUID);
	}
	return FAULT_NONE;
}

static enum fault
read_snapshot(struct reader *reader, const struct xml_element *element)
{
	enum { URI, HASH, FIELDS };
	struct field fields[FIELDS] = {
		[URI] = { .name = "uri" },
		[HASH] = { .name = "hash" },
	};
	struct notice_file *file = &reader->notice->snapshot;
	enum fault fault = field_read(fields, FIELDS, element);

	if (fault == FAULT_NONE && reader->snapshot_seen) {
		fault = FAULT_RRDP_SNAPSHOTS;
	}
	if (fault == FAULT_NONE) {
		fault = field_uri(&file->uri, fields[URI].value, URI_HTTPS,
		    reader->arena);
	}
	if (fault == FAULT_NONE) {
		fault = field_hash(&file->hash, fields[HASH].value);
	}
	file->serial = reader->notice->serial;
	reader->snapshot_seen = true;
	return fault;
}

static enum fault
read_delta(struct reader *reader, const struct xml_element *element)
{
	enum { SERIAL, URI, HASH, FIELDS };
	struct field fields[FIELDS] = {
		[SERIAL] = { .name = "serial" },
		[URI] = { .name = "uri" },
		[HASH] = { .name = "hash" },
	};
	struct notice_file file = { .serial = 0 };
	enum fault fault = field_read(fields, FIELDS, element);

	if (fault == FAULT_NONE && !reader->snapshot_seen) {
		fault = FAULT_RRDP_ELEMENT; /* the schema has it first */
	}
	if (fault == FAULT_NONE) {
		fault = field_serial(&file.serial, fields[SERIAL].value);
	}
	if (fault == FAULT_NONE && file.serial > reader->notice->serial) {
		fault = FAULT_RRDP_DELTAS;
	}
	if (fault == FAULT_NONE) {
		fault = field_uri(&file.uri, fields[URI].value, URI_HTTPS,
		    reader->arena);
	}
	if (fault == FAULT_NONE) {
		fault = field_hash(&file.hash, fields[HASH].value);
	}
	if (fault == FAULT_NONE) {
		reader->deltas = array_room(reader->deltas, reader->count,
		    &reader->room, sizeof(*reader->deltas));
		reader->deltas[reader->count++] = file;
	}
	return fault;
}

static enum fault
on_begin(void *arg, const struct xml_element *element)
{
	struct reader *reader = arg;

	if (element->depth == 1) {
		return read_root(reader, element);
	}
	if (strcmp(element->name, "snapshot") == 0) {
		return read_snapshot(reader, element);
	}
	if (strcmp(element->name, "delta") == 0) {
		return read_delta(reader, element);
	}
	return FAULT_RRDP_ELEMENT;
}

static enum fault
on_text(void *arg, struct bytes text, unsigned depth)
{
	(void)arg, (void)depth;
	return xml_blank(text) ? FAULT_NONE : FAULT_RRDP_TEXT;
}

static enum fault
on_end(void *arg, unsigned depth)
{
	const struct reader *reader = arg;

	return depth == 1 && !reader->snapshot_seen ? FAULT_RRDP_SNAPSHOTS
						    : FAULT_NONE;
}

static int
by_serial(const void *a, const void *b)
{
	const struct notice_file *left = a, *right = b;

	return (left->serial > right->serial) - (left->serial < right->serial);
}

static enum fault
finish(struct reader *reader)
{
	struct notice *notice = reader->notice;
	uint64_t wanted = notice->serial;

	notice->delta_count = reader->count;
	notice->deltas = arena_zero(reader->arena, reader->count + 1,
	    sizeof(*reader->deltas));
	if (reader->count == 0) {
		return FAULT_NONE;
	}
	qsort(reader->deltas, reader->count, sizeof(*reader->deltas),
	    by_serial);
	memcpy(notice->deltas, reader->deltas,
	    reader->count * sizeof(*reader->deltas));
	for (size_t i = reader->count; i-- > 0;) {
		if (i > 0 &&
		    notice->deltas[i].serial == notice->deltas[i - 1].serial) {
			return FAULT_RRDP_DELTAS;
		}
		if (notice->deltas[i].serial != wanted--) {
			fault_note(&notice->odd, FAULT_RRDP_GAP);
			wanted = notice->deltas[i].serial - 1;
		}
	}
	return FAULT_NONE;
}

enum fault
notice_read(struct notice *notice, const struct xml_source *source,
    struct arena *arena, char detail[XML_DETAIL])
{
	static const struct xml_handler handler = {
		.begin = on_begin,
		.text = on_text,
		.end = on_end,
	};
	struct reader reader = { .notice = notice, .arena = arena };
	enum fault fault;

	*notice = (struct notice){ .serial = 0 };
	fault = xml_read(source, &handler, &reader, detail);
	if (fault == FAULT_NONE) {
		fault = finish(&reader);
	}
	free(reader.deltas);
	return fault;
}

enum fault
notice_origin(const struct notice *notice, const struct uri *notify)
{
	if (!uri_same_origin(&notice->snapshot.uri, notify)) {
		return FAULT_RRDP_ORIGIN;
	}
	for (size_t i = 0; i < notice->delta_count; i++) {
		if (!uri_same_origin(&notice->deltas[i].uri, notify)) {
			return FAULT_RRDP_ORIGIN;
		}
	}
	return FAULT_NONE;
}
