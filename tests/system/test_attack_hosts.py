# SPDX-License-Identifier: BSD-2-Clause
"""A CA that leads to one host again and again (T-TREE-02, T-CPU-01): what a host
may give has an end, and of that each branch has its part. Its neighbour, at the
very same host, is fetched as if it were alone."""
import signal
import time

import pytest

from changes import stamp
from daemon import Daemon
from hostile_https import answer
from site_server import free_port
from town import Town

CROWD = 40
STORY = """\
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511 host top via both
ca alpha/good 10.2.0.0/16 AS64501 host good via rrdp
roa alpha/good/one AS64501 10.2.1.0/24
ca alpha/evil 10.3.0.0/16 AS64500
step
roa alpha/good/two AS64501 10.2.2.0/24
""" + "".join(f"ca alpha/evil/s{n} 10.3.{n}.0/24 AS64500 host s{n} via rrdp\n"
              f"roa alpha/evil/s{n}/one AS64500 10.3.{n}.0/24\n"
              for n in range(CROWD))


@pytest.fixture(scope="module")
def one(forge, certificates, tmp_path_factory, town):
    made = Town(forge, town.program, certificates, tmp_path_factory.mktemp("one"),
                free_port(), STORY, crammed=True)
    yield made
    made.close()


def refused(one, run, label):
    """How many are: of the crowd only, and for nothing else."""
    assert run.of("10.2.") == {v for v in one.steps[1].vrps()
                               if v[1].startswith("10.2.")}, run.stderr
    assert set(run.labels()) == {label, "manifest-missing"}, run.stderr
    assert not [uri for uri in run.faults if "/s" not in uri], run.stderr
    return run.labels().count(label)


def test_none_is_refused(one, tmp_path):
    run = one.run(tmp_path / "cold", 1)
    assert run.vrps == one.steps[1].vrps() and run.labels() == [], run.stderr


@pytest.mark.parametrize("warm", [False, True])
def test_repositories(one, tmp_path, warm):
    """A quarter of the host is for any CA of a trust anchor."""
    cache = one.cache(tmp_path / "warm") if warm else tmp_path / "cold"
    run = one.run(cache, 1, "--max-host-repositories", "16")
    assert refused(one, run, "host-repositories") == CROWD - 4
    assert len(run.of("10.3.")) == 4
    again = one.run(cache, 1, "--max-host-repositories", "16")
    assert len(again.of("10.3.")) == 8, "what is known is asked as well"


def test_octets(one, tmp_path):
    """What is under way goes on; the rest is not begun."""
    run = one.run(one.cache(tmp_path / "warm"), 1, "--max-host-size", "400000")
    assert CROWD - 30 <= refused(one, run, "host-octets") <= CROWD - 4


@pytest.mark.parametrize("option, seconds, label", [
    ("--max-host-fetching", 4, "host-fetching"),
    ("--max-ta-fetching", 2, "ta-fetching")])
def test_fetching(one, tmp_path, option, seconds, label):
    """A second for the branch, and each of the crowd takes one."""
    one.show(1)
    for n in range(CROWD):
        path = one.steps[1].folder / f"https/s{n}/notification.xml"
        one.server.routes[f"s{n}/notification.xml"] = late(path)
    run = one.run(one.cache(tmp_path / "warm"), 1, option, seconds, show=False)
    assert refused(one, run, label) == CROWD - 4
    assert len(run.of("10.3.")) == 4


def late(path):
    def script(connection, request):
        time.sleep(1.1)
        return answer(path.read_bytes())
    return script


NAMES = """\
anchor alpha 10.0.0.0/8 AS64496-64511
ca alpha/good 10.2.0.0/16 AS64501 host good via rrdp
roa alpha/good/one AS64501 10.2.1.0/24
ca alpha/evil 10.3.0.0/16 AS64500
"""


def test_metrics_of_a_crowd(forge, site, kedge, tmp_path):
    """Each repository is seventy lines to whoever collects metrics: so many of
    them are told of, and none with an endless name; what is held comes first."""
    (tmp_path / "names.scn").write_text(NAMES + "".join(
        f"ca alpha/evil/s{n} 10.3.0.0/16 AS64500 host {host} via rrdp\n"
        for n, host in enumerate(["x" * 240, *(f"s{n}" for n in range(1100))])))
    tale = forge.play(tmp_path / "names.scn", tmp_path / "tale", site, "--at",
                      stamp(3600))
    site.show(tale.steps[0])
    server = Daemon(kedge, tale, "--disable-rsync", "--max-host-repositories", "80")
    server.start()
    try:
        server.wait_for("serial 1")
        metrics = server.get("/metrics")[1]
    finally:
        server.end(signal.SIGKILL)
    told = [line for line in metrics.splitlines()
            if line.startswith("kedge_repository_state{")]
    assert 500 < len(told) <= 1000
    assert [line for line in told if "/good/notification.xml" in line]
    assert not [line for line in told if "xxx" in line]
    assert int(metrics.split("\nkedge_repositories_left_out ")[1].split()[0]) >= 1
    assert len(metrics) < 30e6
