# SPDX-License-Identifier: BSD-2-Clause
"""What a server keeps: no router notices that it was away, or that others are."""
import json
import os
import pty
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

import pytest

from changes import server, stamp, tale, truth  # noqa: F401
from daemon import Daemon, gated_rsync, until
from router import CACHE_RESET, END, ERROR, RESPONSE, Router

RUN, HELLO = 1, 5  # frames between the two programs

# Two anchors on two hosts; alpha's host goes away, and comes back.
AWAY = """
anchor alpha 10.0.0.0/8 AS64496-64511 host alpha
anchor beta 11.0.0.0/8 AS64512-64520 host beta
ca alpha/one 10.1.0.0/16 AS64496
ca beta/two 11.2.0.0/16 AS64512
roa alpha/one/a AS64496 10.1.0.0/24
roa alpha/one/b AS64496 10.1.1.0/24
roa beta/two/a AS64512 11.2.0.0/24
step
roa beta/two/b AS64512 11.2.1.0/24
vanish alpha
step
return alpha
roa alpha/one/c AS64496 10.1.2.0/24
"""


def idle(server):
    until(lambda: "idle" in server.ask("status", check=False).stdout, "rest")


def away(site):
    """Nobody answers any more; what begins anew has nothing to begin with."""
    (site.top / "live").unlink()


def again(server, router):
    """The same router after a restart: its name and memory are what it had."""
    def connected():
        try:
            return Router(server.rtr, router.version)
        except ConnectionRefusedError:
            return None
    back = until(connected, "a listener")
    back.session, back.serial, back.vrps = router.session, router.serial, set(router.vrps)
    return back


def ask(router):
    """What a Serial Query is answered with; None: nothing can be said now."""
    router.ask_serial()
    pdus = router.answer()
    if pdus[-1].type == ERROR and pdus[-1].field == 2:
        return None
    return pdus


@pytest.mark.parametrize("version", [0, 1, 2])
def test_restart_is_not_noticed(server, site, tale, version):
    server.start()
    server.wait_for("serial 1")
    idle(server)
    router = Router(server.rtr, version)
    router.reset()
    assert server.end() == 0
    away(site)
    server.start()
    back = again(server, router)
    pdus = back.refresh()
    # Nothing but the frame: same session, same serial.
    assert [pdu.type for pdu in pdus] == [RESPONSE, END], pdus
    assert (back.session, back.serial) == (router.session, router.serial)
    back.reset()
    assert back.vrps == truth(tale.steps[0])
    site.show(tale.steps[1])
    server.ask("run")
    until(lambda: "serial 2" in server.said(), "the next serial")
    back = again(server, router)
    back.refresh()
    assert back.serial == 2 and back.vrps == truth(tale.steps[1])


def test_old_routers_get_deltas_after_a_restart(server, site, tale):
    server.start()
    server.wait_for("serial 1")
    router = Router(server.rtr)
    router.reset()
    site.show(tale.steps[1])
    server.ask("run")
    server.wait_for("serial 2")
    server.end(signal.SIGKILL)
    away(site)
    server.start()
    back = again(server, router)
    back.refresh()
    assert back.serial == 2 and back.vrps == truth(tale.steps[1])


def test_killed_where_exceptions_bite(server, site, tale, tmp_path):
    """What the rules are applied to is not older than what routers know."""
    slurm = tmp_path / "local.json"
    slurm.write_text(json.dumps({
        "slurmVersion": 1,
        "validationOutputFilters": {"prefixFilters": [{"prefix": "10.1.0.0/24"}],
                                    "bgpsecFilters": []},
        "locallyAddedAssertions": {"prefixAssertions": [
            {"asn": 64511, "prefix": "192.0.2.0/24"}], "bgpsecAssertions": []}}))

    def shaped(step):
        kept = {row for row in truth(step) if row[1] != "10.1.0.0/24"}
        return kept | {("AS64511", "192.0.2.0/24", "24")}

    server.start("--exceptions", slurm)
    server.wait_for("serial 1")
    idle(server)
    router = Router(server.rtr)
    router.reset()
    assert router.vrps == shaped(tale.steps[0])
    site.show(tale.steps[1])
    server.ask("run")
    server.wait_for("serial 2")
    server.end(signal.SIGKILL)
    away(site)
    server.start("--exceptions", slurm)
    server.wait_for("serial 2, as kept")
    idle(server)
    back = again(server, router)
    back.refresh()
    assert back.serial == 2 and back.vrps == shaped(tale.steps[1])


