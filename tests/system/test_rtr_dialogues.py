# SPDX-License-Identifier: BSD-2-Clause
"""Whole dialogues of routers nobody has met: any PDUs in any order, cut anywhere,
sent before anything was read. A model in a page says what must come back, to the
octet where that is fixed.
"""
import os
import random
import signal
import socket
import ssl
import struct

import pytest

from cache import running
from daemon import free_port
from papers import Papers
from router import CACHE_RESET, END, ERROR, IPV4, IPV6, NOTIFY, RESPONSE, Router

LONG = os.environ.get("KEDGE_LONG") is not None
OWN = {("AS64501", "10.3.0.0/16", "24")}
QUERIES = {1: 12, 2: 8}
SINCE = {0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 6: 0, 7: 0, 8: 0, 9: 1, 10: 0, 11: 2}
HIGHEST = 2


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    made = Papers(tmp_path_factory.mktemp("papers") / "tls")
    made.issue("server", "IP:127.0.0.1")
    return made


@pytest.fixture(scope="module")
def cache(forge, papers, tmp_path_factory):
    port = free_port()
    with running(forge, tmp_path_factory.mktemp("rtr"), "--rtr-tls", f"127.0.0.1:{port}",
                 "--rtr-tls-cert", papers.folder / "server.pem",
                 "--rtr-tls-key", papers.folder / "server.key") as one:
        one.tls = port
        one.change(OWN)
        learn_sessions(one)
        yield one


def learn_sessions(cache):
    cache.sessions = {}
    for version in 0, 1, 2:
        router = cache.router(version)
        router.reset()
        cache.sessions[version] = router.session
        router.close()


def head(version, kind, field, length, body=b""):
    return struct.pack(">BBHI", version, kind, field, length) + body


class Model:
    """What the cache has to say to PDUs, one after the other."""

    def __init__(self, cache):
        self.cache = cache
        self.version, self.state = None, "fresh"
        self.refused, self.repeated = 256, 0

    def _fatal(self, code, version=None):
        self.state = "closed"
        return [(ERROR, self.version if version is None else version, code)]

    def hear(self, pdu):
        """[(type, version, code)] that this PDU is answered with."""
        version, kind, field, length = struct.unpack(">BBHI", pdu[:8])
        known = kind in SINCE and SINCE[kind] <= min(version, HIGHEST)
        fits = known and len(pdu) == length and QUERIES.get(kind, length) == length
        if self.state == "closed":
            return []
        if kind == 10:
            self.state = "closed"
            return []
        if self.state == "fresh" and version > HIGHEST:
            again = kind in QUERIES and fits and not version < self.refused
            self.repeated += again
            self.refused = min(self.refused, version)
            if kind in QUERIES and fits and self.repeated < 2:
                return [(ERROR, HIGHEST, 4)]
            return self._fatal(4, HIGHEST)
        if self.state == "fresh":
            self.version = version
            self.state = "negotiated"
        elif version != self.version:
            return self._fatal(4 if self.version == 0 else 8)
        if not known:
            return self._fatal(0 if length < 8 or length > 65535 else 5)
        if not fits:
            return self._fatal(0)
        if kind not in QUERIES:
            return self._fatal(3)
        return self._reset() if kind == 2 else self._serial(pdu, field)

    def _reset(self):
        self.state = "established"
        return [(RESPONSE, self.version, 0)]

    def _serial(self, pdu, field):
        serial, = struct.unpack(">I", pdu[8:])
        if field != self.cache.sessions[self.version]:
            if self.state == "established":
                return self._fatal(0)
            return [(CACHE_RESET, self.version, 0)]
        if not 1 <= serial <= self.cache.serial:
            return [(CACHE_RESET, self.version, 0)]
        self.state = "established"
        return [(RESPONSE, self.version, 0)]


