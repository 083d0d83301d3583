/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account - the report of a run, shared by count as snapshots are: whoever
 * renders it on another thread holds it for that long.
 */
#pragma once

#include "payload/report.h"

struct account;

/* A copy of the report; the first reference. */
const struct account *account_new(const struct report *report);
const struct account *account_get(const struct account *account);
void account_put(const struct account *account); /* NULL is fine */

/* Lent: lives as long as the account. NULL gives NULL. */
const struct report *account_report(const struct account *account);
