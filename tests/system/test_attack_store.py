# SPDX-License-Identifier: BSD-2-Clause
"""A CA that would fill the store: with what it publishes and takes back, run after
run, be it at another place or by another key each time, or with what it holds in
many repositories. Its neighbour's news are kept all the while."""
import random

import pytest

from site_server import free_port
from town import Town

DISK = ("--max-disk", 16 << 20)
WORLD = """\
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511 host top via both
ca alpha/good 10.2.0.0/16 AS64501 host good via rrdp
ca alpha/evil 10.3.0.0/16 AS64500 host evil via rrdp
roa alpha/evil/one AS64500 10.3.0.0/24
"""
ROUNDS, REPOSITORIES = 10, 10
FILE, FILES = 100_000, 20
HOSTS = ["top", "good", "evil", *(f"s{m}" for m in range(REPOSITORIES))]


def ballast(dice, target):
    return f"file {target}.xyz {dice.randbytes(FILE).hex()}\n"


def step(n):
    return f"step\nroa alpha/good/r{n} AS64501 10.2.{n}.0/24\n"


def churn():
    """2 MB in each step, of other octets than before."""
    dice, text = random.Random(1), WORLD
    for n in range(ROUNDS):
        text += step(n)
        text += "".join(ballast(dice, f"alpha/evil/b{n}x{m}") for m in range(FILES))
        text += "".join(f"withdraw alpha/evil/b{n - 1}x{m}.xyz\n"
                        for m in range(FILES) if n > 0)
    return text


def wander(host, *more):
    """The same by another CA in each step, that of the step before is gone."""
    dice, text = random.Random(3), WORLD
    for n in range(ROUNDS):
        ca = f"alpha/evil/c{n}"
        text += step(n) + (f"ca {ca} 10.3.{n}.0/24 AS64500 host {host.format(n)} via rrdp\n"
                           f"roa {ca}/one AS64500 10.3.{n}.0/24\n")
        text += "".join(ballast(dice, f"{ca}/b{m}") for m in range(FILES))
        text += "".join(line.format(ca) + "\n" for line in more)
        if n > 0:
            text += f"withdraw alpha/evil/c{n - 1}.cer\n"
            text += "".join(f"withdraw alpha/evil/c{n - 1}/b{m}.xyz\n" for m in range(FILES))
    return text


def keys():
    """All of it is believed, and stays the last good version of CAs that are gone."""
    return wander("evil")


def places():
    """None of it is believed, and all is listed by repositories that are gone."""
    return wander("s{}", "break {}.mft stale")


def turns():
    """Two anchors, and more than half of the store is below one of them."""
    dice, text = random.Random(4), WORLD + (
        "anchor beta 11.0.0.0/8 AS64511 host s0 via both\n"
        "roa beta/one AS64511 11.0.0.0/16\n")
    return text + "".join(ballast(dice, f"alpha/evil/b{n}") for n in range(100))


def hoard():
    """Repositories that are small at first, and then come to 20 MB."""
    dice, text = random.Random(2), WORLD
    for m in range(REPOSITORIES):
        text += (f"ca alpha/evil/s{m} 10.3.{m}.0/24 AS64500 host s{m} via rrdp\n"
                 f"roa alpha/evil/s{m}/one AS64500 10.3.{m}.0/24\n")
    for n in range(ROUNDS):
        text += step(n)
        for m in range(REPOSITORIES):
            text += "".join(ballast(dice, f"alpha/evil/s{m}/b{n}x{k}") for k in range(2))
    return text


@pytest.fixture
def made(request, forge, certificates, tmp_path, town):
    one = Town(forge, town.program, certificates, tmp_path / "made", free_port(),
               request.param(), HOSTS)
    yield one
    one.close()


def good(vrps):
    return {v for v in vrps if v[1].startswith("10.2.")}


@pytest.mark.parametrize("made", [churn], indirect=True)
def test_churn(made, tmp_path):
    """Twenty megabytes pass through sixteen; all of it is taken."""
    for n in range(1, ROUNDS + 1):
        run = made.run(tmp_path / "cache", n, *DISK)
        assert run.vrps == made.steps[n].vrps(), run.stderr
        assert set(run.labels()) == {"object-unknown"}, run.labels()


@pytest.mark.parametrize("made, label", [(keys, "object-unknown"), (places, "manifest-stale")],
                         indirect=["made"])
def test_wander(made, tmp_path, label):
    """What no CA leads to any more makes room for what one does."""
    for n in range(1, ROUNDS + 1):
        run = made.run(tmp_path / "cache", n, *DISK)
        assert run.vrps == made.steps[n].vrps(), run.stderr
        assert set(run.labels()) == {label}, run.labels()


@pytest.mark.parametrize("made", [turns], indirect=True)
@pytest.mark.parametrize("by", ["anchors", "hosts"])
def test_runs_take_turns(made, tmp_path, by):
    """What a run was not asked for, be it an anchor or a host, is not gone."""
    cache, alpha = tmp_path / "cache", made.tale.tals / "alpha.tal"
    assert made.run(cache, 0, *DISK).vrps == made.steps[0].vrps()
    (tmp_path / "hosts").write_text("s0.localhost\n" if by == "hosts" else "")
    away = alpha.rename(tmp_path / "alpha.tal") if by == "anchors" else alpha
    part = made.run(cache, 0, *DISK, *(["--shortlist", tmp_path / "hosts"] * (by == "hosts")))
    assert {row[3] for row in part.vrps} == {"beta"}
    away.rename(alpha)
    again = made.run(cache, 0, "-n", *DISK)
    assert again.vrps == made.steps[0].vrps(), again.stderr


@pytest.mark.parametrize("made", [hoard], indirect=True)
def test_hoard(made, tmp_path):
    """Each branch has its part of the store, and no more."""
    labels = set()
    for n in range(1, ROUNDS + 1):
        run = made.run(tmp_path / "cache", n, *DISK)
        assert run.of("10.2.") == good(made.steps[n].vrps()), run.stderr
        assert not [uri for uri in run.faults if "/good/" in uri], run.stderr
        labels |= set(run.labels())
    assert "store-share" in labels and "store-io" not in labels, labels
