/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * builtin - the trust anchor locators of the five RIRs, part of the program.
 *
 * The table is made from tals/ when kedge is built.
 */
#pragma once

#include <stddef.h>

struct builtin {
	const char *name;     /* as outputs print it */
	const char *uris;     /* in the order of the file, a blank between */
	const char *key_hash; /* SHA-256 of the key, hex */
	const char *text;     /* the TAL */
};

extern const struct builtin builtin_tals[];
extern const size_t builtin_count;
