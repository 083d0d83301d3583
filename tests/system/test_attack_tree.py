# SPDX-License-Identifier: BSD-2-Clause
"""A CA with far too much below it (T-TREE-02, T-TREE-05, T-NET-04, T-CPU-01):
slow repositories by the hundred, points by the thousand. Who stands beside it
is fetched and judged as if it were not there.

Sizes are small here; KEDGE_LONG has those of the catalogue.
"""
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from hostile_https import answer
from site_server import free_port
from town import Town, encode, sha

LONG = os.environ.get("KEDGE_LONG") is not None
CROWD = 5000 if LONG else 60
DEPTH = 12 if LONG else 8
HEAVY = 1 << 20 if LONG else 1 << 16
PLACES = 8
ALL = ("--max-ta-repositories", 40 * CROWD)
# Nobody is given up while the machine is busy with something else.
PATIENT = ("--rrdp-connect-timeout", "100", "--rrdp-read-timeout", "200",
           "--rrdp-timeout", "200", "--repository-timeout", "200")
# "mid" is a branch that comes when the crowd has all places it can get.
STORY = """\
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511 host top via both
ca alpha/evil 10.3.0.0/16 AS64500 host top via both
ca alpha/mid 10.2.0.0/16 AS64501 host mid via rrdp
ca alpha/mid/good 10.2.1.0/24 AS64501 host good via rrdp
roa alpha/mid/good/one AS64501 10.2.1.0/24
""" + "".join(f"ca alpha/evil/s{n} 10.3.0.0/16 AS64500 host s{n} via rrdp\n"
              for n in range(CROWD)) + """\
step
roa alpha/mid/good/two AS64501 10.2.1.0/25
"""


def keys(folder):
    """The forge has enough for 2,556 CAs, and any two primes are a key."""
    if not LONG:
        return ()
    known = Path(os.environ["KEDGE_FIXTURES"], "keys/primes.hex").read_text()
    more = [subprocess.run(
        ["openssl", "prime", "-generate", "-bits", "1024", "-hex"], check=True,
        capture_output=True, text=True).stdout for _ in range(40)]
    (folder / "primes.hex").write_text(known + "".join(more))
    return "--keys", folder / "primes.hex"


