#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What attacks cost: each hostile run beside the same run without the attack.

    KEDGE_BUILD=build KEDGE_PREFIX=prefix python3 tests/bench/hostile.py

A neighbour has a repository with twenty CAs; a hostile CA stands beside it. The
neighbour's server keeps it waiting, in each run a bit longer, so that it comes in
at one time or another of the attack. Told are when its repository was in, without
that wait (least and middle), how long the run took at least, the most memory that a
process of the run had, and the most disk that its cache took. All attacks have
their turn in each round, since a machine is not the same an hour later. What
attacks is served by a process that gives way to all others, so that only what kedge
has to do is told. The table is that of doc/security.md. KEDGE_ONLY has words of the
attacks that are to be made, with | between them.
"""
import base64
import hashlib
import multiprocessing
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "system"), str(SOURCE / "tests" / "system" / "lib")]

from hostile_https import Certificates, answer  # noqa: E402
from site_server import free_port  # noqa: E402
from story import Forge  # noqa: E402
from town import CHILD, Town  # noqa: E402

BUILD = pathlib.Path(os.environ["KEDGE_BUILD"])
PREFIX = pathlib.Path(os.environ["KEDGE_PREFIX"])
RUNS = int(os.environ.get("KEDGE_RUNS", "15"))
LATE = 2.0  # seconds, at most
WAIT = multiprocessing.Value("d", 0)
NICE = int(os.environ.get("KEDGE_NICE", "5"))
SLOW, HEAVY, BOMBS = 200, 60, 16
NEIGHBOUR = """\
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511 host top via both
ca alpha/good 10.2.0.0/16 AS64501 host good via rrdp
""" + "".join(f"ca alpha/good/c{n} 10.2.{n}.0/24 AS64501\n"
              + "".join(f"roa alpha/good/c{n}/r{m} AS64501 10.2.{n}.{m * 16}/28\n"
                        for m in range(10)) for n in range(20))
EVIL = "ca alpha/evil 0.0.0.0/0 AS64500 host evil via rrdp\n"
WIDE = NEIGHBOUR.replace("10.0.0.0/8", "0.0.0.0/0") + EVIL
ZERO, FLOOD = "3003030100", 20


def floods():
    for n in range(FLOOD):
        yield f"roa alpha/evil/r{n} AS64500 0.0.0.0/0\n"
        yield f"inside alpha/evil/r{n}.roa addresses many:200000:{ZERO}\n"


def tree(path, depth):
    if depth > 0:
        yield f"ca {path} 10.3.0.0/16 AS64500\n"
        yield from tree(path + "/0", depth - 1)
        yield from tree(path + "/1", depth - 1)


def silent(town):
    for n in range(SLOW):
        town.server.routes[f"s{n}/notification.xml"] = \
            lambda connection, request: time.sleep(60)


def endless(town):
    """A notification without an end, as fast as it can be taken."""
    def script(connection, request):
        connection.sendall(answer("", length=False)
                           + b"<snapshot xmlns='http://www.ripe.net/rpki/rrdp'>")
        while True:
            connection.sendall(b" " * 60000 + b"<!---->")
    town.server.routes["evil/notification.xml"] = script


FRONT = "xmlns='http://www.ripe.net/rpki/rrdp' version='1' " \
    "session_id='11111111-2222-4333-8444-555555555555' serial='1'>\n"


def offer(town, script, host="evil", digest="0" * 64):
    """A notification that leads to a snapshot like this."""
    town.server.routes[host + "/s.xml"] = script
    town.server.routes[host + "/notification.xml"] = answer(
        f"<notification {FRONT}<snapshot uri='{town.uri('s.xml', host)}' "
        f"hash='{digest}'/>\n</notification>\n")


def large(town, host, count, size):
    """A snapshot of so many objects that no manifest lists, each of its own."""
    def parts():
        tail = base64.b64encode(bytes(range(256)) * (size // 256))
        yield b"<snapshot " + FRONT.encode()
        for n in range(count):
            head = base64.b64encode(f"{host:12}{n:012}".encode())
            yield (f"<publish uri='{town.rsync}{host}/{n}.roa'>".encode() + head
                   + tail + b"</publish>\n")
        yield b"</snapshot>\n"

    def script(connection, request):
        connection.sendall(answer("", length=False))
        held = bytearray()
        for part in parts():
            held += part
            if len(held) > 1 << 20:
                connection.sendall(held)
                held.clear()
        connection.sendall(held)
    digest = hashlib.sha256()
    for part in parts():
        digest.update(part)
    offer(town, script, host, digest.hexdigest())


def heavy(town):
    for n in range(HEAVY):
        large(town, f"h{n}", 8, 1 << 20)


def bombs(town):
    packed = bomb()
    for n in range(BOMBS):
        offer(town, packed, f"b{n}")


def beside(letter, count):
    """So many CAs, each with a host of its own; and the hosts."""
    return ("".join(f"ca alpha/evil/{letter}{n} 10.3.0.0/16 AS64500 "
                    f"host {letter}{n} via rrdp\n" for n in range(count)),
            tuple(f"{letter}{n}" for n in range(count)))


def endless_snapshot(town):
    def script(connection, request):
        connection.sendall(answer("", length=False))
        while True:
            connection.sendall(bytes(1 << 20))
    offer(town, script)


def bomb():
    """Ten gigabytes of nothing in ten megabytes: one part over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    part = bytes(1 << 24)
    first, more = (packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
                   for _ in range(2))
    return answer(first + more * 639, headers=["Content-Encoding: gzip"])


