/* SPDX-License-Identifier: BSD-2-Clause */
/* client - see client.h. */
#include "rtr/client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rtr/intake.h"

/* Until a cache says otherwise (RFC 8210 6). */
static const struct pdu_timing usual = { 3600, 600, 7200 };

struct client {
	enum client_state state;
	unsigned version;
	bool settled; /* the version is: the cache answered in it */
	bool proven;  /* it was, on an earlier connection too */
	bool agreed;  /* on `session`: the cache told it and is held to it */
	bool whole;   /* the query was a Reset Query */
	bool barren;  /* the cache had no data: only a whole set will do */
	bool heard;   /* anything, on this connection */
	uint16_t session;
	uint32_t serial;
	struct pdu_timing timing;
	struct intake *intake;
	const struct snapshot *set;
	unsigned set_version; /* session and serial are of this one */
	const struct delta *change;
	struct octets in;
	size_t used;        /* of `in`, already understood */
	size_t taken, most; /* octets of the answer so far; that it may have */
	char why[320];
};

struct client *
client_new(const char *name, unsigned highest, size_t most)
{
	struct client *client = mem_zero(1, sizeof(*client));

	client->version = highest;
	client->most = most;
	client->timing = usual;
	client->intake = intake_new(name);
	return client;
}

void
client_free(struct client *client)
{
	if (client == NULL) {
		return;
	}
	intake_free(client->intake);
	snapshot_put(client->set);
	delta_put(client->change);
	octets_clear(&client->in);
	free(client);
}

static void __attribute__((format(printf, 2, 3)))
say_why(struct client *client, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(client->why, sizeof(client->why), format, args);
	va_end(args);
}

static void
ask_whole(struct client *client, struct octets *out)
{
	pdu_reset_query(out, client->version);
	client->whole = true;
	client->agreed = false;
	client->state = CLIENT_ASKED;
	intake_reset(client->intake);
}

void
client_ask(struct client *client, struct octets *out)
{
	if (client->state != CLIENT_IDLE) {
		return;
	}
	if (client->set == NULL || client->set_version != client->version ||
	    client->barren) {
		ask_whole(client, out);
		return;
	}
	pdu_serial_query(out, client->version, client->session, client->serial);
	client->whole = false;
	client->state = CLIENT_ASKED;
	intake_reset(client->intake);
}

void
client_hear(struct client *client, struct bytes more)
{
	if (client->used > 0) {
		memmove(client->in.at, client->in.at + client->used,
		    client->in.len - client->used);
		client->in.len -= client->used;
		client->used = 0;
	}
	octets_add_bytes(&client->in, more);
	client->heard = true;
}

/* What was learnt from this cache is worth nothing any more. */
static void
forget(struct client *client)
{
	const struct delta *change = delta_new(client->set, NULL);

	snapshot_put(client->set);
	delta_put(client->change);
	client->set = NULL;
	client->change = change;
	intake_reset(client->intake);
}

/* What is not understood yet. */
static struct bytes
rest(const struct client *client)
{
	if (client->in.at == NULL) {
		return bytes_of(NULL, 0);
	}
	return bytes_of(client->in.at + client->used,
	    client->in.len - client->used);
}

/* The cache broke a rule, by the PDU in front of `wrong`: tell it, where the
 * version has a code for that. */
static enum client_event
accuse(struct client *client, struct octets *out, enum pdu_error error,
    struct bytes wrong, const char *why)
{
	struct pdu pdu = { 0 };
	struct octets what = { 0 };

	(void)pdu_read(&pdu, wrong);
	if (pdu.length >= PDU_HEADER && pdu.length < wrong.len) {
		wrong.len = pdu.length;
	}
	if (!pdu_error_known(client->version, error)) {
		error = PDU_CORRUPT_DATA;
	}
	if (pdu.type != PDU_ERROR_REPORT) {
		pdu_error_report(out, client->version, error, wrong, why);
	}
	pdu_text(&what, &pdu);
	say_why(client, "the cache breaks a rule: %s in %.*s: %s",
	    pdu_error_name(error), (int)what.len, (const char *)what.at, why);
	octets_clear(&what);
	client->state = CLIENT_FAILED;
	forget(client);
	return CLIENT_BROKEN;
}

/* The same by the PDU that came last. */
static enum client_event
complain(struct client *client, struct octets *out, enum pdu_error error,
    const char *why)
{
	return accuse(client, out, error, rest(client), why);
}

/* Go to a version the cache knows, if there is a lower one. */
static enum client_event
step_down(struct client *client, unsigned offered)
{
	if (client->version == 0) {
		say_why(client, "the cache speaks no version that we do");
		client->state = CLIENT_FAILED;
		forget(client);
		return CLIENT_REFUSED;
	}
	client->version =
	    offered < client->version ? offered : client->version - 1;
	client->state = CLIENT_IDLE;
	return CLIENT_LOWER;
}

