# SPDX-License-Identifier: BSD-2-Clause
"""Ports for servers that are told where to listen.

They lie below those that the kernel gives to connections, and each worker of
pytest-xdist has a range of its own, so that nobody takes one between its choice
and its use.
"""
import itertools
import os
import random
import socket

FIRST, EACH = 10000, 2500
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8
_next = itertools.cycle(range(EACH))
for _ in range(random.randrange(EACH)):
    next(_next)


def free_port(address="127.0.0.1"):
    for _ in range(EACH):
        port = FIRST + _worker * EACH + next(_next)
        with socket.socket() as s:
            try:
                s.bind((address, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
