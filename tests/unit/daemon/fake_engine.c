/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_engine - speaks the waist as it is told: the name of the cache folder
 * says how it is to behave.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "payload/wire.h"

enum { FD = 3 };

static struct frame_reader reader;

static struct frame
receive(void)
{
	struct frame frame;

	while (frame_next(&reader, &frame) != 1) {
		if (frame_fill(&reader, FD) <= 0) {
			exit(5);
		}
	}
	return frame;
}

static void
give(enum wire type, const struct octets *body)
{
	(void)frame_send(FD, (uint8_t)type, octets_bytes(body));
}

static void
give_text(enum wire type, int first, const char *text)
{
	struct octets body = { 0 };

	if (first >= 0) {
		octets_u8(&body, (uint8_t)first);
	}
	octets_text(&body, text);
	give(type, &body);
	octets_clear(&body);
}

static void
give_items(uint32_t asn, const char *ta)
{
	const char *const tas[] = { ta };
	struct source source = { .kind = SOURCE_ROA,
		.uri = "rsync://r.example/m/a.roa",
		.expires = INT64_MAX };
	struct vrp vrp = {
		.prefix = { .address = { 10 }, .family = IP_V4, .length = 8 },
		.max_length = 16,
		.asn = asn
	};
	struct octets body = { 0 };

	wire_put_begin(&body, tas, 1);
	give(WIRE_BEGIN, &body);
	octets_reset(&body);
	wire_put_source(&body, &source);
	give(WIRE_SOURCES, &body);
	octets_reset(&body);
	wire_put_vrp(&body, &vrp, 0);
	give(WIRE_VRPS, &body);
	octets_clear(&body);
}

static void
give_seal(uint64_t vrps, bool complete)
{
	struct report report = { .started = 1, .finished = 1772323200 };
	struct wire_seal seal = { .kind = WIRE_SEAL_FINAL,
		.vrps = vrps,
		.valid_until = INT64_MAX,
		.complete = complete };
	struct octets body = { 0 };

	wire_put_report(&body, &report);
	give(WIRE_REPORT, &body);
	octets_reset(&body);
	wire_put_seal(&body, &seal);
	give(WIRE_SEAL, &body);
	octets_clear(&body);
}

static void
wait_for_stop(void)
{
	for (;;) {
		struct frame frame = receive();

		if (frame.type == WIRE_STOP) {
			give_text(WIRE_DONE, 1, "stopped as asked");
			exit(0);
		}
	}
}

static void
behave(const char *how)
{
	if (strcmp(how, "version") == 0) {
		give_text(WIRE_HELLO, -1, "0.0.0-other");
		wait_for_stop();
	}
	if (strcmp(how, "mute") == 0) {
		clock_sleep_ms(60000);
	}
	if (strcmp(how, "loader") == 0) {
		(void)!write(2, "a line before\nlibx.so.9: no such ", 33);
		(void)!write(2, "file\x1b\n\n", 7);
		exit(127);
	}
	if (strcmp(how, "early") == 0) {
		give_seal(0, true);
	}
	give_text(WIRE_HELLO, -1, PACKAGE_VERSION);
	if (strcmp(how, "hang") == 0) {
		wait_for_stop();
	}
	give_text(WIRE_LOG, LOG_LEVEL_INFO, "two\nlines");
	if (strcmp(how, "refuse") == 0) {
		give_text(WIRE_DONE, 1, "a.tal:3: not a key");
		exit(0);
	}
	give_items(strcmp(how, "linger") == 0 ? 64497 : 64496,
	    strcmp(how, "another") == 0 ? "other" : "test");
	if (strcmp(how, "die") == 0) {
		raise(SIGKILL);
	}
	if (strcmp(how, "half") == 0) {
		give_text(WIRE_DONE, 0, "");
		exit(0);
	}
	if (strcmp(how, "unsealed") == 0) {
		give_seal(1, true);
		give_items(64496, "test");
		raise(SIGKILL);
	}
	if (strcmp(how, "garbage") == 0) {
		(void)!write(FD, "\377\377\377\377\377\377\377", 7);
		clock_sleep_ms(60000);
	}
	give_seal(strcmp(how, "liar") == 0 ? 7 : 1,
	    strcmp(how, "incomplete") != 0);
	if (strcmp(how, "linger") == 0) {
		wait_for_stop();
	}
	give_text(WIRE_DONE, 0, "");
}

/* Where the name is "moody", the word in the file beside the folder. */
static const char *
find_mood(const char *cache, struct arena *arena)
{
	const char *slash = strrchr(cache, '/');
	const char *how = slash != NULL ? slash + 1 : cache;
	char word[32] = "";
	FILE *file;

	if (strcmp(how, "moody") != 0) {
		return how;
	}
	file = fopen(arena_printf(arena, "%s.mood", cache), "r");
	if (file == NULL || fscanf(file, "%31s", word) != 1) {
		exit(6);
	}
	(void)fclose(file);
	return arena_text(arena, word);
}

int
main(void)
{
	struct arena *arena = arena_new();
	struct frame frame = receive();
	struct policy policy;

	if (frame.type == WIRE_RUN &&
	    policy_decode(&policy, frame.body, arena)) {
		behave(find_mood(policy.cache, arena));
	}
	arena_free(arena);
	frame_clear(&reader);
	return 0;
}