/* The cache is gone for good, and wants nothing of it to stay (8210bis 8.6). */
static enum client_event
shut(struct client *client)
{
	forget(client);
	client->timing = usual;
	return CLIENT_SHUT;
}

static enum client_event
on_error(struct client *client, const struct pdu *pdu, struct octets *out)
{
	struct octets line = { 0 };
	struct bytes wrong, text;
	/* A code of another version is as bad as any (8210bis 12). */
	unsigned error = pdu_error_known(pdu->version, pdu->field)
			     ? pdu->field
			     : PDU_CORRUPT_DATA;

	if (!pdu_read_error(pdu, &wrong, &text)) {
		return complain(client, out, PDU_CORRUPT_DATA,
		    "its inner lengths do not add up");
	}
	text_escape(&line, bytes_of(text.at, text.len < 60 ? text.len : 60));
	say_why(client, "the cache reports error %u (%s)%s%.*s", pdu->field,
	    pdu_error_name(pdu->field), line.len > 0 ? ": " : "", (int)line.len,
	    line.at == NULL ? "" : (const char *)line.at);
	octets_clear(&line);
	client->state = CLIENT_IDLE;
	client->agreed = false;
	intake_reset(client->intake);
	switch (error) {
	case PDU_NO_DATA:
		client->barren = true;
		return CLIENT_LATER;
	case PDU_CACHE_RESTART:
		return CLIENT_ENDED;
	case PDU_CACHE_SHUTDOWN:
		return shut(client);
	case PDU_UNSUPPORTED_VERSION:
		if (!client->settled) {
			return step_down(client, pdu->version);
		}
		break;
	default:
		break;
	}
	client->state = CLIENT_FAILED;
	forget(client);
	return CLIENT_BROKEN;
}

static enum client_event
on_notify(struct client *client, const struct pdu *pdu, struct octets *out)
{
	if (client->agreed && pdu->field != client->session) {
		return complain(client, out, PDU_CORRUPT_DATA,
		    "session id is another than the one told before");
	}
	return client->settled && client->state == CLIENT_IDLE ? CLIENT_NEWS
							       : CLIENT_NOTHING;
}

static enum client_event
on_response(struct client *client, const struct pdu *pdu, struct octets *out)
{
	if (client->state != CLIENT_ASKED) {
		return complain(client, out, PDU_CORRUPT_DATA,
		    "nothing was asked");
	}
	if (!client->whole && pdu->field != client->session) {
		return complain(client, out, PDU_CORRUPT_DATA,
		    "session id is another than the one asked for");
	}
	client->session = pdu->field;
	client->agreed = true;
	client->state = CLIENT_TAKING;
	client->taken = 0;
	return CLIENT_NOTHING;
}

static enum client_event
on_reset(struct client *client, struct octets *out)
{
	if (client->state != CLIENT_ASKED || client->whole) {
		return complain(client, out, PDU_CORRUPT_DATA,
		    "it answers no Serial Query");
	}
	ask_whole(client, out);
	return CLIENT_ASKS;
}

static enum client_event
on_end(struct client *client, const struct pdu *pdu, struct octets *out)
{
	const struct snapshot *before = client->set, *after;
	struct intake_fault fault;

	if (client->state != CLIENT_TAKING || pdu->field != client->session) {
		return complain(client, out, PDU_CORRUPT_DATA,
		    "it ends no response of this session");
	}
	after =
	    intake_apply(client->intake, client->whole ? NULL : before, &fault);
	if (after == NULL) {
		(void)accuse(client, out, fault.error, octets_bytes(&fault.pdu),
		    fault.why);
		octets_clear(&fault.pdu);
		return CLIENT_BROKEN;
	}
	(void)pdu_read_end_of_data(pdu, &client->serial, &client->timing);
	if (pdu->version == 0) {
		client->timing = usual;
	}
	pdu_fit_timing(&client->timing);
	delta_put(client->change);
	client->change = delta_new(before, after);
	snapshot_put(before);
	client->set = after;
	client->set_version = client->version;
	client->barren = false;
	client->state = CLIENT_IDLE;
	client->why[0] = '\0';
	intake_reset(client->intake);
	return CLIENT_WHOLE;
}

/* It would take all memory there is. */
static enum client_event
leave(struct client *client, struct octets *out)
{
	static const char why[] = "the answer is longer than is taken here";

	pdu_error_report(out, client->version, PDU_INTERNAL_ERROR,
	    bytes_of(NULL, 0), why);
	say_why(client, "%s: %zu octets", why, client->most);
	client->state = CLIENT_FAILED;
	forget(client);
	return CLIENT_BROKEN;
}

