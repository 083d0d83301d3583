/* SPDX-License-Identifier: BSD-2-Clause */
/* document - see document.h. */
#include "rrdp/document.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "rrdp/base64.h"
#include "rrdp/field.h"

struct reader {
	const struct document_job *job;
	struct document_report *report;
	struct arena *arena; /* of the item under way */
	struct digester *digester;
	struct map *seen;     /* by URI; the values say nothing */
	struct octets octets; /* of the item, unless it is too large */
	struct base64 base64;
	struct document_item item;
	bool nameless; /* the item has no name that counts */
};

static enum fault
read_root(struct reader *reader, const struct xml_element *element)
{
	static const char *const names[] = {
		[DOCUMENT_SNAPSHOT] = "snapshot",
		[DOCUMENT_DELTA] = "delta",
	};
	struct field_root root = { .serial = 0 };
	enum fault fault;

	if (strcmp(element->name, names[reader->job->kind]) != 0) {
		return FAULT_RRDP_ELEMENT;
	}
	fault = field_root(&root, element);
	if (fault != FAULT_NONE) {
		return fault;
	}
	if (strcmp(root.session, reader->job->session) != 0) {
		return FAULT_RRDP_SESSION_OTHER;
	}
	return root.serial == reader->job->serial ? FAULT_NONE
						  : FAULT_RRDP_SERIAL_OTHER;
}

/* Should something be wrong, this is where. */
static void
note_uri(struct document_report *report, struct bytes text)
{
	size_t most = sizeof(report->uri) - 1;
	size_t len = text.len < most ? text.len : most;

	memcpy(report->uri, text.at, len);
	report->uri[len] = '\0';
}

/*
 * What is no URI in our sense can be in no certificate that we take: so nobody
 * misses it. It must not cost those who publish in the same document theirs.
 */
static enum fault
take_uri(struct reader *reader, struct bytes text)
{
	struct uri uri = { .text = NULL };

	note_uri(reader->report, text);
	if (field_uri(&uri, text, URI_RSYNC, reader->arena) != FAULT_NONE) {
		reader->nameless = true;
		reader->report->nameless++;
		return FAULT_NONE;
	}
	reader->item.uri = uri.text;
	return map_set(reader->seen, text_bytes(uri.text), reader->seen) == NULL
		   ? FAULT_NONE
		   : FAULT_RRDP_DUPLICATE;
}

/* Every change names a URI; a hash where something was there before. */
static enum fault
read_change(struct reader *reader, const struct xml_element *element,
    bool hash_optional)
{
	enum { URI, HASH, FIELDS };
	struct field fields[FIELDS] = {
		[URI] = { .name = "uri" },
		[HASH] = { .name = "hash", .optional = hash_optional },
	};
	enum fault fault = field_read(fields, FIELDS, element);

	if (fault == FAULT_NONE && fields[HASH].value.at != NULL) {
		fault = reader->job->kind == DOCUMENT_DELTA
			    ? field_hash(&reader->item.old, fields[HASH].value)
			    : FAULT_RRDP_ATTRIBUTE;
		reader->item.change = DOCUMENT_REPLACE;
	}
	return fault == FAULT_NONE ? take_uri(reader, fields[URI].value)
				   : fault;
}

static enum fault
on_begin(void *arg, const struct xml_element *element)
{
	struct reader *reader = arg;
	enum fault fault;

	if (element->depth == 1) {
		return read_root(reader, element);
	}
	if (reader->report->items == reader->job->max_items) {
		return FAULT_RRDP_LIMIT;
	}
	arena_reset(reader->arena);
	octets_reset(&reader->octets);
	digest_begin(reader->digester);
	reader->base64 = (struct base64){ .bits = 0 };
	reader->item = (struct document_item){ .change = DOCUMENT_PUBLISH };
	reader->nameless = false;
	if (strcmp(element->name, "publish") == 0) {
		return read_change(reader, element, true);
	}
	if (reader->job->kind == DOCUMENT_DELTA &&
	    strcmp(element->name, "withdraw") == 0) {
		fault = read_change(reader, element, false);
		reader->item.change = DOCUMENT_WITHDRAW;
		return fault;
	}
	return FAULT_RRDP_ELEMENT;
}

/* What of the item was decoded beyond its first `from` octets. */
static enum fault
take_octets(struct reader *reader, size_t from)
{
	struct octets *octets = &reader->octets;
	struct bytes more = bytes_of(octets->at + from, octets->len - from);

	reader->report->octets += more.len;
	if (reader->report->octets > reader->job->max_octets) {
		return FAULT_RRDP_LIMIT;
	}
	digest_add(reader->digester, more);
	if (octets->len > reader->job->max_object) {
		reader->item.oversize = true;
	}
	if (reader->item.oversize) {
		octets_reset(octets);
	}
	return FAULT_NONE;
}

static enum fault
on_text(void *arg, struct bytes text, unsigned depth)
{
	struct reader *reader = arg;
	size_t from = reader->octets.len;

	if (depth != 2 || reader->item.change == DOCUMENT_WITHDRAW) {
		return xml_blank(text) ? FAULT_NONE : FAULT_RRDP_TEXT;
	}
	base64_feed(&reader->base64, text, &reader->octets);
	return reader->base64.bad ? FAULT_RRDP_BASE64
				  : take_octets(reader, from);
}

static enum fault
hand_out(struct reader *reader)
{
	struct document_item *item = &reader->item;

	if (item->change != DOCUMENT_WITHDRAW) {
		if (!base64_end(&reader->base64)) {
			return FAULT_RRDP_BASE64;
		}
		digest_end(reader->digester, &item->hash);
	}
	reader->report->items++;
	if (reader->nameless) {
		return FAULT_NONE;
	}
	if (item->oversize) {
		reader->report->oversize++;
	} else {
		item->octets = octets_bytes(&reader->octets);
	}
	return reader->job->item(reader->job->arg, item);
}

static enum fault
on_end(void *arg, unsigned depth)
{
	struct reader *reader = arg;

	if (depth == 2) {
		return hand_out(reader);
	}
	return reader->job->kind == DOCUMENT_DELTA && reader->report->items == 0
		   ? FAULT_RRDP_EMPTY_DELTA
		   : FAULT_NONE;
}

enum fault
document_read(const struct document_job *job, const struct xml_source *source,
    struct document_report *report)
{
	static const struct xml_handler handler = {
		.begin = on_begin,
		.text = on_text,
		.end = on_end,
	};
	struct reader reader = { .job = job, .report = report };
	enum fault fault;

	*report = (struct document_report){ .octets = 0 };
	reader.arena = arena_new();
	reader.digester = digest_new();
	reader.seen = map_new();
	fault = xml_read(source, &handler, &reader, report->detail);
	map_free(reader.seen);
	digest_free(reader.digester);
	arena_free(reader.arena);
	octets_clear(&reader.octets);
	return fault;
}