KILLED = """
anchor alpha 10.0.0.0/8 AS64496
anchor beta 11.0.0.0/8 AS64497 host other
roa alpha/a AS64496 10.0.0.0/16
roa beta/b AS64497 11.0.0.0/16
step
roa alpha/c AS64496 10.1.0.0/16
roa alpha/d AS64496 10.2.0.0/16
"""


@pytest.fixture
def killed(forge, site, kedge, tmp_path):
    """A server that was killed in a run, after it had told of serial 2."""
    story = tmp_path / "killed.scn"
    story.write_text(KILLED)
    tale = forge.play(story, tmp_path / "tale", site, "--at", stamp(3600))
    site.show(tale.steps[0])
    gate, program = gated_rsync(tmp_path, "*beta.cer*")
    server = Daemon(kedge, tale, "--rsync-command", program, "--disable-rrdp",
                    "--patience", "1")

    def run_and_die(*words):
        server.start(*words)
        server.wait_for("serial 1")
        idle(server)
        gate.touch()
        site.show(tale.steps[1])
        server.ask("run")
        server.wait_for("serial 2")
        until(lambda: changes(server, "--since", "1"), "its entry")
        server.end(signal.SIGKILL)
        gate.unlink()
        away(site)
        return server
    try:
        yield run_and_die
    finally:
        gate.unlink(missing_ok=True)
        server.end(signal.SIGKILL)


def test_killed_and_a_filter_is_gone(killed, tmp_path):
    """What a filter kept from routers is there as soon as the filter is not."""
    slurm = tmp_path / "local.json"
    rules = {"slurmVersion": 1, "validationOutputFilters": {
                 "prefixFilters": [{"prefix": "10.2.0.0/16"}, {"prefix": "10.0.0.0/16"}],
                 "bgpsecFilters": []},
             "locallyAddedAssertions": {"prefixAssertions": [], "bgpsecAssertions": []}}
    slurm.write_text(json.dumps(rules))
    server = killed("--exceptions", slurm)
    assert (server.state / "ahead").exists()
    rules["validationOutputFilters"]["prefixFilters"].pop(0)
    slurm.write_text(json.dumps(rules))
    server.start("--exceptions", slurm)
    server.wait_for("serial 2, as kept")
    server.wait_for("kedge: serial 3\n")
    router = Router(server.rtr)
    router.reset()
    assert {vrp[1] for vrp in router.vrps} == {
        "10.1.0.0/16", "10.2.0.0/16", "11.0.0.0/16"}


def test_killed_before_the_journal_had_it(killed):
    """What routers were told is written down when the next server starts."""
    server = killed()
    journal, = (server.state / "journal").iterdir()
    journal.write_bytes(journal.read_bytes()[:-1])
    assert [line["serial"] for line in changes(server)] == [1]
    for _ in range(2):
        server.start()
        server.wait_for("serial 2, as kept")
        _, line, _ = until(lambda: changes(server)[1:] and changes(server), "serial 2")
        assert (line["serial"], line["action"], line["prefix"], line["cause"]) == (
            2, "announce", "10.1.0.0/16", "object-new")
        server.end(signal.SIGKILL)


def test_json_delta_session_is_kept(server, tale):
    """One file, one name: what HTTP calls the session lives in the state too."""
    server.start()
    server.wait_for("serial 1")
    idle(server)
    server.end()
    before = (server.state / "state").read_bytes()
    server.start()
    server.wait_for("as kept")
    idle(server)
    server.end()
    after = (server.state / "state").read_bytes()
    # The facts begin behind magic, version and frame: ids of 14 octets.
    assert before[17:31] == after[17:31]
    assert before[17:31] != bytes(14)


def test_killed_at_any_instant(server, site, tale):
    """No reset, no wrong set, no serial that goes back."""
    chance = random.Random(7)
    server.start()
    server.wait_for("serial 1")
    router = Router(server.rtr)
    router.reset()
    truths = [truth(step) for step in tale.steps[:2]]
    for _ in range(12):
        site.show(tale.steps[1] if router.vrps == truths[0] else tale.steps[0])
        server.ask("run", check=False)
        time.sleep(chance.uniform(0, 0.6))
        server.end(signal.SIGKILL)
        server.start("--refresh", "86400")
        before = router.serial
        router = again(server, router)
        until(lambda: ask_and_apply(router), "an answer")
        assert router.vrps in truths
        assert 0 <= router.serial - before <= 2
        assert not list(server.state.glob("*.bad")), server.said()


