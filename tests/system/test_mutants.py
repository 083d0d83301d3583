# SPDX-License-Identifier: BSD-2-Clause
"""Objects of all kinds, spoiled by chance and signed again: kedge survives each,
says the same of it with its memory and without, lets nobody else feel it, and
judges it as rpki-client does, but for the differences that are listed here.

A few seeds, or thousands where KEDGE_LONG is set.
"""
import os

import pytest

import mutants
import peers
import realm
import strict
from corpus import program  # noqa: F401

FIRST = range(100000, 104000, 400) if os.environ.get("KEDGE_LONG") else [0]
COUNT = 400 if os.environ.get("KEDGE_LONG") else 112

DER = "RFC 6488 2, RFC 5280 4.1: DER; OpenSSL's templates take BER and leftovers"
NAME = "RFC 6487 4.4, 4.5: a commonName, a serialNumber, as PrintableString"
URI = "RFC 6487 4.8.6 to 4.8.8: it looks at few of the URIs"
SERIAL = "RFC 5280 4.1.2.2: from 1, 20 octets at most"
KEY = "RFC 7935 3, RFC 8608 3: how a key is written, its SKI the hash of it"
PROFILE = "RFC 6487 4.8: which extensions there are, once, and critical or not"
RESOURCES = "RFC 3779 2.2.3, RFC 6487 4.8.10: IPv4 or IPv6, no SAFI, not empty"

# Faults of what rpki-client from 8.2 to 9.9 takes: what it does not look at, and
# where it is written that it should.
STRICTER = {
    "der-bits": DER, "der-boolean": DER, "der-default": DER, "der-integer": DER,
    "der-length": DER, "der-null": DER, "der-oid": DER, "der-string": DER,
    "der-tag": DER, "der-trailing": DER, "der-truncated": DER, "cms-order": DER,
    "cms-attributes": DER,
    "time-form": DER,
    "time-choice": "RFC 5280 4.1.2.5, 5.1.2.4: UTCTime until 2049",
    "name-form": NAME, "name-length": NAME, "name-string": NAME,
    "uri-form": URI, "uri-scheme": URI, "cms-location": URI, "cert-crldp": URI,
    "chain-crl-uri": "RFC 9829 3.2: the CRL is the one that a certificate names",
    "manifest-crl-uri": "RFC 9829 3.2: its CRL is the one that its certificate names",
    "cert-version": "RFC 6487 4.1: version 3",
    "cert-unique-id": "RFC 6487 4: fields that are not named are not there",
    "cert-serial": SERIAL, "crl-serial": SERIAL,
    "cert-key-algorithm": KEY, "cert-key-form": KEY, "cert-key-exponent": KEY,
    "cert-ski": KEY,
    "cert-aki": "RFC 6487 4.8.3: nothing but the key identifier",
    "cert-policy": "RFC 6487 4.8.9, RFC 7318 2: one policy, one CPS URI at most",
    "cert-extension-critical": PROFILE, "cert-extension-missing": PROFILE,
    "cert-extension-twice": PROFILE, "cert-extension-unknown": PROFILE,
    "cert-key-usage": "X.690 11.2.2: named bits end with a one",
    "resources-empty": RESOURCES, "resources-family": RESOURCES,
    "crl-version": "RFC 6487 5: version 2",
    "crl-number": "RFC 9829 3.1: from 0, below 2^159",
    "crl-extension": "RFC 9829 3.1: AKI and CRL Number, nothing else",
    "crl-extension-missing": "RFC 9829 3.1: both AKI and CRL Number",
    "crl-extension-twice": "RFC 5280 4.2: each extension once",
    "signature-algorithm-differs": "RFC 5280 4.1.1.2: the same inside and outside",
    "cms-algorithm": "RFC 6488 2.1.2: one digest algorithm, once",
    "cms-certificates": "RFC 6488 2.1.4: one certificate, once",
    "cms-version": "RFC 6488 3 1.b: versions are 3",
    "cms-signature-algorithm": "RFC 5754 3.2: the parameters are NULL",
    "cms-signing-time": "RFC 9589 4: there is a signing-time",
    "manifest-digest": "RFC 9286 4.2.1: a hash is 256 whole bits",
    "manifest-duplicate": "RFC 9286 4.2.1: a name once",
    "manifest-number": "RFC 9286 4.2.1: 20 octets at most",
    "roa-empty": "RFC 9582 4: a family has addresses",
    "roa-family": "RFC 9582 4.3.1: a family once",
    "aspa-zero": "ASPA profile 3.3: AS 0 is alone",
    "tak-comment": "RFC 9691 2.2.1: a comment is one line",
    "tak-key": "RFC 9691 2.2.1: a key as trust anchors have",
    "tak-mismatch": "RFC 9691 2.3: the current key is the trust anchor's",
}

