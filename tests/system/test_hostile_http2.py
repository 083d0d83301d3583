# SPDX-License-Identifier: BSD-2-Clause
"""Servers that speak HTTP/2 as they please (RFC 9113), seen by the installed
kedge. Frames are written by hand: what no library would send is the point."""
import struct
import time

import pytest

from hostile_https import answer
from test_hostile_http import front, judge, kept_of

DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, AWAY, WINDOW, MORE = range(10)
END, ENDED_HEADERS = 1, 4
STATUS_200 = b"\x88"
CALM = 11


def frame(kind, flags, stream, octets=b""):
    return struct.pack(">I", len(octets))[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + octets


def field(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def headers(octets=STATUS_200, flags=ENDED_HEADERS, stream=1):
    return frame(HEADERS, flags, stream, octets)


def body(text, flags=END, stream=1):
    return frame(DATA, flags, stream, text)


def away(error):
    return frame(AWAY, 0, 0, struct.pack(">II", 0, error) + b"\x1b[31m calm")


def reset(error):
    return frame(RESET, 0, 1, struct.pack(">I", error))


def flood(*first):
    """The last of it without an end."""
    def script(connection, text):
        for one in first[:-1]:
            connection.sendall(one)
        while True:
            connection.sendall(first[-1] * 500)
    return script


def once(make):
    """Sends this and says no more."""
    def script(connection, text):
        connection.sendall(make(text))
        time.sleep(60)
    return script


def drip(connection, text):
    connection.sendall(headers())
    while True:
        connection.sendall(body(b"<", 0))
        time.sleep(0.2)


# An entry of 4,000 octets in the table of fields, named ten thousand times.
BOMB = STATUS_200 + b"\x40\x01a\x7f\xbd\x1d" + b"x" * 3900 + b"\xbe" * 10000
PROTOCOL = "http-protocol"
CASES = {
    "refused": (once(lambda t: reset(7)), PROTOCOL),
    "reset": (once(lambda t: reset(2)), PROTOCOL),
    "reset half way": (once(lambda t: headers() + body(t[:50], 0) + reset(2)), PROTOCOL),
    "reset without an error": (once(lambda t: headers() + body(t[:50], 0) + reset(0)),
                               PROTOCOL),
    "gone": (once(lambda t: away(0)), PROTOCOL),
    "asks for calm": (once(lambda t: away(CALM)), PROTOCOL),
    "hangs up": (lambda c, t: None, PROTOCOL),
    "hangs up half way": (lambda c, t: c.sendall(headers() + body(t[:50], 0)), PROTOCOL),
    "nothing more": (once(lambda t: b""), "http-timeout"),
    "drips": (drip, "http-timeout"),
    "pings": (flood(frame(PING, 0, 0, b"x" * 8)), (PROTOCOL, "http-timeout")),
    "settings": (flood(frame(SETTINGS, 0, 0)), (PROTOCOL, "http-timeout")),
    "priorities": (flood(frame(PRIORITY, 0, 1, b"\0\0\0\3\0")),
                   (PROTOCOL, "http-timeout")),
    "empty data": (flood(headers(), body(b"", 0)), (PROTOCOL, "http-timeout")),
    "continuations": (flood(headers(flags=0), frame(MORE, 0, 1, field(b"a", b"b"))),
                      (PROTOCOL, "http-header")),
    "unknown frames": (flood(frame(99, 0, 0, b"x" * 99)), (PROTOCOL, "http-timeout")),
    "windows": (flood(frame(WINDOW, 0, 0, b"\0\0\0\1")), (PROTOCOL, "http-timeout")),
    "window too wide": (once(lambda t: frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff") * 2),
                        PROTOCOL),
    "answers of 100": (flood(headers(b"\x08\x03100")), ("http-header", PROTOCOL)),
    "fields that grow": (once(lambda t: headers(BOMB)), ("http-header", PROTOCOL)),
    "pushes": (once(lambda t: frame(PUSH, ENDED_HEADERS, 1, b"\0\0\0\2\x88")), PROTOCOL),
    "another stream": (once(lambda t: headers(stream=3) + body(t, stream=3)), PROTOCOL),
    "two answers": (once(lambda t: headers() + headers() + body(t)), PROTOCOL),
    "body first": (once(body), PROTOCOL),
    "length short": (once(lambda t: headers(STATUS_200 + field(b"content-length", b"5")) +
                          body(t)), PROTOCOL),
    "length long": (once(lambda t: headers(STATUS_200 + field(b"content-length", b"99999"))
                         + body(t)), PROTOCOL),
    "no status": (once(lambda t: headers(field(b"a", b"b")) + body(t)), PROTOCOL),
    "status of letters": (once(lambda t: headers(b"\x08\x03abc") + body(t)), PROTOCOL),
    "a line within a field": (once(lambda t: headers(
        STATUS_200 + field(b"a", b"b\r\netag: x")) + body(t)), PROTOCOL),
    "chunked": (once(lambda t: headers(
        STATUS_200 + field(b"transfer-encoding", b"chunked")) + body(t)), PROTOCOL),
    "garbage": (flood(b"\xff\0"), PROTOCOL),
    "HTTP/1.1 all the same": (lambda c, t: c.sendall(answer(t)), PROTOCOL),
    "404": (once(lambda t: headers(b"\x8d") + body(t)), "http-status"),
}


@pytest.fixture
def speaks(town, certificates):
    """The hostile host from now on takes nothing but HTTP/2."""
    context = certificates.context("town-%d" % town.rsync_port)
    context.set_alpn_protocols(["h2"])
    front(town, context)

    def speak(script, text):
        def begin(connection, request):
            greeting = frame(SETTINGS, 0, 0) + frame(SETTINGS, 1, 0)
            if script is not CASES["HTTP/1.1 all the same"][0]:
                connection.sendall(greeting)
            script(connection, text)
        # The client's first octets look like a request for "*".
        town.server.routes["*"] = begin
    yield speak
    town.server.context.sni_callback = None


@pytest.mark.parametrize("name", CASES)
def test_notification(town, bad, speaks, tmp_path, name):
    script, wanted = CASES[name]
    speaks(script, bad.offer().encode())
    cache = town.cache(tmp_path / "warm")
    run = town.run(cache, 1, show=False)
    judge(town, run, wanted, kept_of(town))
    assert "\x1b" not in run.stderr
    town.server.context.sni_callback = None
    well = town.run(cache, 1)
    assert well.vrps == town.steps[1].vrps() and well.labels() == []


@pytest.mark.parametrize("more", [b"", headers(b"\x08\x03103"), frame(AWAY, 0, 0, b"\0\0\0\1"
                                                                      b"\0\0\0\0")])
def test_honest(town, bad, speaks, tmp_path, more):
    """A notification that tells of nothing new, by HTTP/2."""
    town.show(0)
    path = town.steps[0].folder / "https/bad/notification.xml"
    speaks(once(lambda t: more + headers() + body(t)), path.read_bytes())
    run = town.run(town.cache(tmp_path / "warm"), 0, show=False)
    assert run.vrps == town.steps[0].vrps() and run.labels() == [], run.stderr
