# SPDX-License-Identifier: BSD-2-Clause
"""kedge server: it lives, follows its repositories, and can be told things."""
import fcntl
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import pytest

from changes import server, tale, truth  # noqa: F401
from daemon import Daemon, until
from router import ERROR, NOTIFY, Router


def test_serves_and_follows(server, site, tale):
    server.start()
    server.wait_for("serial 1")
    router = Router(server.rtr)
    router.reset()
    assert router.vrps == truth(tale.steps[0])
    site.show(tale.steps[1])
    server.ask("run")
    told = router.read()
    assert told.type == NOTIFY and told.serial == 2
    router.refresh()
    assert router.vrps == truth(tale.steps[1])
    assert router.serial == 2


def test_explains_before_there_is_a_set(kedge, tale, site):
    """That none came yet, or that a run failed: in a line for people."""
    server = Daemon(kedge, tale, "--disable-rrdp", "--disable-rsync").start()
    try:
        server.wait_for("run failed")
        done = server.ask("explain", "10.0.0.0/8", check=False)
        assert (done.returncode, done.stderr) == (
            1, "kedge: error: no run gave a set yet; the status tells why\n")
        status = server.ask("status").stdout
        assert "no trust anchor gave a certificate" in status
        assert re.search(r"^service +retrying for", status, re.M), status
        assert json.loads(server.get("/json")[1])["error"].startswith("no run gave a set")
    finally:
        server.end(signal.SIGKILL)


def test_no_repository_makes_no_set(kedge, tale, site, tmp_path):
    """A first run that gets no further than the anchors: routers with another
    cache go on with that one, which an empty set would not let them."""
    notices = list((tmp_path / "tale").rglob("notification.xml"))
    for notice in notices:
        notice.rename(notice.with_suffix(".away"))
    site.show(tale.steps[0])
    server = Daemon(kedge, tale, "--disable-rsync").start()
    try:
        server.wait_for("run failed: no repository could be fetched")
        assert server.get("/readyz")[0] == 503
        assert "No Data Available" in server.ask("rtr", f"127.0.0.1:{server.rtr}",
                                                 check=False).stderr
        for notice in notices:
            notice.with_suffix(".away").rename(notice)
        server.ask("run")
        until(lambda: server.get("/readyz")[0] == 200, "a set")
    finally:
        server.end(signal.SIGKILL)


def test_status_for_programs(kedge, tale, site):
    """The same as HTTP tells, where HTTP is not served."""
    site.show(tale.steps[0])
    server = Daemon(kedge, tale)
    at = server.options.index("--http")
    del server.options[at:at + 2]
    server.start()
    try:
        server.wait_for("serial 1")
        told = json.loads(server.ask("status", "--json").stdout)
        assert told["serial"] == 1 and told["state"] in ("idle", "running"), told
    finally:
        server.end(signal.SIGKILL)


def test_usr1_runs_now(server, site, tale):
    server.start()
    server.wait_for("serial 1")
    site.show(tale.steps[1])
    server.process.send_signal(signal.SIGUSR1)
    server.wait_for("serial 2")


def test_ends_cleanly(server):
    server.start()
    server.wait_for("serial 1")
    router = Router(server.rtr, version=2)
    router.reset()
    assert server.end() == 0
    goodbye = router.read_but_notify()
    assert (goodbye.type, goodbye.field) == (10, 12), goodbye
    assert router.read() is None


def test_final_stop_says_shutdown(server):
    server.start()
    server.wait_for("serial 1")
    router = Router(server.rtr, version=2)
    router.reset()
    assert server.ask("stop", "--final").stdout == ""
    goodbye = router.read_but_notify()
    assert (goodbye.type, goodbye.field) == (10, 13), goodbye
    assert server.process.wait(timeout=30) == 0


