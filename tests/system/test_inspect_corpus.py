# SPDX-License-Identifier: BSD-2-Clause
"""kedge inspect says of every object what the run said of it.

The three trust anchors of BBN's suite have one key, so each is judged alone.
"""
import json

import pytest

from corpus import Validator, corpus, internet, program  # noqa: F401

BASE = "rsync://rpki.bbn.com/conformance/"


@pytest.fixture(scope="module")
def net(corpus, internet):
    net = internet({"rpki.bbn.com": 873})
    net.show_tree(corpus / "bbn-sample" / "tree", https=False)
    return net


@pytest.fixture(scope="module")
def files(corpus):
    top = corpus / "bbn-sample" / "tree" / "rpki.bbn.com" / "conformance"
    return {BASE + str(p.relative_to(top)): p
            for p in sorted(top.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def below(corpus, program, net, tmp_path_factory):
    """Makes validators that know one trust anchor and have run once."""
    def make(name):
        one = Validator(program, net, tmp_path_factory.mktemp("bbn"), "--tal",
                        corpus / "bbn-sample" / "tals" / (name + ".tal"))
        one.outcome = one.run()
        return one
    return make


@pytest.fixture(scope="module")
def bbn(below):
    return below("root")


def sheets(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def disagreements(bbn, found):
    """Sheets whose verdict is not what the run said of the same URI."""
    for sheet in found:
        faults = bbn.outcome.faults.get(sheet["name"], set())
        said = sheet.get("fault", {})
        own = {said["label"]} if said and "uri" not in said else set()
        if own != faults:
            yield sheet["name"], own, faults
        # What fails with something else: the run named that.
        if "uri" in said and said["label"] not in bbn.outcome.faults[said["uri"]]:
            yield sheet["name"], said, "not said"
        if (sheet["validation"] == "rejected") != bool(said):
            yield sheet["name"], sheet["validation"], said


# Files that no manifest of this suite lists and no TAL in use leads to.
ALONE = {BASE + "root.cer", BASE + "goodRootAKIMatches.cer",
         BASE + "badRootBadAIA.cer"}


def test_inspect_agrees_with_the_run(bbn, files):
    done = bbn.command("inspect", "-j", *files)
    found = sheets(done)
    assert [s["name"] for s in found] == list(files)
    listed = [s for s in found if s["name"] not in ALONE]
    assert list(disagreements(bbn, listed)) == []
    states = {s["name"]: s["validation"] for s in found}
    assert states[BASE + "root.cer"] == "valid"
    assert done.returncode == 1
    # Every VRP of the run stands in a ROA that is called valid.
    vrps = {(f"AS{s['asn']}", p["prefix"], str(p["max_length"]))
            for s in found if s["type"] == "roa" and s["validation"] == "valid"
            for p in s["prefixes"]}
    assert vrps == bbn.outcome.vrps


def test_files_in_the_hand_are_judged_alike(bbn, files):
    found = sheets(bbn.command("inspect", "-j", *files))
    held = sheets(bbn.command("inspect", "-j", *files.values()))
    for uri, file in zip(found, held):
        if uri["name"] not in ALONE:
            for key in ("sha256", "type", "validation", "fault"):
                assert uri.get(key) == file.get(key), uri["name"]


def test_nothing_below_a_point_that_is_rejected(below, files):
    bbn = below("goodRootAKIMatches")
    assert bbn.outcome.labels() == {"chain-issuer"} and not bbn.outcome.vrps
    found = sheets(bbn.command("inspect", "-j", *files))
    states = {s["name"]: s["validation"] for s in found}
    assert [n for n, s in states.items() if s == "valid"] == [
        BASE + "goodRootAKIMatches.cer"]
    roa = next(s for s in found if s["name"].endswith("goodROANothingWrong.roa"))
    assert (roa["fault"]["label"], roa["fault"]["uri"]) == (
        "chain-issuer", BASE + "root/root.mft")
    # Not even its issuer was believed, so that nobody looked at it.
    far = next(s for s in found if s["name"].endswith("goodCertMatch.cer"))
    assert (far["validation"], far["fault"]) == ("rejected", roa["fault"])


def test_by_hash(bbn, files):
    some = list(files)[::9]
    by_uri = sheets(bbn.command("inspect", "-j", *some))
    by_hash = sheets(bbn.command("inspect", "-j", *[s["sha256"] for s in by_uri]))
    for uri, name in zip(by_uri, by_hash):
        assert uri["name"] in name["published_at"]
        assert (name["type"], name["validation"]) == (uri["type"], uri["validation"])


def test_the_chain_is_told(bbn):
    sheet, = sheets(bbn.command("inspect", "-j", BASE + "root/NAMSeqNameSer/goodCRLMatch.crl"))
    assert sheet["validation"] == "valid"
    assert [c["uri"] for c in sheet["chain"]] == [
        BASE + "root.cer", BASE + "root/NAMSeqNameSer.cer", sheet["name"]]
    assert sheet["manifest"]["lists"] is True
    assert sheet["repository"]["uri"] == BASE
    assert sheet["repository"]["age"] >= 0


def test_what_is_listed_and_missing(bbn):
    sheet, = sheets(bbn.command(
        "inspect", "-j", BASE + "root/MFTUnkownFileExtension/foo.nul"))
    assert sheet["validation"] == "absent"
    assert sheet["fault"]["label"] == "manifest-file-missing"


def test_at_another_time(bbn):
    roa = BASE + "root/goodROANothingWrong.roa"
    then, = sheets(bbn.command("inspect", "-j", roa, at="2045-01-01T00:00:00Z"))
    assert then["validation"] == "valid"
    late, = sheets(bbn.command("inspect", "-j", roa, at="2047-01-01T00:00:00Z"))
    assert late["validation"] != "valid"
    assert bbn.command("inspect", roa, at="2047-01-01T00:00:00Z").returncode != 0
