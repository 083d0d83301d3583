/* SPDX-License-Identifier: BSD-2-Clause */
/* head - see head.h. */
#include "output/head.h"

#include <strings.h>

#include "base/text.h"
#include "output/date.h"

enum { HEAD_END = 4, METHOD_MOST = 32, LINES_MOST = 8, WHOLE_WEIGHT = 1000 };

static const char *const method_names[] = {
	[HEAD_GET] = "GET",
	[HEAD_HEAD] = "HEAD",
	[HEAD_POST] = "POST",
	[HEAD_OPTIONS] = "OPTIONS",
};

static const struct head_refusal fine = { 0, NULL };

size_t
head_length(struct bytes in, size_t seen)
{
	size_t from = seen < HEAD_END ? 0 : seen - HEAD_END;
	const uint8_t *end =
	    in.len <= from
		? NULL
		: memmem(in.at + from, in.len - from, "\r\n\r\n", HEAD_END);

	return end == NULL ? 0 : (size_t)(end - in.at) + HEAD_END;
}

/* A character of a token (RFC 9110 5.6.2). */
static bool
is_token(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

struct head_refusal
head_begins(struct bytes in, size_t seen)
{
	for (size_t i = seen; i < in.len; i++) {
		uint8_t c = in.at[i];

		if (c == '\n' && (i == 0 || in.at[i - 1] != '\r')) {
			return (struct head_refusal){ 400,
				"a line ends without carriage return" };
		}
		if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') ||
		    c == 0x7f || (c != '\n' && i > 0 && in.at[i - 1] == '\r')) {
			return (struct head_refusal){ 400,
				"a control character in the head" };
		}
	}
	/* An empty line may be let pass, and half of one has come. */
	if (in.len == 1 && in.at[0] == '\r') {
		return fine;
	}
	if (in.len > 0 && !is_token(in.at[0])) {
		return (struct head_refusal){ 400, "not an HTTP request" };
	}
	return fine;
}

/* --- the small things */

/* The next line, without its end. */
static struct bytes
next_line(struct bytes *in)
{
	struct bytes line = text_cut(in, '\n');

	if (line.len > 0 && line.at[line.len - 1] == '\r') {
		line.len--;
	}
	return line;
}

/* A quality value in thousandths; what is not one counts as nothing. */
static int
weight(struct bytes text)
{
	int value = 0, place = WHOLE_WEIGHT;

	for (size_t i = 0; i < text.len; i++) {
		if (i == 1 && text.at[i] == '.') {
			continue;
		}
		if (i > 4 || text.at[i] < '0' || text.at[i] > '9') {
			return 0;
		}
		value += (text.at[i] - '0') * place;
		place /= 10;
	}
	return value > WHOLE_WEIGHT ? 0 : value;
}

/* How much a list as in Accept wants this word: thousandths; -1: not named. */
static int
wanted(struct bytes list, const char *word)
{
	int most = -1;

	while (list.len > 0) {
		struct bytes item = text_cut(&list, ',');
		struct bytes name = text_trim(text_cut(&item, ';'));
		int value = WHOLE_WEIGHT;

		if (!text_same_word(name, word)) {
			continue;
		}
		while (item.len > 0) {
			struct bytes more = text_trim(text_cut(&item, ';'));
			struct bytes key = text_cut(&more, '=');

			if (text_same_word(text_trim(key), "q")) {
				value = weight(text_trim(more));
			}
		}
		most = value > most ? value : most;
	}
	return most;
}

bool
head_names(struct bytes list, const char *tag, enum head_comparison how)
{
	if (text_same_word(text_trim(list), "*")) {
		return true;
	}
	while (list.len > 0) {
		struct bytes item = text_trim(text_cut(&list, ','));

		if (how == HEAD_WEAKLY && item.len > 2 &&
		    memcmp(item.at, "W/", 2) == 0) {
			item = bytes_of(item.at + 2, item.len - 2);
		}
		/* Items may be empty (RFC 9110 5.6.1.2), and so is the tag of
		 * what has none. */
		if (item.len > 0 && text_same(item, tag)) {
			return true;
		}
	}
	return false;
}

/* Past all characters that a name in an authority may have (RFC 3986 3.2.2), or
 * that an address in brackets may. */
static struct bytes
past_name(struct bytes in, const char *more)
{
	size_t i = 0;

	while (i < in.len &&
	       ((is_token(in.at[i]) && strchr("#^`|", in.at[i]) == NULL) ||
		   (in.at[i] != '\0' && strchr(more, in.at[i]) != NULL))) {
		i++;
	}
	return bytes_of(in.at + i, in.len - i);
}

