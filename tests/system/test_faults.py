# SPDX-License-Identifier: BSD-2-Clause
"""Faults that a story alone cannot provoke: ceilings, the operator's own lists,
trust anchors, time. Each costs what it says and not its neighbours."""
import json
import subprocess
import sys

import pytest

import realm
from corpus import program  # noqa: F401
from kedge import clean, faults
from stage import BASES, Stage, name
from story import rows

WORLD = """
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511
anchor beta 11.0.0.0/8 AS65536-65600 host other via rsync
ca alpha/one 10.1.0.0/16 AS64500 host first via rrdp
ca alpha/two 10.2.0.0/16 AS64501 host second via rsync
roa alpha/top AS64496 10.0.0.0/24
roa alpha/one/a AS64500 10.1.0.0/16
roa alpha/two/b AS64501 10.2.0.0/16
roa beta/c AS65540 11.0.0.0/21
"""
TOP = ("AS64496", "10.0.0.0/24", "24", "alpha")
ONE = ("AS64500", "10.1.0.0/16", "16", "alpha")
TWO = ("AS64501", "10.2.0.0/16", "16", "alpha")
BETA = ("AS65540", "11.0.0.0/21", "21", "beta")
ALL = {TOP, ONE, TWO, BETA}


class Found:
    def __init__(self, done, vrps):
        self.status, self.log, self.vrps = done.returncode, done.stderr, vrps
        self.faults = faults(done.stderr)

    def at(self, label):
        """Where this fault was found, as names without the host."""
        return {uri.split("/", 3)[3] for uri, of in self.faults if of == label}


class Theatre:
    def __init__(self, program, stage, tale, folder):
        self.program, self.stage, self.tale = program, stage, tale
        self.folder = folder
        (folder / "cache").mkdir()

    def run(self, *options, step=1, tals=None):
        act = self.tale.steps[step - 1]
        self.stage.show_step(act)
        out = self.folder / "vrps.csv"
        out.unlink(missing_ok=True)
        done = self.stage.run(
            self.program, "vrps", "--no-rir-tals", "--extra-tals-dir",
            tals or self.tale.tals, "--at", act.at, "--repository-dir",
            self.folder / "cache", "--rrdp-root-cert", self.stage.root_cert,
            "--log-repository-issues", "-v", "-o", f"csv={out}", *options,
            capture_output=True, text=True, timeout=120)
        clean(done.stderr)
        return Found(done, rows(out, 4) if out.exists() else None)


@pytest.fixture
def theatre(program, forge, tmp_path):
    realm.require()
    stages = []

    def open_with(story=WORLD):
        text = tmp_path / "story.scn"
        text.write_text(story)
        tale = forge.play(text, tmp_path / "tale", None, *BASES)
        stages.append(Stage(tmp_path / "realm", tale))
        return Theatre(program, stages[-1].__enter__(), tale, tmp_path)
    yield open_with
    for stage in stages:
        stage.__exit__()


def test_nothing_is_wrong(theatre):
    found = theatre().run()
    assert (found.status, found.vrps, found.faults) == (0, ALL, set())


# --- ceilings

def test_ca_depth(theatre):
    play = theatre(WORLD + """
chain alpha/deep 6 10.3.0.0/16 AS64502
roa alpha/deep/n/n/shallow AS64502 10.3.0.0/16
roa alpha/deep/n/n/n/lost AS64502 10.3.1.0/24
""")
    found = play.run("--max-ca-depth", 3)
    assert found.at("ca-depth") == {"repo/alpha/deep/n/n/n.cer"}
    assert found.vrps == ALL | {("AS64502", "10.3.0.0/16", "16", "alpha")}


def test_ta_points(theatre):
    play = theatre(WORLD + "brood alpha/many 20 10.4.0.0/16 AS64503\n")
    found = play.run("--max-ta-points", 12)
    # 22 CAs below alpha and itself: 12 are heard, whichever they be.
    assert len(found.at("ta-points")) == 11
    assert {TOP, BETA} <= found.vrps
    assert play.run().vrps == ALL


def test_ta_octets(theatre):
    found = theatre().run("--max-ta-size", 1000)
    assert found.at("ta-octets") == {"rrdp/notification.xml", "repo/"}
    assert found.vrps == {TOP, BETA}


