/* SPDX-License-Identifier: BSD-2-Clause */
/* field - see field.h. */
#include "rrdp/field.h"

#include <string.h>

#include "base/text.h"

enum { UUID_LEN = 36, UUID_VERSION = 14, UUID_VARIANT = 19 };

static struct field *
find(struct field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].name, name) == 0) {
			return &fields[i];
		}
	}
	return NULL;
}

enum fault
field_read(struct field *fields, size_t count,
    const struct xml_element *element)
{
	for (size_t i = 0; i < element->count; i++) {
		struct field *field =
		    find(fields, count, element->attributes[i].name);

		if (field == NULL) {
			return FAULT_RRDP_ATTRIBUTE;
		}
		field->value = element->attributes[i].value;
	}
	for (size_t i = 0; i < count; i++) {
		if (fields[i].value.at == NULL && !fields[i].optional) {
			return FAULT_RRDP_ATTRIBUTE;
		}
	}
	return FAULT_NONE;
}

static bool
hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool
dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

/* 8-4-4-4-12 hexadecimal digits (RFC 9562 4), which are compared by value. */
static enum fault
read_session(struct field_root *root, struct bytes text)
{
	char *out = root->session;

	if (text.len != UUID_LEN) {
		return FAULT_RRDP_SESSION;
	}
	for (size_t i = 0; i < UUID_LEN; i++) {
		uint8_t c = text.at[i];

		out[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
		if (dash_at(i) ? out[i] != '-' : !hex(out[i])) {
			return FAULT_RRDP_SESSION;
		}
	}
	out[UUID_LEN] = '\0';
	root->odd = out[UUID_VERSION] != '4' ||
		    strchr("89ab", out[UUID_VARIANT]) == NULL;
	return FAULT_NONE;
}

enum fault
field_root(struct field_root *root, const struct xml_element *element)
{
	enum { ROOT_VERSION, ROOT_SESSION, ROOT_SERIAL, ROOT_FIELDS };
	struct field fields[ROOT_FIELDS] = {
		[ROOT_VERSION] = { .name = "version" },
		[ROOT_SESSION] = { .name = "session_id" },
		[ROOT_SERIAL] = { .name = "serial" },
	};
	enum fault fault = field_read(fields, ROOT_FIELDS, element);

	if (fault == FAULT_NONE &&
	    !text_same(fields[ROOT_VERSION].value, "1")) {
		fault = FAULT_RRDP_VERSION;
	}
	if (fault == FAULT_NONE) {
		fault = read_session(root, fields[ROOT_SESSION].value);
	}
	if (fault == FAULT_NONE) {
		fault = field_serial(&root->serial, fields[ROOT_SERIAL].value);
	}
	return fault;
}

enum fault
field_serial(uint64_t *serial, struct bytes text)
{
	return text_uint(text, INT64_MAX, serial) && *serial > 0
		   ? FAULT_NONE
		   : FAULT_RRDP_SERIAL;
}

enum fault
field_hash(struct hash *hash, struct bytes text)
{
	return hash_parse(hash, text) ? FAULT_NONE : FAULT_RRDP_HASH_FORM;
}

enum fault
field_uri(struct uri *uri, struct bytes text, enum uri_scheme scheme,
    struct arena *arena)
{
	enum fault fault = uri_read(uri, text, arena);

	if (fault == FAULT_NONE && uri->scheme != scheme) {
		fault = FAULT_URI_SCHEME;
	}
	return fault;
}
