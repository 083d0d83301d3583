/* SPDX-License-Identifier: BSD-2-Clause */
/* story - see story.h. */
#include "tests/forge/story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"
#include "tests/forge/content.h"
#include "tests/forge/mischief.h"
#include "tests/forge/mutant.h"
#include "tests/forge/notice.h"
#include "tests/forge/press.h"
#include "tests/forge/shelf.h"
#include "tests/forge/truth.h"

enum { WORDS = 4096 };

int
story_step(struct world *world)
{
	int rc;

	world->step++;
	press_world(world);
	if (world->out == NULL) {
		return 0; /* only the octets are wanted */
	}
	rc = shelf_step(world);
	if (rc == 0) {
		rc = truth_write(world);
	}
	if (rc == 0 && world->step == 1) {
		rc = shelf_tals(world);
	}
	world->clock += 60;
	return rc;
}

static bool
complain(const char *what, const char *word)
{
	fprintf(stderr, "kedge-forge: %s: %s\n", what, word);
	return false;
}

/* "alpha/beta/one" -> the CA alpha/beta and the name one. */
static struct ca *
split(const struct world *world, char *path, char **name)
{
	char *slash = strrchr(path, '/');
	struct ca *ca;

	if (slash == NULL) {
		return NULL;
	}
	*slash = '\0';
	ca = world_find_ca(world, path);
	*slash = '/';
	*name = slash + 1;
	return ca;
}

static struct item *
item_of(const struct world *world, const char *target)
{
	struct item *item = world_find_item(world, target);

	if (item == NULL) {
		complain("no such object", target);
	}
	return item;
}

/* --- what there is */

static bool
tell_now(struct world *world, char **words, size_t count)
{
	(void)count;
	return clock_parse(&world->clock, text_bytes(words[1])) ||
	       complain("not a time", words[1]);
}

static bool
option(struct world *world, struct ca *ca, const char *name, const char *what)
{
	if (strcmp(name, "host") == 0) {
		ca->host = world_host(world, what);
	} else if (strcmp(name, "via") == 0) {
		ca->via = strcmp(what, "rsync") == 0  ? VIA_RSYNC
			  : strcmp(what, "rrdp") == 0 ? VIA_RRDP
						      : VIA_BOTH;
	} else {
		return complain("no such option", name);
	}
	return true;
}

static bool
tell_ca(struct world *world, char **words, size_t count)
{
	struct spans spans = { 0 };
	struct ca *parent = NULL, *ca;
	size_t i = 2;
	char *name;

	if (strcmp(words[0], "ca") == 0) {
		parent = split(world, words[1], &name);
		if (parent == NULL) {
			return complain("no parent", words[1]);
		}
	}
	for (; i < count && strcmp(words[i], "via") != 0 &&
	       strcmp(words[i], "host") != 0;
	     i++) {
		if (!span_add(&spans, words[i])) {
			span_clear(&spans);
			return complain("not a resource", words[i]);
		}
	}
	span_settle(&spans);
	if (spans.inherit != 0 && parent != NULL) {
		spans.inherit = span_kinds(&parent->resources);
	}
	if (world->ca_keys + world->ee_count >= key_ring_size(world->ring)) {
		return complain("out of keys", words[1]);
	}
	ca = world_ca(world, words[1], parent, &spans);
	for (; i + 1 < count; i += 2) {
		if (!option(world, ca, words[i], words[i + 1])) {
			return false;
		}
	}
	return true;
}

static struct item *
new_item(struct world *world, enum item_kind kind, char **words, size_t count)
{
	struct item *item;
	struct ca *ca;
	char *name;

	ca = split(world, words[1], &name);
	if (ca == NULL) {
		complain("no such CA", words[1]);
		return NULL;
	}
	item = world_item(world, ca, kind, name);
	item->word_count = count - 2;
	item->words = arena_zero(world->arena, count - 1, sizeof(char *));
	for (size_t i = 2; i < count; i++) {
		item->words[i - 2] = arena_text(world->arena, words[i]);
	}
	return item;
}