def test_ta_repositories(theatre):
    play = theatre()
    found = play.run("--max-ta-repositories", 1)
    assert found.at("ta-repositories") == {"rrdp/notification.xml", "repo/"}
    assert found.vrps == {TOP, BETA}


def test_object_size(theatre):
    """What was fetched under a larger ceiling is not judged under a smaller."""
    play = theatre(WORLD + f"file alpha/one/big.roa {'00' * 9000}\n")
    assert play.run().at("object-size") == set()
    found = play.run("--noupdate", "--no-memory", "--max-object-size", 8000)
    assert found.at("object-size") == {"repo/alpha/one/big.roa"}
    assert found.vrps == ALL


def test_object_size_either_way(theatre):
    """Over rsync as over RRDP, and with what was held before standing."""
    big = "".join(f"file alpha/{ca}/big.roa {octet * 9000}\n"
                  for ca, octet in (("one", "00"), ("two", "01")))
    play = theatre(WORLD + "step\n" + big)
    assert play.run().vrps == ALL
    for _ in range(2):
        found = play.run("--max-object-size", 8000, step=2)
        assert {(uri, of) for uri, of in found.faults if of != "rrdp-object"} == {
            (f"rsync://{host}.example.net/repo/alpha/{ca}/big.roa", "object-size")
            for host, ca in (("first", "one"), ("second", "two"))}, found.log
        assert found.vrps == ALL
    # Under a ceiling that was raised it is asked for again, and once.
    found = play.run(step=2)
    assert found.at("object-size") == set() and found.vrps == ALL
    before = len(play.stage.requests())
    assert play.run(step=2).vrps == ALL
    assert [p for p, _ in play.stage.requests()[before:] if "snapshot" in p] == []


def test_manifest_entries(theatre):
    """Alpha has a CRL, a ROA and two CAs."""
    more = "".join(f"roa alpha/one/r{n} AS64500 10.1.{n}.0/24\n" for n in range(3))
    found = theatre(WORLD + more).run("--max-manifest-entries", 4)
    assert found.at("manifest-limit") == {"repo/alpha/one/one.mft"}
    assert found.vrps == {TOP, TWO, BETA}


def test_blocks(theatre):
    found = theatre(WORLD + """
ca alpha/wide 10.3.0.0/16 10.5.0.0/16 10.7.0.0/16 AS64502
roa alpha/wide/lost AS64502 10.3.0.0/16
roa alpha/two/long AS64501 10.2.0.0/24 10.2.2.0/24 10.2.4.0/24
roa alpha/two/fine AS64501 10.2.6.0/24 10.2.8.0/24
""").run("--max-blocks", 2)
    assert found.at("resources-limit") == {"repo/alpha/wide.cer"}
    assert found.at("roa-limit") == {"repo/alpha/two/long.roa"}
    assert found.vrps == ALL | {("AS64501", f"10.2.{n}.0/24", "24", "alpha")
                                for n in (6, 8)}


def test_aspa_providers(theatre):
    """Too many are none: not even those that came alone."""
    play = theatre(WORLD + """
aspa alpha/one/some AS64500 AS64601 AS64602
aspa alpha/one/more AS64500 AS64602 AS64603
aspa alpha/two/few AS64501 AS64601 AS64602
""")
    out = play.folder / "all.json"

    def customers(most):
        found = play.run("--max-aspa-providers", most, "-o", f"json={out}")
        return found.at("aspa-limit"), {
            a["customer"] for a in json.loads(out.read_text())["aspas"]}
    assert customers(3) == (set(), {"AS64500", "AS64501"})
    assert customers(2) == ({"repo/alpha/one/some.asa", "repo/alpha/one/more.asa"},
                            {"AS64501"})


# --- what the operator says

TWO_OUT = {("rsync://second.example.net/repo/", "repository-skipped"),
           ("rsync://second.example.net/repo/alpha/two/two.mft", "repository-skipped")}
ONE_OUT = {("rsync://first.example.net/repo/alpha/one/one.mft", "repository-skipped")}


def hosts(folder, *names):
    (folder / "hosts").write_text("".join(f"{name}.example.net\n" for name in names))
    return folder / "hosts"


def test_repository_skipped(theatre, tmp_path):
    """Neither asked nor believed: not even what was kept of it; and at once again,
    when it is listed no more."""
    play = theatre()
    assert play.run("--skiplist", hosts(tmp_path, "second")).faults == TWO_OUT
    assert play.run().vrps == ALL
    for update in [], ["--noupdate"]:
        found = play.run("--skiplist", hosts(tmp_path, "second"), *update)
        assert (found.status, found.faults) == (0, TWO_OUT)
        assert found.vrps == ALL - {TWO}
    assert play.run("--noupdate").vrps == ALL


