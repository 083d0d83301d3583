/* SPDX-License-Identifier: BSD-2-Clause */
/* document - see document.h. */
#include "rrdp/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "rrdp/base64.h"
#include "rrdp/field.h"

struct document {
	struct xml *xml;
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
read_root(struct document *document, const struct xml_element *element)
{
	static const char *const names[] = {
		[DOCUMENT_SNAPSHOT] = "snapshot",
		[DOCUMENT_DELTA] = "delta",
	};
	struct field_root root = { .serial = 0 };
	enum fault fault;

	if (strcmp(element->name, names[document->job->kind]) != 0) {
		return FAULT_RRDP_ELEMENT;
	}
	fault = field_root(&root, element);
	if (fault != FAULT_NONE) {
		return fault;
	}
	if (strcmp(root.session, document->job->session) != 0) {
		return FAULT_RRDP_SESSION_OTHER;
	}
	return root.serial == document->job->serial ? FAULT_NONE
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
take_uri(struct document *document, struct bytes text)
{
	struct uri uri = { .text = NULL };

	note_uri(document->report, text);
	if (field_uri(&uri, text, URI_RSYNC, document->arena) != FAULT_NONE) {
		document->nameless = true;
		document->report->nameless++;
		return FAULT_NONE;
	}
	document->item.uri = uri.text;
	return map_set(document->seen, text_bytes(uri.text), document->seen) ==
		       NULL
		   ? FAULT_NONE
		   : FAULT_RRDP_DUPLICATE;
}

/* Every change names a URI; a hash where something was there before. */
static enum fault
read_change(struct document *document, const struct xml_element *element,
    bool hash_optional)
{
	enum { URI, HASH, FIELDS };
	struct field fields[FIELDS] = {
		[URI] = { .name = "uri" },
		[HASH] = { .name = "hash", .optional = hash_optional },
	};
	enum fault fault = field_read(fields, FIELDS, element);

	if (fault == FAULT_NONE && fields[HASH].value.at != NULL) {
		fault =
		    document->job->kind == DOCUMENT_DELTA
			? field_hash(&document->item.old, fields[HASH].value)
			: FAULT_RRDP_ATTRIBUTE;
		document->item.change = DOCUMENT_REPLACE;
	}
	return fault == FAULT_NONE ? take_uri(document, fields[URI].value)
				   : fault;
}

static enum fault
on_begin(void *arg, const struct xml_element *element)
{
	struct document *document = arg;
	enum fault fault;

	if (element->depth == 1) {
		return read_root(document, element);
	}
	if (document->report->items == document->job->max_items) {
		return FAULT_RRDP_LIMIT;
	}
	arena_reset(document->arena);
	octets_reset(&document->octets);
	digest_begin(document->digester);
	document->base64 = (struct base64){ .bits = 0 };
	document->item = (struct document_item){ .change = DOCUMENT_PUBLISH };
	document->nameless = false;
	if (strcmp(element->name, "publish") == 0) {
		return read_change(document, element, true);
	}
	if (document->job->kind == DOCUMENT_DELTA &&
	    strcmp(element->name, "withdraw") == 0) {
		fault = read_change(document, element, false);
		document->item.change = DOCUMENT_WITHDRAW;
		return fault;
	}
	return FAULT_RRDP_ELEMENT;
}

/* What of the item was decoded beyond its first `from` octets. */
static enum fault
take_octets(struct document *document, size_t from)
{
	struct octets *octets = &document->octets;
	struct bytes more = bytes_of(octets->at + from, octets->len - from);

	document->report->octets += more.len;
	if (document->report->octets > document->job->max_octets) {
		return FAULT_RRDP_LIMIT;
	}
	digest_add(document->digester, more);
	if (octets->len > document->job->max_object) {
		document->item.oversize = true;
	}
	if (document->item.oversize) {
		octets_reset(octets);
	}
	return FAULT_NONE;
}

static enum fault
on_text(void *arg, struct bytes text, unsigned depth)
{
	struct document *document = arg;
	size_t from = document->octets.len;

	if (depth != 2 || document->item.change == DOCUMENT_WITHDRAW) {
		return xml_blank(text) ? FAULT_NONE : FAULT_RRDP_TEXT;
	}
	base64_feed(&document->base64, text, &document->octets);
	return document->base64.bad ? FAULT_RRDP_BASE64
				    : take_octets(document, from);
}

static enum fault
hand_out(struct document *document)
{
	struct document_item *item = &document->item;

	if (item->change != DOCUMENT_WITHDRAW) {
		if (!base64_end(&document->base64)) {
			return FAULT_RRDP_BASE64;
		}
		digest_end(document->digester, &item->hash);
	}
	document->report->items++;
	if (document->nameless) {
		return FAULT_NONE;
	}
	if (item->oversize) {
		document->report->oversize++;
	} else {
		item->octets = octets_bytes(&document->octets);
	}
	return document->job->item(document->job->arg, item);
}

static enum fault
on_end(void *arg, unsigned depth)
{
	struct document *document = arg;

	if (depth == 2) {
		return hand_out(document);
	}
	return document->job->kind == DOCUMENT_DELTA &&
		       document->report->items == 0
		   ? FAULT_RRDP_EMPTY_DELTA
		   : FAULT_NONE;
}

static const struct xml_handler handler = {
	.begin = on_begin,
	.text = on_text,
	.end = on_end,
};

struct document *
document_new(const struct document_job *job, struct document_report *report)
{
	struct document *document = mem_zero(1, sizeof(*document));

	*report = (struct document_report){ .octets = 0 };
	document->job = job;
	document->report = report;
	document->arena = arena_new();
	document->digester = digest_new();
	document->seen = map_new();
	document->xml = xml_new(&handler, document, report->detail);
	return document;
}

enum fault
document_feed(struct document *document, struct bytes more)
{
	return xml_feed(document->xml, more);
}

enum fault
document_end(struct document *document)
{
	return xml_end(document->xml);
}

void
document_free(struct document *document)
{
	if (document != NULL) {
		xml_free(document->xml);
		map_free(document->seen);
		digest_free(document->digester);
		arena_free(document->arena);
		octets_clear(&document->octets);
		free(document);
	}
}

enum fault
document_read(const struct document_job *job, const struct xml_source *source,
    struct document_report *report)
{
	struct document *document = document_new(job, report);
	enum fault fault = xml_pump(document->xml, source);

	document_free(document);
	return fault;
}
