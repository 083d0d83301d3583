# SPDX-License-Identifier: BSD-2-Clause
"""Whole repositories of real CAs with their trust anchors, at the times when
they were published, over rsync and over RRDP."""
import csv
import gzip
import json
import shutil

import pytest

from corpus import Validator, corpus, dated, internet, program  # noqa: F401

KRILL = "krill-ui-dev-testbed.krill.cloud"
LACNIC = "krill-lacnic.nlnetlabs.net"
LACNIC_TA = "krill-lacnic2.nlnetlabs.net"


def rows(path):
    with open(path) as f:
        found = {tuple(row[:3]) for row in csv.reader(f)}
    return {row for row in found if row[0].startswith("AS") and row[0] != "ASN"}


@pytest.fixture
def validator(program, internet, tmp_path):
    def make(hosts, tals):
        net = internet({host: 873 for host in hosts})
        return net, Validator(program, net, tmp_path / "kedge", "--extra-tals-dir", tals)
    return make


# --- RIPE NCC's pilot

PILOT = [("2023-08-04T12:00:00Z", 782), ("2023-08-04T23:00:00Z", 768),
         ("2023-08-05T04:00:00Z", 88), ("2023-08-05T08:00:00Z", 0)]


def pilot_at(pilot, at):
    stamp = at.replace("-", "").replace(":", "")
    found = rows(pilot / "oracle-at" / f"{stamp}.rpki-client-9.8.csv")
    assert found == rows(pilot / "oracle-at" / f"{stamp}.fort-1.5.4.csv")
    return found


@pytest.mark.parametrize("at,count", PILOT)
def test_pilot_from_scratch(corpus, validator, at, count):
    pilot = corpus / "ripe-pilot-2023"
    net, kedge = validator(["localcert.ripe.net"], pilot)
    net.show_tree(pilot / "tree", https=False)
    outcome = kedge.run(at=at)
    assert len(outcome.vrps) == count
    assert outcome.vrps == pilot_at(pilot, at), outcome.stderr
    # Nobody answers for one delegated CA, nor for what is fetched over HTTPS;
    # the rest is time's.
    assert outcome.labels() <= {"http-status", "http-connect", "rsync-exit",
                                "manifest-missing", "manifest-stale", "crl-stale",
                                *(["chain-expired"] if at > PILOT[0][0] else [])}


def test_pilot_grows_old(corpus, validator, tmp_path):
    """One cache, filled over RRDP; manifests run out CA by CA, and nothing is
    believed beyond its time because it was believed before."""
    pilot = corpus / "ripe-pilot-2023"
    net, kedge = validator(["localcert.ripe.net"], pilot)
    base = tmp_path / "web" / "rrdp"
    place = base / "b4772554-7369-4e0e-94f8-883d01bcabc8" / "11486"
    place.mkdir(parents=True)
    shutil.copytree(pilot / "tree" / "localcert.ripe.net" / "ta", tmp_path / "web" / "ta")
    packed = gzip.open(pilot / "rrdp" / "notification.xml.gz").read()
    (base / "notification.xml").write_bytes(packed)
    name = packed.split(b"snapshot-")[1].split(b'"')[0].decode()
    (place / f"snapshot-{name}").write_bytes(
        gzip.open(pilot / "rrdp" / "snapshot.xml.gz").read())
    net.show("localcert.ripe.net", None, tmp_path / "web")
    for at, count in PILOT:
        outcome = kedge.run(at=at)
        assert len(outcome.vrps) == count, at
        assert outcome.vrps == pilot_at(pilot, at), at
    assert sum("snapshot" in path for path, _ in net.requests()) == 1
    # The clock may go back: what was judged too old is judged anew.
    assert kedge.run(at=PILOT[0][0]).vrps == pilot_at(pilot, PILOT[0][0])


# --- xTom, a delegated publication server

def test_xtom_step(corpus, validator, tmp_path):
    xtom = corpus / "xtom-2026"
    hosts = sorted(p.name for p in (xtom / "tree-20260316").iterdir())
    # No rsyncd can serve a file outside of a module.
    tals = tmp_path / "tals"
    tals.mkdir()
    (tals / "graft.tal").write_text((xtom / "xtom-graft.tal").read_text().replace(
        "rsync://graft.xtom.test/ta.cer", "rsync://graft.xtom.test/anchor/ta.cer"))
    net, kedge = validator(hosts, tals)
    for stamp, at in (("20260203", "2026-02-03T11:00:00Z"),
                      ("20260316", "2026-03-16T07:30:00Z")):
        show_xtom(net, dated(xtom / f"tree-{stamp}", tmp_path / stamp, int(stamp[4:])))
        outcome = kedge.run(at=at)
        wanted = rows(xtom / f"expected-vrps-{stamp}.csv")
        assert len(wanted) == 150
        assert outcome.vrps == wanted, outcome.stderr
        assert outcome.aspas == {
            (a["customer_asid"], tuple(a["providers"])) for a in json.loads(
                (xtom / f"expected-aspas-{stamp}.json").read_text())}
    # CA 61 is certified and has nothing any more; only that is wrong.
    assert {label for label in outcome.labels()} <= {
        "manifest-missing", "rsync-exit", "manifest-stale", "http-connect"}
    assert all("/61/" in uri for uri, labels in outcome.faults.items()
               if "manifest-missing" in labels)
    # Published once more, it stands well again, with nothing to say.
    late = dated(xtom / "tree-20260316", tmp_path / "late", 400)
    shutil.copytree(xtom / "repo2-61-updated" / "61",
                    late / "rpki.roa.net" / "rrdp" / "xTom" / "61")
    show_xtom(net, late)
    last = kedge.run(at=at)
    assert last.vrps == wanted
    gone = {uri for uri in outcome.faults if "/61/" in uri}
    assert gone and set(last.faults) == set(outcome.faults) - gone


