/* SPDX-License-Identifier: BSD-2-Clause */
/* reasons - see reasons.h. */
#include "daemon/reasons.h"

#include <string.h>

#include "base/ip.h"
#include "base/text.h"
#include "daemon/chronicle.h"
#include "daemon/local.h"
#include "daemon/tale.h"

static void
say_no_prefix(const char *said, struct octets *why)
{
	uint32_t asn;

	octets_printf(why, "`%s` is neither a URI nor ", said);
	if (text_asn(text_bytes(said), &asn)) {
		octets_printf(why, "a prefix; an AS number stands behind one");
	} else {
		octets_printf(why, "a prefix like 192.0.2.0/24");
	}
}

struct question {
	bool uri;
	struct ip_prefix prefix; /* where it is none */
	struct octets path;      /* of HTTP */
};

/* PREFIX, PREFIX and ASN, or the URI of an object. */
static bool
make_query(struct question *q, const struct options *options,
    struct octets *why)
{
	uint32_t asn;

	if (options->count < 1) {
		octets_printf(why,
		    "what shall be explained? A PREFIX, a PREFIX "
		    "and an ASN, or an object's URI");
		return false;
	}
	q->uri = strstr(options->rest[0], "://") != NULL;
	if (!q->uri && !ip_prefix_parse(&q->prefix,
			   text_bytes(options->rest[0]), IP_QUESTION)) {
		say_no_prefix(options->rest[0], why);
		return false;
	}
	octets_printf(&q->path,
	    "/api/v1/explain?%s=", q->uri ? "uri" : "prefix");
	local_escape(&q->path, options->rest[0]);
	if (options->count < 2) {
		return true;
	}
	if (q->uri || !text_asn(text_bytes(options->rest[1]), &asn)) {
		octets_printf(why, "`%s` is not an AS number after a prefix",
		    options->rest[1]);
		return false;
	}
	octets_printf(&q->path, "&asn=AS%u", (unsigned)asn);
	return true;
}

/* What the journal in the state folder has of it. */
static void
put_past(struct octets *out, const struct task *task, const struct question *q)
{
	struct octets lines = { 0 };

	chronicle_last(task->settings->at[SET_STATE_DIR].text,
	    q->uri ? NULL : &q->prefix, task->options->rest[0], &lines);
	if (lines.len > 0) {
		octets_printf(out, "what came (+) and went (-) last:\n");
		octets_add_bytes(out, octets_bytes(&lines));
	}
	octets_clear(&lines);
}

static int
answer(struct task *task, const struct question *q)
{
	const char *socket =
	    local_path(task->settings->at[SET_STATE_DIR].text, task->arena);
	struct octets body = { 0 };
	struct octets text = { 0 };
	int code = TASK_ERROR;

	if (!local_get(socket, (const char *)q->path.at, &body)) {
		code = task_refuse(task, &body);
	} else if (setting_on(task->settings, SET_JSON)) {
		code = task_answer(task, &body);
	} else if (!tale_put(&text, octets_bytes(&body))) {
		log_error(task->log, "the server's answer cannot be read");
	} else {
		put_past(&text, task, q);
		code = task_answer(task, &text);
	}
	octets_clear(&body);
	octets_clear(&text);
	return code;
}

int
reasons_run(struct task *task)
{
	struct question q = { .uri = false };
	struct octets why = { 0 };
	int code;

	if (!make_query(&q, task->options, &why)) {
		code = task_refuse(task, &why);
	} else {
		octets_u8(&q.path, 0);
		code = answer(task, &q);
	}
	octets_clear(&q.path);
	octets_clear(&why);
	return code;
}