def small_bomb(town):
    town.server.routes["evil/notification.xml"] = bomb()


def large_bomb(town):
    offer(town, bomb())


# name, what the story has besides, hosts, what the server does, options
ATTACKS = (
    ("none", "", (), None, ()),
    ("4,000,000 addresses in 20 ROAs", "".join(floods()), (), None, ()),
    ("2,047 CAs in a tree", "".join(tree("alpha/evil/t", 11)), (), None, ()),
    ("2,300 CAs side by side",
     "brood alpha/evil/b 2300 10.3.0.0/16 AS64500\n", (), None, ()),
    (f"{SLOW} repositories that are silent, run of at most 10 s",
     *beside("s", SLOW), silent, ("--deadline", "10")),
    ("a notification without an end", "", (), endless, ()),
    ("a snapshot without an end", "", (), endless_snapshot, ()),
    ("10 GB packed in 10 MB, as notification", "", (), small_bomb, ()),
    ("10 GB packed in 10 MB, as snapshot", "", (), large_bomb, ()),
    (f"the same, {BOMBS} times, run of at most 5 s", *beside("b", BOMBS), bombs,
     ("--deadline", "5")),
    ("500 objects of 1 MB", "", (),
     lambda town: large(town, "evil", 500, 1 << 20), ()),
    ("300,000 objects of 256 octets", "", (),
     lambda town: large(town, "evil", 300000, 256), ()),
    (f"{HEAVY} repositories of 8 MB", *beside("h", HEAVY), heavy, ()),
)


def divide(town):
    """The attack is served by a process that gives way, and what is good by
    another; who is meant stands in the first octets of TLS. Their ends."""
    ends = []
    for nice in (0, NICE):
        ends.append(begin(town.server, nice, ends))

    def pass_on(raw):
        hello = raw.recv(4096, socket.MSG_PEEK)
        evil = b"good." not in hello and b"top." not in hello
        socket.send_fds(ends[evil], [b"x"], [raw.fileno()])
        raw.close()
    town.server._serve = pass_on
    return ends


def begin(server, nice, others):
    ours, theirs = socket.socketpair()
    if os.fork() > 0:
        theirs.close()
        return ours
    for end in (ours, *others):
        end.close()
    os.nice(nice)
    while (got := socket.recv_fds(theirs, 1, 1))[0]:
        threading.Thread(target=server._serve, daemon=True, args=(
            socket.socket(fileno=got[1][0]),)).start()
    os._exit(0)


def family(pid):
    yield pid
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return
    for child in children.split():
        yield from family(int(child))