static const struct {
	const char *word;
	enum item_kind kind;
	size_t least; /* words */
} things[] = {
	{ "roa", ITEM_ROA, 3 },
	{ "aspa", ITEM_ASPA, 3 },
	{ "routerkey", ITEM_ROUTER, 3 },
	{ "gbr", ITEM_GBR, 2 },
	{ "tak", ITEM_TAK, 2 },
	{ "spl", ITEM_SPL, 3 },
	{ "rsc", ITEM_RSC, 3 },
};

static bool
tell_thing(struct world *world, char **words, size_t count)
{
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		struct item *item;

		if (strcmp(things[i].word, words[0]) != 0) {
			continue;
		}
		if (count < things[i].least) {
			return complain("too little said", words[0]);
		}
		item = new_item(world, things[i].kind, words, count);
		if (item != NULL && item->kind == ITEM_ROUTER) {
			item->key = key_router();
		}
		if (item != NULL && item->kind == ITEM_TAK && count == 2) {
			item->words =
			    arena_zero(world->arena, 1, sizeof(char *));
			item->word_count = 1;
			item->words[0] = arena_text(world->arena,
			    world_cert_uri(world, item->ca, world->arena));
		}
		return item != NULL;
	}
	return complain("no such word", words[0]);
}

/* file alpha/x.bin 00ff | file alpha/x.roa copy alpha/one.roa */
static bool
tell_file(struct world *world, char **words, size_t count)
{
	struct item *item = new_item(world, ITEM_FILE, words, count);
	struct item *from;
	struct octets out = { 0 };

	if (item == NULL) {
		return false;
	}
	item->invalid = true;
	if (count == 4 && strcmp(words[2], "copy") == 0) {
		from = item_of(world, words[3]);
		item->octets = from == NULL ? item->octets : from->octets;
		return from != NULL;
	}
	if (count > 2 && !text_from_hex(&out, text_bytes(words[2]))) {
		return complain("not hex", words[2]);
	}
	item->octets = arena_copy(world->arena, octets_bytes(&out));
	octets_clear(&out);
	return true;
}

/* loop alpha/beta/again alpha: beta certifies alpha's key and place */
static bool
tell_loop(struct world *world, char **words, size_t count)
{
	struct item *item = new_item(world, ITEM_CERT, words, count);
	struct ca *ancestor = world_find_ca(world, words[2]);

	if (item == NULL || ancestor == NULL) {
		return complain("no such CA", words[2]);
	}
	item->child = ancestor;
	item->loop = true;
	return true;
}

/* chain alpha/deep 5 10.0.0.0/8: deep, deep/1, deep/1/1 ... each below */
static bool
tell_chain(struct world *world, char **words, size_t count)
{
	unsigned long depth = strtoul(words[2], NULL, 10);
	char path[2048], word[] = "ca";
	char *line[WORDS];

	snprintf(path, sizeof(path), "%.1000s", words[1]);
	memcpy(line, words, count * sizeof(char *));
	for (unsigned long i = 0; i < depth; i++) {
		line[1] = word;
		line[2] = path;
		if (!tell_ca(world, line + 1, count - 1)) {
			return false;
		}
		if (strlen(path) + 3 > sizeof(path)) {
			return complain("too deep", words[2]);
		}
		strcat(path, "/n");
	}
	return true;
}

/* brood alpha/many 100 10.0.0.0/8: many1, many2 ... side by side */
static bool
tell_brood(struct world *world, char **words, size_t count)
{
	unsigned long n = strtoul(words[2], NULL, 10);
	char path[1024], word[] = "ca";
	char *line[WORDS];

	memcpy(line, words, count * sizeof(char *));
	line[1] = word;
	line[2] = path;
	for (unsigned long i = 1; i <= n; i++) {
		snprintf(path, sizeof(path), "%.900s%lu", words[1], i);
		if (!tell_ca(world, line + 1, count - 1)) {
			return false;
		}
	}
	return true;
}

/* --- what happens to it */

