# SPDX-License-Identifier: BSD-2-Clause
"""Repositories and objects that others made, served under their own names.

They are not part of kedge: KEDGE_CORPUS or ../shared/corpus beside the source
says where they are, and tests skip where they are not. Each folder has a
MANIFEST.md that tells its origin and what is expected of it.
"""
import os
import pathlib
import re
import shutil

import pytest

import realm
from kedge import clean

SOURCE = pathlib.Path(__file__).resolve().parents[3]
LINE = re.compile(r"kedge: (warn: )?((?:rsync|https)://\S+): ([a-z0-9-]+) \((.*)")


@pytest.fixture(scope="session")
def corpus():
    where = pathlib.Path(os.environ.get("KEDGE_CORPUS", SOURCE.parent / "shared" / "corpus"))
    if not (where / "README.md").exists():
        pytest.skip("no corpus (KEDGE_CORPUS)")
    return where


@pytest.fixture(scope="session")
def program():
    prefix = os.environ.get("KEDGE_PREFIX")
    if prefix is None:
        pytest.skip("kedge is not installed (KEDGE_PREFIX)")
    return pathlib.Path(prefix) / "bin" / "kedge"


@pytest.fixture(scope="module")
def internet(tmp_path_factory):
    """Makes realms: internet(host=port, ...); they end with the module."""
    realm.require()
    made = []

    def make(hosts):
        made.append(realm.Realm(tmp_path_factory.mktemp("realm") / "top", hosts))
        return made[-1].__enter__()
    yield make
    for one in made:
        one.__exit__()


def dated(source, copy, number):
    """A copy whose files are all of minute `number`: rsync and nginx's ETag tell
    files apart by time and length, and a corpus has one time for all."""
    if source.is_dir():
        shutil.copytree(source, copy)
    else:
        copy.mkdir(parents=True)
    for path in copy.rglob("*"):
        os.utime(path, (1793836800 + 60 * number,) * 2)
    return copy


class Outcome:
    """What one run of kedge gave: sets and findings."""

    def __init__(self, folder, stderr):
        self.stderr = stderr
        self.vrps = _rows(folder / "vrps.csv", 3)
        self.aspas = _aspas(folder / "all.json")
        self.faults, self.oddities = {}, {}
        for line in stderr.splitlines():
            found = LINE.fullmatch(line)
            if found:
                into = self.faults if found[1] else self.oddities
                into.setdefault(found[2], set()).add(found[3])

    def labels(self):
        return set().union(set(), *self.faults.values())


def _rows(path, width):
    lines = path.read_text().splitlines()[1:]
    return {tuple(line.split(",")[:width]) for line in lines if line}


def _aspas(path):
    import json
    found = set()
    for one in json.loads(path.read_text()).get("aspas", []):
        found.add((int(str(one["customer"]).removeprefix("AS")),
                   tuple(int(str(p).removeprefix("AS")) for p in one["providers"])))
    return found


class Validator:
    """One kedge with one cache inside a realm."""

    def __init__(self, program, net, folder, *options):
        self.program, self.net, self.folder = program, net, folder
        self.options = ["--no-rir-tals", "--repository-dir", folder / "cache",
                        "--rrdp-root-cert", net.root_cert, *options]
        (folder / "cache").mkdir(parents=True)

    def command(self, name, *args, at=None):
        moment = [] if at is None else ["--at", at]
        done = self.net.run(self.program, *self.options, name, *moment, *args,
                            text=True, capture_output=True, timeout=300)
        clean(done.stderr)
        return done

    def run(self, *args, at=None):
        done = self.command("vrps", "--log-repository-issues", "-v",
                            "-o", f"csv={self.folder}/vrps.csv",
                            "-o", f"json={self.folder}/all.json", *args, at=at)
        if done.returncode != 0:
            raise AssertionError(f"kedge ended with {done.returncode}:\n{done.stderr}")
        return Outcome(self.folder, done.stderr)


def faked(net, at, command, **options):
    """Run a peer in the realm at another time (faketime)."""
    stamp = at.replace("T", " ").replace("Z", "")
    return net.run("env", "TZ=UTC", "faketime", "-f", f"@{stamp}", *command,
                   capture_output=True, timeout=600, **options)


__all__ = ["corpus", "program", "internet", "Validator", "Outcome", "dated", "faked"]