def test_upgrade_in_place(server, site, tale, tmp_path):
    """Files of another version come under a server at work: it serves on and says
    what to do; after a restart its routers go on where they were."""
    installed = tmp_path / "installed"
    installed.mkdir()
    here = server.kedge.program
    said = subprocess.run([here, "--version"], capture_output=True, check=True).stdout
    old = re.search(rb"[0-9.]+[0-9]", said)[0]
    new = old[:-1] + (b"8" if old.endswith(b"9") else b"9")
    for program in (here, here.parents[1] / "libexec/kedge/kedge-engine"):
        shutil.copy(program, installed)
    server.kedge.program = installed / "kedge"
    env = {"KEDGE_ENGINE_PATH": str(installed / "kedge-engine")}

    def upgrade(name):
        aside = installed / "aside"
        shutil.copy(installed / name, aside)
        octets = aside.read_bytes()
        assert old in octets
        aside.write_bytes(octets.replace(old, new))
        aside.rename(installed / name)

    server.start(env=env)
    server.wait_for("serial 1")
    idle(server)
    router = Router(server.rtr)
    router.reset()
    upgrade("kedge-engine")
    site.show(tale.steps[1])
    server.ask("run")
    server.wait_for("install both together")
    assert [pdu.type for pdu in router.refresh()] == [RESPONSE, END]
    upgrade("kedge")
    assert server.end() == 0
    server.start(env=env)
    back = again(server, router)
    until(lambda: ask_and_apply(back) and back.vrps == truth(tale.steps[1]), "the news")
    assert (back.session, back.serial) == (router.session, router.serial + 1)
    assert server.get("/version")[1].strip().endswith(new.decode())


def test_engine_says_first_which_it_is(kedge):
    """Also to a server of another version, whose request it cannot read."""
    engine = kedge.program.parents[1] / "libexec/kedge/kedge-engine"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(struct.pack(">BI", RUN, 5) + b"other")
        done = subprocess.run([engine], preexec_fn=lambda: os.dup2(theirs.fileno(), 3),
                              close_fds=False, capture_output=True, text=True)
        assert done.returncode == 1 and "no request" in done.stderr
        kind, length = struct.unpack(">BI", ours.recv(5))
        assert kind == HELLO and re.search(rb"[0-9]+\.[0-9]+", ours.recv(length))


def ask_and_apply(router):
    pdus = ask(router)
    if pdus is None:
        return False
    assert pdus[-1].type != CACHE_RESET, "a reset nobody needed"
    router._apply(pdus)
    return True


def flip(path):
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 4
    path.write_bytes(octets)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def foreign(path):
    path.write_bytes(b"SQLite format 3\0" + bytes(4096))


def future(path):
    octets = bytearray(path.read_bytes())
    octets[11] = 99
    path.write_bytes(octets)


def empty(path):
    path.write_bytes(b"")


def folder(path):
    path.unlink()
    path.mkdir()


