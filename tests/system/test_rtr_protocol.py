# SPDX-License-Identifier: BSD-2-Clause
"""RPKI-to-Router to the octet: RFC 6810, RFC 8210 and 8210bis as a router that
keeps the rules, breaks them, or never heard of them sees the installed server.
"""
import socket
import struct
import time

import pytest

from cache import running
from daemon import until
from router import (ASPA, CACHE_RESET, END, ERROR, IPV4, IPV6, NOTIFY, RESPONSE,
                    ROUTER_KEY)

OWN = {("AS64501", "10.3.0.0/16", "24"), ("AS0", "10.3.0.0/16", "16"),
       ("AS64502", "2001:db8:7::/48", "48")}


@pytest.fixture(scope="module")
def cache(forge, tmp_path_factory):
    with running(forge, tmp_path_factory.mktemp("rtr"), "--rtr-write-timeout", "5") as one:
        yield one


def session(cache, version):
    router = cache.router(version)
    router.reset()
    router.close()
    return router.session


def error(version, code, wrong, text):
    text = text.encode()
    return (struct.pack(">BBHII", version, 10, code, 16 + len(wrong) + len(text),
                        len(wrong)) + wrong + struct.pack(">I", len(text)) + text)


def exchange(cache, sent, pieces=None):
    """What comes back for these octets until the cache is silent or closes:
    octets, and whether it closed."""
    with socket.create_connection(("127.0.0.1", cache.rtr), timeout=30) as s:
        for piece in pieces or [sent]:
            s.sendall(piece)
        got = b""
        while True:
            part = s.recv(65536)
            if not part:
                return got
            got += part


def heard(cache, sent):
    """The first PDU for these octets, the connection, and the rest of it."""
    router = cache.router()
    router.send(bytes.fromhex(sent))
    return router, router.read()


# --- sets and their shape

def test_full_set_of_each_version(cache):
    sessions = set()
    for version in 0, 1, 2:
        router = cache.router(version)
        pdus = router.reset()
        types = [p.type for p in pdus]
        assert all(p.version == version for p in pdus)
        assert router.vrps == cache.vrps()
        assert (ROUTER_KEY in types) == (version >= 1)
        assert (ASPA in types) == (version >= 2)
        assert types == sorted(types, key=[RESPONSE, IPV4, IPV6, ROUTER_KEY, ASPA,
                                           END].index)
        assert pdus[0].octets == struct.pack(">BBHI", version, 3, router.session, 8)
        assert pdus[-1].length == (12 if version == 0 else 24)
        if version > 0:
            assert struct.unpack(">III", pdus[-1].body[4:]) == (600, 600, 7200)
        sessions.add(router.session)
        router.close()
    assert len(sessions) == 3


@pytest.mark.parametrize("asked,told", [
    ((86400, 1, 600), (86400, 1, 86401)), ((1, 7200, 600), (1, 7200, 7201)),
    ((1, 1, 172800), (1, 1, 172800))])
def test_expiry_is_above(forge, tmp_path, asked, told):
    """Above both of the others, whatever an operator wants (RFC 8210 6)."""
    words = [f"--{name}={n}" for name, n in zip(("refresh", "retry", "expire"), asked)]
    with running(forge, tmp_path, *words) as cache:
        for version in 1, 2:
            router = cache.router(version)
            assert struct.unpack(">III", router.reset()[-1].body[4:]) == told
            router.close()


def test_aspa_and_key_octets(cache):
    router = cache.router(2)
    pdus = router.reset()
    aspas = [p.octets for p in pdus if p.type == ASPA]
    assert aspas == [struct.pack(">BBBBIIII", 2, 11, 1, 0, 20, 64496, 64497, 64500)]
    keys = [p for p in pdus if p.type == ROUTER_KEY]
    assert len(keys) == 1
    assert keys[0].field == 0x0100 and keys[0].length == 8 + 20 + 4 + 91
    assert struct.unpack(">I", keys[0].body[20:24]) == (64496,)
    router.close()


