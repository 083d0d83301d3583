/* SPDX-License-Identifier: BSD-2-Clause */
/* chronicle - see chronicle.h. */
#include "daemon/chronicle.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/since.h"

enum { MOST = 10000, FLUSH = 1 << 16, LAST = 5 };

/* --- one change */

static void
json_field(struct octets *out, const char *name, const char *value)
{
	octets_printf(out, ",\"%s\":\"", name);
	text_json(out, text_bytes(value));
	octets_u8(out, '"');
}

static void
json_item(struct octets *out, const struct change *change)
{
	char prefix[IP_TEXT], ski[KEYID_TEXT];
	const struct aspa *aspa = &change->item.aspa;

	switch (change->kind) {
	case ITEM_VRP:
		ip_prefix_text(&change->item.vrp.prefix, prefix);
		octets_printf(out,
		    ",\"type\":\"vrp\",\"asn\":\"AS%u\",\"prefix\":\"%s\","
		    "\"maxLength\":%u",
		    (unsigned)change->item.vrp.asn, prefix,
		    change->item.vrp.max_length);
		break;
	case ITEM_ROUTER_KEY:
		hash_keyid_text(&change->item.key.ski, ski);
		octets_printf(out,
		    ",\"type\":\"routerKey\",\"asn\":\"AS%u\",\"SKI\":\"%s\"",
		    (unsigned)change->item.key.asn, ski);
		break;
	case ITEM_ASPA:
		octets_printf(out,
		    ",\"type\":\"aspa\",\"customer\":\"AS%u\",\"providers\":[",
		    (unsigned)aspa->customer);
		for (uint32_t i = 0; i < aspa->count; i++) {
			octets_printf(out, "%s\"AS%u\"", i > 0 ? "," : "",
			    (unsigned)aspa->providers[i]);
		}
		octets_u8(out, ']');
		break;
	case ITEM_KINDS:
		break;
	}
}

/* A NULL change is a first set: there was nothing before. */
static void
put_json(struct octets *out, const struct journal_head *head,
    const struct change *change)
{
	char when[CLOCK_TEXT];

	clock_text(head->when, when);
	octets_printf(out, "{\"serial\":%u,\"session\":%llu,\"time\":\"%s\"",
	    (unsigned)head->serial, (unsigned long long)head->session, when);
	if (change == NULL) {
		octets_printf(out,
		    ",\"action\":\"begin\",\"vrps\":%llu,\"routerKeys\":%llu,"
		    "\"aspas\":%llu}",
		    (unsigned long long)head->totals[ITEM_VRP],
		    (unsigned long long)head->totals[ITEM_ROUTER_KEY],
		    (unsigned long long)head->totals[ITEM_ASPA]);
		return;
	}
	octets_printf(out, ",\"action\":\"%s\"",
	    change->action == DELTA_ANNOUNCE ? "announce" : "withdraw");
	json_item(out, change);
	json_field(out, "cause", causes_name(change->cause));
	if (change->detail[0] != '\0') {
		json_field(out, "detail", change->detail);
	}
	json_field(out, "source", change->uri);
	if (change->ta[0] != '\0') {
		json_field(out, "ta", change->ta);
	}
	octets_u8(out, '}');
}

static void
text_item(struct octets *out, const struct change *change)
{
	char text[IP_TEXT], ski[KEYID_TEXT];
	const struct aspa *aspa = &change->item.aspa;

	switch (change->kind) {
	case ITEM_VRP:
		ip_prefix_text(&change->item.vrp.prefix, text);
		octets_printf(out, "%s-%u AS%u", text,
		    change->item.vrp.max_length,
		    (unsigned)change->item.vrp.asn);
		break;
	case ITEM_ROUTER_KEY:
		hash_keyid_text(&change->item.key.ski, ski);
		octets_printf(out, "router key %s AS%u", ski,
		    (unsigned)change->item.key.asn);
		break;
	case ITEM_ASPA:
		octets_printf(out, "ASPA AS%u:", (unsigned)aspa->customer);
		for (uint32_t i = 0; i < aspa->count; i++) {
			octets_printf(out, " AS%u",
			    (unsigned)aspa->providers[i]);
		}
		break;
	case ITEM_KINDS:
		break;
	}
}

static void
put_text(struct octets *out, const struct journal_head *head,
    const struct change *change)
{
	char when[CLOCK_TEXT];

	clock_text(head->when, when);
	octets_printf(out, "%s serial %u ", when, (unsigned)head->serial);
	if (change == NULL) {
		octets_printf(out,
		    "begins: %llu VRPs, %llu router keys, %llu ASPAs",
		    (unsigned long long)head->totals[ITEM_VRP],
		    (unsigned long long)head->totals[ITEM_ROUTER_KEY],
		    (unsigned long long)head->totals[ITEM_ASPA]);
		return;
	}
	octets_printf(out, "%c ", change->action == DELTA_ANNOUNCE ? '+' : '-');
	text_item(out, change);
	octets_printf(out, ": %s", causes_name(change->cause));
	if (change->detail[0] != '\0') {
		octets_u8(out, ' ');
		text_escape(out, text_bytes(change->detail));
	}
	octets_u8(out, ' ');
	text_escape(out, text_bytes(change->uri));
}

