/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust - the TLS roots of a run, read once and shared by all connections.
 *
 * Reading the hundred roots of a system takes as long as a small repository,
 * so it must not be done for each connection. Never changes once made: any
 * thread may lend it.
 */
#pragma once

#include "base/bytes.h"

struct trust;

/* From PEM text; what is no certificate in it is passed over. NULL when there
 * is none at all. */
struct trust *trust_new(struct bytes pem);
void trust_free(struct trust *trust);

/* Have a connection (an SSL_CTX) believe these roots and no others. */
void trust_lend(const struct trust *trust, void *ssl_ctx);