def test_engine_killed(server, site, tale, tmp_path):
    """The server serves on and has another engine do the work."""
    stand_in = tmp_path / "slow-rsync"
    stand_in.write_text("#!/bin/sh\nsleep 600\n")
    stand_in.chmod(0o755)
    server.start()
    server.wait_for("serial 1")
    server.end()
    hung = Daemon(server.kedge, tale, "--rsync-command", stand_in, "--disable-rrdp",
                  "--fresh", "--patience", "600")
    hung.state = server.state
    hung.start()
    try:
        engine = until(hung.engine, "an engine")
        # What it waits for is told one by one.
        until(lambda: re.search(r"^fetching +rsync://\S+ certificate for \d+ s$",
                                hung.ask("status").stdout, re.M), "the fetch")
        run = json.loads(hung.get("/api/v1/status")[1])["run"]
        assert run["fetching"] >= 1, run
        fetch = run["fetches"][0]
        assert fetch["uri"].startswith("rsync://") and fetch["since"].endswith("Z")
        assert (fetch["transport"], fetch["state"]) == ("rsync", "certificate")
        os.kill(engine, signal.SIGKILL)
        hung.wait_for("run failed")
        hung.wait_for("died of signal 9")
        assert "serving-stale" in hung.ask("status").stdout
        assert hung.get("/readyz")[0] == 200
        # Who asks while the next one is at it is told why the last one failed,
        # and spoils nothing of why the next one does.
        hung.ask("run")
        engine = until(hung.engine, "another engine")
        said = hung.ask("status").stdout
        assert "died of signal 9" in said
        assert re.search(r"^run +for \d+ s: 0 of \d+ repositories", said, re.M), said
        os.kill(engine, signal.SIGKILL)
        hung.wait_for("run failed", times=2)
        hung.wait_for("died of signal 9", times=2)
        assert hung.end() == 0
    finally:
        hung.end(signal.SIGKILL)


def test_engine_goes_with_the_server(server, tale, tmp_path):
    """Nothing outlives a server that was killed."""
    stand_in = tmp_path / "slow-rsync"
    stand_in.write_text("#!/bin/sh\nsleep 600\n")
    stand_in.chmod(0o755)
    server.start("--rsync-command", stand_in, "--disable-rrdp")
    engine = until(server.engine, "an engine")
    server.end(signal.SIGKILL)

    def gone():
        try:
            os.kill(engine, 0)
        except ProcessLookupError:
            return True
        return False
    until(gone, "the engine's end")


def test_reload(server, tmp_path, kedge, tale):
    config = tmp_path / "kedge.conf"
    config.write_text("refresh = 600\n")
    server.start("--config", config)
    server.wait_for("serial 1")
    slurm = tmp_path / "local.json"
    slurm.write_text('{"slurmVersion": 1, "validationOutputFilters": '
                     '{"prefixFilters": [], "bgpsecFilters": []}, '
                     '"locallyAddedAssertions": {"prefixAssertions": '
                     '[{"asn": 64511, "prefix": "192.0.2.0/24"}], '
                     '"bgpsecAssertions": []}}')
    config.write_text(f"refresh = 600\nexceptions = {slurm}\n")
    server.ask("reload")
    server.wait_for("serial 2")
    router = Router(server.rtr)
    router.reset()
    assert ("AS64511", "192.0.2.0/24", "24") in router.vrps
    # What is not good is refused as a whole, with the place.
    slurm.write_text("{")
    done = server.ask("reload", check=False)
    assert done.returncode == 1 and str(slurm) in done.stderr, done.stderr
    config.write_text("refersh = 600\n")
    done = server.ask("reload", check=False)
    assert done.returncode == 1 and "refresh" in done.stderr, done.stderr
    locator = tmp_path / "other.tal"
    locator.write_text("rsync://r.example/ta.cer\nAAAA\n")
    config.write_text(f"refresh = 600\ntal = {locator}\n")
    done = server.ask("reload", check=False)
    assert done.returncode == 1, done.stderr
    assert f"{locator}:2: tal-blank: " in done.stderr, done.stderr
    router.refresh()
    assert ("AS64511", "192.0.2.0/24", "24") in router.vrps
    until(lambda: "idle" in server.ask("status").stdout, "rest")