def test_skiplist_and_rrdp(theatre, tmp_path):
    """The name of the rsync module is as good as that of the notification."""
    found = theatre().run("--skiplist", hosts(tmp_path, "first"))
    assert found.faults == ONE_OUT | {
        ("https://first.example.net/rrdp/notification.xml", "repository-skipped")}
    assert found.vrps == ALL - {ONE}


def test_shortlist(theatre, tmp_path):
    """A CA above must be on it too."""
    play = theatre()
    assert play.run().vrps == ALL
    found = play.run("--shortlist", hosts(tmp_path, "first", "repo"))
    assert found.vrps == {TOP, ONE}
    assert {label for _, label in found.faults} == {"repository-skipped"}
    assert found.at("repository-skipped") == {
        "repo/", "repo/alpha/two/two.mft", "repo/beta/beta.mft"}


def test_ta_constraint(theatre, tmp_path):
    play = theatre()
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "alpha.constraints").write_text(
        "allow 10.0.0.0 - 10.1.255.255\nallow 0 - 4294967295\n")
    found = play.run("--constraints-dir", rules)
    assert found.at("ta-constraint") == {"repo/alpha/two/b.roa"}
    assert found.vrps == ALL - {TWO}


def test_wrong_constraint_is_shown(theatre, tmp_path):
    play = theatre()
    rules = tmp_path / "alpha.constraints"
    for rule in ("alow 10.0.0.0/8", "deny 10.0.0.1/8", "deny AS64511 - AS64496", "deny"):
        rules.write_text(f"# rules\n  {rule}\n")
        found = play.run("--constraints-dir", tmp_path)
        assert (found.status, found.vrps) == (1, None)
        assert f"{rules}:2: `{rule}` is no rule; a rule is like" in found.log


STRANGE = """
ca alpha/gone 10.2.0.0/20 AS64502
roa alpha/gone/g AS64502 10.2.0.0/20
hide alpha/gone/g.roa
file alpha/one/strange.zzz 3003020101
"""


@pytest.mark.parametrize("policy", ["accept", "warn", "reject"])
def test_unsafe_vrps(theatre, policy):
    """A CA's ROA covers what a rejected one holds."""
    found = theatre(WORLD + STRANGE).run("--unsafe-vrps", policy)
    assert found.vrps == (ALL - {TWO} if policy == "reject" else ALL)
    assert ("unsafe VRP 10.2.0.0/16-16 AS64501" in found.log) == (policy == "warn")
    assert found.at("vrp-unsafe") == (
        {"repo/alpha/two/b.roa"} if policy == "reject" else set())
    fate = "left out" if policy == "reject" else "kept"
    assert f"kedge: 1 VRPs overlap resources of rejected CAs: {fate} (" in found.log


@pytest.mark.parametrize("policy", ["accept", "warn", "reject"])
def test_unknown_objects(theatre, policy):
    """Accepted in silence, noted, or the end of its publication point."""
    found = theatre(WORLD + STRANGE).run("--unknown-objects", policy)
    line = "one/strange.zzz: object-unknown"
    assert (line in found.log) == (policy != "accept")
    assert ("one/strange.zzz" in str(found.at("object-unknown"))) == (
        policy != "accept")
    assert any("kedge: warn:" in text and line in text for text in
               found.log.splitlines()) == (policy == "reject")
    assert found.vrps == (ALL - {ONE} if policy == "reject" else ALL)


def test_each_fault_is_counted(theatre, tmp_path):
    """With -v, what the operator's own rules took away is told in numbers."""
    play = theatre()
    (tmp_path / "skip").write_text("first.example.net\n")
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "alpha.constraints").write_text("deny AS64501\ndeny 10.2.0.0/16\n")
    log = play.run("--skiplist", tmp_path / "skip", "--constraints-dir",
                   rules).log.splitlines()
    assert any(line.startswith("kedge: 2 repository-skipped (") for line in log)
    assert any(line.startswith("kedge: 1 ta-constraint (") for line in log)


