# SPDX-License-Identifier: BSD-2-Clause
"""What an operator or the machine does wrong around a running server."""
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time

import pytest

from cache import running
from changes import server, tale, truth  # noqa: F401
from daemon import gated_rsync, until
from router import Router

LONG = os.environ.get("KEDGE_LONG") is not None


def holds(port, vrps):
    router = Router(port)
    router.reset()
    router.close()
    assert router.vrps == vrps


# --- local exceptions at a reload

def slurm(prefixes):
    return json.dumps({
        "slurmVersion": 1,
        "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
        "locallyAddedAssertions": {"prefixAssertions": prefixes, "bgpsecAssertions": []}})


ONE = [{"asn": 64500, "prefix": "192.0.2.0/24"}]
EXCEPTIONS = {
    "nothing": b"",
    "no JSON": b"\xff\xfe\0{",
    "a hundred thousand lists": b"[" * 100000,
    "a hundred thousand objects": b'{"a":' * 100000,
    "an array": b"[]",
    "version 0": slurm(ONE).replace('n": 1', 'n": 0').encode(),
    "version 99": slurm(ONE).replace('n": 1', 'n": 99').encode(),
    "a member nobody knows": slurm(ONE).replace('{"slurm', '{"what": 1, "slurm').encode(),
    "a member twice": slurm(ONE).replace('{"slurm', '{"slurmVersion": 1, "slurm').encode(),
    "AS 2^32": slurm([{"asn": 1 << 32, "prefix": "192.0.2.0/24"}]).encode(),
    "AS 10^400": slurm(ONE).replace("64500", "9" * 400).encode(),
    "AS -1": slurm([{"asn": -1, "prefix": "192.0.2.0/24"}]).encode(),
    "AS in words": slurm([{"asn": "AS\u00e9", "prefix": "192.0.2.0/24"}]).encode(),
    "prefix of 33 bits": slurm([{"asn": 1, "prefix": "192.0.2.0/33"}]).encode(),
    "prefix with a NUL": slurm([{"asn": 1, "prefix": "192.0.2.0/24\0"}]).encode(),
    "longer than long": slurm([{**ONE[0], "maxPrefixLength": 33}]).encode(),
    "shorter than short": slurm([{**ONE[0], "maxPrefixLength": 8}]).encode(),
    "half a file": slurm(ONE).encode()[:-9],
    "something after it": slurm(ONE).encode() + b"{}",
    "17 MB": slurm(ONE).encode() + b" " * (17 << 20),
    "escapes in a comment": slurm([{**ONE[0], "comment": 1, "\x1b[31m\nkedge: forged": 2}]).encode(),
}


@pytest.fixture(scope="module")
def cache(forge, tmp_path_factory):
    with running(forge, tmp_path_factory.mktemp("reload")) as one:
        yield one


def refused(cache):
    done = cache.ask("reload", check=False)
    assert done.returncode == 1, done
    for line in (done.stdout + done.stderr).splitlines() + cache.said().splitlines():
        assert line.isprintable(), repr(line)
        assert not line.startswith("kedge: forged")
    assert cache.process.poll() is None
    holds(cache.rtr, cache.vrps())


@pytest.mark.parametrize("what", EXCEPTIONS)
def test_exceptions_at_reload(cache, what):
    """Refused as a whole, and what was before stays."""
    kept = cache.slurm.read_bytes()
    cache.slurm.write_bytes(EXCEPTIONS[what])
    refused(cache)
    cache.slurm.write_bytes(kept)


@pytest.mark.parametrize("what", ["gone", "a loop", "a folder", "a pipe", "unreadable device"])
def test_exceptions_that_are_no_file(cache, what):
    kept = cache.slurm.read_bytes()
    cache.slurm.unlink()
    if what == "a loop":
        cache.slurm.symlink_to(cache.slurm)
    elif what == "a folder":
        cache.slurm.mkdir()
    elif what == "a pipe":
        os.mkfifo(cache.slurm)
    elif what == "unreadable device":
        cache.slurm.symlink_to("/dev/full")
    refused(cache)
    if cache.slurm.is_dir():
        cache.slurm.rmdir()
    elif what != "gone":
        cache.slurm.unlink()
    cache.slurm.write_bytes(kept)
    cache.change({("AS64500", "192.0.2.0/24", str(24 + len(what) % 8))})
    holds(cache.rtr, cache.vrps())