static bool
tell_mark(struct world *world, char **words, size_t count)
{
	struct item *item = item_of(world, words[1]);
	const char *what = words[0];

	(void)count;
	if (item == NULL) {
		return false;
	}
	if (strcmp(what, "withdraw") == 0) {
		item->withdrawn = true;
		item->ca->stale = true;
	} else if (strcmp(what, "hide") == 0) {
		item->hidden = true;
	} else if (strcmp(what, "show") == 0) {
		item->hidden = false;
	} else if (strcmp(what, "unlist") == 0) {
		item->unlisted = item->ca->stale = true;
	} else if (strcmp(what, "alter") == 0) {
		item->altered = true;
	} else if (strcmp(what, "valid") == 0) {
		item->invalid = false;
	} else if (strcmp(what, "invalid") == 0) {
		item->invalid = true;
	} else if (strcmp(what, "touch") == 0) {
		world_touch(item);
	} else { /* mend */
		item->edits = item->last_edit = NULL;
		item->hidden = item->altered = item->unlisted = false;
		item->invalid = false;
		item->signer = NULL;
		item->mutant = NULL;
		world_touch(item);
	}
	return true;
}

/* Revoking needs a serial number, so the point is issued first. */
static bool
tell_revoke(struct world *world, char **words, size_t count)
{
	struct item *item = item_of(world, words[1]);

	(void)count;
	if (item == NULL) {
		return false;
	}
	if (item->kind == ITEM_MANIFEST) {
		item->serial = item->ca->next_serial; /* the coming one */
		for (size_t i = 0; i < item->ca->count; i++) {
			item->serial +=
			    item->ca->items[i]->stale &&
			    item->ca->items[i]->kind > ITEM_MANIFEST;
		}
	} else if (item->stale) {
		press_item(world, item);
	}
	world_revoke(item);
	item->invalid = true;
	return true;
}

static bool
tell_break(struct world *world, char **words, size_t count)
{
	struct item *item = item_of(world, words[1]);

	(void)count;
	return item != NULL &&
	       (mischief_break(world, item, words[2]) ||
		   complain("no such way to break it", words[2]));
}

/* set TARGET FIELD VALUE, drop TARGET FIELD, ... */
static bool
tell_edit(struct world *world, char **words, size_t count)
{
	struct item *item = item_of(world, words[1]);

	if (item == NULL) {
		return false;
	}
	item->invalid = true;
	return mischief_edit(world, item, words[2], words[0],
		   count > 3 ? words[3] : "-") ||
	       complain("not a value", words[3]);
}

static bool
tell_signer(struct world *world, char **words, size_t count)
{
	struct item *item = item_of(world, words[1]);
	struct ca *ca = world_find_ca(world, words[2]);

	(void)count;
	if (item == NULL || ca == NULL) {
		return complain("no such CA", words[2]);
	}
	item->signer = ca->key;
	item->invalid = true;
	world_touch(item);
	return true;
}

/* mutate alpha/one.roa 17 */
static bool
tell_mutate(struct world *world, char **words, size_t count)
{
	struct item *item = item_of(world, words[1]);
	struct mutant *mutant;

	(void)count;
	if (item == NULL) {
		return false;
	}
	mutant = arena_zero(world->arena, 1, sizeof(*mutant));
	mutant->seed = strtoull(words[2], NULL, 10);
	mutant->clock = world->clock;
	mutant->wrapped = content_type(item->kind) != NULL;
	item->mutant = mutant;
	item->invalid = true;
	world_touch(item);
	return true;
}

/* oddkey alpha/one.roa 1024 65537: for its EE or, of a .cer, for the CA */
static bool
tell_oddkey(struct world *world, char **words, size_t count)
{
	struct item *item = item_of(world, words[1]);
	struct key *key;

	if (item == NULL) {
		return false;
	}
	key = key_odd((unsigned)strtoul(words[2], NULL, 10),
	    count > 3 ? (unsigned)strtoul(words[3], NULL, 10) : 65537);
	if (item->kind == ITEM_CERT && !item->loop) {
		key_free(item->child->key);
		item->child->key = key;
		item->child->look = key;
		item->child->stale = true;
	} else {
		key_free(item->key);
		item->key = key;
	}
	item->invalid = true;
	world_touch(item);
	return true;
}

