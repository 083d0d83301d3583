/* SPDX-License-Identifier: BSD-2-Clause */
/* session - see session.h. */
#include "rtr/session.h"

#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "base/text.h"

/* How often a router may try a version that is too high for us. */
enum { SESSION_TRIES = 3 };

void
session_init(struct session *session)
{
	*session = (struct session){ .state = SESSION_FRESH };
}

void
session_clear(struct session *session)
{
	octets_clear(&session->in);
}

void
session_hear(struct session *session, struct bytes more)
{
	octets_add_bytes(&session->in, more);
}

bool
session_notifies(const struct session *session)
{
	return session->state == SESSION_NEGOTIATED ||
	       session->state == SESSION_ESTABLISHED;
}

bool
session_before(uint32_t a, uint32_t b)
{
	uint32_t ahead = b - a;

	return ahead != 0 && ahead < UINT32_C(0x80000000);
}

const char *
session_state_name(enum session_state state)
{
	static const char *const names[SESSION_STATES] = {
		[SESSION_FRESH] = "fresh",
		[SESSION_NEGOTIATED] = "negotiated",
		[SESSION_ESTABLISHED] = "established",
		[SESSION_CLOSING] = "closing",
	};

	return names[state];
}

enum fatal { SESSION_GO_ON, SESSION_FATAL };

/* An Error Report about the PDU at the front of the input. */
static void
complain(struct session *s, struct session_answer *answer, enum pdu_error error,
    enum fatal fatal, const char *text)
{
	unsigned version = s->version;
	size_t n = s->in.len;
	struct pdu pdu;

	if (pdu_read(&pdu, octets_bytes(&s->in)) != PDU_MORE &&
	    pdu.length >= PDU_HEADER && pdu.length < n) {
		n = pdu.length;
	}
	answer->say = SESSION_ERROR;
	answer->error = error;
	answer->close = fatal == SESSION_FATAL;
	pdu_error_report(&answer->report, version, error, bytes_of(s->in.at, n),
	    text);
	snprintf(answer->log, sizeof(answer->log), "%s: %s",
	    pdu_error_name(error), text);
	if (answer->close) {
		s->state = SESSION_CLOSING;
	}
}

static void
drop_front(struct session *s, size_t n)
{
	memmove(s->in.at, s->in.at + n, s->in.len - n);
	s->in.len -= n;
}

/*
 * The first query names the router's version. One above ours is refused but
 * the connection stays, so that the router can step down (8210bis 7); routers
 * of RFC 8210 close it themselves.
 */
static bool
negotiate(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, struct session_answer *answer)
{
	if (pdu->version <= cache->max_version) {
		s->version = pdu->version;
		if (pdu->type == PDU_SERIAL_QUERY ||
		    pdu->type == PDU_RESET_QUERY) {
			s->state = SESSION_NEGOTIATED;
		}
		return true;
	}
	s->version = cache->max_version;
	complain(s, answer, PDU_UNSUPPORTED_VERSION,
	    ++s->refused < SESSION_TRIES ? SESSION_GO_ON : SESSION_FATAL,
	    "protocol version is above what this cache speaks");
	return false;
}

static bool
check_version(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, struct session_answer *answer)
{
	if (s->state == SESSION_FRESH) {
		return negotiate(s, cache, pdu, answer);
	}
	if (pdu->version == s->version) {
		return true;
	}
	complain(s, answer,
	    s->version == 0 ? PDU_UNSUPPORTED_VERSION : PDU_UNEXPECTED_VERSION,
	    SESSION_FATAL, "protocol version changed within the connection");
	return false;
}

static void
on_reset_query(struct session *s, const struct session_cache *cache,
    struct session_answer *answer)
{
	s->reset_queries++;
	if (!cache->ready) {
		complain(s, answer, PDU_NO_DATA, SESSION_GO_ON,
		    "no data yet: ask again later");
		return;
	}
	s->state = SESSION_ESTABLISHED;
	answer->say = SESSION_FULL;
}

static bool
reachable(const struct session_cache *cache, uint32_t serial)
{
	if (serial == cache->serial || serial == cache->oldest) {
		return true;
	}
	return session_before(cache->oldest, serial) &&
	       session_before(serial, cache->serial);
}