def test_complete(theatre, tmp_path):
    """What nobody tried to fetch has not failed."""
    play = theatre()
    assert play.run("--complete").status == 0
    assert play.run("--complete", "--noupdate").status == 0
    (tmp_path / "skip").write_text("second.example.net\n")
    assert play.run("--complete", "--skiplist", tmp_path / "skip").status == 0
    with play.stage.mute("second.example.net"):
        found = play.run("--complete", "--deadline", 8, "--patience", 2)
    assert (found.status, found.vrps) == (2, ALL)


def test_kept_certificate_of_another_time(theatre):
    play = theatre()
    assert play.run().vrps == ALL
    found = play.run("--noupdate", "--at", "2000-01-01T00:00:00Z")
    assert (found.status, found.vrps) == (1, None)
    assert {label for _, label in found.faults} == {"chain-premature"}


def test_repository_not_held(theatre, tmp_path):
    """Cut off, with a cache that knows neither beta nor the second host."""
    play = theatre()
    skip = tmp_path / "skip"
    skip.write_text("second.example.net\n")
    tals = tmp_path / "tals"
    tals.mkdir()
    (tals / "alpha.tal").write_text((play.tale.tals / "alpha.tal").read_text())
    assert play.run("--skiplist", skip, tals=tals).vrps == {TOP, ONE}
    found = play.run("--noupdate")
    uris = {uri for uri, label in found.faults if label == "repository-not-held"}
    assert uris == {"rsync://second.example.net/repo/",
                    "rsync://other.example.net/repo/beta.cer"}
    assert found.vrps == {TOP, ONE}


# --- trust anchors

def test_ta_fetch(theatre):
    found = theatre().run("--disable-rsync", "--disable-rrdp")
    assert {label for _, label in found.faults} == {"ta-fetch"}
    assert (found.status, found.vrps) == (1, None)


def test_ta_key(theatre, tmp_path):
    """The TAL has the key of another anchor."""
    play = theatre()
    tals = tmp_path / "tals"
    tals.mkdir()
    alpha = (play.tale.tals / "alpha.tal").read_text()
    beta = (play.tale.tals / "beta.tal").read_text()
    (tals / "beta.tal").write_text(beta)
    (tals / "alpha.tal").write_text(alpha.split("\n\n")[0] + "\n\n" +
                                    beta.split("\n\n")[1])
    found = play.run(tals=tals)
    assert found.at("ta-key") == {"rrdp/alpha.cer", "repo/alpha.cer"}
    assert found.vrps == {BETA}


def test_ta_signature(theatre):
    found = theatre(WORLD + "flip alpha.cer signature\n").run()
    assert found.at("ta-signature") == {"rrdp/alpha.cer", "repo/alpha.cer"}
    assert found.log.count(": ta-signature (") == 2
    assert found.vrps == {BETA}


def test_ta_older(theatre):
    """An older certificate does not replace the one kept, and harms nobody."""
    play = theatre(WORLD + """
set alpha.cer notBefore utc:-2h
step
mend alpha.cer
set alpha.cer notBefore utc:-4h
valid alpha.cer
""")
    assert play.run().vrps == ALL
    found = play.run(step=2)
    assert found.at("ta-older") == {"rrdp/alpha.cer", "repo/alpha.cer"}
    assert found.vrps == ALL


def test_ta_older_at_the_first_uri(theatre):
    """It is no answer: the next one is asked, and what that has is taken."""
    play = theatre(WORLD + """
set alpha.cer notBefore utc:-2h
step
mend alpha.cer
set alpha.cer notBefore utc:-4h
set alpha.cer ip.blocks ips:10.0.0.0/15
valid alpha.cer
step
mend alpha.cer
set alpha.cer notBefore utc:-1m
set alpha.cer ip.blocks ips:10.0.0.0/15
valid alpha.cer
""")
    assert play.run().vrps == ALL
    older, newer = (next(step.folder.glob("rsync/*/alpha.cer"))
                    for step in play.tale.steps[1:])
    older.write_bytes(newer.read_bytes())
    found = play.run(step=2)
    assert found.at("ta-older") == {"rrdp/alpha.cer"}
    assert found.vrps == ALL - {TWO}


