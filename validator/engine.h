/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine - the process that fetches, parses and judges: one request, then the
 * end.
 *
 * Reads the request from a socket, confines itself, works, and answers in the
 * frames of payload/wire.h. Exit code 0 when it could answer, whatever the
 * answer; the answer's own code is in WIRE_DONE.
 */
#pragma once

int engine_main(int fd);
