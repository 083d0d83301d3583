# SPDX-License-Identifier: BSD-2-Clause
"""A world that goes its way at random (lib/hazards.py), run after run: what kedge
finds is what a small model of the rules finds (lib/oracle.py), at the time of
the run and at both sides of the seconds at which something begins or ends, with
what it remembers and without, by other policies and by a clock that is wrong.

KEDGE_WALK_STEPS and KEDGE_WALK_SEED make longer and other walks.
"""
import ipaddress
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from daemon import Daemon, until
from hazards import World
from publisher import DAY, HOUR
from strict_router import ASPA, IPV4, KEY, StrictRouter

LONG = os.environ.get("KEDGE_LONG") is not None
STEPS = int(os.environ.get("KEDGE_WALK_STEPS", "150" if LONG else "25"))
SEEDS = [int(s) for s in os.environ.get(
    "KEDGE_WALK_SEED", "1,2,3,4,5,6,7,8" if LONG else "1,2").split(",")]
BOTH = ("rrdp", "rsync")
WAYS = [(BOTH, [])] * 10 + [(("rsync",), ["--disable-rrdp"]), (("rrdp",), ["--disable-rsync"])]
POLICIES = [("stale", "warn", "warn"), ("stale", "accept", "warn"),
            ("unsafe-vrps", "reject", "reject"), ("unknown-objects", "reject", "reject")]
# What they change cannot be seen.
HARMLESS = [[]] * 8 + [["--dirty"], ["--no-memory"], ["--validation-threads", 1],
                       ["--fetch-threads", 1], ["--rrdp-max-delta-count", 1000]]
WRONG = [-9 * DAY, -DAY, -HOUR, HOUR, DAY, 9 * DAY]  # clocks


def at(second):
    return SimpleNamespace(at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second)))


def others(told):
    """The router keys and ASPAs of the format json."""
    keys = {(int(key["asn"][2:]), bytes.fromhex(key["SKI"])) for key in told["routerKeys"]}
    return keys, {int(aspa["customer"][2:]): frozenset(int(a[2:]) for a in aspa["providers"])
                  for aspa in told["aspas"]}


def held(router):
    """VRPs, router keys and ASPAs of a router of version 2."""
    rows = router.held
    return ({(f"AS{row[4]}", f"{ipaddress.IPv4Address(row[1])}/{row[3]}", str(row[2]))
             for row in rows if row[0] == IPV4},
            {(row[4], row[1]) for row in rows if row[0] == KEY},
            {row[1]: frozenset(rows[row]) for row in rows if row[0] == ASPA})


def plain(rows):
    """Without the anchor, which is one of those that a VRP comes from."""
    return {tuple(row[:3]) for row in rows}


