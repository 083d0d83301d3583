#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""From publication to router: how long until BIRD has a ROA.

    KEDGE_BUILD=build KEDGE_PREFIX=prefix python3 tests/bench/publication.py

A repository on loopback publishes two changes, more than a minute apart and at
no time of anybody's schedule. Each cache has a BIRD of its own: kedge that looks
each second, and kedge, FORT, and rpki-client with StayRTR that look each minute,
which is the least FORT takes. rpki-client has a tree on disk and a stand-in for
rsync.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "system" / "lib"))

import peers  # noqa: E402
from daemon import Daemon, free_port  # noqa: E402
from kedge import Kedge  # noqa: E402
from routers import Bird, program  # noqa: E402
from site_server import Site  # noqa: E402
from story import Forge  # noqa: E402

BUILD = pathlib.Path(os.environ["KEDGE_BUILD"])
PREFIX = pathlib.Path(os.environ["KEDGE_PREFIX"])
EVERY = 60


class Ours:
    def __init__(self, name, folder, site, tale, every):
        self.name = name
        folder.mkdir()
        self.server = Daemon(Kedge(PREFIX / "bin/kedge", folder / "cache", site), tale,
                             "--refresh", every, "--min-refresh", every)
        self.port = self.server.rtr
        self.server.start()

    def end(self):
        self.server.end()


class Fort:
    name = f"FORT, each {EVERY} s"

    def __init__(self, folder, site, tale):
        (folder / "roots").mkdir(parents=True)
        (folder / "tree").mkdir()
        shutil.copy(site.root_cert, folder / "roots/root.pem")
        subprocess.run(["openssl", "rehash", folder / "roots"], check=True,
                       capture_output=True)
        self.port = free_port()
        self.process = subprocess.Popen(
            [program("fort"), "--mode=server", f"--local-repository={folder}/tree",
             f"--tal={tale.tals}", f"--http.ca-path={folder}/roots",
             "--server.address=127.0.0.1", f"--server.port={self.port}",
             f"--server.interval.validation={EVERY}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self):
        self.process.kill()
        self.process.wait()


class Pair:
    """rpki-client as a timer would run it, and StayRTR over what it wrote."""

    name = f"rpki-client and StayRTR, each {EVERY} s"

    def __init__(self, folder, tale):
        folder.mkdir()
        self.tale, self.work = tale, folder
        self.env = peers._tree(tale.steps[0], tale.tals, folder)
        self.over = threading.Event()
        self.port = free_port()
        self.validate()
        self.timer = threading.Thread(target=self.keep_on, daemon=True)
        self.timer.start()
        self.process = subprocess.Popen(
            ["stayrtr", "-bind", f"127.0.0.1:{self.port}", "-cache", folder / "out/json",
             "-checktime=false", "-refresh", str(EVERY), "-protocol", "1",
             "-metrics.addr", f"127.0.0.1:{free_port()}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def validate(self):
        tals = [a for t in sorted((self.work / "tals").iterdir()) for a in ("-t", str(t))]
        subprocess.run([program("rpki-client"), "-R", "-j", "-e", str(self.work / "rsync"),
                        "-d", str(self.work / "cache"), *tals, str(self.work / "out")],
                       env=self.env, capture_output=True, check=False)

    def keep_on(self):
        while not self.over.wait(EVERY):
            self.validate()

    def show(self, step):
        fresh, old = self.work / "tree/fresh", self.work / "tree/old"
        shutil.copytree(step.folder / "rsync", fresh)
        (self.work / "tree/rsync").rename(old)
        fresh.rename(self.work / "tree/rsync")
        shutil.rmtree(old)

    def end(self):
        self.over.set()
        self.process.kill()
        self.process.wait()


def wait_for(birds, truth, seconds=200):
    """name -> seconds until its BIRD had all of it and nothing else."""
    start, took = time.monotonic(), {}
    while len(took) < len(birds) and time.monotonic() - start < seconds:
        for name, bird in birds.items():
            if name not in took and bird.table() == truth:
                took[name] = time.monotonic() - start
        time.sleep(0.05)
    return took


def main():
    with tempfile.TemporaryDirectory() as name, \
            Site(pathlib.Path(name) / "site") as site:
        top = pathlib.Path(name)
        top.chmod(0o755)
        forge = Forge(BUILD / "tests/forge/kedge-forge", SOURCE / "fixtures/keys/primes.hex")
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        tale = forge.play("changes.scn", top / "tale", site, "--at", at)
        plain = forge.play("changes.scn", top / "plain", None, "--at", at)
        site.show(tale.steps[0])
        caches = [Ours("kedge, each second", top / "eager", site, tale, 1),
                  Ours(f"kedge, each {EVERY} s", top / "slow", site, tale, EVERY)]
        if program("fort"):
            caches.append(Fort(top / "fort", site, tale))
        if program("rpki-client") and program("stayrtr"):
            caches.append(Pair(top / "pair", plain))
        birds = {}
        try:
            birds = {c.name: Bird(top / f"bird{n}", c.port) for n, c in enumerate(caches)}
            truths = [{row[:3] for row in step.vrps()} for step in tale.steps]
            first = wait_for(birds, truths[0])
            print("has the first set:", ", ".join(first), flush=True)
            rounds = []
            for n in 1, 2:
                time.sleep(EVERY + 17)
                site.show(tale.steps[n])
                for cache in caches:
                    if isinstance(cache, Pair):
                        cache.show(plain.steps[n])
                rounds.append(wait_for(birds, truths[n]))
                print(f"round {n}:", rounds[-1], flush=True)
            print("| cache | seconds until BIRD had it, twice |\n|---|---|")
            for cache in caches:
                times = [f"{r[cache.name]:.1f}" if cache.name in r else "never"
                         for r in rounds]
                print(f"| {cache.name} | {', '.join(times)} |")
        finally:
            for one in [*birds.values(), *caches]:
                one.end()


if __name__ == "__main__":
    main()
