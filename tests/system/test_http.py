# SPDX-License-Identifier: BSD-2-Clause
"""kedge server over HTTP, as scripts, scrapers and browsers ask it."""
import contextlib
import gzip
import http.client
import json
import signal
import socket
import ssl
import threading
import time
import urllib.parse
from email.utils import parsedate_to_datetime

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_families)
from prometheus_client.parser import text_string_to_metric_families

from daemon import Daemon, free_port, until

PATIENCE = 60
SLURM = {
    "slurmVersion": 1,
    "validationOutputFilters": {
        "prefixFilters": [{"prefix": "10.2.9.0/24", "comment": "not here"}],
        "bgpsecFilters": []},
    "locallyAddedAssertions": {
        "prefixAssertions": [
            {"asn": 64511, "prefix": "203.0.113.0/24", "comment": "ours"}],
        "bgpsecAssertions": []},
}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)


class Web:
    def __init__(self, port):
        self.port = port

    def ask(self, target, method="GET", body=None, **headers):
        line = http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE)
        line.request(method, target, body,
                     {name.replace("_", "-"): value
                      for name, value in headers.items()})
        answer = Answer(line.getresponse())
        line.close()
        return answer

    def get(self, target, **headers):
        answer = self.ask(target, **headers)
        assert answer.status == 200, (target, answer.status, answer.body[:300])
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer

    def raw(self, octets):
        """Everything that comes back for these octets."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as s:
            s.sendall(octets)
            got = b""
            while part := s.recv(65536):
                got += part
        return got


@pytest.fixture
def tale(forge, site, tmp_path):
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    made = forge.play("http.scn", tmp_path / "tale", site, "--at", at)
    site.show(made.steps[0])
    return made


@pytest.fixture
def server(kedge, tale, tmp_path):
    slurm = tmp_path / "local.json"
    slurm.write_text(json.dumps(SLURM))
    one = Daemon(kedge, tale, "--exceptions", slurm)
    one.start()
    one.web = Web(one.http)
    one.slurm = slurm
    one.wait_for("serial 1")
    yield one
    one.end(signal.SIGKILL)


def expected(step):
    """The truth as the exceptions leave it: (ASN, prefix, maxlen, anchor)."""
    kept = {row for row in step.vrps() if row[1] != "10.2.9.0/24"}
    return kept | {("AS64511", "203.0.113.0/24", "24", "N/A")}


def roas(answer):
    return {(r["asn"], r["prefix"], str(r["maxLength"]), r["ta"])
            for r in answer.json["roas"]}


def csv_rows(answer):
    return {tuple(line.split(",")) for line in answer.text.splitlines()[1:]}


def test_sets(server, tale):
    want = expected(tale.steps[0])
    web = server.web
    assert roas(web.get("/json")) == want
    assert roas(web.get("/api/v1/origins/")) == want
    assert csv_rows(web.get("/csv")) == want
    assert web.get("/csv").headers["Content-Type"] == (
        "text/csv;charset=utf-8;header=present")
    for name in ("csvcompat", "csvext", "csv-rpkiclient", "jsonext",
                 "json-rpkiclient", "openbgpd", "bird", "bird1", "bird2", "rpsl",
                 "slurm", "slurm2", "summary"):
        body = web.get(f"/{name}").text
        assert "10.1.1.0/24" in body or name == "summary", name
    whole = web.get("/jsonext").json
    assert whole["aspas"][0]["providers"] == ["AS64497", "AS64500"]
    assert whole["routerKeys"][0]["asn"] == "AS64496"
    assert web.get("/none").body == b""


def test_selection(server):
    web = server.web
    assert {r[0] for r in roas(web.get("/json?select-asn=64497"))} == {"AS64497"}
    assert {r[1] for r in roas(web.get("/json?select-prefix=10.1.1.0/25"))} == {
        "10.1.1.0/24"}
    found = roas(web.get(
        "/json?filter-prefix=10.0.0.0%2F8&include=more-specifics"))
    assert {r[1] for r in found} == {"10.1.0.0/24", "10.1.1.0/24", "10.2.0.0/24"}
    assert "aspas" not in web.get("/json?exclude=aspas,routerKeys").json
    wrong = web.ask("/json?select-as=1")
    assert wrong.status == 400 and "parameter" in wrong.text


def test_one_route(server):
    for target in ("/api/v1/validity/AS64496/10.1.1.0/26",
                   "/validity?asn=AS64496&prefix=10.1.1.0/26",
                   "/validity?asn=64496&prefix=10.1.1.0%2F26"):
        route = server.web.get(target).json["validated_route"]
        assert route["route"] == {"origin_asn": "AS64496", "prefix": "10.1.1.0/26"}
        assert route["validity"]["state"] == "valid"
        assert "reason" not in route["validity"]
        assert route["validity"]["VRPs"]["matched"] == [
            {"asn": "AS64496", "prefix": "10.1.1.0/24", "max_length": "26"}]

    def state(asn, prefix):
        answer = server.web.get(f"/api/v1/validity/{asn}/{prefix}").json
        validity = answer["validated_route"]["validity"]
        return validity["state"], validity.get("reason")

    assert state("AS64496", "10.1.1.0/27") == ("invalid", "length")
    assert state("AS1", "10.1.1.0/24") == ("invalid", "as")
    assert state("AS1", "192.0.2.0/24") == ("not-found", None)
    assert state("AS64497", "10.2.9.0/24") == ("not-found", None)
    assert state("AS64511", "203.0.113.0/24") == ("valid", None)
    # An address with a length asks for the prefix around it.
    for target in ("/api/v1/validity/AS64496/10.1.1.7/26",
                   "/validity?asn=AS64496&prefix=10.1.1.63/26"):
        assert server.web.get(target).json["validated_route"] == route
    for wrong in ("/api/v1/validity/ASx/10.0.0.0/8",
                  "/api/v1/validity/AS1/10.0.0.0/33", "/validity?asn=1",
                  "/csv?select-prefix=10.0.0.1/8"):
        answer = server.web.ask(wrong)
        assert answer.status == 400 and answer.text


def test_many_routes(server):
    routes = [{"asn": "AS64496" if n % 2 else n, "prefix": f"10.1.{n % 256}.0/24"}
              for n in range(30000)]
    answer = server.web.ask("/validity", "POST", json.dumps({"routes": routes}),
                            Content_Type="application/json")
    assert answer.status == 200
    got = answer.json["validated_routes"]
    assert len(got) == len(routes)
    for n, route in enumerate(got[:512]):
        valid = n % 2 == 1 and n % 256 == 1
        covered = n % 256 in (0, 1)
        assert route["validity"]["state"] == (
            "valid" if valid else "invalid" if covered else "not-found"), n
    for name in ("Application/JSON", "application/json; charset=utf-8"):
        assert server.web.ask("/validity", "POST", '{"routes": []}',
                              Content_Type=name).json["validated_routes"] == []
    wrong = server.web.ask("/validity", "POST", "{", Content_Type="application/json")
    assert wrong.status == 400 and "line 1" in wrong.json["error"]
    assert server.web.ask("/validity", "POST", "{}",
                          Content_Type="text/plain").status == 415
    assert server.web.ask("/validity?asn=1", "POST", '{"routes": []}',
                          Content_Type="application/json").status == 400


def test_follows_deltas(server, site, tale):
    """A script that keeps a copy by /json-delta and its long poll."""
    whole = server.web.get("/json-delta").json
    assert whole["reset"] is True and isinstance(whole["session"], str)
    held = {(i["asn"], i["prefix"], i["maxLength"])
            for i in whole["announced"] if i["type"] == "routeOrigin"}
    assert {i["type"] for i in whole["announced"]} == {
        "routeOrigin", "routerKey", "aspa"}
    where = urllib.parse.urlencode(
        {"session": whole["session"], "serial": whole["serial"]})
    told = []
    waiter = threading.Thread(
        target=lambda: told.append(
            server.web.get(f"/json-delta/notify?{where}").json))
    waiter.start()
    site.show(tale.steps[1])
    server.ask("run")
    waiter.join(PATIENCE)
    assert told == [{"session": int(whole["session"]),
                     "serial": whole["serial"] + 1}]
    delta = server.web.get(f"/json-delta?{where}").json
    assert delta["reset"] is False
    assert delta["fromSerial"] == whole["serial"]
    assert delta["serial"] == told[0]["serial"]
    for item in delta["withdrawn"]:
        held.remove((item["asn"], item["prefix"], item["maxLength"]))
    held |= {(i["asn"], i["prefix"], i["maxLength"]) for i in delta["announced"]}
    assert held == {(a, p, int(m)) for a, p, m, _ in expected(tale.steps[1])}
    assert server.web.get("/json-delta?session=1&serial=1").json["reset"]


def test_cached(server, site, tale):
    web = server.web
    first = web.get("/csv")
    tag, when = first.headers["ETag"], first.headers["Last-Modified"]
    again = web.ask("/csv", If_None_Match=tag)
    assert again.status == 304 and again.body == b""
    assert again.headers["ETag"] == tag
    assert web.ask("/csv", If_Modified_Since=when).status == 304
    moment = parsedate_to_datetime(when)
    for old in "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y":
        assert web.ask("/csv", If_Modified_Since=moment.strftime(old)).status == 304
    assert web.ask("/csv", If_Match=f'"x", {tag}', If_Unmodified_Since="?").status == 200
    assert web.ask("/csv", If_Match=f"W/{tag}").status == 412
    assert web.ask("/csv", If_Unmodified_Since=when).status == 200
    assert web.ask("/csv", If_Unmodified_Since="Thu, 01 Jan 1970 00:00:00 GMT").status == 412
    head = web.ask("/csv", "HEAD")
    assert head.status == 200 and head.body == b""
    assert int(head.headers["Content-Length"]) == len(first.body)
    small = web.get("/csv", Accept_Encoding="gzip")
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.body) == first.body
    assert small.headers["ETag"] != tag
    assert web.ask("/csv", Accept_Encoding="gzip",
                   If_None_Match=small.headers["ETag"]).status == 304
    site.show(tale.steps[1])
    server.ask("run")
    server.wait_for("serial 2")
    fresh = web.ask("/csv", If_None_Match=tag)
    assert fresh.status == 200 and fresh.headers["ETag"] != tag
    assert web.ask("/csv", If_Match=tag, If_None_Match=tag).status == 412
    assert csv_rows(fresh) == expected(tale.steps[1])


def samples(families):
    return {(s.name, tuple(sorted(s.labels.items()))): s.value
            for family in families for s in family.samples}


def test_metrics(server):
    until(lambda: "idle" in server.web.get("/status").text, "idle")
    plain = server.web.get("/metrics")
    assert plain.headers["Content-Type"].startswith("text/plain;version=0.0.4")
    found = samples(text_string_to_metric_families(plain.text))
    assert found["kedge_ready", ()] == 1
    assert found["kedge_serial", ()] == 1
    assert found["kedge_payload", (("type", "route_origins_ipv4"),)] == 4
    assert found["kedge_payload", (("type", "aspas"),)] == 1
    assert found["kedge_faults", (("label", "roa-maxlen"),)] == 1
    assert found["kedge_engine_runs_total", ()] >= 1
    assert found["kedge_vrps_added_locally", ()] == 1
    assert found["kedge_ta_valid_vrps_total", (("name", "alpha"),)] == 5
    assert found["kedge_ta_locally_filtered_vrps_total", (("name", "alpha"),)] == 1
    assert found["kedge_exception_rule_effect",
                 (("index", "0"), ("kind", "prefixFilters"),
                  ("path", str(server.slurm)))] == 1
    now = time.time()
    success = [value for (name, _), value in found.items()
               if name == "kedge_repository_last_success_timestamp_seconds"]
    assert success and all(now - 3600 < value <= now + 1 for value in success)
    opened = server.web.get(
        "/metrics", Accept="application/openmetrics-text;version=1.0.0")
    assert opened.headers["Content-Type"].startswith("application/openmetrics-text")
    assert samples(open_families(opened.text)).keys() >= {
        key for key in found if key[0].startswith("kedge_ta_")}


def test_status(server):
    until(lambda: "idle" in server.web.get("/status").text, "idle")
    status = server.web.get("/api/v1/status").json
    assert status["version"].startswith("kedge/")
    assert status["serial"] == 1
    assert status["payload"]["routeOriginsIPv4"]["final"] == 3
    assert status["tals"]["alpha"]["validROAs"] == 5
    assert status["tals"]["alpha"]["invalidROAs"] == 1
    assert status["vrpsAddedLocally"] == 1
    assert all(r["status"] in (200, 304) for r in status["rrdp"].values())
    issues = [i for point in status["pubPointIssues"].values() for i in point]
    assert any(i["label"] == "roa-maxlen" for i in issues)
    assert status["staleSince"] is None
    text = dict(line.split(": ", 1)
                for line in server.web.get("/status").text.splitlines())
    assert text["serial"] == "1" and text["stale"] == "no"
    assert server.web.get("/version").text == status["version"].split("/")[1]
    assert server.web.get("/healthz").text == "ok\n"
    assert server.web.get("/readyz").text == "ready\n"
    assert "serial 1" in server.web.get("/log").text


def test_faults(server):
    faults = server.web.get("/api/v1/faults").json
    assert faults["labels"]["roa-maxlen"] == 1
    found = [f for f in faults["findings"] if f["label"] == "roa-maxlen"]
    assert found[0]["uri"].endswith("/long.roa") and found[0]["ta"] == "alpha"
    assert found[0]["rejects"] and found[0]["source"].startswith("RFC 9582")
    chosen = server.web.get("/api/v1/faults?" + urllib.parse.urlencode(
        {"repository": found[0]["repository"], "label": "roa-maxlen"})).json
    assert chosen["findings"] == found
    assert server.web.get("/api/v1/faults?label=no-such").json["findings"] == []


def test_explains_what_stands(server):
    why = server.web.get("/api/v1/explain?prefix=10.1.1.0/26&asn=AS64496").json
    assert why["state"] == "valid"
    vrp, = why["vrps"]
    assert vrp["match"] == "matched" and vrp["maxLength"] == 26
    source, = vrp["sources"]
    assert source["uri"].endswith("/b.roa") and source["ta"] == "alpha"
    assert source["repository"]["state"] == "ready"
    assert 0 <= source["repository"]["age"] < 3600
    assert source["chainValidity"]["notAfter"] <= source["validity"]["notAfter"]
    # What else went wrong at the same point.
    assert [f["label"] for f in why["findings"]] == ["roa-maxlen"]


def test_explains_what_does_not(server):
    why = server.web.get("/api/v1/explain?prefix=10.2.9.0/24&asn=64497").json
    assert why["state"] == "not-found" and why["vrps"] == []
    gone, = why["removed"]
    assert gone["sources"][0]["uri"].endswith("/local.roa")
    rule, = gone["removedBy"]
    assert rule["path"] == str(server.slurm) and rule["comment"] == "not here"
    bad = server.web.get("/api/v1/faults?label=roa-maxlen").json["findings"][0]
    why = server.web.get("/api/v1/explain?" + urllib.parse.urlencode(
        {"uri": bad["uri"]})).json
    assert why["inSet"] is False
    assert why["findings"][0]["label"] == "roa-maxlen"
    assert why["repository"]["uri"] == bad["repository"]
    assert server.web.ask("/api/v1/explain").status == 400


def test_page(server):
    page = server.web.get("/?prefix=10.1.1.0/24&asn=1")
    assert page.headers["Content-Type"] == "text/html;charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert page.text.count(f'nonce="{nonce}"') == 2
    assert ">invalid</p>" in page.text and "alpha" in page.text
    assert "<td>for another AS</td>" in page.text
    assert 'href="api/v1/explain?prefix=10.1.1.0/24&amp;asn=AS1"' in page.text
    assert "for another" not in server.web.get("/?prefix=10.1.1.0/24&asn=").text.split("<script")[0]
    assert nonce not in server.web.get("/").headers["Content-Security-Policy"]


WRONG = [
    (b"GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 404),
    (b"GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 404),
    (b"BREW /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 501),
    (b"POST /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 405),
    (b"GET /json HTTP/1.1\nHost: h\n\n", 400),
    (b"GET /json HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 70000 + b"\r\n\r\n", 431),
    (b"GET /" + b"a" * 1000000, 431),
    (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 400),
    (b"POST /validity HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 411),
    (b"POST /validity HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
     b"Content-Length: 99999999999\r\n\r\n", 413),
    (b"GET /json?select-asn=\xff HTTP/1.1\r\nHost: h\r\n\r\n", 400),
]


@pytest.mark.parametrize("request_and_status", WRONG,
                         ids=[str(n) for n in range(len(WRONG))])
def test_wrong_requests(server, request_and_status):
    request, status = request_and_status
    with socket.create_connection(("127.0.0.1", server.http), PATIENCE) as s:
        try:
            s.sendall(request)
        except ConnectionError:
            pass  # it has heard enough
        got = s.recv(65536)
    assert got.startswith(b"HTTP/1.1 %d " % status), got[:200]
    assert server.web.get("/healthz").text == "ok\n"


def test_log_cannot_be_forged(server):
    server.web.raw(b"GET /%0akedge:%20error:%20forged HTTP/1.1\r\nHost: h\r\n"
                   b"Connection: close\r\n\r\n")
    server.web.raw(b"GET /\nkedge: error: forged\r\n\r\n")
    assert not any(line.endswith("error: forged")
                   for line in server.said().splitlines())


def test_many_at_once(server):
    """Readers that stop, and silent ones, are not felt by the others."""
    idle = [socket.create_connection(("127.0.0.1", server.http))
            for _ in range(200)]
    for one in idle[:100]:
        one.sendall(b"GET /jsonext HTTP/1.1\r\nHost: h\r\n\r\n" * 50)
    for one in idle[100:]:
        one.sendall(b"GET /js")
    answers = []

    def scrape():
        for target in ("/metrics", "/json", "/api/v1/status", "/validity?asn=1"
                       "&prefix=10.1.0.0/24"):
            answers.append(server.web.ask(target).status)

    threads = [threading.Thread(target=scrape) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert answers == [200] * 80
    for one in idle:
        one.close()


def test_before_the_first_set(kedge, tale, site, tmp_path):
    """Nothing can be fetched and nothing was kept: it says so and stays."""
    site.show(tale.steps[0])
    one = Daemon(kedge, tale, "--disable-rrdp", "--disable-rsync")
    one.start()
    try:
        web = Web(one.http)

        def there():
            try:
                return web.ask("/healthz").status == 200
            except OSError:
                return False

        until(there, "healthz")
        assert web.ask("/readyz").status == 503
        answer = web.ask("/json")
        assert answer.status == 503 and answer.headers["Retry-After"] == "10"
        assert web.ask("/validity?asn=1&prefix=10.0.0.0/8").json["error"]
        found = samples(text_string_to_metric_families(web.get("/metrics").text))
        assert found["kedge_ready", ()] == 0
    finally:
        one.end(signal.SIGKILL)


def test_over_tls(kedge, tale, certificates):
    """A browser's way in; who speaks plain HTTP there is turned away."""
    certificates.leaf("web")
    certificate = certificates.folder / "web.pem"
    key = certificates.folder / "web.key"
    port = free_port()
    one = Daemon(kedge, tale, "--http-tls", f"127.0.0.1:{port}",
                 "--http-tls-cert", certificate, "--http-tls-key", key)
    one.start()
    try:
        one.wait_for("serial 1")
        trust = ssl.create_default_context(cafile=certificates.ca)
        line = http.client.HTTPSConnection("127.0.0.1", port, context=trust,
                                           timeout=PATIENCE)
        for _ in range(2):  # over one connection
            line.request("GET", "/csv")
            answer = Answer(line.getresponse())
            assert answer.status == 200
            assert csv_rows(answer) == tale.steps[0].vrps()
        line.close()
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
            plain.sendall(b"GET /csv HTTP/1.1\r\nHost: h\r\n\r\n")
            got = b""
            try:
                while part := plain.recv(4096):
                    got += part
            except ConnectionError:
                pass
        assert b"AS64496" not in got
        # A body that ends with the connection is whole only where the end is
        # said (RFC 9112 9.8); and who said all it will is answered still.
        trust.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        for bye in (False, True):
            got = tls_1_0(port, trust, "/csv", bye)
            assert got.startswith(b"HTTP/1.1 200 ") and b"AS64496" in got
    finally:
        one.end(signal.SIGKILL)