class Walk:
    def __init__(self, seed, kedge, site, folder, *start):
        self.world = World(seed, site, folder / "world", *start)
        self.oracle, self.dice = self.world.oracle, self.world.dice
        self.kedge, self.seed, self.folder = kedge, seed, folder
        self.backup, self.policy = None, {}
        self.now = self.world.now  # by kedge's clock

    def find(self, now, *options):
        """VRPs, router keys, ASPAs."""
        path = self.folder / "all.json"
        # When rsync stands in is drawn by lot within this time: here always in time.
        try:
            vrps = self.kedge.vrps(SimpleNamespace(tals=self.world.tals), at(now),
                                   "--rrdp-fallback-time", 60, "--rrdp-fallback",
                                   self.oracle.fallback, "-o", f"json={path}", *options)
        except AssertionError:
            if "no trust anchor gave a certificate" in self.kedge.stderr:
                return set(), set(), {}
            raise
        return vrps, *others(json.loads(path.read_text()))

    def again(self, now):
        """What the last run says, which did fetch. A point that fails goes by the newest
        manifest of its CA's key that was known when the run began; what another
        place shows of that key in the same run counts from the next one on."""
        return self.oracle.run(now, update=False, late=True, **self.policy)

    def ends(self):
        """Each VRP lasts to its last second, should nothing more be found out."""
        path = self.folder / "ends.csv"
        rows = [line.split(",") for line in path.read_text().splitlines()[1:]] \
            if path.exists() else []
        path.unlink(missing_ok=True)
        self.again(self.now)
        used = self.oracle.used
        for end in sorted({row[4] for row in rows}):
            last = plain(self.again(int(end)))
            after = plain(self.again(int(end) + 1))
            ending = plain(row for row in rows if row[4] == end)
            # Unless a manifest that was to come says it too.
            assert ending <= last and (not ending & after or self.oracle.used - used), (
                f"seed {self.seed}: at {end} {ending - last}, after {ending & after}\n" +
                "\n".join(self.world.story))

    def compare(self, now, wanted, *options):
        found, keys, aspas = self.find(now, *options)
        assert found <= wanted and (plain(found), keys, aspas) == (
            plain(wanted), self.oracle.keys, self.oracle.aspas), (
            f"seed {self.seed}, {now}, {options}: too many {found - wanted}, "
            f"too few {wanted - found}, {keys ^ self.oracle.keys}, {aspas}, "
            f"{self.oracle.aspas}\n" + "\n".join(self.world.story) + "\n" + self.kedge.stderr)

    def look_around(self):
        """At seconds when something ends or begins, without fetching."""
        edges = self.world.edges()
        for edge in self.dice.sample(edges, min(2, len(edges))):
            for second in (edge - 1, edge, edge + 1):
                wanted = self.oracle.run(second, update=False)
                self.compare(second, wanted, "-n")
                if self.dice.random() < 0.3:
                    self.compare(second, wanted, "-n", "--no-memory")
                if self.dice.random() < 0.3:
                    name, word, meant = self.dice.choice(POLICIES)
                    wanted = self.oracle.run(second, update=False,
                                             **{name.replace("-", "_"): meant})
                    self.compare(second, wanted, "-n", "--" + name, word)

    def mishap(self):
        """To the cache: it is lost, or one of before is put in its place."""
        lot, cache = self.dice.random(), self.kedge.cache
        if lot < 0.02:
            shutil.rmtree(cache)
            cache.mkdir()
            self.take_up(({}, {}, {}, set()))
            self.world.tell("the cache is lost")
        elif lot < 0.06:
            shutil.rmtree(self.folder / "backup", ignore_errors=True)
            shutil.copytree(cache, self.folder / "backup")
            self.backup = self.memory()
            self.world.tell("the cache is copied")
        elif lot < 0.09 and self.backup:
            shutil.rmtree(cache)
            shutil.copytree(self.folder / "backup", cache)
            self.take_up(self.backup)
            self.backup = self.memory()
            self.world.tell("the copy of the cache is taken")
        elif lot > 0.93:
            self.kill()

    def other_policy(self):
        """For one run, now and then; what is believed then is remembered too."""
        name, word, meant = self.dice.choice(POLICIES)
        self.policy = {}
        if self.dice.random() < 0.9 or name == "unsafe-vrps":
            return []
        self.policy[name.replace("-", "_")] = meant
        self.world.tell(name, word)
        return ["--" + name, word]

    def wrong(self):
        """Seldom the clock is, for one run: by so much."""
        wrong = self.dice.choice(WRONG) if self.dice.random() < 0.07 else 0
        if wrong:
            self.world.tell("the clock is off by", wrong)
        return wrong

    def kill(self):
        """A run that is killed at any time leaves what the next one takes up."""
        mirrors = self.oracle.mirrors
        if any(mirrors[h.notify].session == h.offer.session and
               mirrors[h.notify].serial > h.offer.serial
               for h in self.world.hosts.values() if h.offer and h.notify in mirrors):
            return  # each run counts how often a serial went back
        run = subprocess.Popen(
            [self.kedge.program, "vrps", *map(str, self.kedge.options(
                SimpleNamespace(tals=self.world.tals), at(self.now)))],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.dice.random() / 4)
        run.kill()
        run.wait()
        self.world.tell("a run is killed")

    def memory(self):
        o = self.oracle
        return ({k: replace(m, papers=dict(m.papers)) for k, m in o.mirrors.items()},
                dict(o.kept), {k: dict(v) for k, v in o.believed.items()}, set(o.beside))

    def take_up(self, memory):
        o = self.oracle
        o.mirrors, o.kept, o.believed, o.beside = memory


