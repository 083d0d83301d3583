# SPDX-License-Identifier: BSD-2-Clause
"""Libraries of ours that a program loads before all others, to change its calls."""
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parents[1]


def preload_of(source, folder):
    """Builds one of the sources beside the tests; skips where nothing compiles."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no compiler")
    made = folder / pathlib.Path(source).with_suffix(".so")
    subprocess.run([compiler, "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", made,
                    HERE / source, "-ldl"], check=True)
    return made
