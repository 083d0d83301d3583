# SPDX-License-Identifier: BSD-2-Clause
"""CAs that publish in one folder, and keys that are rolled there (RFC 6481 2.2,
RFC 6489 2): each manifest speaks for its own CA, and what lies beside what it
lists is nobody's business of that CA.
"""
import time
from types import SimpleNamespace

import pytest

from mint import Key
from publisher import DAY, HOUR, Authority, Host

START = 1772323200  # 2026-03-01T00:00:00Z
BLOCKS = frozenset(range(0, 20, 2))


class World:
    """A trust anchor and CAs below it, all at one host."""

    def __init__(self, kedge, site, folder, rrdp):
        self.kedge, self.site, self.rrdp = kedge, site, rrdp
        self.now, self.keys = START, iter(map(Key, range(20)))
        self.top, self.tals = folder / "world" / "step-1", folder / "tals"
        self.host = Host("one", site, self.top)
        self.tals.mkdir()
        self.anchor = Authority("alpha", next(self.keys), self.host, rrdp=rrdp)
        self.anchor.certify_itself(START, BLOCKS, 400 * DAY)
        (self.tals / "alpha.tal").write_text(self.anchor.tal([self.anchor.at]))
        self.host.tree[self.anchor.at] = self.anchor.cert

    def ca(self, name, *roas, folder="shared"):
        """Each ROA: a name and its AS number."""
        one = Authority(name, next(self.keys), self.host, self.anchor, self.rrdp, folder)
        self.certify(one)
        for stem, asn in roas:
            self.vouch(one, stem, asn)
        return one

    def certify(self, ca):
        self.anchor.certify(ca, self.now, BLOCKS, 300 * DAY)

    def vouch(self, ca, stem, asn):
        ca.vouch(stem, self.now, 9 * DAY, asn, 2, asn % 256)

    def run(self, *cas):
        """These CAs and the anchor issue anew; AS numbers and faults by file name."""
        self.now += HOUR
        for ca in (*cas, self.anchor):
            ca.issue(self.now)
        return self.look()

    def look(self):
        self.host.show()
        self.site.show(SimpleNamespace(folder=self.top))
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now))
        tale, step = SimpleNamespace(tals=self.tals), SimpleNamespace(at=at)
        found = {row[0] for row in self.kedge.vrps(tale, step)}
        faults, oddities = self.kedge.findings()
        assert oddities == {}
        return found, {path.split("/")[-1]: labels for path, labels in faults.items()}


@pytest.fixture(params=["rsync", "rrdp"])
def world(request, kedge, site, tmp_path):
    return World(kedge, site, tmp_path, request.param == "rrdp")


def name(uri):
    return uri.rsplit("/", 1)[1]


def test_one_folder(world):
    a, b = world.ca("a", ("ra", 1)), world.ca("b", ("rb", 2))
    assert a.home == b.home
    assert world.run(a, b) == ({"AS1", "AS2"}, {})
    del a.files["ra.roa"]
    assert world.run(a) == ({"AS2"}, {})
    world.anchor.files.pop(b.cert_name)
    assert world.run() == (set(), {})


@pytest.mark.parametrize("folder", ["", "alpha", "alpha/a/b/c"])
def test_any_folder(world, folder):
    """A module as a whole, its issuer's, one within that."""
    one = world.ca("a")
    one.folder = folder
    world.certify(one)
    world.vouch(one, "r", 1)
    assert world.run(one) == ({"AS1"}, {})


def test_what_another_issued(world):
    """A CA that lists it as well neither takes it away nor makes it its own."""
    a, b = world.ca("a", ("ra", 1)), world.ca("b", ("rb", 2))
    world.run(a, b)
    b.files["ra.roa"] = a.files["ra.roa"]
    assert world.run(b) == ({"AS1", "AS2"}, {"ra.roa": ["chain-aki"]})
    world.anchor.files.pop(a.cert_name)
    assert world.run() == ({"AS2"}, {"ra.roa": ["chain-aki"]})


def test_crl_of_another(world):
    """Two are listed, or only the other's: no manifest of this CA (RFC 9286 6)."""
    a, b = world.ca("a", ("ra", 1)), world.ca("b", ("rb", 2))
    assert world.run(a, b)[1] == {}
    world.vouch(b, "new", 3)
    b.files[name(a.crl)] = a.here[a.crl]
    assert world.run(b) == ({"AS1", "AS2"}, {name(b.manifest): ["manifest-crl"]})


def test_one_name_for_two(world):
    """Whose file it is then costs the other its point, and what was believed of
    that one stands (RFC 9286 6.5, 6.6)."""
    a, b = world.ca("a", ("ra", 1), ("same", 3)), world.ca("b", ("rb", 2))
    assert world.run(a, b)[0] == {"AS1", "AS2", "AS3"}
    world.vouch(b, "same", 4)
    world.vouch(a, "more", 5)
    assert world.run(a, b) == ({"AS1", "AS2", "AS3", "AS4"},
                               {"same.roa": ["manifest-file-hash"]})


def test_key_rollover(world):
    """The new CA is certified, stages, issues what the old one did, and is alone
    (RFC 6489 2); at each step all there is to be told is told once."""
    old = world.ca("ca", ("r", 1))
    assert world.run(old) == ({"AS1"}, {})
    new = world.ca("ca")
    assert world.run(old, new) == ({"AS1"}, {})
    world.vouch(new, "r", 1)
    old.files.clear()
    assert world.run(old, new) == ({"AS1"}, {})
    world.anchor.files.pop(old.cert_name)
    world.anchor.revoked.add(old.cert.serial)
    assert world.run(old, new) == ({"AS1"}, {})
    old.place({})
    assert world.run() == ({"AS1"}, {})


def test_rolled_and_still_there(world):
    """The old CA is revoked before the new one has anything to say."""
    old = world.ca("ca", ("r", 1))
    world.run(old)
    new = world.ca("ca")
    world.anchor.revoked.add(old.cert.serial)
    assert world.run(old, new) == (set(), {old.cert_name: ["chain-revoked"]})


def test_new_key_under_old_names(world, monkeypatch):
    """Manifest, CRL and certificate keep their names: what the old key signed there
    is not the new CA's, not even as what was believed last (RFC 9286 6.6)."""
    for part, file in (("manifest", "ca.mft"), ("crl", "ca.crl")):
        monkeypatch.setattr(Authority, part, property(
            lambda self, file=file: self.home + file if self.parent else
            f"{self.home}{self.label}{file[2:]}"))
    monkeypatch.setattr(Authority, "cert_name", property(lambda self: self.name + ".cer"))
    old = world.ca("ca", ("r", 1))
    assert world.run(old) == ({"AS1"}, {})
    new = world.ca("ca", ("r", 2))
    assert world.run() == (set(), {"ca.mft": ["chain-aki"]})
    old.place({})
    assert world.run(new) == ({"AS2"}, {})