def on_disk(pid, cache):
    """What lies in the cache, and what is open there without a name."""
    seen = {}
    named = [path for path in cache.rglob("*")]
    held = [fd for one in family(pid) for fd in opened(one, cache)]
    for path in named + held:
        try:
            status = path.stat()
        except OSError:
            continue
        seen[status.st_ino] = status.st_blocks * 512
    return sum(seen.values())


def opened(pid, cache):
    try:
        for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            if os.readlink(fd).startswith(str(cache)):
                yield fd
    except OSError:
        pass


class Run:
    """One run of kedge with an empty cache; its log with times."""

    def __init__(self, town, folder, options):
        self.ready, self.disk = None, 0
        cache = folder / "cache"
        out = folder / "out.csv"
        began = time.monotonic()
        child = subprocess.Popen(
            [str(w) for w in (
                sys.executable, "-S", "-c", CHILD, folder / "memory", town.program, "--no-rir-tals", "--extra-tals-dir", town.tale.tals,
                "--repository-dir", cache, "--rrdp-root-cert",
                town.root_cert, "--allow-dubious-hosts", "--disable-rsync", "-vv",
                "vrps", "--at", town.steps[0].at, "-o", f"csv={out}", *options)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

        def listen():
            for line in child.stderr:
                if "://good." in line and "-> ready" in line:
                    self.ready = time.monotonic() - began - WAIT.value
        reader = threading.Thread(target=listen)
        reader.start()
        over = threading.Event()

        def weigh():
            while not over.wait(0.1):
                self.disk = max(self.disk, on_disk(child.pid, cache))
        weigher = threading.Thread(target=weigh)
        weigher.start()
        code = child.wait(timeout=600)
        self.seconds = time.monotonic() - began
        over.set()
        weigher.join()
        reader.join()
        self.kilobytes = int((folder / "memory").read_text())
        assert code == 0, code
        self.kept = sum(",10.2." in line for line in out.read_text().splitlines())


def keep_waiting(town):
    """The neighbour's notification comes late, the rest at once."""
    path = town.steps[0].folder / "https/good/notification.xml"

    def script(connection, request):
        time.sleep(WAIT.value)
        return answer(path.read_bytes())
    town.server.routes["good/notification.xml"] = script


class Attack:
    def __init__(self, forge, certificates, top, row):
        self.name, more, hosts, script, self.options = row
        self.top = top
        self.town = Town(forge, PREFIX / "bin" / "kedge", certificates, top,
                         free_port(), WIDE + more, ("top", "good", "evil", *hosts),
                         check=False)
        self.runs = []
        self.town.show(0)
        if script is not None:
            script(self.town)
        keep_waiting(self.town)
        self.ends = divide(self.town)

    def run(self):
        with tempfile.TemporaryDirectory(dir=self.top) as folder:
            self.runs.append(Run(self.town, pathlib.Path(folder), self.options))
        assert self.runs[-1].kept == 200, self.runs[-1].kept

    def tell(self):
        ready = [1000 * run.ready for run in self.runs]
        seconds, kilobytes = (min(getattr(run, what) for run in self.runs)
                              for what in ("seconds", "kilobytes"))
        disk = max(run.disk for run in self.runs)
        print(f"| {self.name} | {min(ready):.0f} ms | {statistics.median(ready):.0f} "
              f"ms | {seconds:.2f} s | {kilobytes / 1024:.0f} MB | "
              f"{disk / 1e6:.0f} MB |", flush=True)

    def close(self):
        for end in self.ends:
            end.close()
        self.town.close()


def main():
    forge = Forge(BUILD / "tests/forge/kedge-forge", SOURCE / "fixtures/keys/primes.hex")
    only = os.environ.get("KEDGE_ONLY", "").split("|")
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        (top / "tls").mkdir()
        certificates = Certificates(top / "tls")
        attacks = [Attack(forge, certificates, top / str(n), row)
                   for n, row in enumerate(ATTACKS)
                   if any(word in row[0] for word in only)]
        for n in range(RUNS):
            WAIT.value = LATE * n / RUNS
            for attack in attacks:
                attack.run()
        print("| attack | neighbour in after, least | middle | run | most memory | "
              "most disk |\n|---|---|---|---|---|---|")
        for attack in attacks:
            attack.tell()
            attack.close()


if __name__ == "__main__":
    main()