def test_reload_keeps_nobody_waiting(server, tmp_path):
    """However long it takes to read what is to be taken."""
    rules = json.dumps({
        "slurmVersion": 1,
        "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
        "locallyAddedAssertions": {"bgpsecAssertions": [], "prefixAssertions": [
            {"asn": 64511, "prefix": "192.0.2.0/24"}]}})
    slurm = tmp_path / "local.json"
    slurm.write_text(rules.replace("64511", "64510"))
    server.start("--exceptions", slurm)
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    slurm.unlink()
    os.mkfifo(slurm)
    with open(os.open(slurm, os.O_RDWR), "w", encoding="ascii") as held:
        asked = subprocess.Popen([server.kedge.program, "reload", "--state-dir",
                                  server.state], stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)
        assert server.get("/healthz") == (200, "ok\n")
        assert asked.poll() is None
        held.write(rules)
    assert asked.communicate()[1] == "" and asked.returncode == 0
    server.wait_for("serial 2")
    assert "AS64511,192.0.2.0/24" in server.get("/csv")[1]


@pytest.mark.parametrize("reader", ["absent", "asleep"])
def test_output_to_a_pipe_nobody_reads(server, tmp_path, reader):
    """It keeps neither a reload nor the end waiting."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = [os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)] if reader == "asleep" else []
    if held:
        fcntl.fcntl(held[0], fcntl.F_SETPIPE_SZ, 4096)
    slurm = tmp_path / "local.json"
    slurm.write_text(json.dumps({
        "slurmVersion": 1,
        "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
        "locallyAddedAssertions": {"bgpsecAssertions": [], "prefixAssertions": [
            {"asn": 64511 + i, "prefix": "192.0.2.0/24"} for i in range(4000)]}}))
    try:
        server.start("--output", f"json={pipe}", "--exceptions", slurm)
        server.wait_for("serial 1")
        server.ask("reload")
        until(lambda: server.said().count("settings taken") == 1, "the reload")
        assert server.end() == 0
    finally:
        for fd in held:
            os.close(fd)


@pytest.mark.parametrize("option", ["output", "exceptions"])
def test_reload_of_what_is_out_of_reach(server, tmp_path, option):
    """What the sandbox would deny later is refused now, with what to do."""
    config = tmp_path / "kedge.conf"
    config.write_text("refresh = 600\n")
    server.start("--config", config)
    server.wait_for("serial 1")
    if "NOT Landlock for files" in server.ask("status").stdout:
        pytest.skip("no Landlock here")
    # Beside what it was started with: its own folder would be within reach.
    new = pathlib.Path(tempfile.mkdtemp(dir=tmp_path.parent))
    slurm = new / "local.json"
    slurm.write_text('{"slurmVersion": 1, "validationOutputFilters": '
                     '{"prefixFilters": [], "bgpsecFilters": []}, '
                     '"locallyAddedAssertions": {"prefixAssertions": [], '
                     '"bgpsecAssertions": []}}')
    value = f"csv={new}/out.csv" if option == "output" else slurm
    config.write_text(f"refresh = 600\n{option} = {value}\n")
    done = server.ask("reload", check=False)
    assert done.returncode == 1, done
    assert f"--{option} {value}: " in done.stderr and "restart kedge" in done.stderr
    server.wait_for("reload refused: --" + option)
    assert {path.name for path in new.iterdir()} == {"local.json"}
    # And after a restart it is taken, and at later reloads as well. What
    # somebody who was killed left beside it goes.
    left = new / ".out.csv.0123456789abcdef"
    left.touch()
    server.end()
    server.start("--config", config)
    until(lambda: "idle" in server.ask("status", check=False).stdout, "rest")
    if option == "output":
        assert (new / "out.csv").exists() and not left.exists()
    server.ask("reload")
    server.wait_for("settings taken")
    server.end()
    shutil.rmtree(new)


def test_engine_that_cannot_be_loaded(server, tmp_path):
    """What the loader says of it is told."""
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\necho 'kedge-engine: libx.so.9: no such file' >&2\n"
                      "exit 127\n")
    engine.chmod(0o755)
    server.start(env={"KEDGE_ENGINE_PATH": str(engine)})
    server.wait_for("run failed: the engine ended with 127: "
                    "kedge-engine: libx.so.9: no such file")


def test_nobody_reads_what_engines_say(server, tmp_path):
    """Whoever read the standard error has left: that is no reason to end."""
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\necho 'last words' >&2\nexit 3\n")
    engine.chmod(0o755)
    ours, theirs = os.pipe()
    log = tmp_path / "kedge.log"
    process = subprocess.Popen(
        [server.kedge.program, "server", *server.options, "--logfile", log], stderr=theirs,
        env={**os.environ, "KEDGE_ENGINE_PATH": str(engine)})
    os.close(ours)
    os.close(theirs)
    try:
        for times in 1, 2:
            until(lambda: log.exists() and log.read_text().count(
                "run failed: the engine ended with 3: last words") >= times, "its end")
            server.ask("run", check=False)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_says_that_it_runs(server):
    def first_lines(start):
        return [line for line in server.said()[start:].splitlines() if "listening on" in line]
    server.start()
    line, = until(lambda: first_lines(0), "the line")
    assert f"rtr 127.0.0.1:{server.rtr}, http 127.0.0.1:{server.http}; there is no set" in line
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    server.end()
    before = len(server.said())
    server.start()
    line, = until(lambda: first_lines(before), "the line")
    assert "serving serial 1, 4 VRPs as kept" in line


def timing(pdus):
    """Refresh, retry and expire in an End of Data of version 1."""
    return struct.unpack(">III", pdus[-1].body[4:16])


def test_reload_takes_terms(server, tmp_path):
    """Timers, versions, ceilings and how much is logged, for who comes next and
    for who is there, without a cut."""
    config = tmp_path / "kedge.conf"
    config.write_text("refresh = 600\n")
    server.start("--config", config)
    server.wait_for("serial 1")
    old = Router(server.rtr, version=1)
    assert timing(old.reset()) == (600, 600, 7200)
    assert 'addr="' not in server.get("/metrics")[1]
    config.write_text("refresh = 700\nretry = 300\nexpire = 3000\n"
                      "rtr-max-version = 1\nrtr-max-clients = 2\n"
                      "http-max-bulk = 1000\nhttp-max-request = 1000\n"
                      "http-max-body = 2000\nrtr-client-metrics = yes\n"
                      "history = 0\nlog-level = debug\n")
    server.ask("reload")
    server.wait_for("settings taken")
    assert timing(old.reset()) == (700, 300, 3000)
    other = Router(server.rtr, version=2)
    other.ask_reset()
    refused = other.answer()[-1]
    assert (refused.type, refused.field, refused.version) == (ERROR, 4, 1)
    assert Router(server.rtr).read() is None
    many = json.dumps({"routes": [{"asn": "AS1", "prefix": "10.0.0.0/8"}] * 100})
    assert server.get("/validity", many.encode())[0] == 413
    assert server.get("/status?" + "x" * 1000)[0] == 431
    asking = http.client.HTTPConnection("127.0.0.1", server.http, timeout=60)
    for length, status in (2000, 200), (2001, 413):
        asking.request("GET", "/status", b"x" * length)
        answer = asking.getresponse()
        assert answer.status == status and answer.read()
    assert 'addr="' in server.get("/metrics")[1]
    server.wait_for("service: ")


def test_reload_of_what_a_start_takes(server, tmp_path):
    config = tmp_path / "kedge.conf"
    config.write_text("refresh = 600\n")
    server.start("--config", config)
    server.wait_for("serial 1")
    config.write_text("refresh = 600\njournal-size = 1M\n")
    done = server.ask("reload", check=False)
    assert done.returncode == 1 and "journal-size" in done.stderr, done.stderr
    assert "restart kedge" in done.stderr
    server.wait_for("reload refused: journal-size")


def in_browser(url, folder):
    """What a page has become once its scripts have run."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium")
    return subprocess.run(
        [program, "--headless=new", "--no-sandbox", "--disable-gpu",
         f"--user-data-dir={folder}/browser", "--virtual-time-budget=3000",
         "--dump-dom", url],
        capture_output=True, text=True, timeout=120, check=True).stdout


