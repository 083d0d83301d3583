# SPDX-License-Identifier: BSD-2-Clause
"""A CA that publishes far too much costs itself, not those beside it."""
import json

import pytest

from story import Tale

# One address of a ROA: 10.0.0.0/9, and 0.0.0.0/0.
NINE, ZERO = "3005030307" + "0a00", "3003030100"

NEIGHBOUR = """\
anchor alpha 0.0.0.0/0 AS64496-64511
ca alpha/beside 10.200.0.0/16 AS64511
roa alpha/beside/n AS64511 10.200.0.0/16-24
"""
KEPT = {("AS64511", "10.200.0.0/16", "24", "alpha")}


def many(ca, count, prefix, each, address):
    """ROAs that say the same very often."""
    for n in range(count):
        yield f"roa {ca}/r{n} AS64500 {prefix}"
        yield f"inside {ca}/r{n}.roa addresses many:{each}:{address}"
        yield f"valid {ca}/r{n}.roa"


def play(forge, site, kedge, tmp_path, lines):
    story = tmp_path / "story.scn"
    story.write_text(NEIGHBOUR + "\n".join(lines) + "\n")
    tale = forge.play(story, tmp_path / "tale", site)
    site.show(tale.steps[0])
    vrps = kedge.vrps(tale, tale.steps[0])
    return vrps, kedge.findings()[0]


@pytest.mark.parametrize("count, fault", [(5, None), (6, "ta-share")])
def test_payload_of_a_deep_branch(forge, site, kedge, tmp_path, count, fault):
    deep = "alpha/deep/n/n/n"
    vrps, faults = play(forge, site, kedge, tmp_path, [
        "chain alpha/deep 4 10.0.0.0/9 AS64500",
        *many(deep, count, "10.0.0.0/9", 190000, NINE)])
    if fault is None:
        assert vrps == KEPT | {("AS64500", "10.0.0.0/9", "9", "alpha")}
        assert faults == {}
    else:
        assert vrps == KEPT
        assert faults == {f"{deep}/n.mft": [fault]}


def test_payload_of_one_point(forge, site, kedge, tmp_path):
    vrps, faults = play(forge, site, kedge, tmp_path, [
        "ca alpha/flood 0.0.0.0/0 AS64500",
        *many("alpha/flood", 85, "0.0.0.0/0", 200000, ZERO)])
    assert vrps == KEPT
    assert faults == {"alpha/flood/flood.mft": ["point-limit"]}


@pytest.mark.parametrize("more, over", [(2000, False), (2001, True)])
def test_providers_of_a_customer(forge, site, kedge, tmp_path, more, over):
    """The ceiling is on what two objects of two CAs say together."""
    def aspa(ca, first, count, name="as"):
        asn = "AS64511" if name == "loose" else "AS64500"
        providers = " ".join(f"AS{first + n}" for n in range(count))
        return f"aspa {ca}/{name} {asn} {providers}"

    vrps, faults = play(forge, site, kedge, tmp_path, [
        "ca alpha/one 10.1.0.0/16 AS64500", "ca alpha/two 10.2.0.0/16 AS64500",
        aspa("alpha/one", 100000, 2100), aspa("alpha/two", 102000, more),
        "aspa alpha/beside/as AS64511 AS1 AS2",
        aspa("alpha/beside", 100000, 2000 + more, "loose"),
        "unlist alpha/beside/loose.asa"])
    out = tmp_path / "all.json"
    tale = Tale(tmp_path / "tale")
    kedge.vrps(tale, tale.steps[0], "-o", f"json={out}")
    customers = {row["customer"]: row["providers"]
                 for row in json.loads(out.read_text())["aspas"]}
    assert vrps == KEPT
    assert customers.pop("AS64511") == ["AS1", "AS2"]
    if over:
        assert customers == {}
        assert faults == {"alpha/one/as.asa": ["aspa-limit"],
                          "alpha/two/as.asa": ["aspa-limit"]}
    else:
        assert [len(p) for p in customers.values()] == [4000]
        assert faults == {}
    # What inspect says of each is what became of it, or would.
    where = tale.steps[0].folder / "rsync"
    done = kedge.run("inspect", "-j", *kedge.options(tale, tale.steps[0]),
                     *sorted(where.rglob("*.asa")), check=False)
    sheets = [json.loads(line) for line in done.stdout.splitlines()]
    said = {"/".join(s["name"].split("/")[-2:]):
            (s["validation"], s.get("fault", {}).get("label")) for s in sheets}
    limit = ("rejected", "aspa-limit")
    valid, unlisted = ("valid", None), ("unlisted", None)
    assert said == {"beside/as.asa": valid,
                    "beside/loose.asa": limit if over else unlisted,
                    "one/as.asa": limit if over else valid,
                    "two/as.asa": limit if over else valid}


def test_findings_of_one_point(forge, site, kedge, tmp_path):
    """More to tell than a report holds: who has one wrong to tell of is heard."""
    far = "/".join(["alpha"] + [c * 200 for c in "wxyz"])
    lines = ["file alpha/beside/last.roa 00"]
    for depth in range(2, 6):
        lines.append("ca " + "/".join(far.split("/")[:depth]) + " 10.0.0.0/9")
    for n in range(9000):
        lines.append(f"file {far}/{n:0200}.roa 00")
    vrps, faults = play(forge, site, kedge, tmp_path, lines)
    assert vrps == KEPT
    assert faults.pop("alpha/beside/last.roa") == ["der-tag"]
    assert 1000 < len(faults) < 9000
    assert set(map(tuple, faults.values())) == {("der-tag",)}
    assert f"and {9000 - len(faults)} findings more" in kedge.stderr


def test_object_of_nine_megabytes(forge, site, kedge, tmp_path):
    """It is there, and larger than is accepted, whichever way it came."""
    def large(ca):
        yield f"roa {ca}/r AS64500 10.0.0.0/9"
        yield f"inside {ca}/r.roa addresses many:1300000:{NINE}"
        yield f"roa {ca}/fine AS64500 10.0.0.0/9"

    vrps, faults = play(forge, site, kedge, tmp_path, [
        "ca alpha/one 10.0.0.0/9 host one via rrdp", *large("alpha/one"),
        "ca alpha/two 10.0.0.0/9 host two via rsync", *large("alpha/two")])
    assert vrps == KEPT
    assert faults["alpha/one/r.roa"] == ["object-size"]
    assert faults["alpha/two/r.roa"] == ["object-size"]
