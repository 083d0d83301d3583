/* SPDX-License-Identifier: BSD-2-Clause */
/* A real web on loopback: what each path answers, and what wrong requests get.
 */
#include "output/web.h"

#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "output/format.h"
#include "tests/unit/between.h"
#include "tests/unit/output/house.h"

static void
begin(struct house *house)
{
	*house = (struct house){ 0 };
	house_fill(house);
	house_open(house);
}

static void
expect(const char *answer, unsigned status, const char *part)
{
	char line[32];

	(void)snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	if (strncmp(answer, line, strlen(line)) != 0 ||
	    strstr(answer, part) == NULL) {
		fail_msg("wanted %u with `%s`, got: %.400s", status, part,
		    answer);
	}
}

/* GET, expect, forget. */
static void
get(struct house *house, const char *target, unsigned status, const char *part)
{
	char *answer = house_get(house, target, "");

	expect(answer, status, part);
	free(answer);
}

static json_t *
get_json(struct house *house, const char *target)
{
	char *answer = house_get(house, target, "");
	json_error_t error;
	json_t *root;

	expect(answer, 200, "application/json");
	root = json_loads(house_body(answer), JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		fail_msg("%s: %s at line %d", target, error.text, error.line);
	}
	free(answer);
	return root;
}

static const char *
text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

static void
test_formats(void **state)
{
	static const struct {
		const char *target, *part;
	} rows[] = {
		{ "/csv", "AS64496,10.0.0.0/8,24,ripe\n" },
		{ "/csvcompat", "\"AS64496\",\"10.0.0.0/8\"" },
		{ "/csvext", "rsync://r.example/m/ca/x.roa,AS64496" },
		{ "/json", "\"asn\": \"AS64500\"" },
		{ "/jsonext", "\"type\": \"exception\"" },
		{ "/json-rpkiclient", "\"customer_asid\": 64496" },
		{ "/api/v1/origins/", "\"roas\"" },
		{ "/openbgpd", "roa-set {" },
		{ "/bird", "roa4 table" },
		{ "/bird1", "roa 10.0.0.0/8 max 24 as 64496;" },
		{ "/bird2", "route 10.0.0.0/8 max 24 as 64496;" },
		{ "/rpsl", "route: 10.0.0.0/8" },
		{ "/slurm", "prefixAssertions" },
		{ "/slurm2", "aspaAssertions" },
		{ "/summary", "Summary at" },
		{ "/none", "Content-Length: 0\r\n" },
		{ "http://h/csv", "AS64496" },
	};
	struct house house;

	(void)state;
	begin(&house);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		get(&house, rows[i].target, 200, rows[i].part);
	}
	house_close(&house);
}

static size_t
count_of(struct house *house, const char *target, const char *list)
{
	json_t *root = get_json(house, target);
	size_t count = json_array_size(json_object_get(root, list));

	json_decref(root);
	return count;
}

static void
test_select(void **state)
{
	struct house house;
	json_t *root;

	(void)state;
	begin(&house);
	assert_int_equal(count_of(&house, "/json", "roas"), 3);
	assert_int_equal(count_of(&house, "/json?select-asn=AS64496", "roas"),
	    2);
	assert_int_equal(count_of(&house, "/json?filter-asn=64500", "roas"), 1);
	assert_int_equal(count_of(&house, "/json?select-prefix=10.1.0.0%2F16",
			     "roas"),
	    1);
	assert_int_equal(count_of(&house, "/json?select-prefix=0.0.0.0/0",
			     "roas"),
	    0);
	assert_int_equal(
	    count_of(&house,
		"/json?select-prefix=0.0.0.0/0&include=more-specifics", "roas"),
	    2);
	assert_int_equal(count_of(&house,
			     "/json?select-resources=AS64500,2001:db8::/32",
			     "roas"),
	    2);
	assert_int_equal(count_of(&house, "/json?select-asn=1&select-asn=64500",
			     "roas"),
	    1);
	root = get_json(&house, "/json?exclude=routeOrigins,aspas");
	assert_null(json_object_get(root, "roas"));
	assert_null(json_object_get(root, "aspas"));
	assert_non_null(json_object_get(root, "routerKeys"));
	json_decref(root);
	house_close(&house);
}

static void
test_validity(void **state)
{
	struct house house;
	const json_t *route, *validity;
	json_t *root;

	(void)state;
	begin(&house);
	root = get_json(&house, "/api/v1/validity/AS64496/10.1.0.0/16");
	route = json_object_get(root, "validated_route");
	validity = json_object_get(route, "validity");
	assert_string_equal(text_at(validity, "state"), "valid");
	assert_null(json_object_get(validity, "reason"));
	assert_string_equal(
	    text_at(json_array_get(json_object_get(json_object_get(validity,
						       "VRPs"),
				       "matched"),
			0),
		"max_length"),
	    "24");
	json_decref(root);
	root = get_json(&house, "/validity?asn=64497&prefix=10.1.0.0/16");
	validity = json_object_get(json_object_get(root, "validated_route"),
	    "validity");
	assert_string_equal(text_at(validity, "state"), "invalid");
	assert_string_equal(text_at(validity, "reason"), "as");
	json_decref(root);
	get(&house, "/api/v1/validity/AS64496/10.0.0.0%2F25", 200,
	    "\"reason\": \"length\"");
	get(&house, "/api/v1/validity/AS1/198.51.100.0/24", 200, "not-found");
	get(&house, "/api/v1/validity/AS1/198.51.100.1/24", 200,
	    "\"prefix\": \"198.51.100.0/24\"");
	get(&house, "/api/v1/validity/AS1/198.51.100.1/33", 400, "\"error\"");
	get(&house, "/api/v1/validity/AS/10.0.0.0/8", 400, "\"error\"");
	get(&house, "/api/v1/validity/AS%C3%A9/10.0.0.0/8", 400, "\"error\"");
	get(&house, "/api/v1/validity/AS4294967296/10.0.0.0/8", 400, "like");
	get(&house, "/api/v1/validity/-1/10.0.0.0/8", 400, "like");
	get(&house, "/validity?asn=1", 400, "both asn and prefix");
	house_close(&house);
}

static char *
post(struct house *house, const char *type, const char *body)
{
	struct octets request = { 0 };
	char *answer;

	octets_printf(&request,
	    "POST /validity HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	    "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
	    type, strlen(body), body);
	octets_u8(&request, '\0');
	answer = house_talk(house, (const char *)request.at, NULL);
	octets_clear(&request);
	return answer;
}