def some_pdu(chance, cache, version):
    """One that may be good, a little off, or nonsense."""
    what = chance.random()
    if what < 0.35:
        return head(version, 2, chance.choice([0, 0, 1, 65535]), 8)
    if what < 0.75:
        session = cache.sessions.get(version, 7)
        session = chance.choice([session] * 6 + [session ^ 1, 0, 65535])
        serial = chance.choice([cache.serial] * 3 + [1, 0, cache.serial + 1, 2 ** 31,
                                                     (cache.serial + 2 ** 31) % 2 ** 32,
                                                     2 ** 32 - 1])
        return head(version, 1, session, 12, struct.pack(">I", serial))
    if what < 0.85:
        kind = chance.choice([0, 3, 4, 6, 7, 8, 9, 11])
        length = {0: 12, 3: 8, 4: 20, 6: 32, 7: 12 if version == 0 else 24, 8: 8, 9: 34,
                  11: 12}[kind]
        return head(version, kind, 0, length, chance.randbytes(length - 8))
    if what < 0.92:
        return head(version, chance.randrange(12, 256), 0, 8)
    if what < 0.97:
        return head(version, chance.choice([1, 2]), 0, chance.choice(
            [0, 1, 7, 9, 11, 13, 24, 65535, 65536, 2 ** 31, 2 ** 32 - 1]))
    inner = chance.choice([b"", head(version, 10, 0, 16, bytes(8)), bytes(900)])
    return head(version, 10, chance.randrange(16), 16 + len(inner),
                struct.pack(">I", chance.choice([len(inner), 2 ** 32 - 1])) + inner +
                struct.pack(">I", chance.choice([0, 1])))


def some_dialogue(chance, cache):
    version = chance.randrange(3)
    pdus = [some_pdu(chance, cache, chance.choice([3, 9, 255]))
            for _ in range(chance.choice([0, 0, 0, 1, 2, 3]))]
    for _ in range(chance.randrange(1, 7)):
        other = chance.random() < 0.05
        pdus.append(some_pdu(chance, cache, chance.randrange(4) if other else version))
    return pdus


def send_in_pieces(chance, sock, octets):
    """All of it, or as much as is taken."""
    at = 0
    while at < len(octets):
        size = chance.choice([1, 3, 8, 11, 500, len(octets)])
        try:
            sock.sendall(octets[at:at + size])
        except OSError:
            return
        at += size


def check_answer(router, cache, want, rest, where):
    kind, version, code = want
    pdu = router.read_but_notify()
    assert pdu is not None, f"closed instead of {want}: {where}"
    assert (pdu.type, pdu.version) == (kind, version), (pdu, want, where)
    if kind == ERROR:
        assert pdu.field == code, (pdu, want, where)
        size, = struct.unpack(">I", pdu.body[:4])
        # The PDU that is complained of, at least its header.
        assert size >= 8 and rest.startswith(pdu.body[4:4 + size]), (pdu, where)
        text, = struct.unpack(">I", pdu.body[4 + size:8 + size])
        assert len(pdu.body) == 8 + size + text
        pdu.body[8 + size:].decode("ascii")
    elif kind == RESPONSE:
        assert pdu.field == cache.sessions[version]
        while pdu.type != END:
            pdu = router.read()
            assert pdu is not None and pdu.version == version, where
            assert pdu.type not in (ERROR, RESPONSE, NOTIFY), (pdu, where)
        assert pdu.serial == cache.serial and pdu.field == cache.sessions[version]
    else:
        assert pdu.length == 8


@pytest.fixture(scope="module")
def slower(forge, tmp_path_factory):
    """A cache whose answers are so long that a worker makes them, and nobody waits."""
    with running(forge, tmp_path_factory.mktemp("many")) as one:
        one.change({("AS64501", f"10.{n >> 8}.{n & 255}.0/24", "24") for n in range(4200)})
        learn_sessions(one)
        yield one


@pytest.mark.parametrize("seed", range(200 if LONG else 4))
def test_any_dialogue_with_a_worker(slower, seed):
    test_any_dialogue(slower, seed)


@pytest.mark.parametrize("seed", range(2000 if LONG else 40))
def test_any_dialogue(cache, seed):
    chance = random.Random(seed)
    for turn in range(25):
        pdus = some_dialogue(chance, cache)
        where = f"seed {seed} turn {turn}: {[pdu.hex() for pdu in pdus]}"
        octets = b"".join(pdus)
        model, router = Model(cache), Router(cache.rtr)
        send_in_pieces(chance, router.socket, octets)
        router.socket.shutdown(socket.SHUT_WR)
        at = 0
        for pdu in pdus:
            for want in model.hear(pdu):
                check_answer(router, cache, want, octets[at:], where)
            at += len(pdu)
            # Of what is longer than it pretends the rest is never looked at.
            if model.state == "closed":
                break
        try:
            last = router.read()
        except ConnectionResetError:
            last = None
        assert last is None, (last, where)
        router.close()
    router = cache.router(2)
    router.reset()
    assert router.vrps == cache.vrps()
    router.close()


