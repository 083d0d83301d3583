# SPDX-License-Identifier: BSD-2-Clause
"""Many repositories at once, most of them hostile, seen by the installed kedge
(T-NET-02, T-NET-04, T-TREE-02): a neighbour waits for none of them, and each
trust anchor has a share."""
import threading
import time

import pytest

from site_server import free_port
from town import Town

CROWD = 40
STORY = """\
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511 host top via both
ca alpha/good 10.2.0.0/16 AS64501 host good via rrdp
roa alpha/good/one AS64501 10.2.1.0/24
step
roa alpha/good/two AS64501 10.2.2.0/24
""" + "".join(f"ca alpha/s{n} 10.3.{n}.0/24 AS64500 host s{n} via rrdp\n"
              f"roa alpha/s{n}/one AS64500 10.3.{n}.0/24\n"
              for n in range(CROWD)) + """\
step
roa alpha/good/three AS64501 10.2.3.0/24
"""


@pytest.fixture(scope="module")
def crowd(forge, certificates, tmp_path_factory, town):
    hosts = ("top", "good", *(f"s{n}" for n in range(CROWD)))
    made = Town(forge, town.program, certificates, tmp_path_factory.mktemp("crowd"),
                free_port(), STORY, hosts)
    yield made
    made.close()


def neighbour(crowd, number=1):
    return {v for v in crowd.steps[number].vrps() if v[1].startswith("10.2.")}


def test_honest(crowd, tmp_path):
    run = crowd.run(tmp_path / "cold", 1)
    assert run.vrps == crowd.steps[1].vrps() and run.labels() == [], run.stderr


def test_slow_crowd(crowd, tmp_path):
    """All newcomers say nothing. Who answered before is asked before most."""
    lock, asked = threading.Lock(), []

    def silence(name):
        def script(connection, request):
            with lock:
                asked.append(name)
            time.sleep(30)
        return script

    def good(connection, request):
        with lock:
            asked.append("good")
        path = crowd.steps[1].folder / "https/good" / request.path[1:]
        from hostile_https import answer
        return answer(path.read_bytes())
    crowd.show(1)
    for n in range(CROWD):
        crowd.server.routes[f"s{n}/notification.xml"] = silence(f"s{n}")
    crowd.server.routes["good/notification.xml"] = good
    run = crowd.run(crowd.cache(tmp_path / "warm"), 1, "--fetch-threads", "8",
                    show=False)
    assert run.of("10.2.") == neighbour(crowd), run.stderr
    assert run.of("10.3.") == set()
    assert asked.index("good") <= 8, asked
    failed = [u for u, ls in run.faults.items() if "http-timeout" in ls]
    assert len(failed) == CROWD, run.stderr
    assert all(run.faults[u] == ["http-timeout"] for u in failed)


def test_deadline(crowd, tmp_path):
    """The whole run ends, whatever is still under way."""
    crowd.show(1)
    for n in range(CROWD):
        crowd.server.routes[f"s{n}/notification.xml"] = \
            lambda c, r: time.sleep(60)
    run = crowd.run(crowd.cache(tmp_path / "warm"), 1, "--fetch-threads", "2",
                    "--deadline", "6", show=False)
    assert run.seconds < 30
    assert run.of("10.2.") == neighbour(crowd), run.stderr
    assert "repository-deadline" in run.stderr or "deadline" in run.stderr


def test_too_many_repositories(crowd, tmp_path):
    """What was brought in before is always welcome; newcomers have a share."""
    run = crowd.run(crowd.cache(tmp_path / "warm"), 1, "--max-ta-repositories",
                    "10")
    assert run.of("10.2.") == neighbour(crowd), run.stderr
    refused = [u for u, ls in run.faults.items() if "ta-repositories" in ls]
    assert len(refused) == CROWD - 10, run.stderr
    assert len(run.of("10.3.")) == 10


def test_too_many_octets(crowd, tmp_path):
    run = crowd.run(crowd.cache(tmp_path / "warm"), 1, "--max-ta-size", "30000")
    assert run.of("10.2.") == neighbour(crowd), run.stderr
    refused = [u for u, ls in run.faults.items() if "ta-octets" in ls]
    assert len(refused) == CROWD, run.stderr


def test_octets_of_one(town, bad, tmp_path):
    """A repository's own budget, counted over all of its files."""
    bad.offer(deltas={})
    run = town.run(town.cache(tmp_path / "warm"), 1, "--max-repository-size",
                   str(len(bad.snapshot())), show=False)
    assert run.faults.get(town.notify()) == ["http-size"], run.stderr
    kept = {v for v in town.steps[0].vrps() if v[1].startswith("10.1.")}
    assert run.of("10.1.") == kept, run.stderr


