#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A long life in a short time: does anything grow that should not?

    KEDGE_BUILD=build KEDGE_PREFIX=prefix python3 tests/bench/soak.py [CHANGES]

The world changes every other second, and the server looks each second. Routers
follow it, come and go; pages are asked for, local exceptions change, and engines
are killed. A table shows what the server holds as it goes; the end shows whether
everybody has what is true.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "system" / "lib"))

from daemon import Daemon, until  # noqa: E402
from kedge import Kedge  # noqa: E402
from router import Router  # noqa: E402
from site_server import Site  # noqa: E402
from story import Forge  # noqa: E402

BUILD = pathlib.Path(os.environ["KEDGE_BUILD"])
PREFIX = pathlib.Path(os.environ["KEDGE_PREFIX"])
CAS, STANDING, FOLLOWERS = 8, 40, 10
EVERY = 2  # seconds
PAGES = ["/json", "/csv?select-asn=AS64496", "/metrics", "/status", "/api/v1/status",
         "/validity?asn=AS64496&prefix=10.1.0.0/24", "/json-delta", "/"]


def story(changes):
    """Each step publishes a ROA and, once enough stand, withdraws the oldest."""
    lines = ["anchor alpha 10.0.0.0/8 AS64496-64511 host alpha"]
    lines += [f"ca alpha/c{n} 10.{n}.0.0/16 AS{64496 + n}" for n in range(CAS)]
    for n in range(changes):
        ca = n % CAS
        lines.append(f"roa alpha/c{ca}/r{n} AS64496 10.{ca}.{n // CAS % 256}.0/24")
        if n >= STANDING:
            lines.append(f"withdraw alpha/c{(n - STANDING) % CAS}/r{n - STANDING}.roa")
        lines.append("step")
    return "\n".join(lines[:-1]) + "\n"


def weigh(folder):
    return sum(p.stat().st_blocks for p in folder.rglob("*") if p.is_file()) // 2


def row(server, began):
    pid = server.process.pid
    descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    status, text = server.get("/api/v1/status")
    assert status == 200, text
    print(f"| {time.monotonic() - began:.0f} | {server.memory()} | {descriptors} "
          f"| {weigh(server.kedge.cache)} | {weigh(server.state)} "
          f"| {server.said().count('whole set')} |", flush=True)


def have(routers, truth):
    for router in routers:
        router.refresh()
    return all(router.vrps == truth for router in routers)


def kill_engine(server):
    """The next one that is at work; whether it was still there."""
    engine = until(server.engine, "an engine at work")
    try:
        os.kill(engine, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def live(server, tale, site):
    rules = server.folder / "exceptions.json"
    routers, guests, killed, began = [], [], 0, time.monotonic()

    def except_as(asn):
        rules.write_text('{"slurmVersion":1,"validationOutputFilters":{"prefixFilters":'
                         f'[{{"asn":{asn}}}],"bgpsecFilters":[]}},"locallyAddedAssertions":'
                         '{"prefixAssertions":[],"bgpsecAssertions":[]}}')

    except_as(65000)
    site.show(tale.steps[0])
    server.start("--exceptions", rules)
    server.wait_for("serial 1")
    routers = [Router(server.rtr, version=n % 3) for n in range(FOLLOWERS)]
    for router in routers:
        router.reset()
    print("| s | resident KiB | descriptors | cache KiB | state KiB | sets |\n"
          "|---|---|---|---|---|---|")
    for n, step in enumerate(tale.steps):
        site.show(step)
        end = time.monotonic() + EVERY
        guests.append(Router(server.rtr, version=n % 3))
        guests[-1].reset()
        if len(guests) > 20:
            guests.pop(0).close()
        routers[n % FOLLOWERS].refresh()
        status, _ = server.get(PAGES[n % len(PAGES)])
        assert status == 200, PAGES[n % len(PAGES)]
        if n % 15 == 14:
            except_as(65000 + n)
            server.ask("reload")
        if n % 40 == 39:
            killed += kill_engine(server)
        if n % 50 == 49:
            row(server, began)
        time.sleep(max(0, end - time.monotonic()))
    truth = {line[:3] for line in tale.steps[-1].vrps()}
    patience = time.monotonic() + 60
    while not have(routers, truth) and time.monotonic() < patience:
        time.sleep(0.5)
    row(server, began)
    print(f"{killed} engines were killed; all {FOLLOWERS} routers have the last set: "
          f"{'yes' if have(routers, truth) else 'no'}")


def main():
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    with tempfile.TemporaryDirectory() as name, \
            Site(pathlib.Path(name) / "site") as site:
        top = pathlib.Path(name)
        top.chmod(0o755)
        text = top / "soak.scn"
        text.write_text(story(changes))
        forge = Forge(BUILD / "tests/forge/kedge-forge", SOURCE / "fixtures/keys/primes.hex")
        # A step takes less than a minute in the story.
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                           time.gmtime(time.time() - 3600 - 60 * changes))
        tale = forge.play(text, top / "tale", site, "--at", at)
        server = Daemon(Kedge(PREFIX / "bin/kedge", top / "cache", site), tale,
                        "--refresh", 1, "--min-refresh", 1)
        try:
            live(server, tale, site)
        except (AssertionError, OSError):
            print(server.said()[-4000:], file=sys.stderr)
            raise
        finally:
            server.end()


if __name__ == "__main__":
    main()