def rank(pdu):
    """What 8210bis 11.2.1 compares, so that an answer rises strictly."""
    size = 4 if pdu.type == IPV4 else 16
    announced = pdu.body[0] & 1
    asn, = struct.unpack(">I", pdu.body[4 + size:8 + size])
    key = (int.from_bytes(pdu.body[4:4 + size], "big"), pdu.body[2], pdu.body[1], asn)
    return (pdu.type, 1 - announced, tuple(-n for n in key) if announced else key)


def test_delta_is_minimal_and_ordered(cache):
    router = cache.router(2)
    router.reset()
    cache.change(OWN)
    cache.change(OWN - {("AS0", "10.3.0.0/16", "16")} | {("AS64503", "10.4.0.0/16", "16")})
    cache.change({("AS64503", "10.4.0.0/16", "16"), ("AS64501", "10.3.0.0/16", "24")})
    pdus = router.refresh()
    assert router.vrps == cache.vrps()
    said = [p for p in pdus if p.type in (IPV4, IPV6)]
    # Three serials, and only what is left of them.
    assert {(p.vrp(), p.body[0]) for p in said} == {
        (("AS64503", "10.4.0.0/16", "16"), 1), (("AS64501", "10.3.0.0/16", "24"), 1)}
    ranks = [rank(p) for p in said]
    assert ranks == sorted(set(ranks))
    # Up to date: an answer with nothing in it.
    assert [p.type for p in router.refresh()] == [RESPONSE, END]
    cache.change(set())
    pdus = router.refresh()
    assert [p.body[0] for p in pdus if p.type == IPV4] == [0, 0]
    assert [rank(p) for p in pdus if p.type == IPV4] == sorted(
        rank(p) for p in pdus if p.type == IPV4)
    router.close()


def test_net_zero_changes_are_not_mentioned(cache):
    router = cache.router(2)
    router.reset()
    cache.change({("AS64510", "10.9.0.0/16", "16")})
    cache.change(set())
    assert [p.type for p in router.refresh()] == [RESPONSE, END]
    assert router.serial == cache.serial
    router.close()


MANY_OF_ONE = """
anchor alpha 10.0.0.0/8 AS64496-64511
ca alpha/one 10.1.0.0/16 AS64496-64500
roa alpha/one/a AS64496 10.1.0.0/24
roa alpha/one/b AS64496 10.1.0.0/24
aspa alpha/one/a AS64496 AS64500 AS64505
aspa alpha/one/b AS64496 AS64499 AS64505
aspa alpha/one/c AS64497 AS0
aspa alpha/one/d AS64497 AS64503
step
withdraw alpha/one/b.roa
withdraw alpha/one/b.asa
withdraw alpha/one/d.asa
step
withdraw alpha/one/a.roa
withdraw alpha/one/a.asa
"""


def aspa(customer, *providers):
    return struct.pack(f">BBBBII{len(providers)}I", 2, ASPA, len(providers) > 0, 0,
                       12 + 4 * len(providers), customer, *providers)


def test_many_objects_of_one(forge, tmp_path):
    """One VRP however many ROAs say it, one ASPA of all that a customer's say; each goes
    with the last of them. AS0 counts only alone."""
    story = tmp_path / "many.scn"
    story.write_text(MANY_OF_ONE)
    one = bytes.fromhex("020400000000001401181800" "0a010000" "0000fbf0")
    gone = bytes.fromhex("020400000000001400181800" "0a010000" "0000fbf0")
    with running(forge, tmp_path, story=story) as cache:
        router = cache.router(2)
        assert [pdu.octets for pdu in router.reset()[1:-1]] == [
            one, aspa(64496, 64499, 64500, 64505), aspa(64497, 64503)]
        cache.publish(1)
        assert [pdu.octets for pdu in router.refresh()[1:-1]] == [
            aspa(64496, 64500, 64505), aspa(64497, 0)]
        cache.publish(2)
        assert [pdu.octets for pdu in router.refresh()[1:-1]] == [gone, aspa(64496)]
        assert [pdu.octets for pdu in router.reset()[1:-1]] == [aspa(64497, 0)]
        router.close()