def test_vanishes_and_comes_back(town, tmp_path):
    """T-MFT-09: five runs without it, and at once when it is back."""
    cache = town.cache(tmp_path / "warm")
    for _ in range(5):
        town.show(1)
        for path in ("notification.xml", "s.xml"):
            town.server.routes["bad/" + path] = \
                b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        run = town.run(cache, 1, show=False)
        assert run.faults == {town.notify(): ["http-status"]}, run.stderr
        assert run.of("10.1.") == {v for v in town.steps[0].vrps()
                                   if v[1].startswith("10.1.")}
    back = town.run(cache, 1)
    assert back.vrps == town.steps[1].vrps() and back.labels() == []


def test_session_flaps(town, bad, tmp_path):
    """T-RRDP-07: each run another session, each run the snapshot, no harm."""
    cache = town.cache(tmp_path / "warm")
    for n in range(4):
        bad.session = f"0000000{n}-0000-4000-8000-000000000000"
        bad.offer(deltas={})
        run = town.run(cache, 1, show=False)
        assert run.vrps == town.steps[1].vrps() and run.labels() == []


def test_serial_goes_back(town, bad, tmp_path):
    """T-RRDP-07: refused twice, believed when it persists."""
    cache = town.cache(tmp_path / "warm")
    bad.serial = 9
    bad.offer(deltas={})
    assert town.run(cache, 1, show=False).labels() == []
    bad.serial = 8
    bad.offer(deltas={})
    for _ in range(2):
        run = town.run(cache, 1, show=False)
        assert run.faults == {town.notify(): ["rrdp-serial-back"]}, run.stderr
        assert run.vrps == town.steps[1].vrps()
    run = town.run(cache, 1, show=False)
    assert run.labels() == [] and "/s.xml" in town.server.asked("bad")


def test_mutation(town, bad, tmp_path):
    """RFC 9697: a delta's hash that changed costs the snapshot and a word."""
    cache = town.cache(tmp_path / "warm")
    bad.offer()
    assert town.run(cache, 1, show=False).labels() == []
    bad.serial = 3
    extra = bad.publish(town.rsync + "bad/x.roa", b"x" * 200)
    bad.offer(deltas={2: bad.delta(serial=2).replace("\n", "\n\n"),
                      3: bad.document("delta", extra)})
    run = town.run(cache, 1, show=False)
    assert "RFC 9697" in run.stderr and run.vrps == town.steps[1].vrps()


@pytest.mark.parametrize("serial", [2 ** 62, 2 ** 63 - 1])
def test_large_serials(town, bad, tmp_path, serial):
    bad.serial = serial
    bad.offer(deltas={})
    cache = town.cache(tmp_path / "warm")
    run = town.run(cache, 1, show=False)
    assert run.labels() == [] and run.vrps == town.steps[1].vrps()
    assert town.run(cache, 1, show=False).labels() == []


def test_many_deltas(town, bad, tmp_path):
    """T-RRDP-05: beyond the ceiling the snapshot is cheaper."""
    bad.serial = 400
    listed = [(n, town.uri(f"d{n}.xml"), "0" * 64) for n in range(2, 401)]
    bad.offer(deltas={}, listed=listed)
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr
    assert town.server.asked("bad") == ["/notification.xml", "/s.xml"]


def test_gap_in_deltas(town, bad, tmp_path):
    bad.serial = 4
    listed = [(n, town.uri(f"d{n}.xml"), "0" * 64) for n in (2, 4)]
    bad.offer(deltas={}, listed=listed)
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps(), run.stderr
    assert set(run.labels()) <= {"rrdp-gap"}, run.stderr
    assert town.server.asked("bad") == ["/notification.xml", "/s.xml"]


def test_deltas_in_any_order(town, bad, tmp_path):
    """The listing's order is the publisher's; the serials tell ours."""
    a, b = town.rsync + "bad/x.roa", town.rsync + "bad/y.roa"
    bad.serial = 4
    deltas = {4: bad.document("delta", bad.withdraw(a, b"x" * 9)),
              2: bad.delta(serial=2),
              3: bad.document("delta", bad.publish(a, b"x" * 9) +
                              bad.publish(b, b"y"), serial=3)}
    bad.offer(deltas=deltas)
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr
    assert town.server.asked("bad") == ["/notification.xml", "/d2.xml", "/d3.xml",
                                        "/d4.xml"]


def test_empty_snapshot(town, bad, tmp_path):
    """T-RRDP-11: nothing is published; the last good version stands in."""
    bad.session = "00000000-0000-4000-8000-000000000000"
    bad.offer(snapshot=bad.document("snapshot", ""), deltas={})
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.labels() == ["manifest-missing"], run.stderr
    assert run.of("10.1.") == {v for v in town.steps[0].vrps()
                               if v[1].startswith("10.1.")}


def test_victim_at_a_shared_name(town, bad, tmp_path):
    """T-URI-04: one host in two spellings is one repository."""
    shout = bad.notice((town.uri("s.xml").replace("bad.local", "BAD.Local"),
                        "0" * 64))
    assert "BAD.Local" in shout
    snapshot = bad.snapshot()
    import hashlib
    bad.put("s.xml", snapshot)
    bad.put("notification.xml", bad.notice(
        (town.uri("s.xml").replace("https://bad.local", "HTTPS://BAD.Local"),
         hashlib.sha256(snapshot.encode()).hexdigest())))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr


