# SPDX-License-Identifier: BSD-2-Clause
"""`kedge rtr` asks caches that break the rules, lie, stall or never end: it comes
back, with a set only where there was one, and its exit code says which.
"""
import contextlib
import os
import socket
import struct
import subprocess
import threading
import time

import pytest

from corpus import program  # noqa: F401
from daemon import until
from kedge import Kedge
from preload import preload_of
from router import ASPA, CACHE_RESET, END, ERROR, IPV4, NOTIFY, RESPONSE, ROUTER_KEY

SESSION, SERIAL = 5, 7


@pytest.fixture
def kedge(program, tmp_path):
    """Without a site: it asks caches alone."""
    return Kedge(program, tmp_path / "cache", None)


def head(version, kind, field, length, body=b""):
    return struct.pack(">BBHI", version, kind, field, length) + body


def response(version=2, session=SESSION):
    return head(version, RESPONSE, session, 8)


def vrp(version=2, flags=1, zero=0):
    return head(version, IPV4, zero, 20, bytes([flags, 24, 26, zero & 255, 192, 0, 2, 0]) +
                struct.pack(">I", 64496))


def aspa(*providers, flags=1, customer=64496):
    return head(2, ASPA, flags << 8, 12 + 4 * len(providers),
                struct.pack(f">I{len(providers)}I", customer, *providers))


def key(version=2, flags=1, spki=b"\x30\x59", ski=0):
    return head(version, ROUTER_KEY, flags << 8, 32 + len(spki),
                bytes([ski]) * 20 + struct.pack(">I", 64496) + spki)


def prefix(length, most, address="c0000200", version=2):
    return head(version, IPV4, 0, 20, bytes([1, length, most, 0]) + bytes.fromhex(address) +
                struct.pack(">I", 64496))


def end(version=2, session=SESSION, timers=(600, 600, 7200)):
    timers = struct.pack(">III", *timers) if version > 0 else b""
    return head(version, END, session, 12 + len(timers), struct.pack(">I", SERIAL) + timers)


def notify(version=2):
    return head(version, NOTIFY, SESSION, 12, struct.pack(">I", SERIAL + 1))


def report(code, version=2, text=b"", wrong=b""):
    return head(version, ERROR, code, 16 + len(wrong) + len(text),
                struct.pack(">I", len(wrong)) + wrong +
                struct.pack(">I", len(text)) + text)