# --- serials and sessions

@pytest.mark.parametrize("away", [-11, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1])
def test_serial_out_of_reach(cache, away):
    for version in 0, 1, 2:
        router = cache.router(version)
        router.reset()
        router.ask_serial(serial=(router.serial + away) % 2 ** 32)
        assert router.answer()[0].octets == bytes.fromhex(f"0{version}08000000000008")
        # The connection goes on.
        router.reset()
        router.close()


def test_old_session_on_a_new_connection(cache):
    for version in 0, 1, 2:
        router = cache.router(version)
        router.ask_serial(session=session(cache, version) ^ 1, serial=1)
        assert router.answer()[0].type == CACHE_RESET
        assert {p.version for p in router.reset()} == {version}
        router.close()


def test_session_of_another_version(cache):
    router = cache.router(1)
    router.ask_serial(session=session(cache, 2), serial=cache.serial)
    assert router.answer()[0].type == CACHE_RESET
    router.close()


def test_other_session_once_established(cache):
    for version in 0, 1, 2:
        router = cache.router(version)
        router.reset()
        query = struct.pack(">BBHII", version, 1, router.session ^ 1, 12, router.serial)
        router.send(query)
        assert router.read().octets == error(
            version, 0, query, "session id is not the one of this session")
        assert router.read() is None
        router.close()


def test_resume_over_connections(cache):
    first = cache.router(2)
    first.reset()
    first.close()
    cache.change({("AS64509", "10.8.0.0/16", "16")})
    again = cache.router(2)
    again.session, again.serial, again.vrps = first.session, first.serial, first.vrps
    again.refresh()
    assert again.vrps == cache.vrps()
    again.close()
    cache.change(set())


def test_new_session_amid_connections(forge, tmp_path):
    """A cache that cannot keep its state goes on as another session. Who is connected
    is called by the one it knows: another name would be a mismatch to it, and fatal."""
    with running(forge, tmp_path) as cache:
        routers = [cache.router(version) for version in (0, 1, 2)]
        for router in routers:
            router.reset()
        until((cache.state / "state").exists, "the state")
        (cache.state / "ahead").mkdir()
        cache.change(OWN)
        cache.wait_for("state cannot be kept: routers will take a new session")
        for router in routers:
            old = router.session
            assert router.read().octets == struct.pack(
                ">BBHII", router.version, NOTIFY, old, 12, cache.serial)
            router.ask_serial()
            assert router.answer()[0].type == CACHE_RESET
            router.reset()
            assert router.session != old and router.vrps == cache.vrps()
            router.close()


# --- versions

def test_version_too_high_then_lower(cache):
    router, pdu = heard(cache, "0702000000000008")
    assert pdu.octets == error(2, 4, bytes.fromhex("0702000000000008"),
                               "protocol version is above what this cache speaks")
    router.version = 2
    router.reset()
    assert router.vrps == cache.vrps()
    router.close()


def test_steps_down_from_far(cache):
    """Each version that is lower than the one refused may be tried."""
    router = cache.router(255)
    for version in range(255, 2, -1):
        query = struct.pack(">BBHI", version, 2, 0, 8)
        router.send(query)
        assert router.read().octets == error(
            2, 4, query, "protocol version is above what this cache speaks")
    router.version = 2
    router.reset()
    assert router.vrps == cache.vrps()
    router.close()


def test_version_changes(cache):
    for first, second, version, code in ((1, 2, 1, 8), (2, 1, 2, 8), (0, 1, 0, 4)):
        router = cache.router(first)
        router.reset()
        query = struct.pack(">BBHI", second, 2, 0, 8)
        router.send(query)
        assert router.read().octets == error(
            version, code, query, "protocol version changed within the connection")
        assert router.read() is None
        router.close()


