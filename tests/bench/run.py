#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Cold, warm and changed runs beside two peers and beside the floor.

    KEDGE_BUILD=build KEDGE_PREFIX=prefix python3 tests/bench/run.py

Makes a tree (CAS, ROAS in the environment; 2000 and 20000), serves it on
loopback over RRDP, and prints a table: median of RUNS and the spread. CPU is
that of all processes of the run, the servers' not counted. The floor is the
number of signatures times one verification as bench_crypto measures it.

    ... python3 tests/bench/run.py growth

prints the same of SIZES (6250,25000,100000) ROAs, a CA for each fifty, with the
private memory of the largest process, sampled each few ms, and how each figure
grows: what an object costs, beside what it costs in the smallest tree.

With KEDGE_BASE, the prefix of another build, each row comes twice: both builds
take turns, on caches of their own. Every cold run has a new folder and none is
removed before the end, since ext4 looks long for inodes where many were freed.
PEERS=0 leaves rpki-client and FORT out.
"""
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
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
SIZES = [int(n) for n in os.environ.get("SIZES", "6250,25000,100000").split(",")]
PEERS = os.environ.get("PEERS", "1") != "0"


def measure(work):
    """CPU seconds of children, wall seconds, and what work gave."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    out = work()
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return cpu, wall, out


def children(pid):
    try:
        of = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(p) for p in of] + [q for p in of for q in children(p)]


def private(pid):
    """kB that are the process's own; 0 when it is gone."""
    try:
        return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
    except (OSError, TypeError):
        return 0


class Memory:
    """Looks at all processes below this one until told to stop."""

    def __enter__(self):
        self.most, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def look(self):
        mine = set(children(os.getpid()))  # the servers of the site
        while not self.over.wait(0.005):
            self.most = max([self.most] + [private(p) for p in children(os.getpid())
                                           if p not in mine])


def row(name, samples, cold=None):
    cpu = [s[0] for s in samples]
    wall = [s[1] for s in samples]
    mid = statistics.median(cpu)
    share = "" if cold is None else f"{100 * mid / cold:.1f} %"
    print(f"| {name} | {mid:.2f} ({min(cpu):.2f} to {max(cpu):.2f}) | "
          f"{statistics.median(wall):.2f} | {share} |", flush=True)
    return mid


class Bench:
    def __init__(self, top, site, cas=CAS, roas=ROAS, plain=True):
        self.top, self.site = top, site
        forge = Forge(BUILD / "tests/forge/kedge-forge",
                      SOURCE / "fixtures/keys/primes.hex")
        shape = ["bench", "--cas", str(cas), "--roas", str(roas), "--change", "10"]
        forge.run(*shape, "--anchors", "5", "--hosts", "20", "--out", top / "served",
                  *site.bases())
        self.tale = Tale(top / "served")
        if plain:
            forge.run(*shape, "--anchors", "5", "--hosts", "20", "--out", top / "plain",
                      "--rsync-all")
            self.plain = Tale(top / "plain")
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


def grown(roas):
    """One tree of the table of growth: name and figure a row."""
    with tempfile.TemporaryDirectory() as name, Site(pathlib.Path(name) / "site") as site:
        bench = Bench(pathlib.Path(name), site, roas // 50, roas, plain=False)
        site.show(bench.one)

        def median(cache, *extra):
            return statistics.median(
                measure(lambda: bench.kedge("", bench.top / cache(i), bench.one, *extra))[0]
                for i in range(RUNS))

        figures = {"cold, CPU s": median(lambda i: f"cache-{i}"),
                   "judging alone (-n --no-memory), CPU s":
                       median(lambda i: "cache-0", "-n", "--no-memory")}
        count = signatures(bench.notes)
        figures["nothing changed (-n), again, CPU s"] = median(lambda i: "cache-0", "-n")
        figures["nothing changed, asked for, CPU s"] = median(lambda i: "cache-0")
        with Memory() as memory:
            bench.kedge("", bench.top / "cache-memory", bench.one)
        figures["cold, private memory, MB"] = memory.most / 1024
        site.show(bench.two)
        figures["1 % changed, CPU s"] = median(lambda i: f"cache-{i}")
        return count, figures


def growth():
    tables = []
    for roas in SIZES:
        tables.append(grown(roas))
        print(f"{roas} ROAs: {tables[-1]}", file=sys.stderr, flush=True)
    print("| | " + " | ".join(f"{n} ROAs" for n in SIZES) + " |")
    print("|---|" + "---|" * len(SIZES))
    print("| signatures | " + " | ".join(str(count) for count, _ in tables) + " |")
    for what in tables[0][1]:
        print(f"| {what} | " + " | ".join(f"{f[what]:.2f}" for _, f in tables) + " |")
    print("\nWhat an object costs, of what it costs in the smallest tree:\n")
    for what in tables[0][1]:
        for roas, (_, figures) in zip(SIZES, tables):
            part = figures[what] / roas / (tables[0][1][what] / SIZES[0])
            print(f"    {what if roas == SIZES[0] else '':40} {roas:7} "
                  f"{part:5.2f} {'#' * round(20 * part)}")


def signatures(text):
    return int(re.search(r"(\d+) signatures verified", text)[1])


def one_verification(bench):
    certificate = next(c for c in (bench.plain.steps[0].folder / "rsync").rglob("*.cer")
                       if c.name.startswith("c"))
    text = subprocess.run([BUILD / "tests/bench/bench_crypto", certificate],
                          capture_output=True, text=True, check=True).stdout
    print("\n".join("    " + line for line in text.splitlines()) + "\n")
    return text


def main():
    if sys.argv[1:] == ["growth"]:
        growth()
        return
    with tempfile.TemporaryDirectory() as name, Site(pathlib.Path(name) / "site") as site:
        bench = Bench(pathlib.Path(name), site)
        one_verification(bench)

        def cache(build, i):
            return bench.top / f"cache-{build.strip(': ')}-{i}"

        def first(build, _):
            return cache(build, 0)

        def brought(build, i):
            """All that is new is there, but was judged under another ceiling."""
            made = bench.top / f"brought-{build.strip(': ')}-{i}"
            shutil.copytree(cache(build, i), made)
            bench.kedge(build, made, bench.two, "--max-blocks", "199999")
            return made

        print("| run | CPU s, median (spread) | wall s | of cold |\n|---|---|---|---|")
        cold = bench.rows("cold, fetch and judge", bench.one, cache)
        count = signatures(bench.notes)
        bench.rows("judging alone, no memory (-n --no-memory)", bench.one, first,
                   "-n", "--no-memory", cold=cold)
        bench.rows("nothing changed, judging alone (-n), once", bench.one, cache, "-n",
                   cold=cold)
        bench.rows("nothing changed, judging alone (-n), again", bench.one, first, "-n",
                   cold=cold)
        bench.rows("nothing changed, everything asked for", bench.one, first,
                   cold=cold)
        bench.rows("1 % changed, judging alone (-n)", bench.two, brought, "-n", cold=cold)
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
