# SPDX-License-Identifier: BSD-2-Clause
"""Other validators find in the forge's trees what the forge says is true.

They judge from scratch, so what they find is the cold truth.
"""
import pytest

import peers
from story import Tale

# Not here: stories where only one who saw the earlier steps can know better,
# and what a peer of Debian 12 is known to be lax about (the story says so).
PLAIN = ["good.scn", "steps.scn", "points.scn", "objects.scn", "shape.scn"]


@pytest.mark.parametrize("story", PLAIN)
@pytest.mark.parametrize("peer", ["rpki_client", "fort"])
def test_peer_agrees(forge, tmp_path, story, peer):
    tale = forge.play(story, tmp_path / "tale")
    assert tale.steps
    for step in tale.steps:
        found = getattr(peers, peer)(tale, step)
        if found is None:
            pytest.skip(f"{peer} is not installed")
        truth = step.vrps("cold")
        if peer == "fort":
            truth = {row[:3] for row in truth}
        assert found == truth, step.folder.name


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