def test_explain_tells_of_points_that_failed(kedge, forge, site, tmp_path):
    """A route is not called unheard of where a point gave nothing."""
    story = tmp_path / "one.scn"
    story.write_text("anchor alpha 10.0.0.0/8 AS64496-64511\n"
                     "ca alpha/one 10.1.0.0/16 AS64496\n"
                     "roa alpha/one/a AS64496 10.1.0.0/24\n")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    tale = forge.play(story, tmp_path / "tale", site, "--at", at)
    roa, = (tale.folder / "step-1").rglob("a.roa")
    octets = bytearray(roa.read_bytes())
    octets[len(octets) // 2] ^= 1
    roa.write_bytes(octets)
    site.show(tale.steps[0])
    server = Daemon(kedge, tale, "--disable-rrdp").start()
    try:
        server.wait_for("serial 1")
        said = server.ask("explain", "10.1.0.0/24", "AS64496").stdout
        assert "is not-found" in said
        assert re.search(r"the point rsync://\S+, whose certificate covers 10.1.0.0/16, "
                         r"of trust anchor alpha, failed: nothing was taken from it\n"
                         r" +manifest-file-hash \(RFC 9286[^)]*\).*\n +object rsync://\S+/a.roa\n",
                         said), said
        answer = json.loads(server.get(
            "/api/v1/explain?prefix=10.1.0.0/24&asn=AS64496")[1])
        assert answer["pointsWithoutPayload"] == 1
        point, = answer["points"]
        assert (point["covers"], point["state"], point["ta"]) == (
            "10.1.0.0/16", "rejected", "alpha")
        assert point["findings"][0]["label"] == "manifest-file-hash"
        assert answer["findings"] == []  # told there
        assert "manifest-file-hash" in in_browser(
            f"http://127.0.0.1:{server.http}/?prefix=10.1.0.0/24&asn=AS64496",
            tmp_path)
        # It is not blamed for what it could not have said.
        said = server.ask("explain", "10.0.0.0/8", "AS64496").stdout
        assert "1 publication points that gave nothing none has a certificate" in said, said
        said = server.ask("status").stdout
        assert "alpha: good, 0 VRPs, 1 points, 1 rejected\n" in said, said
        assert "found         1 manifest-file-hash: " in said, said
    finally:
        server.end(signal.SIGKILL)


def test_explain_tells_of_last_good_versions(kedge, forge, site, tmp_path):
    """Also where a route is valid: it may be so by what is published no more."""
    story = tmp_path / "one.scn"
    story.write_text("anchor alpha 10.0.0.0/8 AS64496-64511\n"
                     "ca alpha/one 10.1.0.0/16 AS64496\n"
                     "roa alpha/one/a AS64496 10.1.0.0/24\n"
                     "ca alpha/two 10.2.0.0/16 AS64497\n"
                     "roa alpha/two/a AS64497 10.2.0.0/24\n"
                     "step\n"
                     "roa alpha/one/b AS64496 10.1.1.0/24\n"
                     "hide alpha/one/b.roa\n")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    tale = forge.play(story, tmp_path / "tale", site, "--at", at)
    site.show(tale.steps[0])
    server = Daemon(kedge, tale, "--log-repository-issues").start()
    fails = (r"may be outdated: the point rsync://\S+/one.mft, whose certificate covers "
             r"10.1.0.0/16, of trust anchor alpha, failed: its last good version stands "
             r"in \(RFC 9286 6.6\)\n +manifest-file-missing \(RFC 9286[^)]*\).*\n"
             r" +object rsync://\S+/b.roa\n")
    try:
        server.wait_for("serial 1")
        said = server.ask("explain", "10.1.0.0/24", "AS64496").stdout
        assert "is valid" in said and "last good" not in said, said
        site.show(tale.steps[1])
        server.ask("run")
        server.wait_for("manifest-file-missing")
        said = server.ask("explain", "10.1.0.0/24", "AS64496").stdout
        assert "is valid" in said and re.search(fails, said), said
        assert ("    its publication point failed: the last good version stands in "
                "(RFC 9286 6.6)\n") in said, said
        assert re.search("alpha: good, 2 VRPs, 3 points, 0 rejected, "
                         "1 by the last good version\n", server.ask("status").stdout)
        said = server.ask("explain", "10.1.1.0/24", "AS64496").stdout
        assert "is not-found" in said and re.search(fails, said), said
        said = server.ask("explain", "10.2.0.0/24", "AS64497").stdout
        assert "is valid" in said and "last good" not in said, said
        lost = server.ask("explain", re.search(r"rsync://\S+/b.roa",
                                               server.said()).group()).stdout
        assert re.search(r"below manifest \S+/one.mft, whose last good version "
                         r"stands in \(RFC 9286 6.6\)\n", lost), lost
    finally:
        server.end(signal.SIGKILL)


def test_out_of_descriptors(server, site, tale):
    """Those who are here are served on, and a run that could not begin is tried
    again."""
    server.start()
    server.wait_for("serial 1")
    until(lambda: "idle" in server.ask("status").stdout, "rest")
    router = Router(server.rtr)
    router.reset()
    folder = f"/proc/{server.process.pid}/fd"
    most = max(int(fd) for fd in os.listdir(folder)) + 8
    old = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (most, old[1]))
    held = [socket.create_connection(("127.0.0.1", port))
            for _ in range(most) for port in (server.rtr, server.http)]
    server.wait_for("rtr: cannot accept a connection: Too many open files")
    server.wait_for("http: cannot accept a connection: Too many open files")
    site.show(tale.steps[1])
    server.process.send_signal(signal.SIGUSR1)
    server.wait_for("run failed: too many open files")
    assert router.refresh()[-1].serial == 1
    with socket.socket(socket.AF_UNIX) as asker:
        asker.connect(str(server.state / "control"))
        asker.sendall(b"status\n")
        server.wait_for("control: cannot accept a connection: Too many open files")
        for one in held:
            one.close()
        asker.settimeout(60)
        assert asker.recv(3) == b"ok\n"
    server.wait_for("serial 2")
    router.refresh()
    assert router.vrps == truth(tale.steps[1])
    assert server.said().count("accept") == 3, server.said()[-2000:]