class Cache:
    """Says something to each caller once a query came; the last thing to all others."""

    def __init__(self, *talks):
        self.talks, self.calls, self.over = talks, 0, threading.Event()
        self.heard = []  # from each caller, after its first query
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.where = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)

    def _serve(self):
        self.listener.settimeout(0.1)
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                peer, _ = self.listener.accept()
                talk = self.talks[min(self.calls, len(self.talks) - 1)]
                self.calls += 1
                with peer:
                    peer.settimeout(60)
                    self.heard.append([peer.recv(12)])
                    talk(self, peer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.over.set()
        self.thread.join()
        self.listener.close()


def say(*pdus):
    """All of it at once, and then nothing while the other side listens."""
    def talk(cache, peer):
        peer.sendall(b"".join(pdus))
        while octets := peer.recv(4096):
            cache.heard[-1].append(octets)
    return talk


def answer(*answers):
    """Each to one query; then nothing while the other side listens."""
    def talk(cache, peer):
        for n, octets in enumerate(answers):
            if n > 0:
                cache.heard[-1].append(peer.recv(4096))
            peer.sendall(octets)
        say()(cache, peer)
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


# --- what it tells a cache that breaks a rule

def set_of(*pdus, version=2):
    return [response(version), *pdus, end(version)]


# The version asked for; what is said; the code that comes back, about which PDU.
WRONGS = {
    "a version that nobody knows": (2, [response(3)], 4, response(3)),
    "a type of a version that nobody knows": (2, [head(3, 99, 0, 8)], 4, head(3, 99, 0, 8)),
    "a version above version 0": (0, [response(1)], 4, response(1)),
    "another version within": (2, [response(), vrp(1)], 8, vrp(1)),
    "another version within version 1": (1, [response(1), vrp(2)], 8, vrp(2)),
    "another version within version 0": (0, [response(0), vrp(1)], 4, vrp(1)),
    "a Reset Query": (2, [head(2, 2, 0, 8)], 3, head(2, 2, 0, 8)),
    "a Serial Query": (1, [head(1, 1, 5, 12, bytes(4))], 3, head(1, 1, 5, 12, bytes(4))),
    "a type that is none": (2, [response(), head(2, 5, 0, 8)], 5, head(2, 5, 0, 8)),
    "the last type": (2, [response(), head(2, 255, 0, 8)], 5, head(2, 255, 0, 8)),
    "a router key in version 0": (0, [response(0), key(0)], 5, key(0)),
    "an ASPA in version 1": (1, [response(1), head(1, ASPA, 0, 12, bytes(4))], 5,
                             head(1, ASPA, 0, 12, bytes(4))),
    "an end with timers in version 0": (0, [response(0), head(0, END, 5, 24, bytes(16))], 0,
                                        head(0, END, 5, 24, bytes(16))),
    "an end without timers": (2, [response(), head(2, END, 5, 12, bytes(4))], 0,
                              head(2, END, 5, 12, bytes(4))),
    "half an ASN": (2, [response(), head(2, ASPA, 256, 14, bytes(6))], 0,
                    head(2, ASPA, 256, 14, bytes(6))),
    "a PDU of 64 KiB": (2, [response(), head(2, ROUTER_KEY, 256, 65536)], 0,
                        head(2, ROUTER_KEY, 256, 65536)),
    "bits beyond the prefix": (2, set_of(prefix(24, 24, "c0000201")), 0,
                               prefix(24, 24, "c0000201")),
    "a maximum below the length": (1, set_of(prefix(24, 23, version=1), version=1), 0,
                                   prefix(24, 23, version=1)),
    "a maximum above all": (2, set_of(prefix(24, 33)), 0, prefix(24, 33)),
    "a router key without a key": (2, set_of(key(spki=b"")), 0, key(spki=b"")),
    "an ASPA without providers": (2, set_of(aspa()), 9, aspa()),
    "AS0 among providers": (2, set_of(aspa(0, 1)), 9, aspa(0, 1)),
    "providers that fall": (2, set_of(aspa(2, 1)), 9, aspa(2, 1)),
    "a provider twice": (2, set_of(aspa(1, 1)), 9, aspa(1, 1)),
    "providers in a withdrawal": (2, set_of(aspa(1, flags=0)), 9, aspa(1, flags=0)),
    "a VRP twice": (2, set_of(vrp(), prefix(8, 8, "0a000000"), vrp()), 7, vrp()),
    "a router key twice": (2, set_of(key(), key(spki=b"\x30\x58"), key(ski=1), key()), 7, key()),
    "two ASPAs of one customer": (2, set_of(aspa(1), aspa(1, 2, customer=1), aspa(1)), 7, aspa(1)),
    "a VRP that goes and never was": (0, set_of(vrp(0, 0), version=0), 6, vrp(0, 0)),
    "a VRP that comes and goes": (2, set_of(vrp(), vrp(flags=0)), 6, vrp(flags=0)),
    "a router key that goes": (1, set_of(key(1, 0), version=1), 6, key(1, 0)),
    "an ASPA that goes": (2, set_of(aspa(flags=0)), 6, aspa(flags=0)),
    "payload before a response": (2, [vrp()], 0, vrp()),
    "an end before a response": (2, [end()], 0, end()),
    "a response within a response": (2, [response(), response()], 0, response()),
    "an end of another session": (2, [response(), end(session=6)], 0, end(session=6)),
    "a reset for a reset": (2, [head(2, CACHE_RESET, 0, 8)], 0, head(2, CACHE_RESET, 0, 8)),
    "a notify of another session": (2, [response(), head(2, NOTIFY, 6, 12, bytes(4))], 0,
                                    head(2, NOTIFY, 6, 12, bytes(4))),
}


@pytest.mark.parametrize("what", WRONGS)
def test_complaint(kedge, what):
    version, said, code, wrong = WRONGS[what]
    with Cache(say(*said)) as cache:
        done = kedge.run("rtr", cache.where, "--rtr-version", version, "--timeout", "5",
                         check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(f"kedge: error: {cache.where}: the cache breaks a rule: ")
    (query, *heard), = cache.heard
    text = done.stderr.rstrip("\n").rsplit(": ", 1)[1].encode()
    assert query == head(version, 2, 0, 8)
    assert b"".join(heard) == report(code, version, text, wrong)


REPORTS = {
    "inner PDU runs over": head(2, ERROR, 0, 16, struct.pack(">II", 100, 0)),
    "text runs over": head(2, ERROR, 0, 16, struct.pack(">II", 0, 100)),
    "too short": head(2, ERROR, 0, 12, bytes(4)),
    "too long": head(2, ERROR, 0, 2 ** 32 - 1, bytes(8)),
    "about a report": report(0, wrong=report(1)),
    "text that is no UTF-8": report(1, text=b"\xff\xfe"),
    "a code of no version": report(999),
    "a code of a later version": report(12, version=1),
    "of a version that nobody knows": report(0, version=77),
}


@pytest.mark.parametrize("what", REPORTS)
def test_reports_are_not_answered(kedge, what):
    with Cache(say(REPORTS[what])) as cache:
        done = kedge.run("rtr", cache.where, "--timeout", "5", check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and done.stderr.isascii()
    assert cache.heard == [[head(2, 2, 0, 8)]]


def test_connects_in_time(kedge):
    """A cache with no place for one more connection says nothing, either."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        began = time.monotonic()
        done = kedge.run("rtr", "127.0.0.1:%d" % full.getsockname()[1], "--timeout", "1",
                         check=False)
    assert done.returncode == 1 and "Connection timed out" in done.stderr, done
    assert time.monotonic() - began < 60


# --- which version it asks for

STEPS = {
    "one less at a time": ([say(report(4, 2)), say(report(4, 1)), say(*set_of(version=0))],
                           [2, 1, 0], 0),
    "the one that is offered": ([say(report(4, 0)), say(*set_of(version=0))], [2, 0], 0),
    "one offered above all": ([say(report(4, 255)), say(*set_of(version=1))], [2, 1], 0),
    "one that was refused before": ([say(report(4, 1)), say(report(4, 2)),
                                     say(*set_of(version=0))], [2, 1, 0], 0),
    "closed without a word": ([leave(), leave(), say(*set_of(version=0))], [2, 1, 0], 0),
    "version 0 refused": ([say(report(4, 0)), say(report(4, 0))], [2, 0], 1),
    "answered in a lower one": ([say(*set_of(version=0))], [2], 0),
    "notifies of any version before": ([say(notify(0), notify(77), *set_of())], [2], 0),
}


@pytest.mark.parametrize("what", STEPS)
def test_steps_down(kedge, what):
    talks, versions, code = STEPS[what]
    with Cache(*talks) as cache:
        done = kedge.run("rtr", cache.where, "--timeout", "5", check=False)
    assert done.returncode == code, done
    assert cache.heard == [[head(version, 2, 0, 8)] for version in versions]


# --- what it does as time goes by

SOON = (1, 1, 600)


def serial_query(serial=SERIAL, session=SESSION, version=2):
    return head(version, 1, session, 12, struct.pack(">I", serial))


RESET = head(2, 2, 0, 8)
# What is said to each caller; what is heard from each; the lines that come out.
LIVES = {
    "asks when it is time": ([answer(b"".join(set_of(vrp())[:2]) + end(timers=SOON), b"")],
                             [[RESET, serial_query()]], ["+"]),
    "asks at a notify": ([answer(b"".join(set_of(vrp())) + notify(), b"")],
                         [[RESET, serial_query()]], ["+"]),
    "takes the whole set after a reset": (
        [answer(b"".join(set_of(vrp())) + notify(), head(2, CACHE_RESET, 0, 8),
                response(session=6) + end(session=6))],
        [[RESET, serial_query(), RESET]], ["+", "-"]),
    "takes the whole set where there was no data": (
        [answer(response() + vrp() + end(timers=SOON), report(2), b"".join(set_of()))],
        [[RESET, serial_query(), RESET]], ["+", "-"]),
    "resumes after a restart": (
        [answer(response() + vrp() + end(timers=SOON) + report(12)), answer(b"".join(set_of()))],
        [[RESET], [serial_query()]], ["+"]),
    "resumes where the connection was lost": (
        [leave(response(), vrp(), end(timers=SOON)), answer(b"".join(set_of()))],
        [[RESET], [serial_query()]], ["+"]),
    "lets go of as many providers as a PDU may have": (
        [answer(b"".join(set_of(aspa(*range(1, 16381)))) + notify(),
                response() + aspa(flags=0) + end(), b"")],
        [[RESET, serial_query()]], ["+", "-"]),
    "comes again after a broken rule": (
        [answer(response() + vrp() + end(timers=SOON) + vrp(), b""),
         answer(b"".join(set_of(vrp())))],
        [[RESET, report(0, text=b"it is part of no response", wrong=vrp())], [RESET]],
        ["+", "-", "+"]),
    "comes again after an error": (
        [answer(response() + vrp() + end(timers=SOON) + report(1)),
         answer(b"".join(set_of(vrp())))],
        [[RESET], [RESET]], ["+", "-", "+"]),
    "lets go at a shutdown": ([answer(b"".join(set_of(vrp())) + report(13))],
                              [[RESET]], ["+", "-"]),
}


@pytest.mark.parametrize("what", LIVES)
def test_follower(kedge, tmp_path, what):
    talks, queries, signs = LIVES[what]
    out = tmp_path / "said"
    with Cache(*talks) as cache, out.open("w") as said:
        follower = subprocess.Popen([kedge.program, "rtr", cache.where, "--follow"],
                                    stdout=said, stderr=subprocess.DEVNULL)
        try:
            until(lambda: cache.heard == queries and
                  [line[0] for line in out.read_text().splitlines()] == signs,
                  f"{queries} in {cache.heard}")
            assert follower.poll() is None
        finally:
            follower.terminate()
            follower.wait(timeout=30)


def test_silence_is_no_lower_version(kedge, tmp_path):
    """Whoever gets no answer in time comes again as before."""
    with Cache(say()) as cache:
        follower = subprocess.Popen([kedge.program, "rtr", cache.where, "--follow",
                                     "--timeout", "1"], stderr=subprocess.DEVNULL)
        try:
            until(lambda: len(cache.heard) >= 3, "three calls")
        finally:
            follower.terminate()
            follower.wait(timeout=30)
    assert cache.heard[:3] == [[RESET]] * 3


def test_expires(kedge, tmp_path):
    """Nothing is held of a cache that has not answered for its expire interval, whether
    it is there or not; and it is asked for all of it then (RFC 8210 6)."""
    swift = preload_of("swift_preload.c", tmp_path)
    out = tmp_path / "said"
    with Cache(answer(b"".join(set_of(vrp())[:2]) + end(timers=(1, 1, 600))),
               answer(b"".join(set_of(vrp())))) as cache, out.open("w") as said:
        begun = time.monotonic()
        follower = subprocess.Popen(
            [kedge.program, "rtr", cache.where, "--follow", "--timeout", "3600"], stdout=said,
            stderr=said, env={**os.environ, "LD_PRELOAD": swift})
        try:
            until(lambda: out.read_text().count("+ ") == 2, f"two sets in {out}")
            assert time.monotonic() - begun >= 6
        finally:
            follower.terminate()
            follower.wait(timeout=30)
    lines = out.read_text().splitlines()
    assert lines[0] == lines[3] == "+ AS64496 192.0.2.0/24-26"
    assert lines[1].endswith("what it said has expired")
    assert lines[2] == "- AS64496 192.0.2.0/24-26"
    assert cache.heard == [[RESET, serial_query()], [RESET]]
