# SPDX-License-Identifier: BSD-2-Clause
"""RRDP notifications that other projects test with, served in the place of a
repository's own: what is wrong is named, what is right is of another origin
(RFC 9674), and either way what was kept stands and the neighbour is as it was."""
import shutil

import pytest

import realm
from corpus import corpus, program  # noqa: F401
from kedge import clean, faults
from stage import BASES, Stage
from story import rows

WORLD = """
anchor alpha 10.0.0.0/8 AS64496-64511
ca alpha/one 10.1.0.0/16 AS64500 host liar via rrdp
ca alpha/two 10.2.0.0/16 AS64501
roa alpha/one/a AS64500 10.1.0.0/16
roa alpha/two/b AS64501 10.2.0.0/16
"""
FINE = "rrdp-origin"  # read and understood, and then of another host
ANY = None            # whatever it is called
DOCUMENTS = {
    "openbsd-regress/notification.xml": FINE,
    "openbsd-regress/notification_xmlns.xml": "rrdp-namespace",
    "openbsd-regress/xxe.xml": "rrdp-doctype",
    "openbsd-regress/billion_lol.xml": "rrdp-doctype",
    "rpki-rs/ripe-notification.xml": FINE,
    "rpki-rs/ripe-notification-unsorted.xml": FINE,
    "rpki-rs/ripe-notification-with-gaps.xml": FINE,
    "rpki-rs/lolz-notification.xml": "rrdp-doctype",
    "fort-history/notif-bad-hash.xml": ANY,
    "fort-history/notif-bad-serial.xml": ANY,
    "fort-history/notif-bad-session-id.xml": ANY,
    "fort-history/notif-bad-version.xml": ANY,
    "fort-history/notif-bad-xmlns.xml": ANY,
    "fort-history/notif-bad-uri-1.xml": ANY,
    "fort-history/notif-bad-uri-2.xml": ANY,
    "fort-history/notif-bad-uri-4.xml": ANY,
    "fort-history/notif-ok.xml": FINE,
    "fort-history/notif-0deltas.xml": FINE,
    # RFC 8182 knows no end of numbers; we and rpki-client stop at 2^63 - 1.
    "fort-history/notif-large-serial.xml": "rrdp-serial",
    "ripe-monitoring/ripe-notification.xml": FINE,
    "ripe-pubserver/notification-valid.xml": "uri-scheme",
    "rpki-validator-2/broken_notification1.xml": ANY,
}


@pytest.fixture(scope="module")
def stage(forge, tmp_path_factory):
    realm.require()
    top = tmp_path_factory.mktemp("rrdp")
    (top / "world.scn").write_text(WORLD)
    tale = forge.play(top / "world.scn", top / "tale", None, *BASES)
    with Stage(top / "realm", tale) as running:
        yield running


@pytest.fixture
def kedge(program, stage, tmp_path):
    (tmp_path / "cache").mkdir()
    step = stage.tale.steps[0]

    def run():
        done = stage.run(
            program, "vrps", "--no-rir-tals", "--extra-tals-dir", stage.tale.tals,
            "--at", step.at, "-r", tmp_path / "cache", "--rrdp-root-cert",
            stage.root_cert, "-v", "-o", f"csv={tmp_path}/csv", capture_output=True,
            text=True, timeout=120)
        clean(done.stderr)
        assert done.returncode == 0, done.stderr
        return rows(tmp_path / "csv", 4), done.stderr
    return run


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document(corpus, stage, kedge, name):
    step = stage.tale.steps[0]
    place = step.folder / "https" / "liar" / "notification.xml"
    own = place.read_bytes()
    stage.show_step(step)
    assert kedge()[0] == step.vrps()
    try:
        shutil.copyfile(corpus / "rrdp" / name, place)
        found, log = kedge()
    finally:
        place.write_bytes(own)
    named = {label for uri, label in faults(log)
             if uri == "https://liar.example.net/rrdp/notification.xml"}
    assert len(named) == 1, log
    label = named.pop()
    assert label.startswith(("rrdp-", "uri-"))
    if DOCUMENTS[name] is not ANY:
        assert label == DOCUMENTS[name], log
    else:
        assert label != FINE or name.endswith("uri-4.xml"), log
    assert found == step.vrps()
