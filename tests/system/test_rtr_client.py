# SPDX-License-Identifier: BSD-2-Clause
"""`kedge rtr` asks caches that break the rules, lie, stall or never end: it comes
back, with a set only where there was one, and its exit code says which.
"""
import contextlib
import socket
import struct
import subprocess
import threading
import time

import pytest

from router import CACHE_RESET, END, ERROR, IPV4, NOTIFY, RESPONSE

SESSION, SERIAL = 5, 7


def head(version, kind, field, length, body=b""):
    return struct.pack(">BBHI", version, kind, field, length) + body


def response(version=2, session=SESSION):
    return head(version, RESPONSE, session, 8)


def vrp(version=2, flags=1, zero=0):
    return head(version, IPV4, zero, 20, bytes([flags, 24, 26, zero & 255, 192, 0, 2, 0]) +
                struct.pack(">I", 64496))


def end(version=2, session=SESSION, timers=(600, 600, 7200)):
    timers = struct.pack(">III", *timers) if version > 0 else b""
    return head(version, END, session, 12 + len(timers), struct.pack(">I", SERIAL) + timers)


def notify(version=2):
    return head(version, NOTIFY, SESSION, 12, struct.pack(">I", SERIAL + 1))


def report(code, version=2, text=b""):
    return head(version, ERROR, code, 16 + len(text),
                bytes(4) + struct.pack(">I", len(text)) + text)


class Cache:
    """Says the same to everybody, once a query came."""

    def __init__(self, talk):
        self.talk, self.calls, self.over = talk, 0, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.where = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)

    def _serve(self):
        self.listener.settimeout(0.1)
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                peer, _ = self.listener.accept()
                self.calls += 1
                with peer:
                    peer.settimeout(60)
                    peer.recv(12)
                    self.talk(self, peer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.over.set()
        self.thread.join()
        self.listener.close()


def say(*pdus):
    """All of it at once, and then nothing while the other side listens."""
    def talk(_, peer):
        peer.sendall(b"".join(pdus))
        while peer.recv(4096):
            pass
    return talk


def leave(*pdus):
    def talk(_, peer):
        peer.sendall(b"".join(pdus))
    return talk


def drip(octets):
    """For ever, an octet or what is given now and then."""
    def talk(cache, peer):
        at = 0
        while not cache.over.is_set():
            peer.sendall(octets(at))
            at += 1
            time.sleep(0.1)
    return talk


def flood(octets):
    def talk(cache, peer):
        while not cache.over.is_set():
            peer.sendall(octets)
    return talk


def trickled(at):
    """Good VRPs of a set without an end, octet by octet."""
    if at < 8:
        return response()[at:at + 1]
    n, at = divmod(at - 8, 20)
    return (vrp()[:16] + struct.pack(">I", n))[at:at + 1]


ROW = ["AS64496,192.0.2.0/24,26"]
# What is said: the lines that come out; None: none, and exit code 1.
CACHES = {
    "a set": (ROW, say(response(), vrp(), end())),
    "a set of version 0": (ROW, say(response(0), vrp(0), end(0))),
    "and nonsense behind it": (ROW, say(response(), vrp(), end(), bytes(100))),
    "what is reserved": (ROW, say(response(), vrp(flags=255, zero=0xffff), end())),
    "timers out of bounds": (ROW, say(response(), vrp(), end(timers=(0, 0, 2 ** 32 - 1)))),
    "nothing": (None, leave()),
    "half a set": (None, leave(response(), vrp())),
    "no end": (None, say(response(), vrp())),
    "no data": (None, say(report(2))),
    "no data, and then a set": (None, say(response(), report(2), notify(), response(), vrp(),
                                          end())),
    "a restart amid a set": (None, say(response(), vrp(), report(12), end())),
    "a shutdown amid a set": (None, say(response(), vrp(), report(13), end())),
    "an error and then a set": (None, say(report(1), response(), vrp(), end())),
    "no version, for ever": (None, say(report(4))),
    "no version, by an unknown one": (None, say(report(4, version=255))),
    "a reset for a reset": (None, say(head(2, CACHE_RESET, 0, 8), response(), vrp(), end())),
    "a set of version 3": (None, say(response(3), vrp(3), end(3))),
    "another version within": (None, say(response(), vrp(1), end())),
    "another session at the end": (None, say(response(), vrp(), end(session=6))),
    "the same twice": (None, say(response(), vrp(), vrp(), end())),
    "a withdrawal of nothing": (None, say(response(), vrp(flags=0), end())),
    "a PDU without an end": (None, say(response(), head(2, 9, 256, 2 ** 32 - 1))),
    "a PDU of 7 octets": (None, say(response(), head(2, 9, 256, 7))),
    "another protocol": (None, say(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    "a text that would forge lines": (None, say(report(1, text=b"\nkedge: forged\x1b[31m"))),
    "nothing but notifies": (None, flood(notify() * 1000)),
    "a notify now and then": (None, drip(lambda _: notify())),
    "a set, octet by octet, for ever": (None, drip(trickled)),
}


@pytest.mark.parametrize("what", CACHES)
def test_cache(kedge, what):
    rows, talk = CACHES[what]
    with Cache(talk) as cache:
        done = kedge.run("rtr", cache.where, "--format", "csv", "--timeout", "1",
                         check=False)
    assert done.returncode == (0 if rows else 1), done
    assert bool(done.stderr) == (rows is None), done
    assert "\x1b" not in done.stderr and "\nkedge: forged" not in done.stderr
    said = [line.rsplit(",", 1)[0] for line in done.stdout.splitlines()[1:]]
    assert said == (rows or []), done
    assert cache.calls <= 3


def test_follower_goes_on(kedge, tmp_path):
    """Whoever follows leaves a cache that trickles, and comes again."""
    with Cache(drip(trickled)) as cache, (tmp_path / "said").open("w") as out:
        follower = subprocess.Popen([kedge.program, "rtr", cache.where, "--follow",
                                     "--timeout", "1"], stdout=out, stderr=out)
        try:
            end = time.monotonic() + 60
            while cache.calls < 2:
                assert follower.poll() is None and time.monotonic() < end
                time.sleep(0.1)
        finally:
            follower.terminate()
            follower.wait(timeout=30)
    assert "the answer did not come whole in time" in (tmp_path / "said").read_text()
