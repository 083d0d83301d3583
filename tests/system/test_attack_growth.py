# SPDX-License-Identifier: BSD-2-Clause
"""T-CPU-03, T-CPU-04: twice as much to work off is about twice the work. What is
counted is instructions, by valgrind, so that no clock and no other program on
the machine has a say; 2.5 leaves room for a logarithm."""
import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(shutil.which("valgrind") is None,
                                reason="no valgrind")
MOST = 2.5
COUNTED = re.compile(r"Collected : (\d+)")


def instructions(program, folder, kind, count):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=work",
         f"--callgrind-out-file={folder}/out", program, kind, str(count)],
        capture_output=True, text=True, timeout=300, cwd=folder)
    assert done.returncode == 0, done.stderr
    return int(COUNTED.search(done.stderr)[1])


@pytest.mark.parametrize("kind, count", (
    ("roa", 4000), ("manifest", 2000), ("crl", 2000), ("resources", 4000),
    ("snapshot", 1000), ("sets", 2000), ("slurm", 500), ("map", 4000),
    ("trees", 500), ("bars", 500)))
def test_growth(build, tmp_path, kind, count):
    program = build / "tests" / "system" / "probe_growth"
    if not program.exists():
        pytest.skip("probe_growth is not built")
    once, twice, four = (instructions(program, tmp_path, kind, n * count)
                         for n in (1, 2, 4))
    print(kind, once, twice, four)
    assert twice <= MOST * once
    assert four <= MOST * twice
