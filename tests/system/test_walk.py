# SPDX-License-Identifier: BSD-2-Clause
"""A world that changes at random, step after step: a kedge that remembers what
it judged says the same, to the last octet, as one that judges everything anew.

KEDGE_WALK_STEPS and KEDGE_WALK_SEED make longer and other walks.
"""
import os
import random
import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from kedge import Kedge

STEPS = int(os.environ.get("KEDGE_WALK_STEPS", "60"))
SEEDS = [int(s) for s in os.environ.get("KEDGE_WALK_SEED", "1").split(",")]

OBJECT_BREAKS = """expired not-yet overclaim ee-signature cms-signature message-digest
    no-signing-time two-signers wrong-aki wrong-crldp key-usage trailing inherit
    elsewhere no-sia unsorted-attributes""".split()
POINT_BREAKS = {"mft": """expired not-yet stale future reversed-updates number-huge
    explicit-version no-files cms-signature wrong-crldp overclaim""".split(),
                "crl": """crl-expired crl-future crl-signature crl-no-number
    crl-wrong-aki""".split()}
CERT_BREAKS = "expired not-yet overclaim ee-signature wrong-crldp no-sia".split()
RRDP_SPOILS = ["delta altered", "delta missing", "snapshot altered",
               "notification truncated", "notification doctype", "mend"]