# --- processes that are stopped or killed

def test_keeper_killed(server, tale, site):
    """No engine can be had any more: it ends, says so, and what the init system
    starts then is to routers the same as before."""
    server.start()
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    router = Router(server.rtr)
    router.reset()
    out = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,comm="], capture_output=True,
                         text=True, check=True).stdout
    keeper, = [int(row.split()[0]) for row in out.splitlines()
               if row.split()[1] == str(server.process.pid)]
    os.kill(keeper, signal.SIGKILL)
    assert server.process.wait(timeout=60) == 1
    assert "the keeper has died; start kedge again" in server.said()
    server.start()
    server.wait_for("as kept")
    back = until(lambda: came_back(server), "a set")
    assert back.session == router.session and back.vrps == router.vrps


def came_back(server):
    try:
        router = Router(server.rtr)
        router.reset()
        return router
    except (OSError, AssertionError):
        return None


def test_engine_stopped(server, site, tale, tmp_path):
    """An engine that stands still costs news, not service; and it is ended."""
    server.start()
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    server.end()
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 600\n")
    slow.chmod(0o755)
    server.start("--disable-rrdp", "--rsync-command", slow, "--patience", "600")
    engine = until(server.engine, "an engine")
    os.kill(engine, signal.SIGSTOP)
    holds(server.rtr, truth(tale.steps[0]))
    assert server.get("/healthz")[0] == 200
    assert "running" in server.ask("status").stdout
    assert server.end() == 0
    with pytest.raises(ProcessLookupError):
        until(lambda: os.kill(engine, 0), "the engine's end", 10)


def test_killed_and_killed(server, site, tale):
    """kill -9 of server, keeper or engine at any instant: afterwards the set is
    that of a clean run, the serial has not gone back, nothing was set aside."""
    chance = random.Random(11)
    server.start("--refresh", "86400")
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    truths = [truth(step) for step in tale.steps]
    last = None
    for n in range(150 if LONG else 15):
        site.show(tale.steps[n % 3])
        server.ask("run", check=False)
        time.sleep(chance.uniform(0, 0.25))
        victim = chance.choice(["server", "keeper", "engine"])
        pid = server.process.pid if victim == "server" else child(server, victim)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself
                os.kill(pid, signal.SIGKILL)
        if victim != "engine":
            server.process.wait(timeout=60)
            server.process = None
            server.start("--refresh", "86400")
        back = until(lambda: came_back(server), "a set")
        assert back.vrps in truths
        if last is not None:
            assert back.session == last[0] and back.serial >= last[1]
        last = back.session, back.serial
    site.show(tale.steps[2])
    until(lambda: "idle" in server.ask("status", check=False).stdout, "rest")
    server.ask("run", check=False)
    until(lambda: came_back(server).vrps == truths[2], "the set of a clean run")
    assert not list(server.state.glob("*.bad")), server.said()
    assert not list(server.kedge.cache.glob("*.bad")), server.said()
    assert server.kedge.run("quarantine", "--repository-dir", server.kedge.cache).stdout == ""


def child(server, which):
    if which == "engine":
        return server.engine()
    out = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True,
                         text=True, check=True).stdout
    found = [int(row.split()[0]) for row in out.splitlines()
             if row.split()[1] == str(server.process.pid)]
    return found[0] if found else None


# --- the state folder

@pytest.mark.parametrize("name", ["state", "ahead", "lock", "control"])
def test_state_leads_elsewhere(server, tale, tmp_path, name):
    """A link in the place of a file of ours: what it leads to is not touched."""
    precious = tmp_path / "precious"
    precious.write_text("not yours\n")
    server.start()
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    server.end()
    place = server.state / name
    if place.exists() or place.is_symlink():
        place.unlink()
    place.symlink_to(precious)
    with server.log.open("a") as log:
        server.process = subprocess.Popen([server.kedge.program, "server", *server.options],
                                          stderr=log, stdout=log)
    until(lambda: server.process.poll() is not None or came_back(server), "either")
    if server.process.poll() is None:
        assert server.end() == 0
    else:
        assert server.process.poll() == 1 and name in server.said().splitlines()[-1]
    assert precious.read_text() == "not yours\n"


