# SPDX-License-Identifier: BSD-2-Clause
"""T-RTR-16: no octet leaves the server that nobody wrote. It runs under valgrind,
which looks at all that is given to the kernel, while routers and people ask it
everything there is to ask; and no engine leaves memory behind."""
import os
import pathlib
import shutil
import struct
import urllib.request

import pytest

from daemon import Daemon, until
from router import END, ERROR, Router

pytestmark = pytest.mark.skipif(shutil.which("valgrind") is None,
                                reason="no valgrind")
STORY = """\
anchor alpha 10.0.0.0/8 2001:db8::/32 AS64496-64511
ca alpha/one 10.1.0.0/16 2001:db8:1::/48 AS64496-64500
roa alpha/one/a AS64496 10.1.0.0/24-28 2001:db8:1::/48-64
roa alpha/one/b AS64497 10.1.1.0/24
aspa alpha/one/c AS64496 AS64497 AS64498
aspa alpha/one/d AS64499 AS64497
routerkey alpha/one/k AS64497
step
withdraw alpha/one/b.roa
withdraw alpha/one/d.asa
withdraw alpha/one/k.cer
roa alpha/one/e AS64497 10.1.2.0/24 2001:db8:1:1::/64
aspa alpha/one/f AS64497 AS64500
routerkey alpha/one/l AS64498
"""
PATHS = ("/", "/status", "/metrics", "/json", "/csv", "/bird2", "/rpsl",
         "/json-delta", "/api/v1/status", "/validity?asn=64496&prefix=10.1.0.0/24",
         "/nothing")


def logs(folder):
    found = list(folder.glob("valgrind.log.*"))
    assert found
    return found


@pytest.fixture
def watched(kedge, tmp_path):
    """kedge whose server runs under valgrind; engines do not."""
    log = tmp_path / "valgrind.log"
    wrap = tmp_path / "kedge"
    wrap.write_text("#!/bin/sh\nexec valgrind --quiet --trace-children=no "
                    f"--log-file={log}.%p {kedge.program} \"$@\"\n")
    wrap.chmod(0o755)
    kedge.program = wrap
    return lambda: "".join(p.read_text() for p in logs(tmp_path))


def ask_all(port):
    """The whole set in each version."""
    for version in (0, 1, 2):
        router = Router(port, version=version)
        router.ask_reset()
        assert router.answer()[-1].type == END
        router.close()


def provoke(port):
    """Errors of each kind, read to their end."""
    for octets in (struct.pack(">BBHI", 9, 2, 0, 8),
                   struct.pack(">BBHI", 1, 2, 0, 9) + b"x",
                   struct.pack(">BBHI", 1, 77, 0, 8),
                   struct.pack(">BBHI", 1, 1, 0, 8),
                   struct.pack(">BBHI", 1, 4, 0, 20) + bytes(12),
                   struct.pack(">BBHII", 1, 1, 0xdead, 12, 7)):
        router = Router(port)
        router.send(octets)
        assert router.read() is not None
        router.close()


def test_all_octets_are_written(forge, site, kedge, tmp_path, watched):
    tale = forge.tell(STORY, tmp_path, site)
    daemon = Daemon(kedge, tale, "--disable-sandbox").start()
    try:
        daemon.wait_for("serial ")
        routers = [Router(daemon.rtr, version=v) for v in (0, 1, 2)]
        for router in routers:
            router.ask_reset()
            pdus = router.answer()
            router.session, router.serial = pdus[-1].field, pdus[-1].serial
        ask_all(daemon.rtr)
        site.show(tale.steps[1])
        daemon.ask("run")
        for router in routers:
            old = router.serial
            until(lambda: router.ask_serial() or
                  router.answer()[-1].serial != old, "another serial")
            router.ask_serial(serial=old)
            assert router.answer()[-1].type in (END, ERROR)
        provoke(daemon.rtr)
        for path in PATHS:
            daemon.get(path)
        urllib.request.urlopen(urllib.request.Request(
            f"http://127.0.0.1:{daemon.http}/json",
            headers={"Accept-Encoding": "gzip"}), timeout=60).read()
        daemon.ask("status")
    finally:
        assert daemon.end() == 0
    assert "ninitialised" not in watched(), watched()
    assert "Invalid" not in watched(), watched()


@pytest.mark.skipif(os.environ.get("KEDGE_LONG") is None, reason="KEDGE_LONG")
def test_engine_leaves_nothing(forge, site, kedge, tmp_path, monkeypatch):
    """Good objects, bad ones, and a second run that remembers."""
    tale = forge.play("changes.scn", tmp_path / "tale", site)
    engine = pathlib.Path(kedge.program).parent.parent / "libexec/kedge/kedge-engine"
    wrap = tmp_path / "engine"
    wrap.write_text("#!/bin/sh\nexec valgrind --quiet --leak-check=full "
                    "--show-leak-kinds=definite,indirect "
                    f"--log-file={tmp_path}/valgrind.log.%p {engine}\n")
    wrap.chmod(0o755)
    monkeypatch.setenv("KEDGE_ENGINE_PATH", str(wrap))
    for step in tale.steps[:2]:
        site.show(step)
        kedge.vrps(tale, step, "--disable-sandbox")
    for log in logs(tmp_path):
        said = log.read_text()
        for wrong in ("lost in loss record", "ninitialised", "Invalid"):
            assert wrong not in said, said