static void
on_serial_query(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, struct session_answer *answer)
{
	struct cursor c = cursor_open(pdu->body);
	uint32_t serial = cursor_u32(&c);

	s->serial_queries++;
	if (!cache->ready) {
		complain(s, answer, PDU_NO_DATA, SESSION_GO_ON,
		    "no data yet: ask again later");
		return;
	}
	if (pdu->field != cache->ids[s->version]) {
		/* An old session on a new connection is nothing odd. */
		if (s->state == SESSION_ESTABLISHED) {
			complain(s, answer, PDU_CORRUPT_DATA, SESSION_FATAL,
			    "session id is not this cache's");
		} else {
			answer->say = SESSION_RESET;
		}
		return;
	}
	if (!reachable(cache, serial)) {
		answer->say = SESSION_RESET;
		return;
	}
	s->state = SESSION_ESTABLISHED;
	answer->say = SESSION_DELTA;
	answer->since = serial;
}

/* Never answered, whatever it holds (RFC 8210 5.11). */
static void
on_error_report(struct session *s, const struct pdu *pdu,
    struct session_answer *answer)
{
	struct octets line = { 0 };
	struct bytes wrong, text;

	if (pdu_read_error(pdu, &wrong, &text)) {
		text_escape(&line,
		    bytes_of(text.at, text.len < 100 ? text.len : 100));
		snprintf(answer->log, sizeof(answer->log),
		    "router reports error %u (%s): %.*s", pdu->field,
		    pdu_error_name(pdu->field), (int)line.len,
		    line.at == NULL ? "" : (const char *)line.at);
	} else {
		snprintf(answer->log, sizeof(answer->log),
		    "router sent a malformed Error Report");
	}
	octets_clear(&line);
	answer->say = SESSION_HANG_UP;
	answer->close = true;
	s->state = SESSION_CLOSING;
}

static void
on_whole(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, struct session_answer *answer)
{
	if (pdu->type == PDU_ERROR_REPORT) {
		on_error_report(s, pdu, answer);
	} else if (!check_version(s, cache, pdu, answer)) {
		return;
	} else if (pdu->type == PDU_RESET_QUERY) {
		on_reset_query(s, cache, answer);
	} else if (pdu->type == PDU_SERIAL_QUERY) {
		on_serial_query(s, cache, pdu, answer);
	} else {
		complain(s, answer, PDU_INVALID_REQUEST, SESSION_FATAL,
		    "only a cache sends this PDU");
	}
}

/* A malformed Error Report is dropped with the connection, not answered. */
static void
on_malformed(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, enum pdu_form form, struct session_answer *answer)
{
	if (pdu->type == PDU_ERROR_REPORT) {
		on_error_report(s, pdu, answer);
		return;
	}
	if (s->state == SESSION_FRESH && pdu->version > cache->max_version) {
		s->version = cache->max_version;
		complain(s, answer, PDU_UNSUPPORTED_VERSION, SESSION_FATAL,
		    "protocol version is above what this cache speaks");
		return;
	}
	if (s->state == SESSION_FRESH) {
		s->version = pdu->version;
	}
	if (form == PDU_UNKNOWN) {
		complain(s, answer, PDU_UNSUPPORTED_TYPE, SESSION_FATAL,
		    "no such PDU type in this version");
	} else {
		complain(s, answer, PDU_CORRUPT_DATA, SESSION_FATAL,
		    "length does not fit the PDU type");
	}
}

void
session_answer(struct session *session, const struct session_cache *cache,
    struct session_answer *answer)
{
	struct pdu pdu = { 0 };
	enum pdu_form form;

	*answer = (struct session_answer){ .say = SESSION_NOTHING };
	if (session->state == SESSION_CLOSING) {
		return;
	}
	form = pdu_read(&pdu, octets_bytes(&session->in));
	switch (form) {
	case PDU_MORE:
		return;
	case PDU_WHOLE:
		on_whole(session, cache, &pdu, answer);
		drop_front(session, pdu.length);
		return;
	case PDU_LENGTH:
	case PDU_UNKNOWN:
		on_malformed(session, cache, &pdu, form, answer);
		return;
	}
}