def tls_1_0(port, trust, target, bye):
    """All of an answer up to close_notify; `bye`: we send ours with the request."""
    heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trust.wrap_bio(heard, said, server_hostname="127.0.0.1")
    got = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        def do(what):
            while True:
                try:
                    return what()
                except ssl.SSLWantReadError:
                    line.sendall(said.read())
                    part = line.recv(65536)
                    heard.write(part) if part else heard.write_eof()

        do(tls.do_handshake)
        tls.write(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        if bye:
            with pytest.raises(ssl.SSLWantReadError):
                tls.unwrap()
        with contextlib.suppress(ssl.SSLZeroReturnError):
            while part := do(lambda: tls.read(65536)):
                got += part
    return got


def test_ends_soon_with_connections_open(server):
    """Long polls and silent clients do not keep a server from ending."""
    whole = server.web.get("/json-delta").json
    where = urllib.parse.urlencode(
        {"session": whole["session"], "serial": whole["serial"]})
    held = [socket.create_connection(("127.0.0.1", server.http))
            for _ in range(3)]
    held[0].sendall(f"GET /json-delta/notify?{where} HTTP/1.1\r\n"
                    "Host: h\r\n\r\n".encode())
    held[1].sendall(b"GET /js")
    assert server.end() == 0
    for one in held:
        one.close()
