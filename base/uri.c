/* SPDX-License-Identifier: BSD-2-Clause */
/* uri - see uri.h. */
#include "base/uri.h"

#include <assert.h>

#include "base/ip.h"
#include "base/limits.h"
#include "base/text.h"

enum { HOST_MOST = 253, LABEL_MOST = 63 };

static const struct {
	const char *prefix;
	unsigned port;
} schemes[] = {
	[URI_RSYNC] = { "rsync://", 873 },
	[URI_HTTPS] = { "https://", 443 },
};

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(uint8_t c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/* Take the scheme off the front of *text. */
static bool
take_scheme(struct bytes *text, enum uri_scheme *scheme)
{
	for (size_t s = 0; s < sizeof(schemes) / sizeof(schemes[0]); s++) {
		const char *prefix = schemes[s].prefix;
		size_t len = strlen(prefix), i = 0;

		while (i < len && i < text->len &&
		       lower(text->at[i]) == (uint8_t)prefix[i]) {
			i++;
		}
		if (i == len) {
			*scheme = (enum uri_scheme)s;
			*text = bytes_of(text->at + len, text->len - len);
			return true;
		}
	}
	return false;
}

/* A label of a host name; the field has underscores in its names. */
static bool
label_good(struct bytes label)
{
	if (label.len == 0 || label.len > LABEL_MOST || label.at[0] == '-' ||
	    label.at[label.len - 1] == '-') {
		return false;
	}
	for (size_t i = 0; i < label.len; i++) {
		uint8_t c = label.at[i];

		if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_') {
			return false;
		}
	}
	return true;
}

/* Would a resolver take a name ending with this label for a number? */
static bool
label_number(struct bytes label)
{
	size_t i = 0;

	if (label.len >= 2 && label.at[0] == '0' && lower(label.at[1]) == 'x') {
		return true;
	}
	while (i < label.len && is_digit(label.at[i])) {
		i++;
	}
	return i == label.len;
}

static bool
name_good(struct bytes host)
{
	struct bytes rest = host, label;

	if (host.len == 0 || host.len > HOST_MOST ||
	    host.at[host.len - 1] == '.') {
		return false;
	}
	while (rest.len > 0) {
		label = text_cut(&rest, '.');
		if (!label_good(label)) {
			return false;
		}
	}
	return !label_number(label);
}

/* What a name looks like nearly always is seen at its end. */
static bool
is_address(struct bytes host, unsigned family, struct ip_prefix *out)
{
	if (family == IP_V4 &&
	    (host.len == 0 || !is_digit(host.at[host.len - 1]))) {
		return false;
	}
	return ip_prefix_parse(out, host, IP_LONE_ADDRESS) &&
	       out->family == family;
}

/* Append the host in its one spelling. */
static bool
write_host(struct octets *out, struct bytes host)
{
	struct ip_prefix address;
	char text[IP_TEXT];

	if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']') {
		if (!is_address(bytes_of(host.at + 1, host.len - 2), IP_V6,
			&address)) {
			return false;
		}
		ip_address_text(address.address, IP_V6, text);
		octets_printf(out, "[%s]", text);
		return true;
	}
	if (!is_address(host, IP_V4, &address) && !name_good(host)) {
		return false;
	}
	for (size_t i = 0; i < host.len; i++) {
		octets_u8(out, lower(host.at[i]));
	}
	return true;
}

/* Take ":port" off the end of the authority; false when it is malformed. */
static bool
take_port(struct bytes *authority, unsigned *port)
{
	struct bytes digits;
	uint64_t value;
	size_t at = authority->len;

	while (at > 0 && is_digit(authority->at[at - 1])) {
		at--;
	}
	if (at == 0 || authority->at[at - 1] != ':') {
		*port = 0;
		return true;
	}
	digits = bytes_of(authority->at + at, authority->len - at);
	authority->len = at - 1;
	if (!text_uint(digits, 65535, &value) || value == 0) {
		return false;
	}
	*port = (unsigned)value;
	return true;
}

/* What an escape at the front stands for; 256: it is none. */
static unsigned
escaped(struct bytes text)
{
	int high, low;

	if (text.len < 3 || text.at[0] != '%') {
		return 256;
	}
	high = text_digit(text.at[1]);
	low = text_digit(text.at[2]);
	return high < 0 || low < 0 ? 256 : (unsigned)(high << 4 | low);
}

static bool
unreserved(unsigned c)
{
	return c < 128 && (is_letter((uint8_t)c) || is_digit((uint8_t)c) ||
			      c == '-' || c == '.' || c == '_' || c == '~');
}

/* Of the octets below 64, and of the next, those that RFC 3986 lets stand in a
 * segment as they are: !$&'()*+,-. 0 to 9 :;= and @ A to Z _ a to z ~ */
static const uint64_t plain_ones[] = { 0x2fff7fd200000000, 0x47fffffe87ffffff };

static bool
plain(uint8_t c)
{
	return c < 128 && (plain_ones[c / 64] >> c % 64 & 1) != 0;
}

/*
 * How many octets the character at the front takes: one that RFC 3986 allows in
 * a segment, or an escape. What needs none would be a second spelling; a slash
 * or a control is nothing that a name should hide.
 */
static size_t
segment_character(struct bytes text)
{
	unsigned value;

	if (text.at[0] != '%') {
		return plain(text.at[0]);
	}
	value = escaped(text);
	return value >= ' ' && value < 256 && value != 0x7f && value != '/' &&
		       value != '\\' && !unreserved(value)
		   ? 3
		   : 0;
}

