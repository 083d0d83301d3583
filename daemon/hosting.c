/* SPDX-License-Identifier: BSD-2-Clause */
/* hosting - see hosting.h. */
#include "daemon/hosting.h"

#include "base/limits.h"
#include "daemon/reception.h"
#include "daemon/watch.h"

enum { NOTIFY_SECONDS = 60 }; /* RFC 8210 5.2 */

/* --- terms */

static struct pdu_timing
timing_of(const struct service *s)
{
	const struct setting *at = s->task->settings->at;

	return (struct pdu_timing){
		.refresh = (uint32_t)at[SET_REFRESH].number,
		.retry = (uint32_t)at[SET_RETRY].number,
		.expire = (uint32_t)at[SET_EXPIRE].number,
	};
}

static unsigned
version_of(const struct service *s)
{
	return (unsigned)s->task->settings->at[SET_RTR_MAX_VERSION].number;
}

static struct server_limits
routers_of(const struct service *s)
{
	const struct setting *at = s->task->settings->at;

	return (struct server_limits){
		.clients = (unsigned)at[SET_RTR_MAX_CLIENTS].number,
		.per_address =
		    (unsigned)at[SET_RTR_MAX_CLIENTS_PER_ADDRESS].number,
		.stall_seconds = (unsigned)at[SET_RTR_WRITE_TIMEOUT].number,
		.keepalive_seconds = (unsigned)at[SET_RTR_TCP_KEEPALIVE].number,
		.notify_seconds = NOTIFY_SECONDS,
	};
}

static struct web_limits
people_of(const struct service *s)
{
	const struct setting *at = s->task->settings->at;

	return (struct web_limits){
		.clients = (unsigned)at[SET_HTTP_MAX_CLIENTS].number,
		.request_octets = (size_t)at[SET_HTTP_MAX_REQUEST].number,
		.body_octets = (size_t)at[SET_HTTP_MAX_BODY].number,
		.bulk_octets = (size_t)at[SET_HTTP_MAX_BULK].number,
		.router_metrics = at[SET_RTR_CLIENT_METRICS].number != 0,
	};
}

/* --- who serves */

static void
order_encoding(void *arg, struct feed_order *order)
{
	struct service *s = arg;

	pool_submit(s->pool, errand_encode(order));
}

static void
discard_encoded(void *arg, const struct stream *stream)
{
	struct service *s = arg;

	pool_submit(s->pool, errand_forget(stream));
}

static void
make_feed(struct service *s)
{
	struct feed_config config = {
		.timing = timing_of(s),
		.max_version = version_of(s),
		.delta_octets = LIMIT_DELTA_ANSWERS,
		.order = order_encoding,
		.discard = discard_encoded,
		.arg = s,
	};

	for (unsigned v = 0; v < PDU_VERSIONS; v++) {
		config.sessions[v] = s->ids.rtr[v];
	}
	s->feed = feed_new(s->history, &config);
}

static bool
lets(void *arg, const char *address)
{
	const struct service *s = arg;

	return watch_open(s) && gate_lets(s->gate, address);
}

static void
make_rtr(struct service *s)
{
	struct server_config config = {
		.base = s->base,
		.log = s->log,
		.feed = feed_of(s->feed),
		.limits = routers_of(s),
		.allow = lets,
		.allow_arg = s,
	};

	s->rtr = server_new(&config);
}

static void
make_web(struct service *s)
{
	struct web_limits limits = people_of(s);
	struct web_config config = {
		.base = s->base,
		.log = s->log,
		.source = reception_source(s),
		.clients = limits.clients,
		.request_octets = limits.request_octets,
		.body_octets = limits.body_octets,
		.bulk_octets = limits.bulk_octets,
		.router_metrics = limits.router_metrics,
	};

	s->web = web_new(&config);
}

void
hosting_begin(struct service *s)
{
	make_feed(s);
	make_rtr(s);
	make_web(s);
}

void
hosting_end(struct service *s)
{
	web_free(s->web);
	server_free(s->rtr);
	feed_free(s->feed);
}

void
hosting_take(struct service *s)
{
	struct pdu_timing timing = timing_of(s);
	struct server_limits routers = routers_of(s);
	struct web_limits people = people_of(s);

	history_keep(s->history,
	    (unsigned)s->task->settings->at[SET_HISTORY].number);
	feed_set_terms(s->feed, &timing, version_of(s));
	server_limit(s->rtr, &routers);
	web_limit(s->web, &people);
}

void
hosting_gate(struct service *s, struct gate *gate)
{
	struct gate *before = s->gate;
	struct gate_hosts hosts = { s->rtr, s->web };
	struct octets why = { 0 };

	s->gate = gate;
	if (!gate_serve(gate, before, &hosts, &why)) {
		log_error(s->log, "not all sockets are listened on: %.*s",
		    (int)why.len, why.at == NULL ? "" : (const char *)why.at);
	}
	octets_clear(&why);
	gate_free(before);
}
