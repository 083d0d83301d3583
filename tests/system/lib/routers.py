# SPDX-License-Identifier: BSD-2-Clause
"""Real routers and RTR clients, each with a folder and sockets of its own.

Every one offers table(): the VRPs it holds as (ASN, prefix, maxlen). Nothing
here listens on anything but sockets in the file system and the loopback.
"""
import csv
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import time

from daemon import PATIENCE, free_port

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
# Two programs of one name: FRR's, and OpenBGPD's in the path.
FRR_BGPD = "/usr/lib/frr/bgpd"


def program(name):
    """Where it is, or None."""
    return shutil.which(name, path=PATH)


class Process:
    """A program that runs until end(); what it said is in its folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None

    def run(self, *words, **more):
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen([str(w) for w in words], stdout=said,
                                            stderr=said, cwd=self.folder, **more)
        return self

    def said(self):
        return (self.folder / "said").read_text(errors="replace")

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=PATIENCE)


class Bird(Process):
    """BIRD 2 with nothing but its rpki protocol."""

    def __init__(self, folder, port, transport="", extra=""):
        super().__init__(folder)
        self.socket = self.folder / "bird.ctl"
        (self.folder / "bird.conf").write_text(f"""
log "{self.folder}/log" all;
router id 192.0.2.1;
roa4 table r4;
roa6 table r6;
protocol device {{ }}
protocol rpki cache {{
    roa4 {{ table r4; }};
    roa6 {{ table r6; }};
    remote 127.0.0.1 port {port};
    retry 1;
    {extra}
    {transport}
}}
""")
        self.run(program("bird"), "-f", "-c", self.folder / "bird.conf", "-s", self.socket,
                 "-P", self.folder / "bird.pid")

    def ask(self, *words):
        return subprocess.run([program("birdc"), "-s", str(self.socket), *words],
                              capture_output=True, text=True, timeout=PATIENCE).stdout

    def table(self):
        found = set()
        for name in "r4", "r6":
            for line in self.ask("show", "route", "table", name).splitlines():
                m = re.match(r"(\S+/\d+)-(\d+)\s+AS(\d+)\s", line)
                if m:
                    found.add((f"AS{m[3]}", m[1], m[2]))
        return found


class RtrClient(Process):
    """rtrlib's rtrclient, following what changes."""

    LINE = re.compile(r"([+-])\s+(\S+)\s+(\d+)\s+-\s+(\d+)\s+(\d+)")

    def __init__(self, folder, *where):
        super().__init__(folder)
        self.run(program("stdbuf"), "-oL", program("rtrclient"), "-p", "-k", *where)

    def table(self):
        held = set()
        for sign, prefix, length, most, asn in self.LINE.findall(self.said()):
            row = (f"AS{asn}", f"{prefix}/{length}", most)
            if sign == "+":
                held.add(row)
            else:
                held.discard(row)
        return held


class Frr(Process):
    """FRR's bgpd alone, with its rpki module; no BGP session, no zebra. It passes
    over what it does not know: 8 how 9 and later name a cache, and they how 8 does."""

    def __init__(self, folder, port, socket_folder):
        super().__init__(folder)
        self.vty = pathlib.Path(socket_folder)
        config = self.folder / "bgpd.conf"
        config.write_text(f"""
hostname frr
log file {self.folder}/log
rpki
 rpki polling_period 3600
 rpki retry_interval 1
 rpki cache 127.0.0.1 {port} preference 1
 rpki cache tcp 127.0.0.1 {port} preference 1
exit
""")
        self.run(FRR_BGPD, "-f", config, "-i", self.folder / "pid", "-M", "rpki",
                 "-n", "-Z", "-l", "127.0.0.1", "-p", "0", "-P", "0",
                 "--vty_socket", self.vty, "-z", self.folder / "no-zebra",
                 "-S")

    def ask(self, words):
        done = subprocess.run([program("vtysh"), "--vty_socket", str(self.vty), "-d", "bgpd",
                               "-c", words], capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout

    def table(self):
        found = set()
        for line in self.ask("show rpki prefix-table").splitlines():
            m = re.match(r"\s*(\S+)\s+(\d+)\s+-\s+(\d+)\s+(\d+)\s*$", line)
            if m:
                found.add((f"AS{m[4]}", f"{m[1]}/{m[2]}", m[3]))
        return found


class OpenBgpd(Process):
    """OpenBGPD with an rtr session and no neighbour."""

    def __init__(self, folder, port):
        super().__init__(folder)
        self.socket = self.folder / "ctl"
        config = self.folder / "bgpd.conf"
        config.write_text(f"""
AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port {free_port()}
socket "{self.socket}"
rtr 127.0.0.1 {{
    descr "cache"
    port {port}
}}
""")
        config.chmod(0o600)
        # Where its user lives, and where it confines itself to.
        self.home = pathlib.Path(pwd.getpwnam("_openbgpd").pw_dir)
        self.made = not self.home.exists()
        self.home.mkdir(mode=0o755, exist_ok=True)
        self.run(program("bgpd"), "-d", "-f", config)

    def end(self):
        super().end()
        if self.made:
            shutil.rmtree(self.home, ignore_errors=True)

    def ask(self, *words):
        done = subprocess.run([program("bgpctl"), "-s", str(self.socket), *words],
                              capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout


def rtrdump(folder, port, version=1, *extra):
    """What StayRTR's rtrdump takes in one go."""
    out = pathlib.Path(folder) / f"dump-{time.monotonic_ns()}.json"
    done = subprocess.run([program("rtrdump"), "-connect", f"127.0.0.1:{port}",
                           "-rtr.version", str(version), "-file", str(out), *extra],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    made = json.loads(out.read_text())
    return {(f"AS{str(r['asn']).removeprefix('AS')}", r["prefix"], str(r["maxLength"]))
            for r in made["roas"]}, made


def rtrclient_export(folder, *where):
    """What rtrclient exports once it holds a set."""
    out = pathlib.Path(folder) / f"export-{time.monotonic_ns()}.csv"
    done = subprocess.run([program("rtrclient"), "-e", "-t", "csv", "-o", str(out), *where],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done, list(csv.reader(out.read_text().splitlines()))
