/* SPDX-License-Identifier: BSD-2-Clause */
/* session - see session.h. */
#include "rtr/session.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	SESSION_REPEATS = 2, /* asking again what was refused; then it is cut */
	ANY_VERSION = 256,   /* above all there can be */
};

void
session_init(struct session *session)
{
	*session = (struct session){
		.state = SESSION_FRESH,
		.refused = ANY_VERSION,
	};
}

void
session_clear(struct session *session)
{
	octets_clear(&session->in);
}

size_t
session_hear(struct session *session, struct bytes more)
{
	size_t room = SESSION_HELD - session->in.len;
	size_t n = more.len < room ? more.len : room;

	octets_add(&session->in, more.at, n);
	return n;
}

bool
session_waits(const struct session *session)
{
	return session->in.len > 0;
}

bool
session_notifies(const struct session *session)
{
	return session->state == SESSION_NEGOTIATED ||
	       session->state == SESSION_ESTABLISHED;
}

uint16_t
session_id(const struct session *session, const struct session_cache *cache)
{
	return session->state == SESSION_ESTABLISHED
		   ? session->id
		   : cache->ids[session->version];
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

/* An Error Report that complains of `wrong`, or of nothing in particular. */
static void
report(struct session *s, struct session_answer *answer, enum pdu_error error,
    struct bytes wrong, const char *text)
{
	answer->say = SESSION_ERROR;
	answer->error = error;
	pdu_error_report(&answer->report, s->version, error, wrong, text);
	snprintf(answer->log, sizeof(answer->log), "%s: %s",
	    pdu_error_name(error), text);
}

/* One about the PDU at the front of the input, as much of it as is held. */
static void
complain(struct session *s, struct session_answer *answer, enum pdu_error error,
    enum fatal fatal, const char *text)
{
	size_t n = s->in.len;
	struct pdu pdu = { 0 };

	(void)pdu_read(&pdu, octets_bytes(&s->in));
	if (pdu.length >= PDU_HEADER && pdu.length < n) {
		n = pdu.length;
	}
	report(s, answer, error, bytes_of(s->in.at, n), text);
	if (fatal == SESSION_FATAL) {
		answer->close = true;
		s->state = SESSION_CLOSING;
	}
}

static void
drop_front(struct session *s, size_t n)
{
	memmove(s->in.at, s->in.at + n, s->in.len - n);
	s->in.len -= n;
}

static bool
is_query(const struct pdu *pdu, enum pdu_form form)
{
	return form == PDU_WHOLE &&
	       (pdu->type == PDU_SERIAL_QUERY || pdu->type == PDU_RESET_QUERY);
}

/* May a router that asked for this version, above ours, ask once more? While it
 * steps down it is on its way to us. */
static bool
may_step_down(struct session *s, unsigned version)
{
	bool lower = version < s->refused;

	s->refused = lower ? version : s->refused;
	return lower || ++s->repeated < SESSION_REPEATS;
}

/*
 * The first query names the router's version. One above ours is refused but
 * the connection stays, so that the router can step down (8210bis 7); routers
 * of RFC 8210 close it themselves.
 */
static bool
negotiate(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, enum pdu_form form, struct session_answer *answer)
{
	enum fatal fatal = SESSION_FATAL;

	if (pdu->version <= cache->max_version) {
		s->version = pdu->version;
		if (is_query(pdu, form)) {
			s->state = SESSION_NEGOTIATED;
		}
		return true;
	}
	s->version = cache->max_version;
	if (is_query(pdu, form) && may_step_down(s, pdu->version)) {
		fatal = SESSION_GO_ON;
	}
	complain(s, answer, PDU_UNSUPPORTED_VERSION, fatal,
	    "protocol version is above what this cache speaks");
	return false;
}

static bool
check_version(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, enum pdu_form form, struct session_answer *answer)
{
	if (s->state == SESSION_FRESH) {
		return negotiate(s, cache, pdu, form, answer);
	}
	if (pdu->version == s->version) {
		return true;
	}
	/* Version 0 has no code for it but this one. */
	complain(s, answer,
	    s->version == 0 ? PDU_UNSUPPORTED_VERSION : PDU_UNEXPECTED_VERSION,
	    SESSION_FATAL, "protocol version changed within the connection");
	return false;
}

/* Nothing is wrong with the query, so none is sent back. */
static void
say_no_data(struct session *s, struct session_answer *answer)
{
	report(s, answer, PDU_NO_DATA, bytes_of(NULL, 0),
	    "no data yet: ask again later");
}

static void
establish(struct session *s, const struct session_cache *cache)
{
	s->state = SESSION_ESTABLISHED;
	s->id = cache->ids[s->version];
}

static void
on_reset_query(struct session *s, const struct session_cache *cache,
    struct session_answer *answer)
{
	s->reset_queries++;
	if (!cache->ready) {
		say_no_data(s, answer);
		return;
	}
	establish(s, cache);
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
	uint32_t serial = 0;

	s->serial_queries++;
	(void)pdu_read_serial(pdu, &serial); /* its length was looked at */
	if (s->state == SESSION_ESTABLISHED && pdu->field != s->id) {
		complain(s, answer, PDU_CORRUPT_DATA, SESSION_FATAL,
		    "session id is not the one of this session");
		return;
	}
	if (!cache->ready) {
		say_no_data(s, answer);
		return;
	}
	/* An old session on a new connection is nothing odd, nor is it the
	 * router's fault when the cache began a new one. */
	if (pdu->field != cache->ids[s->version] || !reachable(cache, serial)) {
		answer->say = SESSION_RESET;
		return;
	}
	establish(s, cache);
	answer->say = SESSION_DELTA;
	answer->since = serial;
}

/* Never answered, whatever it holds (RFC 8210 5.11). Only what was held of a
 * long one can be told. */
static void
on_error_report(struct session *s, const struct pdu *pdu, enum pdu_form form,
    struct session_answer *answer)
{
	struct octets line = { 0 };
	struct bytes wrong, text = { 0 };

	if (form == PDU_WHOLE && !pdu_read_error(pdu, &wrong, &text)) {
		form = PDU_LENGTH;
	}
	if (form == PDU_LENGTH) {
		snprintf(answer->log, sizeof(answer->log),
		    "router sent a malformed Error Report");
	} else {
		text_escape(&line,
		    bytes_of(text.at, text.len < 100 ? text.len : 100));
		snprintf(answer->log, sizeof(answer->log),
		    "router reports error %u (%s)%s%.*s", pdu->field,
		    pdu_error_name(pdu->field), line.len > 0 ? ": " : "",
		    (int)line.len,
		    line.at == NULL ? "" : (const char *)line.at);
	}
	octets_clear(&line);
	answer->say = SESSION_HANG_UP;
	answer->close = true;
	s->state = SESSION_CLOSING;
}

static void
on_pdu(struct session *s, const struct session_cache *cache,
    const struct pdu *pdu, enum pdu_form form, struct session_answer *answer)
{
	if (pdu->type == PDU_ERROR_REPORT) {
		on_error_report(s, pdu, form, answer);
	} else if (!check_version(s, cache, pdu, form, answer)) {
		return;
	} else if (form == PDU_UNKNOWN) {
		complain(s, answer, PDU_UNSUPPORTED_TYPE, SESSION_FATAL,
		    "no such PDU type in this version");
	} else if (form == PDU_LENGTH) {
		complain(s, answer, PDU_CORRUPT_DATA, SESSION_FATAL,
		    "length does not fit the PDU type");
	} else if (pdu->type == PDU_RESET_QUERY) {
		on_reset_query(s, cache, answer);
	} else if (pdu->type == PDU_SERIAL_QUERY) {
		on_serial_query(s, cache, pdu, answer);
	} else {
		complain(s, answer, PDU_INVALID_REQUEST, SESSION_FATAL,
		    "only a cache sends this PDU");
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
	/* What is longer than what is held is no query: its head decides. */
	if (form == PDU_MORE && session->in.len < SESSION_HELD) {
		return;
	}
	on_pdu(session, cache, &pdu, form, answer);
	if (form == PDU_WHOLE) {
		drop_front(session, pdu.length);
	}
}

void
session_resume(struct session *session, const struct session_cache *cache,
    struct session_answer *answer)
{
	if (!cache->ready) {
		say_no_data(session, answer);
	} else if (answer->say == SESSION_DELTA &&
		   session->id != cache->ids[session->version]) {
		answer->say = SESSION_RESET;
	} else {
		establish(session, cache);
	}
}
