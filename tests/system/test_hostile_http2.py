# SPDX-License-Identifier: BSD-2-Clause
"""HTTP/1.1 is all that is asked for: a server that would rather speak HTTP/2
(RFC 9113) does so in vain, seen by the installed kedge."""
import struct

import pytest

from test_hostile_http import front, judge, kept_of

DATA, HEADERS, SETTINGS = 0, 1, 4
STATUS_200 = b"\x88"


def frame(kind, flags, stream, octets=b""):
    return struct.pack(">I", len(octets))[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + octets


@pytest.fixture
def prefers(town, certificates):
    """The hostile host from now on would rather have these, in this order."""
    def prefer(*protocols):
        context = certificates.context("town-%d" % town.rsync_port)
        context.set_alpn_protocols(protocols)
        front(town, context)
    yield prefer
    town.server.context.sni_callback = None


@pytest.mark.parametrize("protocols", [("h2", "http/1.1"), ("h2",)])
def test_not_offered(town, bad, prefers, tmp_path, protocols):
    bad.offer()
    prefers(*protocols)
    honest, chosen = town.server.routes["bad/notification.xml"], []

    def script(connection, request):
        chosen.append(connection.selected_alpn_protocol())
        connection.sendall(honest)
    town.server.routes["bad/notification.xml"] = script
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert town.notify() not in run.faults, run.stderr
    assert chosen == ["http/1.1" if "http/1.1" in protocols else None]


@pytest.mark.parametrize("flood", [frame(DATA, 0, 1), frame(SETTINGS, 0, 0),
                                   frame(99, 0, 0, b"x" * 99)],
                         ids=["data", "settings", "unknown"])
def test_comes_unasked(town, bad, prefers, tmp_path, flood):
    bad.offer()
    prefers("h2")

    def script(connection, request):
        connection.sendall(frame(SETTINGS, 0, 0) + frame(HEADERS, 4, 1, STATUS_200))
        while True:
            connection.sendall(flood * 50000)
    town.server.routes["bad/notification.xml"] = script
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    judge(town, run, "http-protocol", kept_of(town))
