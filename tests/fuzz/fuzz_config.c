/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_config - the reader of the configuration file, of host lists and of
 * routes takes any octets; what it refuses, it explains in one line.
 */
#include <stdlib.h>

#include "daemon/configfile.h"
#include "daemon/hosts.h"
#include "daemon/manual.h"
#include "daemon/routes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool held)
{
	if (!held) {
		abort();
	}
}

/* One line for people, exactly where it said no. */
static void
check_why(bool good, struct octets *why)
{
	demand(good == (why->len == 0));
	for (size_t i = 0; i < why->len; i++) {
		demand(why->at[i] != '\n' && why->at[i] != 0x1b);
	}
	octets_clear(why);
}

static void
check_config(struct bytes text)
{
	struct arena *arena = arena_new();
	struct octets why = { 0 }, out = { 0 };
	struct settings all;
	bool good;

	setting_init(&all, arena);
	good = configfile_read_text(&all, "f", text, COMMAND_VRPS, &why);
	check_why(good, &why);
	manual_config(&out, &all);
	octets_clear(&out);
	setting_clear(&all);
	arena_free(arena);
}

static void
check_lists(struct bytes text)
{
	struct arena *arena = arena_new();
	struct policy_list hosts = { 0 };
	struct routes routes = { 0 };
	struct octets why = { 0 };

	check_why(hosts_read(&hosts, text, "f", arena, &why), &why);
	check_why(routes_parse(&routes, text, "f", ROUTES_TEXT, &why), &why);
	check_why(routes_parse(&routes, text, "f", ROUTES_JSON, &why), &why);
	routes_clear(&routes);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_config(bytes_of(data, size));
	check_lists(bytes_of(data, size));
	return 0;
}
