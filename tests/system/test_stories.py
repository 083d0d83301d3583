# SPDX-License-Identifier: BSD-2-Clause
"""kedge plays every story: step after step it finds the warm truth, and one
that begins at the last step finds the cold truth."""
import pytest

from kedge import Kedge
from story import STORIES

ALL = sorted(p.name for p in STORIES.glob("*.scn"))


@pytest.mark.parametrize("story", ALL)
def test_every_step(forge, site, kedge, tmp_path, story):
    tale = forge.play(story, tmp_path / "tale", site)
    for number, step in enumerate(tale.steps, 1):
        site.show(step)
        assert kedge.vrps(tale, step) == step.vrps("warm"), (
            f"{story} step {number}\n{kedge.stderr}")
        for words in tale.expected.get(number, []):
            if words[0] == "fault":
                assert words[1] in kedge.stderr, f"{story} step {number}"


@pytest.mark.parametrize("story", ALL)
def test_last_step_from_scratch(forge, site, kedge, tmp_path, story):
    tale = forge.play(story, tmp_path / "tale", site)
    site.show(tale.steps[-1])
    fresh = Kedge(kedge.program, tmp_path / "fresh", site)
    assert fresh.vrps(tale, tale.steps[-1]) == tale.steps[-1].vrps("cold"), (
        f"{story}\n{fresh.stderr}")
