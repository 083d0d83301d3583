/* SPDX-License-Identifier: BSD-2-Clause */
/* gazette - see gazette.h. */
#include "validator/gazette.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "rrdp/document.h"
#include "rrdp/notice.h"

/* --- the root alone */

enum sort { NOTIFICATION, SNAPSHOT, DELTA, SORTS };

static const char *const names[SORTS] = {
	[NOTIFICATION] = "notification",
	[SNAPSHOT] = "snapshot",
	[DELTA] = "delta",
};

struct title {
	enum sort sort;
	struct field_root root;
	bool known;
};

static enum fault
on_begin(void *arg, const struct xml_element *element)
{
	struct title *title = arg;

	if (title->known) {
		return FAULT_RRDP_ELEMENT; /* that is enough */
	}
	for (unsigned i = 0; i < SORTS; i++) {
		if (strcmp(element->name, names[i]) == 0) {
			enum fault fault = field_root(&title->root, element);

			title->sort = (enum sort)i;
			title->known = fault == FAULT_NONE;
			return fault;
		}
	}
	return FAULT_RRDP_ELEMENT;
}

static enum fault
on_text(void *arg, struct bytes text, unsigned depth)
{
	(void)arg;
	(void)text;
	(void)depth;
	return FAULT_NONE;
}

static enum fault
on_end(void *arg, unsigned depth)
{
	(void)arg;
	(void)depth;
	return FAULT_NONE;
}

static enum fault
read_title(struct title *title, struct bytes octets)
{
	static const struct xml_handler handler = { on_begin, on_text, on_end };
	struct bytes left = octets;
	struct xml_source source = xml_octets(&left);
	enum fault fault = xml_read(&source, &handler, title, NULL);

	return title->known ? FAULT_NONE : fault;
}

/* --- all of it */

static void
show_file(struct sheet *s, const struct notice_file *file)
{
	sheet_number(s, "serial", NULL, file->serial);
	sheet_hash(s, "sha256", NULL, &file->hash);
	sheet_text(s, "uri", NULL, text_bytes(file->uri.text));
}

static enum fault
show_notice(const struct xml_source *source, struct sheet *s,
    struct arena *arena)
{
	struct notice notice;
	enum fault fault = notice_read(&notice, source, arena, NULL);

	if (fault != FAULT_NONE) {
		return fault;
	}
	sheet_list(s, "snapshot", "Snapshot");
	sheet_row(s);
	show_file(s, &notice.snapshot);
	sheet_row_end(s);
	sheet_list_end(s);
	sheet_list(s, "deltas", "Deltas");
	for (size_t i = 0; i < notice.delta_count; i++) {
		sheet_row(s);
		show_file(s, &notice.deltas[i]);
		sheet_row_end(s);
	}
	sheet_list_end(s);
	return FAULT_NONE;
}

static enum fault
on_item(void *arg, const struct document_item *item)
{
	static const char *const words[] = {
		[DOCUMENT_PUBLISH] = "publish",
		[DOCUMENT_REPLACE] = "replace",
		[DOCUMENT_WITHDRAW] = "withdraw",
	};
	struct sheet *s = arg;

	sheet_row(s);
	sheet_word(s, "change", NULL, words[item->change]);
	sheet_text(s, "uri", NULL, text_bytes(item->uri));
	if (item->change != DOCUMENT_WITHDRAW) {
		sheet_hash(s, "sha256", NULL, &item->hash);
	}
	if (item->change != DOCUMENT_PUBLISH) {
		sheet_hash(s, "old_sha256", "for", &item->old);
	}
	sheet_row_end(s);
	return FAULT_NONE;
}

static enum fault
show_document(const struct title *title, const struct xml_source *source,
    size_t octets, struct sheet *s)
{
	struct document_job job = {
		.kind =
		    title->sort == DELTA ? DOCUMENT_DELTA : DOCUMENT_SNAPSHOT,
		.session = title->root.session,
		.serial = title->root.serial,
		.max_object = octets,
		.max_octets = octets,
		.max_items = UINT32_MAX,
		.item = on_item,
		.arg = s,
	};
	struct document_report report;
	enum fault fault;

	sheet_list(s, "changes", "Changes");
	fault = document_read(&job, source, &report);
	sheet_list_end(s);
	return fault;
}

enum fault
gazette_show(struct bytes octets, struct sheet *s, struct arena *arena)
{
	struct title title = { .known = false };
	struct bytes left = octets;
	struct xml_source source = xml_octets(&left);
	enum fault fault = read_title(&title, octets);

	if (fault != FAULT_NONE) {
		return fault;
	}
	sheet_word(s, "document", "Document", names[title.sort]);
	sheet_word(s, "session", "Session", title.root.session);
	sheet_number(s, "serial", "Serial", title.root.serial);
	return title.sort == NOTIFICATION
		   ? show_notice(&source, s, arena)
		   : show_document(&title, &source, octets.len, s);
}
