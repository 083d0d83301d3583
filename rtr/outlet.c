/* SPDX-License-Identifier: BSD-2-Clause */
/* outlet - see outlet.h. */
#include "rtr/outlet.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

/* As much as one router may have in its turn. */
enum { AT_ONCE = 65536 };

void
outlet_begin(struct outlet *outlet)
{
	outlet->turn = true;
}

void
outlet_end(struct outlet *outlet)
{
	outlet->turn = false;
}

bool
outlet_empty(const struct outlet *outlet)
{
	return outlet->rest == NULL &&
	       evbuffer_get_length(bufferevent_get_output(outlet->event)) == 0;
}

void
outlet_clear(struct outlet *outlet)
{
	stream_put(outlet->rest);
	outlet->rest = NULL;
	octets_clear(&outlet->later);
}

static void
on_sent(const void *octets, size_t len, void *stream)
{
	(void)octets;
	(void)len;
	stream_put(stream);
}

static void
put_copy(struct outlet *outlet, struct bytes octets)
{
	if (octets.len > 0) {
		(void)bufferevent_write(outlet->event, octets.at, octets.len);
	}
}

/* More of the rest. With TLS all that stands there is encrypted in one go for
 * as long as it is taken, so it stands there by pieces. */
static void
put_out(struct outlet *outlet)
{
	struct bytes octets = stream_octets(outlet->rest);
	size_t n = octets.len - outlet->out;

	n = outlet->plain || n < AT_ONCE ? n : AT_ONCE;
	(void)evbuffer_add_reference(bufferevent_get_output(outlet->event),
	    octets.at + outlet->out, n, on_sent,
	    (void *)(uintptr_t)stream_get(outlet->rest));
	outlet->out += n;
	if (outlet->out == octets.len) {
		put_copy(outlet, octets_bytes(&outlet->later));
		outlet_clear(outlet);
	}
}

void
outlet_more(struct outlet *outlet)
{
	struct evbuffer *out = bufferevent_get_output(outlet->event);

	if (outlet->rest != NULL && evbuffer_get_length(out) == 0) {
		put_out(outlet);
	}
}

/* How many octets have left. What went wrong shows when the loop tries. */
static size_t
send_at_once(struct outlet *outlet, struct bytes octets)
{
	size_t n = octets.len < AT_ONCE ? octets.len : AT_ONCE;
	ssize_t sent = 0;

	if (outlet->plain && outlet->turn && outlet_empty(outlet)) {
		sent = send(bufferevent_getfd(outlet->event), octets.at, n,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	outlet_end(outlet);
	return sent > 0 ? (size_t)sent : 0;
}

void
outlet_put(struct outlet *outlet, struct bytes octets)
{
	size_t sent;

	if (outlet->rest != NULL) {
		octets_add_bytes(&outlet->later, octets);
		return;
	}
	sent = send_at_once(outlet, octets);
	put_copy(outlet, bytes_of(octets.at + sent, octets.len - sent));
}

void
outlet_lend(struct outlet *outlet, const struct stream *stream)
{
	struct bytes octets = stream_octets(stream);
	size_t sent;

	assert(outlet->rest == NULL);
	sent = send_at_once(outlet, octets);
	if (sent == octets.len) {
		stream_put(stream);
		return;
	}
	outlet->rest = stream;
	outlet->out = sent;
	outlet_more(outlet);
}
