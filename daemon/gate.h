/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate - what stands before routers and people: the sockets they come to, the
 * access list, TLS, and the keys by which TCP knows routers.
 *
 * Made as a whole from the settings, before anything of it is used; a new one
 * takes the sockets over that the old one has.
 */
#pragma once

#include <stdbool.h>

#include "daemon/notify.h"
#include "daemon/setting.h"
#include "output/web.h"
#include "rtr/server.h"

struct gate;

/* What the service manager opened for us; those taken get an fd of -1. */
struct gate_passed {
	struct notify_socket *sockets;
	size_t count;
};

/*
 * Read the files and open the sockets that the settings name, and take those
 * called rtr, rtr-tls, rtr-local, http and http-tls. `before` may be NULL.
 * NULL, with *why, when something is not good; then `before` is as it was.
 */
struct gate *gate_open(const struct settings *all, const struct gate *before,
    const struct gate_passed *passed, struct octets *why);
void gate_free(struct gate *gate); /* NULL is fine */

/* Would it be refused? Nothing is opened for this but the files it reads. */
bool gate_check(const struct settings *all, struct octets *why);

/* "rtr 127.0.0.1:3323, http 127.0.0.1:8323"; nothing where there is no way. */
void gate_tell(const struct gate *gate, struct octets *out);

/* Is there a way in at all? */
bool gate_any(const struct gate *gate);

/* As server_config wants it. */
bool gate_lets(void *gate, const char *address);

/* Those who may be let in. */
struct gate_hosts {
	struct server *routers;
	struct web *people;
};

/*
 * Let routers and people in by this gate and no other; `before` is the one they
 * came by until now, or NULL. The server's access list must be this gate's
 * already: who is connected and not on it is cut. False, with *why, where a
 * socket refused its keys: then it is not listened on.
 */
bool gate_serve(struct gate *gate, const struct gate *before,
    const struct gate_hosts *hosts, struct octets *why);