@pytest.mark.parametrize("seed", SEEDS)
def test_world_goes_its_way(site, kedge, tmp_path, seed):
    walk = Walk(seed, kedge, site, tmp_path)
    walk.oracle.fallback = walk.dice.choice(["stale", "stale", "new", "never"])
    sizes = set()
    for _ in range(STEPS):
        walk.world.go_on()
        walk.now = walk.world.now + walk.wrong()
        walk.mishap()
        ways, options = walk.dice.choice(WAYS)
        recent = walk.dice.choice([0] * 9 + [2, 30, 120])  # minutes
        words = walk.other_policy()
        wanted = set(walk.oracle.run(walk.now, ways=ways, recent=60 * recent, **walk.policy))
        walk.compare(walk.now, wanted, "-o", f"csv-rpkiclient={tmp_path / 'ends.csv'}",
                     "--update-after", recent, *options, *words, *walk.dice.choice(HARMLESS))
        walk.ends()
        assert walk.again(walk.now) == wanted, (
            f"seed {seed}: {walk.oracle.vrps ^ wanted}\n" + "\n".join(walk.world.story))
        after = set(walk.oracle.run(walk.now, update=False))
        walk.compare(walk.now, after, "-n")
        walk.look_around()
        sizes.add(len(wanted))
    assert len(sizes) > 2, "hardly anything changed"


FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
ENGINE = """#!/bin/sh
FAKETIME="$(cat {dial})" LD_PRELOAD={lib} FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
export FAKETIME LD_PRELOAD FAKETIME_DONT_FAKE_MONOTONIC NO_FAKE_STAT
exec {engine} "$@"
"""


# What a server's log tells of its runs.
BEGINS = re.compile(r"service: (?:starting|idle|serving-stale|retrying) -> running")
EARLY = "run: sealed -> stragglers"
RESTS = re.compile(r"(\S+): \S+ -> backing-off")
SWEPT = re.compile(r"sweep: removed .* [1-9]\d* repositories")
LEAPS = re.compile(r"the clock was set by ([+-]\d+) s")


