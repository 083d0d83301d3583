/* SPDX-License-Identifier: BSD-2-Clause */
/* anchors - see anchors.h. */
#include "daemon/anchors.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/slurp.h"
#include "base/text.h"
#include "daemon/builtin.h"
#include "daemon/nearest.h"
#include "payload/proviso.h"
#include "payload/tal.h"

enum { CONSTRAINTS_OCTETS = 1 << 20 };

struct load {
	const struct settings *all;
	struct octets *why;
	struct policy_tal *tals;
	const char **stems; /* what each was called before its label */
	size_t count, room, stem_room;
	size_t labels_used; /* each must fit something */
};

static const char suffix[] = ".tal";
static const char rules[] = ".constraints";

/* The part of a path that names the anchor: no folder, no .tal. */
static const char *
stem_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name);

	if (len > sizeof(suffix) - 1 &&
	    strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0) {
		len -= sizeof(suffix) - 1;
	}
	return text_copy(arena, bytes_of(name, len));
}

/* Names go into CSV, JSON and metrics: letters, digits and - _ . only. */
static bool
good_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 64 &&
	       strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789-_.") == len;
}

static const char *
label_of(struct load *load, const char *stem)
{
	const struct policy_list *labels = &load->all->at[SET_TAL_LABEL].list;
	size_t len = strlen(stem);

	for (size_t i = 0; i < labels->count; i++) {
		const char *item = labels->items[i];

		if (strncmp(item, stem, len) == 0 && item[len] == '=') {
			load->labels_used++;
			return item + len + 1;
		}
	}
	return stem;
}

static bool
are_rules(struct load *load, const char *path, struct bytes text)
{
	unsigned wrong = proviso_check(text);

	if (wrong != 0) {
		proviso_complain(text, path, wrong, load->why);
	}
	return wrong == 0;
}

/* Append path's octets where the file exists; true when it does not. */
static bool
read_if_there(struct load *load, const char *path, struct bytes *out)
{
	struct octets text = { 0 };
	bool good = true;

	if (access(path, F_OK) == 0) {
		good = slurp_soon(&text, path, CONSTRAINTS_OCTETS, load->why);
		good = good && are_rules(load, path, octets_bytes(&text));
		*out = arena_copy(load->all->arena, octets_bytes(&text));
	}
	octets_clear(&text);
	return good;
}

/* NAME.constraints in the folder that was set, else beside the TAL file. */
static bool
find_constraints(struct load *load, const char *stem, const char *file,
    struct policy_tal *tal)
{
	struct arena *arena = load->all->arena;
	const char *dir = load->all->at[SET_CONSTRAINTS_DIR].text;
	const char *slash = file != NULL ? strrchr(file, '/') : NULL;
	const char *path;

	if (dir != NULL) {
		path = arena_printf(arena, "%s/%s.constraints", dir, stem);
		tal->constraints_origin = path;
		if (!read_if_there(load, path, &tal->constraints)) {
			return false;
		}
	}
	if (file == NULL || tal->constraints.len > 0) {
		return true;
	}
	path = arena_printf(arena, "%.*s%s.constraints",
	    slash != NULL ? (int)(slash - file + 1) : 0, file, stem);
	tal->constraints_origin = path;
	return read_if_there(load, path, &tal->constraints);
}

/* What only an engine can tell, which is whether the key is one, is left to it.
 */
static bool
is_locator(struct load *load, const struct policy_tal *tal)
{
	struct tal read;
	unsigned line;
	enum fault fault = tal_read(&read, tal->text, &line, load->all->arena);

	if (fault != FAULT_NONE) {
		octets_printf(load->why, "%s:%u: %s: %s (%s)", tal->origin,
		    line, fault_label(fault), fault_text(fault),
		    fault_source(fault));
	}
	return fault == FAULT_NONE;
}

