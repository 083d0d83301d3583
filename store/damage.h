/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * damage - make good what damage to the store left behind.
 *
 * Rows that cannot be read are passed over by everybody. Here what hung on them
 * is brought back into step with the rest.
 */
#pragma once

#include <stdint.h>

#include "base/log.h"
#include "store/live.h"
#include "store/store.h"

/*
 * Mirrors that no repository owns are emptied, and repositories whose mirrors
 * list what is not there any more are fetched whole again. 0 or -errno.
 */
int damage_mend(struct store *store, const struct live *live, struct log *log);
/* Removes the octets that no hash leads to, and counts them in *removed. 0 or
 * -errno. */
int damage_reconcile(struct store *store, uint64_t *removed);
