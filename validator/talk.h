/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * talk - the engine's mouth: every frame that goes to kedge.
 *
 * A peer that is gone ends the engine's work: talk_gone() says so.
 */
#pragma once

#include <stdbool.h>

#include "base/log.h"
#include "payload/wire.h"

struct talk;

struct talk *talk_new(int fd);
void talk_free(struct talk *talk);
bool talk_gone(const struct talk *talk);

/* Someone hears each frame before it goes; NULL: nobody. */
typedef void talk_ear(void *arg, enum wire type, struct bytes body);
void talk_overheard(struct talk *talk, talk_ear *ear, void *arg);

void talk_hello(struct talk *talk);
/* A log_sink. */
void talk_line(void *talk, enum log_level level, const char *line);
/* Send what waits of them, as every other frame does before it. */
void talk_lines(struct talk *talk);
void talk_progress(struct talk *talk, const struct wire_progress *progress);
void talk_text(struct talk *talk, struct bytes text);
void talk_frame(struct talk *talk, enum wire type, struct bytes body);
void talk_done(struct talk *talk, int code, const char *why);
