# SPDX-License-Identifier: BSD-2-Clause
"""Sets before all have answered: who is waited for, how long, and by whom."""
import contextlib
import json
import shutil
import signal
import socket
import time
from types import SimpleNamespace

import pytest

from changes import truth
from daemon import Daemon, gated_rsync, until
from router import Router
from story import Tale


@contextlib.contextmanager
def without_news_of(pattern, kedge, forge, site, tmp_path, lines, *options):
    """A server with a set of the first step, which looks for the second while
    rsync waits at a gate for what matches the pattern: (tale, server, gate)."""
    story = tmp_path / "two.scn"
    story.write_text("".join(line + "\n" for line in lines))
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    tale = forge.play(story, tmp_path / "tale", site, "--at", at)
    site.show(tale.steps[0])
    gate, rsync = gated_rsync(tmp_path, pattern)
    server = Daemon(kedge, tale, "--rsync-command", rsync, "--disable-rrdp",
                    "--patience", "1", *options)
    try:
        server.start()
        server.wait_for("serial 1")
        gate.touch()
        site.show(tale.steps[1])
        server.ask("run", check=False)
        yield tale, server, gate
    finally:
        gate.unlink(missing_ok=True)
        server.end(signal.SIGKILL)


def test_waits_for_no_anchor(kedge, forge, site, tmp_path):
    """One whose host says nothing delays nobody; it stands with what is held,
    and with what it says once it says something."""
    with without_news_of("*beta.cer*", kedge, forge, site, tmp_path, [
            "anchor alpha 10.0.0.0/8 AS64496",
            "anchor beta 11.0.0.0/8 AS64497 host other",
            "roa alpha/a AS64496 10.0.0.0/16",
            "roa beta/b AS64497 11.0.0.0/16", "step",
            "roa alpha/c AS64496 10.1.0.0/16",
            "roa beta/d AS64497 11.1.0.0/16"]) as (tale, server, gate):
        alpha = {vrp for vrp in truth(tale.steps[1]) if vrp[1].startswith("10.")}
        server.wait_for("serial 2")

        def seen():
            router = Router(server.rtr)
            router.reset()
            return router.vrps
        until(lambda: seen() >= alpha, "alpha's news")
        assert "run" in json.loads(server.get("/api/v1/status")[1]), "still waiting"
        gate.unlink()
        until(lambda: seen() == truth(tale.steps[1]), "beta's news")


def test_waits_for_no_repository(kedge, forge, site, tmp_path):
    """One that says nothing delays nobody, however deep the tree is in it: what
    it holds stands as it was, and with its news once they come."""
    with without_news_of("*/other/\\ *", kedge, forge, site, tmp_path, [
            "anchor alpha 10.0.0.0/8 AS64496",
            "anchor beta 11.0.0.0/8 AS64497 host other",
            "ca beta/one 11.0.0.0/12 AS64497 host other",
            "ca beta/one/two 11.0.0.0/16 AS64497 host other",
            "roa beta/one/two/b AS64497 11.0.0.0/16", "step",
            "roa alpha/c AS64496 10.1.0.0/16",
            "roa beta/one/two/d AS64497 11.0.0.0/24"]) as (_, server, gate):
        server.wait_for("early set: 2 VRPs")
        gate.unlink()
        server.wait_for("whole set: 3 VRPs")


def test_comes_while_others_are_judged(build, kedge, forge, site, tmp_path, monkeypatch):
    """What nobody waited for, and came before the set was whole without it."""
    program = build / "tests" / "system" / "faulty-engine"
    if not program.exists():
        pytest.skip("faulty-engine is not built")
    monkeypatch.setenv("KEDGE_ENGINE_PATH", str(program))
    monkeypatch.setenv("KEDGE_INJECT", "dawdle:lazy")
    with without_news_of("*/other/\\ *", kedge, forge, site, tmp_path, [
            "anchor beta 11.0.0.0/8 AS64497 host other",
            "ca beta/one 11.0.0.0/12 AS64497 host other",
            "roa beta/one/lazy AS64497 11.0.0.0/16", "step",
            "roa beta/d AS64497 11.0.0.0/24"], "--no-memory") as (_, server, gate):
        time.sleep(2.5)
        gate.unlink()
        server.wait_for("whole set: 2 VRPs")


