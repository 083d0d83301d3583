/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip - compress a body whole (RFC 1952). The door to zlib. */
#pragma once

#include "base/octets.h"

/* 0 or -ENOMEM: then *out is as it was. */
int gzip_all(struct octets *out, struct bytes in);
