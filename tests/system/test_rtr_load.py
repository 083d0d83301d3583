# SPDX-License-Identifier: BSD-2-Clause
"""Many routers at once, and those that hold back: what a client costs, and that
nobody feels the others.
"""
import resource
import selectors
import socket
import ssl
import struct

import pytest

from cache import running
from daemon import free_port
from papers import Papers
from router import NOTIFY

VRPS = 20000
CLIENTS = 1000
HOLDING = 50  # ask and never read


@pytest.fixture(scope="module")
def cache(forge, tmp_path_factory):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 3 * CLIENTS:
        pytest.skip("too few descriptors here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * CLIENTS), hard))
    papers = Papers(tmp_path_factory.mktemp("papers") / "tls")
    certificate, key = papers.issue("server", "IP:127.0.0.1")
    tls = free_port()
    with running(forge, tmp_path_factory.mktemp("load"), "--rtr-tls", f"127.0.0.1:{tls}",
                 "--rtr-tls-cert", certificate, "--rtr-tls-key", key,
                 "--rtr-max-clients-per-address", str(3 * CLIENTS),
                 "--rtr-write-timeout", "10") as one:
        one.change({("AS64500", f"10.{n >> 8}.{n & 255}.0/24", str(24 + n % 5))
                    for n in range(VRPS)})
        one.tls = tls
        one.context = ssl.create_default_context(cafile=papers.ca)
        yield one
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def crowd(cache, count, port=None):
    return [socket.create_connection(("127.0.0.1", port or cache.rtr), timeout=60)
            for _ in range(count)]


def take(sockets, length):
    """Read so much from each; the octets of the first."""
    got = {s: bytearray() for s in sockets}
    with selectors.DefaultSelector() as ready:
        for s in sockets:
            s.setblocking(False)
            ready.register(s, selectors.EVENT_READ)
        while ready.get_map():
            events = ready.select(60)
            assert events, "nothing came for a minute"
            for key, _ in events:
                s = key.fileobj
                part = s.recv(1 << 18)
                assert part, "the cache closed"
                got[s] += part
                if len(got[s]) >= length:
                    ready.unregister(s)
    assert {len(octets) for octets in got.values()} == {length}
    first = got[sockets[0]]
    assert all(octets == first for octets in got.values())
    return bytes(first)


def test_a_thousand_resets(cache):
    """One answer, lent to all; those that do not read delay nobody."""
    probe = cache.router(2)
    probe.ask_reset()
    length = sum(p.length for p in probe.answer())
    before = cache.memory()
    holding = crowd(cache, HOLDING)
    for s in holding:
        s.sendall(bytes.fromhex("0202000000000008"))
    sockets = crowd(cache, CLIENTS)
    for s in sockets:
        s.sendall(bytes.fromhex("0202000000000008"))
    octets = take(sockets, length)
    assert octets[-24:-22] == bytes([2, 7])
    grown = cache.memory() - before
    # An answer takes 400 KB; a client a few KB.
    assert grown < (CLIENTS + HOLDING) * 16, grown
    # And one delta for all, each told first.
    cache.change(cache.own - {("AS64500", "10.0.0.0/24", "24")})
    take(sockets, 12)
    session, = struct.unpack(">H", octets[2:4])
    serial, = struct.unpack(">I", octets[-16:-12])
    for s in sockets:
        s.setblocking(True)
        s.sendall(struct.pack(">BBHII", 2, 1, session, 12, serial))
    delta = take(sockets, 8 + 20 + 24)
    assert delta[8:12] == bytes([2, 4, 0, 0]) and delta[16] == 0
    assert probe.read().type == NOTIFY
    for s in sockets + holding:
        s.close()
    probe.close()


def test_tls_lends_too(cache):
    """Those who hold back over TLS cost no copy of the answer either."""
    probe = cache.router(2)
    probe.ask_reset()
    expected = b"".join(p.octets for p in probe.answer())
    probe.close()
    before = cache.memory()
    holding = [cache.context.wrap_socket(s, server_hostname="127.0.0.1")
               for s in crowd(cache, 200, cache.tls)]
    for s in holding:
        s.sendall(bytes.fromhex("0202000000000008"))
    reader, = (cache.context.wrap_socket(s, server_hostname="127.0.0.1")
               for s in crowd(cache, 1, cache.tls))
    reader.sendall(bytes.fromhex("0202000000000008"))
    got = b""
    while len(got) < len(expected):
        got += reader.recv(1 << 18)
    assert got == expected
    grown = cache.memory() - before
    assert grown < 200 * 64, grown
    for s in holding + [reader]:
        s.close()


def test_connections_without_end(cache):
    """Come and go, ask half a question, reset: the next one is served."""
    for n in range(3000):
        with socket.socket() as s:
            s.connect(("127.0.0.1", cache.rtr))
            if n % 3:
                s.sendall(b"\2\2\0")
            if n % 2:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    router = cache.router(2)
    router.reset()
    assert router.vrps == cache.vrps()
    router.close()


def test_the_silent_are_cut(cache):
    """No query, or one that is never taken: each has its time."""
    silent = cache.router(2)
    silent.send(b"\2\2")
    assert silent.read() is None
    cache.wait_for("cut: no whole query came in time")
