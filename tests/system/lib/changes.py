# SPDX-License-Identifier: BSD-2-Clause
"""A server on a site that changes, in three steps of the last hour.

A module that imports the fixtures `tale` and `server` has them.
"""
import signal
import time

import pytest

from daemon import Daemon


def stamp(seconds_ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))


@pytest.fixture
def tale(forge, site, tmp_path):
    made = forge.play("changes.scn", tmp_path / "tale", site, "--at", stamp(3600))
    site.show(made.steps[0])
    return made


@pytest.fixture
def server(kedge, tale):
    """Not started yet."""
    one = Daemon(kedge, tale)
    yield one
    one.end(signal.SIGKILL)


def truth(step):
    """Without the trust anchors."""
    return {row[:3] for row in step.vrps()}