static void
test_bulk(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *part;
	} rows[] = {
		{ "{\"routes\": []}", 200, "validated_routes" },
		{ " {\"x\": [1, {\"a\": null}], \"y\": 12, \"routes\": [ "
		  "{\"asn\": \"AS64496\", \"prefix\": \"10.0.0.0/8\"},\n"
		  "{\"prefix\": \"2001:db8::/32\", \"asn\": 64496, \"n\": 1}"
		  " ] } ",
		    200, "2001:db8::/32" },
		{ "", 400, "not a JSON object" },
		{ "[]", 400, "not a JSON object" },
		{ "{}", 400, "no list called" },
		{ "{\"a\": 1}", 400, "no list called" },
		{ "{\"routes\": 7}", 400, "not a list" },
		{ "{\"routes\": [\n\n7]}", 400, "line 3" },
		{ "{\"routes\": [{\"asn\": -1, \"prefix\": \"10.0.0.0/8\"}]}",
		    400, "a route is like" },
		{ "{\"routes\": [{\"asn\": 1, \"prefix\": \"10.0.0.1/8\"}]}",
		    400, "a route is like" },
		{ "{\"routes\": []} x", 400, "something follows" },
		{ "{\"routes\": [], \"routes\": []}", 400, "second" },
		{ "{\"routes\": [", 400, "no JSON here" },
	};
	struct house house;

	(void)state;
	begin(&house);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *answer = post(&house, "application/json", rows[i].body);

		if (rows[i].body[0] == '\0') {
			expect(answer, 400, "not a JSON object");
		} else {
			expect(answer, rows[i].status, rows[i].part);
		}
		free(answer);
	}
	{
		char *answer = post(&house, "text/json", "{\"routes\": []}");

		expect(answer, 415, "application/json");
		free(answer);
		answer = post(&house, "application/json;charset=utf-8",
		    "{\"routes\": []}");
		expect(answer, 200, "validated_routes");
		free(answer);
	}
	house_close(&house);
}

/* Pieces arrive as chunks; put together they are one JSON text. */
static void
test_bulk_streams(void **state)
{
	enum { ROUTES = 20000 };
	struct octets body = { 0 }, whole = { 0 }, request = { 0 };
	struct house house;
	const char *at;
	char *answer, *end;
	size_t size;
	json_t *root;

	(void)state;
	begin(&house);
	octets_printf(&body, "{\"routes\": [");
	for (unsigned i = 0; i < ROUTES; i++) {
		octets_printf(&body,
		    "%s{\"asn\": \"AS%u\", \"prefix\": \"10.%u.%u.0/24\"}",
		    i == 0 ? "" : ",", i % 2 == 0 ? 64496 : 7, i >> 8 & 255,
		    i & 255);
	}
	octets_printf(&body, "]}");
	octets_printf(&request,
	    "POST /validity HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	    "Expect: 100-continue\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    body.len);
	octets_add_bytes(&request, octets_bytes(&body));
	octets_u8(&request, '\0');
	answer = house_talk(&house, (const char *)request.at, NULL);
	at = strstr(answer, "HTTP/1.1 200 OK");
	assert_non_null(at);
	assert_non_null(strstr(at, "Transfer-Encoding: chunked"));
	at = house_body(at);
	while ((size = strtoul(at, &end, 16)) > 0) {
		octets_add(&whole, end + 2, size);
		at = end + 2 + size + 2;
	}
	root = json_loadb((const char *)whole.at, whole.len, 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_array_size(
			     json_object_get(root, "validated_routes")),
	    ROUTES);
	json_decref(root);
	free(answer);
	octets_clear(&whole);
	octets_clear(&body);
	octets_clear(&request);
	house_close(&house);
}

static void
test_delta(void **state)
{
	struct house house;
	json_t *root;

	(void)state;
	begin(&house);
	root = get_json(&house, "/json-delta");
	assert_true(json_is_true(json_object_get(root, "reset")));
	assert_string_equal(text_at(root, "session"), "1234605616436508552");
	assert_int_equal(json_integer_value(json_object_get(root, "serial")),
	    5);
	assert_int_equal(json_array_size(json_object_get(root, "announced")),
	    5);
	json_decref(root);
	house_change(&house, 2);
	root = get_json(&house,
	    "/json-delta?session=1234605616436508552&serial=5");
	assert_true(json_is_false(json_object_get(root, "reset")));
	assert_int_equal(json_integer_value(
			     json_object_get(root, "fromSerial")),
	    5);
	assert_int_equal(json_integer_value(json_object_get(root, "serial")),
	    6);
	assert_int_equal(json_array_size(json_object_get(root, "announced")),
	    2);
	assert_int_equal(json_array_size(json_object_get(root, "withdrawn")),
	    0);
	json_decref(root);
	house_change(&house, 1);
	get(&house, "/json-delta?session=1234605616436508552&serial=6", 200,
	    "\"withdrawn\": [\n    { \"type\": \"routeOrigin\"");
	get(&house, "/json-delta?session=1&serial=5", 200, "\"reset\": true");
	get(&house, "/json-delta?session=1234605616436508552&serial=99", 200,
	    "\"reset\": true");
	get(&house, "/json-delta?session=1", 400, "go together");
	house_close(&house);
}

/* Who holds the present serial waits for the next. */
static void
test_notify(void **state)
{
	static const char waiting[] =
	    "GET /json-delta/notify?session=1234605616436508552&serial=5 "
	    "HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
	struct web_count count;
	struct house house;
	char *answer;
	int fd, gone;

	(void)state;
	begin(&house);
	get(&house, "/json-delta/notify", 200, "\"serial\": 5");
	get(&house, "/json-delta/notify?session=1&serial=5", 200,
	    "\"session\": 1234605616436508552,");
	gone = house_dial(&house);
	house_send(&house, gone, waiting);
	fd = house_dial(&house);
	house_send(&house, fd, waiting);
	do {
		house_turn(&house, 1);
		web_count(house.web, &count);
	} while (count.requests < 4);
	assert_int_equal(count.clients, 2);
	close(gone); /* a place is free again at once */
	do {
		house_turn(&house, 1);
		web_count(house.web, &count);
	} while (count.clients > 1);
	house_change(&house, 9);
	answer = house_hear(&house, fd, NULL);
	expect(answer, 200, "\"serial\": 6");
	free(answer);
	house_close(&house);
}

static void
field(const char *answer, const char *name, char *out, size_t room)
{
	const char *at = strstr(answer, name);
	size_t len;

	assert_non_null(at);
	at += strlen(name);
	len = strcspn(at, "\r");
	assert_true(len < room);
	memcpy(out, at, len);
	out[len] = '\0';
}