class Crowd:
    """Says nothing when asked, until the neighbour was asked too."""

    def __init__(self, town, number):
        self.town, self.step = town, town.steps[number]
        self.asked, self.more = [], threading.Condition()
        self.gate = threading.Event()
        town.show(number)
        for n in range(CROWD):
            town.server.routes[f"s{n}/notification.xml"] = self.attack(f"s{n}")
        for host in ("mid", "good"):
            town.server.routes[f"{host}/notification.xml"] = self.speak(host)

    def note(self, host):
        with self.more:
            self.asked.append(host)
            self.more.notify_all()

    def attack(self, host):
        def script(connection, request):
            self.note(host)
            self.gate.wait(180)
        return script

    def speak(self, host):
        def script(connection, request):
            if host == "mid":
                self.full()
            self.note(host)
            if host == "good":  # nothing more is to be seen
                self.gate.set()
            path = self.step.folder / "https" / host / request.path[1:]
            return answer(path.read_bytes())
        return script

    def full(self):
        """The crowd may have half of its issuer's places, and of those half
        where nobody knows them."""
        with self.more:
            self.more.wait_for(lambda: len(self.asked) >= PLACES // 4, 30)

    def before(self, host):
        return self.asked.index(host) - self.asked[:self.asked.index(host)] \
            .count("mid")


class Load(Crowd):
    """Each has much that no manifest lists, beside what is right."""

    def snapshot(self, host):
        text = next((self.step.folder / "https" / host).rglob("snapshot.xml"))
        more = encode(host.encode() * (HEAVY // len(host)))
        return text.read_bytes().replace(
            b"</snapshot>", f'<publish uri="{self.town.rsync}{host}/more.roa">{more}'
            "</publish></snapshot>".encode())

    def attack(self, host):
        def script(connection, request):
            self.note(host)
            notice = self.step.folder / "https" / host / "notification.xml"
            return answer(re.sub(
                r"<snapshot [^>]*>",
                f'<snapshot uri="{self.town.uri("more.xml", host)}" '
                f'hash="{sha(self.snapshot(host))}"/>', notice.read_text()))
        self.town.server.routes[f"{host}/more.xml"] = \
            lambda connection, request: answer(self.snapshot(host))
        return script


@pytest.fixture(scope="module")
def made(forge, certificates, tmp_path_factory, town):
    hosts = ("top", "mid", "good", *(f"s{n}" for n in range(CROWD)))
    top = tmp_path_factory.mktemp("tree")
    one = Town(forge, town.program, certificates, top, free_port(), STORY, hosts,
               check=False, more=keys(top))
    first = one.run(one.held, 0, *PATIENT, *ALL, timeout=1800)
    assert first.vrps == one.steps[0].vrps(), first.stderr
    yield one
    one.close()


def run(made, cache, timeout=300):
    return made.run(cache, 1, "--fetch-threads", PLACES, *PATIENT, *ALL,
                    show=False, timeout=timeout)


def test_slow_newcomers(made, tmp_path):
    crowd = Crowd(made, 1)
    done = run(made, tmp_path / "cold")
    assert done.of("10.2.") == made.steps[1].vrps(), done.stderr
    assert crowd.before("good") <= PLACES // 2, crowd.asked


def test_known_ones_turn_slow(made, tmp_path):
    crowd = Crowd(made, 1)
    done = run(made, made.cache(tmp_path / "warm"))
    assert done.of("10.2.") == made.steps[1].vrps(), done.stderr
    assert crowd.before("good") <= PLACES, crowd.asked


def test_heavy_newcomers(made, tmp_path):
    """They are fetched until their branch has had its share, and the neighbour
    among the first."""
    crowd = Load(made, 1)
    done = run(made, tmp_path / "cold", timeout=1800)
    assert done.of("10.2.") == made.steps[1].vrps()
    others = [u for u in done.faults if not re.search("/s[0-9]+[./]", u)]
    assert others == [] and (LONG or done.faults == {}), others or done.stderr
    assert len(set(crowd.asked)) > CROWD // 2
    assert crowd.before("good") <= CROWD // 2, crowd.asked


def test_too_many_below_one(made, tmp_path):
    """A branch has its half of what a trust anchor may lead to: the neighbour's
    is fetched, although the crowd asked first."""
    made.show(1)
    most = CROWD // 2
    done = made.run(tmp_path / "cold", 1, "--max-ta-repositories", most)
    refused = [u for u, ls in done.faults.items() if "ta-repositories" in ls]
    assert done.of("10.2.") == made.steps[1].vrps(), done.stderr
    assert len(refused) >= CROWD - most, done.stderr


# --- points

BESIDE = """\
anchor alpha 10.0.0.0/8 AS64496-64511
ca alpha/good 10.200.0.0/16 AS64511
roa alpha/good/n AS64511 10.200.0.0/16-24
"""
KEPT = {("AS64511", "10.200.0.0/16", "24", "alpha")}


def play(forge, site, kedge, tmp_path, lines, *options):
    story = tmp_path / "story.scn"
    story.write_text(BESIDE + "\n".join(lines) + "\n")
    tale = forge.play(story, tmp_path / "tale", site, *keys(tmp_path))
    site.show(tale.steps[0])
    vrps = kedge.vrps(tale, tale.steps[0], *options)
    return vrps, kedge.findings()[0]


def tree(path, depth):
    """Each CA has two below it, in all 2^depth - 1."""
    if depth == 0:
        return
    yield f"ca {path} 10.3.0.0/16 AS64500"
    yield from tree(path + "/0", depth - 1)
    yield from tree(path + "/1", depth - 1)


def test_binary_tree(forge, site, kedge, tmp_path):
    """All valid: all judged. Where less is allowed, the neighbour stands."""
    lines = [*tree("alpha/t", DEPTH),
             "roa alpha/t" + "/1" * (DEPTH - 1) + "/x AS64500 10.3.0.0/16"]
    deep = ("AS64500", "10.3.0.0/16", "16", "alpha")
    vrps, faults = play(forge, site, kedge, tmp_path, lines)
    assert (vrps, faults) == (KEPT | {deep}, {})


def brood_runs_late(forge, site, kedge, tmp_path, lines, option, most, label):
    vrps, faults = play(forge, site, kedge, tmp_path, lines, option, most)
    assert vrps == KEPT
    late = {p for p, ls in faults.items() if label in ls}
    assert late and all(p.startswith("alpha/evil") for p in late)


def test_time_of_judging(forge, site, kedge, tmp_path):
    """1,500 CAs of one: they have their milliseconds and no more. What its
    neighbour needs is far below, on any machine."""
    brood_runs_late(forge, site, kedge, tmp_path,
                    ["brood alpha/evil 1500 10.3.0.0/16 AS64500"],
                    "--max-ta-judging", "40", "ta-judging")


def test_time_of_judging_at_a_host(forge, site, kedge, tmp_path):
    """All lie at one host, and two levels down a CA has an eighth of it."""
    brood_runs_late(forge, site, kedge, tmp_path,
                    ["ca alpha/evil 10.3.0.0/16 AS64500",
                     "ca alpha/evil/deep 10.3.0.0/16 AS64500",
                     "brood alpha/evil/deep/b 1500 10.3.0.0/16 AS64500"],
                    "--max-host-judging", "400", "host-judging")


def modules(count):
    for n in range(count):
        yield f"ca alpha/evil/s{n} 10.3.{n}.0/24 AS64500 host s{n} via rsync"
        yield f"roa alpha/evil/s{n}/one AS64500 10.3.{n}.0/24"


def test_octets_of_modules(forge, site, kedge, tmp_path):
    """What rsync brings counts as what RRDP does."""
    vrps, faults = play(
        forge, site, kedge, tmp_path,
        ["ca alpha/evil 10.3.0.0/16 AS64500", *modules(40)],
        "--disable-rrdp", "--max-ta-size", "150000")
    assert KEPT < vrps and len(vrps) < 40
    assert faults[""] == ["ta-octets"] * (41 - len(vrps))


FAULTY_RSYNC = """\
#!/bin/sh
# The evil ones get a megabyte each, and no end.
for last in "$@"; do :; done
case "$*" in
*/s[0-9]*/*) printf %1000000s x >"$last/x.roa"; exit 12;;
esac
exec {rsync} "$@"
"""


def test_modules_without_an_end(forge, site, kedge, tmp_path):
    """They cost their branch what they left, though nothing came of it."""
    rsync = tmp_path / "rsync"
    rsync.write_text(FAULTY_RSYNC.format(rsync=shutil.which("rsync")))
    rsync.chmod(0o755)
    vrps, faults = play(
        forge, site, kedge, tmp_path,
        ["ca alpha/evil 10.3.0.0/16 AS64500", *modules(40)],
        "--disable-rrdp", "--max-ta-size", "10000000", "--rsync-command", rsync)
    assert vrps == KEPT
    assert 20 <= faults[""].count("ta-octets") < 40
