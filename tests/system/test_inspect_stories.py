# SPDX-License-Identifier: BSD-2-Clause
"""After every step of every story, kedge inspect agrees with the run on every
object that there is."""
import json
import re
import shlex
import shutil
import subprocess

import pytest

from kedge import FINDING
from serving import SOURCE
from story import STORIES

ALL = sorted(p.name for p in STORIES.glob("*.scn"))


def faults(log):
    """What a run rejected: pairs of URI and label."""
    found = map(FINDING.fullmatch, log.splitlines())
    return {(line[2], line[3]) for line in found if line and line[1]}


def inspect(kedge, tale, step, *operands):
    """The sheets by name, and the exit code."""
    done = kedge.run("inspect", "-j", *kedge.options(tale, step), *operands,
                     check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {s["name"]: s for s in found}, done.returncode


def uris(site, step):
    """What is published, over rsync or RRDP alone: URI -> file or None."""
    base = f"rsync://localhost:{site.rsync_port}/"
    top = step.folder / "rsync"
    over_rrdp = {uri: None for file in (step.folder / "https").rglob("*.xml")
                 for uri in re.findall(r'uri="(rsync://[^"]+)"', file.read_text())}
    return over_rrdp | {base + str(p.relative_to(top)): p
                        for p in sorted(top.rglob("*")) if p.is_file()}


def own(sheet):
    fault = sheet.get("fault", {})
    return fault.get("label") if "uri" not in fault else None


def check(sheet, run):
    """What is wrong with this sheet, beside all that the run named."""
    named = {label for uri, label in run if uri == sheet["name"]}
    if sheet["validation"] == "absent":
        return
    if own(sheet) is not None and named and own(sheet) not in named:
        yield f"run {named}, inspect {own(sheet)}"
    if named and own(sheet) is None and sheet["validation"] != "valid":
        yield f"run {named}, inspect {sheet['validation']} {sheet.get('fault')}"
    if named and sheet["validation"] == "valid":
        # Only where another point believes it, or an older version stands.
        others = {o["label"] for o in sheet.get("elsewhere", [])}
        kept = sheet.get("manifest", {}).get("last_good")
        if not kept and not named <= others:
            yield f"run {named}, inspect valid"
    if (sheet["validation"] == "rejected") != ("fault" in sheet):
        yield "rejected without a fault"


def vrps(sheets):
    return {(f"AS{s['asn']}", p["prefix"], str(p["max_length"]))
            for s in sheets.values()
            if s.get("type") == "roa" and s["validation"] == "valid"
            for p in s["prefixes"]}


@pytest.mark.parametrize("story", ALL)
def test_every_object_of_every_step(forge, site, kedge, tmp_path, story):
    tale = forge.play(story, tmp_path / "tale", site)
    files = {}
    for number, step in enumerate(tale.steps, 1):
        site.show(step)
        got = {row[:3] for row in kedge.vrps(tale, step)}
        run = faults(kedge.stderr)
        files |= uris(site, step)  # what vanished may be kept
        found, _ = inspect(kedge, tale, step, *files)
        assert list(found) == list(files)
        wrong = [(name, why) for name, sheet in found.items()
                 for why in check(sheet, run)]
        assert wrong == [], f"{story} step {number}"
        assert vrps(found) <= got, f"{story} step {number}"
        if not any(s.get("manifest", {}).get("last_good") for s in found.values()):
            assert vrps(found) == got, f"{story} step {number}"


def recipe():
    """The last command of doc/inspect.md."""
    page = (SOURCE / "doc" / "inspect.md").read_text()
    return page[page.rindex("    kedge inspect"):]


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq")
def test_files_of_a_checklist(forge, site, kedge, tmp_path):
    """As the page says it, in the folder of the files."""
    tale = forge.play("inspect.scn", tmp_path / "tale", site)
    step = tale.steps[0]
    site.show(step)
    kedge.vrps(tale, step)
    files = {p.name: p for p in uris(site, step).values() if p}
    options = shlex.join(map(str, kedge.options(tale, step)))

    def check(name):
        command = recipe().replace(
            "kedge inspect -j list.sig",
            f"{shlex.quote(str(kedge.program))} inspect {options} -j {files[name]}")
        return subprocess.run(["bash", "-c", command], cwd=tmp_path, text=True,
                              capture_output=True, timeout=60)
    (tmp_path / "letter.txt").write_text("a letter\n")
    done = check("list.sig")
    assert (done.returncode, done.stdout) == (0, "letter.txt: OK\n"), done.stderr
    (tmp_path / "letter.txt").write_text("another letter\n")
    done = check("list.sig")
    assert (done.returncode, done.stdout) == (1, "letter.txt: FAILED\n")
    # What nobody vouches for gives nothing to check.
    assert check("greedy.sig").returncode == 1


def test_what_is_listed_and_not_there(forge, site, kedge, tmp_path):
    story = tmp_path / "hidden.scn"
    story.write_text("anchor alpha 10.0.0.0/8 AS64496\n"
                     "ca alpha/one 10.1.0.0/16 AS64496\n"
                     "roa alpha/one/a AS64496 10.1.0.0/24\n"
                     "hide alpha/one/a.roa\n")
    tale = forge.play(story, tmp_path / "tale", site)
    step, = tale.steps
    site.show(step)
    kedge.vrps(tale, step)
    crl, = (uri for uri in uris(site, step) if uri.endswith("one.crl"))
    for name, lists in ("a.roa", True), ("b.roa", False):
        sheets, code = inspect(kedge, tale, step, crl.replace("one.crl", name))
        sheet, = sheets.values()
        assert (code, sheet["validation"]) == (1, "absent")
        assert sheet.get("manifest", {}).get("lists", False) is lists, sheet
        assert (own(sheet) == "manifest-file-missing") is lists, sheet


def test_what_no_manifest_lists(forge, site, kedge, tmp_path):
    tale = forge.play("inspect.scn", tmp_path / "tale", site)
    first, second = tale.steps
    site.show(first)
    kedge.vrps(tale, first)
    files = {p.name: p for p in uris(site, first).values() if p}
    found, code = inspect(kedge, tale, first, files["list.sig"])
    sheet = found[str(files["list.sig"])]
    assert (code, sheet["validation"]) == (0, "valid")
    assert sheet["chain"][-1]["uri"].endswith("/one.cer")
    assert sheet["crl"]["revokes"] is False
    found, code = inspect(kedge, tale, first, files["fresh.roa"])
    sheet = found[str(files["fresh.roa"])]
    assert (code, sheet["validation"]) == (2, "unlisted")
    assert sheet["manifest"]["lists"] is False
    found, code = inspect(kedge, tale, first, files["greedy.sig"], files["lost.roa"])
    assert code == 1
    assert own(found[str(files["greedy.sig"])]) == "resources-overclaim"
    # Its CA was rejected, so that nobody read its manifest.
    lost = found[str(files["lost.roa"])]
    assert lost["fault"]["label"] == "resources-overclaim"
    assert lost["fault"]["uri"].endswith("/greedy.cer")
    site.show(second)
    kedge.vrps(tale, second)
    found, code = inspect(kedge, tale, second, files["list.sig"])
    sheet = found[str(files["list.sig"])]
    assert (code, own(sheet)) == (1, "chain-revoked")
    assert sheet["crl"]["revokes"] is True


def key_of(kedge, tale, name):
    file = next((tale.steps[0].folder / "rsync").rglob(name))
    found, _ = inspect(kedge, tale, tale.steps[0], file)
    return found[str(file)]["ski"]


def test_an_issuer_that_nobody_is(forge, site, kedge, tmp_path):
    """What is published is judged where it is, though its issuer's key leads
    nowhere; what is not published nobody can tell."""
    story = tmp_path / "stranger.scn"
    story.write_text("anchor alpha 10.0.0.0/8 AS64496\n"
                     "ca alpha/one 10.1.0.0/16 AS64496\n"
                     "roa alpha/one/a AS64496 10.1.0.0/24\n"
                     "break alpha/one/a.roa wrong-aki\n"
                     "ca alpha/two 10.2.0.0/16 AS64496\n"
                     "break alpha/two/two.crl crl-wrong-aki\n"
                     "ca alpha/three 10.3.0.0/16 AS64496\n"
                     "break alpha/three.cer wrong-aki\n"
                     "ca alpha/four 10.4.0.0/16 AS64496\n")
    own_key = key_of(kedge, forge.play(story, tmp_path / "before", site), "four.cer")
    with story.open("a") as file:
        file.write(f"set alpha/four.cer aki.id 8014{own_key}\n")
    tale = forge.play(story, tmp_path / "tale", site)
    step, = tale.steps
    site.show(step)
    kedge.vrps(tale, step)
    files = {p.name: p for p in uris(site, step).values() if p}
    story.write_text(story.read_text().replace("10.1.0.0/24", "10.1.1.0/24"))
    other = forge.play(story, tmp_path / "other", site)
    far = next((other.steps[0].folder / "rsync").rglob("a.roa"))
    told = {files["a.roa"]: "chain-aki", files["two.crl"]: "crl-key",
            files["three.cer"]: "chain-aki", files["four.cer"]: "chain-aki"}
    found, code = inspect(kedge, tale, step, *told)
    assert code == 1
    for file, label in told.items():
        sheet = found[str(file)]
        assert (sheet["validation"], own(sheet)) == ("rejected", label)
        uri, = sheet["published_at"]
        assert uri.endswith("/" + file.name)
        named, code = inspect(kedge, tale, step, uri, sheet["sha256"])
        assert [own(s) for s in named.values()] == [label, label]
    found, code = inspect(kedge, tale, step, far)
    sheet = found[str(far)]
    assert (code, sheet["validation"]) == (2, "unknown")
    assert "published_at" not in sheet


def test_the_last_good_version(forge, site, kedge, tmp_path):
    tale = forge.play("inspect.scn", tmp_path / "tale", site)
    for step in tale.steps:
        site.show(step)
        assert kedge.vrps(tale, step) == step.vrps("warm")
    now = {u.split("/")[-1]: u for u in uris(site, tale.steps[1])}
    before = {p.name: p for p in uris(site, tale.steps[0]).values() if p}
    found, code = inspect(kedge, tale, tale.steps[1], now["below.roa"],
                          before["below.roa"])
    altered, kept = found.values()
    assert code == 1
    assert own(altered) == "manifest-file-hash"
    assert kept["validation"] == "valid" and kept["manifest"]["last_good"]


def test_repositories_and_anchors(forge, site, kedge, tmp_path):
    tale = forge.play("inspect.scn", tmp_path / "tale", site)
    step = tale.steps[0]
    site.show(step)
    kedge.vrps(tale, step)
    tal = next(tale.tals.glob("*.tal"))
    anchor = tal.read_text().splitlines()[0]
    notify = f"https://localhost:{site.https_port}/"
    notices = [notify + str(p.relative_to(step.folder / "https"))
               for p in (step.folder / "https").rglob("notification.xml")]
    found, code = inspect(kedge, tale, step, tal, anchor, *notices)
    assert found[str(tal)]["validation"] == "valid"
    assert found[anchor]["purpose"] == "trust anchor"
    assert found[anchor]["validation"] == "valid"
    assert notices and code == 0
    for notice in notices:
        assert found[notice]["type"] == "repository"
        assert found[notice]["repository"]["serial"] == 1
        assert found[notice]["repository"]["last_success"] == step.at
    found, _ = inspect(kedge, tale, step, f"rsync://localhost:{site.rsync_port}/nowhere/")
    sheet, = found.values()
    assert (sheet["validation"], "folder" in sheet["reason"]) == ("absent", True)
