# SPDX-License-Identifier: BSD-2-Clause
"""Hostile trees before kedge and its peers: which of them survives which.

Only where KEDGE_LONG is set; it prints what is in the table of doc/security.md.
Whole is who has the neighbours' VRPs, nothing who ends without writing any. Each
has two minutes, which on this scale is for ever.
"""
import os
import signal
import subprocess
import time

import pytest

import mutants
import peers
import realm
from corpus import program  # noqa: F401
from stage import BASES, Stage
from story import rows

if not os.environ.get("KEDGE_LONG"):
    pytest.skip("KEDGE_LONG is not set", allow_module_level=True)

DEADLINE = 120
BESIDE = """\
anchor alpha 0.0.0.0/0 ::/0 AS0-4294967295 via rsync
ca alpha/n 10.200.0.0/16 AS64511
roa alpha/n/n AS64511 10.200.0.0/16-24
anchor beta 0.0.0.0/0 AS64496-64511 via rsync
roa beta/n AS64510 10.201.0.0/16-24
"""
KEPT = {("AS64511", "10.200.0.0/16", "24"), ("AS64510", "10.201.0.0/16", "24")}
ENTRY = "30150204" + "7f000001" + "170d" + b"260101000000Z".hex()


def roas(count, each):
    for n in range(count):
        yield f"roa alpha/x/r{n} AS64500 0.0.0.0/0"
        yield f"inside alpha/x/r{n}.roa addresses many:{each}:3003030100"


CA = "ca alpha/x 0.0.0.0/0 AS64500 host elsewhere"
def by_chance():
    yield "ca alpha/half 10.0.0.0/9 2001:db8::/33 AS100000-200000 host elsewhere"
    yield "ca alpha/all inherit host elsewhere"
    for one in mutants.of_seeds(100000, 200)[:200]:
        yield from one.story()


TREES = {
    "a content type that is no OID": [
        CA, "roa alpha/x/v AS64500 10.0.0.0/24",
        "set alpha/x/v.roa cms.attr.type.oid 0401ff"],
    "200 objects spoiled by chance": [*by_chance()],
    "a trust anchor that is none": [
        "anchor gamma 0.0.0.0/0 AS64496 via rsync", "drop gamma.cer bc"],
    "a chain of 300 CAs": ["chain alpha/x 300 10.0.0.0/9 host elsewhere"],
    "2,000 CAs side by side": ["brood alpha/x 2000 10.0.0.0/9 host elsewhere"],
    "a CA that certifies its grandparent": [
        CA, "ca alpha/x/y 10.0.0.0/9", "loop alpha/x/y/again alpha/x"],
    "a manifest with 50,000 names of nothing": [
        CA, *(f"list alpha/x/{n}.roa" for n in range(50000))],
    "a CRL of a million entries": [
        CA, "roa alpha/x/r AS64500 10.0.0.0/24", "revoke alpha/x/r.roa",
        f"inside alpha/x.crl revoked many:1000000:{ENTRY}"],
    "40 ROAs of 200,000 prefixes": [CA, *roas(40, 200000)],
    "a ROA of 70 MB": [CA, *roas(1, 14000000)],
}


@pytest.fixture(scope="module", autouse=True)
def possible():
    realm.require()


def watched(stage, command):
    """How it ended, None: not by itself; and its seconds."""
    began = time.monotonic()
    running = subprocess.Popen([*stage.enter(), *map(str, command)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        end = running.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        end = None
    return end, time.monotonic() - began


def outcome(end, out):
    if end is None:
        return "no end"
    if not out.exists() or not out.read_text():
        return "crash" if end < 0 else "nothing"
    return "whole" if KEPT <= rows(out, 3) else "neighbours lost"


def kedge(program, stage, step, folder):  # noqa: F811
    (folder / "cache").mkdir()
    out = folder / "vrps.csv"
    return [program, "vrps", "--no-rir-tals", "--extra-tals-dir", stage.tale.tals,
            "--repository-dir", folder / "cache", "--at", step.at, "--disable-rrdp",
            "-o", f"csv={out}"], out


def trial(program, stage, step, folder):  # noqa: F811
    """Name of a validator -> its line of the table."""
    stage.show_step(step)
    made, found = [], {}
    found["kedge"] = kedge(program, stage, step, folder)
    for peer in (peers.RpkiClient, peers.Fort):
        if peer.program is not None:
            made.append(peer(stage, peer.ways["rsync"]))
            found[peer.__name__] = made[-1].command(), made[-1].work / "out" / "csv"
    try:
        for name, (command, out) in found.items():
            end, seconds = watched(stage, command)
            found[name] = outcome(end, out), seconds
    finally:
        for one in made:
            one.close()
    return found


@pytest.mark.parametrize("name", TREES)
def test_tree(forge, program, tmp_path, capsys, name):  # noqa: F811
    (tmp_path / "story.scn").write_text(BESIDE + "\n".join(TREES[name]) + "\n")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300))
    tale = forge.play(tmp_path / "story.scn", tmp_path / "tale", None, *BASES, "--at", at)
    with Stage(tmp_path / "realm", tale) as stage:
        found = trial(program, stage, tale.steps[0], tmp_path)
    cells = [f"{what}, {seconds:.0f} s" for what, seconds in found.values()]
    with capsys.disabled():
        print(f"\n| {name} | {' | '.join(cells)} |")
    assert found["kedge"][0] == "whole"
