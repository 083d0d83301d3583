# SPDX-License-Identifier: BSD-2-Clause
"""What a server tells of a trust anchor none of whose URIs gives anything."""
import json
import signal

import pytest

from daemon import Daemon, until

STORY = """\
anchor alpha 10.0.0.0/8 AS64496-64511 host alpha
roa alpha/a AS64496 10.1.0.0/24
"""


@pytest.fixture
def tale(forge, site, tmp_path):
    return forge.tell(STORY, tmp_path, site)


def test_first_reason(kedge, tale):
    """The fault of the URI that comes first, with what was said of that one."""
    server = Daemon(kedge, tale).start()
    try:
        server.wait_for("serial 1")
        for path in tale.steps[0].folder.rglob("alpha.cer"):
            path.rename(path.with_suffix(".gone"))
        server.ask("run")

        def told():
            status = json.loads(server.get("/api/v1/status")[1])
            return status["tals"]["alpha"].get("fault") and status["tals"]["alpha"]
        anchor = until(told, "the fault")
        assert anchor["fault"] == "http-status"
        assert "404" in anchor["detail"]
        assert server.end() == 0
    finally:
        server.end(signal.SIGKILL)
