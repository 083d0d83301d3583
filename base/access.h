/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * access - who may connect: prefixes that are let in and prefixes that are not.
 *
 * The most specific prefix that covers an address decides, and where one is
 * both allowed and denied it is denied. An address that no prefix covers is let
 * in only while nothing is allowed by name.
 */
#pragma once

#include <stdbool.h>

#include "base/ip.h"

enum access_word { ACCESS_ALLOW, ACCESS_DENY };

struct access;

struct access *access_new(void);
void access_free(struct access *access); /* NULL is fine */
void access_add(struct access *access, enum access_word word,
    const struct ip_prefix *prefix);

/* What is no address ("local", a socket in the file system) is let in. */
bool access_lets(const struct access *access, const char *address);
