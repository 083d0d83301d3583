/* SPDX-License-Identifier: BSD-2-Clause */
/* delivery - see delivery.h. */
#include "output/delivery.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { SLICE_OCTETS = 1 << 16 }; /* of a body that are put out at once */

static struct evbuffer *
output(const struct delivery *d)
{
	return bufferevent_get_output(d->event);
}

static void
put_octets(struct delivery *d, struct bytes octets)
{
	(void)bufferevent_write(d->event, octets.at, octets.len);
	*d->octets += octets.len;
}

void
delivery_text(struct delivery *d, const char *text)
{
	put_octets(d, bytes_of(text, strlen(text)));
}

static void
on_sent(const void *octets, size_t len, void *response)
{
	(void)octets;
	(void)len;
	response_put(response);
}

/* Lend so much more of the body to the output: no copy is made. With TLS all
 * that is there is encrypted in one go as long as the client takes it. */
static void
put_more(struct delivery *d, size_t most)
{
	const struct octets *body = &response_of(d->body)->body;
	size_t n = body->len - d->out;

	n = n < most ? n : most;
	if (n > 0) {
		(void)evbuffer_add_reference(output(d), body->at + d->out, n,
		    on_sent, (void *)(uintptr_t)response_get(d->body));
	}
	*d->octets += n;
	d->out += n;
	if (d->out == body->len) {
		response_put(d->body);
		d->body = NULL;
	}
}

static void
put_body(struct delivery *d, const struct response *response, size_t most)
{
	d->body = response_get(response);
	d->out = 0;
	put_more(d, most);
}

static void
put_chunk(struct delivery *d, const struct response *response)
{
	char size[32];

	(void)snprintf(size, sizeof(size), "%zx\r\n",
	    response_of(response)->body.len);
	delivery_text(d, size);
	put_body(d, response, SIZE_MAX);
	delivery_text(d, d->more ? "\r\n" : "\r\n0\r\n\r\n");
}

static void
put_head(struct delivery *d, const struct response *response,
    const struct head *head)
{
	struct response_manner manner = {
		.length = (int64_t)response_of(response)->body.len,
		.now = clock_wall(),
	};
	struct octets out = { 0 };

	if (d->more) {
		d->chunks = head->minor == 1;
		d->last |= !d->chunks;
		manner.length = INT64_MAX;
		manner.chunks = d->chunks;
	}
	manner.keep = !d->last;
	response_head(&out, response, &manner);
	put_octets(d, octets_bytes(&out));
	octets_clear(&out);
}

void
delivery_put(struct delivery *d, const struct response *response,
    const struct head *head)
{
	unsigned status = response_of(response)->status;
	bool bare = head->method == HEAD_HEAD || status == 204 || status == 304;

	if (!d->begun) {
		put_head(d, response, head);
		d->begun = true;
	}
	if (bare) {
		return;
	}
	if (d->chunks) {
		put_chunk(d, response);
	} else {
		put_body(d, response, SLICE_OCTETS);
	}
}

bool
delivery_goes_on(struct delivery *d)
{
	if (evbuffer_get_length(output(d)) > 0) {
		return true;
	}
	if (d->body == NULL) {
		return false;
	}
	put_more(d, SLICE_OCTETS);
	return true;
}

size_t
delivery_left(const struct delivery *d)
{
	size_t left = evbuffer_get_length(output(d));

	return d->body == NULL ? left
			       : left + response_of(d->body)->body.len - d->out;
}

void
delivery_clear(struct delivery *d)
{
	response_put(d->body);
	d->body = NULL;
	d->begun = d->chunks = d->more = false;
}

void
delivery_drop(struct delivery *d)
{
	(void)evbuffer_unfreeze(output(d), 1);
	(void)evbuffer_drain(output(d), evbuffer_get_length(output(d)));
}
