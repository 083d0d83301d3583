# SPDX-License-Identifier: BSD-2-Clause
"""What system tests share. KEDGE_BUILD names the build folder."""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hostile_https import Certificates, Server

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

from serving import forge, kedge, site  # noqa: E402,F401
from site_server import free_port  # noqa: E402
from town import Hostile, Town  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def no_clocks_left():
    """libfaketime leaves behind what killed processes shared of a clock."""
    began = time.time()
    yield
    for left in Path("/dev/shm").glob("*faketime_*"):
        pid = left.name.rpartition("_")[2]
        try:
            if left.stat().st_mtime >= began and not Path("/proc", pid).exists():
                left.unlink()
        except OSError:
            pass  # another session's


@pytest.fixture(scope="session")
def build():
    where = os.environ.get("KEDGE_BUILD")
    if not where:
        pytest.skip("KEDGE_BUILD is not set")
    return Path(where)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    made = Certificates(tmp_path_factory.mktemp("tls"))
    made.leaf("good")
    return made


@pytest.fixture
def server(certificates):
    one = Server(certificates)
    yield one
    one.close()


@pytest.fixture(scope="session")
def town(forge, certificates, tmp_path_factory):  # noqa: F811
    prefix = os.environ.get("KEDGE_PREFIX")
    if prefix is None:
        pytest.skip("kedge is not installed (KEDGE_PREFIX)")
    made = Town(forge, Path(prefix) / "bin" / "kedge", certificates,
                tmp_path_factory.mktemp("town"), free_port())
    yield made
    made.close()


@pytest.fixture
def bad(town):
    return Hostile(town)


class Report:
    """What the probe said: NAME=VALUE lines and the mirror."""

    def __init__(self, out, err):
        self.text, self.log = out, err
        self.values, self.steps, self.objects = {}, [], {}
        for line in out.splitlines():
            if line.startswith("object "):
                _, uri, digest, octets = line.split(" ")
                self.objects[uri] = (digest, int(octets))
                continue
            name, _, value = line.partition("=")
            if name == "step":
                self.steps.append(value)
            self.values[name] = value

    def __getitem__(self, name):
        return self.values[name]


@pytest.fixture
def probe(build, certificates, tmp_path):
    def run(mode, uri, *settings, roots=None, env=None):
        program = build / "tests" / "system" / "probe_rrdp"
        words = [str(program), mode, uri, str(roots or certificates.ca)]
        if mode == "sync":
            (tmp_path / "store").mkdir(exist_ok=True)
            words.append(str(tmp_path / "store"))
        done = subprocess.run(words + list(settings), capture_output=True,
                              text=True, timeout=60,
                              env={**os.environ, **(env or {})})
        assert done.returncode == 0, done.stderr
        return Report(done.stdout, done.stderr)
    return run
