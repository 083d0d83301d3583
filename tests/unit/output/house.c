/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/output/house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/payload/make.h"

enum { PATIENCE_MS = 60000, TICK_MS = 2 };

static const char slurm_text[] =
    "{\"slurmVersion\": 1,"
    "\"validationOutputFilters\": {\"prefixFilters\": ["
    "{\"asn\": 64666, \"comment\": \"not that one\"}], "
    "\"bgpsecFilters\": []},"
    "\"locallyAddedAssertions\": {\"prefixAssertions\": ["
    "{\"asn\": 64500, \"prefix\": \"203.0.113.0/24\", \"comment\": \"ours\"}], "
    "\"bgpsecAssertions\": []}}";

static uint32_t
add_source(struct builder *builder, uint16_t ta, uint16_t repository,
    const char *uri)
{
	const struct source source = {
		.kind = SOURCE_ROA,
		.ta = ta,
		.repository = repository,
		.uri = uri,
		.object = { { 1, 2, 3 } },
		.not_before = 1767225600,
		.not_after = 1830297600,
		.chain_not_before = 1767225600,
		.chain_not_after = 1798761600,
		.stale = 1790000000,
		.expires = 1790000000,
	};

	return builder_source(builder, &source);
}

static const struct snapshot *
make_set(bool moved, unsigned extra)
{
	struct builder *builder = builder_new();
	static const uint32_t providers[] = { 64497, 64498 };
	static const uint8_t spki[] = { 0x30, 0x01, 0x02 };
	struct vrp vrp = make_vrp("10.0.0.0/8", 24, 64496);
	struct aspa aspa = { 64496, 2, providers };
	struct router_key key = { 64496, { { 0xab } }, sizeof(spki), spki };
	uint32_t source;

	builder_ta(builder, moved ? "arin" : "ripe");
	builder_ta(builder, "a \"quoted\" one");
	source = add_source(builder, 0, 0,
	    moved ? "rsync://t.example/m/x.roa"
		  : "rsync://r.example/m/ca/x.roa");
	builder_vrp(builder, &vrp, source);
	vrp = make_vrp("2001:db8::/32", 48, 64496);
	builder_vrp(builder, &vrp, source);
	source = add_source(builder, 1, 1, "rsync://s.example/m/ca/y.roa");
	builder_vrp(builder, &vrp, source);
	vrp = make_vrp("192.0.2.0/24", 24, 64666);
	builder_vrp(builder, &vrp, source);
	builder_aspa(builder, &aspa, source);
	builder_router_key(builder, &key, source);
	for (unsigned i = 0; i < extra; i++) {
		char text[IP_TEXT];

		(void)snprintf(text, sizeof(text), "11.%u.%u.0/24",
		    i >> 8 & 255, i & 255);
		vrp = make_vrp(text, 24, 65000 + (i >> 16));
		builder_vrp(builder, &vrp, source);
	}
	return builder_seal(builder);
}

static const struct account *
make_account(void)
{
	struct report_ta tas[2] = {
		{ .name = "ripe", .uri = "https://r.example/ta.cer" },
		{ .name = "a \"quoted\" one", .fault = FAULT_RSYNC_EXIT },
	};
	struct report_repository repositories[2] = {
		{ .uri = "https://r.example/n.xml",
		    .state = REPO_READY,
		    .session = "s",
		    .serial = 7,
		    .status = 200,
		    .payload_status = 404,
		    .duration_ms = 1234,
		    .last_success = 1767225600 },
		{ .kind = REPOSITORY_RSYNC,
		    .uri = "rsync://s.example/m/",
		    .state = REPO_STALE,
		    .fault = FAULT_RSYNC_EXIT,
		    .detail = "rsync ended with 10",
		    .status = 10,
		    .failures = 3,
		    .last_success = 1767225000 },
	};
	struct report_finding findings[2] = {
		{ .fault = FAULT_ROA_MAXLEN,
		    .uri = "rsync://r.example/m/ca/bad.roa",
		    .detail = "maxLength 33 of 10.0.0.0/8",
		    .point = "rsync://r.example/m/ca/ca.mft" },
		{ .fault = FAULT_MANIFEST_FILE_HASH,
		    .uri = "rsync://s.example/m/ca/z.roa",
		    .ta = 1,
		    .repository = 1,
		    .point = "rsync://s.example/m/ca/ca.mft" },
	};
	struct report report = {
		.started = 1767225600,
		.finished = 1767225660,
		.valid_until = 1790000000,
		.ta_count = 2,
		.tas = tas,
		.repository_count = 2,
		.repositories = repositories,
		.finding_count = 2,
		.findings = findings,
	};

	tas[0].counters[REPORT_VRPS] = 2;
	tas[0].counters[REPORT_VRPS_V4] = 1;
	tas[0].counters[REPORT_VRPS_V6] = 1;
	tas[1].counters[REPORT_VRPS] = 2;
	tas[1].counters[REPORT_VRPS_V4] = 1;
	tas[1].counters[REPORT_VRPS_V6] = 1;
	report.faults[FAULT_ROA_MAXLEN] = 1;
	report.faults[FAULT_MANIFEST_FILE_HASH] = 1;
	return account_new(&report);
}

/* Filtered and asserted, as the service would. */
static const struct snapshot *
shape(struct house *house)
{
	static uint64_t *const none = NULL;

	return slurm_apply(house->slurm, house->whole, none);
}