def fifo(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("damage", [flip, cut, foreign, future, empty, folder, fifo])
def test_damaged_state_means_a_new_session(server, site, tale, damage):
    server.start()
    server.wait_for("serial 1")
    idle(server)
    router = Router(server.rtr)
    router.reset()
    server.end()
    damage(server.state / "state")
    server.start()
    server.wait_for("set aside")
    server.wait_for("whole set", 2)
    idle(server)
    back = again(server, router)
    back.ask_serial()
    assert back.answer()[-1].type == CACHE_RESET
    back.reset()
    assert back.session != router.session
    assert back.vrps == truth(tale.steps[0])
    # And from here on it is kept again.
    server.end()
    server.start()
    once_more = again(server, back)
    assert [pdu.type for pdu in once_more.refresh()] == [RESPONSE, END]


@pytest.mark.skipif(os.getuid() != 0, reason="mounting needs root")
def test_full_disk_serves_on(server, site, tale):
    server.state.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none",
                           server.state], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("cannot mount")
    try:
        server.start()
        server.wait_for("serial 1")
        idle(server)
        router = Router(server.rtr)
        router.reset()
        with (server.state / "fill").open("wb", buffering=0) as fill:
            try:
                while True:
                    fill.write(bytes(4096))
            except OSError:
                pass
        site.show(tale.steps[1])
        server.ask("run")
        server.wait_for("No space left on device")
        server.wait_for("serial 2")
        router.refresh()
        assert router.vrps == truth(tale.steps[1])
        idle(server)
        assert server.said().count("a restart will not find") == 1
        # Letting go of the old state may have made room for the new one. If it
        # did not, what was told is not on the disk: another session.
        kept = "state is kept again" in server.said()
        server.end(signal.SIGKILL)
        (server.state / "fill").unlink()
        server.start()
        server.wait_for("whole set", 3)
        idle(server)
        back = again(server, router)
        back.ask_serial()
        assert back.answer()[-1].type == (END if kept else CACHE_RESET)
        back.reset()
        assert back.vrps == truth(tale.steps[1])
    finally:
        server.end(signal.SIGKILL)
        subprocess.run(["umount", server.state], check=True)


def test_expires_without_a_run(forge, site, kedge, tmp_path):
    """Manifests of the forge last a day."""
    tale = forge.play("changes.scn", tmp_path / "tale", site, "--at",
                      stamp(86400 - 40))
    site.show(tale.steps[0])
    server = Daemon(kedge, tale, "--min-refresh", "86400", "--refresh", "86400")
    server.start()
    try:
        server.wait_for("serial 1")
        router = Router(server.rtr)
        router.reset()
        assert router.vrps == truth(tale.steps[0])
        server.wait_for("items have expired")
        server.wait_for("serial 2")
        router.refresh()
        assert router.vrps == set()
        assert server.said().count("whole set") == 1
    finally:
        server.end(signal.SIGKILL)


def test_expires_one_after_the_other(forge, site, kedge, tmp_path):
    """What ends now and then leaves with its second, not a minute later."""
    story, ends = tmp_path / "ends.scn", [int(time.time()) + n for n in (10, 12, 13)]
    lines = ["anchor alpha 10.0.0.0/8 AS64496", "roa alpha/x AS64496 10.9.0.0/16"]
    for name, end in zip("abc", ends):
        when = time.strftime("%y%m%d%H%M%SZ", time.gmtime(end))
        lines += [f"roa alpha/{name} AS64496 10.{ord(name) - 96}.0.0/16",
                  f"set alpha/{name}.roa ee.notAfter utctext:{when}",
                  f"valid alpha/{name}.roa"]
    story.write_text("\n".join(lines) + "\n")
    tale = forge.play(story, tmp_path / "tale", site, "--at", stamp(60))
    site.show(tale.steps[0])
    server = Daemon(kedge, tale, "--min-refresh", "86400", "--refresh", "86400").start()
    try:
        server.wait_for("serial 1")
        router = Router(server.rtr)
        router.reset()
        assert len(router.vrps) == 4
        server.wait_for("1 items have expired")
        assert ends[0] < time.time() < ends[0] + 4
        server.wait_for("2 items have expired")  # together
        assert ends[2] < time.time() < ends[2] + 10
        server.wait_for("serial 3")
        router.refresh()
        assert {vrp[1] for vrp in router.vrps} == {"10.9.0.0/16"}
    finally:
        server.end(signal.SIGKILL)


def test_expired_while_away(forge, site, kedge, tmp_path):
    tale = forge.play("changes.scn", tmp_path / "tale", site, "--at",
                      stamp(86400 - 40))
    site.show(tale.steps[0])
    server = Daemon(kedge, tale)
    server.start()
    try:
        server.wait_for("serial 1")
        idle(server)
        router = Router(server.rtr)
        router.reset()
        server.end()
        away(site)
        time.sleep(max(0, 42 - (time.time() - (tmp_path / "tale").stat().st_mtime)))
        server.start()
        server.wait_for("items have expired")
        back = again(server, router)
        until(lambda: ask_and_apply(back) and back.vrps == set(), "an empty set")
        assert back.session == router.session
    finally:
        server.end(signal.SIGKILL)


# --- the collapse guard