POLICIES = ["never", "stale", "new"]


@pytest.mark.parametrize("policy", POLICIES)
def test_fallback(town, tmp_path, policy):
    """To rsync at once where nothing is held; for what is held, not before
    its time, which is remembered over runs; never if so told."""
    town.modules()
    town.mount_all(1)

    def down():
        town.show(1)
        town.server.routes["bad/notification.xml"] = \
            b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    kept = {v for v in town.steps[0].vrps() if v[1].startswith("10.1.")}
    news = {v for v in town.steps[1].vrps() if v[1].startswith("10.1.")}
    down()
    cold = town.run(tmp_path / "cold", 1, "--rrdp-fallback", policy, show=False,
                    rsync=True)
    assert cold.of("10.1.") == (set() if policy == "never" else news), cold.stderr
    cache = town.cache(tmp_path / "warm")
    down()
    soon = town.run(cache, 1, "--rrdp-fallback", policy, "--rrdp-fallback-time",
                    "3600", show=False, rsync=True)
    assert soon.of("10.1.") == kept, soon.stderr
    down()
    later = town.run(cache, 1, "--rrdp-fallback", policy, "--rrdp-fallback-time",
                     "3600", "--at", "2026-03-01T01:30:00Z", show=False,
                     rsync=True)
    assert later.of("10.1.") == (news if policy == "stale" else kept), later.stderr
    back = town.run(cache, 1, "--rrdp-fallback", policy, rsync=True)
    assert back.vrps == town.steps[1].vrps()
    # What counts is how old the data are, not when failing was first seen.
    down()
    old = town.run(town.cache(tmp_path / "old"), 1, "--rrdp-fallback", policy,
                   "--rrdp-fallback-time", "3600", "--at", "2026-03-01T01:30:00Z",
                   show=False, rsync=True)
    assert old.of("10.1.") == (news if policy == "stale" else kept), old.stderr


def test_fell_back_by_a_wrong_clock(town, tmp_path):
    """Who failed at a time to come need not wait for it."""
    town.modules()
    town.mount_all(1)
    cache = town.cache(tmp_path / "cache")
    wrong = ["--at", "2026-03-01T06:00:00Z"]
    town.run(cache, 0, *wrong, check=False)
    for words in wrong, []:
        town.show(1)
        town.server.routes["bad/notification.xml"] = \
            b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        run = town.run(cache, 1, "--rrdp-fallback-time", "3600", *words,
                       check=False, show=False, rsync=True)
    assert run.vrps == town.steps[1].vrps(), run.stderr


def test_failed_after_a_wrong_clock(town, tmp_path):
    """What came at a time to come is of no known age: rsync waits its time from when
    that was first seen to fail, and no longer."""
    town.modules()
    town.mount_all(1)
    cache = town.cache(tmp_path / "cache")
    town.run(cache, 0, "--at", "2026-03-01T06:00:00Z", check=False)
    kept = {v for v in town.steps[0].vrps() if v[1].startswith("10.1.")}
    news = {v for v in town.steps[1].vrps() if v[1].startswith("10.1.")}
    for second, wanted in ("00:20:00", kept), ("01:20:00", news):
        town.show(1)
        town.server.routes["bad/notification.xml"] = \
            b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        run = town.run(cache, 1, "--rrdp-fallback-time", "3600", "--at",
                       f"2026-03-01T{second}Z", check=False, show=False, rsync=True)
        assert run.of("10.1.") == wanted, (second, run.stderr)


@pytest.mark.parametrize("before", [None, 0], ids=["nothing", "old"])
def test_both_ways_are_shut(town, tmp_path, before):
    """What RRDP brought last counts, and not that rsync never had it, or has
    what is older; each way's own fault is told, and no point's."""
    town.modules()
    town.mount_all(0)
    cache = tmp_path / "warm"
    late = ["--rrdp-fallback-time", "60", "--at", "2026-03-01T02:00:00Z"]
    if before is not None:
        town.by_rsync(cache, before)
    assert town.run(cache, 1).vrps == town.steps[1].vrps()
    (town.top / "live" / "bad").unlink()
    for turn in range(3):
        town.show(1)
        town.server.routes["bad/notification.xml"] = \
            b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        run = town.run(cache, 1, *late[:2 + 2 * (turn > 0)], show=False, rsync=True)
        assert run.vrps == town.steps[1].vrps()
        assert run.faults == {town.notify(): ["http-status"]} | (
            {town.rsync + "bad/": ["rsync-exit"]} if turn > 0 else {}), run.stderr
        assert " 0 points judged" in run.stderr, run.stderr
    town.mount_all(1)
    back = town.run(cache, 1)
    assert back.vrps == town.steps[1].vrps() and back.labels() == []
