# SPDX-License-Identifier: BSD-2-Clause
"""An engine that dies of what it is given costs that thing, and no more."""
import os
import signal

import pytest

from daemon import Daemon, until
from router import Router

STORY = """\
anchor alpha 10.0.0.0/8 AS64496-64511 host alpha
ca alpha/one 10.1.0.0/16 AS64496
ca alpha/two 10.2.0.0/16 AS64497
ca alpha/far 10.3.0.0/16 AS64498 host beta
roa alpha/one/a AS64496 10.1.0.0/24
roa alpha/one/deadly AS64496 10.1.1.0/24
roa alpha/two/a AS64497 10.2.0.0/24
roa alpha/far/a AS64498 10.3.0.0/24
"""

ONE = {("AS64496", "10.1.0.0/24", "24"), ("AS64496", "10.1.1.0/24", "24")}
TWO = {("AS64497", "10.2.0.0/24", "24")}
FAR = {("AS64498", "10.3.0.0/24", "24")}


@pytest.fixture
def tale(forge, site, tmp_path):
    return forge.tell(STORY, tmp_path, site)


@pytest.fixture
def faulty(build, kedge, tale, monkeypatch):
    """Runs kedge vrps with an engine that goes wrong as it is told."""
    program = build / "tests" / "system" / "faulty-engine"
    if not program.exists():
        pytest.skip("faulty-engine is not built")
    monkeypatch.setenv("KEDGE_ENGINE_PATH", str(program))

    def run(how, *extra):
        out = kedge.cache.parent / "vrps.csv"
        out.unlink(missing_ok=True)
        if how is None:
            monkeypatch.delenv("KEDGE_INJECT", raising=False)
        else:
            monkeypatch.setenv("KEDGE_INJECT", how)
        done = kedge.run(
            "vrps", "--no-rir-tals", "--extra-tals-dir", tale.tals,
            "--repository-dir", kedge.cache, "--allow-dubious-hosts",
            "--rrdp-root-cert", kedge.site.root_cert, "-o", f"csv={out}",
            "--log-repository-issues", "-v", *extra, check=False, timeout=200)
        if done.returncode != 0:
            assert not out.exists()
            return done, None
        rows = {tuple(r.split(",")[:3]) for r in out.read_text().splitlines()[1:]}
        return done, rows
    return run


@pytest.mark.parametrize("how,word", [("crash", "signal 11"), ("abort", "signal 6"),
                                      ("balloon", "signal 6")])
def test_object(faulty, kedge, how, word):
    """Twice is once too often: the third run leaves it alone, and only its
    point fails."""
    extra = ("--max-memory", "600M") if how == "balloon" else ()
    for _ in range(2):
        done, rows = faulty(f"{how}:deadly", *extra)
        assert done.returncode == 1 and word in done.stderr, done.stderr
    done, rows = faulty(f"{how}:deadly", *extra)
    assert done.returncode == 0, done.stderr
    assert rows == TWO | FAR
    assert "deadly.roa: quarantined" in done.stderr, done.stderr
    # It is listed, and a release lets it be tried again.
    listed = kedge.run("quarantine", "--repository-dir", kedge.cache).stdout
    assert "deadly.roa" in listed and listed.startswith("object"), listed
    kedge.run("quarantine", "--repository-dir", kedge.cache, "--release", "all")
    assert kedge.run("quarantine", "--repository-dir", kedge.cache).stdout == ""
    done, rows = faulty(None)
    assert rows == ONE | TWO | FAR


def test_last_good_version_stands(faulty, site, forge, tale, tmp_path):
    """What was good before the deadly object came stays (RFC 9286 6.6)."""
    _, rows = faulty(None)
    assert rows == ONE | TWO | FAR
    # The same world, with another deadly ROA on the manifest.
    story = tmp_path / "later.scn"
    story.write_text(STORY + "step\nroa alpha/one/worse AS64496 10.1.2.0/24\n")
    later = forge.play(story, tmp_path / "later", site, "--at",
                       tale.steps[0].at)
    site.show(later.steps[1])
    for _ in range(2):
        done, _ = faulty("crash:worse")
        assert done.returncode == 1, done.stderr
    done, rows = faulty("crash:worse")
    assert done.returncode == 0, done.stderr
    assert rows == ONE | TWO | FAR


def test_repository(faulty):
    """A repository that kills its fetcher is stale; the others are not."""
    for _ in range(2):
        done, _ = faulty("crash:beta/notification")
        assert done.returncode == 1 and "signal 11" in done.stderr
    done, rows = faulty("crash:beta/notification", "--rrdp-fallback", "never")
    assert done.returncode == 0, done.stderr
    assert rows == ONE | TWO
    assert "quarantined" in done.stderr


def test_anchor(faulty):
    """Of a trust anchor's certificate the kept one is used."""
    _, rows = faulty(None)
    for _ in range(2):
        done, _ = faulty("crash:alpha.cer")
        assert done.returncode == 1, done.stderr
    done, rows = faulty("crash:alpha.cer")
    assert "quarantined" in done.stderr, done.stderr


def test_server_serves_on(faulty, kedge, tale, monkeypatch):
    monkeypatch.setenv("KEDGE_INJECT", "crash:deadly")
    server = Daemon(kedge, tale, "--refresh", "5", "--min-refresh", "1",
                    "--log-repository-issues")
    server.start()
    try:
        server.wait_for("died of signal 11", times=2)
        server.wait_for("serial 1")
        router = Router(server.rtr)
        router.reset()
        assert router.vrps == TWO | FAR
        assert server.said().count("run failed") == 2, server.said()
        assert server.end() == 0
    finally:
        server.end(signal.SIGKILL)


def test_a_kill_is_nobodys_fault(kedge, tale, tmp_path):
    """Ended from outside in the middle of a fetch, twice: nothing of it."""
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 600\n")
    slow.chmod(0o755)
    for _ in range(3):
        server = Daemon(kedge, tale, "--disable-rrdp", "--rsync-command", slow)
        server.start()
        until(server.engine, "an engine")
        engine = server.engine()
        until(lambda: (kedge.cache / "blackbox").exists(), "the black box")
        os.kill(engine, signal.SIGKILL)
        server.wait_for("died of signal 9")
        server.end()
    assert kedge.run("quarantine", "--repository-dir", kedge.cache).stdout == ""