def test_many_exceptions_are_few_lines(server, tmp_path):
    slurm = tmp_path / "many.json"
    slurm.write_text(json.dumps({
        "slurmVersion": 1,
        "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
        "locallyAddedAssertions": {"bgpsecAssertions": [], "prefixAssertions": [
            {"asn": 64511, "prefix": f"198.51.{n}.0/24"} for n in range(101)]}}))
    server.start("--exceptions", slurm)
    server.wait_for("101 local exceptions, 0 of them to no effect")
    assert "prefixAssertions" not in server.said()


def test_http_tells_what_routers_hold(server, tale):
    server.start()
    server.wait_for("serial 1")
    status, body = server.get("/csv")
    assert status == 200
    held = {tuple(row.split(",")[:3]) for row in body.splitlines()[1:]}
    assert held == truth(tale.steps[0])
    assert server.get("/readyz")[0] == 200
    assert server.get("/nothing")[0] == 404


def test_changes_over_http(server, site, tale):
    server.start()
    server.wait_for("serial 1")
    site.show(tale.steps[1])
    server.ask("run")
    server.wait_for("serial 2")

    def told():
        status, body = server.get("/api/v1/changes?since=1")
        assert status == 200, body
        return "10.1.2.0/24" in body and body
    answer = json.loads(until(told, "the change"))
    assert isinstance(answer, dict), answer


