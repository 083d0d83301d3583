#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`kedge server` under load, beside a limit or a peer in the same run.

    KEDGE_BUILD=build KEDGE_PREFIX=prefix python3 tests/bench/serve.py WHAT...

WHAT is reset, peer, delta, block, restart, memory, http, growth or all. The server restores
VRPS (1000000; growth: a sixteenth and a quarter too) VRPs and ten deltas of 1,000 changes that make_state wrote;
CLIENTS (1000) routers are tests/bench/load. Medians of RUNS (5), the spread
in brackets. Everything is on loopback.
"""
import base64
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BUILD = pathlib.Path(os.environ["KEDGE_BUILD"])
PREFIX = pathlib.Path(os.environ["KEDGE_PREFIX"])
VRPS, CLIENTS = os.environ.get("VRPS", "1000000"), os.environ.get("CLIENTS", "1000")
RUNS = int(os.environ.get("RUNS", "5"))
TOOLS = BUILD / "tests/bench"
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
CHANGES = 1000
FEW = 20  # routers for a peer that has a copy of everything for each


def spread(samples, digits=2):
    return (f"{statistics.median(samples):.{digits}f} "
            f"({min(samples):.{digits}f} to {max(samples):.{digits}f})")


def say(*words):
    print(*words, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("it did not come about")
        time.sleep(0.005)


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def memory(process):
    """kB resident now and at most; private and of files."""
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return {name: int(re.search(rf"^{name}:\s+(\d+)", text, re.M)[1])
            for name in ("VmRSS", "VmHWM", "RssAnon", "RssShmem", "VmSwap")}


def loop_cpu(process):
    """ms of CPU that the thread of the event loop has taken."""
    stat = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/schedstat").read_text()
    return int(stat.split()[0]) / 1e6


def told(memory_of):
    return (f"{memory_of['VmRSS'] / 1024:.0f} MB resident, "
            f"{memory_of['VmHWM'] / 1024:.0f} MB at most")


def load(*words):
    return subprocess.run([TOOLS / "load", *map(str, words)], check=True,
                          capture_output=True, text=True).stdout.split()


class Scene:
    """A folder, a state that was kept, a trust anchor that cannot be reached."""

    def __init__(self, top, vrps=VRPS):
        self.top = top
        top.mkdir(exist_ok=True)
        (top / "tals").mkdir()
        key = subprocess.run(["openssl", "genrsa", "2048"], check=True,
                             capture_output=True).stdout
        spki = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=key,
                              check=True, capture_output=True).stdout
        (top / "tals/alpha.tal").write_text(
            f"https://localhost:{free_port()}/ta.cer\n\n{base64.encodebytes(spki).decode()}")
        (top / "made").mkdir()
        subprocess.run([TOOLS / "make_state", top / "made", str(vrps), "10", str(CHANGES)],
                       check=True, stdout=subprocess.DEVNULL)

    def exceptions(self, number):
        """A thousand changes: local assertions, others for each number."""
        path = self.top / "slurm.json"
        rows = [] if number == 0 else [
            {"asn": 64496, "prefix": f"192.{i // 250}.{i % 250}.{number}/32"}
            for i in range(CHANGES)]
        path.with_suffix(".new").write_text(json.dumps({
            "slurmVersion": 1,
            "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
            "locallyAddedAssertions": {"prefixAssertions": rows, "bgpsecAssertions": []}}))
        path.with_suffix(".new").rename(path)
        return path


class Server:
    def __init__(self, scene, *extra, state=None):
        self.state = state or pathlib.Path(tempfile.mkdtemp(dir=scene.top))
        if state is None:
            shutil.copy(scene.top / "made/state", self.state)
        self.rtr, self.http = free_port(), free_port()
        self.log = scene.top / "server.log"
        (scene.top / "cache").mkdir(exist_ok=True)
        self.started = time.monotonic()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [PREFIX / "bin/kedge", "server", "--no-rir-tals",
                 "--extra-tals-dir", scene.top / "tals", "--allow-dubious-hosts",
                 "--repository-dir", scene.top / "cache", "--state-dir", self.state,
                 "--rtr", f"127.0.0.1:{self.rtr}", "--http", f"127.0.0.1:{self.http}",
                 "--rtr-max-clients-per-address", "20000", "-v", *extra],
                stdout=log, stderr=log)

    def __enter__(self):
        until(lambda: listens(self.rtr))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def get(self, path, gzip=False):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}")
        if gzip:
            request.add_header("Accept-Encoding", "gzip")
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.read()

    def metric(self, name):
        text = self.get("/metrics").decode()
        return float(re.search(rf"^kedge_{name}(?:{{.*}})? (\S+)", text, re.M)[1])

    def reload(self):
        """Returns once there is a new serial."""
        before = self.said("serial ")
        self.process.send_signal(1)
        until(lambda: self.said("serial ") > before)

    def said(self, text):
        return self.log.read_text().count(text)

    def settle(self):
        """The first try to reach the anchor is over; answers are made."""
        until(lambda: self.said("run failed") > 0)
        self.get("/status")


def reset(scene):
    """CLIENTS routers ask for everything at once."""
    say(f"{CLIENTS} routers reset at once, version 1:")
    with Server(scene) as server:
        server.settle()
        session, serial, octets, pdus, *_ = load("probe", server.rtr, 1)
        blob = scene.top / "blob"
        blob.write_bytes(os.urandom(int(octets)))
        plain = subprocess.Popen([TOOLS / "load", "sendfile", blob],
                                 stdout=subprocess.PIPE, text=True)
        port = int(plain.stdout.readline())
        ours, theirs = [], []
        before = memory(server.process)
        for _ in range(RUNS):
            theirs.append(float(load("reset", port, 1, CLIENTS, octets)[0]))
            ours.append(float(load("reset", server.rtr, 1, CLIENTS, octets)[0]))
        plain.kill()
        plain.wait()
        say(f"  an answer: {octets} octets, {pdus} PDUs")
        whole = int(octets) * int(CLIENTS) / 1e6
        say("  sendfile, MB/s:", spread([whole / t for t in theirs], 0))
        say("  kedge,    MB/s:", spread([whole / t for t in ours], 0))
        say("  of sendfile:   ", spread([b / a for a, b in zip(ours, theirs)]))
        say("  kedge before:", told(before))
        say("  kedge after: ", told(memory(server.process)))
        say("  longest the loop was away, ms:",
            1000 * server.metric("event_loop_longest_seconds"))


def peer(scene):
    """A few routers ask StayRTR for everything, and then kedge."""
    with Server(scene) as server:
        server.settle()
        stayrtr_reset(scene, server, int(load("probe", server.rtr, 1)[2]))


def stayrtr(scene, server):
    if shutil.which("stayrtr", path=PATH) is None:
        sys.exit("no stayrtr")
    path = scene.top / "vrps.json"
    path.write_bytes(server.get("/json"))
    port = free_port()
    process = subprocess.Popen(
        ["stayrtr", "-bind", f"127.0.0.1:{port}", "-cache", path, "-checktime=false",
         "-metrics.addr", f"127.0.0.1:{free_port()}", "-protocol", "1", "-refresh", "3600"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: listens(port))
    return process, port


def stayrtr_reset(scene, server, octets):
    process, port = stayrtr(scene, server)
    try:
        def ready():
            done = subprocess.run([TOOLS / "load", "probe", str(port), "1"],
                                  capture_output=True, text=True)
            return done.returncode == 0 and int(done.stdout.split()[2]) > 1000
        until(ready)
        mine = int(load("probe", port, 1)[2])
        ours = float(load("reset", server.rtr, 1, FEW, octets)[0])
        theirs = float(load("reset", port, 1, FEW, mine)[0])
        say(f"  {FEW} routers, one run each: kedge {octets * FEW / ours / 1e6:.0f} MB/s, "
            f"StayRTR {mine * FEW / theirs / 1e6:.0f} MB/s")
        say("  StayRTR:", told(memory(process)))
    finally:
        process.kill()
        process.wait()


def delta(scene):
    """CLIENTS routers that hold the present serial get a thousand changes."""
    say(f"{CLIENTS} routers, {CHANGES} changes each, ms after the first Serial Notify:")
    mids, lasts, cpu, theirs = [], [], [], []
    for run in range(RUNS):
        path = scene.exceptions(0)
        with Server(scene, "--exceptions", path) as server:
            server.settle()
            session, serial, *_ = load("probe", server.rtr, 1)
            clients = subprocess.Popen(
                [TOOLS / "load", "delta", str(server.rtr), "1", CLIENTS, session, serial],
                stdout=subprocess.PIPE, text=True)
            clients.stdout.readline()
            scene.exceptions(run + 1)
            before = loop_cpu(server.process)
            server.reload()
            mid, last, octets, own = clients.stdout.readline().split()
            clients.wait()
            cpu.append(loop_cpu(server.process) - before)
            mids.append(float(mid))
            lasts.append(float(last))
            theirs.append(float(own))
    say(f"  octets for each: {octets}")
    say("  the middle one:", spread(mids, 0))
    say("  the last one:  ", spread(lasts, 0))
    say("  CPU of the event loop, from the reload on:", spread(cpu, 0))
    say("  CPU of the routers:", spread(theirs, 0))


def block(scene):
    """How long the event loop is away while a changed set is published."""
    say("request for /healthz each ms, while sets change and are asked for anew:")
    path = scene.exceptions(0)
    with Server(scene, "--exceptions", path) as server:
        server.settle()
        for what, change in (("at rest", False), ("publishing", True)):
            pinging = subprocess.Popen([TOOLS / "load", "ping", str(server.http)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            pinging.stdout.readline()
            if change:
                for run in range(RUNS):
                    scene.exceptions(run + 1)
                    server.reload()
                    for version in (0, 1, 2):
                        load("probe", server.rtr, version)
                    server.get("/json")
            else:
                time.sleep(RUNS)
            out, _ = pinging.communicate()
            count, mid, high, most = out.split()
            say(f"  {what}: {count} requests; ms: middle {mid}, p99 {high}, longest {most}")
        say("  longest the loop was away, ms:",
            1000 * server.metric("event_loop_longest_seconds"))


def restart(scene):
    """From exec to the first octets of a full answer."""
    say("restart, ms from exec:")
    first, whole = [], []
    with Server(scene) as server:
        server.settle()
        state = server.state
    for _ in range(RUNS):
        with Server(scene, state=state) as server:
            before = time.monotonic()
            answer = load("probe", server.rtr, 1)
            first.append(1000 * (before - server.started + float(answer[4])))
            whole.append(1000 * (before - server.started + float(answer[5])))
    say("  first octets of the full answer:", spread(first, 0))
    say("  the whole of it:                ", spread(whole, 0))


def hold(server, count):
    """Routers that have the serial and wait."""
    session, serial, *_ = load("probe", server.rtr, 1)
    clients = subprocess.Popen(
        [TOOLS / "load", "delta", str(server.rtr), "1", str(count), session, serial],
        stdout=subprocess.PIPE, text=True)
    clients.stdout.readline()
    return clients


def steady(scene):
    """What a server at rest holds."""
    say("memory:")
    path = scene.exceptions(0)
    with Server(scene, "--exceptions", path) as server:
        server.settle()
        time.sleep(6)
        say("  at rest after a restart:", told(memory(server.process)))
        load("probe", server.rtr, 1)
        say("  a router had everything:", told(memory(server.process)))
        idle = memory(server.process)["VmRSS"]
        clients = hold(server, CLIENTS)
        each = (memory(server.process)["VmRSS"] - idle) / int(CLIENTS)
        say(f"  with {CLIENTS} routers: {told(memory(server.process))}; "
            f"{each:.1f} kB for each")
        scene.exceptions(1)
        server.reload()
        clients.wait()
        time.sleep(6)
        say("  after a changed set:", told(memory(server.process)))
        for number in range(2, 13):
            scene.exceptions(number)
            server.reload()
        time.sleep(6)
        say("  after eleven more:", told(memory(server.process)))
        server.get("/json")
        server.get("/json", gzip=True)
        say("  after /json, plain and gzip:", told(memory(server.process)))


def wrk(url, seconds=5):
    text = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", url],
                          check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in text, text
    rate = float(re.search(r"Requests/sec:\s+(\S+)", text)[1])
    high = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", text)
    return rate, float(high[1]) * {"us": 0.001, "ms": 1, "s": 1000}[high[2]]


def nginx(scene, body):
    root = scene.top / "www"
    root.mkdir(exist_ok=True)
    (root / "answer").write_bytes(body)
    scene.top.chmod(0o755)
    port = free_port()
    (root / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {root}/pid; error_log stderr;\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; sendfile on; keepalive_requests 100000000;\n"
        f"  server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n")
    process = subprocess.Popen([shutil.which("nginx", path=PATH), "-c", root / "nginx.conf"],
                               stderr=subprocess.DEVNULL)
    until(lambda: listens(port))
    return process, port


def http(scene):
    """Validity by wrk, 64 connections, beside nginx with a file of that size."""
    say("HTTP, 64 connections, one thread of wrk:")
    with Server(scene) as server:
        server.settle()
        path = "/api/v1/validity/AS64496/10.0.0.0/24"
        body = server.get(path)
        process, port = nginx(scene, body)
        ours, theirs = [], []
        try:
            for _ in range(RUNS):
                theirs.append(wrk(f"http://127.0.0.1:{port}/answer"))
                ours.append(wrk(f"http://127.0.0.1:{server.http}{path}"))
        finally:
            process.terminate()
            process.wait()
        say(f"  an answer has {len(body)} octets")
        for name, rows in (("nginx, a file", theirs), ("kedge, validity", ours)):
            say(f"  {name}: {spread([r[0] for r in rows], 0)} a second; "
                f"p99 {spread([r[1] for r in rows])} ms")
        say("  of nginx:", spread([a[0] / b[0] for a, b in zip(ours, theirs)]))
        full(server)


def full(server):
    for gzip in (False, True):
        took = []
        for _ in range(RUNS + 1):
            start = time.monotonic()
            size = len(server.get("/json", gzip))
            took.append(1000 * (time.monotonic() - start))
        say(f"  /json{', gzip' if gzip else ''}: {size} octets; ms: "
            f"first {took[0]:.0f}, then {spread(took[1:], 0)}")


def grown(top, vrps):
    """One set of the table of growth: name and figure a row."""
    scene = Scene(top, vrps)
    path = scene.exceptions(0)
    figures = {}
    with Server(scene, "--exceptions", path) as server:
        server.settle()
        state = server.state
    firsts, loops = [], []
    for run in range(RUNS):
        with Server(scene, "--exceptions", path, state=state) as server:
            before = time.monotonic()
            answer = load("probe", server.rtr, 1)
            firsts.append(1000 * (before - server.started + float(answer[4])))
    figures["restart until a full answer begins, ms"] = statistics.median(firsts)
    with Server(scene, "--exceptions", path, state=state) as server:
        server.settle()
        time.sleep(6)
        figures["at rest, MB"] = memory(server.process)["VmRSS"] / 1024
        octets = int(load("probe", server.rtr, 1)[2])
        took = [float(load("reset", server.rtr, 1, FEW, octets)[0]) for _ in range(RUNS)]
        figures[f"{FEW} routers reset, MB/s"] = octets * FEW / 1e6 / statistics.median(took)
        for run in range(RUNS):
            before = loop_cpu(server.process)
            scene.exceptions(run + 1)
            server.reload()
            load("probe", server.rtr, 1)
            loops.append(loop_cpu(server.process) - before)
        figures[f"{CHANGES} changes, CPU of the loop, ms"] = statistics.median(loops)
        figures["at most, sets replaced and asked for without a pause, MB"] = memory(server.process)["VmHWM"] / 1024
        path = "/api/v1/validity/AS64496/10.0.0.0/24"
        server.get(path)
        figures["look-ups by wrk, a second"] = statistics.median(
            wrk(f"http://127.0.0.1:{server.http}{path}", 3)[0] for _ in range(RUNS))
    return figures


def growth(scene):
    sizes = [int(VRPS) // 16, int(VRPS) // 4, int(VRPS)]
    tables = [grown(scene.top / str(n), n) for n in sizes]
    say("| | " + " | ".join(f"{n} VRPs" for n in sizes) + " |")
    say("|---|" + "---|" * len(sizes))
    for what in tables[0]:
        say(f"| {what} | " + " | ".join(f"{t[what]:.0f}" for t in tables) + " |")


ALL = {"growth": growth, "reset": reset, "peer": peer, "delta": delta, "block": block, "restart": restart,
       "memory": steady, "http": http}


def main():
    wanted = sys.argv[1:] or sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        scene = Scene(pathlib.Path(name))
        for what in ALL if wanted == ["all"] else wanted:
            ALL[what](scene)


if __name__ == "__main__":
    main()
