# SPDX-License-Identifier: BSD-2-Clause
"""From inside a running engine and a running server, as installed: what they
must not be able to do is tried where they deal with strangers, and denied."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from daemon import Daemon, until
from preload import preload_of

LINE = re.compile(r"(\w+) (\S+) (\d+)")
COMMON = {"exec", "exec-copy", "fork", "read-outside", "read-shadow", "list-root",
          "write-outside", "truncate-outside", "remove-outside", "rename-outside",
          "link-outside", "symlink-outside", "device", "setuid", "memory-of-parent",
          "environment-of-parent", "signal-parent", "signal-first",
          "handle-of-parent", "limits-of-parent", "raw-socket", "packet-socket",
          "netfilter", "virtual-socket", "local-socket", "run-memory",
          "turn-executable", "ring", "terminal"}
ENGINE = COMMON | {"owner", "listen"}
SERVER = COMMON | {"connect"}
DEADLY = ("ptrace", "read-parent", "mount", "unshare", "chroot", "bpf", "module",
          "keys")


@pytest.fixture(scope="module")
def preload(tmp_path_factory):
    return preload_of("escape_preload.c", tmp_path_factory.mktemp("escape"))


@pytest.fixture
def outside(tmp_path_factory):
    """A folder that nobody was given, with a file and a socket in it."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "there").write_text("untouched")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        listener.listen()
        yield folder
        assert sorted(p.name for p in folder.iterdir()) == ["socket", "there"]
        assert (folder / "there").read_text() == "untouched"


@pytest.fixture
def tale(forge, site, tmp_path):
    made = forge.play("changes.scn", tmp_path / "tale", site)
    site.show(made.steps[0])
    return made


@pytest.fixture
def confined(kedge, tale, tmp_path):
    """This kernel must have what is to be shown."""
    said = kedge.run("vrps", *kedge.options(tale, tale.steps[0]), "-o", "csv=/dev/null",
                     "--require-sandbox", "--repository-dir", tmp_path / "other",
                     check=False)
    if said.returncode != 0:
        pytest.skip("this kernel or build confines less")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "escape.log"


def tried(log):
    found = {}
    for place, thing, number in LINE.findall(log.read_text()):
        found.setdefault(place, {})[thing] = int(number)
    return found


def let_through(found):
    return sorted(thing for thing, number in found.items() if number == 0)


def wrapped(kedge, tmp_path, preload, outside, log, one=None, program="kedge-engine"):
    engine = pathlib.Path(kedge.program).parent.parent / "libexec/kedge" / program
    wrap = tmp_path / "engine"
    wrap.write_text(f"#!/bin/sh\nexport KEDGE_ESCAPE_DIR={outside}\n"
                    f"export KEDGE_ESCAPE_LOG={log}\n"
                    + (f"export KEDGE_ESCAPE={one}\n" if one else "")
                    + f"LD_PRELOAD={preload} exec {engine}\n")
    wrap.chmod(0o755)
    return {**os.environ, "KEDGE_ENGINE_PATH": str(wrap)}


def engine(kedge, tale, tmp_path, env, *options):
    out = tmp_path / "out.csv"
    done = subprocess.run(
        [kedge.program, "vrps", *map(str, kedge.options(tale, tale.steps[0])), "-o",
         f"csv={out}", *options], env=env, text=True, capture_output=True, timeout=120)
    return done, out


def test_engine(kedge, tale, tmp_path, preload, outside, log, confined):
    """It is denied all of it and does its work all the same."""
    done, out = engine(kedge, tale, tmp_path,
                       wrapped(kedge, tmp_path, preload, outside, log))
    found = tried(log)
    assert done.returncode == 0 and out.exists(), done.stderr
    for place in ("judge", "fetch"):
        assert set(found[place]) == ENGINE
        assert let_through(found[place]) == [], found


def test_judge(kedge, tale, tmp_path, preload, outside, log, confined):
    """What fetches nothing has the network neither in it nor within its reach."""
    kedge.run("vrps", *kedge.options(tale, tale.steps[0]), "-o", f"csv={tmp_path / 'first.csv'}")
    done, out = engine(kedge, tale, tmp_path,
                       wrapped(kedge, tmp_path, preload, outside, log, program="kedge-judge"),
                       "-n", "--no-memory")
    found = tried(log)
    assert done.returncode == 0, done.stderr
    assert out.read_text() == (tmp_path / "first.csv").read_text()
    assert set(found["judge"]) == ENGINE | {"connect"}
    assert let_through(found["judge"]) == [], found


@pytest.mark.parametrize("thing", DEADLY)
def test_engine_ends(kedge, tale, tmp_path, preload, outside, log, confined, thing):
    done, out = engine(kedge, tale, tmp_path,
                       wrapped(kedge, tmp_path, preload, outside, log, thing))
    assert done.returncode == 1 and not out.exists()
    assert f"signal {signal.SIGSYS.value}" in done.stderr, done.stderr
    assert tried(log) == {}


def listens(port):
    """As the kernel tells it: who connects is accepted."""
    table = pathlib.Path("/proc/net/tcp").read_text()
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
               for line in table.splitlines()[1:])


def server(kedge, tale, preload, outside, log, one=None):
    daemon = Daemon(kedge, tale, "--require-sandbox")
    env = {"LD_PRELOAD": str(preload), "KEDGE_ESCAPE_DIR": str(outside),
           "KEDGE_ESCAPE_LOG": str(log)}
    if one is not None:
        env["KEDGE_ESCAPE"] = one
    daemon.start(env=env)
    until(lambda: listens(daemon.http), "listens")
    with contextlib.suppress(ConnectionError):  # it may be no more by then
        socket.create_connection(("127.0.0.1", daemon.http), timeout=30).close()
    return daemon


def test_server(kedge, tale, preload, outside, log, confined):
    daemon = server(kedge, tale, preload, outside, log)
    try:
        until(lambda: "serve terminal " in log.read_text(), "the last one")
        found = tried(log)["serve"]
        assert set(found) == SERVER
        assert let_through(found) == [], found
        assert daemon.get("/json")[0] in (200, 503)
    finally:
        assert daemon.end() == 0


@pytest.mark.parametrize("thing", DEADLY)
def test_server_ends(kedge, tale, preload, outside, log, confined, thing):
    daemon = server(kedge, tale, preload, outside, log, thing)
    assert daemon.process.wait(timeout=60) == -signal.SIGSYS
    assert tried(log) == {}