def test_bad_tal_is_refused(server, tmp_path):
    """As any wrong file, at the start; there is nothing yet to serve on."""
    (tmp_path / "bad.tal").write_text("http://r.example/ta.cer\n\nAAAA\n")
    server.start("--tal", tmp_path / "bad.tal")
    assert server.process.wait(timeout=60) == 1
    assert f"{tmp_path}/bad.tal:1: tal-uri: " in server.said()
    # What only an engine can tell.
    (tmp_path / "bad.tal").write_text("rsync://r.example/m/ta.cer\n\nAAAA\n")
    server.start("--tal", tmp_path / "bad.tal")
    assert server.process.wait(timeout=60) == 1
    assert f"{tmp_path}/bad.tal:3: tal-key: " in server.said()


def test_second_server_is_refused(server, kedge, tale):
    server.start()
    server.wait_for("serial 1")
    second = Daemon(kedge, tale)
    second.state = server.state
    second.log = server.folder / "second.log"
    second.start()
    assert second.process.wait(timeout=30) == 1
    assert "kedge stop" in second.said()


def test_no_server(kedge, tmp_path):
    done = kedge.run("status", "--state-dir", tmp_path / "none", check=False)
    assert done.returncode == 1
    assert "no server is running" in done.stderr


def test_port_in_use(server, kedge, tale):
    server.start()
    server.wait_for("serial 1")
    second = Daemon(kedge, tale)
    second.state = server.folder / "other-state"
    second.options[second.options.index("--state-dir") + 1] = str(second.state)
    second.options[second.options.index("--rtr") + 1] = f"127.0.0.1:{server.rtr}"
    second.log = server.folder / "second.log"
    second.start()
    assert second.process.wait(timeout=30) == 1
    assert str(server.rtr) in second.said()


