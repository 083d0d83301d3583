# SPDX-License-Identifier: BSD-2-Clause
"""The built programs are as hard to exploit as the compiler can make them."""
import os
import pathlib
import shutil
import subprocess

import pytest


@pytest.fixture(scope="module", params=["bin/kedge", "libexec/kedge/kedge-engine",
                                        "libexec/kedge/kedge-judge"])
def program(request):
    prefix = os.environ.get("KEDGE_PREFIX")
    if prefix is None:
        pytest.skip("kedge is not installed (KEDGE_PREFIX)")
    if shutil.which("readelf") is None:
        pytest.skip("no readelf")
    path = pathlib.Path(prefix) / request.param
    assert path.exists()
    return path


def readelf(program, *what):
    return subprocess.run(["readelf", "-W", *what, program], check=True, text=True,
                          capture_output=True).stdout


def test_anywhere_in_memory(program):
    assert "DYN (Position-Independent Executable file)" in readelf(program, "-h")


def test_bound_at_start_and_then_read_only(program):
    dynamic = readelf(program, "-d")
    assert "BIND_NOW" in dynamic or "NOW" in dynamic.split("FLAGS_1", 1)[-1]
    assert "GNU_RELRO" in readelf(program, "-l")


def test_nothing_writable_is_executable(program):
    for line in readelf(program, "-l").splitlines():
        fields = line.split()
        if fields and fields[0] in ("LOAD", "GNU_STACK"):
            flags = "".join(fields[6:-1])
            assert not ("W" in flags and "E" in flags), line
    assert "GNU_STACK" in readelf(program, "-l")


def test_stack_and_copies_are_watched(program):
    symbols = readelf(program, "--dyn-syms")
    assert "__stack_chk_fail" in symbols
    assert "_chk@" in symbols.replace("__stack_chk_fail", "")


def test_no_search_path(program):
    dynamic = readelf(program, "-d")
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic


def test_jumps_land_where_they_may(program):
    if "X86-64" not in readelf(program, "-h"):
        pytest.skip("no such notes on this machine")
    # The note needs the C library's start files to be marked as well, and not all
    # are; but every function of ours that a pointer may lead to says so itself.
    assert program.read_bytes().count(b"\xf3\x0f\x1e\xfa") > 500