void
house_fill(struct house *house)
{
	const struct slurm_file file = { "/etc/kedge/local.json",
		text_bytes(slurm_text) };
	struct octets why = { 0 };

	house->slurm = slurm_read(&file, 1, &why);
	assert_non_null(house->slurm);
	house->whole = make_set(false, 0);
	house->current = shape(house);
	house->account = make_account();
	house->history = history_new(5, 10);
	(void)history_push(house->history, snapshot_get(house->current));
	house->view.made = house->view.attributed = 1767225800;
	house->view.edition = house->view.attributed_in = 0xa7;
	house->router_count = 3;
	house->routers[0] =
	    (struct view_router){ "192.0.2.1", "tcp", "established", 1, 5,
		    1767225600, 1767225700, 1767225700, 10, 20, 1, 2 };
	house->routers[1] = (struct view_router){ "192.0.2.1", "tls",
		"established", 2, 3, 1767225600, 1767225700, 0, 1, 2, 0, 1 };
	house->routers[2] = (struct view_router){ "198.51.100.7", "tcp",
		"fresh", -1, -1, 1767225600, 0, 0, 0, 0, 0, 0 };
}

static void
look(void *arg, struct view *view)
{
	const struct house *house = arg;

	*view = house->view;
	view->current = house->current;
	view->whole = house->whole;
	view->account = house->account;
	view->history = house->history;
	view->slurm = house->slurm;
	view->session = 0x1122334455667788;
	view->serial =
	    house->history == NULL ? 0 : history_serial(house->history);
	view->changed = 1767225700;
	view->state = "idle";
	view->run_started = 1767225600;
	view->run_finished = 1767225660;
	view->run_took_ms = 60125;
}

static void
each_router(void *arg, view_router_fn *each, void *each_arg)
{
	const struct house *house = arg;

	for (size_t i = 0; i < house->router_count; i++) {
		each(each_arg, &house->routers[i]);
	}
}

static void
swallow(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

static int
listen_somewhere(unsigned *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

void
house_open(struct house *house)
{
	house->base = event_base_new();
	house->log = log_new(LOG_LEVEL_DEBUG);
	log_to_sink(house->log, swallow, NULL);
	house->config.base = house->base;
	house->config.log = house->log;
	house->config.source.arg = house;
	house->config.source.look = look;
	house->config.source.routers = each_router;
	house->web = web_new(&house->config);
	assert_int_equal(web_listen(house->web, listen_somewhere(&house->port),
			     NULL),
	    0);
}

void
house_close(struct house *house)
{
	web_free(house->web);
	event_base_free(house->base);
	log_free(house->log);
	history_free(house->history);
	slurm_free(house->slurm);
	snapshot_put(house->current);
	snapshot_put(house->whole);
	account_put(house->account);
	*house = (struct house){ 0 };
}

static void
take_set(struct house *house, const struct snapshot *whole)
{
	snapshot_put(house->current);
	snapshot_put(house->whole);
	house->whole = whole;
	house->current = shape(house);
	(void)history_push(house->history, snapshot_get(house->current));
	web_changed(house->web);
}

static void
renew(struct house *house)
{
	struct view *view = &house->view;

	view->made++;
	view->attributed = view->made;
	view->attributed_in = ++view->edition;
}

void
house_again(struct house *house)
{
	house->view.edition++;
	take_set(house, snapshot_get(house->whole));
}

void
house_move(struct house *house)
{
	renew(house);
	take_set(house, make_set(true, 0));
}

void
house_change(struct house *house, unsigned vrps)
{
	renew(house);
	take_set(house, make_set(false, vrps));
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* One turn of the loop, which comes back soon also when nothing happens. */
static void
turn(struct house *house)
{
	struct timeval tick = { .tv_usec = TICK_MS * 1000 };

	event_base_once(house->base, -1, EV_TIMEOUT, on_tick, NULL, &tick);
	(void)event_base_loop(house->base, EVLOOP_ONCE);
}

void
house_turn(struct house *house, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		turn(house);
	}
}

int
house_dial(struct house *house)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = from;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	from.sin_addr.s_addr =
	    htonl(INADDR_LOOPBACK + (house->host == 0 ? 0 : house->host - 1));
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	to.sin_port = htons((uint16_t)house->port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

void
house_send_part(struct house *house, int fd, const char *octets, size_t len)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (len > 0 && clock_mono_ms() < end) {
		ssize_t n = send(fd, octets, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN) {
			return; /* the answer will tell */
		}
		if (n > 0) {
			octets += n;
			len -= (size_t)n;
		}
		turn(house);
	}
	assert_int_equal(len, 0);
}

void
house_send(struct house *house, int fd, const char *text)
{
	house_send_part(house, fd, text, strlen(text));
}

char *
house_hear(struct house *house, int fd, size_t *len)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	struct octets heard = { 0 };
	char part[65536];

	for (;;) {
		ssize_t n = recv(fd, part, sizeof(part), 0);

		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			break;
		}
		if (n > 0) {
			octets_add(&heard, part, (size_t)n);
			continue;
		}
		assert_true(clock_mono_ms() < end);
		turn(house);
	}
	close(fd);
	if (len != NULL) {
		*len = heard.len;
	}
	octets_u8(&heard, '\0');
	return (char *)heard.at;
}

char *
house_talk(struct house *house, const char *request, size_t *len)
{
	int fd = house_dial(house);

	house_send(house, fd, request);
	return house_hear(house, fd, len);
}

char *
house_get(struct house *house, const char *target, const char *fields)
{
	struct octets request = { 0 };
	char *answer;

	octets_printf(&request,
	    "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n", target,
	    fields);
	octets_u8(&request, '\0');
	answer = house_talk(house, (const char *)request.at, NULL);
	octets_clear(&request);
	return answer;
}

const char *
house_body(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	assert_non_null(end);
	return end + 4;
}
