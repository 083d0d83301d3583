# SPDX-License-Identifier: BSD-2-Clause
"""rsync servers and modules that misbehave, seen by the installed kedge
(T-RSYNC, T-URI-02). A real rsyncd serves odd trees; where the protocol itself
would have to be broken, a stand-in for the rsync program does what the program
could be made to do, under the same leash."""
import os
import shutil
import socket
import stat
import subprocess
import time

import pytest

SECONDS = 150
MEMORY_KB = 400_000


@pytest.fixture
def modules(town):
    if shutil.which("rsync") is None:
        pytest.skip("no rsync")
    town.modules()
    return town


@pytest.fixture
def warm(modules, tmp_path):
    shutil.copytree(modules.held_rsync, tmp_path / "warm")
    return tmp_path / "warm"


@pytest.fixture
def tree(modules, tmp_path):
    """The hostile CA's module at the second step, to be spoilt."""
    into = tmp_path / "module"
    shutil.copytree(modules.steps[1].folder / "rsync/bad", into, symlinks=True)
    modules.mount_all(1)
    modules.mount("bad", into)
    yield into
    subprocess.run(["chmod", "-R", "u+rwX", into], check=False)


@pytest.fixture
def stand_in(modules, tmp_path):
    """A program for --rsync-command: `what` for the module bad, else rsync."""
    def make(what):
        path = tmp_path / "rsync-stand-in"
        path.write_text("#!/bin/sh\nfor arg; do last=$arg; done\n"
                        "case \" $* \" in\n*/bad/*)\n" + what +
                        "\n;;\nesac\nexec /usr/bin/rsync \"$@\"\n")
        path.chmod(0o755)
        modules.mount_all(1)
        return path
    return make


def kept_of(town, prefix="10.1."):
    return {v for v in town.steps[0].vrps() if v[1].startswith(prefix)}


def news_of(town, prefix="10.2."):
    return {v for v in town.steps[1].vrps() if v[1].startswith(prefix)}


def bounded(run):
    assert run.seconds < SECONDS and run.kilobytes < MEMORY_KB, run.stderr


def link(tree):
    (tree / "alpha/bad/link.roa").symlink_to("/etc/passwd")
    (tree / "alpha/bad/relative.roa").symlink_to("../../../../etc/passwd")
    (tree / "alpha/bad/dangling.roa").symlink_to("/nowhere")


def linked_folder(tree):
    (tree / "alpha/bad/etc").symlink_to("/etc")
    (tree / "alpha/up").symlink_to("..")


def linked_point(tree):
    """The point itself behind a link: nothing of it comes."""
    os.rename(tree / "alpha/bad", tree / "alpha/real")
    (tree / "alpha/bad").symlink_to("real")


def fifo(tree):
    os.mkfifo(tree / "alpha/bad/pipe.roa")
    left = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(tree)
    left.bind("alpha/bad/s.roa")
    os.chdir(here)


def device(tree):
    if os.getuid() != 0:
        pytest.skip("only root can make devices")
    os.mknod(tree / "alpha/bad/zero.roa", stat.S_IFCHR | 0o666, os.makedev(1, 5))


def hard_links(tree):
    for n in range(50):
        os.link(tree / "alpha/bad/one.roa", tree / f"alpha/bad/again{n}.roa")


def names(tree):
    for name in (b"new\nline.roa", b"\xff\xfe.roa", b"-e sh x.roa", b"--delete.roa",
                 b"sp ace.roa", b"%2e%2e.roa", b"back\\slash.roa", b"$(id).roa",
                 b"..x.roa", b"\x1b[31m.roa", b"q?x.roa", b"h#x.roa", b"*.roa",
                 b"n" * 251 + b".roa", b".hidden.roa", b"a.longer", b"none"):
        with open(os.path.join(os.fsencode(tree), b"alpha/bad", name), "wb") as f:
            f.write(b"x" * 100)


def deep(tree):
    at = tree
    here = os.getcwd()
    for n in range(120):
        at = "d"
        os.makedirs(tree / "start", exist_ok=True)
        os.chdir(tree / "start" if n == 0 else at)
        os.mkdir("d")
    with open("d/x.roa", "wb") as f:
        f.write(b"x" * 100)
    os.chdir(here)


