# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures for tests that run real processes on loopback.

KEDGE_BUILD is the build folder (kedge-forge is there), KEDGE_PREFIX where kedge
is installed; what is absent makes the tests that need it skip.
"""
import os
import pathlib
import shutil

import pytest

from kedge import Kedge
from site_server import Site
from story import Forge

SOURCE = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def forge():
    build = pathlib.Path(os.environ.get("KEDGE_BUILD", SOURCE))
    program = build / "tests" / "forge" / "kedge-forge"
    if not program.exists():
        pytest.skip("kedge-forge is not built (KEDGE_BUILD)")
    return Forge(program, SOURCE / "fixtures" / "keys" / "primes.hex")


@pytest.fixture
def site(tmp_path):
    for program in ("rsync", "nginx", "openssl"):
        if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin") is None:
            pytest.skip(f"no {program}")
    with Site(tmp_path / "site") as running:
        yield running


@pytest.fixture
def kedge(tmp_path, site):
    prefix = os.environ.get("KEDGE_PREFIX")
    if prefix is None:
        pytest.skip("kedge is not installed (KEDGE_PREFIX)")
    return Kedge(pathlib.Path(prefix) / "bin" / "kedge", tmp_path / "cache", site)