class Author:
    """Writes a story, knowing what stands in it."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.cas = {}  # path -> its depth
        self.files = {}  # target -> kind
        self.count = 0
        self.hosts = ["repo", "second", "third"]
        self.lines = [
            "now 2026-03-01T00:00:00Z",
            "anchor alpha 10.0.0.0/8 2001:db8::/32 AS64496-64999 via both",
            "anchor beta 11.0.0.0/8 AS65536-65600 host second via rsync"]
        for path in ("alpha", "beta"):
            self.cas[path] = 0
        for _ in range(8):
            self.add_ca()
        for _ in range(30):
            self.add_object()

    def name(self):
        self.count += 1
        return f"x{self.count}"

    def add_ca(self):
        parent = self.dice.choice([c for c, d in self.cas.items() if d < 4])
        path = f"{parent}/{self.name()}"
        via = self.dice.choice(["rsync", "rrdp", "both"])
        held = self.dice.choice(["inherit", self.block(path), self.block(path) + " " +
                                 self.asns(path)])
        self.lines.append(f"ca {path} {held} host {self.dice.choice(self.hosts)} via {via}")
        self.cas[path] = self.cas[parent] + 1
        self.files[f"{path}.cer"] = "cer"

    @staticmethod
    def block(path):
        return "10.0.0.0/8" if path.startswith("alpha") else "11.0.0.0/8"

    @staticmethod
    def asns(path):
        return "AS64500-64599" if path.startswith("alpha") else "AS65540-65549"

    def add_object(self):
        ca = self.dice.choice(list(self.cas))
        target = f"{ca}/{self.name()}"
        net = self.block(ca).split(".")[0]
        asn = self.dice.choice([64500, 64501, 65540, 65541])
        kind = self.dice.choice(["roa"] * 6 + ["asa", "routerkey", "gbr", "file", "tak"])
        n = self.dice.randrange(256)
        if kind == "roa":
            self.lines.append(f"roa {target} AS{asn} {net}.{n}.0.0/16-"
                              f"{self.dice.choice([16, 20, 24])}")
            self.files[f"{target}.roa"] = "roa"
        elif kind == "asa":
            self.lines.append(f"aspa {target} AS{asn} AS{n + 1} AS{n + 900}")
            self.files[f"{target}.asa"] = "asa"
        elif kind == "routerkey":
            self.lines.append(f"routerkey {target} AS{asn}")
            self.files[f"{target}.cer"] = "router"
        elif kind == "gbr":
            self.lines.append(f"gbr {target} Somebody")
            self.files[f"{target}.gbr"] = "gbr"
        elif kind == "tak":
            self.lines.append(f"tak {target}")
            self.files[f"{target}.tak"] = "tak"
        else:
            suffix = self.dice.choice(["sig", "xyz", "roa", "cer"])
            self.lines.append(f"file {target}.{suffix} {n:02x}{n:02x}")

    def one_file(self):
        return self.dice.choice(list(self.files))

    def change_object(self):
        target = self.one_file()
        how = self.dice.choice(["hide", "show", "alter", "mend", "mend", "touch",
                                "unlist", "revoke", "withdraw"])
        self.lines.append(f"{how} {target}")
        if how in ("withdraw", "revoke") and self.files[target] != "cer":
            del self.files[target]

    def break_object(self):
        target = self.one_file()
        ways = CERT_BREAKS if self.files[target] in ("cer", "router") else OBJECT_BREAKS
        self.lines.append(f"break {target} {self.dice.choice(ways)}")

    def change_point(self):
        ca = self.dice.choice(list(self.cas))
        kind = self.dice.choice(["mft", "crl"])
        self.lines.append(self.dice.choice([
            f"break {ca}.{kind} {self.dice.choice(POINT_BREAKS[kind])}",
            f"mend {ca}.mft", f"mend {ca}.crl", f"mend {ca}.mft",
            f"hide {ca}.{kind}", f"show {ca}.{kind}",
            f"number {ca} {self.dice.choice([1, 2, 5, 50, 900])}",
            f"reissue {ca}", f"freeze {ca}", f"thaw {ca}"]))

    def heal(self):
        """What was broken is mended, so that there is something to break."""
        for ca in self.dice.sample(list(self.cas), len(self.cas) // 3):
            self.lines += [f"mend {ca}.mft", f"mend {ca}.crl", f"thaw {ca}"]
        for target in self.dice.sample(list(self.files), len(self.files) // 3):
            self.lines.append(f"mend {target}")

    def change_world(self):
        host = self.dice.choice(self.hosts)
        how = self.dice.choice(["rsync", "rrdp", ""])
        self.lines.append(self.dice.choice([
            f"vanish {host} {how}", f"return {host}", f"return {host}",
            f"rrdp {host} {self.dice.choice(RRDP_SPOILS)}", f"rrdp {host} mend",
            f"rrdp {host} session", "reissue all",
            f"pass {self.dice.choice(['5m', '1h', '9h', '26h', '3d'])}"]))

    def write(self, steps):
        ways = [self.add_object] * 3 + [self.change_object] * 4 + [
            self.break_object, self.change_point, self.change_point,
            self.change_world, self.add_ca] + [self.heal] * 3
        for _ in range(steps - 1):
            self.lines.append("step")
            for _ in range(self.dice.randrange(4)):
                self.dice.choice(ways)()
        self.lines.append("pass 5m")  # a step at the end with nothing in it is none
        return "\n".join(self.lines) + "\n"


def told(kedge, tale, step, *options):
    """Everything that an operator or a router could see."""
    out = kedge.cache.parent / f"{kedge.cache.name}.json"
    # When rsync stands in is drawn by lot for each cache: here always in time.
    vrps = kedge.vrps(tale, step, "-o", f"json={out}", "--rrdp-fallback-time", 60, *options)
    findings = sorted(line for line in kedge.stderr.splitlines() if "://" in line)
    return vrps, out.read_text(), findings


def remembered(kedge):
    return [line for line in kedge.stderr.splitlines() if " remembered" in line]


@pytest.mark.parametrize("seed", SEEDS)
def test_memory_changes_nothing(forge, site, kedge, tmp_path, seed):
    story = tmp_path / "story.scn"
    story.write_text(Author(seed).write(STEPS))
    tale = forge.play(story, tmp_path / "tale", site)
    assert len(tale.steps) == STEPS
    anew = Kedge(kedge.program, tmp_path / "anew", site)
    sets, used = set(), 0
    for number, step in enumerate(tale.steps, 1):
        site.show(step)
        with_memory = told(kedge, tale, step)
        used += any(" 0 remembered" not in line for line in remembered(kedge))
        without = told(anew, tale, step, "--no-memory")
        for one, other, what in zip(with_memory, without, ("vrps", "json", "log")):
            assert one == other, f"seed {seed} step {number}: {what}\n{kedge.stderr}"
        if number % 4 == 0:
            looked, said_again = (told(kedge, tale, step, "-n") for _ in range(2))
            assert looked == said_again == told(kedge, tale, step, "-n", "--no-memory"), \
                f"seed {seed} step {number}, not asked for again\n{kedge.stderr}"
        sets.add(frozenset(with_memory[0]))
    assert used > STEPS / 2, "memory was hardly used"
    assert len(sets) > min(STEPS, 300) / 10, "hardly anything changed"


SMALL = """now 2026-03-01T00:00:00Z
    anchor alpha 10.0.0.0/8 AS64496-64999 via rrdp
    ca alpha/one 10.1.0.0/16 AS64500 via rrdp
    ca alpha/one/two 10.1.0.0/17 via rsync
    roa alpha/one/needle AS64500 10.1.0.0/16
    roa alpha/one/two/other AS64500 10.1.2.0/24
    aspa alpha/one/customer AS64500 AS1 AS2 AS3
    break alpha/one/two/other.roa expired
    file alpha/one/strange.xyz 0102
    """


@pytest.fixture
def remembering(forge, site, kedge, tmp_path):
    """A cache that has judged a small world, which stays as it is."""
    story = tmp_path / "story.scn"
    story.write_text(SMALL)
    tale = forge.play(story, tmp_path / "tale", site)
    site.show(tale.steps[0])
    told(kedge, tale, tale.steps[0])
    told(kedge, tale, tale.steps[0], "-n")
    assert "0 points judged, 3 remembered" in kedge.stderr
    return kedge, tale, tale.steps[0]


HOURS = [-1, 0, 1, 5, 7, 11, 13, 23, 25, 47, 49, 71, 73,
         24 * 7 - 1, 24 * 7 + 1, 24 * 31, 24 * 200]


def test_memory_knows_the_time(remembering):
    """At whatever time it is asked, with what it remembers from now."""
    kedge, tale, step = remembering
    base = datetime.fromisoformat(step.at.replace("Z", "+00:00"))
    said = []
    for hour in HOURS:
        at = (base + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
        then = SimpleNamespace(at=at)
        said.append(told(kedge, tale, then, "-n"))
        assert said[-1] == told(kedge, tale, then, "-n", "--no-memory"), at
    assert len({frozenset(vrps) for vrps, _, _ in said}) > 1


def edges(kedge, tale, step, low, high):
    """The seconds between two hours at which something else is said."""
    base = datetime.fromisoformat(step.at.replace("Z", "+00:00"))

    def at(second):
        return (base + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def vrps(second):
        return kedge.vrps(tale, SimpleNamespace(at=at(second)), "-n", "--no-memory")

    first, low, high = vrps(low), low, high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if vrps(middle) == first else (low, middle)
    return at(low), at(high)


def test_memory_ends_on_the_second(remembering):
    """The last second before the set changes, and the first one after."""
    kedge, tale, step = remembering
    before, after = edges(kedge, tale, step, 0, 3600 * 24 * 200)
    both = [told(kedge, tale, SimpleNamespace(at=at), "-n") for at in (before, after)]
    assert both[0][0] != both[1][0]
    for at, one in zip((before, after), both):
        assert one == told(kedge, tale, SimpleNamespace(at=at), "-n", "--no-memory"), at


RULES = [["--strict"], ["--stale", "accept"], ["--unknown-objects", "reject"],
         ["--unknown-objects", "accept"], ["--max-object-size", "1000"],
         ["--max-ca-depth", "1"], ["--max-manifest-entries", "2"], ["--max-blocks", "1"],
         ["--max-aspa-providers", "2"], ["--disable-rrdp"]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: " ".join(rule))
def test_memory_knows_the_rules(remembering, rule):
    """With another policy than what it remembers was judged by."""
    kedge, tale, step = remembering
    assert told(kedge, tale, step, "-n", *rule) == \
        told(kedge, tale, step, "-n", "--no-memory", *rule)


def test_memory_of_a_large_folder(forge, site, kedge, tmp_path):
    """So many files that the walk leaves looking at them to a judge."""
    story = tmp_path / "story.scn"
    story.write_text("now 2026-03-01T00:00:00Z\nanchor alpha 10.0.0.0/8 AS64496 via rrdp\n"
                     "roa alpha/one AS64496 10.0.0.0/16\n" +
                     "".join(f"file alpha/f{n}.xyz {n:04x}\n" for n in range(4100)) +
                     "step\nwithdraw alpha/one.roa\n")
    tale = forge.play(story, tmp_path / "tale", site)
    for step in tale.steps:
        site.show(step)
        told(kedge, tale, step)
        assert "0 remembered" in kedge.stderr
        again = told(kedge, tale, step, "-n")
        assert "0 points judged, 1 remembered" in kedge.stderr
        assert again == told(kedge, tale, step, "-n", "--no-memory")


def test_memory_hides_no_damage(forge, site, kedge, tmp_path):
    """A bit flips in a row, wherever the name of a file stands: what is remembered
    says the same as what is judged anew, and in the mirror both miss the file."""
    story = tmp_path / "story.scn"
    story.write_text("""now 2026-03-01T00:00:00Z
        anchor alpha 10.0.0.0/8 AS64496-64999 via rrdp
        ca alpha/one 10.1.0.0/16 AS64500 via rrdp
        roa alpha/one/needle AS64500 10.1.0.0/16
        roa alpha/one/other AS64500 10.1.2.0/24
        """)
    tale = forge.play(story, tmp_path / "tale", site)
    step = tale.steps[0]
    site.show(step)
    whole = told(kedge, tale, step)
    sound = (kedge.cache / "data.mdb").read_bytes()
    needle = re.compile(rb"\0\0\0.rsync://[!-~]*/needle\.roa")
    places = [m.end() - 5 for m in needle.finditer(sound)]
    assert len(places) > 1
    missed = 0
    for place in places:
        spoilt = bytearray(sound)
        spoilt[place] ^= 1
        (kedge.cache / "data.mdb").write_bytes(spoilt)
        with_memory = told(kedge, tale, step, "-n")
        assert with_memory == told(kedge, tale, step, "-n", "--no-memory"), place
        missed += with_memory != whole
    assert missed > 0, "no row of the mirror was found"
    (kedge.cache / "data.mdb").write_bytes(sound)
    assert told(kedge, tale, step, "-n") == whole


@pytest.mark.parametrize("policy", ["never", "new", "stale"])
def test_not_asked_again_is_no_fallback(forge, site, kedge, tmp_path, policy):
    """Of a host with RRDP failing and rsync in use by another CA: what an update
    does not take of its module, a run that fetches nothing does not take either."""
    story = tmp_path / "story.scn"
    story.write_text("""now 2026-03-01T00:00:00Z
        anchor alpha 10.0.0.0/8 AS64496-64999 via rsync
        ca alpha/one 10.1.0.0/16 via both
        roa alpha/one/a AS64500 10.1.0.0/16
        step
        vanish repo rrdp
        roa alpha/one/b AS64501 10.1.0.0/16
        """)
    tale = forge.play(story, tmp_path / "tale", site)
    for step in tale.steps:
        site.show(step)
        # Failing for a minute, of five.
        asked = kedge.vrps(tale, step, "--rrdp-fallback", policy, "--rrdp-fallback-time", 300)
        assert "AS64501" not in {row[0] for row in asked}
        assert kedge.vrps(tale, step, "-n", "--rrdp-fallback", policy,
                          "--rrdp-fallback-time", 300) == asked