def modes(tree):
    (tree / "alpha/bad/one.roa").chmod(0o6777)
    (tree / "alpha/bad/two.roa").chmod(0o000)
    (tree / "alpha/bad").chmod(0o1777)
    if os.getuid() != 0:
        (tree / "alpha/bad/two.roa").chmod(0o444)


def sparse(tree):
    with open(tree / "alpha/bad/large.roa", "wb") as f:
        f.truncate(1 << 40)


def times(tree):
    os.utime(tree / "alpha/bad/one.roa", (-5, -5))
    os.utime(tree / "alpha/bad/two.roa", (1 << 33, 1 << 33))


def empty_files(tree):
    for n in range(3000):
        (tree / f"alpha/bad/e{n}.roa").touch()


HARMLESS = [link, linked_folder, fifo, device, hard_links, names, modes,
            sparse, times, empty_files]


@pytest.mark.parametrize("spoil", HARMLESS, ids=lambda f: f.__name__)
def test_odd_tree(modules, warm, tree, tmp_path, spoil):
    """What is no file with a name of ours is passed over; the rest counts."""
    spoil(tree)
    for cache in (warm, tmp_path / "cold"):
        run = modules.by_rsync(cache, 1, mount=False)
        bounded(run)
        assert run.vrps == modules.steps[1].vrps(), run.stderr
        assert run.labels() == [], run.stderr
    kinds = [p for p in warm.rglob("*") if p.is_symlink() or not (
        p.is_file() or p.is_dir())]
    assert kinds == []
    assert all(p.stat().st_mode & 0o6077 == 0
               for p in (warm / "rsync").glob("*/**/*"))


def test_too_deep(modules, warm, tree, tmp_path):
    """Deeper than any repository is left out; who shares the module is not."""
    deep(tree)
    for cache in (warm, tmp_path / "cold"):
        run = modules.by_rsync(cache, 1, mount=False)
        assert run.vrps == modules.steps[1].vrps(), run.stderr
        assert run.labels() == [], run.stderr
    deepest = max(len(p.relative_to(warm / "rsync").parts)
                  for p in (warm / "rsync").rglob("*") if p.is_dir())
    assert deepest < 70


HIDDEN = """\
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511 host bad via both
ca alpha/one 10.1.0.0/16 AS64500 host bad via both
roa alpha/one/a AS64500 10.1.1.0/24
"""


def test_hidden_folder(modules, forge, tmp_path):
    """A folder whose name begins with a dot is one like any other, both ways."""
    (tmp_path / "hidden.scn").write_text(HIDDEN)
    tale = forge.play(tmp_path / "hidden.scn", tmp_path / "tale", None,
                      "--https-base", f"https://%h.localhost:{modules.server.port}",
                      "--rsync-base", modules.rsync + "bad/.%h")
    shutil.copytree(tale.steps[0].folder / "rsync/bad", tmp_path / "module/.bad")
    modules.mount("bad", tmp_path / "module")
    modules.server.step = tale.steps[0]
    for way in "rrdp", "rsync":
        run = modules.run(tmp_path / way, 0, "--extra-tals-dir", tale.tals,
                          "--disable-rsync" if way == "rrdp" else "--disable-rrdp",
                          show=False, rsync=True)
        assert run.vrps == tale.steps[0].vrps() and run.labels() == [], run.stderr


def test_linked_point(modules, warm, tree):
    linked_point(tree)
    run = modules.by_rsync(warm, 1, mount=False)
    assert run.of("10.1.") == kept_of(modules), run.stderr
    assert run.of("10.2.") == news_of(modules)
    assert run.labels() == ["manifest-missing"], run.stderr


def test_too_many_files(modules, warm, tree):
    empty_files(tree)
    run = modules.by_rsync(warm, 1, "--max-rsync-files", "1000", mount=False)
    assert run.faults.get(modules.rsync + "bad/") == ["rsync-limit"], run.stderr
    assert run.of("10.1.") == kept_of(modules)
    assert run.of("10.2.") == news_of(modules)


