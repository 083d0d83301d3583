/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edition - how a set that was brought comes to be the one that is served: made
 * ready by a worker (daemon/publish.h), adopted, told to everybody.
 */
#pragma once

#include "daemon/service.h"

/* What was brought last, or what is there, goes to a worker. */
void edition_begin(struct service *service);

/* It came back, and routers may be told of it. */
void edition_adopt(struct service *service);

/* Have the files of what is served written. One writing at a time; the newest
 * set wins. */
void edition_write(struct service *service);
