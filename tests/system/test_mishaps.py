# SPDX-License-Identifier: BSD-2-Clause
"""vrps, validate and inspect where something around them is not as it should
be: what went wrong and what to do next, in one line."""
import os
import signal
import socket
import subprocess
import time

import pytest

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.fixture
def run(forge, site, kedge, tmp_path):
    """kedge against a site that serves one step; as another user if asked."""
    tale = forge.play("good.scn", tmp_path / "tale", site)
    site.show(tale.steps[0])
    options = [str(o) for o in kedge.options(tale, tale.steps[0])]
    at = options.index("--at")
    options = [str(kedge.program), *options[:at], *options[at + 2:]]

    def go(*args, before=(), **more):
        if before == NOBODY:
            if os.getuid() != 0:
                pytest.skip("cannot become another user")
            for folder in [tmp_path, *tmp_path.parents]:
                if os.stat(folder).st_uid == os.getuid():
                    os.chmod(folder, os.stat(folder).st_mode | 0o055)
            subprocess.run(["chmod", "-R", "a+rX", tmp_path], check=True)
        return subprocess.run([*before, *options, *map(str, args)], text=True,
                              capture_output=True, timeout=120, **more)
    go.options = options
    go.cache = kedge.cache
    return go


def one_line(done, *words):
    assert done.returncode == 1 and done.stdout == ""
    line, = done.stderr.splitlines()
    for word in words:
        assert word in line


@pytest.mark.parametrize("command", [
    ["vrps", "-n"], ["validate", "-n", "-a", "64500", "-p", "10.1.0.0/16"]])
def test_nothing_in_the_cache(run, command):
    one_line(run(*command), "nothing in this cache", "kedge update")


def test_no_cache_at_all(run, tmp_path):
    (tmp_path / "file").write_text("")
    for update in ([], ["-n"]):
        one_line(run("vrps", "-r", tmp_path / "file", *update),
                 "Not a directory", "--repository-dir takes a folder")


def test_a_cache_of_somebody_else(run):
    one_line(run("vrps", before=NOBODY), "Permission denied", "--noupdate",
             "--repository-dir")
    ours = run("vrps")
    assert ours.returncode == 0
    theirs = run("vrps", "-n", before=NOBODY)
    assert (theirs.returncode, theirs.stdout) == (0, ours.stdout)
    done = run("validate", "-n", "-a", "64500", "-p", "10.1.0.0/16", before=NOBODY)
    assert done.returncode == 0 and "valid" in done.stdout
    one_line(run("vrps", before=NOBODY), "Permission denied", "--noupdate")


@pytest.mark.parametrize("command", [["vrps"], ["config"], ["tals"], ["--version"]])
def test_no_standard_output(run, command):
    done = run(*command, before=["sh", "-c", 'exec "$@" >&-', "sh"])
    one_line(done, "standard output: Bad file descriptor")


def test_a_cache_that_is_none(run, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "data.mdb").write_text("of another version")
    one_line(run("vrps", "-n", "-r", tmp_path / "old"), "kedge update sets it aside")


def test_a_user_that_we_are_not_to_become(run, tmp_path):
    """Who is not root reads the same file of settings, and stays who he is."""
    (tmp_path / "kedge.conf").write_text("user = daemon\n")
    for command in (["tals"], ["man"], ["config", "vrps"]):
        done = run("-c", tmp_path / "kedge.conf", *command, before=NOBODY)
        assert (done.returncode, done.stderr) == (0, ""), command


def test_complaints_are_seen_by_who_asked(run, tmp_path):
    """A log that the file of settings names is not where he looks."""
    for line in (f"logfile = {tmp_path}/log", "log = syslog", "syslog = yes",
                 "logfile = /nowhere/log"):
        (tmp_path / "kedge.conf").write_text(line)
        for command in (["status", "--state-dir", tmp_path],
                        ["rtr", "127.0.0.1:1"], ["validate", "-n"]):
            done = run("-c", tmp_path / "kedge.conf", *command)
            assert done.returncode == 1 and done.stderr.startswith("kedge: "), command
    assert not (tmp_path / "log").exists()
    (tmp_path / "kedge.conf").write_text(f"logfile = {tmp_path}/log")
    done = run("-c", tmp_path / "kedge.conf", "vrps", "-n")
    assert (done.returncode, done.stderr) == (1, "")
    assert "nothing in this cache" in (tmp_path / "log").read_text()
    done = run("-c", tmp_path / "kedge.conf", "server", "--rtr", "127.0.0.1:x")
    assert done.returncode == 1 and "127.0.0.1:x" in done.stderr
    assert "127.0.0.1:x" in (tmp_path / "log").read_text()