def test_two_tals_for_one_anchor(theatre, tmp_path):
    """Both are followed, and what they say is said once."""
    play = theatre()
    tals = tmp_path / "tals"
    tals.mkdir()
    text = (play.tale.tals / "beta.tal").read_text()
    (tals / "beta.tal").write_text(text)
    (tals / "again.tal").write_text("# the same\n" + text)
    found = play.run(tals=tals)
    assert found.faults == set()
    assert [v[:3] for v in found.vrps] == [BETA[:3]]
    (tals / "beta.tal").write_text((play.tale.tals / "alpha.tal").read_text())
    assert {v[:3] for v in play.run(tals=tals).vrps} == {v[:3] for v in ALL}


def test_ta_second_uri(theatre, tmp_path):
    """What the first URI has is nothing, then another's; the third is right."""
    play = theatre()
    tals = tmp_path / "tals"
    tals.mkdir()
    alpha = (play.tale.tals / "alpha.tal").read_text().split("\n")[0]
    text = (play.tale.tals / "beta.tal").read_text()
    (tals / "beta.tal").write_text(
        f"rsync://other.example.net/repo/nothing.cer\n{alpha}\n" + text)
    found = play.run(tals=tals)
    assert found.at("ta-key") == {"rrdp/alpha.cer"}
    assert found.vrps == {BETA}


def test_ta_newer_and_shorter(theatre):
    """A later notBefore replaces; of two alike the one that ends sooner does,
    and one that ends later does not."""
    play = theatre(WORLD + """
set beta.cer notBefore utc:-4h
set beta.cer notAfter utc:+100d
valid beta.cer
step
mend beta.cer
set beta.cer notBefore utc:-2h
set beta.cer notAfter utc:2026-06-01T00:00:00Z
set beta.cer ip.blocks ips:11.0.0.0/9
valid beta.cer
step
mend beta.cer
set beta.cer notBefore utc:2026-02-28T22:01:00Z
set beta.cer notAfter utc:2026-05-01T00:00:00Z
set beta.cer ip.blocks ips:11.0.0.0/10
valid beta.cer
step
mend beta.cer
set beta.cer notBefore utc:2026-02-28T22:01:00Z
set beta.cer notAfter utc:2026-07-01T00:00:00Z
set beta.cer ip.blocks ips:11.0.0.0/11
valid beta.cer
""")
    for step in (1, 2, 3):
        found = play.run(step=step)
        assert (found.faults, found.vrps) == (set(), ALL)
    found = play.run(step=4)
    assert found.at("ta-older") == {"repo/beta.cer"}
    assert found.vrps == ALL


def test_ta_kept_until_it_ends(theatre):
    """Its host is gone: what is held stands in, but no longer than it says."""
    play = theatre(WORLD + """
set beta.cer notAfter utc:+4h
valid beta.cer
step
vanish other
pass 2h
step
pass 2h
""")
    assert play.run().vrps == ALL
    assert BETA in play.run(step=2).vrps
    found = play.run(step=3)
    assert BETA not in found.vrps
    assert found.at("rsync-exit") | found.at("ta-fetch")


def test_strict_holds_anchors_too(theatre):
    play = theatre(WORLD + "set beta.cer serial int:0\nvalid beta.cer\n")
    assert play.run().vrps == ALL
    found = play.run("--strict")
    assert found.at("cert-serial-zero") == {"repo/beta.cer"}
    assert found.vrps == ALL - {BETA}


def test_ta_constraint_of_router_keys(theatre, tmp_path):
    play = theatre(WORLD + """
routerkey beta/allowed AS65540
routerkey beta/denied AS65541
""")
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "beta.constraints").write_text("deny 65541\n")
    found = play.run("--constraints-dir", rules)
    assert found.at("ta-constraint") == {"repo/beta/denied.cer"}
    assert found.vrps == ALL


# --- hosts and time

def access(kind, uri):
    """An access description of a certificate, as DER."""
    octets = bytes([0x86, len(uri)]) + uri.encode()
    octets = bytes([6, 8]) + bytes.fromhex("2b060105050730") + bytes([kind]) + octets
    return (bytes([0x30, len(octets)]) + octets).hex()


def lead_to(ca, host):
    """The CA's certificate says that it publishes over there."""
    base = f"rsync://{host}/repo/{ca}/"
    return (f"set {ca}.cer sia.repo {access(5, base)}\n"
            f"set {ca}.cer sia.manifest {access(10, base + 'x.mft')}\n")


def test_repository_dubious(theatre):
    """A certificate that leads to an address: nobody is asked there."""
    found = theatre(WORLD + lead_to("alpha/two", "127.0.0.1")).run()
    assert ("rsync://127.0.0.1/repo/", "repository-dubious") in found.faults
    assert found.vrps == ALL - {TWO}


