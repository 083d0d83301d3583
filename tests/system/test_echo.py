# SPDX-License-Identifier: BSD-2-Clause
"""A run that fetches nothing says what the last one said where nothing can have
changed (validator/echo): to the last octet what it says without any memory. And
where anything has, the file in which that was kept is made anew."""
import os
import random
import re
import shutil
import signal
import subprocess
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

STORY = """now 2026-03-01T00:00:00Z
    anchor alpha 10.0.0.0/8 2001:db8::/32 AS64496-64999 via both
    anchor beta 11.0.0.0/8 AS65536-65600 host second via rsync
    ca alpha/one 10.1.0.0/16 AS64500 via both
    ca alpha/one/two 10.1.0.0/17 via rsync
    ca alpha/lost 10.2.0.0/16 via rrdp host third
    ca beta/three 11.1.0.0/16 AS65540 host second via rsync
    roa alpha/one/needle AS64500 10.1.0.0/16
    roa alpha/one/twin AS64500 10.1.0.0/16
    roa alpha/one/two/other AS64500 10.1.2.0/24-28
    roa alpha/one/two/bad AS64501 10.1.3.0/24
    roa beta/three/roa AS65540 11.1.0.0/16
    aspa alpha/one/customer AS64500 AS1 AS2 AS3
    routerkey alpha/one/key AS64500
    break alpha/one/two/bad.roa expired
    file alpha/one/strange.xyz 0102
    hide beta/three.mft
    vanish third
    step
    pass 10m
    roa alpha/one/second AS64500 10.1.7.0/24
    roa beta/second AS65537 11.7.0.0/16
    step
    pass 10m
    withdraw alpha/one/second.roa
    roa beta/third AS65538 11.8.0.0/16
    """
FORMATS = ("csv", "csvext", "csv-rpkiclient", "json", "jsonext", "openbgpd", "summary",
           "slurm2")
MEMORY = re.compile(r"kedge: \d+ points judged, \d+ remembered, \d+ signatures verified, ")
WHEN = re.compile(r'"(?:generated|generatedTime)": [^,\n]*|^(?:# Generated|Summary at) .*', re.M)


def at(step, seconds=0):
    then = datetime.fromisoformat(step.at.replace("Z", "+00:00")) + timedelta(seconds=seconds)
    return SimpleNamespace(at=then.strftime("%Y-%m-%dT%H:%M:%SZ"))


class Echo:
    def __init__(self, kedge, tale, site):
        self.kedge, self.tale, self.site = kedge, tale, site
        self.reel = kedge.cache / "reel"
        self.patience = 60  # when rsync stands in is drawn by lot within this

    def words(self, step, *options):
        folder = self.kedge.cache.parent
        files = [w for f in FORMATS for w in ("-o", f"{f}={folder / f}")]
        return ["vrps", *self.kedge.options(self.tale, step), "--log-repository-issues",
                "-v", "--rrdp-fallback-time", self.patience, *files, *options]

    def run(self, step, *options):
        """All that an operator can see."""
        done = self.kedge.run(*self.words(step, *options), check=False)
        outputs = [WHEN.sub("", (self.kedge.cache.parent / f).read_text())
                   for f in FORMATS if done.returncode in (0, 2)]
        lines = sorted(MEMORY.sub("", line) for line in done.stderr.splitlines())
        return done.returncode, outputs, lines

    def fetch(self, step, *options):
        self.site.show(step)
        return self.run(step, *options)

    def mark(self):
        return self.reel.is_file() and (self.reel.stat().st_ino, self.reel.stat().st_mtime_ns)

    def again(self, step, *options):
        """Without fetching, compared with a run that has no memory. Was it said again?"""
        before = self.mark()
        one = self.run(step, "-n", *options)
        said_again = before and self.mark() == before and one[0] in (0, 2)
        if said_again:
            assert re.search(r"kedge: 0 points judged, [1-9]\d* remembered, 0 signatures",
                             self.kedge.stderr), self.kedge.stderr
        assert one == self.run(step, "-n", "--no-memory", *options), options
        return said_again