static struct bytes
behind(struct bytes text, size_t n)
{
	return bytes_of(text.at + n, text.len - n);
}

static bool
segment_good(struct bytes segment)
{
	if (segment.len == 0 || text_same(segment, ".") ||
	    text_same(segment, "..")) {
		return false;
	}
	while (segment.len > 0) {
		size_t n = segment_character(segment);

		if (n == 0) {
			return false;
		}
		segment = behind(segment, n);
	}
	return true;
}

/* A server's own words: any escape but of a control. */
static bool
query_good(struct bytes query)
{
	while (query.len > 0) {
		unsigned value = escaped(query);
		size_t n = segment_character(query);

		if (value >= ' ' && value < 256 && value != 0x7f) {
			n = 3;
		} else if (query.at[0] == '/' || query.at[0] == '?') {
			n = 1;
		}
		if (n == 0) {
			return false;
		}
		query = behind(query, n);
	}
	return true;
}

/* Good segments, each with a slash between; one may follow the last. */
static bool
path_good(struct bytes path)
{
	while (path.len > 0) {
		if (!segment_good(text_cut(&path, '/'))) {
			return false;
		}
	}
	return true;
}

/* Only https has queries (RFC 5781 2). */
static bool
rest_good(enum uri_scheme scheme, struct bytes text)
{
	if (scheme == URI_RSYNC) {
		return text.len > 0 && path_good(text);
	}
	return path_good(text_cut(&text, '?')) && query_good(text);
}

/* Fill in *uri from text that passed. */
static void
set_parts(struct uri *uri, const struct octets *text, size_t host_len,
    struct arena *arena)
{
	char *copy = text_copy(arena, octets_bytes(text));
	size_t host_at = strlen(schemes[uri->scheme].prefix);
	const char *end;

	uri->text = copy;
	uri->host = bytes_of(copy + host_at, host_len);
	uri->path = text_bytes(strchr(copy + host_at, '/') + 1);
	end = strchr((const char *)uri->path.at, '?');
	end = end != NULL ? end : copy + text->len;
	uri->directory = end[-1] == '/';
}

enum fault
uri_read(struct uri *uri, struct bytes text, struct arena *arena)
{
	struct octets out = { 0 };
	enum fault fault = FAULT_URI_FORM;
	struct bytes authority;
	size_t host_len;
	unsigned port;

	if (text.len > LIMIT_URI) {
		return FAULT_URI_LENGTH;
	}
	if (!take_scheme(&text, &uri->scheme)) {
		return FAULT_URI_SCHEME;
	}
	if (text.len == 0 || memchr(text.at, '/', text.len) == NULL) {
		return FAULT_URI_FORM;
	}
	octets_reserve(&out, text.len + IP_TEXT); /* for all of it */
	authority = text_cut(&text, '/');
	octets_add_bytes(&out, text_bytes(schemes[uri->scheme].prefix));
	if (!take_port(&authority, &port) || !write_host(&out, authority) ||
	    !rest_good(uri->scheme, text)) {
		goto out;
	}
	host_len = out.len - strlen(schemes[uri->scheme].prefix);
	uri->port = port == schemes[uri->scheme].port ? 0 : port;
	if (uri->port != 0) {
		octets_printf(&out, ":%u", uri->port);
	}
	octets_u8(&out, '/');
	octets_add_bytes(&out, text);
	if (out.len > LIMIT_URI) {
		fault = FAULT_URI_LENGTH;
		goto out;
	}
	set_parts(uri, &out, host_len, arena);
	fault = FAULT_NONE;
out:
	octets_clear(&out);
	return fault;
}

bool
uri_dubious(const struct uri *uri)
{
	static const char local[] = ".localhost";
	size_t len = sizeof(local) - 1;
	struct bytes host = uri->host;
	struct ip_prefix address;

	if (uri->port != 0 || host.at[0] == '[' ||
	    is_address(host, IP_V4, &address) || text_same(host, local + 1)) {
		return true;
	}
	return host.len > len &&
	       memcmp(host.at + host.len - len, local, len) == 0;
}

bool
uri_same_origin(const struct uri *a, const struct uri *b)
{
	return a->scheme == b->scheme && a->port == b->port &&
	       bytes_equal(a->host, b->host);
}

const char *
uri_module(const char *text, struct arena *arena)
{
	size_t len = strlen(schemes[URI_RSYNC].prefix);

	assert(strncmp(text, schemes[URI_RSYNC].prefix, len) == 0);
	len += strcspn(text + len, "/");
	len += 1 + strcspn(text + len + 1, "/");
	return uri_join(text_copy(arena, bytes_of(text, len)), text_bytes("/"),
	    arena);
}

bool
uri_inside(const char *dir, const char *text)
{
	size_t len = strlen(dir);

	return len > 0 && dir[len - 1] == '/' && strncmp(dir, text, len) == 0 &&
	       text[len] != '\0' && strchr(text + len, '/') == NULL;
}

const char *
uri_join(const char *dir, struct bytes name, struct arena *arena)
{
	size_t len = strlen(dir);
	char *text = arena_zero(arena, len + name.len + 1, 1);

	memcpy(text, dir, len);
	if (name.len > 0) {
		memcpy(text + len, name.at, name.len);
	}
	return text;
}

const char *
uri_name(const char *text)
{
	const char *slash = strrchr(text, '/');

	return slash == NULL ? text : slash + 1;
}
