/* SPDX-License-Identifier: BSD-2-Clause */
/* xml - see xml.h. */
#include "rrdp/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "rrdp/scanner.h"

#define NAMESPACE "http://www.ripe.net/rpki/rrdp"

enum { CHUNK = 16384, DEPTH_MOST = 2 };

struct xml {
	const struct xml_handler *handler;
	void *arg;
	struct scanner scanner;
	xmlParserCtxtPtr parser;
	unsigned depth;
	enum fault fault; /* the first */
	char *detail;
};

/* The first fault stays and ends the parser's work. */
static void
stop(struct xml *xml, enum fault fault)
{
	if (fault != FAULT_NONE && xml->fault == FAULT_NONE) {
		xml->fault = fault;
		xmlStopParser(xml->parser);
	}
}

static const char *
text_of(const xmlChar *text)
{
	return (const char *)text;
}

/* Every declaration must be of the one namespace we know. */
static bool
foreign(const xmlChar *uri, int count, const xmlChar **declared)
{
	if (uri == NULL || strcmp(text_of(uri), NAMESPACE) != 0) {
		return true;
	}
	for (int i = 0; i < count; i++) {
		if (strcmp(text_of(declared[2 * i + 1]), NAMESPACE) != 0) {
			return true;
		}
	}
	return false;
}

/* libxml2 gives five pointers an attribute: name, prefix, namespace, value
 * and the value's end. */
static enum fault
read_attributes(struct xml_attribute *out, int count, const xmlChar **given)
{
	if (count > LIMIT_RRDP_ATTRIBUTES) {
		return FAULT_RRDP_TAG;
	}
	for (int i = 0; i < count; i++, given += 5) {
		if (given[1] != NULL) {
			return FAULT_RRDP_ATTRIBUTE;
		}
		out[i].name = text_of(given[0]);
		out[i].value =
		    bytes_of(given[3], (size_t)(given[4] - given[3]));
	}
	return FAULT_NONE;
}

/* The parser's own order of arguments, which are nine. */
static void
on_begin(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int declared_count, const xmlChar **declared, int count,
    int defaulted, const xmlChar **given)
{
	struct xml_attribute attributes[LIMIT_RRDP_ATTRIBUTES];
	struct xml *xml = arg;
	struct xml_element element = { .name = text_of(name),
		.depth = ++xml->depth,
		.count = (size_t)count,
		.attributes = attributes };
	enum fault fault = FAULT_NONE;

	(void)prefix, (void)defaulted;
	if (xml->depth > DEPTH_MOST) {
		fault = FAULT_RRDP_DEPTH;
	} else if (foreign(uri, declared_count, declared)) {
		fault = FAULT_RRDP_NAMESPACE;
	} else {
		fault = read_attributes(attributes, count, given);
	}
	if (fault == FAULT_NONE && xml->fault == FAULT_NONE) {
		fault = xml->handler->begin(xml->arg, &element);
	}
	stop(xml, fault);
}

static void
on_end(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct xml *xml = arg;

	(void)name, (void)prefix, (void)uri;
	if (xml->fault == FAULT_NONE) {
		stop(xml, xml->handler->end(xml->arg, xml->depth));
	}
	xml->depth--;
}

static void
on_text(void *arg, const xmlChar *text, int len)
{
	struct xml *xml = arg;

	if (xml->fault == FAULT_NONE) {
		stop(xml, xml->handler->text(xml->arg,
			      bytes_of(text, (size_t)len), xml->depth));
	}
}

static void
on_doctype(void *arg, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	(void)name, (void)external, (void)system;
	stop(arg, FAULT_RRDP_DOCTYPE);
}

static void
on_instruction(void *arg, const xmlChar *target, const xmlChar *data)
{
	(void)target, (void)data;
	stop(arg, FAULT_RRDP_MARKUP);
}

static void
on_cdata(void *arg, const xmlChar *text, int len)
{
	(void)text, (void)len;
	stop(arg, FAULT_RRDP_MARKUP);
}

/* Asked only for names that are not among XML's five. */
static xmlEntityPtr
on_entity(void *arg, const xmlChar *name)
{
	(void)name;
	stop(arg, FAULT_RRDP_ENTITY);
	return NULL;
}

static void __attribute__((format(printf, 2, 3)))
on_error(void *arg, const char *format, ...)
{
	struct xml *xml = arg;
	va_list args;

	if (xml->fault == FAULT_NONE && xml->detail != NULL) {
		va_start(args, format);
		vsnprintf(xml->detail, XML_DETAIL, format, args);
		va_end(args);
		xml->detail[strcspn(xml->detail, "\n")] = '\0';
	}
	stop(xml, FAULT_RRDP_XML);
}