# --- halves and ends

@pytest.mark.parametrize("sent", ["", "02", "02020000000000", "02010000" "0000000c" "0000"])
def test_half_closed_too_early(cache, sent):
    """Half a question is none: nothing comes, and the connection ends."""
    router = Router(cache.rtr)
    router.send(bytes.fromhex(sent))
    router.socket.shutdown(socket.SHUT_WR)
    try:
        assert router.read() is None
    except ConnectionResetError:
        pass
    router.close()


def test_urgent_octets(cache):
    """Out of band is out of sight."""
    router = cache.router(1)
    router.socket.send(b"\x02", socket.MSG_OOB)
    router.reset()
    router.socket.send(b"\x00", socket.MSG_OOB)
    assert [pdu.type for pdu in router.refresh()] == [RESPONSE, END]
    router.close()


# --- within TLS

class Tls:
    """TLS by hand over memory, so that each record is ours to cut and to order."""

    def __init__(self, cache, papers, version=None):
        context = ssl.create_default_context(cafile=papers.ca)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inward, self.outward, server_hostname="127.0.0.1")
        self.socket = socket.create_connection(("127.0.0.1", cache.tls), timeout=30)
        self._until_done(self.tls.do_handshake)

    def flush(self, size=None):
        octets = self.outward.read()
        for at in range(0, len(octets), size or max(len(octets), 1)):
            self.socket.sendall(octets[at:at + (size or len(octets))])

    def _fill(self):
        part = self.socket.recv(65536)
        if part:
            self.inward.write(part)
        else:
            self.inward.write_eof()

    def _until_done(self, call, *words):
        while True:
            try:
                got = call(*words)
                self.flush()
                return got
            except ssl.SSLWantReadError:
                self.flush()
                self._fill()

    def say_end(self):
        """A close_notify; what the other side says is read on."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass  # it waits for the other's
        self.flush()

    def read(self):
        """To the end of what it says."""
        got = b""
        try:
            while part := self._until_done(self.tls.read, 65536):
                got += part
        except (ssl.SSLError, ConnectionResetError):
            pass  # its end, or an alert
        return got

    def read_pdus(self, last):
        got = b""
        while True:
            at = 0
            while len(got) >= at + 8:
                length, = struct.unpack(">I", got[at + 4:at + 8])
                if len(got) >= at + length and got[at + 1] == last:
                    return got
                at += length
            got += self._until_done(self.tls.read, 65536)


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS)
def test_tls_records_of_one_octet(cache, papers, version):
    """An octet a record, and records cut into octets: the same answer."""
    one = Tls(cache, papers, version)
    for octet in bytes.fromhex("0202000000000008"):
        one.tls.write(bytes([octet]))
        one.flush(7)
    assert one.read_pdus(END)[:2] == bytes([2, RESPONSE])
    one.socket.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_tls_cut_without_a_word(cache, papers, version):
    """A TCP half-close in place of close_notify: what was asked is answered."""
    one = Tls(cache, papers, version)
    one.tls.write(bytes.fromhex("0102000000000008"))
    one.flush()
    one.read_pdus(END)
    one.socket.shutdown(socket.SHUT_WR)
    assert one.read() == b""
    one.socket.close()


def test_tls_half_closed(cache, papers):
    """TLS 1.3 closes each direction by itself (RFC 8446 6.1): an answer still comes
    to one who said that it will ask no more."""
    one = Tls(cache, papers, ssl.TLSVersion.TLSv1_3)
    one.tls.write(bytes.fromhex("0202000000000008"))
    one.say_end()
    assert one.read()[-24:-22] == bytes([2, END])
    one.socket.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_tls_report_before_the_end(cache, papers, version):
    one = Tls(cache, papers, version)
    one.tls.write(bytes.fromhex("0263000000000008") + bytes(40000))
    one.flush()
    assert one.read()[:4] == bytes.fromhex("020a0005")
    one.socket.close()


def test_tls_broken_record(cache, papers):
    """A record that was tampered with ends its own connection alone."""
    one, other = Tls(cache, papers), Tls(cache, papers)
    one.tls.write(bytes.fromhex("0202000000000008"))
    octets = bytearray(one.outward.read())
    octets[-1] ^= 1
    one.socket.sendall(octets)
    assert one.read() == b""
    other.tls.write(bytes.fromhex("0202000000000008"))
    other.flush()
    assert other.read_pdus(END)[:2] == bytes([2, RESPONSE])
    one.socket.close()
    other.socket.close()


@pytest.fixture
def large(forge, papers, tmp_path):
    """A cache whose answer is more than all buffers between hold."""
    port = free_port()
    with running(forge, tmp_path, "--rtr-tls", f"127.0.0.1:{port}",
                 "--rtr-tls-cert", papers.folder / "server.pem",
                 "--rtr-tls-key", papers.folder / "server.key") as one:
        one.tls = port
        one.change({("AS64496", f"100.{n >> 16}.{n >> 8 & 255}.{n & 255}/32", "32")
                    for n in range(150000)})
        yield one


def test_half_closed_before_the_answer(large, papers):
    """Who asks and then ends its half is given all of a long answer."""
    plain = large.router(2)
    plain.ask_reset()
    plain.socket.shutdown(socket.SHUT_WR)
    secret = Tls(large, papers, ssl.TLSVersion.TLSv1_3)
    secret.tls.write(bytes.fromhex("0202000000000008"))
    secret.flush()
    # Its first octets are here, so that the rest waits for room.
    assert secret.socket.recv(1, socket.MSG_PEEK)
    secret.say_end()
    got = secret.read()
    assert got[-24:-22] == bytes([2, END]), len(got)
    pdus = plain.answer()
    assert b"".join(pdu.octets for pdu in pdus) == got
    assert plain.read() is None
    secret.socket.close()
    plain.close()


def test_changes_amid_an_answer(large, papers):
    """Who is in the middle of an answer gets the rest of it, to the octet, and is called
    behind it; the next answer is of the serial that there is then."""
    whole, old = large.vrps(), large.serial
    plain = large.router(2)
    plain.ask_reset()
    secret = Tls(large, papers, ssl.TLSVersion.TLSv1_3)
    secret.tls.write(bytes.fromhex("0202000000000008"))
    secret.flush()
    for one in plain, secret:
        assert one.socket.recv(1, socket.MSG_PEEK)
    large.change(OWN)
    large.change(set())
    pdus = [plain.read()]
    while pdus[-1].type != NOTIFY:
        pdus.append(plain.read())
    assert [(pdu.type, pdu.serial) for pdu in pdus if pdu.type in (END, NOTIFY)] == [
        (END, old), (NOTIFY, old + 1)]
    assert {pdu.vrp() for pdu in pdus if pdu.type in (IPV4, IPV6)} == whole
    expected, got = b"".join(pdu.octets for pdu in pdus), b""
    while len(got) < len(expected):
        got += secret._until_done(secret.tls.read, 65536)
    assert got == expected
    plain.session, plain.serial, plain.vrps = pdus[-1].field, old, whole
    plain.refresh()
    assert plain.serial == large.serial and plain.vrps == large.vrps()
    secret.socket.close()
    plain.close()


def test_tls_farewell_amid_an_answer(large, papers):
    """A server that ends says so behind the answer that is under way, and in no other
    place; or it is cut off."""
    secret = Tls(large, papers, ssl.TLSVersion.TLSv1_3)
    secret.tls.write(bytes.fromhex("0202000000000008"))
    secret.flush()
    assert secret.socket.recv(1, socket.MSG_PEEK)
    expected = b"".join(pdu.octets for pdu in large.router(2).reset())
    large.process.send_signal(signal.SIGTERM)
    farewell = head(2, ERROR, 12, 29, bytes(4) + struct.pack(">I", 13) + b"Cache Restart")
    assert (expected + farewell).startswith(secret.read())
    assert large.end() == 0