/* list alpha/x.roa [hash]: an entry that no file stands behind */
static bool
tell_list(struct world *world, char **words, size_t count)
{
	struct entry *entry = arena_zero(world->arena, 1, sizeof(*entry));
	struct octets hash = { 0 };
	const struct item *item;
	struct ca *ca;
	char *name;

	ca = split(world, words[1], &name);
	if (ca == NULL) {
		return complain("no such CA", words[1]);
	}
	item = world_find_item(world, words[1]);
	if (item != NULL) {
		memcpy(entry->hash, item->hash, 32);
	}
	if (count > 2 && text_from_hex(&hash, text_bytes(words[2])) &&
	    hash.len == 32) {
		memcpy(entry->hash, hash.at, 32);
	}
	octets_clear(&hash);
	entry->name = arena_text(world->arena, name);
	entry->next = ca->entries;
	ca->entries = entry;
	ca->stale = true;
	return true;
}

static bool
tell_point(struct world *world, char **words, size_t count)
{
	const char *what = words[0];
	bool any = false;

	(void)count;
	for (size_t i = 0; i < world->ca_count; i++) {
		struct ca *ca = world->cas[i];

		if (strcmp(words[1], "all") != 0 &&
		    strcmp(words[1], ca->path) != 0) {
			continue;
		}
		any = true;
		if (strcmp(what, "reissue") == 0) {
			ca->stale = true;
		} else if (strcmp(what, "freeze") == 0) {
			ca->frozen = true;
		} else { /* thaw */
			ca->frozen = false;
		}
	}
	return any || complain("no such CA", words[1]);
}

/* number alpha/beta 3: the number before the next */
static bool
tell_number(struct world *world, char **words, size_t count)
{
	struct ca *ca = world_find_ca(world, words[1]);

	(void)count;
	if (ca == NULL) {
		return complain("no such CA", words[1]);
	}
	ca->number = strtoull(words[2], NULL, 10) - 1;
	ca->stale = true;
	return true;
}

/* rename alpha/beta other: its manifest is called other.mft from now on */
static bool
tell_rename(struct world *world, char **words, size_t count)
{
	struct ca *ca = world_find_ca(world, words[1]);

	(void)count;
	if (ca == NULL) {
		return complain("no such CA", words[1]);
	}
	ca->items[1]->file = arena_printf(world->arena, "%s.mft", words[2]);
	world_touch(ca->cert);
	ca->stale = true;
	return true;
}

static bool
tell_pass(struct world *world, char **words, size_t count)
{
	char text[64];
	int64_t seconds;

	/* "pass 40 days" and "pass 40d" */
	snprintf(text, sizeof(text), "%.30s%.1s", words[1],
	    count > 2 ? words[2] : "");
	if (!mischief_span(text, &seconds)) {
		return complain("not a span of time", words[1]);
	}
	world->clock += seconds;
	return true;
}

static bool
tell_host(struct world *world, char **words, size_t count)
{
	struct host *host = world_host(world, words[1]);
	bool gone = strcmp(words[0], "vanish") == 0;

	if (count < 3 || strcmp(words[2], "rsync") == 0) {
		host->rsync_gone = gone;
	}
	if (count < 3 || strcmp(words[2], "rrdp") == 0) {
		host->rrdp_gone = gone;
	}
	return true;
}

/* rrdp HOST session | rrdp HOST mend | rrdp HOST snapshot truncated */
static bool
tell_rrdp(struct world *world, char **words, size_t count)
{
	struct host *host = world_host(world, words[1]);

	if (strcmp(words[2], "session") == 0) {
		notice_new_session(host);
		return true;
	}
	return notice_spoil(world, host, words[2], count > 3 ? words[3] : "") ||
	       complain("no such way to spoil it", words[2]);
}