static enum client_event
on_payload(struct client *client, const struct pdu *pdu, struct octets *out)
{
	struct intake_fault fault;

	if (client->state != CLIENT_TAKING) {
		return complain(client, out, PDU_CORRUPT_DATA,
		    "it is part of no response");
	}
	if (!intake_add(client->intake, pdu, &fault)) {
		return complain(client, out, fault.error, fault.why);
	}
	client->taken += pdu->length;
	return client->taken > client->most ? leave(client, out)
					    : CLIENT_NOTHING;
}

static enum client_event
on_pdu(struct client *client, const struct pdu *pdu, struct octets *out)
{
	switch ((enum pdu_type)pdu->type) {
	case PDU_SERIAL_NOTIFY:
		return on_notify(client, pdu, out);
	case PDU_CACHE_RESPONSE:
		return on_response(client, pdu, out);
	case PDU_CACHE_RESET:
		return on_reset(client, out);
	case PDU_END_OF_DATA:
		return on_end(client, pdu, out);
	case PDU_IPV4_PREFIX:
	case PDU_IPV6_PREFIX:
	case PDU_ROUTER_KEY:
	case PDU_ASPA:
		return on_payload(client, pdu, out);
	case PDU_ERROR_REPORT:
		return on_error(client, pdu, out);
	case PDU_SERIAL_QUERY:
	case PDU_RESET_QUERY:
	case PDU_TYPES:
		break;
	}
	return complain(client, out, PDU_INVALID_REQUEST,
	    "only a router sends this PDU");
}

/*
 * The version is settled by the cache's first answer; one lower than asked for
 * is what a cache of RFC 8210 may choose (sect. 7).
 */
static bool
version_fits(struct client *client, const struct pdu *pdu)
{
	if (pdu->type == PDU_ERROR_REPORT ||
	    (pdu->type == PDU_SERIAL_NOTIFY && !client->settled)) {
		return true;
	}
	if (!client->settled && pdu->version < client->version &&
	    client->state == CLIENT_ASKED && client->whole) {
		client->version = pdu->version;
	}
	if (pdu->version != client->version) {
		return false;
	}
	client->settled = true;
	client->proven = true;
	return true;
}

/* While the version is negotiated it is one that is not known here (8210bis 7);
 * version 0 has no other code. */
static enum pdu_error
version_error(const struct client *client)
{
	return client->settled && client->version > 0 ? PDU_UNEXPECTED_VERSION
						      : PDU_UNSUPPORTED_VERSION;
}

enum client_event
client_next(struct client *client, struct octets *out)
{
	enum client_event event = CLIENT_NOTHING;

	while (event == CLIENT_NOTHING && client->state != CLIENT_FAILED) {
		struct pdu pdu = { 0 };
		enum pdu_form form = pdu_read(&pdu, rest(client));

		if (form == PDU_MORE) {
			break;
		}
		if (!version_fits(client, &pdu)) {
			return complain(client, out, version_error(client),
			    "version is another than the session's");
		}
		if (form != PDU_WHOLE) {
			return complain(client, out,
			    form == PDU_UNKNOWN ? PDU_UNSUPPORTED_TYPE
						: PDU_CORRUPT_DATA,
			    "type or length is none of this version");
		}
		event = on_pdu(client, &pdu, out);
		client->used += pdu.length;
	}
	return event;
}

void
client_part(struct client *client)
{
	client->in.len = 0;
	client->used = 0;
	client->heard = false;
	client->settled = false;
	client->agreed = false;
	client->state = CLIENT_IDLE;
	intake_reset(client->intake);
}

bool
client_lost(struct client *client)
{
	bool silent = !client->heard;

	client_part(client);
	/* Some caches close without a word when they do not know a version. */
	if (silent && !client->proven && client->version > 0) {
		client->version--;
		return true;
	}
	return false;
}

void
client_expire(struct client *client)
{
	forget(client);
}

const struct snapshot *
client_set(const struct client *client)
{
	return client->set;
}

const struct delta *
client_change(const struct client *client)
{
	return client->change;
}

enum client_state
client_state(const struct client *client)
{
	return client->state;
}

unsigned
client_version(const struct client *client)
{
	return client->version;
}

uint16_t
client_session(const struct client *client)
{
	return client->session;
}

uint32_t
client_serial(const struct client *client)
{
	return client->serial;
}

struct pdu_timing
client_timing(const struct client *client)
{
	return client->timing;
}

const char *
client_why(const struct client *client)
{
	return client->why;
}