def test_moves_to_nowhere(theatre):
    """A CA's new certificate leads to a place that has nothing yet: what the CA
    said last stands until it runs out, and then what it says there."""
    play = theatre(WORLD + "step\n" + lead_to("alpha/two", "third.example.net") +
                   "reissue alpha\nroa alpha/two/new AS64501 10.2.9.0/24\n"
                   "step\npass 25h\nreissue all\nstep\nmend alpha/two.cer\n"
                   "reissue all\n")
    new = ("AS64501", "10.2.9.0/24", "24", "alpha")
    assert play.run().vrps == ALL
    for step, missing in (2, set()), (3, {TWO}):
        found = play.run(step=step)
        assert found.vrps == ALL - missing
        assert found.at("rsync-exit") == {"repo/"}
        assert found.at("manifest-missing") == {"repo/alpha/two/x.mft"}
        stale = {"repo/alpha/two/two.mft"} if missing else set()
        assert found.at("manifest-stale") == stale
    found = play.run(step=4)
    assert (found.faults, found.vrps) == (set(), ALL | {new})


def lead_far(stage):
    """The host of alpha's locator is a public one; all others are near."""
    stage.run("ip", "address", "add", "198.51.100.7/32", "dev", "lo", check=True)
    names = stage.top / "hosts"
    names.write_text("".join(
        "198.51.100.7 " + line.split()[1] + "\n"
        if line.split()[1].startswith("repo.") else line
        for line in names.read_text().splitlines(True)))


@pytest.mark.parametrize("far", (True, False))
def test_name_leads_into_own_network(theatre, far):
    """Names of CAs that resolve to this machine: nobody is asked, unless the
    TAL itself leads there (a laboratory) or the operator allows it."""
    play = theatre()
    stage = play.stage
    if far:
        lead_far(stage)
    found = play.run("--rrdp-fallback", "never")
    if far:
        assert found.faults == {
            ("https://first.example.net/rrdp/notification.xml", "http-dubious"),
            ("rsync://second.example.net/repo/", "rsync-dubious")} | {
            (f"rsync://{host}.example.net/repo/alpha/{ca}/{ca}.mft",
             "manifest-missing") for host, ca in (("first", "one"), ("second", "two"))}
        # Beta's own locator leads near: a laboratory.
        assert found.vrps == {TOP, BETA}
        assert not any("second" in log.name and "connect from" in log.read_text()
                       for log in stage.top.glob("*.log"))
        found = play.run("--rrdp-fallback", "never", "--allow-dubious-hosts")
    assert (found.faults, found.vrps) == (set(), ALL)


@pytest.mark.parametrize("way", ["rrdp", "rsync"])
def test_laboratory_named_by_others(theatre, way):
    """A CA below a public anchor names a laboratory's repository, and does so
    first: whoever the laboratory's own locator leads there has it all the same."""
    play = theatre(WORLD + f"""
ca alpha/mean 10.4.0.0/16 AS64503 host third via {way}
roa alpha/mean/a AS64503 10.4.0.0/16
ca beta/one 11.0.0.0/16 AS65540
ca beta/one/two 11.0.0.0/16 AS65540
ca beta/one/two/three 11.0.0.0/16 AS65540 host third via {way}
roa beta/one/two/three/b AS65540 11.0.0.0/16
""")
    lead_far(play.stage)
    deep = ("AS65540", "11.0.0.0/16", "16", "beta")
    for _ in range(2):
        found = play.run("--rrdp-fallback", "never")
        assert {TOP, BETA, deep} <= found.vrps, found.log


SWALLOWS = """
import socket, time
hole = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
hole.bind(("127.0.0.9", 53))
print("ready", flush=True)
time.sleep(86400)
"""


@pytest.fixture
def deaf():
    """From now on no name server answers; only these names are known, and they
    lead far away."""
    holes = []

    def make(stage, known):
        resolver = stage.top / "resolv.conf"
        resolver.write_text("nameserver 127.0.0.9\noptions timeout:30 attempts:5\n")
        stage.run("mount", "--bind", resolver, "/etc/resolv.conf", check=True)
        stage.run("ip", "address", "add", "198.51.100.7/32", "dev", "lo", check=True)
        (stage.top / "hosts").write_text("127.0.0.1 localhost\n" + "".join(
            f"198.51.100.7 {name(host)}\n" for host in known))
        holes.append(subprocess.Popen([*stage.enter(), sys.executable, "-c", SWALLOWS],
                                      stdout=subprocess.PIPE))
        assert holes[0].stdout.readline() == b"ready\n"
    yield make
    for hole in holes:
        hole.kill()
        hole.communicate()


