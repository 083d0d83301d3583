# SPDX-License-Identifier: BSD-2-Clause
"""Any changes of local policy, one after the other: routers of each version that
ask now and then hold by deltas what one holds that takes everything anew.
"""
import base64
import json
import os
import random
import signal

import pytest

from cache import running
from daemon import until
from router import CACHE_RESET, NOTIFY
from state import set_serial
from strict_router import StrictRouter

LONG = os.environ.get("KEDGE_LONG") is not None
KEPT = 4
LAST = 2 ** 32 - 1


def start_at(cache, serial):
    cache.start()
    cache.wait_for(f"serial {serial}, as kept")
    until(cache.listens, "the port")
    cache.serial = serial


def age(cache, serial):
    """The cache starts again, and has come to this serial."""
    until((cache.state / "state").exists, "the state")
    cache.end()
    set_serial(cache.state / "state", serial)
    start_at(cache, serial)


@pytest.fixture(params=[1, LAST - 12])
def cache(forge, tmp_path, request):
    """One that begins, and one whose serials come to their end."""
    with running(forge, tmp_path, "--history", KEPT) as one:
        if request.param != 1:
            age(one, request.param)
        yield one


def some(chance, most, make):
    """Up to so many, each once."""
    made = (make() for _ in range(chance.randrange(most + 1)))
    return list({json.dumps(row): row for row in made}.values())


def some_origin(chance):
    prefix = chance.choice(["10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/24", "10.1.1.0/24",
                            "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8:1::/48"])
    length, bits = int(prefix.split("/")[1]), 128 if ":" in prefix else 32
    return {"asn": chance.choice([0, 64496, 2 ** 32 - 1]), "prefix": prefix,
            "maxPrefixLength": chance.choice([length, max(length, 24), bits])}


def some_key(chance):
    def text(octets):
        return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
    head, size = chance.choice([(b"\x30\x59", 0x59), (b"\x30\x5a", 0x5a),
                                (b"\x30\x82\x0f\xfc", 0xffc)])
    return {"asn": chance.choice([1, 2, 64496]),
            "SKI": text(bytes([chance.randrange(2)]) * 20),
            "routerPublicKey": text(head + bytes([chance.randrange(2)]) * size)}


def some_aspa(chance, customer):
    return {"customerAsn": customer, "providerAsns": chance.choice(
        [[0], [7], [7, 8], [8, 9], list(range(100, 4098)), [2 ** 32 - 2]])}


def some_policy(chance):
    customers = chance.sample([1, 2, 64496, 2 ** 32 - 1], chance.randrange(4))
    return {
        "slurmVersion": 2,
        "validationOutputFilters": {
            "prefixFilters": some(chance, 1, lambda: chance.choice(
                [{"asn": 64497}, {"prefix": "2001:db8::/32"}, {"prefix": "0.0.0.0/0"}])),
            "bgpsecFilters": some(chance, 1, lambda: {"asn": 64496}),
            "aspaFilters": some(chance, 1, lambda: {"customerAsn": 64496})},
        "locallyAddedAssertions": {
            "prefixAssertions": some(chance, 8, lambda: some_origin(chance)),
            "bgpsecAssertions": some(chance, 2, lambda: some_key(chance)),
            "aspaAssertions": [some_aspa(chance, asn) for asn in customers]}}


@pytest.mark.parametrize("seed", range(40 if LONG else 2))
def test_any_changes(cache, seed):
    chance = random.Random(seed)
    routers = [StrictRouter(cache.rtr, version) for version in (0, 1, 2) for _ in range(4)]
    for router in routers:
        router.reset()
    compared = 0
    for turn in range(25):
        cache.slurm.write_text(json.dumps(some_policy(chance)))
        cache.ask("reload")
        cache.wait_for("settings taken", turn + 1)
        if turn == 15:
            # What a restart finds is what was told.
            cache.end(chance.choice([signal.SIGKILL, signal.SIGTERM]))
            starts = cache.said().count("as kept: ")
            cache.start()
            cache.wait_for("as kept: ", starts + 1)
            until(cache.listens, "the port")
            for router in routers:
                router.close()
            routers = [StrictRouter(cache.rtr, old.version, old) for old in routers]
        whole = StrictRouter(cache.rtr, 2)
        whole.reset()
        for router in chance.sample(routers, 4):
            if not router.refresh():
                assert (whole.serial - router.serial) % 2 ** 32 >= KEPT
                router.reset()
            if router.serial == whole.serial:
                assert router.held == whole.of(router.version), (seed, turn)
                compared += 1
        whole.close()
    for router in routers:
        router.close()
    assert compared > 50


def test_serials_wrap(forge, tmp_path):
    """After the last serial comes 0 (RFC 1982): those before it are behind, those after
    it are not yet, also after a crash on either side."""
    sets = [{("AS64501", f"10.{n}.0.0/16", "16")} for n in range(5)]
    with running(forge, tmp_path) as cache:
        age(cache, LAST - 1)
        routers = [cache.router(version) for version in (0, 1, 2)]
        for router in routers:
            router.reset()
            assert router.serial == LAST - 1
        for own, serial in (sets[0], LAST), (sets[1], 0), (sets[2], 1):
            cache.serial = serial - 1
            cache.change(own)
            if serial != 1:
                cache.end(signal.SIGKILL)
                start_at(cache, serial)
        for old in routers:
            router = cache.router(old.version)
            router.session, router.serial, router.vrps = old.session, old.serial, old.vrps
            for serial in 2, 2 ** 31, 2 ** 31 + 1, LAST - 2:
                router.ask_serial(serial=serial)
                assert router.answer()[0].type == CACHE_RESET, serial
            router.refresh()
            assert router.serial == 1 and router.vrps == cache.vrps()
            for serial in LAST, 0, 1:
                router.ask_serial(serial=serial)
                pdus = router.answer()
                assert pdus[-1].serial == 1
                assert len(pdus) == (2 if serial == 1 else 4)
            router.close()
        caller = cache.router(2)
        caller.reset()
        cache.change(sets[3])
        pdu = caller.read()
        assert (pdu.type, pdu.serial) == (NOTIFY, 2)
        caller.close()