@pytest.mark.parametrize("files, octets", [(40, 100_000), (1, 4_000_000)])
def test_too_many_octets(modules, warm, tree, files, octets):
    """In all, and in one file, in the midst of which rsync itself is stopped."""
    for n in range(files):
        (tree / f"alpha/bad/b{n}.roa").write_bytes(b"x" * octets)
    run = modules.by_rsync(warm, 1, "--max-repository-size", "1000000",
                           mount=False)
    assert run.faults.get(modules.rsync + "bad/") == ["rsync-limit"], run.stderr
    assert run.of("10.1.") == kept_of(modules)
    assert run.of("10.2.") == news_of(modules)
    well = modules.by_rsync(warm, 1)
    assert well.vrps == modules.steps[1].vrps() and well.labels() == []


def test_emptied(modules, warm, tree):
    """T-MFT-09: what was believed stays believed while it is current."""
    shutil.rmtree(tree / "alpha")
    run = modules.by_rsync(warm, 1, mount=False)
    assert run.of("10.1.") == kept_of(modules), run.stderr
    assert run.of("10.2.") == news_of(modules)


def timed(modules, number, into, ns):
    """The hostile module as it was at a step, all of it of one time."""
    shutil.copytree(modules.steps[number].folder / "rsync/bad", into)
    for path in into.rglob("*"):
        os.utime(path, ns=(ns, ns))
    modules.mount_all(number)
    modules.mount("bad", into)


def test_published_twice_in_a_second(modules, tmp_path):
    """As many octets, and a time that differs by less than a second."""
    timed(modules, 0, tmp_path / "before", 10 ** 18)
    modules.by_rsync(tmp_path / "cache", 0, mount=False)
    timed(modules, 1, tmp_path / "after", 10 ** 18 + 1)
    run = modules.by_rsync(tmp_path / "cache", 1, mount=False)
    assert run.vrps == modules.steps[1].vrps() and run.labels() == [], run.stderr


def test_time_says_nothing(modules, tmp_path):
    """The CRL changes, its size and time do not: seen at the second look."""
    timed(modules, 0, tmp_path / "before", 10 ** 18)
    modules.by_rsync(tmp_path / "cache", 0, mount=False)
    timed(modules, 1, tmp_path / "after", 10 ** 18)
    run = modules.by_rsync(tmp_path / "cache", 1, mount=False)
    assert run.labels() == ["manifest-file-hash"], run.stderr
    assert run.of("10.1.") == kept_of(modules)
    for _ in range(2):
        run = modules.by_rsync(tmp_path / "cache", 1, mount=False)
        assert run.vrps == modules.steps[1].vrps(), run.stderr
        assert run.labels() == []


def spoil_crl(tree):
    text = (tree / "alpha/bad/bad.crl").read_bytes()
    (tree / "alpha/bad/bad.crl").write_bytes(text[:-1] + bytes([text[-1] ^ 1]))


@pytest.mark.parametrize("code", [0, 23])
def test_looks_closer_once(modules, warm, tree, stand_in, code):
    """Where a file stays wrong, looking into all of them is not for each run."""
    spoil_crl(tree)
    program = stand_in(f"""
/usr/bin/rsync "$@" || exit
case " $* " in *' --checksum '*) : > "$last/alpha/bad/closer.roa"; esac
exit {code}""")
    modules.mount("bad", tree)
    closer = []
    for _ in range(4):
        run = modules.by_rsync(warm, 1, "--rsync-command", program, mount=False)
        assert run.labels() == ["rsync-exit"] * (code != 0) + ["manifest-file-hash"], \
            run.stderr
        closer.append(len(list(warm.rglob("closer.roa"))))
    assert closer == [0, 1, 0, 0]


CLOSED = {"refuses": ("exit 4", []), "takes too long": ("exec sleep 1000", ["rsync-timeout"])}


