/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * books - what a fetch leaves in the row of its repository: how it ended, how
 * often in a row it failed, and when it is to be asked again.
 *
 * For fetching workers, each with its own transaction; the answer that the
 * owner gets says the same (validator/fetcher.h).
 */
#pragma once

#include "store/repository.h"
#include "validator/fetcher.h"

/* What a success changes in a row; `desk` is a struct fetcher_desk. For who
 * writes the row himself, in the transaction that brings the content. */
void books_note_done(const void *desk, struct repository *row);

/* Before rsync: *row is what the store holds, for its number names the folder.
 * Who came before has one, and is noted when it has come again. Else it is
 * written now. 0 or -errno. */
int books_open(struct fetcher *self, const struct fetcher_result *result,
    struct repository *row);

/* It has ended: notes how, unless what brought it has done so, or the run does
 * with what else it remembers (result->later). Sets result->outcome.mirror and
 * result->fallback_at. 0, or -errno where what came could not be noted. */
int books_close(struct fetcher *self, struct fetcher_result *result);
