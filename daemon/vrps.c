/* SPDX-License-Identifier: BSD-2-Clause */
/* vrps - see vrps.h. */
#include "daemon/vrps.h"

#include <string.h>

#include "base/text.h"
#include "daemon/nearest.h"
#include "output/file.h"
#include "output/format.h"

/* One file to be written. */
struct target {
	const struct format *format;
	const char *path; /* "-": standard output */
	struct file *file;
};

struct targets {
	size_t count;
	struct target *at;
};

static const struct format *
find_format(struct task *task, const char *name)
{
	const struct format *format = format_find(name);
	struct nearest near = nearest_start(name);
	struct octets why = { 0 };

	if (format != NULL) {
		return format;
	}
	octets_printf(&why, "no format `");
	text_escape(&why, text_bytes(name));
	octets_printf(&why, "`; there are");
	for (size_t i = 0; format_row(i) != NULL; i++) {
		octets_printf(&why, " %s", format_row(i)->name);
		nearest_offer(&near, text_bytes(format_row(i)->name));
	}
	nearest_say(&near, &why);
	log_error(task->log, "%.*s", (int)why.len, (const char *)why.at);
	octets_clear(&why);
	return NULL;
}

/* FORMAT=FILE, or FILE in the format of -f. */
static bool
read_target(struct task *task, const char *text, struct target *target)
{
	size_t name = strcspn(text, "=/");
	const char *format = task->settings->at[SET_FORMAT].text;

	target->path = text;
	if (text[name] == '=') {
		format = text_copy(task->arena, bytes_of(text, name));
		target->path = text + name + 1;
	}
	if (target->path[0] == '\0') {
		log_error(task->log, "--output %s: no file after the =", text);
		return false;
	}
	target->format = find_format(task, format);
	return target->format != NULL;
}

static bool
read_targets(struct task *task, struct targets *targets)
{
	struct policy_list list = task->settings->at[SET_OUTPUT].list;

	if (list.count == 0) {
		list.count = 1;
		list.items = arena_zero(task->arena, 1, sizeof(*list.items));
		list.items[0] = "-";
	}
	targets->count = list.count;
	targets->at = arena_zero(task->arena, list.count, sizeof(*targets->at));
	for (size_t i = 0; i < list.count; i++) {
		if (!read_target(task, list.items[i], &targets->at[i])) {
			return false;
		}
		for (size_t j = 0; j < i; j++) {
			if (strcmp(targets->at[j].path, targets->at[i].path) ==
			    0) {
				log_error(task->log,
				    "two outputs would go to %s",
				    targets->at[i].path);
				return false;
			}
		}
	}
	return true;
}

static void
read_filter(struct task *task, struct filter *filter)
{
	const struct settings *all = task->settings;
	const struct policy_list *asns = &all->at[SET_SELECT_ASN].list;
	const struct policy_list *prefixes = &all->at[SET_SELECT_PREFIX].list;
	uint32_t *asn = arena_zero(task->arena, asns->count + 1, sizeof(*asn));
	struct ip_prefix *prefix =
	    arena_zero(task->arena, prefixes->count + 1, sizeof(*prefix));

	/* The settings took nothing that cannot be read. */
	for (size_t i = 0; i < asns->count; i++) {
		(void)text_asn(text_bytes(asns->items[i]), &asn[i]);
	}
	for (size_t i = 0; i < prefixes->count; i++) {
		(void)ip_prefix_parse(&prefix[i],
		    text_bytes(prefixes->items[i]), IP_LONE_ADDRESS);
	}
	*filter = (struct filter){
		.asns = asn,
		.asn_count = asns->count,
		.prefixes = prefix,
		.prefix_count = prefixes->count,
		.more_specifics = setting_on(all, SET_MORE_SPECIFICS),
		.without = {
			[ITEM_VRP] = setting_on(all, SET_NO_ROUTE_ORIGINS),
			[ITEM_ROUTER_KEY] =
			    setting_on(all, SET_NO_ROUTER_KEYS),
			[ITEM_ASPA] = setting_on(all, SET_NO_ASPAS),
		},
	};
}

static bool
complain(struct task *task, const struct target *target, int rc)
{
	if (rc != 0) {
		log_error(task->log, "%s: %s",
		    strcmp(target->path, "-") == 0 ? "standard output"
						   : target->path,
		    strerror(-rc));
	}
	return rc == 0;
}

/* Aside, or straight to the standard output. */
static bool
write_target(struct task *task, struct target *target,
    const struct format_input *input)
{
	int rc = file_open(&target->file, target->path);

	if (rc == 0) {
		rc = format_write(target->format, input,
		    file_sink(target->file));
	}
	return complain(task, target, rc);
}

/* All are written aside before the first takes its place. */
static bool
write_all(struct task *task, struct targets *targets,
    const struct format_input *input)
{
	bool good = true;

	for (size_t i = 0; good && i < targets->count; i++) {
		good = write_target(task, &targets->at[i], input);
	}
	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->at[i];

		if (!good) {
			file_abandon(target->file);
		} else {
			good = complain(task, target, file_close(target->file));
		}
	}
	return good;
}

static int
write_payload(struct task *task, struct targets *targets,
    const struct supervise_end *end)
{
	struct filter filter;
	struct format_input input = {
		.snapshot = end->snapshot,
		.report = end->report,
		.filter = &filter,
		.now = task->policy.at != 0 ? (int64_t)task->policy.at
					    : end->report->finished,
	};

	read_filter(task, &filter);
	return write_all(task, targets, &input) ? task_code(task, end)
						: TASK_ERROR;
}

int
vrps_run(struct task *task)
{
	struct supervise_end end = { .code = TASK_ERROR };
	struct targets targets;
	int code = TASK_ERROR;

	if (read_targets(task, &targets) && task_prepare(task) &&
	    task_exceptions(task) && task_run(task, &end, NULL)) {
		task_shape(task, &end);
		code = write_payload(task, &targets, &end);
	}
	snapshot_put(end.snapshot);
	return code;
}