# --- those of whom nothing is held

class Gates:
    """An rsync that waits for each module while its gate is shut."""

    def __init__(self, folder):
        self.folder = folder / "gates"
        self.folder.mkdir()
        self.program = folder / "gates-rsync"
        # The sandbox lets it look whether a file is there, not what is in a folder.
        self.program.write_text(f"""#!/bin/sh
for word in "$@"; do
	case "$word" in rsync://*/)
		module=${{word%/}}
		while [ -e "{self.folder}/${{module##*/}}" ]; do sleep 0.1; done
	esac
done
exec rsync "$@"
""")
        self.program.chmod(0o755)

    def shut(self, *modules):
        for module in modules:
            (self.folder / module).touch()

    def open(self, *modules):
        for module in modules:
            (self.folder / module).unlink()


@pytest.fixture
def play(kedge, forge, site, tmp_path):
    """play(lines, options...) -> (tale, server, gates); the server is not started
    yet, and ends with the test."""
    begun = []

    def play(lines, *options, ways=("--disable-rrdp",)):
        story = tmp_path / "story.scn"
        story.write_text("".join(line + "\n" for line in lines))
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        tale = forge.play(story, tmp_path / "tale", site, "--at", at)
        site.show(tale.steps[0])
        gates = Gates(tmp_path)
        server = Daemon(kedge, tale, "--rsync-command", gates.program, *ways,
                        "--patience", "1", *options)
        begun.append((server, gates))
        return tale, server, gates
    yield play
    for server, gates in begun:
        shutil.rmtree(gates.folder)
        server.end(signal.SIGKILL)


def newcomers(*names):
    return [line for name in names for line in (
        f"ca alpha/{name} 10.2.0.0/16 AS64496 host {name}",
        f"roa alpha/{name}/r AS64496 10.2.0.0/16")]


def served(server):
    router = Router(server.rtr)
    router.reset()
    return router.vrps


def seek_news(site, tale, server, gates, *silent):
    """It has a set of the first step, and looks for the second, of which some
    modules tell nothing."""
    if server.process is None:
        server.start()
    server.wait_for("serial 1")
    gates.shut(*silent)
    site.show(tale.steps[1])
    server.ask("run", check=False)


ALPHA = ["anchor alpha 10.0.0.0/8 AS64496", "roa alpha/a AS64496 10.0.0.0/16"]


def test_waits_for_no_newcomer(play, site):
    """What is new and says nothing is missed, like all that was never served;
    and it is not blamed for what it was not asked to the end."""
    tale, server, gates = play([*ALPHA, "step", "roa alpha/c AS64496 10.1.0.0/16",
                                *newcomers("late")])
    seek_news(site, tale, server, gates, "late")
    server.wait_for("early set: 2 VRPs")
    until(lambda: len(served(server)) == 2, "alpha's news")
    status = json.loads(server.get("/api/v1/status")[1])
    assert "run" in status, "it waited all the same"
    assert "late/" not in "".join(
        line for line in server.said().splitlines() if "manifest-" in line)
    gates.open("late")
    server.wait_for("whole set: 3 VRPs")
    until(lambda: served(server) == truth(tale.steps[1]), "its news")


def test_newcomer_in_another_place(play, site):
    """A CA with a new key in a new repository takes the place of one that is
    revoked: nothing of it is lost before the new one has spoken."""
    tale, server, gates = play([
        *ALPHA, "ca alpha/old 10.2.0.0/16 AS64496",
        "roa alpha/old/r AS64496 10.2.0.0/16", "roa alpha/old/s AS64496 10.2.1.0/24",
        "roa alpha/b AS64496 10.5.0.0/16", "step", "revoke alpha/old.cer",
        "withdraw alpha/b.roa", "roa alpha/c AS64496 10.1.0.0/16",
        *newcomers("late")])
    moved = {("AS64496", "10.2.0.0/16", "16"), ("AS64496", "10.2.1.0/24", "24")}
    seek_news(site, tale, server, gates, "late")
    server.wait_for("serial 2")
    assert served(server) == truth(tale.steps[1]) | moved
    gates.open("late")
    until(lambda: served(server) == truth(tale.steps[1]), "what the newcomer says")


