/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * house - a service of nothing but values, with a real web on loopback and a
 * client that says what it is told, all on one event loop.
 */
#pragma once

#include "base/octets.h"
#include "output/web.h"

struct event_base;

struct house {
	struct event_base *base;
	struct web *web;
	struct log *log;
	unsigned port;
	unsigned host; /* clients dial from 127.0.0.host; 0: .1 */
	struct view view;
	struct slurm *slurm;
	const struct snapshot *whole, *current;
	const struct account *account;
	struct history *history;
	size_t router_count;
	struct view_router routers[4];
	struct web_config config; /* ceilings; set before house_open() */
};

/* A set, a report with repositories and findings, exceptions. */
void house_fill(struct house *house);
void house_open(struct house *house);
void house_close(struct house *house); /* with what it was filled with */

/* The same payload, from elsewhere and later: no new serial. The web is told.
 */
void house_move(struct house *house);

/* The very same a moment later, within the second even. The web is told. */
void house_again(struct house *house);

/* Another set of VRPs: a new serial. The web is told. */
void house_change(struct house *house, unsigned vrps);

/* Say this and hear everything until the other side closes; the test fails
 * when that takes more than a minute. The caller frees. */
char *house_talk(struct house *house, const char *request, size_t *len);

/* A GET that asks to close, with more fields ("A: b\r\n") or "". */
char *house_get(struct house *house, const char *target, const char *fields);

/* Only connect, only send; the loop turns a little. */
int house_dial(struct house *house);
void house_send(struct house *house, int fd, const char *text);
void house_send_part(struct house *house, int fd, const char *octets,
    size_t len);
char *house_hear(struct house *house, int fd, size_t *len);
void house_turn(struct house *house, unsigned times);

/* What follows the empty line. */
const char *house_body(const char *answer);
