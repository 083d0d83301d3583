/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * near - addresses that belong to this machine or its own network.
 *
 * A CA can name any host, and who owns a name decides what it resolves to. So
 * without a look at the address a CA has us connect to what only we can reach.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/bytes.h"

/* Loopback, private, link-local, shared, unspecified or not of one host; also
 * as an IPv4 address within an IPv6 one. Other families: true. */
bool near_address(const struct sockaddr *address);

/*
 * Does the name resolve to such an address, be it among others? Asks the
 * resolver and waits no longer than this: whose name servers say nothing is not
 * to hold a worker for as long as the resolver is patient.
 */
enum near_answer { NEAR_NO, NEAR_YES, NEAR_SILENT };
/* other_family, unless NULL: AF_INET or AF_INET6, whichever the first address
 * does not have and another has; 0: all have one. */
enum near_answer near_host(struct bytes host, int64_t timeout_ms,
    int *other_family);
