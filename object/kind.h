/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind - one row per kind of object: its name, suffix and eContentType.
 */
#pragma once

#include "base/bytes.h"

enum kind {
	KIND_CERT,
	KIND_CRL,
	KIND_MANIFEST,
	KIND_ROA,
	KIND_ASPA,
	KIND_TAK,
	KIND_GBR,
	KIND_RSC,
	KIND_SPL,
	KIND_UNKNOWN, /* a well-formed name of a kind we do not know */
	KIND_COUNT
};

const char *kind_name(enum kind kind);   /* "roa" */
const char *kind_suffix(enum kind kind); /* ".roa"; NULL for unknown */
struct bytes kind_oid(enum kind kind);   /* empty unless a signed object */

/* From the last four octets of a file name or URI. */
enum kind kind_of_name(struct bytes name);
/* From an eContentType. */
enum kind kind_of_oid(struct bytes oid);
