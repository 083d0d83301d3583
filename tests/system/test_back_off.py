# SPDX-License-Identifier: BSD-2-Clause
"""A server asks a failing repository less and less often, also over restarts."""
import signal

import pytest

from daemon import Daemon, until

STORY = """\
anchor alpha 10.0.0.0/8 AS64496-64511 host alpha
ca alpha/one 10.1.0.0/16 AS64496
ca alpha/far 10.3.0.0/16 AS64498 host beta
roa alpha/one/a AS64496 10.1.0.0/24
roa alpha/far/a AS64498 10.3.0.0/24
"""


@pytest.fixture
def tale(forge, site, tmp_path):
    return forge.tell(STORY, tmp_path, site)


def asked(site):
    return sum("beta/notification" in path for path, _ in site.requests())


def test_back_off(kedge, site, tale):
    server = Daemon(kedge, tale, "--refresh", "2", "--min-refresh", "1",
                    "--disable-rsync")
    beta = tale.steps[0].folder / "https" / "beta"
    server.start()
    try:
        server.wait_for("serial 1")
        beta.rename(beta.with_name("gone"))
        until(lambda: "backing-off" in server.ask("status").stdout, "back-off")
        before = asked(site)
        runs = server.said().count("whole set")
        until(lambda: server.said().count("whole set") >= runs + 2, "two runs")
        assert asked(site) == before
        assert server.get("/csv")[1].count("\n") == 3
        # A restart does not forget it.
        assert server.end() == 0
        server.start()
        until(lambda: "backing-off" in server.ask("status", check=False).stdout,
              "back-off after a restart")
        assert asked(site) == before
        assert "repository-backing-off" in server.get("/api/v1/status")[1]
        # An operator who says now means now.
        beta.with_name("gone").rename(beta)
        server.ask("run")
        until(lambda: asked(site) > before, "a request")
        until(lambda: "backing-off" not in server.ask("status").stdout, "its end")
        assert server.end() == 0
    finally:
        server.end(signal.SIGKILL)
