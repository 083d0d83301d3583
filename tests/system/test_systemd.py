# SPDX-License-Identifier: BSD-2-Clause
"""The units: systemd finds nothing wrong with them, and they give up a lot."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest

from daemon import Daemon, gated_rsync
from router import Router

UNITS = ["kedge.service", "kedge-vrps.service", "kedge-rtr.socket",
         "kedge-vrps.timer"]


@pytest.fixture
def units(build, tmp_path):
    """The units as built, with a program that is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")
    source = pathlib.Path(__file__).resolve().parents[2] / "systemd"
    for name in UNITS:
        made = build / "systemd" / name
        text = (made if made.exists() else source / name).read_text()
        text = re.sub(r"(Exec\w+)=\S+/kedge ", r"\1=/bin/true ", text)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_verify(units):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *[units / n for n in UNITS]],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = [line for line in done.stderr.splitlines() if "kedge" in line]
    assert ours == []


@pytest.mark.parametrize("name", ["kedge.service", "kedge-vrps.service"])
def test_kedge_ends_what_it_started(units, name):
    """An rsync that the manager ends looks like a repository that failed."""
    assert "KillMode=mixed\n" in (units / name).read_text()


@pytest.mark.parametrize("name", ["kedge.service", "kedge-vrps.service"])
def test_exposure(units, name):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20",
         units / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-400:]


@pytest.fixture
def tale(forge, site, tmp_path):
    made = forge.play("changes.scn", tmp_path / "tale", site)
    site.show(made.steps[0])
    return made


def told(manager, key):
    """Wait for KEY=... and give its value."""
    while True:
        for line in manager.recv(4096).decode().splitlines():
            if line.startswith(key + "="):
                return line.partition("=")[2]


def test_journal_is_told_the_priority(kedge, tmp_path):
    """As sd-daemon(3) has it; the journal knows the time and who it was."""
    (tmp_path / "k.conf").write_text("strict = perhaps\n")

    def said(stream, *options):
        with open(tmp_path / "journal", "w+", encoding="ascii") as journal:
            about = os.fstat(journal.fileno())
            subprocess.run(
                [kedge.program, *options, "vrps"], stderr=journal,
                cwd=tmp_path, env={**os.environ, "JOURNAL_STREAM": stream or
                                   f"{about.st_dev}:{about.st_ino}"})
            journal.seek(0)
            return journal.read()
    none = "--tal", "./none.tal"
    assert said(None, *none) == "<3>--tal: ./none.tal: No such file or directory\n"
    assert said("1:1", *none) == "kedge: error: --tal: ./none.tal: No such file or directory\n"
    assert said(None, "-c", "k.conf").startswith("<3>k.conf:1: `perhaps` is not good")
    assert said(None, "--strickt").startswith("<3>no option --strickt")


@pytest.fixture
def systemd(kedge):
    if "systemd" not in subprocess.run(
            ["ldd", kedge.program], capture_output=True, text=True).stdout:
        pytest.skip("built without libsystemd")


def test_reload_makes_nobody_ready(systemd, kedge, tale, tmp_path):
    """Whoever is started after us waits for a set, not for other settings."""
    gate, program = gated_rsync(tmp_path)
    gate.touch()
    server = Daemon(kedge, tale, "--disable-rrdp", "--rsync-command", program)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        server.start(env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        try:
            assert told(manager, "STATUS") == "running"
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("settings taken")
            manager.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while heard := manager.recv(4096).decode():
                    assert "READY" not in heard
            manager.settimeout(60)
            gate.unlink()
            assert told(manager, "READY") == "1"
            server.process.send_signal(signal.SIGHUP)
            assert told(manager, "RELOADING") == "1"
            assert told(manager, "READY") == "1"
        finally:
            server.end(9)


def test_manager_is_told(systemd, kedge, tale, tmp_path):
    """Ready once there is something to serve, alive while it is watched, and
    that it stops."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        server = Daemon(kedge, tale)
        server.start(env={"NOTIFY_SOCKET": str(tmp_path / "notify"),
                          "WATCHDOG_USEC": "3000000"})
        try:
            assert told(manager, "READY") == "1"
            router = Router(server.rtr)
            router.reset()
            assert router.vrps == {r[:3] for r in tale.steps[0].vrps()}
            assert told(manager, "WATCHDOG") == "1"
            server.process.terminate()
            assert told(manager, "STOPPING") == "1"
            assert server.end() == 0
        finally:
            server.end(9)