@pytest.mark.parametrize("name", CLOSED)
def test_cannot_look_closer(modules, warm, tree, stand_in, name):
    """Who does not let us, or not in time, brings news to all others as before."""
    how, told = CLOSED[name]
    spoil_crl(tree)
    program = stand_in(f"""case " $* " in *' --checksum '*) {how}; esac""")
    modules.mount("bad", tree)
    wrong = ["manifest-file-hash"]
    for labels in (wrong, told + wrong, wrong, wrong):
        run = modules.by_rsync(warm, 1, "--rsync-command", program, "--rsync-timeout", "6",
                               mount=False)
        assert run.labels() == labels, run.stderr
    modules.mount_all(1)
    well = modules.by_rsync(warm, 1, "--rsync-command", program, mount=False)
    assert well.vrps == modules.steps[1].vrps() and well.labels() == [], well.stderr


def test_slow_to_refuse(modules, warm, tree, stand_in):
    """Who refuses late, and then is slow, has no more time for both than for one."""
    spoil_crl(tree)
    program = stand_in("""case " $* " in
*' --checksum '*) : > "$last/asked"; sleep 4; exit 4
esac
[ ! -e "$last/asked" ] || sleep 4""")
    modules.mount("bad", tree)
    wrong = ["manifest-file-hash"]
    for labels in wrong, ["rsync-timeout", *wrong]:
        run = modules.by_rsync(warm, 1, "--rsync-command", program, "--rsync-timeout", "6",
                               mount=False)
        assert run.labels() == labels, run.stderr


def test_half_of_it(modules, warm, tree):
    """6481: not atomic; a new manifest without its files is not believed."""
    (tree / "alpha/bad/two.roa").unlink()
    run = modules.by_rsync(warm, 1, mount=False)
    assert run.of("10.1.") == kept_of(modules), run.stderr
    assert run.labels() == ["manifest-file-missing"], run.stderr
    well = modules.by_rsync(warm, 1)
    assert well.vrps == modules.steps[1].vrps()