static bool
tell_step(struct world *world, char **words, size_t count)
{
	int rc = story_step(world);

	(void)words;
	(void)count;
	return rc == 0 || complain("cannot write", strerror(-rc));
}

static const struct {
	const char *word;
	size_t least;
	bool (*tell)(struct world *world, char **words, size_t count);
} commands[] = {
	{ "now", 2, tell_now },
	{ "anchor", 3, tell_ca },
	{ "ca", 3, tell_ca },
	{ "chain", 4, tell_chain },
	{ "brood", 4, tell_brood },
	{ "loop", 3, tell_loop },
	{ "file", 2, tell_file },
	{ "withdraw", 2, tell_mark },
	{ "hide", 2, tell_mark },
	{ "show", 2, tell_mark },
	{ "unlist", 2, tell_mark },
	{ "alter", 2, tell_mark },
	{ "valid", 2, tell_mark },
	{ "invalid", 2, tell_mark },
	{ "touch", 2, tell_mark },
	{ "mend", 2, tell_mark },
	{ "revoke", 2, tell_revoke },
	{ "break", 3, tell_break },
	{ "set", 4, tell_edit },
	{ "drop", 3, tell_edit },
	{ "before", 4, tell_edit },
	{ "after", 4, tell_edit },
	{ "inside", 4, tell_edit },
	{ "append", 4, tell_edit },
	{ "tag", 4, tell_edit },
	{ "flip", 3, tell_edit },
	{ "twice", 3, tell_edit },
	{ "swap", 3, tell_edit },
	{ "long", 3, tell_edit },
	{ "indefinite", 3, tell_edit },
	{ "signer", 3, tell_signer },
	{ "mutate", 3, tell_mutate },
	{ "oddkey", 3, tell_oddkey },
	{ "list", 2, tell_list },
	{ "reissue", 2, tell_point },
	{ "freeze", 2, tell_point },
	{ "thaw", 2, tell_point },
	{ "number", 3, tell_number },
	{ "rename", 3, tell_rename },
	{ "pass", 2, tell_pass },
	{ "vanish", 2, tell_host },
	{ "return", 2, tell_host },
	{ "rrdp", 3, tell_rrdp },
	{ "step", 1, tell_step },
};

bool
story_tell(struct world *world, char **words, size_t count)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].word, words[0]) != 0) {
			continue;
		}
		return count >= commands[i].least
			   ? commands[i].tell(world, words, count)
			   : complain("too little said", words[0]);
	}
	return tell_thing(world, words, count);
}

/* Words end at blanks; what follows a # that begins a word is a remark. */
static size_t
cut(char *line, char **words)
{
	char *save = NULL;
	size_t count = 0;

	for (char *word = strtok_r(line, " \t\r\n", &save); word != NULL;
	     word = strtok_r(NULL, " \t\r\n", &save)) {
		if (word[0] == '#' || count == WORDS - 1) {
			break;
		}
		words[count++] = word;
	}
	return count;
}

int
story_play(struct world *world, const char *path)
{
	char **words = mem_zero(WORDS, sizeof(char *));
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char *line = NULL;
	size_t room = 0, count, number = 0;
	bool dirty = true, ok = file != NULL;

	if (!ok) {
		complain(path, strerror(errno));
	}
	while (ok && getline(&line, &room, file) >= 0) {
		number++;
		count = cut(line, words);
		if (count == 0 || strcmp(words[0], "expect") == 0) {
			continue; /* expectations are the harness's business */
		}
		dirty = strcmp(words[0], "step") != 0;
		ok = story_tell(world, words, count);
		if (!ok) {
			fprintf(stderr, "kedge-forge: %s line %zu\n", path,
			    number);
		}
	}
	if (ok && dirty) {
		ok = tell_step(world, NULL, 0);
	}
	if (file != NULL && file != stdin) {
		fclose(file);
	}
	free(line);
	free(words);
	return ok ? 0 : 1;
}