def test_what_else_a_newcomer_takes_over(play, site):
    """Of its AS numbers too: ASPAs and router keys."""
    tale, server, gates = play([
        *ALPHA, "ca alpha/old 10.2.0.0/16 AS64496",
        "aspa alpha/old/up AS64496 AS64500 AS64501", "routerkey alpha/old/key AS64496",
        "step", "revoke alpha/old.cer", "roa alpha/c AS64496 10.1.0.0/16",
        *newcomers("late")])

    def others():
        told = json.loads(server.get("/json")[1])
        return [told["aspas"], told["routerKeys"]]
    server.start()
    server.wait_for("serial 1")
    had = others()
    assert all(had)
    seek_news(site, tale, server, gates, "late")
    server.wait_for("serial 2")
    assert others() == had
    gates.open("late")
    until(lambda: others() == [[], []], "what the newcomer does not say")


def scattered(n, ranges):
    """Ranges of IPv6 that do not touch."""
    return " ".join(f"2001:db8:{n:x}:{2 * i:x}::/64" for i in range(ranges))


WIDE = ["anchor alpha 10.0.0.0/8 2001:db8::/32 AS64496", "roa alpha/a AS64496 10.0.0.0/16",
        "roa alpha/b AS64496 10.5.0.0/16", "roa alpha/six AS64496 2001:db8:ff::/48",
        "ca alpha/old 10.2.0.0/16 AS64496", "roa alpha/old/r AS64496 10.2.0.0/16", "step",
        "revoke alpha/old.cer", "withdraw alpha/b.roa", "withdraw alpha/six.roa",
        "roa alpha/c AS64496 10.1.0.0/16"]


def test_many_ranges(play, site):
    """Who has many ranges far apart keeps nothing of what lies between them."""
    tale, server, gates = play([
        *WIDE, f"ca alpha/far 10.3.0.0/24 10.200.0.0/24 {scattered(1, 2000)} AS64496 host far"])
    seek_news(site, tale, server, gates, "far")
    server.wait_for("serial 2")
    assert served(server) == truth(tale.steps[1])


def test_crowd_of_ranges(play, site):
    """Who comes with more of them than anybody can be told of takes nothing from
    another newcomer, and keeps nothing either."""
    crowd = [f"ca alpha/e{n} {scattered(n, 1990)} AS64496 host crowd" for n in range(140)]
    tale, server, gates = play([*WIDE, *crowd, *newcomers("late")])
    seek_news(site, tale, server, gates, "crowd", "late")
    server.wait_for("serial 2")
    assert served(server) == truth(tale.steps[1]) | {("AS64496", "10.2.0.0/16", "16")}


def test_first_set_is_whole(play):
    """Half a set can turn routes invalid: without one before, all are waited for."""
    tale, server, gates = play([*ALPHA, *newcomers("late")])
    gates.shut("late")
    server.start()
    time.sleep(6)
    gates.open("late")
    server.wait_for("serial 1")
    assert "early set" not in server.said()
    assert served(server) == truth(tale.steps[0])


def test_first_set_is_whole_after_an_end(play):
    """Who was being asked when all ended has not failed: it is asked anew at once,
    and is in the first set."""
    tale, server, gates = play([*ALPHA, *newcomers("late")])
    gates.shut("late")
    for way in signal.SIGTERM, signal.SIGKILL, None:
        server.start()
        time.sleep(2)
        if way is None:
            server.ask("stop")
        server.end(way or signal.SIGTERM)
    gates.open("late")
    server.start()
    server.wait_for("serial ")
    until(lambda: served(server), "a set")
    assert served(server) == truth(tale.steps[0])


def test_store_is_lost(play, kedge):
    """What routers have came from repositories of which nothing is held now: those
    are not missed."""
    tale, server, gates = play([*ALPHA, *newcomers("late")])
    server.start()
    server.wait_for("serial 1")
    server.end()
    shutil.rmtree(kedge.cache)
    gates.shut("late")
    server.start()
    server.wait_for("as kept")
    assert served(server) == truth(tale.steps[0])
    time.sleep(6)
    gates.open("late")
    server.wait_for("whole set: 2 VRPs", 2)
    assert "early set" not in server.said()


