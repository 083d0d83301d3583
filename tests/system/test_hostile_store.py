# SPDX-License-Identifier: BSD-2-Clause
"""A cache that is damaged, full, shut, shared or killed, seen by the installed
kedge (T-STORE, T-RRDP-09, T-TIME): what we have stays, and the next run with
room is as good as one that begins anew."""
import datetime
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import pytest

KILLS = int(os.environ.get("KEDGE_KILLS", "100"))


def words(town, cache, number, out, *more):
    return [str(w) for w in (
        town.program, "--no-rir-tals", "--extra-tals-dir", town.tale.tals,
        "--repository-dir", cache, "--rrdp-root-cert", town.root_cert,
        "--allow-dubious-hosts", "--disable-rsync", "-v", "vrps", "--at",
        town.steps[number].at, "-o", f"csv={out}", *more)]


def test_killed_at_any_time(town, tmp_path):
    """T-STORE-04: then a run equals a clean one, kept folders and all."""
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    cache = town.cache(tmp_path / "cache")
    began = time.monotonic()
    town.run(town.cache(tmp_path / "whole"), 1)
    whole = time.monotonic() - began
    for kill in range(KILLS):
        number = dice.randrange(3)
        town.show(number)
        victim = subprocess.Popen(
            words(town, cache, number, tmp_path / "out"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        time.sleep(dice.random() * whole * 1.1)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        if kill % 20 == 19:
            run = town.run(cache, 2)
            assert run.vrps == town.steps[2].vrps(), (seed, run.stderr)
            assert "anew" not in run.stderr, (seed, run.stderr)
    run = town.run(cache, 2)
    assert run.vrps == town.steps[2].vrps() and run.labels() == [], run.stderr
    again = town.run(cache, 2, "-n")
    assert again.vrps == run.vrps


def flips(size):
    dice = random.Random(1)
    return [dice.randrange(size) for _ in range(200)]


def damage(cache, how):
    data = cache / "data.mdb"
    octets = bytearray(data.read_bytes())
    if how == "truncated":
        data.write_bytes(octets[:len(octets) // 2])
    elif how == "cut by one":
        data.write_bytes(octets[:-1])
    elif how == "empty":
        data.write_bytes(b"")
    elif how == "zeros":
        data.write_bytes(bytes(len(octets)))
    elif how == "random":
        data.write_bytes(os.urandom(len(octets)))
    elif how == "text":
        data.write_text("hello\n")
    elif how == "another version":
        octets[20] += 1
        data.write_bytes(octets)
    elif how == "flipped":
        for at in flips(len(octets) - 8192):
            octets[8192 + at] ^= 1 << (at % 8)
        data.write_bytes(octets)
    elif how == "objects flipped":
        for at in range(8192 + 64, len(octets), 512):
            octets[at] ^= 0x10
        data.write_bytes(octets)
    elif how == "folder":
        data.unlink()
        data.mkdir()
        (data / "x").write_text("x")
    elif how == "pipe":
        data.unlink()
        os.mkfifo(data)
    elif how == "format":
        at = octets.find(b"kedge store")
        while at >= 0:
            octets[at:at + 5] = b"other"
            at = octets.find(b"kedge store")
        data.write_bytes(octets)
    elif how == "lock of rubbish":
        (cache / "lock.mdb").write_bytes(os.urandom(8192))
    elif how == "no lock":
        (cache / "lock.mdb").unlink()
    elif how == "tmp is a file":
        shutil.rmtree(cache / "tmp")
        (cache / "tmp").write_text("x")
    elif how == "rsync is a file":
        shutil.rmtree(cache / "rsync")
        (cache / "rsync").write_text("x")
    elif how == "rubbish beside":
        (cache / "data.mdb.damaged-1").write_text("x")
        (cache / "tmp" / "left").write_text("x")
        (cache / "rsync" / "99").mkdir()
        (cache / "rsync" / "99" / "x.roa").write_text("x")


DAMAGE = ["truncated", "cut by one", "empty", "zeros", "random", "text",
          "another version", "flipped", "objects flipped", "folder", "pipe",
          "format", "lock of rubbish", "no lock", "tmp is a file",
          "rsync is a file", "rubbish beside"]


# LMDB may follow what it finds beyond the end of the file: engines die of it,
# the next two when they try the store, and the one after sets it aside. Not all
# is looked at in each run.
FATAL = ("flipped", "objects flipped")


def survivor(town, cache, how):
    """The first run that comes to its end with all there is."""
    for _ in range(4 if how in FATAL else 1):
        run = town.run(cache, 1, check=how not in FATAL)
        if run.vrps == town.steps[1].vrps():
            return run
        assert run.code in (0, 1)
    raise AssertionError(run.stderr)


@pytest.mark.parametrize("how", DAMAGE)
def test_damaged(town, tmp_path, how):
    """T-STORE-01: never trusted, never fatal; what is lost comes again."""
    cache = town.cache(tmp_path / "cache")
    damage(cache, how)
    first = survivor(town, cache, how)
    second = survivor(town, cache, how)
    assert second.labels() == [], first.stderr + second.stderr


def test_link_in_place_of_the_database(town, tmp_path):
    cache = town.cache(tmp_path / "cache")
    elsewhere = tmp_path / "elsewhere"
    (cache / "data.mdb").rename(elsewhere)
    before = elsewhere.read_bytes()
    (cache / "data.mdb").symlink_to(elsewhere)
    run = town.run(cache, 1, check=False)
    assert run.code == 1 and "symbolic link" in run.stderr, run.stderr
    assert elsewhere.read_bytes() == before


def test_link_in_place_of_a_folder(town, tmp_path):
    cache = town.cache(tmp_path / "cache")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_text("x")
    shutil.rmtree(cache / "tmp")
    (cache / "tmp").symlink_to(outside)
    town.run(cache, 1, check=False)
    assert (outside / "mine").read_text() == "x"


def test_two_at_once(town, tmp_path):
    """The second waits for the first."""
    cache = town.cache(tmp_path / "cache")
    town.show(1)
    both = [subprocess.Popen(words(town, cache, 1, tmp_path / f"{n}.csv"),
                             stderr=subprocess.PIPE, text=True)
            for n in range(2)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    texts = {(tmp_path / f"{n}.csv").read_text() for n in range(2)}
    assert len(texts) == 1


def test_reader_beside_a_writer(town, tmp_path):
    cache = town.cache(tmp_path / "cache")
    town.show(1)
    writer = subprocess.Popen(words(town, cache, 1, tmp_path / "w.csv"),
                              stderr=subprocess.DEVNULL)
    seen = set()
    while writer.poll() is None:
        run = town.run(cache, 1, "-n", show=False)
        seen.add(frozenset(run.vrps))
    assert writer.returncode == 0
    assert seen <= {frozenset(town.steps[0].vrps()), frozenset(town.steps[1].vrps())} \
        or all(len(s) >= 2 for s in seen)


def own_mounts():
    """A shell with mounts of its own, or a skip."""
    if os.getuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare")
    done = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt"],
                          capture_output=True)
    if done.returncode != 0:
        pytest.skip("no mounts of one's own")


def quoted(command):
    return " ".join("'" + w + "'" for w in command)


def vrps_of(path):
    lines = pathlib.Path(path).read_text().splitlines()[1:]
    return {tuple(line.split(",")[:4]) for line in lines}


def test_read_only(town, tmp_path):
    """Refused with a reason; what only reads works."""
    own_mounts()
    cache = town.cache(tmp_path / "cache")
    town.show(1)
    run = quoted(words(town, cache, 1, tmp_path / "a.csv"))
    read = quoted(words(town, cache, 1, tmp_path / "b.csv", "-n"))
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c",
         f"mount --bind {cache} {cache} && mount -o remount,ro,bind {cache} && "
         f"{{ {run}; echo run $?; {read}; echo read $?; }}"],
        capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["run", "1", "read", "0"], done.stderr
    assert "Read-only file system" in done.stderr
    assert vrps_of(tmp_path / "b.csv") == town.steps[0].vrps()


@pytest.mark.parametrize("left", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 100])
def test_disk_full(town, tmp_path, left):
    """T-STORE-03: what we have stays; with room again all is well."""
    own_mounts()
    room = tmp_path / "room"
    room.mkdir()
    town.show(1)
    outs = [tmp_path / "full.csv", tmp_path / "well.csv"]
    runs = [quoted(words(town, room / "cache", 1, out)) for out in outs]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c",
         f"mount -t tmpfs -o size=4m tmpfs {room} && cp -a {town.held} {room}/cache"
         f" && head -c {left}k /dev/zero >{room}/left;"
         f" cat /dev/zero >{room}/filler 2>/dev/null; rm {room}/left;"
         f" {runs[0]}; echo full $?; rm {room}/filler; {runs[1]}; echo well $?"],
        capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["full", "0", "well", "0"], done.stderr
    full = vrps_of(outs[0])
    assert full >= town.steps[0].vrps(), done.stderr
    assert full <= town.steps[1].vrps()
    assert vrps_of(outs[1]) == town.steps[1].vrps()


@pytest.mark.parametrize("left", [60, 92])
def test_disk_full_from_the_first(town, tmp_path, left):
    """Where nothing could ever be kept there is no set, not an empty one."""
    own_mounts()
    room = tmp_path / "room"
    room.mkdir()
    town.show(0)
    out = tmp_path / "kept.csv"
    out.write_text("what stood there\n")
    run = quoted(words(town, room / "cache", 0, out))
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c",
         f"mount -t tmpfs -o size=2m tmpfs {room} && mkdir {room}/cache"
         f" && head -c {left}k /dev/zero >{room}/left;"
         f" cat /dev/zero >{room}/filler 2>/dev/null; rm {room}/left;"
         f" {run}; echo $?"],
        capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["1"], done.stderr
    assert out.read_text() == "what stood there\n", done.stderr