@pytest.fixture
def echo(forge, site, kedge, tmp_path):
    """A cache of a small world in which not all is well."""
    story = tmp_path / "story.scn"
    story.write_text(STORY)
    one = Echo(kedge, forge.play(story, tmp_path / "tale", site), site)
    one.fetch(one.tale.steps[0])
    return one


def test_says_the_same_again(echo):
    first = echo.tale.steps[0]
    assert not echo.again(first)
    assert [echo.again(first) for _ in range(3)] == [True] * 3
    code, outputs, lines = echo.run(first, "-n", "--complete")
    assert any("not-held" in line for line in lines), "all is well: it says little"
    assert all(outputs) and "AS64500" in outputs[0]


def test_what_it_is_not_for(echo):
    """Who fetches, wants no memory or wants to see all that goes on."""
    first = echo.tale.steps[0]
    for options in (["-n", "--no-memory"], ["-n", "-v", "-v"], []):
        echo.run(first, *options)
        assert not echo.mark(), options


OTHERS = [["--strict"], ["--stale", "accept"], ["--unsafe-vrps", "reject"],
          ["--max-ca-depth", "1"], ["--max-aspa-providers", "2"], ["--disable-rrdp"],
          ["--rrdp-fallback", "never"]]


def test_asked_otherwise(echo):
    first = echo.tale.steps[0]
    echo.again(first)
    assert echo.again(first, "--complete", "--no-aspas"), "what kedge does by itself"
    for other in OTHERS:
        assert not echo.again(first, *other), other
        assert echo.again(first, *other), other
    assert not echo.again(first)


def test_other_trust(echo, tmp_path):
    """A TAL less, and constraints of another."""
    first, tals = echo.tale.steps[0], tmp_path / "tals"
    echo.again(first)
    shutil.copytree(echo.tale.tals, tals)
    echo.tale.tals = tals
    echo.again(first)
    assert echo.again(first)
    (tals / "alpha.constraints").write_text("deny 10.1.0.0/17\n")
    assert not echo.again(first)
    assert echo.again(first)
    (tals / "beta.tal").unlink()
    assert not echo.again(first)
    assert echo.again(first)


def test_other_engine(echo, tmp_path, monkeypatch):
    first = echo.tale.steps[0]
    echo.again(first)
    engine = echo.kedge.program.parent.parent / "libexec" / "kedge" / "kedge-judge"
    shutil.copy2(engine, tmp_path / "engine")
    monkeypatch.setenv("KEDGE_ENGINE_PATH", str(tmp_path / "engine"))
    assert not echo.again(first)
    assert echo.again(first)