def test_every_version(cache):
    for version in range(256):
        router, pdu = heard(cache, f"{version:02x}02000000000008")
        assert (pdu.type, pdu.version) == (
            (RESPONSE, version) if version < 3 else (ERROR, 2))
        router.close()


# --- what no router sends

CACHES_OWN = {0: 12, 3: 8, 4: 20, 6: 32, 7: 24, 8: 8, 9: 34, 11: 16}


def test_every_type(cache):
    for kind in set(range(256)) - {1, 2, ERROR}:
        length = CACHES_OWN.get(kind, 8)
        sent = struct.pack(">BBHI", 2, kind, 0, length) + bytes(length - 8)
        code, text = ((3, "only a cache sends this PDU") if kind in CACHES_OWN else
                      (5, "no such PDU type in this version"))
        assert exchange(cache, sent) == error(2, code, sent, text)


@pytest.mark.parametrize("version,kind", [(0, 9), (0, 11), (1, 11)])
def test_types_of_later_versions(cache, version, kind):
    sent = struct.pack(">BBHI", version, kind, 0, 34) + bytes(26)
    assert exchange(cache, sent) == error(version, 5, sent,
                                          "no such PDU type in this version")


@pytest.mark.parametrize("kind,length", [
    (1, 0), (1, 7), (1, 8), (1, 11), (1, 13), (1, 65535), (1, 2 ** 31), (1, 2 ** 32 - 1),
    (2, 0), (2, 7), (2, 9), (2, 12), (2, 65535), (2, 65536), (2, 2 ** 31), (2, 2 ** 32 - 1),
    (11, 8), (11, 65536)])
def test_lengths(cache, kind, length):
    """Judged by the header: what it announces is not waited for."""
    sent = struct.pack(">BBHI", 2, kind, 0, length)
    assert exchange(cache, sent) == error(2, 0, sent, "length does not fit the PDU type")


@pytest.mark.parametrize("version", [0, 1, 2])
def test_reserved(cache, version):
    """What a Reset Query holds where zeros belong is passed over."""
    router = cache.router(version)
    router.send(struct.pack(">BBHI", version, 2, 0xffff, 8))
    assert router.read().type == RESPONSE
    router.close()


def test_fragments(cache):
    for sent in "0202000000000008", "010100000000000c00000000":
        router = cache.router()
        for octet in bytes.fromhex(sent):
            router.send(bytes([octet]))
            time.sleep(0.002)
        assert router.read_but_notify().type in (RESPONSE, CACHE_RESET)
        router.close()


def test_pipelined(cache):
    router = cache.router(2)
    router.ask_reset()
    router.ask_serial(session=session(cache, 2), serial=cache.serial)
    router.ask_reset()
    assert [router.answer()[0].type for _ in range(3)] == [RESPONSE] * 3
    router.close()


def test_half_closed(cache):
    got = b""
    with socket.create_connection(("127.0.0.1", cache.rtr), timeout=30) as s:
        s.sendall(bytes.fromhex("0202000000000008"))
        s.shutdown(socket.SHUT_WR)
        while part := s.recv(65536):
            got += part
    assert got[-24:-22] == bytes([2, END])


# --- Error Reports are never answered

REPORTS = {
    "whole": error(2, 7, bytes.fromhex("020400000000001401181a00c00002000000fbf0"), "twice"),
    "inner PDU runs over": struct.pack(">BBHIII", 2, 10, 0, 16, 100, 0),
    "text runs over": struct.pack(">BBHIII", 2, 10, 0, 16, 0, 100),
    "too short": struct.pack(">BBHI", 2, 10, 0, 12) + bytes(4),
    "within an Error Report": error(2, 0, error(2, 0, b"", "inner"), "outer"),
    "text that is no UTF-8": struct.pack(">BBHIII", 2, 10, 1, 18, 0, 2) + b"\xff\xfe",
    "64 KiB of text": error(2, 1, b"", "x" * 65000),
    "an unknown code": error(2, 999, b"", ""),
    "an unknown version": error(77, 0, b"", ""),
    "lines of its own": error(2, 1, b"", "\r\nkedge: error: forged\x1b[31m"),
}


