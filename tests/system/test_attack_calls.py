# SPDX-License-Identifier: BSD-2-Clause
"""A machine whose calls fail, one or all from some point on: the run says so or
succeeds; what was written before stands; the next run is as if nothing was."""
import errno
import os
import pathlib
import random
import signal
import subprocess

import pytest

from preload import preload_of

LONG = os.environ.get("KEDGE_LONG") is not None
CALLS = [("malloc", errno.ENOMEM, 3000), ("open", errno.EACCES, 60),
         ("open", errno.EMFILE, 60), ("write", errno.ENOSPC, 60),
         ("write", errno.EIO, 60), ("sync", errno.EIO, 12), ("rename", errno.EACCES, 6)]


@pytest.fixture(scope="module")
def preload(tmp_path_factory):
    return preload_of("fault_preload.c", tmp_path_factory.mktemp("preload"))


@pytest.mark.parametrize("words", [["vrps"], ["server"], ["--version"]])
def test_no_descriptors_at_all(kedge, preload, words):
    """Whatever cannot be opened, a sentence says so."""
    done = subprocess.run(
        [kedge.program, *words], text=True, capture_output=True, timeout=60,
        env={**os.environ, "LD_PRELOAD": str(preload), "KEDGE_FAULT": f"open:1:{errno.EMFILE}+"})
    assert done.returncode == 1
    assert "Too many open files" in done.stderr, done


@pytest.mark.parametrize("seed", range(60 if LONG else 4))
@pytest.mark.parametrize("who", ["engine", "kedge"])
def test_calls_that_fail(forge, site, kedge, tmp_path, preload, who, seed):
    tale = forge.play("changes.scn", tmp_path / "tale", site)
    site.show(tale.steps[0])
    out = tmp_path / "out.csv"
    engine = pathlib.Path(kedge.program).parent.parent / "libexec/kedge/kedge-engine"
    options = [*map(str, kedge.options(tale, tale.steps[0])), "-o", f"csv={out}"]

    def run(fault=None):
        env = dict(os.environ)
        if fault is not None and who == "kedge":
            env.update(LD_PRELOAD=str(preload), KEDGE_FAULT=fault)
        elif fault is not None:
            wrap = tmp_path / "engine"
            wrap.write_text(f"#!/bin/sh\nKEDGE_FAULT={fault} LD_PRELOAD={preload} exec {engine}\n")
            wrap.chmod(0o755)
            env["KEDGE_ENGINE_PATH"] = str(wrap)
        return subprocess.run([kedge.program, "vrps", *options], env=env, text=True,
                              capture_output=True, timeout=120)

    assert run().returncode == 0
    truth = out.read_text()
    chance = random.Random(f"{who} {seed}")
    for call, error, most in CALLS:
        fault = f"{call}:{chance.randint(1, most)}:{error}{chance.choice(['', '+'])}"
        out.write_text("before\n")
        done = run(fault)
        # Without memory a process ends where it is (CONTRIBUTING.md).
        ended = [-signal.SIGABRT] if "kedge: out of memory" in done.stderr else []
        assert done.returncode in (0, 1, *ended), (fault, done)
        assert "signal 11" not in done.stderr, (fault, done)
        # An error says that outputs are as they were (doc/guide.md).
        expected = truth if done.returncode == 0 else "before\n"
        assert out.read_text() == expected, (fault, done)
        again = run()
        assert again.returncode == 0 and out.read_text() == truth, (fault, again)
        assert not list(tmp_path.glob("out.csv?*")), fault


def test_commits(forge, site, kedge, tmp_path, preload):
    """What a repository brought is one commit with the note that it came; beside it there
    are what CAs stand with and answers. Without news all that is noted is one."""
    tale = forge.play("changes.scn", tmp_path / "tale", site)
    engine = pathlib.Path(kedge.program).parent.parent / "libexec/kedge/kedge-engine"
    wrap = tmp_path / "engine"
    wrap.write_text(f"#!/bin/sh\nKEDGE_TELL=sync LD_PRELOAD={preload} exec {engine}\n")
    wrap.chmod(0o755)

    def syncs(step):
        site.show(step)
        done = subprocess.run(
            [kedge.program, "vrps", *map(str, kedge.options(tale, step))], text=True,
            env={**os.environ, "KEDGE_ENGINE_PATH": str(wrap)}, capture_output=True, timeout=120)
        assert done.returncode == 0, done
        return done.stderr.splitlines().count("sync")

    syncs(tale.steps[0])
    assert syncs(tale.steps[0]) == 1
    assert syncs(tale.steps[1]) == 3