/* --- the command */

struct printer {
	struct task *task;
	struct octets text;
	bool json, good, any;
};

static bool
flush(struct printer *p)
{
	p->good = p->good && task_print(p->task, octets_bytes(&p->text));
	octets_reset(&p->text);
	return p->good;
}

static bool
print(void *arg, const struct journal_head *head, const struct change *change)
{
	struct printer *p = arg;

	p->any = true;
	if (p->json) {
		put_json(&p->text, head, change);
	} else {
		put_text(&p->text, head, change);
	}
	octets_u8(&p->text, '\n');
	return p->text.len < FLUSH || flush(p);
}

int
chronicle_run(struct task *task)
{
	const struct settings *all = task->settings;
	const char *folder = all->at[SET_STATE_DIR].text;
	const char *text = all->at[SET_SINCE].text;
	struct printer printer = { .task = task,
		.json = setting_on(all, SET_JSON),
		.good = true };
	struct since since;
	int rc;

	if (!since_read(&since, text, clock_wall())) {
		log_error(task->log,
		    "--since %s: expected a serial, a time like "
		    "2026-03-01T00:00:00Z, or a length of time like 90m or 2d",
		    text);
		return TASK_ERROR;
	}
	rc = since_tell(folder, &since, print, &printer);
	if (rc == 0) {
		task_say_none(printer.any,
		    since.kind == SINCE_SERIAL
			? "nothing came or went after that serial"
			: "nothing came or went since then",
		    &printer.text);
	}
	(void)flush(&printer);
	octets_clear(&printer.text);
	if (rc == -ENOENT) {
		log_error(task->log,
		    "%s: no journal; a server writes one there, unless "
		    "--journal-size is 0: start one, or name its folder with "
		    "--state-dir",
		    folder);
	} else if (rc != 0) {
		log_error(task->log, "%s/journal: %s", folder, strerror(-rc));
	}
	return rc == 0 && printer.good ? TASK_GOOD : TASK_ERROR;
}

/* --- what became of something lately */

struct memory {
	const struct ip_prefix *prefix;
	const char *uri;
	struct octets lines[LAST]; /* a ring */
	size_t count;
};

static bool
remember(void *arg, const struct journal_head *head,
    const struct change *change)
{
	struct memory *m = arg;
	struct octets *line = &m->lines[m->count % LAST];
	bool ours =
	    change != NULL &&
	    (m->prefix == NULL ? strcmp(change->uri, m->uri) == 0
			       : change->kind == ITEM_VRP &&
				     ip_prefix_covers(&change->item.vrp.prefix,
					 m->prefix));

	if (ours) {
		octets_reset(line);
		put_text(line, head, change);
		m->count++;
	}
	return true;
}

void
chronicle_last(const char *folder, const struct ip_prefix *prefix,
    const char *uri, struct octets *out)
{
	static const struct since all = { .kind = SINCE_ALL };
	struct memory m = { .prefix = prefix, .uri = uri };

	(void)since_tell(folder, &all, remember, &m);
	for (size_t i = m.count > LAST ? m.count - LAST : 0; i < m.count; i++) {
		octets_add_bytes(out, octets_bytes(&m.lines[i % LAST]));
		octets_u8(out, '\n');
	}
	for (size_t i = 0; i < LAST; i++) {
		octets_clear(&m.lines[i]);
	}
}

/* --- HTTP */

struct answer {
	struct octets *out;
	size_t count;
	uint32_t serial; /* of the last one */
	bool full;
};

/* It ends between two serials, so that one can go on from there. */
static bool
collect(void *arg, const struct journal_head *head, const struct change *change)
{
	struct answer *a = arg;

	if (a->count >= MOST && head->serial != a->serial) {
		a->full = true;
		return false;
	}
	if (a->count++ > 0) {
		octets_u8(a->out, ',');
	}
	a->serial = head->serial;
	put_json(a->out, head, change);
	return true;
}

unsigned
chronicle_json(const char *folder, const char *since, struct octets *out)
{
	struct since from;
	struct answer answer = { .out = out };
	int rc;

	if (!since_read(&from, since, clock_wall())) {
		octets_printf(out, "since is neither a serial, nor a time, nor "
				   "a length of time");
		return 400;
	}
	octets_printf(out, "{\"changes\":[");
	rc = since_tell(folder, &from, collect, &answer);
	if (rc != 0) {
		octets_reset(out);
		octets_printf(out, "no journal: %s", strerror(-rc));
		return rc == -ENOENT ? 404 : 500;
	}
	octets_printf(out, "],\"truncated\":%s",
	    answer.full ? "true" : "false");
	if (answer.full) {
		octets_printf(out, ",\"next\":%u", (unsigned)answer.serial);
	}
	octets_printf(out, "}");
	return 200;
}
