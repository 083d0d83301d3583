/* SPDX-License-Identifier: BSD-2-Clause */
/* brief - see brief.h. */
#include "output/brief.h"

#include "base/clock.h"
#include "output/ask.h"
#include "output/jsondelta.h"

static int
keep(void *arg, struct bytes octets)
{
	octets_add_bytes(arg, octets);
	return 0;
}

static const struct response *
say(unsigned status, const char *media, const struct octets *body)
{
	struct response_parts parts = {
		.status = status,
		.media = media,
		.modified = INT64_MIN,
		.body = *body,
	};

	return response_new(&parts);
}

const struct response *
brief_text(const char *text)
{
	struct octets body = { 0 };

	octets_add(&body, text, strlen(text));
	return say(200, "text/plain;charset=utf-8", &body);
}

const struct response *
brief_later(unsigned seconds, const char *line, bool json)
{
	const struct response *plain = response_line(503, line, json);
	struct response_parts parts = *response_of(plain);

	parts.retry = seconds;
	parts.body = (struct octets){ 0 };
	octets_add_bytes(&parts.body, octets_bytes(&response_of(plain)->body));
	response_put(plain);
	return response_new(&parts);
}

const struct response *
brief_held(const struct response_parts *known)
{
	struct response_parts parts = *known;

	parts.status = 304;
	parts.varies = true;
	return response_new(&parts);
}

const struct response *
brief_options(unsigned methods)
{
	struct response_parts parts = {
		.status = 204,
		.modified = INT64_MIN,
		.allow = ask_methods(methods),
	};

	return response_new(&parts);
}

const struct response *
brief_validity(const struct origin_index *index,
    const struct validity_route *route, struct arena *arena)
{
	struct octets body = { 0 };
	struct pen pen = pen_open((struct sink){ keep, &body });

	validity_write(&pen, index, route, clock_wall(), arena);
	(void)pen_close(&pen);
	return say(200, "application/json", &body);
}

const struct response *
brief_notice(const struct view *view)
{
	struct octets body = { 0 };
	struct pen pen = pen_open((struct sink){ keep, &body });

	jsondelta_write_notice(&pen, view->session, view->serial);
	(void)pen_close(&pen);
	return say(200, "application/json", &body);
}

const struct response *
brief_log(struct log *log)
{
	struct octets body = { 0 };

	if (log != NULL) {
		log_kept(log, &body);
	}
	return say(200, "text/plain;charset=utf-8", &body);
}

const struct response *
brief_ready(const struct view *view)
{
	if (view->current == NULL) {
		return brief_later(10, "there is no set yet", false);
	}
	if (view->stale_since != 0) {
		return brief_later(60, "the set is stale", false);
	}
	return brief_text("ready\n");
}