/* Nothing at all, or a host and perhaps a port (RFC 9112 3.2). */
static bool
is_host(struct bytes in)
{
	if (in.len > 0 && in.at[0] == '[') {
		in = past_name(bytes_of(in.at + 1, in.len - 1), "();,=:");
		if (in.len == 0 || in.at[0] != ']') {
			return false;
		}
		in = bytes_of(in.at + 1, in.len - 1);
	} else {
		in = past_name(in, "();,=");
	}
	if (in.len > 0 && in.at[0] != ':') {
		return false;
	}
	for (size_t i = 1; i < in.len; i++) {
		if (in.at[i] < '0' || in.at[i] > '9') {
			return false;
		}
	}
	return true;
}

/* --- the request line */

/* What follows "http://" or "https://" up to the path: a proxy's form, which
 * servers must take (RFC 9112 3.2.2). NULL: it is not that form. */
static struct bytes
cut_authority(struct bytes *target)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (unsigned s = 0; s < 2; s++) {
		size_t from = strlen(schemes[s]), i = from;

		if (target->len < i ||
		    strncasecmp((const char *)target->at, schemes[s], i) != 0) {
			continue;
		}
		while (i < target->len && target->at[i] != '/' &&
		       target->at[i] != '?') {
			i++;
		}
		*target = bytes_of(target->at + i, target->len - i);
		return bytes_of(target->at - i + from, i - from);
	}
	return bytes_of(NULL, 0);
}

/* Of a URI with an authority an empty path is "/" (RFC 9110 4.2.3), and an
 * empty host is wrong (4.2.1). */
static struct head_refusal
read_path(struct head *head, struct bytes target)
{
	struct bytes authority = cut_authority(&target);
	bool absolute = authority.at != NULL;

	if (absolute && (authority.len == 0 || authority.at[0] == ':' ||
			    !is_host(authority))) {
		return (struct head_refusal){ 400,
			"the target does not name a host" };
	}
	head->path = text_cut(&target, '?');
	head->query = target;
	if (absolute && head->path.len == 0) {
		head->path = text_bytes("/");
	}
	if (head->path.len == 0 || head->path.at[0] != '/') {
		return (struct head_refusal){ 400,
			"the target does not begin with a slash" };
	}
	return fine;
}

static struct head_refusal
read_target(struct head *head, struct bytes target)
{
	for (size_t i = 0; i < target.len; i++) {
		if (target.at[i] <= 0x20 || target.at[i] >= 0x7f ||
		    target.at[i] == '#') {
			return (struct head_refusal){ 400,
				"the target has characters that must be "
				"percent-encoded" };
		}
	}
	if (head->method == HEAD_OPTIONS && text_same(target, "*")) {
		head->path = target;
		return fine;
	}
	return read_path(head, target);
}

static struct head_refusal
read_request_line(struct head *head, struct bytes line)
{
	struct bytes method = text_cut(&line, ' ');
	struct bytes target = text_cut(&line, ' ');

	for (size_t i = 0; i < method.len; i++) {
		if (!is_token(method.at[i])) {
			return (struct head_refusal){ 400,
				"the method is not a word" };
		}
	}
	if (method.len == 0 || method.len > METHOD_MOST) {
		return (struct head_refusal){ 400, "not an HTTP request" };
	}
	if (line.len != 8 || memcmp(line.at, "HTTP/", 5) != 0 ||
	    line.at[6] != '.') {
		return (struct head_refusal){ 400,
			"the request line does not end in HTTP/1.1" };
	}
	if (line.at[5] != '1' || line.at[7] < '0' || line.at[7] > '9') {
		return (struct head_refusal){ 505,
			"only HTTP/1.0 and HTTP/1.1 are spoken here" };
	}
	head->minor = line.at[7] == '0' ? 0 : 1;
	head->keep = head->minor == 1;
	head->method = HEAD_METHODS;
	for (unsigned m = 0; m < HEAD_METHODS; m++) {
		if (text_same(method, method_names[m])) {
			head->method = (enum head_method)m;
		}
	}
	return read_target(head, target);
}

/* --- the fields */

struct fields {
	struct head *head;
	struct arena *arena;
	unsigned tags; /* lines with lists of them */
	unsigned hosts, lengths;
	int open_metrics, plain_metrics; /* how much they are wanted */
};

static struct head_refusal
on_host(struct fields *fields, struct bytes value)
{
	if (++fields->hosts > 1 || !is_host(value)) {
		return (struct head_refusal){ 400,
			"there must be one Host field, with one host" };
	}
	return fine;
}

static struct head_refusal
on_length(struct fields *fields, struct bytes value)
{
	if (!text_uint(value, INT64_MAX, &fields->head->length) ||
	    fields->lengths++ > 0) {
		return (struct head_refusal){ 400,
			"Content-Length is not one number" };
	}
	return fine;
}

static struct head_refusal
on_transfer(struct fields *fields, struct bytes value)
{
	(void)fields;
	(void)value;
	return (struct head_refusal){ 411,
		"a body must come with Content-Length, not in chunks" };
}

