#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Cold, warm and changed runs beside two peers and beside the floor.

    KEDGE_BUILD=build KEDGE_PREFIX=prefix python3 tests/bench/run.py

Makes a tree (CAS, ROAS in the environment; 2000 and 20000), serves it on
loopback over RRDP, and prints a table: median of RUNS and the spread. CPU is
that of all processes of the run, the servers' not counted. The floor is the
number of signatures times one verification as bench_crypto measures it.

With KEDGE_BASE, the prefix of another build, each row comes twice: both builds
take turns, on caches of their own. Every cold run has a new folder and none is
removed before the end, since ext4 looks long for inodes where many were freed.
PEERS=0 leaves rpki-client and FORT out.
"""
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "system" / "lib"))

import peers  # noqa: E402
from site_server import Site  # noqa: E402
from story import Forge, Tale  # noqa: E402

BUILD = pathlib.Path(os.environ["KEDGE_BUILD"])
PREFIX = pathlib.Path(os.environ["KEDGE_PREFIX"])
BUILDS = {"": PREFIX}
if "KEDGE_BASE" in os.environ:
    BUILDS = {"before: ": pathlib.Path(os.environ["KEDGE_BASE"]), "now: ": PREFIX}
CAS, ROAS = os.environ.get("CAS", "2000"), os.environ.get("ROAS", "20000")
RUNS = int(os.environ.get("RUNS", "5"))
PEERS = os.environ.get("PEERS", "1") != "0"


def measure(work):
    """CPU seconds of children, wall seconds, and what work gave."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    out = work()
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return cpu, wall, out


def row(name, samples, cold=None):
    cpu = [s[0] for s in samples]
    wall = [s[1] for s in samples]
    mid = statistics.median(cpu)
    share = "" if cold is None else f"{100 * mid / cold:.1f} %"
    print(f"| {name} | {mid:.2f} ({min(cpu):.2f} to {max(cpu):.2f}) | "
          f"{statistics.median(wall):.2f} | {share} |", flush=True)
    return mid


class Bench:
    def __init__(self, top, site):
        self.top, self.site = top, site
        forge = Forge(BUILD / "tests/forge/kedge-forge",
                      SOURCE / "fixtures/keys/primes.hex")
        shape = ["bench", "--cas", CAS, "--roas", ROAS, "--change", "10"]
        forge.run(*shape, "--anchors", "5", "--hosts", "20", "--out", top / "served",
                  *site.bases())
        forge.run(*shape, "--anchors", "5", "--hosts", "20", "--out", top / "plain",
                  "--rsync-all")
        self.tale, self.plain = Tale(top / "served"), Tale(top / "plain")
        self.one, self.two = (self.tale.steps[0], self.tale.steps[1])
        self.notes = ""

    def kedge(self, build, cache, step, *extra):
        cache.mkdir(exist_ok=True)
        done = subprocess.run(
            [BUILDS[build] / "bin/kedge", "--no-rir-tals", "--extra-tals-dir",
             self.tale.tals, "-r", cache, "-v",
             "--allow-dubious-hosts", "--rrdp-root-cert", self.site.root_cert,
             "vrps", "--at", step.at, "-f", "csv", *extra],
            capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        self.notes = done.stderr
        return {tuple(line.split(",")[:3]) for line in done.stdout.splitlines()[1:]}

    def rows(self, name, step, caches, *extra, cold=None):
        """A row for each build, one run on each of its caches; the medians."""
        samples = {build: [] for build in BUILDS}
        truth = {r[:3] for r in step.vrps()}
        self.site.show(step)
        for i in range(RUNS):
            for build in BUILDS:
                cache = caches(build, i)
                samples[build].append(
                    measure(lambda: self.kedge(build, cache, step, *extra)))
                assert samples[build][-1][2] == truth
        return {build: row(build + name, samples[build], cold and cold[build])
                for build in BUILDS}


def signatures(text):
    return int(re.search(r"(\d+) signatures verified", text)[1])


def one_verification(bench):
    certificate = next(c for c in (bench.plain.steps[0].folder / "rsync").rglob("*.cer")
                       if not c.name.startswith("ta"))
    text = subprocess.run([BUILD / "tests/bench/bench_crypto", certificate],
                          capture_output=True, text=True, check=True).stdout
    print("\n".join("    " + line for line in text.splitlines()) + "\n")
    return text


def main():
    with tempfile.TemporaryDirectory() as name, Site(pathlib.Path(name) / "site") as site:
        bench = Bench(pathlib.Path(name), site)
        one_verification(bench)

        def cache(build, i):
            return bench.top / f"cache-{build.strip(': ')}-{i}"

        def first(build, _):
            return cache(build, 0)

        print("| run | CPU s, median (spread) | wall s | of cold |\n|---|---|---|---|")
        cold = bench.rows("cold, fetch and judge", bench.one, cache)
        count = signatures(bench.notes)
        bench.rows("judging alone, no memory (-n --no-memory)", bench.one, first,
                   "-n", "--no-memory", cold=cold)
        bench.rows("nothing changed, judging alone (-n)", bench.one, first, "-n",
                   cold=cold)
        bench.rows("nothing changed, everything asked for", bench.one, first,
                   cold=cold)
        bench.rows("1 % changed, with deltas", bench.two, cache, cold=cold)
        kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        for peer in (peers.rpki_client, peers.fort) if PEERS else ():
            sample = measure(lambda: peer(bench.plain, bench.plain.steps[0]))
            if sample[2] is not None:
                row(f"{peer.__name__}, cold, rsync tree", [sample],
                    list(cold.values())[-1])
        print(f"\n{count} signatures in the cold run; largest "
              f"process until the peers began: {kb} kB")


if __name__ == "__main__":
    main()