def test_explain(server, tale, site):
    server.start()
    server.wait_for("serial 1")
    said = server.ask("explain", "10.1.0.0/24", "AS64496").stdout
    assert "is valid" in said and "alpha/one/a.roa" in said, said
    assert "came (+)" not in said
    said = server.ask("explain", "10.1.0.0/24", "AS64511").stdout
    assert "is invalid" in said and "(for another AS)" in said, said
    said = server.ask("explain", "192.0.2.0/24").stdout
    assert "nothing in the set" in said, said
    assert "\ntrust anchors in use: alpha" in said, said
    # An address with a length asks for the prefix around it.
    assert server.ask("explain", "192.0.2.1/24").stdout == said
    for wrong, hint in (("192.0.2.0/33", "a prefix like"),
                        ("AS64496", "an AS number stands behind one")):
        done = server.ask("explain", wrong, check=False)
        assert done.returncode == 1 and hint in done.stderr, done.stderr
    answer = json.loads(server.ask("explain", "-j", "10.1.0.0/24", "AS64496").stdout)
    assert answer["state"] == "valid"
    # Where nothing is wrong any more, the journal may know.
    site.show(tale.steps[1])
    server.ask("run")
    server.wait_for("serial 2")
    gone = r"came \(\+\) and went \(-\) last:\n\S+Z serial 2 - 10.2.0.0/24-24 AS64497: " \
           r"object-gone (rsync://\S+/two/a.roa)\n$"
    said = until(lambda: re.search(gone, server.ask(
        "explain", "10.2.0.0/25", "AS64497").stdout), "a line of the journal")
    assert re.search(gone, server.ask("explain", said[1]).stdout)
    assert "came" not in server.ask("explain", "10.3.0.0/16").stdout
