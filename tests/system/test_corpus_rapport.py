# SPDX-License-Identifier: BSD-2-Clause
"""LACNIC's suite for relying parties, captured: what is served at each step and
what must come out, one cache a test.

Each step is run twice, and once more when nobody answers: what was good is
kept, and what was not is not believed a second time either (RFC 9286 6.6).
"""
import os
import pathlib
import re

import pytest

from corpus import SOURCE, Validator, corpus, dated, internet, program  # noqa: F401

AT = "2026-11-23T12:00:00Z"
ROOT = pathlib.Path(os.environ.get("KEDGE_CORPUS", SOURCE.parent / "shared" / "corpus"))
# The trust anchor itself claims AS4294967296.
NO_ANCHOR = "aspa-profile/3.2-1-e-invalid-customerASID-above-maximum-value"
TESTS = sorted({str(p.parent.relative_to(ROOT / "rapport"))
                for p in (ROOT / "rapport").glob("*/*/*.tal")} - {NO_ANCHOR})

# ASPAs that the suite wants and nobody can have: their only provider is an
# INTEGER without any octet, where X.690 8.3.1 asks for one at least.
EMPTY_INTEGER = {
    "aspa-profile-21/3.2-1-1": {(16777216, (0,))},
    "fort-cache/rtr": {(33554432, (0,))},
}


def vrps(path):
    rows = re.findall(r"(\S+)-(\d+) => (AS\d+)", path.read_text())
    return {(asn, prefix, length) for prefix, length, asn in rows}


def aspas(path):
    if not path.exists():
        return set()
    rows = re.findall(r"(\d+):\s*\[([^]]*)\]", path.read_text())
    return {(int(c), tuple(int(p) for p in re.findall(r"\d+", ps))) for c, ps in rows}


@pytest.fixture(scope="module")
def host(internet):
    return internet({"localhost": 8873})


def options(step):
    given = step / "rp-args.txt"
    text = given.read_text() if given.exists() else ""
    depth = re.search(r"--maximum-certificate-depth (\d+)", text)
    if depth:
        # FORT counts the trust anchor and the EE certificate too.
        return ["--max-ca-depth", str(int(depth[1]) - 2)]
    return []


def expected(test, step):
    """Where the suite says nothing, as rpki-client 9.8 has it."""
    wanted = step / "expected-vrps.txt"
    if not wanted.exists():
        wanted = step / "oracle-rpki-client-9.8-vrps.txt"
    return (vrps(wanted), aspas(step / "expected-aspas.txt") -
            EMPTY_INTEGER.get(test, set()))


def shown(outcome):
    return outcome.vrps, outcome.aspas


def publish(host, step, number, place):
    host.show("localhost", {"rpki": dated(step / "rsync", place / "rsync", number)},
              dated(step / "rrdp", place / "rrdp", number))


@pytest.mark.parametrize("test", TESTS)
def test_each_step(corpus, host, program, tmp_path, test):
    folder = corpus / "rapport" / test
    kedge = Validator(program, host, tmp_path / "kedge", "--extra-tals-dir", folder,
                      "--allow-dubious-hosts")
    steps = sorted(folder.glob("run*"), key=lambda p: int(p.name[3:]))
    assert steps
    for number, step in enumerate(steps):
        wanted = expected(test, step)
        publish(host, step, number, tmp_path / step.name)
        first = kedge.run(*options(step), at=AT)
        assert shown(first) == wanted, f"{step.name}\n{first.stderr}"
        again = kedge.run(*options(step), at=AT)
        assert shown(again) == wanted, f"{step.name} again\n{again.stderr}"
        host.show("localhost")
        alone = kedge.run(*options(step), at=AT)
        assert shown(alone) == wanted, f"{step.name} alone\n{alone.stderr}"


def test_no_anchor(corpus, host, program, tmp_path):
    folder = corpus / "rapport" / NO_ANCHOR
    kedge = Validator(program, host, tmp_path / "kedge", "--extra-tals-dir", folder,
                      "--allow-dubious-hosts")
    publish(host, folder / "run1", 1, tmp_path / "web")
    done = kedge.command("vrps", at=AT)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ta.cer: resources-asn (" in done.stderr