def show_xtom(net, tree):
    net.show_tree(tree, https=False)
    folder = tree / "graft.xtom.test"
    net.show("graft.xtom.test", {"ta": folder / "ta", "anchor": folder})


# --- krill

@pytest.mark.parametrize("way", ["rsync", "rrdp"])
def test_krill_testbed(corpus, validator, tmp_path, way):
    krill = corpus / "krill-testbed-2023"
    net, kedge = validator([KRILL], krill)
    web = tmp_path / "web"
    web.mkdir()
    if way == "rrdp":
        (web / "rrdp").symlink_to(krill / "rrdp")
    folder = krill / "tree" / KRILL
    net.show(KRILL, {m.name: m for m in folder.iterdir()}, web)
    outcome = kedge.run(at="2023-06-30T09:00:00Z")
    assert outcome.vrps == set()
    stale = {uri.split("/")[4] for uri, labels in outcome.faults.items()
             if labels & {"manifest-stale", "crl-stale"}}
    assert stale == {"NLnetLabs", "ca_teste1682870430456"}
    assert len(outcome.faults) == len(stale) + (way == "rsync")
    # Leaf CAs publish an empty list of revoked certificates.
    fetched = [path for path, status in net.requests() if status == 200]
    assert any("snapshot" in path for path in fetched) == (way == "rrdp")
    early = kedge.run(at="2023-04-26T00:00:00Z")
    assert early.vrps == set()
    assert early.labels() & {"crl-premature", "manifest-premature"}


# --- one trust anchor, certified five times

def reissues(krill):
    return {p.stem: p for p in (krill / "ta-certs").iterdir()}


@pytest.fixture
def lacnic(corpus, validator, tmp_path):
    krill = corpus / "krill-ta-reissues-2025"
    net, kedge = validator([LACNIC, LACNIC_TA], krill)
    module = tmp_path / "ta"
    module.mkdir()
    folder = krill / "tree" / LACNIC
    net.show(LACNIC, {m.name: m for m in folder.iterdir()})

    def serve(stem):
        shutil.copy(krill / "ta-certs" / f"{stem}.cer", module / "ta.cer")
        net.show(LACNIC_TA, {"ta": module})
    return serve, kedge


ALL = ["ta_20250130T144631Z_20270130T145131Z", "ta_20250130T144919Z_20260130T145419Z",
       "ta_20250203T134142Z_20260203T134642Z", "ta_20250311T150106Z_20260311T150606Z",
       "ta_20250610T104613Z_20260610T105113Z"]
TA = f"rsync://{LACNIC_TA}/ta/ta.cer"


def test_reissue_points(lacnic):
    """Two CAs are well in June 2025; today the child's manifest has run out."""
    serve, kedge = lacnic
    serve(ALL[0])
    then = kedge.run(at="2025-06-10T11:00:00Z")
    # Its RRDP is where we have none.
    assert (then.vrps, then.labels()) == (set(), {"http-status"})
    now = kedge.run(at="2026-11-23T00:00:00Z")
    assert now.vrps == set()
    assert any("/online/" in uri and labels & {"manifest-stale", "crl-stale"}
               for uri, labels in now.faults.items()), now.stderr


def test_each_reissue_replaces_the_one_before(lacnic):
    serve, kedge = lacnic
    for stem in ALL:
        serve(stem)
        assert TA not in kedge.run(at="2025-06-10T11:00:00Z").faults, stem


def test_no_older_reissue_comes_back(lacnic):
    serve, kedge = lacnic
    serve(ALL[-1])
    kedge.run(at="2025-06-10T11:00:00Z")
    for stem in ALL[:-1]:
        serve(stem)
        assert kedge.run(at="2025-06-10T11:00:00Z").faults[TA] == {"ta-older"}, stem


def test_expired_reissue_gives_way(lacnic):
    """The newest has run out: the one that began first and lasts is taken."""
    serve, kedge = lacnic
    serve(ALL[-1])
    kedge.run(at="2025-06-10T11:00:00Z")
    late = kedge.command("vrps", at="2026-11-23T00:00:00Z")
    assert late.returncode == 1 and "chain-expired" in late.stderr
    serve(ALL[0])
    assert TA not in kedge.run(at="2026-11-23T00:00:00Z").faults
