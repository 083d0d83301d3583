# SPDX-License-Identifier: BSD-2-Clause
"""A server asks a failing repository less and less often, also over restarts."""
import datetime
import json
import re
import signal
import socket
import ssl
import time

import pytest

from daemon import Daemon, until

STORY = """\
anchor alpha 10.0.0.0/8 AS64496-64511 host alpha
ca alpha/one 10.1.0.0/16 AS64496
ca alpha/far 10.3.0.0/16 AS64498 host beta
roa alpha/one/a AS64496 10.1.0.0/24
roa alpha/far/a AS64498 10.3.0.0/24
ca alpha/off 10.4.0.0/16 AS64499 host gamma
roa alpha/off/a AS64499 10.4.0.0/24
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
        assert "(http-status: HTTP status 404), failed" in server.ask("status").stdout
        before = asked(site)
        runs = server.said().count("whole set")
        until(lambda: server.said().count("whole set") >= runs + 2, "two runs")
        assert asked(site) == before
        assert server.get("/csv")[1].count("\n") == 4
        # Of several those that fail come last.
        told = re.findall("repository .*", server.ask("status").stdout)
        assert ["/beta/" in line for line in told] == [False, False, True]
        # A restart does not forget it.
        assert server.end() == 0
        server.start()
        until(lambda: "backing-off" in server.ask("status", check=False).stdout,
              "back-off after a restart")
        assert asked(site) == before
        # Nor does it forget why.
        told = json.loads(server.get("/api/v1/status")[1])
        uri = next(uri for uri in told["repositories"] if "/beta/" in uri)
        assert told["repositories"][uri]["fault"] == "repository-backing-off"
        assert told["repositories"][uri]["detail"] == "http-status: HTTP status 404"
        assert told["rrdp"][uri]["status"] == 404
        why = server.ask("explain", uri).stdout.splitlines()
        assert why[0] == f"{uri} is a repository" and len(why) == 2, why
        assert why[1].endswith("repository-backing-off http-status: HTTP status 404")
        assert f'kedge_rrdp_status{{uri="{uri}"}} 404' in server.get("/metrics")[1]
        assert "http-status: HTTP status 404" in kedge.run(
            "inspect", uri, "--repository-dir", kedge.cache).stdout
        # An operator who says now means now.
        beta.with_name("gone").rename(beta)
        server.ask("run")
        until(lambda: asked(site) > before, "a request")
        until(lambda: "backing-off" not in server.ask("status").stdout, "its end")
        assert server.end() == 0
    finally:
        server.end(signal.SIGKILL)


BUSY = """
        location = /beta/notification.xml {{
            add_header Retry-After "{word}" always;
            return {status};
        }}
        root"""


def answer_of(site, path):
    with socket.create_connection(("127.0.0.1", site.https_port)) as plain:
        context = ssl.create_default_context(cafile=site.root_cert)
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            return int(tls.recv(100).split()[1])


def http_date(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + seconds))


# What the server says -> the shortest and longest pause that comes of it.
@pytest.mark.parametrize("status, word, least, most", [
    (503, "1800", 1800, 1800), (429, "DATE", 1800, 3000),
    (503, str(7 * 86400), 3600, 3600), (503, "9" * 300, 0, 3600),
    (503, "soon", 0, 60), (404, "1800", 0, 60)])
def test_asks_for_time(kedge, site, tale, status, word, least, most):
    """RFC 9110 10.2.3: a busy server says when to come back, within an hour."""
    word = word.replace("DATE", http_date(3000))
    conf = site.top / "nginx.conf"
    conf.write_text(conf.read_text().replace(
        "        root", BUSY.format(word=word, status=status), 1))
    site.processes[0].send_signal(signal.SIGHUP)
    until(lambda: answer_of(site, "/beta/notification.xml") == status, "new answer")
    server = Daemon(kedge, tale, "--refresh", "2", "--min-refresh", "1",
                    "--disable-rsync")
    begun = int(time.time())
    server.start()
    try:
        server.wait_for("serial 1")
        until(lambda: "backing-off" in server.ask("status").stdout, "back-off")
        told = json.loads(server.get("/api/v1/status")[1])["repositories"]
        due = next(told[uri]["nextDue"] for uri in told if "/beta/" in uri)
        due = datetime.datetime.fromisoformat(due.replace("Z", "+00:00")).timestamp()
        assert begun + least <= due <= time.time() + most
        assert server.end() == 0
    finally:
        server.end(signal.SIGKILL)