def test_a_state_of_somebody_else(run, tmp_path):
    (tmp_path / "state").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "state" / "control"))
        (tmp_path / "state" / "control").chmod(0o600)
        one_line(run("status", "--state-dir", tmp_path / "state", before=NOBODY),
                 "Permission denied; be root, or the user")


def test_outputs_that_cannot_be(run, tmp_path):
    """Known before anything is fetched."""
    one_line(run("vrps", "-o", "/nowhere/at/all"), "--output", "no folder /nowhere/at")
    one_line(run("vrps", "-o", tmp_path), "a folder; name a file in it")
    one_line(run("vrps", "-o", "json", cwd=tmp_path), "say json=FILE, or --format json")
    assert not (tmp_path / "json").exists()
    (tmp_path / "closed").mkdir(mode=0o755)
    one_line(run("vrps", "-o", tmp_path / "closed" / "a.csv", before=NOBODY),
             "--output", "Permission denied")
    assert list(run.cache.iterdir()) == []
    assert list((tmp_path / "closed").iterdir()) == []
    one_line(run("validate", "-i", tmp_path), "Is a directory")


def test_a_full_device(run):
    done = run("vrps", "-o", "/dev/full")
    assert done.returncode == 1 and "No space left on device" in done.stderr


@pytest.mark.parametrize("reader", ["head -n 1", "true"])
def test_a_reader_that_leaves(run, reader):
    done = subprocess.run(
        ["sh", "-c", '"$@" -f json | ' + reader, "x", *run.options, "vrps"],
        capture_output=True, text=True, timeout=120)
    assert done.stderr == ""


def wait_for(path, text):
    until = time.monotonic() + 60
    while not path.exists() or text not in path.read_text():
        assert time.monotonic() < until, path
        time.sleep(0.05)


def test_two_at_once_and_one_is_stopped(run, tmp_path):
    """The second says that it waits, and goes on when the first has ended."""
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 300\n")
    slow.chmod(0o755)
    logs = [open(tmp_path / f"log-{n}", "w+") for n in (1, 2)]
    first = subprocess.Popen([*run.options, "--disable-rrdp", "--rsync-command",
                              str(slow), "vrps"], stderr=logs[0],
                             stdout=subprocess.DEVNULL)
    wait_for(run.cache / "lock", "\n")
    second = subprocess.Popen([*run.options, "vrps"], stderr=logs[1],
                              stdout=subprocess.PIPE, text=True)
    wait_for(tmp_path / "log-2", "waiting up to 60 seconds")
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=60) == 1
    assert "stopped by signal 2" in (tmp_path / "log-1").read_text()
    out, _ = second.communicate(timeout=120)
    assert second.returncode == 0 and len(out.splitlines()) > 5


def test_no_network(run):
    """What cannot be resolved is named; what is in the cache is used."""
    alone = ["unshare", "-rn"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        pytest.skip("no network namespaces")
    done = run("vrps", before=alone)
    assert done.returncode == 1 and done.stdout == ""
    assert "http-connect" in done.stderr
    assert "no trust anchor gave a certificate" in done.stderr.splitlines()[-1]
    ours = run("vrps")
    assert ours.returncode == 0
    cut_off = run("vrps", before=alone)
    assert (cut_off.returncode, cut_off.stdout) == (0, ours.stdout)
    assert run("vrps", "--complete", before=alone).returncode == 2


def test_no_repository(run, tmp_path):
    """Anchors that lead to nothing anybody could fetch make no set, and least of
    all an empty one in the place of what a router's file has."""
    notices = list((tmp_path / "tale").rglob("notification.xml"))
    out = tmp_path / "vrps.csv"
    out.write_text("as it was")
    for notice in notices:
        notice.rename(notice.with_suffix(".away"))
    for update in ([], ["-n"]):
        done = run("vrps", "--disable-rsync", "-o", f"csv={out}", *update)
        assert (done.returncode, out.read_text()) == (1, "as it was")
        assert "no repository could be fetched, and nothing is kept of any" in (
            done.stderr.splitlines()[-1])
    for notice in notices:
        notice.with_suffix(".away").rename(notice)
    ours = run("vrps", "--disable-rsync")
    assert ours.returncode == 0
    for notice in notices:
        notice.unlink()
    held = run("vrps", "--disable-rsync")
    assert (held.returncode, held.stdout) == (0, ours.stdout)


def test_no_point_is_valid(run):
    """Quiet where some are; where none is, the clock of this machine may be it."""
    ours = run("vrps")
    assert "clock" not in ours.stderr
    later = run("vrps", "-n", "--at", time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300 * 86400)))
    assert len(later.stdout.splitlines()) == 1
    assert "none is valid: is the clock right?" in later.stderr


def test_no_rsync(run):
    done = run("vrps", "--rsync-command", "/nowhere/rsync")
    assert done.returncode == 0
    assert "/nowhere/rsync: no such program: going on without rsync" in done.stderr