static bool
add(struct load *load, const char *stem, const char *file, struct bytes text)
{
	struct policy_tal tal = {
		.name = label_of(load, stem),
		.origin = file != NULL ? file : "built in",
		.text = text,
	};

	if (!good_name(tal.name)) {
		octets_printf(load->why,
		    "%s: `%s` is no name for a trust anchor: letters, digits, "
		    "`-`, `_` and `.`, at most 64; --tal-label gives another",
		    tal.origin, tal.name);
		return false;
	}
	for (size_t i = 0; i < load->count; i++) {
		if (strcmp(load->tals[i].name, tal.name) == 0) {
			octets_printf(load->why,
			    "two trust anchors are called %s: %s and %s; "
			    "--tal-label gives one of them another name",
			    tal.name, load->tals[i].origin, tal.origin);
			return false;
		}
	}
	if (!is_locator(load, &tal) ||
	    !find_constraints(load, stem, file, &tal)) {
		return false;
	}
	load->tals = array_room(load->tals, load->count, &load->room,
	    sizeof(*load->tals));
	load->stems = array_room(load->stems, load->count, &load->stem_room,
	    sizeof(*load->stems));
	load->stems[load->count] = stem;
	load->tals[load->count++] = tal;
	return true;
}

static bool
add_builtin(struct load *load, const struct builtin *builtin)
{
	return add(load, builtin->name, NULL, text_bytes(builtin->text));
}

static bool
add_file(struct load *load, const char *path)
{
	struct octets text = { 0 };
	struct bytes copy;
	bool good = slurp_soon(&text, path, LIMIT_TAL_OCTETS, load->why);

	copy = arena_copy(load->all->arena, octets_bytes(&text));
	octets_clear(&text);
	if (good && copy.len == 0) {
		octets_printf(load->why,
		    "%s: an empty file; a TAL has URIs, an empty line and a "
		    "key",
		    path);
		return false;
	}
	return good && add(load, stem_of(load->all->arena, path),
			   text_copy(load->all->arena, text_bytes(path)), copy);
}

static const struct builtin *
find_builtin(const char *name)
{
	for (size_t i = 0; i < builtin_count; i++) {
		if (strcmp(builtin_tals[i].name, name) == 0) {
			return &builtin_tals[i];
		}
	}
	return NULL;
}

/* A built-in name, or else a file. */
static bool
add_named(struct load *load, const char *name)
{
	const struct builtin *builtin = find_builtin(name);
	struct nearest near;

	if (builtin != NULL) {
		return add_builtin(load, builtin);
	}
	if (strchr(name, '/') != NULL || access(name, F_OK) == 0) {
		return add_file(load, name);
	}
	octets_printf(load->why, "no trust anchor `");
	text_escape(load->why, text_bytes(name));
	octets_printf(load->why, "` is built in, and no such file is here");
	near = nearest_start(name);
	for (size_t i = 0; i < builtin_count; i++) {
		nearest_offer(&near, text_bytes(builtin_tals[i].name));
	}
	nearest_say(&near, load->why);
	return false;
}

static bool
is_called(const char *name, const char *end)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > strlen(end) &&
	       strcmp(name + len - strlen(end), end) == 0;
}

static int
is_tal(const struct dirent *entry)
{
	return is_called(entry->d_name, suffix);
}

static int
is_rules(const struct dirent *entry)
{
	return is_called(entry->d_name, rules);
}

static bool
add_folder(struct load *load, const char *dir)
{
	struct dirent **names = NULL;
	int count = scandir(dir, &names, is_tal, alphasort);
	bool good = count > 0;

	if (count < 0) {
		octets_printf(load->why, "%s: %s", dir, strerror(errno));
	} else if (count == 0) {
		octets_printf(load->why,
		    "%s: no *.tal file for --extra-tals-dir", dir);
	}
	for (int i = 0; i < count; i++) {
		good =
		    good && add_file(load, arena_printf(load->all->arena,
					       "%s/%s", dir, names[i]->d_name));
		free(names[i]);
	}
	free(names);
	return good;
}

