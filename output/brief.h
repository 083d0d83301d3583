/* SPDX-License-Identifier: BSD-2-Clause */
/* brief - answers that are said at once, on the event loop. */
#pragma once

#include "base/log.h"
#include "output/answer.h"
#include "output/validity.h"
#include "output/view.h"

const struct answer *brief_text(const char *text);
/* Status 503, with Retry-After. */
const struct answer *brief_later(unsigned seconds, const char *line, bool json);
/* Status 304: the client holds the answer that is known by these. */
const struct answer *brief_held(const struct answer_parts *known);
const struct answer *brief_options(unsigned methods);

const struct answer *brief_validity(const struct origin_index *index,
    const struct validity_route *route, struct arena *arena);
/* Session and serial, as /json-delta/notify has them. */
const struct answer *brief_notice(const struct view *view);
const struct answer *brief_log(struct log *log);
const struct answer *brief_ready(const struct view *view);
