# SPDX-License-Identifier: BSD-2-Clause
"""Other validators find in the forge's trees what the forge says is true.

They judge from scratch, so what they find is the cold truth.
"""
import hashlib
import re
import xml.etree.ElementTree as ElementTree

import pytest

import peers
from story import Tale

# Not here: stories where only one who saw the earlier steps can know better,
# and what a peer of Debian 12 is known to be lax about (the story says so).
PLAIN = ["good.scn", "steps.scn", "points.scn", "objects.scn", "shape.scn"]

# What some version of a peer finds, or does not find, otherwise than it should.
OTHERWISE = {
    # RFC 9829 3.2: the CRL is the one that the certificate's distribution point
    # names. They take the manifest's CRL without asking whose it is.
    "objects.scn": {("AS64500", "10.1.18.0/24", "24", "alpha"),
                    # RFC 9286 4.2.1 has each name once; rpki-client 9 has each
                    # hash once as well, and loses the point.
                    ("AS64503", "10.4.0.0/16", "16", "alpha")},
    # RFC 6487 knows no depth; rpki-client 9 goes no further than 12.
    "shape.scn": {("AS64501", "10.2.0.0/16", "16", "alpha")},
}


@pytest.mark.parametrize("story", PLAIN)
@pytest.mark.parametrize("peer", ["rpki_client", "fort"])
def test_peer_agrees(forge, tmp_path, story, peer):
    tale = forge.play(story, tmp_path / "tale")
    assert tale.steps
    for step in tale.steps:
        found = getattr(peers, peer)(tale, step)
        if found is None:
            pytest.skip(f"{peer} is not installed")
        truth, otherwise = step.vrps("cold"), OTHERWISE.get(story, set())
        if peer == "fort":
            truth = {row[:3] for row in truth}
            otherwise = {row[:3] for row in otherwise}
        assert found - otherwise == truth - otherwise, step.folder.name


@pytest.mark.parametrize("peer", ["rpki_client", "fort"])
def test_peer_agrees_in_bulk(forge, tmp_path, peer):
    forge.run("bench", "--cas", 60, "--roas", 400, "--change", 50, "--rsync-all",
              "--out", tmp_path / "bulk")
    tale = Tale(tmp_path / "bulk")
    found = getattr(peers, peer)(tale, tale.steps[1])
    if found is None:
        pytest.skip(f"{peer} is not installed")
    truth = tale.steps[1].vrps()
    assert len(truth) > 1000
    assert found == (truth if peer == "rpki_client" else {r[:3] for r in truth})


@pytest.mark.parametrize("story", ["good.scn", "steps.scn", "demo.scn"])
def test_peer_agrees_when_served(forge, site, tmp_path, story):
    source = "../../../scripts/demo.scn" if story == "demo.scn" else story
    tale = forge.play(source, tmp_path / "tale", site)
    for step in tale.steps:
        step.publish()
        site.show(step)
        found = peers.fort_served(tale, site, tmp_path / "fort")
        if found is None:
            pytest.skip("fort is not installed")
        assert found == {row[:3] for row in step.vrps("cold")}, step.folder.name
    assert any(path.endswith("snapshot.xml") for path, _ in site.requests())


def test_keys_that_fort_refuses(forge, tmp_path):
    tale = forge.play("keys.scn", tmp_path / "tale")
    found = peers.fort(tale, tale.steps[0])
    if found is None:
        pytest.skip("fort is not installed")
    truth = {row[:3] for row in tale.steps[0].vrps("cold")}
    # FORT takes keys that are larger than RFC 7935 allows, and only those.
    assert found == truth | {("AS64500", "10.1.17.0/24", "24")}


def hashed(path, digest):
    octets = path.read_bytes()
    assert hashlib.sha256(octets).hexdigest() == digest
    return ElementTree.fromstring(octets)


def local(step, uri):
    return step.folder / "https" / re.sub("^https://[^/]*/", "", uri)


def snapshot(step, notification):
    at = notification.find("{*}snapshot")
    root = hashed(local(step, at.get("uri")), at.get("hash"))
    assert root.get("serial") == notification.get("serial")
    return {e.get("uri"): e.text for e in root}


def test_deltas_lead_where_the_snapshot_stands(forge, site, tmp_path):
    tale = forge.play("steps.scn", tmp_path / "tale", site)
    deltas = 0
    held, held_serial, held_session = {}, None, None
    for step in tale.steps:
        text = (step.folder / "https" / "repo" / "notification.xml").read_bytes()
        notification = ElementTree.fromstring(text)
        serial = int(notification.get("serial"))
        for delta in sorted(notification.findall("{*}delta"),
                            key=lambda e: int(e.get("serial"))):
            root = hashed(local(step, delta.get("uri")), delta.get("hash"))
            if notification.get("session_id") != held_session or int(
                    delta.get("serial")) <= held_serial:
                continue
            deltas += 1
            for e in root:
                if e.tag.endswith("withdraw"):
                    del held[e.get("uri")]
                else:
                    assert (e.get("hash") is not None) == (e.get("uri") in held)
                    held[e.get("uri")] = e.text
        now = snapshot(step, notification)
        assert held_serial is None or held == now
        held, held_serial = now, serial
        held_session = notification.get("session_id")
    assert deltas >= 4