@pytest.fixture
def guarded(forge, site, kedge, tmp_path):
    """A server whose cache is lost while alpha's host is away."""
    story = tmp_path / "away.scn"
    story.write_text(AWAY)
    tale = forge.play(story, tmp_path / "tale", site, "--at", stamp(3600))
    site.show(tale.steps[0])
    server = Daemon(kedge, tale)
    server.tale = tale
    server.start()
    server.wait_for("serial 1")
    idle(server)
    server.router = Router(server.rtr)
    server.router.reset()
    assert server.router.vrps == truth(tale.steps[0])
    server.end()
    shutil.rmtree(kedge.cache)
    kedge.cache.mkdir()
    site.show(tale.steps[1])
    server.start()
    yield server
    server.end(signal.SIGKILL)


def of(vrps, first):
    return {row for row in vrps if row[1].startswith(first)}


def test_guard_holds_a_lost_anchor(guarded, site):
    server, tale = guarded, guarded.tale
    server.wait_for("alpha: guard holds 2 items")
    server.wait_for("serial 2")
    router = again(server, server.router)
    router.refresh()
    # Beta follows its repository, alpha stands.
    assert of(router.vrps, "10.") == of(truth(tale.steps[0]), "10.")
    assert of(router.vrps, "11.") == of(truth(tale.steps[1]), "11.")
    held = server.ask("guard", check=False)
    assert held.returncode == 3
    assert re.match(r"alpha: 2 items are held since \d{4}-", held.stdout)
    assert "holds 2 items of alpha" in server.ask("status").stdout
    why = server.ask("explain", "10.1.0.0/24", "AS64496").stdout
    assert "is valid" in why and "the collapse guard holds it" in why, why
    assert re.search(r"rejected: http-status .*\n.*\n +of trust anchor alpha\n", why), why
    assert "guard" not in server.ask("explain", "11.2.0.0/24", "AS64512").stdout
    # Over a restart too.
    idle(server)
    server.end()
    server.start()
    idle(server)
    router = again(server, router)
    assert [pdu.type for pdu in router.refresh()] == [RESPONSE, END]
    assert server.ask("guard", check=False).returncode == 3
    # And it ends when alpha is there again, with what alpha says now.
    site.show(tale.steps[2])
    server.ask("run")
    server.wait_for("alpha: guard ends: nothing is missing any more")
    idle(server)
    router = again(server, router)
    router.refresh()
    assert router.vrps == truth(tale.steps[2])
    assert server.ask("guard").stdout == ""


def test_guard_lets_go_when_told(guarded):
    server, tale = guarded, guarded.tale
    server.wait_for("alpha: guard holds 2 items")
    idle(server)
    refused = server.ask("guard", "--accept", "beta", check=False)
    assert refused.returncode == 1 and "nothing is held of beta" in refused.stderr
    server.ask("guard", "--accept", "alpha")
    server.wait_for("alpha: guard ends: the loss was accepted")
    idle(server)
    router = again(server, server.router)
    router.refresh()
    assert router.vrps == of(truth(tale.steps[1]), "11.")
    assert server.ask("guard").returncode == 0


def test_guard_is_an_option(guarded):
    server = guarded
    server.end(signal.SIGKILL)
    shutil.rmtree(server.kedge.cache)
    server.kedge.cache.mkdir()
    server.start("--guard-drop", "0")
    router = again(server, server.router)
    until(lambda: ask_and_apply(router) and not of(router.vrps, "10."),
          "alpha's end")
    assert of(router.vrps, "11.")


# --- the journal

def changes(server, *words):
    lines = server.ask("changes", "-j", *words).stdout.splitlines()
    return [json.loads(line) for line in lines]