static void
test_cache(void **state)
{
	struct house house;
	char tag[100], date[100], fields[300];
	char *answer;

	(void)state;
	begin(&house);
	answer = house_get(&house, "/json", "");
	expect(answer, 200, "Access-Control-Allow-Origin: *\r\n");
	field(answer, "ETag: ", tag, sizeof(tag));
	field(answer, "Last-Modified: ", date, sizeof(date));
	assert_string_equal(tag, "\"1122334455667788-5-a7\"");
	assert_string_equal(date, "Thu, 01 Jan 2026 00:03:20 GMT");
	free(answer);
	(void)snprintf(fields, sizeof(fields), "If-None-Match: \"x\", W/%s\r\n",
	    tag);
	answer = house_get(&house, "/json", fields);
	expect(answer, 304, tag);
	assert_string_equal(house_body(answer), "");
	assert_null(strstr(answer, "Content-Length"));
	free(answer);
	(void)snprintf(fields, sizeof(fields), "If-Modified-Since: %s\r\n",
	    date);
	answer = house_get(&house, "/json", fields);
	expect(answer, 304, tag);
	free(answer);
	answer = house_get(&house, "/json",
	    "If-Modified-Since: Thu, 01 Jan 2026 00:03:19 GMT\r\n");
	expect(answer, 200, tag);
	free(answer);
	house_change(&house, 1);
	answer = house_get(&house, "/json", "If-None-Match: *\r\n");
	expect(answer, 304, "7788-6-");
	free(answer);
	(void)snprintf(fields, sizeof(fields), "If-None-Match: %s\r\n", tag);
	answer = house_get(&house, "/json", fields);
	expect(answer, 200, "11.0.0.0/24");
	free(answer);
	house_close(&house);
}

static enum format_follows
follows(const char *path)
{
	const struct format *format = format_find(path + 1);

	return format == NULL ? FORMAT_SET : format->follows;
}

/* Asked again with what was said the first time: the same tag or another. */
static void
expect_again(struct house *house, void change(struct house *house),
    const char *path, bool same)
{
	char tag[100], since[100], fields[300];
	char *answer = house_get(house, path, "");

	field(answer, "ETag: ", tag, sizeof(tag));
	field(answer, "Last-Modified: ", since, sizeof(since));
	free(answer);
	change(house);
	(void)snprintf(fields, sizeof(fields), "If-None-Match: %s\r\n", tag);
	answer = house_get(house, path, fields);
	expect(answer, same ? 304 : 200, "ETag: ");
	free(answer);
	(void)snprintf(fields, sizeof(fields), "If-Match: %s\r\n", tag);
	answer = house_get(house, path, fields);
	expect(answer, same ? 200 : 412, "");
	free(answer);
	if (change == house_move) {
		(void)snprintf(fields, sizeof(fields),
		    "If-Modified-Since: %s\r\n", since);
		answer = house_get(house, path, fields);
		expect(answer, same ? 304 : 200, "ETag: ");
		free(answer);
	}
}

/* Other octets have another tag, also where the serial is the same; the same
 * octets keep theirs where they follow from less than the time. */
static void
expect_moved(const char *path)
{
	struct house house;

	begin(&house);
	expect_again(&house, house_move, path, follows(path) == FORMAT_SERIAL);
	expect_again(&house, house_again, path, follows(path) != FORMAT_SET);
	house_close(&house);
}

static bool
same_body(struct house *house, void change(struct house *house),
    const char *path)
{
	char *before = house_get(house, path, "");
	char *after;
	bool same;

	change(house);
	after = house_get(house, path, "");
	same = strcmp(house_body(before), house_body(after)) == 0;
	free(before);
	free(after);
	return same;
}

/* What the octets are says what they follow from. */
static void
test_moved(void **state)
{
	struct house house;

	(void)state;
	for (size_t i = 0; format_row(i) != NULL; i++) {
		enum format_follows from = format_row(i)->follows;
		char path[40];

		if (strcmp(format_row(i)->name, "metrics") == 0) {
			continue; /* over HTTP that is something else */
		}
		(void)snprintf(path, sizeof(path), "/%s", format_row(i)->name);
		begin(&house);
		if (same_body(&house, house_move, path) !=
			(from == FORMAT_SERIAL) ||
		    (from != FORMAT_SET &&
			!same_body(&house, house_again, path))) {
			fail_msg("%s: does not follow from that", path);
		}
		house_close(&house);
		expect_moved(path);
	}
	expect_moved("/json-delta");
}

static void
test_gzip(void **state)
{
	static const char request[] =
	    "GET /csv HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	    "Accept-Encoding: br;q=1, gzip;q=0.5\r\n\r\n";
	struct house house;
	char plain[4096] = { 0 };
	z_stream z = { 0 };
	char *answer, *same;
	const char *body;
	size_t len;

	(void)state;
	begin(&house);
	answer = house_talk(&house, request, &len);
	expect(answer, 200, "Content-Encoding: gzip\r\n");
	expect(answer, 200, "Vary: Accept-Encoding\r\n");
	expect(answer, 200, "-gzip\"\r\n");
	body = house_body(answer);
	z.next_in = (Bytef *)(uintptr_t)body;
	z.avail_in = (uInt)(len - (size_t)(body - answer));
	z.next_out = (Bytef *)plain;
	z.avail_out = sizeof(plain) - 1;
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	(void)inflateEnd(&z);
	same = house_get(&house, "/csv", "Accept-Encoding: gzip;q=0, *\r\n");
	expect(same, 200, "text/csv");
	assert_null(strstr(same, "Content-Encoding"));
	assert_string_equal(plain, house_body(same));
	free(same);
	free(answer);
	house_close(&house);
}