# Of the second it is forgotten what it held; of the first that has ended.
@pytest.mark.parametrize("days", [5, 10])
def test_anchor_comes_back(kedge, forge, site, tmp_path, days):
    """An anchor that was left out for some time: routers have nothing of it, and half
    of what it says is worse than that. So its first set is whole again."""
    story = tmp_path / "story.scn"
    story.write_text("\n".join([
        "anchor alpha 10.0.0.0/8 AS64496", "roa alpha/a AS64496 10.0.0.0/16",
        "anchor beta 11.0.0.0/8 AS64497 host other", "roa beta/b AS64497 11.0.0.0/8",
        "ca beta/one 11.1.0.0/16 AS64497 host late", "roa beta/one/c AS64497 11.1.0.0/16",
        *["step", "pass 60h", "reissue all"] * (days * 24 // 60), ""]))
    ago = time.time() - days * 24 * 3600 - 3600
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ago))
    tale = forge.play(story, tmp_path / "tale", site, "--at", at)
    alone = SimpleNamespace(tals=tmp_path / "alone")
    alone.tals.mkdir()
    shutil.copy(tale.tals / "alpha.tal", alone.tals)
    for n, step in enumerate(tale.steps):
        site.show(step)
        found = kedge.vrps(alone if n > 0 else tale, step, "--disable-rrdp")
        assert len(found) == (1 if n > 0 else 3)
    gates = Gates(tmp_path)
    server = Daemon(kedge, alone, "--rsync-command", gates.program, "--disable-rrdp",
                    "--patience", "1")
    try:
        server.start()
        server.wait_for("serial 1")
        gates.shut("late")
        shutil.copy(tale.tals / "beta.tal", alone.tals)
        server.ask("reload")
        time.sleep(6)
        gates.open("late")
        server.wait_for("whole set: 3 VRPs")
        assert "early set" not in server.said()
    finally:
        shutil.rmtree(gates.folder)
        server.end(signal.SIGKILL)


def test_anchor_in_another_place(kedge, forge, site, tmp_path):
    """A repository that is alone below its anchor, new, and slower than a set waits
    for: it has not failed, though nothing is there of any other."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))

    def told(host, *more):
        story = tmp_path / f"{host}.scn"
        story.write_text("\n".join([f"anchor alpha 10.0.0.0/8 AS64496 host {host} via rsync",
                                    "roa alpha/a AS64496 10.0.0.0/16", *more, ""]))
        return forge.play(story, tmp_path / host, site, "--at", at)
    old, new = told("one", "break alpha.mft stale"), told("two")
    shutil.copytree(old.steps[0].folder, old.folder / "step-2")
    modules = old.folder / "step-2" / "rsync"
    shutil.copytree(new.steps[0].folder / "rsync" / "two", modules / "two")
    shutil.copy(modules / "two" / "alpha.cer", modules / "one" / "alpha.cer")
    site.show(old.steps[0])
    gates = Gates(tmp_path)
    server = Daemon(kedge, old, "--rsync-command", gates.program, "--disable-rrdp",
                    "--patience", "1")
    try:
        seek_news(site, Tale(old.folder), server, gates, "two")
        server.wait_for("early set: 0 VRPs")
        gates.open("two")
        server.wait_for("whole set: 1 VRPs")
        assert "run failed" not in server.said()
        assert server.said().count("is the clock right?") == 1
    finally:
        server.end(signal.SIGKILL)


def test_news_all_the_time(play, site):
    """A chain of CAs, each new and each at a repository that takes its time: there
    is always something new, and the set goes out all the same."""
    path, chain = "alpha", []
    for n in range(24):
        path += f"/n{n}"
        chain.append(f"ca {path} 10.2.0.0/16 AS64496 host n{n}")
    tale, server, gates = play([*ALPHA, "step", "roa alpha/c AS64496 10.1.0.0/16",
                                *chain, f"roa {path}/r AS64496 10.2.0.0/16"])
    gates.program.write_text("""#!/bin/sh
case "$*" in */n[0-9]*/\\ *) sleep 0.8;; esac
exec rsync "$@"
""")
    seek_news(site, tale, server, gates)
    server.wait_for("early set: 2 VRPs")
    server.wait_for("whole set: 3 VRPs")


def test_late_ones_wait_for_nobody(play, site):
    """Who comes after a set went out is in the next one, though others still say
    nothing."""
    tale, server, gates = play([*ALPHA, *newcomers("slow", "mute"), "step",
                                "roa alpha/slow/s AS64496 10.2.1.0/24"])
    seek_news(site, tale, server, gates, "slow", "mute")
    server.wait_for("early set: 2 VRPs")
    gates.open("slow")
    server.wait_for("early set: 3 VRPs")
    gates.open("mute")
    server.wait_for("whole set: 3 VRPs")


def test_one_after_the_other(play, site):
    """However they come, sets are so far apart that the deltas kept for routers
    reach back."""
    names = [f"m{n}" for n in range(12)]
    tale, server, gates = play(
        [*ALPHA, "step", "roa alpha/c AS64496 10.1.0.0/16", *newcomers(*names, "mute"),
         *[f"roa alpha/m{n}/own AS64496 10.2.{n}.0/24" for n in range(12)]])
    seek_news(site, tale, server, gates, *names, "mute")
    server.wait_for("early set: 2 VRPs")
    began = time.monotonic()
    for name in names:
        gates.open(name)
        time.sleep(1.6)
    server.wait_for("early set: 15 VRPs")
    took = time.monotonic() - began
    assert server.said().count("early set") <= took / 3 + 2


def test_rsync_stands_in_beside_silence(play, site):
    """RRDP that fails after a set went out gives way to rsync, though others still
    say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        tale, server, gates = play(
            [ALPHA[0] + " via rsync", ALPHA[1], "step", "roa alpha/c AS64496 10.1.0.0/16",
             "ca alpha/one 10.3.0.0/16 AS64496 via both host one",
             "roa alpha/one/r AS64496 10.3.0.0/16", *newcomers("mute")],
            "--rrdp-proxy", f"http://127.0.0.1:{deaf.getsockname()[1]}",
            "--rrdp-timeout", 5, ways=())
        seek_news(site, tale, server, gates, "mute")
        server.wait_for("early set: 2 VRPs")
        server.wait_for("early set: 3 VRPs")
        assert "falling back to rsync" in server.said()
        gates.open("mute")
        server.wait_for("whole set: 4 VRPs")


def test_deadline_amid_a_round(play, site):
    """It passes while a later set is made, which did not wait for all either: what
    has come since is in the last one, and who has not is told to be missing."""
    tale, server, gates = play(
        [*ALPHA, "step", "roa alpha/c AS64496 10.1.0.0/16", *newcomers("mute", "late", "slow"),
         "roa alpha/late/s AS64496 10.2.1.0/24",
         "ca alpha/slow/deep 10.2.0.0/24 AS64496 host deep"],
        "--patience", 3, "--deadline", 24)
    seek_news(site, tale, server, gates, "mute", "late", "slow", "deep")
    server.wait_for("early set: 2 VRPs")
    gates.open("slow")
    until(lambda: "/deep/" in server.get("/api/v1/status")[1], "the next round")
    gates.open("late")
    server.wait_for("whole set: 4 VRPs")
    server.wait_for("2 manifest-missing")


def test_others_have_their_turn(play, site):
    """However many are new and silent: after a set went out, they have the time of
    one repository, and then all are asked again."""
    names = [f"m{n}" for n in range(30)]
    tale, server, gates = play(
        [*ALPHA, "step", "roa alpha/c AS64496 10.1.0.0/16", *newcomers(*names),
         "step", "roa alpha/d AS64496 10.3.0.0/16"],
        "--fetch-threads", 2, "--refresh", 4, "--min-refresh", 1,
        "--repository-timeout", 4, "--rsync-timeout", 4)
    server.start()
    server.wait_for("serial 1")
    gates.shut(*names)
    site.show(tale.steps[1])
    server.wait_for("serial 2")
    site.show(tale.steps[2])
    began = time.monotonic()
    until(lambda: ("AS64496", "10.3.0.0/16", "16") in served(server), "alpha's next news")
    assert time.monotonic() - began < 4 * len(names) / 2, "one after the other"
    assert "repository-deadline" in server.said()