def test_journal_says_what_changed_and_why(server, site, tale, tmp_path):
    server.start()
    server.wait_for("serial 1")
    site.show(tale.steps[1])
    server.ask("run")
    server.wait_for("serial 2")
    idle(server)
    until(lambda: len(changes(server)) == 3, "three lines")
    begin, gone, come = changes(server)
    assert begin["action"] == "begin" and begin["serial"] == 1
    assert begin["vrps"] == len(truth(tale.steps[0]))
    assert (gone["action"], gone["asn"], gone["prefix"], gone["maxLength"]) == (
        "withdraw", "AS64497", "10.2.0.0/24", 24)
    assert gone["cause"] == "object-gone" and gone["ta"] == "alpha"
    assert gone["source"].endswith("/two/a.roa")
    assert (come["action"], come["prefix"], come["cause"]) == (
        "announce", "10.1.2.0/24", "object-new")
    assert gone["serial"] == come["serial"] == 2
    # A local exception is one, and no object of anybody's.
    slurm = tmp_path / "local.json"
    slurm.write_text('{"slurmVersion": 1, "validationOutputFilters": '
                     '{"prefixFilters": [], "bgpsecFilters": []}, '
                     '"locallyAddedAssertions": {"prefixAssertions": '
                     '[{"asn": 64511, "prefix": "192.0.2.0/24"}], '
                     '"bgpsecAssertions": []}}')
    server.end()
    # Without a server the files are read all the same.
    assert len(changes(server)) == 3
    server.start("--exceptions", slurm)
    server.wait_for("serial 3")
    until(lambda: changes(server, "--since", "2"), "another line")
    [local] = changes(server, "--since", "2")
    assert (local["cause"], local["source"]) == ("local", str(slurm))
    assert changes(server, "--since", begin["time"]) == changes(server)
    assert changes(server, "--since", "1h") == changes(server)
    assert changes(server, "--since", "3") == []
    text = server.ask("changes", "--since", "1").stdout.splitlines()
    assert " serial 2 - 10.2.0.0/24-24 AS64497: object-gone rsync://" in text[0]
    # Nothing to print is something to say to who looks.
    assert server.ask("changes", "--since", "99").stdout == ""
    ours, theirs = pty.openpty()
    subprocess.run([server.kedge.program, "changes", "--state-dir", server.state,
                    "--since", "99"], stdout=theirs, timeout=60, check=True)
    os.close(theirs)
    assert os.read(ours, 4096) == b"nothing came or went after that serial\r\n"
    os.close(ours)
    done = server.ask("changes", "--since", "yesterday", check=False)
    assert done.returncode == 1 and "expected a serial" in done.stderr


def test_journal_tells_failures_apart(guarded):
    server = guarded
    server.wait_for("alpha: guard holds 2 items")
    idle(server)
    server.ask("guard", "--accept", "alpha")
    server.wait_for("alpha: guard ends: the loss was accepted")
    until(lambda: [c for c in changes(server) if c["action"] == "withdraw"], "a line")
    gone = [c for c in changes(server) if c["action"] == "withdraw"]
    assert {c["cause"] for c in gone} == {"guard-released"}, gone
    assert {c["detail"] for c in gone} == {"http-status"}, gone


def test_no_journal_when_not_wanted(server):
    server.start("--journal-size", "0")
    server.wait_for("serial 1")
    idle(server)
    assert not (server.state / "journal").exists()
    done = server.ask("changes", check=False)
    assert done.returncode == 1 and "journal" in done.stderr


# --- the freshness contract

@pytest.fixture
def stale(server, site, kedge):
    """A server that has a set but no run that succeeds."""
    server.start()
    server.wait_for("serial 1")
    idle(server)
    server.router = Router(server.rtr)
    server.router.reset()
    server.end()
    away(site)
    shutil.rmtree(kedge.cache)
    kedge.cache.mkdir()
    yield server


def test_stale_sets_are_served_by_default(stale):
    stale.start()
    stale.wait_for("run failed")
    router = again(stale, stale.router)
    assert [pdu.type for pdu in router.refresh()] == [RESPONSE, END]


def test_stale_sets_can_be_withheld(stale, site, tale):
    stale.start("--stale-after", "1", "--stale-policy", "no-data")
    stale.wait_for("routers are told that there is no data")
    router = again(stale, stale.router)
    router.ask_serial()
    no = router.answer()[-1]
    assert (no.type, no.field) == (ERROR, 2)
    site.show(tale.steps[1])
    stale.ask("run")
    stale.wait_for("routers are served again")


def test_stale_servers_can_send_routers_away(stale, site, tale):
    stale.start("--stale-after", "1", "--stale-policy", "close")
    stale.wait_for("routers are sent away")

    def sent_away():
        router = Router(stale.rtr)
        try:
            router.ask_reset()
            return router.read() is None
        except ConnectionError:
            return True
    until(sent_away, "a closed door")
    site.show(tale.steps[1])
    stale.ask("run")
    stale.wait_for("routers are served again")
