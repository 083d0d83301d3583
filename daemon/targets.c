/* SPDX-License-Identifier: BSD-2-Clause */
/* targets - see targets.h. */
#include "daemon/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/nearest.h"
#include "output/file.h"

struct target {
	const struct format *format;
	const char *path; /* "-": standard output */
};

static const struct format *
find_format(const char *name, struct octets *why)
{
	const struct format *format = format_find(name);
	struct nearest near = nearest_start(name);

	if (format != NULL) {
		return format;
	}
	octets_printf(why, "no format `");
	text_escape(why, text_bytes(name));
	octets_printf(why, "`; there are");
	for (size_t i = 0; format_row(i) != NULL; i++) {
		octets_printf(why, " %s", format_row(i)->name);
		nearest_offer(&near, text_bytes(format_row(i)->name));
	}
	nearest_say(&near, why);
	return NULL;
}

/* FORMAT=FILE, or FILE in the format of -f. */
static bool
read_target(struct target *target, const struct settings *all, size_t i,
    const char *text, struct octets *why)
{
	size_t name = strcspn(text, "=/");
	bool own = text[name] == '=';
	const char *format = all->at[SET_FORMAT].text;

	target->path = text;
	if (own) {
		format = text_copy(all->arena, bytes_of(text, name));
		target->path = text + name + 1;
	}
	if (target->path[0] == '\0') {
		octets_printf(why, "%s: no file after the =", text);
		setting_blame(all, SET_OUTPUT, i, why);
		return false;
	}
	if (!own && !setting_given(all, SET_FORMAT) &&
	    format_find(text) != NULL) {
		octets_printf(why,
		    "`%s` is a format: say %s=FILE, or --format %s; a file of "
		    "this name is ./%s",
		    text, text, text, text);
		setting_blame(all, SET_OUTPUT, i, why);
		return false;
	}
	target->format = find_format(format, why);
	if (target->format == NULL) {
		setting_blame(all, own ? SET_OUTPUT : SET_FORMAT, own ? i : 0,
		    why);
	}
	return target->format != NULL;
}

/* Refused before a run of an hour, not after it. */
static bool
can_be_written(const struct targets *targets, size_t n,
    const struct settings *all, struct octets *why)
{
	const char *path = targets->at[n].path;
	const char *folder = targets_folder(targets, n, all->arena);
	struct stat about;

	if (strcmp(path, "-") == 0) {
		return true;
	}
	if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
		octets_printf(why, "%s: a folder; name a file in it", path);
		return false;
	}
	if (access(folder, F_OK) != 0) {
		octets_printf(why, "%s: no folder %s: %s", path, folder,
		    strerror(errno));
		return false;
	}
	return true;
}

static bool
named_before(const struct targets *targets, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (strcmp(targets->at[j].path, targets->at[i].path) == 0) {
			return true;
		}
	}
	return false;
}

static bool
read_one(struct targets *targets, size_t i, const struct settings *all,
    const char *text, struct octets *why)
{
	if (!read_target(&targets->at[i], all, i, text, why)) {
		return false;
	}
	if (named_before(targets, i)) {
		octets_printf(why, "two outputs would go to %s",
		    targets->at[i].path);
	} else if (can_be_written(targets, i, all, why)) {
		return true;
	}
	setting_blame(all, SET_OUTPUT, i, why);
	return false;
}

bool
targets_read(struct targets *targets, const struct settings *all,
    const char *otherwise, struct octets *why)
{
	struct policy_list list = all->at[SET_OUTPUT].list;

	if (list.count == 0 && otherwise != NULL) {
		list.count = 1;
		list.items = arena_zero(all->arena, 1, sizeof(*list.items));
		list.items[0] = otherwise;
	}
	targets->count = list.count;
	targets->at =
	    arena_zero(all->arena, list.count + 1, sizeof(*targets->at));
	for (size_t i = 0; i < list.count; i++) {
		if (!read_one(targets, i, all, list.items[i], why)) {
			return false;
		}
	}
	return true;
}

