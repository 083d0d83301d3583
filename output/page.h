/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * page - what a browser sees at /: how kedge does, and a look-up. One page that
 * loads nothing else and works without scripts.
 */
#pragma once

#include "output/ask.h"
#include "output/atlas.h"
#include "output/response.h"
#include "output/view.h"

struct page_input {
	const struct view *view;
	const struct atlas *atlas; /* of the current set; NULL: no look-up */
	const struct ask *ask;     /* prefix and asn, perhaps */
	int64_t now;
};

const struct response *page_answer(const struct page_input *input);