class Served(Walk):
    """The same world before a server whose clock is set, and a router."""

    def __init__(self, seed, kedge, site, folder):
        # So late that the site's TLS certificate is valid by each wrong clock.
        super().__init__(seed, kedge, site, folder, int(time.time()) + 10 * DAY)
        (folder / "state").mkdir()
        self.dial, engine = folder / "state" / "dial", folder / "engine"
        real = kedge.program.parent.parent / "libexec" / "kedge" / "kedge-engine"
        engine.write_text(ENGINE.format(dial=self.dial, lib=FAKETIME, engine=real))
        engine.chmod(0o755)
        self.env = {"KEDGE_ENGINE_PATH": str(engine), "LD_PRELOAD": FAKETIME,
                    "FAKETIME_TIMESTAMP_FILE": str(self.dial), "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        self.policy = {"stale": self.dice.choice(["reject", "reject", "warn"])}
        self.daemon = Daemon(kedge, SimpleNamespace(tals=self.world.tals),
                             "--refresh", 86400, "--min-refresh", 86400, "--guard-drop", 0,
                             "--patience", 20 * (seed % 2), "--stale", self.policy["stale"],
                             "--rrdp-fallback-time", 60, "--log-level", "debug")
        # read: of the log. ahead: the clock, by so many seconds.
        self.router, self.read, self.ahead = None, 0, -DAY
        self.last = set(), set(), {}

    def set_clock(self):
        """Where nothing ends or begins within minutes: time passes meanwhile. And by
        more than a clock that is steered goes wrong."""
        world = self.world
        while abs(world.now - time.time() - self.ahead) < 15 or any(
                world.now - 2 <= edge <= world.now + 180 for edge in world.edges()):
            world.now += 90
        self.turn_dial()

    def turn_dial(self):
        """At once: nobody reads half of it."""
        self.ahead = round(self.world.now - time.time())
        anew = self.dial.with_name("dial.new")
        anew.write_text(f"{self.ahead:+}")
        anew.replace(self.dial)

    def answers(self):
        try:
            return self.daemon.get("/healthz")[0] == 200
        except OSError:
            return False

    def news(self):
        """What the log says since the server was caught up with."""
        return self.daemon.said()[self.read:]

    def rested(self, runs):
        """After so many runs, or more."""
        until(lambda: len(BEGINS.findall(self.news())) >= runs and re.search(
            r"^service +(idle|serving-stale|retrying)", self.daemon.ask("status").stdout, re.M), "rest")

    def notice(self):
        """That its clock was set: a server whose clock went ahead runs by itself."""
        leap = until(lambda: LEAPS.search(self.news()), "a clock that was set")
        self.rested(int(leap[1]) >= 60)

    def tals(self):
        o = self.oracle
        return {"anchors": o.anchors, "constraints": dict(o.constraints)}

    def reload(self, before):
        """The runs until now were by the TALs of before."""
        anew = self.tals()
        vars(self.oracle).update(before)
        self.catch_up()
        vars(self.oracle).update(anew)
        self.run_again("reload")

    def run_again(self, word):
        runs = len(BEGINS.findall(self.news()))
        self.daemon.ask(word)
        self.rested(runs + 1)

    def catch_up(self):
        """What is wanted after the last of the runs that there were. Each leaves
        alone for a while what failed; and where a set waits for nobody, what is
        held is believed before anything comes. A run in which no trust anchor
        gives a certificate fails: the last set remains."""
        news, oracle = self.news(), self.oracle
        self.read += len(news)
        for run in BEGINS.split(news)[1:]:
            if EARLY in run:
                oracle.run(self.world.now, update=False, keep=True, **self.policy)
            oracle.run(self.world.now, rests=RESTS.findall(run), **self.policy)
            if SWEPT.search(run):
                oracle.sweep()
            if oracle.met:
                self.last = oracle.vrps, oracle.keys, oracle.aspas
        return self.last

    def outlast(self):
        """The clock passes the end of something: that is gone without any run."""
        rows = [line.split(",") for line in
                self.daemon.get("/csv-rpkiclient")[1].splitlines()[1:]]
        ends = sorted({int(row[4]) for row in rows})
        after = [e for e in ends if self.world.now + 400 < e < self.world.now + 9 * DAY and
                 not any(e < other < e + 120 for other in ends)]
        if after:
            self.world.now = after[0] + 3
            self.world.tell("what ends at", after[0], "ends")
            self.turn_dial()
            left = plain(row for row in rows if int(row[4]) > after[0])
            gone = held(self.router)[0] - left
            # The set of the run that begins then may be there at once.
            until(lambda: self.router.refresh() and not held(self.router)[0] & gone,
                  f"seed {self.seed}: an end of {gone}")
            self.notice()
            self.catch_up()

    def follow(self, wanted):
        """What is served is what was wanted; it changed by serials only."""
        before, serial = dict(self.router.held), self.router.serial
        version = self.dice.randrange(3)
        other = StrictRouter(self.daemon.rtr, version)
        story = "\n".join(self.world.story)
        assert self.router.refresh(), story
        other.reset()
        vrps, *more = held(self.router)
        assert vrps == plain(wanted[0]), (
            f"seed {self.seed}: too many {vrps - plain(wanted[0])}, "
            f"too few {plain(wanted[0]) - vrps}\n{story}")
        told = others(json.loads(self.daemon.get("/json")[1]))
        assert told == tuple(more) == wanted[1:], (
            f"seed {self.seed}: {told}, {more}, {wanted[1:]}\n{story}")
        # Each version has a session of its own.
        assert (other.serial, other.held) == (self.router.serial, self.router.of(version)), story
        assert serial < other.serial or (serial, before) == (other.serial, self.router.held), story
        other.close()


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_server_follows(site, kedge, tmp_path, seed):
    """A server finds it too, run after run and over restarts, and tells routers;
    and between runs it serves nothing beyond its end."""
    if not os.path.exists(FAKETIME):
        pytest.skip("no libfaketime")
    walk = Served(seed, kedge, site, tmp_path)
    daemon = walk.daemon
    walk.world.show()
    walk.set_clock()
    daemon.start(env=walk.env)
    try:
        daemon.wait_for("serial 1")
        walk.router = StrictRouter(daemon.rtr, 2)
        walk.router.reset()
        walk.rested(1)
        walk.follow(walk.catch_up())
        for _ in range(STEPS // 2):
            restart = walk.dice.random() < 0.15 and walk.world.is_well()
            if restart:
                daemon.end(walk.dice.choice([signal.SIGKILL, signal.SIGTERM]))
            told, tals = len(walk.world.story), walk.tals()
            walk.world.go_on()
            wrong = walk.wrong()
            walk.world.now += wrong
            walk.set_clock()
            if restart:
                walk.world.tell("the server is started again")
                daemon.start(env=walk.env)
                until(walk.answers, "a start")
                walk.router = StrictRouter(daemon.rtr, 2, walk.router)
                walk.rested(1)
            else:
                walk.notice()
                if re.search("has another key|TAL of", " ".join(walk.world.story[told:])):
                    walk.reload(tals)
                walk.run_again("run")
            walk.follow(walk.catch_up())
            if not wrong and walk.dice.random() < 0.2:
                walk.outlast()
            walk.world.now -= wrong
    finally:
        daemon.end(signal.SIGKILL)
