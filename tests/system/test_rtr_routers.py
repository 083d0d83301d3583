# SPDX-License-Identifier: BSD-2-Clause
"""Real routers take the full set and each change; what they hold is the truth."""
import pathlib
import shutil
import signal

import pytest

import routers
from cache import running
from daemon import until

FIRST = {("AS64501", "10.3.0.0/16", "24"), ("AS0", "10.3.0.0/16", "16"),
         ("AS64502", "2001:db8:7::/48", "48")}
SECOND = {("AS64501", "10.3.0.0/16", "24"), ("AS64501", "10.3.0.0/16", "20"),
          ("AS4294967295", "2001:db8:8::/48", "64"), ("AS64503", "10.4.0.0/14", "14")}


@pytest.fixture(scope="module")
def cache(forge, tmp_path_factory):
    # Those who do not heed a notify ask again soon.
    with running(forge, tmp_path_factory.mktemp("rtr"), "--refresh", "3") as one:
        yield one


def need(*programs):
    for name in programs:
        if routers.program(name) is None and not pathlib.Path(name).exists():
            pytest.skip(f"no {name}")


@pytest.fixture
def ends(tmp_path):
    """Everything that is put in here ends with the test."""
    running_ones = []
    yield running_ones
    for one in running_ones:
        one.end()


def follows(cache, router):
    """The set as it is, three changes of it."""
    def holds():
        return router.table() == cache.vrps()
    until(holds, f"the first set in {router.said()}")
    for own in FIRST, SECOND, set():
        cache.change(own)
        until(holds, f"{own} in {router.said()}")


def test_bird(cache, ends, tmp_path):
    need("bird", "birdc")
    ends.append(routers.Bird(tmp_path / "bird", cache.rtr, extra="refresh keep 2;"))
    follows(cache, ends[0])


def test_rtrlib(cache, ends, tmp_path):
    need("rtrclient", "stdbuf")
    ends.append(routers.RtrClient(tmp_path / "rtrclient", "tcp", "127.0.0.1", cache.rtr))
    follows(cache, ends[0])


@pytest.fixture
def frr(ends, tmp_path):
    """Its sockets stand in a folder with a short name."""
    need(routers.FRR_BGPD, "vtysh", "/usr/lib/x86_64-linux-gnu/frr/modules/bgpd_rpki.so")
    short = pathlib.Path(f"/tmp/kedge-frr-{tmp_path.stat().st_ino}")
    short.mkdir()

    def start(port):
        ends.append(routers.Frr(tmp_path / "frr", port, short))
        return ends[-1]
    yield start
    for one in ends:
        one.end()
    shutil.rmtree(short)


def test_frr(cache, frr):
    follows(cache, frr(cache.rtr))


def test_openbgpd(cache, ends, tmp_path):
    need("bgpctl")
    if routers.pwd.getpwuid(routers.os.getuid()).pw_name != "root":
        pytest.skip("OpenBGPD wants to be root")
    ends.append(routers.OpenBgpd(tmp_path / "openbgpd", cache.rtr))
    until(lambda: f"Serial #: {cache.serial}" in ends[0].ask("show", "rtr"),
          ends[0].said())
    cache.change(FIRST)
    until(lambda: f"Serial #: {cache.serial}" in ends[0].ask("show", "rtr"),
          ends[0].said())
    counts = ends[0].ask("show", "sets").splitlines()[1].split()
    families = [":" in prefix for _, prefix, _ in cache.vrps()]
    # It counts prefixes, however many ROAs they have.
    assert counts[3:5] == [str(len({p for _, p, _ in cache.vrps() if ":" not in p})),
                           str(families.count(True))], counts
    cache.change(set())


def test_stayrtr_dump(cache, tmp_path):
    need("rtrdump")
    for version in 0, 1:
        table, made = routers.rtrdump(tmp_path, cache.rtr, version)
        assert table == cache.vrps()
        assert len(made.get("bgpsec_keys") or []) == (1 if version else 0)


def test_bird_over_a_crash(cache, ends, tmp_path):
    """The server is killed and comes back: the router goes on where it was."""
    need("bird", "birdc")
    bird = routers.Bird(tmp_path / "bird", cache.rtr, extra="refresh keep 2; retry keep 1;")
    ends.append(bird)
    until(lambda: bird.table() == cache.vrps(), "the first set")
    cache.end(signal.SIGKILL)
    cache.start()
    until(cache.listens, "the port again")
    cache.change(FIRST)
    until(lambda: bird.table() == cache.vrps(), f"the change in {bird.said()}")
    assert "Cache Reset" not in (tmp_path / "bird" / "log").read_text()
    cache.change(set())


def over_a_new_session(forge, folder, ends, start):
    """A cache that goes on as another session: the router is led there at once."""
    with running(forge, folder, "--refresh", "86400", "--retry", "1") as cache:
        router = start(cache.rtr)
        ends.append(router)
        until(lambda: router.table() == cache.vrps(), f"the first set in {router.said()}")
        until((cache.state / "state").exists, "the state")
        (cache.state / "ahead").mkdir()
        cache.change(FIRST)
        cache.wait_for("routers will take a new session")
        until(lambda: router.table() == cache.vrps(), f"the change in {router.said()}")


def test_bird_over_a_new_session(forge, ends, tmp_path):
    need("bird", "birdc")
    over_a_new_session(forge, tmp_path, ends,
                       lambda port: routers.Bird(tmp_path / "bird", port))


def test_rtrlib_over_a_new_session(forge, ends, tmp_path):
    need("rtrclient", "stdbuf")
    over_a_new_session(forge, tmp_path, ends, lambda port: routers.RtrClient(
        tmp_path / "rtrclient", "tcp", "127.0.0.1", port))


def test_frr_over_a_new_session(forge, ends, frr, tmp_path):
    over_a_new_session(forge, tmp_path, ends, frr)
