/* SPDX-License-Identifier: BSD-2-Clause */
/* outlet - see outlet.h. */
#include "rtr/outlet.h"

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
}

static void
on_sent(const void *octets, size_t len, void *stream)
{
	(void)octets;
	(void)len;
	stream_put(stream);
}

/* So much more of the rest. */
static void
put_out(struct outlet *outlet, size_t most)
{
	struct bytes octets = stream_octets(outlet->rest);
	size_t n = octets.len - outlet->out;

	n = n < most ? n : most;
	(void)evbuffer_add_reference(bufferevent_get_output(outlet->event),
	    octets.at + outlet->out, n, on_sent,
	    (void *)(uintptr_t)stream_get(outlet->rest));
	outlet->out += n;
	if (outlet->out == octets.len) {
		outlet_clear(outlet);
	}
}

void
outlet_more(struct outlet *outlet)
{
	struct evbuffer *out = bufferevent_get_output(outlet->event);

	if (outlet->rest != NULL && evbuffer_get_length(out) == 0) {
		put_out(outlet, outlet->plain ? SIZE_MAX : AT_ONCE);
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
	size_t sent = send_at_once(outlet, octets);

	/* After all that was lent. */
	if (outlet->rest != NULL) {
		put_out(outlet, SIZE_MAX);
	}
	if (sent < octets.len) {
		(void)bufferevent_write(outlet->event, octets.at + sent,
		    octets.len - sent);
	}
}

void
outlet_lend(struct outlet *outlet, const struct stream *stream)
{
	struct bytes octets = stream_octets(stream);
	size_t sent = send_at_once(outlet, octets);

	if (sent == octets.len) {
		stream_put(stream);
		return;
	}
	if (outlet->rest != NULL) {
		put_out(outlet, SIZE_MAX);
	}
	outlet->rest = stream;
	outlet->out = sent;
	outlet_more(outlet);
}
