/* SPDX-License-Identifier: BSD-2-Clause */
/* hosts - see hosts.h. */
#include "daemon/hosts.h"

#include <string.h>

#include "base/slurp.h"
#include "base/text.h"

enum { HOSTS_OCTETS = 1 << 20, HOST_NAME = 253 };

static bool
host_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

/* A host name in lower case; false when it is none. */
static bool
read_host(struct bytes word, struct arena *arena, const char **out)
{
	char *copy = text_copy(arena, word);

	if (word.len == 0 || word.len > HOST_NAME || copy[0] == '.' ||
	    copy[0] == '-') {
		return false;
	}
	for (char *c = copy; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z') {
			*c = (char)(*c - 'A' + 'a');
		}
		if (!host_octet((uint8_t)*c)) {
			return false;
		}
	}
	*out = copy;
	return true;
}

/* What is before a comment, without blanks and a carriage return. */
static struct bytes
bare(struct bytes line)
{
	line = text_trim(text_cut(&line, '#'));
	if (line.len > 0 && line.at[line.len - 1] == '\r') {
		line.len--;
	}
	return text_trim(line);
}

bool
hosts_read(struct policy_list *to, struct bytes text, const char *path,
    struct arena *arena, struct octets *why)
{
	const char **items =
	    arena_zero(arena, to->count + text_lines(text), sizeof(*items));

	if (to->count > 0) {
		memcpy(items, to->items, to->count * sizeof(*items));
	}
	to->items = items;
	for (unsigned line = 1; text.len > 0; line++) {
		struct bytes word = bare(text_cut(&text, '\n'));

		if (word.len == 0) {
			continue;
		}
		if (!read_host(word, arena, &items[to->count])) {
			octets_printf(why, "%s:%u: `", path, line);
			text_escape(why, word);
			octets_printf(why,
			    "` is no host name; one a line, like "
			    "rpki.example.net");
			return false;
		}
		to->count++;
	}
	return true;
}

static bool
load(struct policy_list *to, const struct settings *all, enum setting_id id,
    struct octets *why)
{
	const struct policy_list *files = &all->at[id].list;
	bool good = true;

	*to = (struct policy_list){ 0 };
	for (size_t i = 0; good && i < files->count; i++) {
		struct octets text = { 0 };
		struct bytes copy;

		good = slurp_soon(&text, files->items[i], HOSTS_OCTETS, why);
		copy = arena_copy(all->arena, octets_bytes(&text));
		octets_clear(&text);
		good = good &&
		       hosts_read(to, copy, files->items[i], all->arena, why);
		if (!good) {
			setting_blame(all, id, i, why);
		}
	}
	return good;
}

bool
hosts_load(struct policy *policy, const struct settings *all,
    struct octets *why)
{
	if (!load(&policy->skip_hosts, all, SET_SKIPLIST, why) ||
	    !load(&policy->only_hosts, all, SET_SHORTLIST, why)) {
		return false;
	}
	if (setting_given(all, SET_SHORTLIST) &&
	    policy->only_hosts.count == 0) {
		octets_printf(why, "%s: a shortlist without a host",
		    all->at[SET_SHORTLIST].list.items[0]);
		return false;
	}
	return true;
}