/* A folder that is not there would hold nobody to anything. */
static bool
have_constraints(struct load *load)
{
	const char *dir = load->all->at[SET_CONSTRAINTS_DIR].text;

	if (dir != NULL && access(arena_printf(load->all->arena, "%s/.", dir),
			       R_OK | X_OK) != 0) {
		octets_printf(load->why, "%s: %s", dir, strerror(errno));
		setting_blame(load->all, SET_CONSTRAINTS_DIR, 0, load->why);
		return false;
	}
	return true;
}

/* A trust anchor in use, or one that could be, has this name. */
static bool
meets_one(struct load *load, const char *dir, const char *file)
{
	const char *stem = text_copy(load->all->arena,
	    bytes_of(file, strlen(file) - (sizeof(rules) - 1)));
	struct nearest near = nearest_start(stem);
	bool met = find_builtin(stem) != NULL;

	for (size_t i = 0; !met && i < load->count; i++) {
		met = strcmp(load->stems[i], stem) == 0;
		nearest_offer(&near, text_bytes(load->stems[i]));
	}
	if (!met) {
		octets_printf(load->why, "%s/%s: no trust anchor is called ",
		    dir, file);
		text_escape(load->why, text_bytes(stem));
		nearest_say(&near, load->why);
		setting_blame(load->all, SET_CONSTRAINTS_DIR, 0, load->why);
	}
	return met;
}

/* A file under a wrong name would hold nobody to anything either. */
static bool
all_constraints_meet(struct load *load)
{
	const char *dir = load->all->at[SET_CONSTRAINTS_DIR].text;
	struct dirent **names = NULL;
	int count = dir == NULL ? 0 : scandir(dir, &names, is_rules, alphasort);
	bool good = true;

	for (int i = 0; i < count; i++) {
		good = good && meets_one(load, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return good;
}

static bool
add_all(struct load *load)
{
	const struct settings *all = load->all;
	const struct policy_list *named = &all->at[SET_TAL].list;
	const char *dir = all->at[SET_EXTRA_TALS_DIR].text;
	bool good = have_constraints(load);

	if (good && named->count == 0 && !setting_on(all, SET_NO_RIR_TALS)) {
		for (size_t i = 0; good && i < builtin_count; i++) {
			good = add_builtin(load, &builtin_tals[i]);
		}
	}
	for (size_t i = 0; good && i < named->count; i++) {
		good = add_named(load, named->items[i]);
		if (!good) {
			setting_blame(all, SET_TAL, i, load->why);
		}
	}
	if (good && dir != NULL) {
		good = add_folder(load, dir);
		if (!good) {
			setting_blame(all, SET_EXTRA_TALS_DIR, 0, load->why);
		}
	}
	if (!good) {
		return false;
	}
	if (load->count == 0) {
		octets_printf(load->why,
		    "no trust anchors: --no-rir-tals leaves none; --tal or "
		    "--extra-tals-dir must name some");
		return false;
	}
	if (load->labels_used < all->at[SET_TAL_LABEL].list.count) {
		octets_printf(load->why,
		    "a --tal-label does not fit any trust anchor in use; it "
		    "is NAME=LABEL, one for each NAME");
		return false;
	}
	return all_constraints_meet(load);
}

bool
anchors_load(struct policy *policy, const struct settings *all,
    struct octets *why)
{
	struct load load = { .all = all, .why = why };
	bool good = add_all(&load);

	if (good) {
		struct policy_tal *tals =
		    arena_zero(all->arena, load.count, sizeof(*tals));

		memcpy(tals, load.tals, load.count * sizeof(*tals));
		policy->tals = tals;
		policy->tal_count = load.count;
	}
	free(load.tals);
	free(load.stems);
	return good;
}

void
anchors_print(struct octets *out)
{
	for (size_t i = 0; i < builtin_count; i++) {
		struct bytes uris = text_bytes(builtin_tals[i].uris);

		octets_printf(out, "%s\n", builtin_tals[i].name);
		while (uris.len > 0) {
			octets_printf(out, "    ");
			octets_add_bytes(out, text_cut(&uris, ' '));
			octets_printf(out, "\n");
		}
		octets_printf(out, "    key %s\n", builtin_tals[i].key_hash);
	}
}