def test_disk_budget(town, bad, tmp_path):
    """--max-disk: who brings too much is refused, and only he."""
    junk = "".join(bad.publish(f"{town.rsync}bad/x/{n}.roa", os.urandom(100_000))
                   for n in range(250))
    bad.offer(snapshot=bad.snapshot(junk), deltas={})
    cache = town.cache(tmp_path / "cache")
    run = town.run(cache, 1, "--max-disk", "16777216", show=False)
    assert run.faults.get(town.notify()) == ["store-io"], run.stderr
    assert run.of("10.1.") == {v for v in town.steps[0].vrps()
                               if v[1].startswith("10.1.")}
    assert run.of("10.2.") == {v for v in town.steps[1].vrps()
                               if v[1].startswith("10.2.")}
    well = town.run(cache, 1, "--max-disk", "16777216")
    assert well.vrps == town.steps[1].vrps() and well.labels() == []


def test_somebody_elses(town, tmp_path):
    """Refused with a reason, and nothing of it touched."""
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv")
    cache = town.cache(tmp_path / "cache")
    for folder in (tmp_path, *tmp_path.parents):
        if folder != pathlib.Path("/tmp") and folder != pathlib.Path("/"):
            os.chmod(folder, os.stat(folder).st_mode | 0o055)
    before = (cache / "data.mdb").read_bytes()
    town.show(1)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         *words(town, cache, 1, "-")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "Permission denied" in done.stderr, done.stderr
    assert (cache / "data.mdb").read_bytes() == before


