/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust - the TLS roots of a run, shared by all connections.
 *
 * Reading the hundred roots of a system takes as long as a small repository,
 * most of it for keys that nobody asks for. So only their names are read, once
 * for all connections; a root is read in full when a chain first asks for one
 * of its name, and at once where several have it. Any thread may lend it.
 */
#pragma once

#include "base/bytes.h"

struct trust;

/* From PEM text; what has not the outline of a certificate is passed over.
 * NULL when nothing is left. */
struct trust *trust_new(struct bytes pem);
void trust_free(struct trust *trust);

/* Have a connection (an SSL_CTX) believe these roots and no others. */
void trust_lend(const struct trust *trust, void *ssl_ctx);
