# SPDX-License-Identifier: BSD-2-Clause
"""kedge plays every story: step after step it finds the warm truth, and one
that begins at the last step finds the cold truth."""
import pytest

from kedge import Kedge, faults
from story import STORIES

ALL = sorted(p.name for p in STORIES.glob("*.scn"))


@pytest.mark.parametrize("story", ALL)
def test_every_step(forge, site, kedge, tmp_path, story):
    tale = forge.play(story, tmp_path / "tale", site)
    for number, step in enumerate(tale.steps, 1):
        site.show(step)
        assert kedge.vrps(tale, step) == step.vrps("warm"), (
            f"{story} step {number}\n{kedge.stderr}")
        found = faults(kedge.stderr)
        for word, label, target in tale.expected.get(number, []):
            assert word == "fault"
            assert any(of == label and uri.endswith("/" + target)
                       for uri, of in found), (
                f"{story} step {number}: no {label} at {target}\n{kedge.stderr}")


@pytest.mark.parametrize("story", ALL)
def test_last_step_from_scratch(forge, site, kedge, tmp_path, story):
    tale = forge.play(story, tmp_path / "tale", site)
    site.show(tale.steps[-1])
    fresh = Kedge(kedge.program, tmp_path / "fresh", site)
    assert fresh.vrps(tale, tale.steps[-1]) == tale.steps[-1].vrps("cold"), (
        f"{story}\n{fresh.stderr}")