static void
test_methods(void **state)
{
	struct house house;
	char *answer, *whole;
	char length[64];

	(void)state;
	begin(&house);
	whole = house_get(&house, "/csv", "");
	(void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
	    strlen(house_body(whole)));
	answer = house_talk(&house,
	    "HEAD /csv HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
	expect(answer, 200, length);
	assert_string_equal(house_body(answer), "");
	free(whole);
	free(answer);
	answer = house_talk(&house,
	    "OPTIONS /validity HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	    "\r\n",
	    NULL);
	expect(answer, 204, "Allow: GET, HEAD, OPTIONS, POST\r\n");
	free(answer);
	answer = house_talk(&house,
	    "DELETE /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
	    NULL);
	expect(answer, 501, "only GET, HEAD, POST");
	free(answer);
	answer = house_talk(&house,
	    "POST /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
	    NULL);
	expect(answer, 405, "Allow: GET, HEAD, OPTIONS\r\n");
	free(answer);
	house_close(&house);
}

/* Several requests over one connection, sent at once, answered in order. */
static void
test_pipeline(void **state)
{
	struct house house;
	char *answer;
	const char *second, *third;

	(void)state;
	begin(&house);
	answer = house_talk(&house,
	    "GET /version HTTP/1.1\r\nHost: h\r\n\r\n"
	    "\r\nGET /json?select-asn=64496 HTTP/1.1\r\nHost: h\r\n\r\n"
	    "GET /healthz HTTP/1.0\r\n\r\n"
	    "GET /never-heard HTTP/1.1\r\nHost: h\r\n\r\n",
	    NULL);
	expect(answer, 200, "\r\n\r\n" PACKAGE_VERSION "HTTP/1.1 200 OK");
	second = strstr(house_body(answer), "HTTP/1.1 200 OK");
	assert_non_null(strstr(second, "Connection: keep-alive"));
	third = strstr(house_body(second), "HTTP/1.1 200 OK");
	assert_non_null(strstr(third, "Connection: close"));
	assert_string_equal(house_body(third), "ok\n");
	free(answer);
	house_close(&house);
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *request;
		unsigned status;
		const char *why;
	} rows[] = {
		{ "GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		    404, "nothing at this path" },
		{ "GET /json?what=1 HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\n",
		    400,
		    "{\"error\": \"this path does not know that query "
		    "parameter; it knows select-asn, filter-asn, " },
		{ "GET /csv?what=1 HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\n",
		    400, "\r\n\r\nthis path does not know" },
		{ "GET /healthz?what=1 HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\n",
		    400, "it knows none" },
		{ "GET /json?select-asn=ASx HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\n",
		    400, "not an AS number" },
		{ "GET /json?select-asn=%zz HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\n",
		    400, "badly encoded" },
		{ "GET /json?select-asn=1%0d%0aX:%201 HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\n",
		    400, "badly encoded" },
		{ "GET /..%2f..%2fetc/passwd HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\n",
		    404, "nothing at this path" },
		{ "GET /json HTTP/1.1\r\n\r\n", 400, "one Host field" },
		{ "GET /json HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400,
		    "one Host field" },
		{ "GET /json HTTP/1.1\nHost: h\n\n", 400, "carriage return" },
		{ "GET /json HTTP/2.0\r\n\r\n", 505, "HTTP/1.1" },
		{ "GET /json\r\n\r\n", 400, "does not end in HTTP/1.1" },
		{ "GET json HTTP/1.1\r\nHost: h\r\n\r\n", 400, "slash" },
		{ "\x16\x03\x01\x02", 400, "control character" },
		{ "GET /json HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400,
		    "colon" },
		{ "GET /json HTTP/1.1\r\nHost : h\r\n\r\n", 400, "not a word" },
		{ "GET /json HTTP/1.1\r\nHost: h\r\nX: \x01\r\n\r\n", 400,
		    "control character" },
		{ "POST /validity HTTP/1.1\r\nHost: h\r\n"
		  "Content-Type: application/json\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		    411, "Content-Length" },
		{ "POST /validity HTTP/1.1\r\nHost: h\r\n"
		  "Content-Type: application/json\r\n"
		  "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
		    400, "not one number" },
		{ "POST /validity HTTP/1.1\r\nHost: h\r\n"
		  "Content-Type: application/json\r\n"
		  "Content-Length: -2\r\n\r\n{}",
		    400, "not one number" },
		{ "POST /validity HTTP/1.1\r\nHost: h\r\n"
		  "Content-Type: application/json\r\n"
		  "Content-Length: 67108865\r\n\r\n",
		    413, "too large" },
		{ "GET /json HTTP/1.1\r\nHost: h\r\n"
		  "Content-Length: 1048577\r\n\r\n",
		    413, "too large" },
		{ "GET /json HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 417,
		    "100-continue" },
	};
	struct house house;

	(void)state;
	begin(&house);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *answer = house_talk(&house, rows[i].request, NULL);

		expect(answer, rows[i].status, rows[i].why);
		free(answer);
	}
	get(&house, "/healthz", 200, "ok\n");
	house_close(&house);
}

static unsigned
lines_with(const struct house *house, const char *text)
{
	struct octets kept = { 0 };
	unsigned count = 0;

	log_kept(house->log, &kept);
	octets_u8(&kept, 0);
	for (const char *at = strstr((const char *)kept.at, text); at != NULL;
	     at = strstr(at + 1, text)) {
		count++;
	}
	octets_clear(&kept);
	return count;
}

static void
test_ceilings(void **state)
{
	enum { CLIENTS = 4, HEAD = 4096 };
	struct house house = { .config = { .clients = CLIENTS,
				   .request_octets = HEAD } };
	int fds[CLIENTS + 3];
	struct web_count count;
	char *long_head = mem_zero(HEAD + 100, 1);
	char *answer;

	(void)state;
	house_fill(&house);
	house_open(&house);
	memset(long_head, 'a', HEAD + 99);
	memcpy(long_head, "GET /", 5);
	answer = house_talk(&house, long_head, NULL);
	expect(answer, 431, "head of the request is too large");
	free(answer);
	free(long_head);
	for (unsigned round = 1; round <= 3; round++) {
		for (unsigned i = 0; i < CLIENTS + 3; i++) {
			house.host = 1 + i % 2;
			fds[i] = house_dial(&house);
		}
		do {
			house_turn(&house, 1);
			web_count(house.web, &count);
		} while (count.refused < 3 * round);
		assert_int_equal(count.clients, CLIENTS);
		for (unsigned i = 0; i < CLIENTS + 3; i++) {
			close(fds[i]);
		}
		do {
			house_turn(&house, 1);
			web_count(house.web, &count);
		} while (count.clients > 0);
	}
	get(&house, "/healthz", 200, "ok\n");
	assert_int_equal(lines_with(&house, "refusing connections"), 1);
	house_close(&house);
}

/* Waits until there is another serial. */
#define NOTIFY                                                                 \
	"GET /json-delta/notify?session=1234605616436508552&serial=5 "         \
	"HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

static void
wait_for_clients(struct house *house, unsigned clients)
{
	struct web_count count;

	do {
		house_turn(house, 1);
		web_count(house->web, &count);
	} while (count.clients != clients);
}

static void
wait_for_requests(struct house *house, unsigned requests)
{
	struct web_count count;

	do {
		house_turn(house, 1);
		web_count(house->web, &count);
	} while (count.requests < requests);
}

/* One address has half of the connections, whoever else is there. */
static void
test_half_of_connections(void **state)
{
	struct house house = { .config = { .clients = 6 } };
	int fds[4];
	char *answer;

	(void)state;
	house_fill(&house);
	house_open(&house);
	for (unsigned i = 0; i < 3; i++) {
		fds[i] = house_dial(&house);
	}
	wait_for_clients(&house, 3);
	fds[3] = house_dial(&house);
	answer = house_hear(&house, fds[3], NULL);
	assert_string_equal(answer, "");
	free(answer);
	house.host = 2;
	get(&house, "/healthz", 200, "ok\n");
	for (unsigned i = 0; i < 3; i++) {
		close(fds[i]);
	}
	wait_for_clients(&house, 0);
	house.host = 1;
	get(&house, "/healthz", 200, "ok\n");
	house_close(&house);
}

/* Where all places are taken, who has fewest gets one of whoever has most: one
 * that has asked for nothing, for longest. */
static void
test_place_of_another(void **state)
{
	static const unsigned hosts[] = { 1, 1, 1, 2, 2, 3, 4, 5 };
	struct house house = { .config = { .clients = 6 } };
	int fds[8];
	struct web_count count;
	char *answer;

	(void)state;
	house_fill(&house);
	house_open(&house);
	for (unsigned i = 0; i < 8; i++) {
		house.host = hosts[i];
		fds[i] = house_dial(&house);
		if (i == 0) {
			house_send(&house, fds[i], NOTIFY);
			wait_for_requests(&house, 1);
		}
		do {
			house_turn(&house, 1);
			web_count(house.web, &count);
		} while (count.accepted < i + 1);
		assert_int_equal(count.clients, i < 6 ? i + 1 : 6);
	}
	/* Of the first host's, one waits for an answer; of each other host's
	 * one is left. */
	answer = house_hear(&house, fds[1], NULL);
	assert_string_equal(answer, "");
	free(answer);
	assert_int_equal(count.refused, 0);
	assert_int_equal(lines_with(&house, "the place of another's"), 1);
	house_change(&house, 9);
	answer = house_hear(&house, fds[0], NULL);
	expect(answer, 200, "\"serial\": 6");
	free(answer);
	for (unsigned i = 5; i < 8; i++) {
		house_send(&house, fds[i],
		    "GET /version HTTP/1.1\r\nHost: h\r\nConnection: "
		    "close\r\n\r\n");
		answer = house_hear(&house, fds[i], NULL);
		expect(answer, 200, PACKAGE_VERSION);
		free(answer);
	}
	house_close(&house);
}

/* Who waits for a serial leaves half of the places to others, and one address
 * has half of those. */
static void
test_polls(void **state)
{
	enum { CLIENTS = 16, POLLS = CLIENTS / 2 };
	struct house house = { .config = { .clients = CLIENTS } };
	int fds[POLLS];
	char *answer;

	(void)state;
	house_fill(&house);
	house_open(&house);
	for (unsigned i = 0; i < POLLS; i++) {
		house.host = i < POLLS / 2 ? 1 : 2;
		fds[i] = house_dial(&house);
		house_send(&house, fds[i], NOTIFY);
		if (i == POLLS / 2 - 1) {
			wait_for_requests(&house, POLLS / 2);
			answer = house_talk(&house, NOTIFY, NULL);
			expect(answer, 503, "Retry-After: 10\r\n");
			free(answer);
		}
	}
	wait_for_requests(&house, POLLS + 1);
	house.host = 3;
	answer = house_talk(&house, NOTIFY, NULL);
	expect(answer, 503, "too many wait for another serial");
	free(answer);
	get(&house, "/metrics", 200, "kedge_ready 1\n");
	close(fds[0]);
	wait_for_clients(&house, POLLS - 1);
	fds[0] = house_dial(&house);
	house_send(&house, fds[0], NOTIFY);
	wait_for_requests(&house, POLLS + 4);
	house_change(&house, 9);
	for (unsigned i = 0; i < POLLS; i++) {
		answer = house_hear(&house, fds[i], NULL);
		expect(answer, 200, "\"serial\": 6");
		free(answer);
	}
	house_close(&house);
}

/* A bulk look-up whose answer nobody reads holds a place; one address has half
 * of these, and filtered answers have places of their own. */
static void
test_unread_bulks(void **state)
{
	enum { ROUTES = 60000, HELD = LIMIT_HTTP_BULKS / 2 };
	struct octets body = { 0 }, request = { 0 };
	struct house house;
	int fds[HELD], small = 4096;
	char *answer;

	(void)state;
	begin(&house);
	octets_printf(&body, "{\"routes\": [");
	for (unsigned i = 0; i < ROUTES; i++) {
		octets_printf(&body,
		    "%s{\"asn\":1,\"prefix\":\"11.%u.%u.0/24\"}",
		    i == 0 ? "" : ",", i >> 8 & 255, i & 255);
	}
	octets_printf(&request,
	    "POST /validity HTTP/1.1\r\nHost: h\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    body.len + 2);
	octets_add_bytes(&request, octets_bytes(&body));
	octets_printf(&request, "]}");
	for (unsigned i = 0; i < HELD; i++) {
		fds[i] = house_dial(&house);
		(void)setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small,
		    sizeof(small));
		house_send_part(&house, fds[i], (const char *)request.at,
		    request.len);
	}
	for (unsigned i = 0; i < HELD; i++) {
		char octet;

		while (recv(fds[i], &octet, 1, MSG_PEEK) <= 0) {
			house_turn(&house, 1);
		}
	}
	answer = post(&house, "application/json", "{\"routes\": []}");
	expect(answer, 503, "too many such answers");
	free(answer);
	get(&house, "/json?select-asn=64496", 200, "10.0.0.0/8");
	get(&house, "/status", 200, "serial: 5\n");
	house.host = 2;
	answer = post(&house, "application/json", "{\"routes\": []}");
	expect(answer, 200, "validated_routes");
	free(answer);
	for (unsigned i = 0; i < HELD; i++) {
		close(fds[i]);
	}
	house.host = 1;
	answer = NULL;
	do { /* a worker may have had the next piece in hand */
		free(answer);
		answer = post(&house, "application/json", "{\"routes\": []}");
	} while (strstr(answer, "too many such answers") != NULL);
	expect(answer, 200, "validated_routes");
	free(answer);
	octets_clear(&body);
	octets_clear(&request);
	house_close(&house);
}

/* Large bodies are promised room before they come; there is so much of it, and
 * half of it for one address. */
static void
test_bodies(void **state)
{
	enum { TAKEN = 4 };
	static const char head[] =
	    "POST /validity HTTP/1.1\r\nHost: h\r\n"
	    "Content-Type: application/json\r\nExpect: 100-continue\r\n"
	    "Content-Length: 60000000\r\n\r\n";
	struct web_count count;
	struct house house;
	int fds[TAKEN];
	char *answer;

	(void)state;
	begin(&house);
	for (unsigned i = 0; i < TAKEN; i++) {
		house.host = 1 + i % 2;
		fds[i] = house_dial(&house);
		house_send(&house, fds[i], head);
	}
	wait_for_requests(&house, TAKEN);
	house.host = 3;
	answer = house_talk(&house, head, NULL);
	expect(answer, 503, "too many large bodies");
	free(answer);
	close(fds[0]);
	close(fds[2]);
	wait_for_clients(&house, 2);
	house.host = 2;
	answer = house_talk(&house, head, NULL);
	expect(answer, 503, "too many large bodies");
	free(answer);
	close(fds[1]);
	close(fds[3]);
	wait_for_clients(&house, 0);
	fds[0] = house_dial(&house);
	house_send(&house, fds[0], head);
	do {
		house_turn(&house, 1);
		web_count(house.web, &count);
	} while (count.octets_out == 0 || count.requests < TAKEN + 3);
	assert_int_equal(shutdown(fds[0], SHUT_WR), 0);
	answer = house_hear(&house, fds[0], NULL);
	expect(answer, 100, "Continue");
	free(answer);
	house_close(&house);
}

/* One octet at a time does not hold a place longer than the time there is. */
static void
test_slow(void **state)
{
	static const char body[] =
	    "POST /validity HTTP/1.1\r\nHost: h\r\n"
	    "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{";
	static const char drip[] = "GET /healthz HTTP/1.1\r\nHost: h\r\nX: ";
	struct house house = { .config = { .head_seconds = 1 } };
	char *answer;
	int fd, silent;

	(void)state;
	house_fill(&house);
	house_open(&house);
	silent = house_dial(&house);
	fd = house_dial(&house);
	for (size_t i = 0; i < strlen(drip); i++) {
		house_send_part(&house, fd, drip + i, 1);
	}
	answer = house_hear(&house, fd, NULL);
	expect(answer, 408, "too slowly");
	free(answer);
	answer = house_hear(&house, silent, NULL);
	assert_string_equal(answer, "");
	free(answer);
	fd = house_dial(&house);
	house_send(&house, fd, body);
	answer = house_hear(&house, fd, NULL);
	expect(answer, 408, "body came too slowly");
	free(answer);
	house_close(&house);
}

/* A reader that takes nothing is cut, and others do not feel it. Of an answer
 * no more is put out than is taken, but for a slice: with TLS that is what is
 * encrypted in one go. */
static void
test_slow_reader(void **state)
{
	struct house house = { .config = { .head_seconds = 1 } };
	struct web_count count;
	int fd, small = 4096;

	(void)state;
	house_fill(&house);
	house_open(&house);
	house_change(&house, 200000);
	fd = house_dial(&house);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	house_send(&house, fd, "GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
	get(&house, "/json?select-asn=64496", 200, "10.0.0.0/8");
	do {
		house_turn(&house, 1);
		web_count(house.web, &count);
	} while (count.clients > 0);
	assert_true(count.octets_out < 10000000);
	close(fd);
	house_close(&house);
}

/* Answers of megabytes that were made for one alone, and that he does not read,
 * go when they are too many. Whoever asks for less is not touched. */
static void
test_unread_answers(void **state)
{
	enum { GREEDY = 8, VRPS = 40000, EACH = 3000000 };
	struct house house = { .config = { .live_octets = 4 * EACH } };
	int fds[GREEDY], modest, small = 4096, some = 1 << 16;
	struct web_count count;
	char request[128], octet;
	char *answer;

	(void)state;
	house_fill(&house);
	house_open(&house);
	house_change(&house, VRPS);
	house.host = 2;
	modest = house_dial(&house);
	(void)setsockopt(modest, SOL_SOCKET, SO_RCVBUF, &some, sizeof(some));
	house_send(&house, modest,
	    "GET /json?select-asn=65000 HTTP/1.1\r\nHost: h\r\n"
	    "Connection: close\r\n\r\n");
	house.host = 1;
	for (unsigned i = 0; i < GREEDY; i++) {
		(void)snprintf(request, sizeof(request),
		    "GET /json?select-asn=65000&select-asn=%u HTTP/1.1\r\n"
		    "Host: h\r\n\r\n",
		    i);
		fds[i] = house_dial(&house);
		(void)setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small,
		    sizeof(small));
		house_send(&house, fds[i], request);
		while (recv(fds[i], &octet, 1, MSG_PEEK) <= 0) {
			house_turn(&house, 1);
		}
	}
	web_count(house.web, &count);
	assert_between(count.clients, 2, 5);
	assert_int_equal(lines_with(&house, "cut: too much"),
	    1 + GREEDY - count.clients);
	answer = house_hear(&house, modest, NULL);
	expect(answer, 200, "11.0.0.0/24");
	assert_true(strlen(house_body(answer)) > EACH);
	free(answer);
	for (unsigned i = 0; i < GREEDY; i++) {
		close(fds[i]);
	}
	house_close(&house);
}

static void
test_first(void **state)
{
	struct house house = { 0 };

	(void)state;
	house.slurm = NULL;
	house.history = history_new(1, 2);
	house_open(&house);
	get(&house, "/json", 503, "Retry-After: 10\r\n");
	get(&house, "/api/v1/validity/AS1/10.0.0.0/8", 503, "{\"error\": ");
	get(&house, "/readyz", 503, "there is no set yet");
	get(&house, "/healthz", 200, "ok\n");
	get(&house, "/metrics", 200, "kedge_ready 0\n");
	get(&house, "/api/v1/status", 200, "\"lastUpdateDone\"");
	get(&house, "/status", 200, "serial: ");
	get(&house, "/api/v1/faults", 503, "no run yet");
	get(&house, "/", 200, "waiting for the first set");
	house_close(&house);
}

static const char *
journal(void *arg)
{
	(void)arg;
	return "/var/lib/j";
}

/* Says who was asked for what, and by whom. */
static unsigned
changes(const char *folder, const char *since, struct octets *out)
{
	if (since != NULL && strcmp(since, "never") == 0) {
		octets_printf(out, "since is no time");
		return 400;
	}
	octets_printf(out, "%s since %s by %s", folder,
	    since == NULL ? "ever" : since,
	    gettid() == getpid() ? "the loop" : "a worker");
	return 200;
}

/* A journal is read from the disk, for which routers do not wait. */
static void
test_changes(void **state)
{
	struct house house = { .config.source = { .journal = journal,
				   .changes = changes } };

	(void)state;
	house_fill(&house);
	house_open(&house);
	get(&house, "/api/v1/changes", 200,
	    "/var/lib/j since ever by a worker");
	get(&house, "/api/v1/changes?since=2%20d", 200,
	    "/var/lib/j since 2 d by a worker");
	get(&house, "/api/v1/changes?since=never", 400,
	    "{\"error\": \"since is no time\"}");
	house_close(&house);
}

/* Keeps the worker until there is a file of this name. */
static unsigned
stall(const char *path, const char *since, struct octets *out)
{
	(void)since;
	while (access(path, F_OK) != 0) {
		clock_sleep_ms(1);
	}
	octets_printf(out, "at last");
	return 200;
}

struct stalled {
	struct house house; /* first: it is what the journal is asked of */
	char path[32];
};

static const char *
gate(void *arg)
{
	const struct stalled *stalled = arg;

	return stalled->path;
}

#define CHANGES                                                                \
	"GET /api/v1/changes HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

/* Who asked for what the worker is kept with. */
static int
stalled_open(struct stalled *stalled)
{
	struct house *house = &stalled->house;
	int fd;

	(void)snprintf(stalled->path, sizeof(stalled->path),
	    "/tmp/kedge-web-XXXXXX");
	fd = mkstemp(stalled->path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(stalled->path), 0);
	house->config.source.journal = gate;
	house->config.source.changes = stall;
	house_fill(house);
	house_open(house);
	fd = house_dial(house);
	house_send(house, fd, CHANGES);
	wait_for_requests(house, 1);
	return fd;
}

static void
stalled_go_on(struct stalled *stalled)
{
	close(open(stalled->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static void
hear_at_last(struct stalled *stalled, int fd)
{
	char *answer = house_hear(&stalled->house, fd, NULL);

	expect(answer, 200, "at last");
	free(answer);
}

static void
stalled_close(struct stalled *stalled)
{
	house_close(&stalled->house);
	assert_int_equal(unlink(stalled->path), 0);
}

/* Selected faults are at the cost of who asks, as selected payload is. */
static void
test_many_selections(void **state)
{
	enum { MOST = 8, MORE = MOST + 2 };
	struct stalled stalled = { 0 };
	struct house *house = &stalled.house;
	int fds[MORE], first = stalled_open(&stalled);
	char *answer;

	(void)state;
	house->host = 2;
	for (unsigned i = 0; i < MORE; i++) {
		char text[128];

		(void)snprintf(text, sizeof(text),
		    "GET /api/v1/faults?%s=x%u HTTP/1.1\r\nHost: "
		    "h\r\nConnection: close\r\n\r\n",
		    i % 3 == 0   ? "label"
		    : i % 3 == 1 ? "ta"
				 : "repository",
		    i);
		fds[i] = house_dial(house);
		house_send(house, fds[i], text);
		wait_for_requests(house, 2 + i);
	}
	for (unsigned i = MOST; i < MORE; i++) {
		answer = house_hear(house, fds[i], NULL);
		expect(answer, 503, "too many such answers are being made");
		free(answer);
	}
	stalled_go_on(&stalled);
	for (unsigned i = 0; i < MOST; i++) {
		answer = house_hear(house, fds[i], NULL);
		expect(answer, 200, "\"findings\": []");
		free(answer);
	}
	hear_at_last(&stalled, first);
	stalled_close(&stalled);
}

/* One answer is made for each, until all wait for very many. */
static void
test_many_guests(void **state)
{
	enum { MOST = LIMIT_HTTP_RENDERS * LIMIT_HTTP_FIRST };
	struct stalled stalled = { 0 };
	struct house *house = &stalled.house;
	int fds[MOST];
	char *answer;

	(void)state;
	fds[0] = stalled_open(&stalled);
	for (unsigned i = 1; i < MOST; i++) {
		house->host = 1 + i;
		fds[i] = house_dial(house);
		house_send(house, fds[i], CHANGES);
		wait_for_requests(house, 1 + i);
	}
	house->host = 1 + MOST;
	answer = house_talk(house, CHANGES, NULL);
	expect(answer, 503, "Retry-After: 1\r\n");
	free(answer);
	stalled_go_on(&stalled);
	for (unsigned i = 0; i < MOST; i++) {
		hear_at_last(&stalled, fds[i]);
	}
	answer = house_talk(house, CHANGES, NULL);
	expect(answer, 200, "at last");
	free(answer);
	stalled_close(&stalled);
}

static void
test_own_paths(void **state)
{
	struct house house;
	char *answer;

	(void)state;
	begin(&house);
	get(&house, "/version", 200, "\r\n\r\n" PACKAGE_VERSION);
	get(&house, "/readyz", 200, "ready\n");
	house.view.stale_since = 1767225900;
	get(&house, "/readyz", 503, "stale");
	get(&house, "/metrics", 200, "kedge_ready 0\n");
	house.view.stale_since = 0;
	get(&house, "/status", 200, "ta: ripe, vrps=2, final-vrps=2");
	get(&house, "/api/v1/changes", 404, "no journal");
	log_warn(house.log, "a line <&> of\nthe log");
	get(&house, "/log", 200, "warn: a line <&> of\\x0athe log\n");
	answer = house_get(&house, "/?prefix=10.0.0.0/8&asn=64496", "");
	expect(answer, 200, "Content-Security-Policy: default-src 'none'");
	expect(answer, 200, "<p class=\"verdict good\">valid</p>");
	expect(answer, 200, "a &quot;quoted&quot; one");
	assert_null(strstr(answer, "@FORMATS@"));
	free(answer);
	get(&house, "/?prefix=&asn=", 200, "id=\"lookup\"");
	get(&house, "/?prefix=%3Cscript%3E", 400, "one prefix");
	house_close(&house);
}

static void
test_faults(void **state)
{
	struct house house;
	json_t *root;
	char *answer;

	(void)state;
	begin(&house);
	root = get_json(&house, "/api/v1/faults");
	assert_int_equal(json_array_size(json_object_get(root, "findings")), 2);
	assert_int_equal(json_array_size(json_object_get(root, "failing")), 1);
	assert_int_equal(json_integer_value(
			     json_object_get(json_object_get(root, "labels"),
				 "roa-maxlen")),
	    1);
	json_decref(root);
	assert_int_equal(count_of(&house, "/api/v1/faults?label=roa-maxlen",
			     "findings"),
	    1);
	assert_int_equal(count_of(&house, "/api/v1/faults?ta=ripe", "findings"),
	    1);
	assert_int_equal(count_of(&house,
			     "/api/v1/faults?repository=rsync://s.example/m/",
			     "findings"),
	    1);
	assert_int_equal(count_of(&house, "/api/v1/faults?ta=nobody",
			     "findings"),
	    0);
	answer = house_get(&house, "/api/v1/faults", "If-Match: \"x\",\r\n");
	expect(answer, 412, "what is here has no entity tag");
	free(answer);
	answer = house_get(&house, "/json", "If-Match: \"x\",\r\n");
	expect(answer, 412, "there is another set now");
	free(answer);
	house_close(&house);
}

static void
test_explain(void **state)
{
	struct house house;
	const json_t *item, *source;
	json_t *root;

	(void)state;
	begin(&house);
	root = get_json(&house, "/api/v1/explain?prefix=10.1.0.0/16&asn=64496");
	assert_string_equal(text_at(root, "state"), "valid");
	item = json_array_get(json_object_get(root, "vrps"), 0);
	assert_string_equal(text_at(item, "match"), "matched");
	source = json_array_get(json_object_get(item, "sources"), 0);
	assert_string_equal(text_at(source, "uri"),
	    "rsync://r.example/m/ca/x.roa");
	assert_string_equal(text_at(source, "ta"), "ripe");
	assert_string_equal(text_at(json_object_get(source, "repository"),
				"state"),
	    "ready");
	/* What was rejected in the same folder, and speaks of this space. */
	assert_int_equal(json_array_size(json_object_get(root, "findings")), 1);
	json_decref(root);

	root =
	    get_json(&house, "/api/v1/explain?prefix=192.0.2.0/24&asn=AS64666");
	assert_string_equal(text_at(root, "state"), "not-found");
	item = json_array_get(json_object_get(root, "removed"), 0);
	assert_string_equal(text_at(item, "asn"), "AS64666");
	source = json_array_get(json_object_get(item, "removedBy"), 0);
	assert_string_equal(text_at(source, "path"), "/etc/kedge/local.json");
	assert_string_equal(text_at(source, "list"), "prefixFilters");
	assert_string_equal(text_at(source, "comment"), "not that one");
	json_decref(root);

	root = get_json(&house,
	    "/api/v1/explain?uri=rsync://r.example/m/ca/bad.roa");
	assert_true(json_is_false(json_object_get(root, "inSet")));
	item = json_array_get(json_object_get(root, "findings"), 0);
	assert_string_equal(text_at(item, "label"), "roa-maxlen");
	assert_string_equal(text_at(json_object_get(root, "repository"), "uri"),
	    "https://r.example/n.xml");
	json_decref(root);

	root = get_json(&house,
	    "/api/v1/explain?uri=rsync%3A%2F%2Fs.example/m/ca/y.roa");
	assert_true(json_is_true(json_object_get(root, "inSet")));
	assert_int_equal(json_array_size(json_object_get(root, "payload")), 3);
	assert_int_equal(json_array_size(json_object_get(root, "removed")), 1);
	json_decref(root);
	get(&house, "/api/v1/explain", 400, "either prefix");
	get(&house, "/api/v1/explain?uri=x&asn=1", 400, "asn goes with");
	house_close(&house);
}

static void
test_status(void **state)
{
	struct house house;
	const json_t *ta, *rrdp;
	json_t *root;

	(void)state;
	begin(&house);
	root = get_json(&house, "/api/v1/status");
	assert_string_equal(text_at(root, "version"), "kedge/" PACKAGE_VERSION);
	assert_int_equal(json_integer_value(json_object_get(root, "serial")),
	    5);
	ta = json_object_get(json_object_get(root, "tals"), "ripe");
	assert_int_equal(json_integer_value(json_object_get(ta, "vrpsFinal")),
	    2);
	ta = json_object_get(json_object_get(root, "tals"), "a \"quoted\" one");
	assert_int_equal(json_integer_value(
			     json_object_get(ta, "vrpsDuplicate")),
	    1);
	assert_int_equal(json_integer_value(
			     json_object_get(ta, "vrpsLocallyFiltered")),
	    1);
	assert_int_equal(json_integer_value(
			     json_object_get(root, "vrpsAddedLocally")),
	    1);
	rrdp = json_object_get(json_object_get(root, "rrdp"),
	    "https://r.example/n.xml");
	assert_int_equal(json_integer_value(json_object_get(rrdp, "status")),
	    404);
	assert_int_equal(json_integer_value(
			     json_object_get(rrdp, "notifyStatus")),
	    200);
	assert_non_null(json_object_get(json_object_get(root, "rsync"),
	    "rsync://s.example/m/"));
	assert_int_equal(json_array_size(
			     json_object_get(json_object_get(root, "rtr"),
				 "clients")),
	    3);
	assert_int_equal(json_array_size(json_object_get(json_object_get(root,
							     "pubPointIssues"),
			     "rsync://r.example/m/ca/ca.mft")),
	    1);
	json_decref(root);
	house_close(&house);
}

static void
test_metrics(void **state)
{
	static const char *const parts[] = {
		"# TYPE kedge_serial gauge\nkedge_serial 5\n",
		"kedge_payload{type=\"route_origins_ipv4\"} 2\n",
		"kedge_ta_valid_vrps_total{name=\"a \\\"quoted\\\" one\"} 2\n",
		"kedge_ta_duplicate_payload_total{name=\"a \\\"quoted\\\" "
		"one\",type=\"route_origins_ipv6\"} 1\n",
		"kedge_repository_last_success_timestamp_seconds{uri=\"https:"
		"//r.example/n.xml\"} 1767225600\n",
		"kedge_repository_state{uri=\"rsync://s.example/m/\","
		"state=\"stale\"} 1\n",
		"kedge_last_update_duration 60.125000\n",
		"kedge_rrdp_status{uri=\"https://r.example/n.xml\"} 404\n",
		"kedge_rrdp_notification_status"
		"{uri=\"https://r.example/n.xml\"} 200\n",
		"kedge_rrdp_payload_status"
		"{uri=\"https://r.example/n.xml\"} 404\n",
		"kedge_rrdp_duration{uri=\"https://r.example/n.xml\"} "
		"1.234000\n",
		"kedge_rsync_status{uri=\"rsync://s.example/m/\"} 10\n",
		"kedge_faults{label=\"roa-maxlen\"} 1\n",
		"kedge_rtr_clients_behind 2\n",
		"kedge_rtr_lag_serials 2\n",
		"kedge_rtr_client_connections{addr=\"192.0.2.1\"} 2\n",
		"kedge_rtr_client_lag_serials{addr=\"198.51.100.7\"} -1\n",
		"kedge_vrps_added_locally 1\n",
		"# TYPE kedge_engine_runs_total counter\n"
		"kedge_engine_runs_total 0\n",
		"# TYPE kedge_http_requests untyped\n",
	};
	struct house house = { .config = { .router_metrics = true } };
	char *answer;

	(void)state;
	house_fill(&house);
	house_open(&house);
	answer = house_get(&house, "/metrics", "");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		expect(answer, 200, parts[i]);
	}
	expect(answer, 200, "text/plain;version=0.0.4");
	free(answer);
	answer = house_get(&house, "/metrics",
	    "Accept: application/openmetrics-text;version=1.0.0;q=0.8,"
	    "text/plain;q=0.5\r\n");
	expect(answer, 200, "application/openmetrics-text");
	expect(answer, 200, "# TYPE kedge_engine_runs counter\n");
	expect(answer, 200, "# UNIT kedge_engine_cpu_seconds seconds\n");
	assert_string_equal(house_body(answer) + strlen(house_body(answer)) - 6,
	    "# EOF\n");
	free(answer);
	house_close(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_bulk_streams),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_pipeline),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_half_of_connections),
		cmocka_unit_test(test_place_of_another),
		cmocka_unit_test(test_polls),
		cmocka_unit_test(test_unread_bulks),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_unread_answers),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_many_selections),
		cmocka_unit_test(test_many_guests),
		cmocka_unit_test(test_own_paths),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