static xmlParserCtxtPtr
open_parser(struct xml *xml)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_begin,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_cdata,
		.processingInstruction = on_instruction,
		.internalSubset = on_doctype,
		.externalSubset = on_doctype,
		.getEntity = on_entity,
		.getParameterEntity = on_entity,
		.error = on_error,
		.fatalError = on_error,
	};
	xmlParserCtxtPtr parser =
	    xmlCreatePushParserCtxt(&sax, xml, NULL, 0, NULL);

	if (parser != NULL) {
		/* The scanner has seen that it is ASCII, whatever it says. Only
		 * XML's own entities are ever known: they are to be read. */
		(void)xmlCtxtUseOptions(parser,
		    XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOENT);
	}
	return parser;
}

static void
push(struct xml *xml, struct bytes more, int last)
{
	int rc = xmlParseChunk(xml->parser, (const char *)more.at,
	    (int)more.len, last);

	if (rc != 0 && xml->fault == FAULT_NONE) {
		stop(xml, FAULT_RRDP_XML);
	}
}

static long
take(void *arg, void *into, size_t room)
{
	struct bytes *left = arg;
	size_t n = left->len < room ? left->len : room;

	if (n > 0) {
		memcpy(into, left->at, n);
		*left = bytes_of(left->at + n, left->len - n);
	}
	return (long)n;
}

struct xml_source
xml_octets(struct bytes *left)
{
	return (struct xml_source){ take, left };
}

struct xml *
xml_new(const struct xml_handler *handler, void *arg, char detail[XML_DETAIL])
{
	struct xml *xml = mem_zero(1, sizeof(*xml));

	xml->handler = handler;
	xml->arg = arg;
	xml->detail = detail;
	if (detail != NULL) {
		detail[0] = '\0';
	}
	xmlInitParser();
	xml->parser = open_parser(xml);
	if (xml->parser == NULL) {
		xml->fault = FAULT_RRDP_XML; /* no memory: it says only so */
	}
	return xml;
}

/* Has the parser read all it was given, and is it inside an element? */
static bool
between_tags(const struct xml *xml)
{
	const xmlParserInput *input = xml->parser->input;

	return xml->depth > 0 && input != NULL && input->cur == input->end;
}

/* How much of this is text in which a parser finds nothing: all up to a tag,
 * unless it may have an entity or "]]>" in it. */
static size_t
plain_text(struct bytes more)
{
	const uint8_t *tag = memchr(more.at, '<', more.len);
	size_t len = tag == NULL ? more.len : (size_t)(tag - more.at);

	return memchr(more.at, '&', len) == NULL &&
		       memchr(more.at, ']', len) == NULL
		   ? len
		   : 0;
}

static size_t
to_end_of_tag(struct bytes more)
{
	const uint8_t *end = memchr(more.at, '>', more.len);

	return end == NULL ? more.len : (size_t)(end - more.at) + 1;
}

/* The parser's messages name lines: it shall go on counting. */
static void
hand_text(struct xml *xml, struct bytes text)
{
	const uint8_t *end = text.at + text.len;
	const uint8_t *at = text.at;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		xml->parser->input->line++;
		at++;
	}
	on_text(xml, text.at, (int)text.len);
}

/*
 * Nearly all of a document is base64, which libxml2 would copy and then look at
 * one octet after the other. It sees the tags, and text that is not plain.
 */
static void
hand_on(struct xml *xml, struct bytes more)
{
	while (xml->fault == FAULT_NONE && more.len > 0) {
		size_t len = between_tags(xml) ? plain_text(more) : 0;

		if (len > 0) {
			hand_text(xml, bytes_of(more.at, len));
		} else {
			len = to_end_of_tag(more);
			push(xml, bytes_of(more.at, len), 0);
		}
		more = bytes_of(more.at + len, more.len - len);
	}
}

enum fault
xml_feed(struct xml *xml, struct bytes more)
{
	if (xml->fault == FAULT_NONE) {
		stop(xml, scanner_feed(&xml->scanner, more));
	}
	hand_on(xml, more);
	return xml->fault;
}

enum fault
xml_end(struct xml *xml)
{
	if (xml->fault == FAULT_NONE) {
		push(xml, bytes_of("", 0), 1);
	}
	return xml->fault;
}

void
xml_free(struct xml *xml)
{
	if (xml != NULL) {
		xmlFreeParserCtxt(xml->parser);
		free(xml);
	}
}

enum fault
xml_pump(struct xml *xml, const struct xml_source *source)
{
	uint8_t chunk[CHUNK];
	long n = 0;

	while (xml->fault == FAULT_NONE) {
		n = source->read(source->arg, chunk, sizeof(chunk));
		if (n <= 0) {
			break;
		}
		(void)xml_feed(xml, bytes_of(chunk, (size_t)n));
	}
	if (n < 0) {
		stop(xml, FAULT_SPOOL_IO);
	}
	return xml_end(xml);
}

enum fault
xml_read(const struct xml_source *source, const struct xml_handler *handler,
    void *arg, char detail[XML_DETAIL])
{
	struct xml *xml = xml_new(handler, arg, detail);
	enum fault fault = xml_pump(xml, source);

	xml_free(xml);
	return fault;
}

bool
xml_blank(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] > ' ') {
			return false;
		}
	}
	return true;
}
