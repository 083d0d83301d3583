/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect - see inspect.h.
 *
 * Operands are given to the engine one by one, when it asks, so that no more
 * than one file is held. What is no regular file is read before it starts:
 * a pipe may make us wait, and while the engine runs nobody could stop that.
 */
#include "daemon/inspect.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/slurp.h"
#include "base/text.h"

struct operand {
	const char *name;
	bool in_hand;        /* a file; else a name for the engine to find */
	bool read;           /* before the engine was started */
	bool bad;            /* cannot be read; said already */
	struct octets early; /* what was read */
};

struct table {
	struct task *task;
	struct operand *operands;
	size_t count, next;
	struct octets octets; /* of the file under way */
	size_t most;          /* octets of one file */
	bool closed;          /* nobody reads our output any more */
	int code;
};

static bool
print(struct table *table, struct bytes text)
{
	if (!table->closed && !task_print(table->task, text)) {
		table->closed = true;
		table->code = TASK_ERROR;
	}
	return !table->closed;
}

/* In the log for people, and where JSON is read also there. */
static void
complain(struct table *table, struct operand *operand, const struct octets *why)
{
	struct octets line = { 0 };
	struct bytes text = octets_bytes(why);

	operand->bad = true;
	table->code = TASK_ERROR;
	log_error(table->task->log, "%.*s", (int)text.len,
	    (const char *)text.at);
	if (setting_on(table->task->settings, SET_JSON)) {
		octets_printf(&line, "{\"name\":\"");
		text_json(&line, text_bytes(operand->name));
		octets_printf(&line,
		    "\",\"validation\":\"unreadable\",\"reason\":\"");
		text_json(&line, text);
		octets_printf(&line, "\"}\n");
		(void)print(table, octets_bytes(&line));
		octets_clear(&line);
	}
}

static bool
is_uri(const char *name)
{
	return strncmp(name, "rsync://", 8) == 0 ||
	       strncmp(name, "https://", 8) == 0;
}

static bool
is_hash(const char *name)
{
	struct hash hash;

	return hash_parse(&hash, text_bytes(name));
}

/* Not worth opening? */
static bool
refuse(const struct table *table, const struct stat *about, const char *name,
    struct octets *why)
{
	if (S_ISDIR(about->st_mode)) {
		octets_printf(why,
		    "%s: a folder; name the files in it, for example with "
		    "find -type f",
		    name);
		return true;
	}
	if (S_ISREG(about->st_mode) && (uint64_t)about->st_size > table->most) {
		octets_printf(why,
		    "%s: more than %zu octets; --max-object-size sets how "
		    "many are read",
		    name, table->most);
		return true;
	}
	return false;
}

/* Objects are never compressed: it is what somebody put them in. */
static bool
is_gzip(struct bytes octets)
{
	return octets.len > 2 && octets.at[0] == 0x1f && octets.at[1] == 0x8b;
}

static void
slurp(struct table *table, struct operand *operand, struct octets *into)
{
	struct octets why = { 0 };

	if (!slurp_file(into, operand->name, table->most, &why)) {
		complain(table, operand, &why);
	} else if (is_gzip(octets_bytes(into))) {
		octets_printf(&why,
		    "%s: compressed by gzip; say zcat FILE | kedge inspect -",
		    operand->name);
		complain(table, operand, &why);
	}
	octets_clear(&why);
}

/* Tell what an operand is. */
static void
sort_out(struct table *table, struct operand *operand)
{
	const char *name = operand->name;
	struct octets why = { 0 };
	struct stat about;

	if (is_uri(name)) {
		return;
	}
	operand->in_hand = true;
	if (strcmp(name, "-") == 0) {
		operand->read = true;
		slurp(table, operand, &operand->early);
	} else if (stat(name, &about) != 0) {
		operand->in_hand = errno != ENOENT || !is_hash(name);
		if (operand->in_hand) {
			octets_printf(&why, "%s: %s", name, strerror(errno));
		}
	} else if (!refuse(table, &about, name, &why) &&
		   !S_ISREG(about.st_mode)) {
		operand->read = true;
		slurp(table, operand, &operand->early);
	}
	if (why.len > 0) {
		complain(table, operand, &why);
	}
	octets_clear(&why);
}

static void
on_text(void *arg, struct bytes text)
{
	(void)print(arg, text);
}

static bool
on_next(void *arg, struct wire_look *look)
{
	struct table *table = arg;

	while (!table->closed && table->next < table->count) {
		struct operand *operand = &table->operands[table->next++];

		octets_clear(&table->octets);
		if (operand->read) {
			table->octets = operand->early;
			operand->early = (struct octets){ 0 };
		} else if (operand->in_hand && !operand->bad) {
			slurp(table, operand, &table->octets);
		}
		if (!operand->bad) {
			*look = (struct wire_look){
				.name = operand->name,
				.in_hand = operand->in_hand,
				.octets = octets_bytes(&table->octets),
			};
			return true;
		}
	}
	return false;
}

static void
look_at_all(struct table *table)
{
	struct task *task = table->task;
	struct wire_inspect wanted = {
		.form = setting_on(task->settings, SET_JSON)
			    ? WIRE_INSPECT_JSON
			    : WIRE_INSPECT_TEXT,
	};
	struct supervise_end end = { .code = TASK_ERROR };

	task->on_text = on_text;
	task->on_next = on_next;
	task->arg = table;
	if (!task_run(task, &end, &wanted)) {
		table->code = TASK_ERROR;
	} else if (table->code == TASK_GOOD || end.code == TASK_ERROR) {
		table->code = end.code;
	}
	snapshot_put(end.snapshot);
}

static size_t
most_octets(const struct policy *policy)
{
	return policy->max_object_size < WIRE_LOOK_OCTETS
		   ? (size_t)policy->max_object_size
		   : WIRE_LOOK_OCTETS;
}

int
inspect_run(struct task *task)
{
	struct table table = { .task = task,
		.count = (size_t)task->options->count };
	size_t bad = 0;

	if (table.count == 0) {
		log_error(task->log,
		    "nothing to inspect: kedge inspect FILE|URI|SHA256...");
		return TASK_ERROR;
	}
	if (!task_prepare(task)) {
		return TASK_ERROR;
	}
	task->policy.update = false;
	table.most = most_octets(&task->policy);
	table.operands =
	    arena_zero(task->arena, table.count, sizeof(*table.operands));
	for (size_t i = 0; i < table.count; i++) {
		table.operands[i].name = task->options->rest[i];
		sort_out(&table, &table.operands[i]);
		bad += table.operands[i].bad;
	}
	if (bad < table.count) {
		look_at_all(&table);
	}
	for (size_t i = 0; i < table.count; i++) {
		octets_clear(&table.operands[i].early);
	}
	octets_clear(&table.octets);
	return table.code;
}
