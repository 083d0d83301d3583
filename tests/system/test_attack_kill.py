# SPDX-License-Identifier: BSD-2-Clause
"""T-STORE-04: kill -9 at any instant of fetching, importing, judging, writing;
the run after it gives what a run gives that nobody killed, and the file that
stood there stands or is whole."""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import pytest

from story import rows

ROUNDS = 500 if os.environ.get("KEDGE_LONG") else 6
STORY = """\
anchor alpha 10.0.0.0/8 AS64496-64511 host alpha
ca alpha/one 10.1.0.0/16 AS64496 host one via rrdp
ca alpha/two 10.2.0.0/16 AS64497 host two via rsync
""" + "".join(f"roa alpha/{ca}/r{n} AS64496 10.{at}.{n}.0/24\n".replace(
    "AS64496", f"AS{64495 + at}") for ca, at in (("one", 1), ("two", 2))
    for n in range(40)) + """\
step
""" + "".join(f"withdraw alpha/{ca}/r{n}.roa\n"
              for ca in ("one", "two") for n in range(20)) + """\
roa alpha/one/new AS64496 10.1.200.0/24
roa alpha/two/new AS64497 10.2.200.0/24
"""


def below(parent, name):
    """The children of a process that bear this name, of theirs too."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = entry.read_text()
        except OSError:
            continue  # it has ended meanwhile
        pid, comm = int(text.split()[0]), text[text.index("(") + 1:text.rindex(")")]
        ppid = int(text[text.rindex(")") + 2:].split()[1])
        if ppid == parent:
            found += [pid] if comm.startswith(name) else []
            found += below(pid, name)
    return found


def kill(process, victim):
    if victim == "all":
        os.killpg(process.pid, signal.SIGKILL)
        return
    pids = {"kedge": [process.pid], "engine": below(process.pid, "kedge-engine"),
            "launcher": below(process.pid, "kedge-launcher"),
            "rsync": below(process.pid, "rsync")}[victim]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended by itself


@pytest.fixture
def world(forge, site, tmp_path):
    story = tmp_path / "story.scn"
    story.write_text(STORY)
    return forge.play(story, tmp_path / "tale", site)


def test_killed(world, site, kedge, tmp_path):
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    out, cache = tmp_path / "out.csv", tmp_path / "work"
    truth = [{row[:3] for row in step.vrps()} for step in world.steps]

    def start(step):
        return subprocess.Popen(
            [kedge.program, "vrps", *map(str, kedge.options(world, step)),
             "--repository-dir", cache, "-o", f"csv={out}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True)

    def whole(step):
        began = time.monotonic()
        run = start(step)
        said = run.communicate(timeout=120)[1]
        assert run.returncode == 0, (seed, said)
        return time.monotonic() - began, said

    site.show(world.steps[0])
    whole(world.steps[0])
    held = tmp_path / "held"
    shutil.copytree(cache, held)
    site.show(world.steps[1])
    usual, _ = whole(world.steps[1])
    for n in range(ROUNDS):
        shutil.rmtree(cache)
        if dice.random() < 0.7:
            shutil.copytree(held, cache)
        out.write_text("before\n")
        run = start(world.steps[1])
        time.sleep(dice.random() * usual * 1.1)
        victim = dice.choice(("all", "all", "engine", "kedge", "launcher", "rsync"))
        kill(run, victim)
        run.communicate(timeout=120)
        stands = out.read_text()
        # Who loses rsync goes on without it.
        assert stands == "before\n" or rows(out, 3) == truth[1] \
            or victim in ("launcher", "rsync"), (seed, n, victim, stands)
        _, said = whole(world.steps[1])
        assert rows(out, 3) == truth[1], (seed, n, victim, said)
        assert "anew" not in said and "quarantine" not in said, (seed, n, said)
        assert not list(tmp_path.glob(".out*")), (seed, n, victim)