def edge(echo, low, high, since=None):
    """The last second at which the same is said as at `low`."""
    def said(second):
        return echo.run(at(since or echo.tale.steps[0], second), "-n", "--no-memory")
    first = said(low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if said(middle) == first else (low, middle)
    return low


@pytest.mark.parametrize("low,high", [(0, 3600 * 24 * 200), (-3600 * 24 * 20, 0)])
def test_to_the_second(echo, low, high):
    """Both sides of a moment at which something else is said, from either side."""
    last = edge(echo, low, high)
    for seconds in ((last, last + 1, last, last + 1), (last + 1, last)):
        said = []
        for second in seconds:
            then = at(echo.tale.steps[0], second)
            echo.again(then)
            said.append(echo.run(then, "-n"))
        assert said[0] != said[1]


def test_fallback_begins(forge, site, kedge, tmp_path):
    """RRDP fails: when rsync may stand in is a moment too."""
    story = tmp_path / "story.scn"
    story.write_text("""now 2026-03-01T00:00:00Z
        anchor alpha 10.0.0.0/8 AS64496-64999 via rsync
        ca alpha/one 10.1.0.0/16 via both
        roa alpha/one/a AS64500 10.1.0.0/16
        step
        vanish repo rrdp
        roa alpha/one/b AS64501 10.1.0.0/16
        """)
    echo = Echo(kedge, forge.play(story, tmp_path / "tale", site), site)
    echo.patience = 300
    first, second = echo.tale.steps
    for step in (first, second):
        code, outputs, _ = echo.fetch(step)
        assert code == 0 and "AS64501" not in outputs[0]
    for low, high in ((0, 400), (-400, 0)):
        last = edge(echo, low, high, since=second)
        sets = []
        for seconds in (last, last + 1, last, last + 1):
            echo.again(at(second, seconds))
            sets.append("AS64501" in echo.run(at(second, seconds), "-n")[1][0])
        assert sets[0] != sets[1]


def test_news(echo):
    """What a run brings is told by the next that brings nothing."""
    sets = []
    for step in (echo.tale.steps[0], *echo.tale.steps[1:], echo.tale.steps[1]):
        echo.fetch(step)
        assert not echo.mark(), "it takes room for nothing"
        assert not echo.again(step)
        assert echo.again(step)
        sets.append(echo.run(step, "-n")[1][0])
    assert len(set(sets)) == 3


def test_store_put_back(echo, tmp_path):
    """As it was, by a backup; and once more on another way from there."""
    first, second, third = echo.tale.steps[:3]
    data, reel = echo.kedge.cache / "data.mdb", tmp_path / "reel"
    shutil.copy2(data, tmp_path / "backup")
    echo.fetch(second)
    echo.again(third)
    shutil.copy2(echo.reel, reel)
    for way in (shutil.copy2, os.replace):
        shutil.copy2(tmp_path / "backup", tmp_path / "again")
        way(tmp_path / "again", data)
        assert not echo.again(third)
        echo.fetch(third)
        shutil.copy2(reel, echo.reel)
        assert not echo.again(third)
        assert echo.again(third)


def test_damage(echo):
    """None of it is believed, and it is made anew."""
    first = echo.tale.steps[0]
    echo.again(first)
    whole, sound = echo.run(first, "-n"), echo.reel.read_bytes()
    flipped = bytearray(sound)
    flipped[random.Random(7).randrange(len(sound))] ^= 4
    for spoilt in (flipped, sound[:-1], sound[:57], b"", sound + b"\0", bytes(len(sound))):
        echo.reel.write_bytes(spoilt)
        before = echo.mark()
        assert echo.run(first, "-n") == whole and echo.mark() != before
        before = echo.mark()
        assert echo.run(first, "-n") == whole and echo.mark() == before


@pytest.mark.parametrize("what", ["link", "folder", "fifo"])
def test_something_else_in_its_place(echo, what, tmp_path):
    first = echo.tale.steps[0]
    target = tmp_path / "theirs"
    target.write_text("precious")
    for name in ("reel", "reel.new"):
        place = echo.kedge.cache / name
        place.unlink(missing_ok=True)
        if what == "link":
            place.symlink_to(target)
        elif what == "folder":
            place.mkdir()
        else:
            os.mkfifo(place)
        echo.again(first)
        echo.again(first)
        echo.fetch(first)
        assert not place.exists() and not place.is_symlink()
    assert target.read_text() == "precious"
    assert not echo.again(first)
    assert echo.again(first)


def test_killed_at_any_time(echo):
    """What is left is whole or nothing, and an update removes it."""
    first, dice = echo.tale.steps[0], random.Random(3)
    began = time.monotonic()
    whole = echo.run(first, "-n")
    took = time.monotonic() - began
    for _ in range(8):
        echo.reel.unlink(missing_ok=True)
        victim = subprocess.Popen(
            [echo.kedge.program, *map(str, echo.words(first, "-n"))],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(dice.random() * took)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        assert echo.run(first, "-n") == whole
    (echo.kedge.cache / "reel.new").write_text("left by one who died")
    assert echo.run(first, "-n") == whole
    echo.fetch(first)
    assert not (echo.kedge.cache / "reel.new").exists()
    assert not echo.again(first)
    assert echo.again(first)


def test_all_at_once(echo):
    """Others that read beside one that writes: the last word is of the store."""
    first, second = echo.tale.steps[:2]
    for step in (second, first, second):
        echo.site.show(step)
        crowd = [subprocess.Popen(
            [echo.kedge.program, *map(str, [
                "vrps", *echo.kedge.options(echo.tale, second), "-f", "csv", *more])],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for more in (["-n"], [], ["-n"], ["-n"])]
        assert {one.wait() for one in crowd} == {0}
        echo.again(second)
        assert echo.again(second)