def test_no_line_is_forged(cache):
    assert exchange(cache, REPORTS["lines of its own"]) == b""
    cache.wait_for("\\x0d\\x0akedge: error: forged\\x1b")
    assert "\nkedge: error: forged" not in cache.said()


def test_what_routers_report_is_told(cache):
    assert exchange(cache, REPORTS["whole"]) == b""
    cache.wait_for("kedge: warn: rtr 127.0.0.1: router reports error 7 "
                   "(Duplicate Announcement Received): twice")


@pytest.mark.parametrize("what", REPORTS)
def test_error_reports(cache, what):
    """As the first PDU, and within a session."""
    assert exchange(cache, REPORTS[what]) == b""
    router = cache.router(2)
    router.reset()
    router.send(REPORTS[what])
    assert router.read() is None
    router.close()


def test_report_arrives_before_the_end(cache):
    """Although much of what was sent is never looked at."""
    sent = bytes.fromhex("0263000000000008")
    assert exchange(cache, None, [sent, bytes(500000)]).startswith(
        error(2, 5, sent, "no such PDU type in this version"))


# --- notify

def test_notify_once_a_minute(cache):
    told, silent = cache.router(2), cache.router(2)
    told.reset()
    cache.change({("AS64505", "10.5.0.0/16", "16")})
    first = told.read()
    assert first.octets == struct.pack(">BBHII", 2, NOTIFY, told.session, 12, cache.serial)
    told.refresh()
    cache.change(set())
    told.ask_serial()
    kinds = []
    while (pdu := told.read()).type != END:
        kinds.append(pdu.type)
    assert NOTIFY not in kinds
    told.socket.settimeout(1)
    with pytest.raises(TimeoutError):
        told.read()
    # Nothing is sent to one that named no version.
    silent.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        silent.read()
    told.close()
    silent.close()


def test_no_data_then_notify(forge, tmp_path):
    """A cache that has nothing yet says so, keeps the connection, and calls."""
    with running(forge, tmp_path, shown=False) as cache:
        routers = [cache.router(version) for version in (0, 1, 2)]
        for router in routers:
            router.ask_reset()
            assert router.read().octets == error(
                router.version, 2, b"", "no data yet: ask again later")
            router.ask_serial(session=7, serial=7)
            assert router.read().field == 2
        cache.kedge.site.show(cache.tale.steps[0])
        cache.ask("run")
        for router in routers:
            pdu = router.read()
            assert (pdu.type, pdu.version, pdu.serial) == (NOTIFY, router.version, 1)
            router.reset()
            assert router.vrps == cache.vrps()
            router.close()


def test_told_when_there_is_data_again(forge, tmp_path):
    """One that heard that there is no data may have let go of what it had: it is called
    when there is, of a serial that it was sent before, too."""
    with running(forge, tmp_path, "--stale-after", "5", "--stale-policy", "no-data") as cache:
        told, silent = cache.router(2), cache.router(2)
        told.reset()
        silent.reset()
        cache.wait_for("routers are told that there is no data")
        told.ask_serial()
        assert told.answer()[0].octets == error(2, 2, b"", "no data yet: ask again later")
        cache.ask("run")
        assert told.read().octets == struct.pack(">BBHII", 2, NOTIFY, told.session, 12, 1)
        assert [pdu.type for pdu in told.refresh()] == [RESPONSE, END]
        # The other one knows of nothing.
        silent.ask_serial()
        assert silent.read().type == RESPONSE
        told.close()
        silent.close()