def test_no_name_server_answers(theatre, deaf):
    """Whoever's name is known is asked meanwhile; the others cost as long as
    connecting may take, and not what the resolver has patience for (150
    seconds here), and stand with what is held."""
    third = "ca alpha/three 10.3.0.0/16 AS64502 host third via rrdp\n" \
        "roa alpha/three/c AS64502 10.3.0.0/16\n"
    play = theatre(WORLD + third)
    whole = ALL | {("AS64502", "10.3.0.0/16", "16", "alpha")}
    names = play.stage.top / "hosts"
    before = names.read_text()
    assert play.run().vrps == whole
    unknown = {"second", "third", "other"}
    deaf(play.stage, [h for h in play.stage.here if h not in unknown])
    found = play.run("--rrdp-fallback", "never", "--rrdp-connect-timeout", 2)
    assert found.faults == {
        ("https://third.example.net/rrdp/notification.xml", "http-timeout"),
        ("rsync://second.example.net/repo/", "rsync-timeout"),
        ("rsync://other.example.net/repo/beta.cer", "rsync-timeout"),
        ("rsync://other.example.net/repo/", "rsync-timeout")}, found.log
    assert found.vrps == whole
    names.write_text(before)
    found = play.run()
    assert (found.faults, found.vrps) == (set(), whole)


NOBODY = """
import socket, time
hole = socket.create_server(("::1", 873), family=socket.AF_INET6, backlog=0)
crowd = [socket.socket(socket.AF_INET6) for _ in range(8)]
for one in crowd:
    one.setblocking(False)
    one.connect_ex(("::1", 873))
print("ready", flush=True)
time.sleep(86400)
"""


def test_one_of_two_addresses_is_dead(theatre):
    """rsync itself goes no further than to the first where nothing answers."""
    play = theatre()
    names = play.stage.top / "hosts"
    names.write_text("::1 second.example.net\n::1 other.example.net\n" +
                     names.read_text())
    with subprocess.Popen([*play.stage.enter(), sys.executable, "-c", NOBODY],
                          stdout=subprocess.PIPE) as hole:
        try:
            assert hole.stdout.readline() == b"ready\n"
            found = play.run("--rrdp-connect-timeout", 2)
        finally:
            hole.kill()
    assert (found.faults, found.vrps) == (set(), ALL), found.log


def test_rsync_alone_in_a_laboratory(theatre):
    """Every name leads near, and so do those of the locators."""
    play = theatre(WORLD.replace("via rrdp", "via both"))
    found = play.run("--disable-rrdp")
    assert (found.faults, found.vrps) == (set(), ALL)


@pytest.mark.parametrize("base, manifest", (
    ("tw/", "two/two.mft"), ("tw", "two/two.mft"), ("two", "two-more/two.mft"),
    ("two/", "two-more/two.mft"), ("two/two", "two/two.mft")))
def test_border_of_a_prefix(theatre, base, manifest):
    """A repository's name that the manifest's begins with does not hold it."""
    above = "rsync://second.example.net/repo/alpha/"
    found = theatre(
        WORLD + f"set alpha/two.cer sia.repo {access(5, above + base)}\n"
        f"set alpha/two.cer sia.manifest {access(10, above + manifest)}\n").run()
    assert found.at("manifest-elsewhere") == {"repo/alpha/" + manifest}
    assert found.vrps == ALL - {TWO}


@pytest.mark.parametrize("which", ["repo", "manifest"])
def test_manifest_elsewhere(theatre, which):
    """A new certificate tears both apart: a failed fetch (RFC 9286 6.1), and
    what was believed stands (6.6); nobody learns of the ROA that is new."""
    there = {"repo": access(5, "rsync://second.example.net/repo/decoy/"),
             "manifest": access(10, "rsync://second.example.net/repo/x/two.mft")}
    at = {"repo": "alpha/two/two.mft", "manifest": "x/two.mft"}[which]
    play = theatre(WORLD + f"step\nset alpha/two.cer sia.{which} {there[which]}\n"
                   "reissue alpha\nroa alpha/two/new AS64501 10.2.9.0/24\n"
                   "step\nmend alpha/two.cer\nreissue alpha\n")
    assert play.run().vrps == ALL
    for _ in range(2):
        found = play.run(step=2)
        assert found.at("manifest-elsewhere") == {"repo/" + at}
        assert (len(found.faults), found.vrps) == (1, ALL)
    found = play.run(step=3)
    assert found.faults == set()
    assert found.vrps == ALL | {("AS64501", "10.2.9.0/24", "24", "alpha")}