static struct head_refusal
on_expect(struct fields *fields, struct bytes value)
{
	if (!text_same_word(value, "100-continue")) {
		return (struct head_refusal){ 417,
			"only 100-continue can be expected" };
	}
	fields->head->go_on = fields->head->minor == 1;
	return fine;
}

static struct head_refusal
on_connection(struct fields *fields, struct bytes value)
{
	while (value.len > 0) {
		struct bytes word = text_trim(text_cut(&value, ','));

		if (text_same_word(word, "close")) {
			fields->head->keep = false;
		} else if (text_same_word(word, "keep-alive") &&
			   fields->head->minor == 0) {
			fields->head->keep = true;
		}
	}
	return fine;
}

static struct head_refusal
on_encoding(struct fields *fields, struct bytes value)
{
	fields->head->gzip |=
	    wanted(value, "gzip") > 0 || wanted(value, "x-gzip") > 0;
	return fine;
}

static struct head_refusal
on_accept(struct fields *fields, struct bytes value)
{
	int open = wanted(value, "application/openmetrics-text");
	int plain = wanted(value, "text/plain");

	if (open > fields->open_metrics) {
		fields->open_metrics = open;
	}
	if (plain > fields->plain_metrics) {
		fields->plain_metrics = plain;
	}
	fields->head->open_metrics =
	    fields->open_metrics > 0 &&
	    fields->open_metrics >= fields->plain_metrics;
	return fine;
}

static struct head_refusal
on_type(struct fields *fields, struct bytes value)
{
	fields->head->type = text_trim(text_cut(&value, ';'));
	return fine;
}

/* A list may stand on several lines (RFC 9110 5.3); on few, as each costs a
 * copy of those before it. */
static struct head_refusal
join(struct fields *fields, struct bytes *list, struct bytes more)
{
	if (++fields->tags > LINES_MOST) {
		return (struct head_refusal){ 400,
			"entity tags on too many lines" };
	}
	if (list->len == 0) {
		*list = more;
		return fine;
	}
	*list =
	    text_bytes(arena_printf(fields->arena, "%.*s,%.*s", (int)list->len,
		(const char *)list->at, (int)more.len, (const char *)more.at));
	return fine;
}

static struct head_refusal
on_none_match(struct fields *fields, struct bytes value)
{
	return join(fields, &fields->head->none_match, value);
}

static struct head_refusal
on_match(struct fields *fields, struct bytes value)
{
	return join(fields, &fields->head->match, value);
}

static struct head_refusal
on_since(struct fields *fields, struct bytes value)
{
	int64_t when;

	if (date_read(&when, value)) {
		fields->head->since = when;
	}
	return fine;
}

static struct head_refusal
on_unmodified(struct fields *fields, struct bytes value)
{
	int64_t when;

	if (date_read(&when, value)) {
		fields->head->unmodified = when;
	}
	return fine;
}

static const struct {
	const char *name;
	struct head_refusal (*take)(struct fields *, struct bytes value);
} known[] = {
	{ "host", on_host },
	{ "content-length", on_length },
	{ "transfer-encoding", on_transfer },
	{ "expect", on_expect },
	{ "connection", on_connection },
	{ "accept-encoding", on_encoding },
	{ "accept", on_accept },
	{ "content-type", on_type },
	{ "if-none-match", on_none_match },
	{ "if-modified-since", on_since },
	{ "if-match", on_match },
	{ "if-unmodified-since", on_unmodified },
};

static struct head_refusal
read_field(struct fields *fields, struct bytes line)
{
	struct bytes name = text_cut(&line, ':');
	struct bytes value = text_trim(line);

	if (name.len == 0) {
		return (struct head_refusal){ 400, "a field without a name" };
	}
	for (size_t i = 0; i < name.len; i++) {
		if (!is_token(name.at[i])) {
			return (struct head_refusal){ 400,
				"a field's name is not a word" };
		}
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (text_same_word(name, known[i].name)) {
			return known[i].take(fields, value);
		}
	}
	return fine;
}

struct head_refusal
head_read(struct head *head, struct bytes in, struct arena *arena)
{
	struct fields fields = { .head = head, .arena = arena };
	struct head_refusal refusal = head_begins(in, 0);

	*head = (struct head){ .since = INT64_MIN, .unmodified = INT64_MIN };
	if (refusal.status == 0) {
		refusal = read_request_line(head, next_line(&in));
	}
	while (refusal.status == 0 && in.len > 2) {
		struct bytes line = next_line(&in);

		if (memchr(line.at, ':', line.len) == NULL) {
			refusal = (struct head_refusal){ 400,
				"a field without a colon" };
		} else {
			refusal = read_field(&fields, line);
		}
	}
	if (refusal.status == 0 && head->minor == 1 && fields.hosts == 0) {
		refusal = (struct head_refusal){ 400,
			"HTTP/1.1 wants one Host field" };
	}
	return refusal;
}