# What rpki-client says of what it refuses and kedge takes, and why.
LAXER = {
    "AIA: want 1 element": "RFC 6487 4.8.7: other URIs of the same object may be there",
    "AIA: caIssuers bad location": "RFC 3986 3.3: a name may begin with a dot",
    "SIA: conflicting URIs": "RFC 3986 3.2.2: a host's name is the same in any case",
    "not set to inherit": "RFC 6487 4.8.10: IP or AS resources may be absent",
    "EKU: expected 1 purpose": "RFC 8209 3.1.3.2: others may stand beside it",
    "signing-time after MFT": "RFC 9589 4: when it was signed says nothing of its worth",
}
# How what it only remarks on begins.
REMARKS = ("dating issue: ", "ignoring ")
# It holds smaller files for none, and loses the point that lists one; RFC 9286
# 6.5 asks for nothing but their hash.
SMALLEST = 100

# Other versions have other differences.
PEER = peers.RpkiClient.version in ("8.2", "9.5", "9.9")
# Of these it does not look at what they say.
UNKNOWN = ["aspa", "spl"] if peers.RpkiClient.old else []
if peers.RpkiClient.version == "9.9":
    UNKNOWN = ["gbr"]


@pytest.fixture(scope="module", autouse=True)
def possible():
    realm.require()


class Judged:
    """One mutant: what each made of it."""

    def __init__(self, one, trial, ours, theirs):
        self.one, self.said = one, trial.said.get(one.file, "")
        self.octets = trial.octets(one)
        self.found = {row for row in ours[0] if one.holds(row)}
        self.faults = ours[1].get(one.file, [])
        self.peer = None
        if theirs is not None:
            self.peer = {row for row in theirs[0] if one.holds(row)}
            self.complaints = theirs[1].get(one.file, [])

    def __str__(self):
        return (f"seed {self.one.seed} {self.one.kind} {self.said}\n  kedge: "
                f"{self.faults} {sorted(self.found)}\n  rpki-client: "
                f"{self.complaints} {sorted(self.peer)}")


def strays(trial, found):
    """What is of nobody's resources: some mutants may say anything."""
    return {row for row in found if not any(one.holds(row) for one in trial.mutants)}


def kedge_alone(trial, program):  # noqa: F811
    ours = trial.kedge(program)
    assert trial.kedge(program, "--no-memory") == ours
    neighbours = {("vrp", *row[:3]) for row in trial.step.vrps()}
    neighbours |= {("key", *row[:2]) for row in trial.step.router_keys()}
    neighbours |= {("aspa", row[0], *row[1].split()) for row in trial.step.aspas()}
    neighbours = {row for row in neighbours if row[1] == mutants.NEIGHBOUR}
    assert len(neighbours) == 4 and neighbours <= ours[0]
    # in its own point nobody feels a mutant that is not the point's own
    for one in trial.mutants:
        if one.kind not in ("ta", "cer", "mft", "crl"):
            assert any(f"AS{one.asn}" == row[1] for row in ours[0]), one.seed
    return ours


def judge(forge, program, folder, some):  # noqa: F811
    """Where a mutant ends rpki-client, or a whole point for it, halves find which."""
    with mutants.Trial(forge, folder, some) as trial:
        ours = kedge_alone(trial, program)
        fair = PEER and all(len(trial.octets(one)) >= SMALLEST for one in some)
        theirs = trial.rpki_client() if fair else None
        if theirs is not None:
            more = strays(trial, ours[0]) - strays(trial, theirs[0])
            assert {row[0] for row in more} <= {"aspa"}.intersection(UNKNOWN), more
        if theirs is not None or not PEER or len(some) == 1:
            return [Judged(one, trial, ours, theirs) for one in some]
    half = len(some) // 2
    return (judge(forge, program, folder.with_name(folder.name + "a"), some[:half]) +
            judge(forge, program, folder.with_name(folder.name + "b"), some[half:]))


def explained(case):
    """Do both say the same of it, or is it known why not?"""
    if case.one.kind in ("gbr", "tak", "spl"):  # no payload
        refused = [line for line in case.complaints if not line.startswith(REMARKS)]
        same = bool(case.faults) == bool(refused)
        more = not case.faults
    else:
        same = case.found == case.peer
        more = bool(case.found - case.peer)
    if same:
        return True
    if more:
        return any(why in line for line in case.complaints for why in LAXER)
    return any(fault in STRICTER for fault in case.faults)


def strictly(case):
    """Is the content as its profile wants it?"""
    read = {"aspa": (strict.aspa, 2), "spl": (strict.prefixes, 4)}[case.one.kind]
    try:
        read[0](strict.content(case.octets), case.one.asn + read[1])
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("first", FIRST)
def test_mutants(forge, program, tmp_path, first):  # noqa: F811
    cases = judge(forge, program, tmp_path / "trial", mutants.of_seeds(first, COUNT))
    odd = []
    for case in cases:
        if case.one.kind in ("aspa", "spl") and case.said.startswith("content"):
            assert strictly(case) == (not case.faults), case.said
        known = case.peer is not None and case.one.kind not in UNKNOWN
        if known and not explained(case):
            odd.append(case)
    assert not odd, "\n".join(map(str, odd))
    survivors = sum(not case.faults for case in cases)
    assert 10 < survivors < len(cases) / 2
