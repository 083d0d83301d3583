/* SPDX-License-Identifier: BSD-2-Clause */
/* brief - answers that are said at once, on the event loop. */
#pragma once

#include "base/log.h"
#include "output/response.h"
#include "output/validity.h"
#include "output/view.h"

const struct response *brief_text(const char *text);
/* Status 503, with Retry-After. */
const struct response *brief_later(unsigned seconds, const char *line,
    bool json);
/* Status 304: the client holds the answer that is known by these. */
const struct response *brief_held(const struct response_parts *known);
const struct response *brief_options(unsigned methods);

const struct response *brief_validity(const struct origin_index *index,
    const struct validity_route *route, struct arena *arena);
/* Session and serial, as /json-delta/notify has them. */
const struct response *brief_notice(const struct view *view);
const struct response *brief_log(struct log *log);
const struct response *brief_ready(const struct view *view);