def shifted(at, days):
    when = datetime.datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ")
    return (when + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("days", [365, -365, 3650, -3650])
def test_clock_is_wrong(town, tmp_path, days):
    """T-TIME-01: nothing of the wrong year stays when the clock is right."""
    cache = town.cache(tmp_path / "cache")
    at = shifted(town.steps[1].at, days)
    for _ in range(2):
        town.run(cache, 1, "--at", at, check=False)
    for _ in range(2):
        run = town.run(cache, 1)
        assert run.vrps == town.steps[1].vrps(), run.stderr
        assert run.labels() == [], run.stderr


@pytest.mark.parametrize("days", [365, -365])
def test_another_time_is_asked_about(town, tmp_path, days):
    """It costs nothing that is kept."""
    cache = town.cache(tmp_path / "cache")
    for _ in range(2):
        town.run(cache, 0, "--at", shifted(town.steps[0].at, days), check=False)
    kept = town.run(cache, 0, "--noupdate")
    assert kept.vrps == town.steps[0].vrps(), kept.stderr


def test_fetched_by_a_wrong_clock(town, tmp_path):
    """What came at a time to come is not fresh until then."""
    cache = town.cache(tmp_path / "cache")
    town.run(cache, 0, "--at", shifted(town.steps[0].at, 0.25), check=False)
    run = town.run(cache, 1, "--update-after", "60")
    assert run.vrps == town.steps[1].vrps(), run.stderr


def test_fresh(town, tmp_path):
    cache = town.cache(tmp_path / "cache")
    run = town.run(cache, 1, "--fresh")
    assert run.vrps == town.steps[1].vrps() and run.labels() == []


def test_nothing_is_left_lying(town, tmp_path):
    """No spool, no aside file, no name from the network in the cache."""
    cache = town.cache(tmp_path / "cache")
    town.run(cache, 1)
    assert list((cache / "tmp").iterdir()) == []
    names = {p.name for p in cache.iterdir()}
    assert names <= {"data.mdb", "lock.mdb", "lock", "tmp", "rsync", "blackbox"}