def test_changing_under_us(modules, warm, tree):
    """Files that never stand still: exit code 24 or a mix, never a wrong set."""
    end = time.monotonic() + 20
    stirring = subprocess.Popen(
        ["sh", "-c", "while :; do for n in 1 2 3 4 5 6 7 8 9; do "
         "head -c 90000 /dev/urandom >c$n.roa; mv c$n.roa d$n.roa; rm -f d$n.roa;"
         " done; done"], cwd=tree / "alpha/bad", stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() < end:
            run = modules.by_rsync(warm, 1, mount=False)
            assert run.of("10.2.") == news_of(modules), run.stderr
            assert run.of("10.1.") in (kept_of(modules),
                                       news_of(modules, "10.1.")), run.stderr
            assert set(run.labels()) <= {"rsync-exit"}, run.stderr
            if run.seconds > 5:
                break
    finally:
        stirring.kill()
        stirring.wait()
    well = modules.by_rsync(warm, 1)
    assert well.vrps == modules.steps[1].vrps() and well.labels() == []


BEHAVIOURS = {
    "exit 1": ("exit 1", "rsync-exit"),
    "exit 5": ("echo no such module >&2; exit 5", "rsync-exit"),
    "exit 23": ("exit 23", "rsync-exit"),
    "exit 24": ("exit 24", "rsync-exit"),
    "exit 30": ("exit 30", "rsync-timeout"),
    "exit 127": ("exit 127", "rsync-exit"),
    "killed": ("kill -9 $$", "rsync-exit"),
    "hangs": ("exec sleep 1000", "rsync-timeout"),
    "hangs and is deaf": ("trap '' TERM HUP INT; while :; do sleep 1; done",
                          "rsync-timeout"),
    "has children": ("sleep 1000 & sleep 1000 & wait", "rsync-timeout"),
    "talks": ("yes | head -c 100000000; exit 1", "rsync-exit"),
    "complains": ("yes | tr -d '\\n' | head -c 30000000 >&2; exit 1", "rsync-exit"),
    "complains in lines": ("yes >&2 & sleep 2; kill $!; exit 1", "rsync-exit"),
    "escapes": ("printf 'a\\033[31m\\r\\nb\\001 <b>\\n' >&2; exit 1", "rsync-exit"),
    "fills the disk": ("yes | head -c 19000000 >$last/x.roa; "
                       "yes | head -c 19000000 >$last/y.roa; exec sleep 1000",
                       "rsync-limit"),
    "fills it with names": ("n=0; while :; do n=$((n+1)); : >$last/$n.roa; done",
                            "rsync-limit"),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_behaviour(modules, warm, stand_in, name):
    what, label = BEHAVIOURS[name]
    program = stand_in(what)
    seconds = 6 if label == "rsync-timeout" else 100
    run = modules.by_rsync(warm, 1, "--rsync-command", program,
                           "--rsync-timeout", seconds, "--max-repository-size",
                           "20000000", "--max-rsync-files", "5000", mount=False)
    bounded(run)
    assert run.faults.get(modules.rsync + "bad/") == [label], run.stderr
    assert run.of("10.1.") == kept_of(modules), run.stderr
    assert run.of("10.2.") == news_of(modules), run.stderr
    assert "\033" not in run.stderr and "\001" not in run.stderr
    left = subprocess.run(["pgrep", "-f", str(program)], capture_output=True)
    assert left.stdout == b""
    well = modules.by_rsync(warm, 1)
    assert well.vrps == modules.steps[1].vrps() and well.labels() == []


def overlong(tree):
    """Folders within each other, until their names are longer than any path."""
    here = os.getcwd()
    os.chdir(tree)
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    os.chdir(here)


def test_not_all_can_be_read(modules, warm, tree, tmp_path):
    """rsync goes on and ends with 23: what came counts, and it is told."""
    overlong(tree)
    for cache in (warm, tmp_path / "cold"):
        run = modules.by_rsync(cache, 1, mount=False)
        assert run.vrps == modules.steps[1].vrps(), run.stderr
        assert run.faults == {modules.rsync + "bad/": ["rsync-exit"]}, run.stderr
        assert "exit code 23: " in run.stderr
    part = modules.by_rsync(warm, 1, "--complete", mount=False, check=False)
    assert part.code == 2
    # Nothing is made worse of what is held.
    held = modules.by_rsync(warm, 1, "--noupdate", mount=False)
    assert held.vrps == modules.steps[1].vrps() and held.labels() == []


def test_piles_up(modules, warm, tree, tmp_path):
    """While a server cannot read all it has, rsync removes nothing of ours. What
    comes and goes there costs a run when it is too much, and not all that follow."""
    overlong(tree)
    told = []
    for turn in range(6):
        (tree / f"x{turn - 1}.roa").unlink(missing_ok=True)
        (tree / f"x{turn}.roa").write_bytes(b"x" * 400_000)
        run = modules.by_rsync(warm, 1, "--max-repository-size", "1000000", mount=False)
        assert run.vrps == modules.steps[1].vrps(), run.stderr
        told += run.labels()
    assert told == ["rsync-exit", "rsync-exit", "rsync-limit"] * 2, told


PARTS = {
    "unreadable": ("rm $last/alpha/bad/two.roa; exit 23", "manifest-file-missing"),
    "vanished": ("rm $last/alpha/bad/bad.mft; exit 24", "manifest-missing"),
    "vanished and not listed": ("exit 24", None),
}


@pytest.mark.parametrize("name", PARTS)
def test_part_of_it(modules, warm, tmp_path, stand_in, name):
    """Each point of the module stands or falls by what came of it."""
    what, label = PARTS[name]
    program = stand_in('/usr/bin/rsync "$@" || exit\n' + what)
    run = modules.by_rsync(warm, 1, "--rsync-command", program, mount=False)
    assert run.of("10.2.") == news_of(modules), run.stderr
    assert run.of("10.1.") == (news_of(modules, "10.1.") if label is None
                               else kept_of(modules)), run.stderr
    labels = run.labels()
    assert labels == ["rsync-exit"] + ([] if label is None else [label]), run.stderr


def test_says_it_did(modules, warm, stand_in, tmp_path):
    """Exit code 0 without a transfer: nobody answered, and nothing is lost."""
    program = stand_in("exit 0")
    for cache, held in (warm, kept_of(modules)), (tmp_path / "cold", set()):
        run = modules.by_rsync(cache, 1, "--rsync-command", program, mount=False)
        assert run.of("10.1.") == held and run.of("10.2.") == news_of(modules)
        assert run.faults.pop(modules.rsync + "bad/") == ["rsync-exit"], run.stderr
        assert set(run.labels()) <= {"manifest-missing"}, run.stderr
        well = modules.by_rsync(cache, 1)
        assert well.vrps == modules.steps[1].vrps() and well.labels() == []
    assert list(warm.rglob("stray")) == []


def test_swaps_the_folder(modules, warm, stand_in):
    """A link in place of the tree is not followed."""
    what = "rm -rf $last/*; ln -s /etc $last/alpha; exit 0"
    run = modules.by_rsync(warm, 1, "--rsync-command", stand_in(what),
                           mount=False)
    assert run.of("10.1.") == kept_of(modules), run.stderr
    assert run.labels() == ["manifest-missing"], run.stderr
    well = modules.by_rsync(warm, 1)
    assert well.vrps == modules.steps[1].vrps() and well.labels() == []


# What the leash keeps rsync from: each says DONE where it should not be able to.
FORBIDDEN = {
    "write beside its folder": ": >$last/../outside",
    "write into the database": "echo x >>$last/../../data.mdb",
    "remove the lock": "rm $last/../../lock",
    "write to /tmp": ": >/tmp/kedge-leash-test.$$",
    "read another module": "cat $last/../1/alpha/alpha.mft",
    "read the database": "head -c 10 $last/../../data.mdb",
    "read shadow": "head -c 10 /etc/shadow",
    "list processes": "ls /proc/1",
    "link what is outside": "ln /etc/passwd $last/p.roa",
    "signal the parent": "kill -0 $PPID",
    "execute a file of its own": "cp /bin/true $last/t; $last/t",
    "gain rights": "chroot / /bin/true || exit 1; mount -t tmpfs x $last",
    "write through the disk": "head -c 1 /dev/sda || head -c 1 /dev/vda",
    "see the engine's environment": "test -n \"$HOME\"",
    "see the engine's descriptors": "ls -l /proc/self/fd",
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_leash(modules, warm, stand_in, tmp_path, name):
    done = modules.by_rsync(tmp_path / "try", 0)
    if "sandbox" in done.stderr:
        pytest.skip(done.stderr)
    program = stand_in("if (" + FORBIDDEN[name] + ") >/dev/null 2>&1; "
                       "then echo DONE >&2; else echo REFUSED >&2; fi; exit 9")
    run = modules.by_rsync(warm, 1, "--rsync-command", program, mount=False)
    assert run.faults.get(modules.rsync + "bad/") == ["rsync-exit"]
    assert "REFUSED" in run.stderr, run.stderr


def test_allowed(modules, warm, stand_in):
    """The refusals above are the leash's, not the shell's."""
    program = stand_in("if (: >$last/inside && head -c 5 /etc/resolv.conf "
                       "&& ls $last && /bin/true) >/dev/null 2>&1; then echo DONE "
                       ">&2; else echo REFUSED >&2; fi; exit 9")
    run = modules.by_rsync(warm, 1, "--rsync-command", program, mount=False)
    assert "DONE" in run.stderr, run.stderr


def test_arguments(modules, warm, stand_in):
    """T-RSYNC-04: the operands stand behind --, the environment is ours."""
    program = stand_in("echo \"$* / $(env | sort | tr '\\n' ' ')\" | tail -c 190 >&2;"
                       " exit 9")
    os.environ["RSYNC_RSH"] = "evil"
    try:
        run = modules.by_rsync(warm, 1, "--rsync-command", program, mount=False)
    finally:
        del os.environ["RSYNC_RSH"]
    line = next(li for li in run.stderr.splitlines() if "rsync-exit" in li)
    assert f"-- {modules.rsync}bad/ " in line and "evil" not in line, line
    assert "LC_ALL=C" in line and "HOME" not in line


def test_once_a_module(modules, tmp_path, stand_in):
    """However many points lie in it."""
    program = stand_in("echo one >&2; exec /usr/bin/rsync \"$@\"")
    run = modules.by_rsync(tmp_path / "cold", 1, "--rsync-command", program,
                           mount=False)
    assert run.vrps == modules.steps[1].vrps(), run.stderr