void
targets_filter(struct filter *filter, const struct settings *all)
{
	const struct policy_list *asns = &all->at[SET_SELECT_ASN].list;
	const struct policy_list *prefixes = &all->at[SET_SELECT_PREFIX].list;
	uint32_t *asn = arena_zero(all->arena, asns->count + 1, sizeof(*asn));
	struct ip_prefix *prefix =
	    arena_zero(all->arena, prefixes->count + 1, sizeof(*prefix));

	/* The settings took nothing that cannot be read. */
	for (size_t i = 0; i < asns->count; i++) {
		(void)text_asn(text_bytes(asns->items[i]), &asn[i]);
	}
	for (size_t i = 0; i < prefixes->count; i++) {
		(void)ip_prefix_parse(&prefix[i],
		    text_bytes(prefixes->items[i]), IP_LONE_ADDRESS);
	}
	*filter = (struct filter){
		.more_specifics = setting_on(all, SET_MORE_SPECIFICS),
		.without = {
			[ITEM_VRP] = setting_on(all, SET_NO_ROUTE_ORIGINS),
			[ITEM_ROUTER_KEY] =
			    setting_on(all, SET_NO_ROUTER_KEYS),
			[ITEM_ASPA] = setting_on(all, SET_NO_ASPAS),
		},
	};
	filter_select(filter, asn, asns->count, prefix, prefixes->count);
}

const char *
targets_folder(const struct targets *targets, size_t n, struct arena *arena)
{
	const char *path, *slash;

	if (n >= targets->count) {
		return NULL;
	}
	path = targets->at[n].path;
	slash = strrchr(path, '/');
	if (slash == NULL) {
		return ".";
	}
	return text_copy(arena,
	    bytes_of(path, slash == path ? 1 : (size_t)(slash - path)));
}

int
targets_try(const struct targets *targets, size_t n)
{
	const char *path = targets->at[n].path;
	struct stat about;
	struct file *file = NULL;
	int rc;

	/* A pipe would wait for its reader. */
	if (strcmp(path, "-") == 0 ||
	    (stat(path, &about) == 0 && !S_ISREG(about.st_mode))) {
		return 0;
	}
	rc = file_open(&file, path);
	if (rc == 0) {
		file_abandon(file);
	}
	return rc;
}

bool
targets_can(const struct targets *targets, const struct settings *all,
    struct octets *why)
{
	for (size_t i = 0; i < targets->count; i++) {
		int rc = targets_try(targets, i);

		if (rc != 0) {
			octets_printf(why, "%s: %s", targets->at[i].path,
			    strerror(-rc));
			setting_blame(all, SET_OUTPUT, i, why);
			return false;
		}
	}
	return true;
}

static bool
complain(struct log *log, const struct target *target, int rc)
{
	if (rc == -EPIPE) {
		return false; /* who stops reading has seen enough */
	}
	if (rc != 0) {
		log_error(log, "%s: %s",
		    strcmp(target->path, "-") == 0 ? "standard output"
						   : target->path,
		    rc == -ENXIO ? "nobody reads from it" : strerror(-rc));
	}
	return rc == 0;
}

/* Aside, or straight to the standard output. */
static bool
write_target(const struct targets *targets, size_t i, struct file **file,
    const struct format_input *input, struct log *log)
{
	const struct target *target = &targets->at[i];
	int rc = targets->hasty ? file_open_hasty(file, target->path)
				: file_open(file, target->path);

	if (rc == 0) {
		rc = format_write(target->format, input, file_sink(*file));
	}
	return complain(log, target, rc);
}

bool
targets_write(const struct targets *targets, const struct format_input *input,
    struct log *log)
{
	struct file **files = mem_zero(targets->count + 1, sizeof(*files));
	bool good = true;

	for (size_t i = 0; good && i < targets->count; i++) {
		good = write_target(targets, i, &files[i], input, log);
	}
	for (size_t i = 0; i < targets->count; i++) {
		if (!good) {
			file_abandon(files[i]);
		} else {
			good = complain(log, &targets->at[i],
			    file_close(files[i]));
		}
	}
	free(files);
	return good;
}
