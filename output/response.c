/* SPDX-License-Identifier: BSD-2-Clause */
/* response - see response.h. */
#include "output/response.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/date.h"

struct response {
	atomic_size_t references;
	struct response_parts parts;
	struct response_sum *sum; /* a reference; NULL: not counted */
};

/* Answers outlive whoever counts them: workers and connections have some. */
struct response_sum {
	atomic_size_t references, octets;
};

const struct response *
response_new(const struct response_parts *parts)
{
	struct response *response = mem_zero(1, sizeof(*response));

	atomic_init(&response->references, 1);
	response->parts = *parts;
	return response;
}

struct response_sum *
response_sum_new(void)
{
	struct response_sum *sum = mem_zero(1, sizeof(*sum));

	atomic_init(&sum->references, 1);
	return sum;
}

void
response_sum_put(struct response_sum *sum)
{
	if (sum != NULL && atomic_fetch_sub(&sum->references, 1) == 1) {
		free(sum);
	}
}

size_t
response_sum_octets(const struct response_sum *sum)
{
	return atomic_load(&sum->octets);
}

/* WHY the cast: counts are all that changes. */
static struct response *
counted(const struct response *response)
{
	return (struct response *)(uintptr_t)response;
}

const struct response *
response_get(const struct response *response)
{
	atomic_fetch_add_explicit(&counted(response)->references, 1,
	    memory_order_relaxed);
	return response;
}

void
response_put(const struct response *response)
{
	struct response *last = counted(response);

	if (response == NULL || atomic_fetch_sub_explicit(&last->references, 1,
				    memory_order_acq_rel) > 1) {
		return;
	}
	if (last->sum != NULL) {
		atomic_fetch_sub(&last->sum->octets, last->parts.body.len);
		response_sum_put(last->sum);
	}
	octets_clear(&last->parts.body);
	free(last);
}

const struct response_parts *
response_of(const struct response *response)
{
	return &response->parts;
}

void
response_sum_add(struct response_sum *sum, const struct response *response)
{
	assert(counted(response)->sum == NULL);
	atomic_fetch_add(&sum->references, 1);
	atomic_fetch_add(&sum->octets, response->parts.body.len);
	counted(response)->sum = sum;
}

const struct response *
response_line(unsigned status, const char *line, bool json)
{
	struct response_parts parts = {
		.status = status,
		.media = json ? "application/json" : "text/plain;charset=utf-8",
		.modified = INT64_MIN,
	};

	if (json) {
		octets_printf(&parts.body, "{\"error\": \"");
		text_json(&parts.body, text_bytes(line));
		octets_printf(&parts.body, "\"}\n");
	} else {
		octets_printf(&parts.body, "%s\n", line);
	}
	return response_new(&parts);
}

const char *
response_phrase(unsigned status)
{
	static const struct {
		unsigned status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 204, "No Content" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 411, "Length Required" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status) {
			return phrases[i].phrase;
		}
	}
	return "Answer";
}

static void
put_length(struct octets *out, const struct response_parts *parts,
    const struct response_manner *manner)
{
	if (parts->status == 204 || parts->status == 304) {
		return; /* RFC 9110 8.6: no body, no length */
	}
	if (manner->chunks) {
		octets_printf(out, "Transfer-Encoding: chunked\r\n");
	} else if (manner->length != INT64_MAX) {
		octets_printf(out, "Content-Length: %lld\r\n",
		    (long long)manner->length);
	}
	if (parts->media != NULL) {
		octets_printf(out, "Content-Type: %s\r\n", parts->media);
	}
	if (parts->gzip) {
		octets_printf(out, "Content-Encoding: gzip\r\n");
	}
}

void
response_head(struct octets *out, const struct response *response,
    const struct response_manner *manner)
{
	const struct response_parts *parts = &response->parts;
	char date[DATE_TEXT];

	date_write(manner->now, date);
	octets_printf(out,
	    "HTTP/1.1 %u %s\r\nDate: %s\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "X-Content-Type-Options: nosniff\r\n",
	    parts->status, response_phrase(parts->status), date);
	put_length(out, parts, manner);
	if (parts->tag[0] != '\0') {
		octets_printf(out, "ETag: %s\r\n", parts->tag);
	}
	if (parts->modified != INT64_MIN) {
		date_write(parts->modified, date);
		octets_printf(out, "Last-Modified: %s\r\n", date);
	}
	octets_printf(out, "Cache-Control: no-cache\r\n");
	if (parts->varies) {
		octets_printf(out, "Vary: Accept-Encoding\r\n");
	}
	if (parts->allow != NULL) {
		octets_printf(out,
		    "Allow: %s\r\nAccess-Control-Allow-Methods: %s\r\n"
		    "Access-Control-Allow-Headers: Content-Type\r\n"
		    "Access-Control-Max-Age: 86400\r\n",
		    parts->allow, parts->allow);
	}
	if (parts->policy[0] != '\0') {
		octets_printf(out, "Content-Security-Policy: %s\r\n",
		    parts->policy);
	}
	if (parts->retry != 0) {
		octets_printf(out, "Retry-After: %u\r\n", parts->retry);
	}
	octets_printf(out, "Connection: %s\r\n\r\n",
	    manner->keep ? "keep-alive" : "close");
}

bool
response_unwanted(const struct response_parts *parts, const struct head *head)
{
	if (head->match.len != 0) {
		return !head_names(head->match, parts->tag, HEAD_STRONGLY);
	}
	return head->unmodified != INT64_MIN && parts->modified != INT64_MIN &&
	       parts->modified > head->unmodified;
}

bool
response_held(const struct response_parts *parts, const struct head *head)
{
	if (parts->status != 200 || head->method == HEAD_POST) {
		return false;
	}
	if (head->none_match.len != 0) {
		return parts->tag[0] != '\0' &&
		       head_names(head->none_match, parts->tag, HEAD_WEAKLY);
	}
	return head->since != INT64_MIN && parts->modified != INT64_MIN &&
	       parts->modified <= head->since;
}