def test_state_folder_is_not_ours(server, tale):
    """Read-only, or a file: said at once, in one line."""
    server.state.parent.mkdir(exist_ok=True)
    server.state.write_text("")
    server.start()
    assert server.process.wait(timeout=60) == 1
    assert "state" in server.said().splitlines()[-1]


@pytest.mark.skipif(os.getuid() != 0, reason="mounting needs root")
def test_read_only_state(server, tale):
    server.state.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", server.state],
                          capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("cannot mount")
    try:
        server.start()
        assert server.process.wait(timeout=60) == 1
        assert "Read-only file system" in server.said().splitlines()[-1]
    finally:
        server.end(signal.SIGKILL)
        subprocess.run(["umount", server.state], check=True)


# --- the clock

@pytest.fixture
def faketime():
    lib = next((p for p in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",)
                if os.path.exists(p)), None)
    if lib is None:
        pytest.skip("no libfaketime")
    return {"LD_PRELOAD": lib, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.parametrize("jump", ["+3d", "-400d"])
def test_clock_is_set(server, tale, faketime, jump):
    """While it runs: what is fresh stays fresh, what has ended leaves at once,
    and what is stale does not become fresh."""
    # The server may read it there also when it is confined.
    server.state.mkdir(exist_ok=True)
    dial = server.state / "dial"
    dial.write_text("+0")
    server.start("--stale-after", "3600", "--stale-policy", "close", env={
        **faketime, "FAKETIME_TIMESTAMP_FILE": str(dial), "FAKETIME_NO_CACHE": "1"})
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    router = Router(server.rtr)
    router.reset()
    assert router.vrps == truth(tale.steps[0])
    dial.write_text(jump)
    server.wait_for("the clock was set by " + jump[0])
    until(lambda: server.get("/readyz")[0] == 200, "readiness")
    assert "routers are sent away" not in server.said()
    status = server.ask("status").stdout
    assert re.search(r"^service +\S+ for \d+ s, up for \d+ s$", status, re.M), status
    if jump[0] == "+":
        # The manifests of the tale end after a day.
        until(lambda: router.refresh() and router.vrps == set(), "an empty set")
    else:
        router.refresh()
        assert router.vrps == truth(tale.steps[0])


def test_clock_is_set_before_the_first_set(server, tale, faketime, tmp_path):
    """As where it comes from the network a moment after the start. What was
    judged by the wrong time is judged again, at once."""
    gate, program = gated_rsync(tmp_path)
    gate.touch()
    server.state.mkdir(exist_ok=True)
    dial = server.state / "dial"
    dial.write_text("-3600")
    server.start("--disable-rrdp", "--rsync-command", program, env={
        **faketime, "FAKETIME_TIMESTAMP_FILE": str(dial), "FAKETIME_NO_CACHE": "1"})
    until(lambda: re.search("^service +running", server.ask(
        "status", check=False).stdout, re.M), "a run")
    dial.write_text("+0")
    server.wait_for("the clock was set by +")
    gate.unlink()
    server.wait_for("serial 1")
    holds(server.rtr, truth(tale.steps[0]))
    server.wait_for("whole set", times=2)


@pytest.mark.parametrize("jump", ["+400d", "-400d"])
def test_clock_jumps(server, tale, site, faketime, jump):
    """A year off, in either direction, for one start: no crash, no set that a
    right clock would not give afterwards."""
    server.start()
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    router = Router(server.rtr)
    router.reset()
    server.end()
    server.start(env={**faketime, "FAKETIME": jump})
    until(server_listens(server), "the port")
    until(lambda: "whole set" in server.said() or "run failed" in server.said(), "a run")
    assert server.process.poll() is None
    server.end()
    server.start()
    back = until(lambda: came_back(server) if "idle" in server.ask(
        "status", check=False).stdout else None, "a set")
    assert back.vrps == truth(tale.steps[0])
    if back.session == router.session:
        assert back.serial >= router.serial


def server_listens(server):
    def there():
        try:
            Router(server.rtr).close()
            return True
        except OSError:
            return False
    return there