def test_place_of_another(theatre):
    """CAs of other keys that say they publish where two does: they have
    nothing, and what is remembered of two stays two's."""
    base = "rsync://second.example.net/repo/alpha/two/"
    play = theatre(WORLD + "".join(
        f"ca alpha/{ca} 10.2.0.0/16 AS64501 host second via rsync\n"
        f"set alpha/{ca}.cer sia.repo {access(5, base)}\n"
        f"set alpha/{ca}.cer sia.manifest {access(10, base + 'two.mft')}\n"
        for ca in ("early", "zealous")) +
        "step\nhide alpha/two.mft\nstep\nshow alpha/two.mft\n"
        "roa alpha/two/new AS64501 10.2.9.0/24\n")
    mft = "rsync://second.example.net/repo/alpha/two/two.mft"
    new = ("AS64501", "10.2.9.0/24", "24", "alpha")
    for step, label, vrps in ((1, "chain-aki", ALL), (2, "manifest-missing", ALL),
                              (3, "chain-aki", ALL | {new})):
        found = play.run(step=step)
        assert (found.faults, found.vrps) == ({(mft, label)}, vrps)


SHARED = WORLD + """
ca alpha/three 10.3.0.0/16 AS64502 host third via both
ca alpha/four 10.4.0.0/16 AS64503 host third via both
ca alpha/five 10.5.0.0/16 AS64504 host third via both
roa alpha/three/d AS64502 10.3.0.0/16
roa alpha/four/e AS64503 10.4.0.0/16
roa alpha/five/f AS64504 10.5.0.0/16
"""
THIRD = {("AS6450%d" % (n - 1), f"10.{n}.0.0/16", "16", "alpha") for n in (3, 4, 5)}


def test_a_repository_that_waits_its_turn(theatre):
    """Named by many before it is asked, it counts once."""
    play = theatre(SHARED + "ca alpha/able 10.6.0.0/16 AS64505 host second via rsync\n"
                   "roa alpha/able/g AS64505 10.6.0.0/16\n")
    found = play.run("--fetch-threads", 1, "--max-ta-repositories", 4)
    assert found.faults == set() and len(found.vrps) == len(ALL | THIRD) + 1


def test_notification_at_a_dubious_host(theatre):
    """All who name it turn to rsync, the first as those after it."""
    notify = access(13, "https://third.example.net:8443/notification.xml")
    story = SHARED + "".join(f"set alpha/{ca}.cer sia.notify {notify}\n"
                             for ca in ("three", "four", "five"))
    play = theatre(story)
    found = play.run()
    assert found.faults == {("https://third.example.net:8443/notification.xml",
                             "repository-dubious")}
    assert found.vrps == ALL | THIRD


def test_notification_at_a_skipped_host(theatre, tmp_path):
    """What an operator leaves out is not brought in by another way."""
    play = theatre(SHARED)
    skip = tmp_path / "skip"
    skip.write_text("third.example.net\n")
    assert play.run("--skiplist", skip).vrps == ALL
    assert play.run().vrps == ALL | THIRD


def test_repository_deadline(theatre):
    """A host that takes connections and never says a word."""
    play = theatre()
    with play.stage.mute("second.example.net"):
        found = play.run("--deadline", 8, "--patience", 2)
    assert found.at("repository-deadline") == {"repo/"}
    assert found.vrps == ALL - {TWO}


def test_anchor_after_the_deadline(theatre):
    """A host that says nothing takes no anchor away: the certificate and what
    is held of its repositories stand in."""
    play = theatre()
    assert play.run().vrps == ALL
    with play.stage.mute("other.example.net"):
        found = play.run("--deadline", 2, "--patience", 2)
    assert found.at("repository-deadline") == {"repo/", "repo/beta.cer"}
    assert found.vrps == ALL
