# SPDX-License-Identifier: BSD-2-Clause
"""Servers that misbehave, seen by the installed kedge (T-NET).

Each case stands where the notification should be, where the snapshot should
be, and where the trust anchor's certificate should be. The run ends in time,
names the fault once, keeps what it had, and has the neighbour's news.
"""
import gzip
import shutil
import socket
import threading
import time

import pytest

from hostile_https import answer, drip
from ports import free_port
from test_rrdp_http import (BOMB, HEAD, chunked, encoded, endless_chunks,
                            endless_extension, endless_header, endless_trailer,
                            flood_of_100, one_long_line)
from town import Town

MEMORY_KB = 400_000
SECONDS = 120


def silence(connection, request):
    time.sleep(60)


def reset(connection, request):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          b"\1\0\0\0\0\0\0\0")
    connection.close()


def slow_and_steady(connection, request):
    """Above the rate that counts as a stall, for ever."""
    connection.sendall(HEAD + b"Content-Length: 7000000\r\n\r\n")
    while True:
        connection.sendall(b"<" * 400)
        time.sleep(0.5)


def empty_members(connection, request):
    """gzip that never comes to anything."""
    member = gzip.compress(b"")
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\n\r\n")
    while True:
        connection.sendall(member * 1000)


def long_member_name(connection, request):
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\n\r\n"
                       b"\x1f\x8b\x08\x08\0\0\0\0\0\3")
    while True:
        connection.sendall(b"n" * 65536)


def location(target, status="302 Found"):
    def script(connection, request):
        there = target.replace("PORT", request.headers["host"].split(":")[1])
        return answer("moved", status, ["Location: " + there])
    return script


# what -> labels that it may have.
CASES = {
    "silence": (silence, "http-timeout"),
    "reset": (reset, ("http-protocol", "http-connect")),
    "header drips": (drip(HEAD + b"X-A: "), "http-timeout"),
    "body drips": (drip(HEAD + b"\r\n"), "http-timeout"),
    "slow and steady": (slow_and_steady, "http-timeout"),
    "length huge": (HEAD + b"Content-Length: 99999999999\r\n\r\nx",
                    "http-size"),
    "endless chunks": (endless_chunks, ("http-size", "http-timeout",
                                        "rrdp-limit")),
    "length too long": (HEAD + b"Content-Length: 10\r\nConnection: close"
                        b"\r\n\r\nhello", "http-protocol"),
    "length negative": (HEAD + b"Content-Length: -5\r\n\r\nhello",
                        "http-protocol"),
    "length twice": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"
                     b"hello!", "http-protocol"),
    "chunk overflow": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
                       b"FFFFFFFFFFFFFFFFF\r\nx", "http-protocol"),
    "chunk cut": (HEAD + b"Transfer-Encoding: chunked\r\nConnection: close"
                  b"\r\n\r\n10\r\nhello", "http-protocol"),
    "chunk extension": (endless_extension, ("http-timeout", "http-size",
                                            "http-protocol")),
    "trailers": (endless_trailer, ("http-header", "http-size",
                                   "http-protocol")),
    "gzip twice": (encoded(gzip.compress(gzip.compress(b"x")), "gzip, gzip"),
                   "http-encoding"),
    "gzip broken": (encoded(b"hello", "gzip"), "http-encoding"),
    "gzip of nothing": (empty_members, ("http-encoding", "http-timeout",
                                        "http-size", "http-protocol")),
    "gzip with a long name": (long_member_name, (
        "http-encoding", "http-timeout", "http-size", "http-protocol")),
    "brotli": (encoded(b"\x0b\x02\x80hello\x03", "br"), "http-encoding"),
    "204": (answer("", "204 No Content"), "http-status"),
    "206": (answer("hello", "206 Partial Content"), "http-status"),
    "304 unasked": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "http-status"),
    "400": (answer("no", "400 Bad"), "http-status"),
    "403": (answer("no", "403 Forbidden"), "http-status"),
    "404": (answer("no", "404 Not Found"), "http-status"),
    "429": (answer("no", "429 Too Many", ["Retry-After: 99999"]),
            "http-status"),
    "500": (answer("no", "500 Oops"), "http-status"),
    "503": (answer("x" * 1000000, "503 Busy"), "http-status"),
    "flood of 100": (flood_of_100, "http-header"),
    "header endless": (endless_header, "http-header"),
    "header line endless": (one_long_line, ("http-header", "http-protocol")),
    "header NUL": (HEAD + b"X-A: \0\r\n\r\nhello", "http-protocol"),
    "no version": (b"hello world\r\n\r\n", "http-protocol"),
    "status huge": (b"HTTP/1.1 99999999999 OK\r\n\r\nhello",
                    ("http-protocol", "http-status")),
    "nothing": (b"", "http-protocol"),
    "redirect nowhere": (answer("", "302 Found"), "http-redirect"),
    "redirect in circles": (location("/circle"), "http-redirect"),
    "redirect to a neighbour": (
        location("https://good.localhost:PORT/notification.xml"),
        "http-redirect"),
    "redirect to http": (location("http://bad.localhost:PORT/s.xml"),
                         "http-redirect"),
    "redirect to a file": (location("file:///etc/passwd"), "http-redirect"),
    "redirect to a service": (location("https://127.0.0.1:22/"),
                              "http-redirect"),
    "redirect to metadata": (location("https://169.254.169.254/latest"),
                             "http-redirect"),
    "redirect by ftp": (location("ftp://bad.localhost/x"), "http-redirect"),
    "redirect by data": (location("data:text/xml,hello"), "http-redirect"),
    "redirect with a user": (location("https://a:b@bad.localhost:PORT/s.xml"),
                             "http-redirect"),
}


def one_of(found, wanted):
    return found == wanted if isinstance(wanted, str) else found in wanted


def judge(town, run, wanted, kept):
    """The run as it should be while the attack lasts."""
    assert run.seconds < SECONDS and run.kilobytes < MEMORY_KB, run.stderr
    labels = run.faults.get(town.notify(), [])
    assert len(labels) == 1 and one_of(labels[0], wanted), run.stderr
    assert run.of("10.1.") == kept, run.stderr
    assert run.of("10.2.") == {v for v in town.steps[1].vrps()
                               if v[1].startswith("10.2.")}, run.stderr
    others = [f for u, ls in run.faults.items() for f in ls
              if u != town.notify() and f != "manifest-missing"]
    assert others == [], run.stderr


def kept_of(town):
    return {v for v in town.steps[0].vrps() if v[1].startswith("10.1.")}


@pytest.mark.parametrize("name", CASES)
def test_notification(town, bad, tmp_path, name):
    script, wanted = CASES[name]
    town.server.routes["bad/circle"] = location("/circle")
    bad.offer()
    bad.put("notification.xml", script if callable(script)
            else lambda c, r: script)
    cache = town.cache(tmp_path / "warm")
    judge(town, town.run(cache, 1, show=False), wanted, kept_of(town))
    well = town.run(cache, 1)
    assert well.vrps == town.steps[1].vrps() and well.labels() == []


@pytest.mark.parametrize("name", CASES)
def test_snapshot(town, bad, tmp_path, name):
    script, wanted = CASES[name]
    town.server.routes["bad/circle"] = location("/circle")
    bad.offer(deltas={})
    bad.put("s.xml", script if callable(script) else lambda c, r: script)
    cache = town.cache(tmp_path / "warm")
    judge(town, town.run(cache, 1, show=False), wanted, kept_of(town))
    cold = town.run(tmp_path / "cold", 1, show=False)
    judge(town, cold, wanted, set())


@pytest.mark.parametrize("name", CASES)
def test_trust_anchor(town, tmp_path, name):
    """RFC 8630: the certificate kept from before stands in."""
    script, wanted = CASES[name]
    town.show(1)
    town.server.routes["top/circle"] = location("/circle")
    town.server.routes["top/alpha.cer"] = script
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps(), run.stderr
    assert run.seconds < SECONDS and run.kilobytes < MEMORY_KB
    assert "alpha.cer" in run.stderr, run.stderr
    cold = town.run(tmp_path / "cold", 1, show=False, check=False)
    assert cold.code == 1, cold.stderr
    assert "ta-fetch" in cold.labels() or any(
        one_of(label, wanted) for label in cold.labels()), cold.stderr


def test_bomb_as_notification(town, bad, tmp_path):
    """T-NET-06: what counts is what comes out."""
    bad.offer()
    bad.put("notification.xml", lambda c, r: encoded(BOMB, "gzip"))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    judge(town, run, "http-size", kept_of(town))


def test_bomb_as_snapshot(town, bad, tmp_path):
    bad.offer(deltas={})
    bad.put("s.xml", lambda c, r: encoded(BOMB, "gzip"))
    run = town.run(town.cache(tmp_path / "warm"), 1,
                   "--max-repository-size", "50000000", show=False)
    judge(town, run, ("http-size", "rrdp-hash"), kept_of(town))


def test_gzip_is_taken(town, bad, tmp_path):
    text = bad.snapshot().encode()
    bad.offer(deltas={})
    bad.put("s.xml", lambda c, r: encoded(gzip.compress(text), "gzip"))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == []


@pytest.mark.parametrize("where", ["notification.xml", "s.xml"])
def test_gzip_cut_short(town, bad, tmp_path, where):
    """libcurl lets it pass; XML's end and the hash do not."""
    text = bad.offer(deltas={})
    text = text if where[0] == "n" else bad.snapshot()
    bad.put(where, lambda c, r: encoded(
        gzip.compress(text.encode())[:-30], "gzip"))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    judge(town, run, ("rrdp-xml", "rrdp-hash", "http-encoding",
                      "http-protocol"), kept_of(town))


def test_long_refusal(town, bad, tmp_path):
    """What it was is told, however much is said with it."""
    bad.offer()
    bad.put("notification.xml", lambda c, r: answer("x" * 1000000, "503 Busy"))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert "asked for: HTTP status 503\n" in run.stderr, run.stderr


def test_two_answers_in_one(town, bad, tmp_path):
    """T-NET-13: what comes behind an answer answers nothing."""
    text = bad.offer(deltas={})
    forged = bad.snapshot("<!-- forged -->")
    bad.put("notification.xml", lambda c, r: answer(text) + answer(forged))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == []


# Said without being asked, a while after an answer: the connection goes on.
LATER = {"a refusal": answer("no", "404 Not Found"), "no answer": b"<Content-Length>" * 9}


def and_later(said, name):
    def script(connection, request):
        connection.sendall(said)
        time.sleep(0.3)
        return LATER[name]
    return script


@pytest.mark.parametrize("name", LATER)
def test_says_more_later(forge, town, certificates, tmp_path, name):
    """It answers nobody (RFC 9112 9.2): not the next repository at this host either."""
    made = Town(forge, town.program, certificates, tmp_path / "town", free_port(),
                crammed=True)
    made.show(1)
    text = (made.steps[1].folder / "https/bad/notification.xml").read_bytes()
    made.server.routes["bad/notification.xml"] = and_later(answer(text), name)
    run = made.run(made.held, 1, "--fetch-threads", "1", show=False)
    made.close()
    assert run.of("10.2.") == {v for v in made.steps[1].vrps() if v[1].startswith("10.2.")}
    assert not any("/good/" in uri for uri in run.faults), run.stderr


@pytest.mark.parametrize("name", LATER)
def test_delta_says_more_later(town, bad, tmp_path, name):
    """Nor does it where the snapshot is asked for instead."""
    bad.offer()
    bad.put("d2.xml", and_later(answer("<delta/>"), name))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps(), run.stderr
    assert run.labels() == ["rrdp-hash"], run.stderr


CONDITIONS = {
    "plain": '"x"',
    "weak": 'W/"x"',
    "unquoted": "x",
    "one quote": '"',
    "quotes within": '"a"b"c"',
    "empty": '""',
    "injecting": '"a\\r\\nX-B: c"',
    "long": '"' + "x" * 200 + '"',
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_condition(town, bad, tmp_path, name):
    """A 304 is believed where a condition was sent, and only there."""
    etag = CONDITIONS[name]
    text = bad.offer()
    asked = []

    def script(connection, request):
        asked.append(request.headers.get("if-none-match"))
        if asked[-1] == etag:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer(text, headers=["ETag: " + etag])
    bad.put("notification.xml", script)
    cache = town.cache(tmp_path / "warm")
    for _ in range(2):
        run = town.run(cache, 1, show=False)
        assert run.vrps == town.steps[1].vrps() and run.labels() == []
    assert asked[0] is None and asked[1] == etag
    # Local state is lost: T-RRDP-12.
    shutil.rmtree(cache)
    run = town.run(cache, 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == []
    assert asked[2] is None


@pytest.mark.parametrize("etag", ['"' + "x" * 30000 + '"', '"\x01\x7f"', ""])
def test_condition_that_cannot_be_kept(town, bad, tmp_path, etag):
    text = bad.offer()
    asked = []

    def script(connection, request):
        asked.append(request.headers.get("if-none-match"))
        return answer(text, headers=["ETag: " + etag])
    bad.put("notification.xml", script)
    cache = town.cache(tmp_path / "warm")
    for _ in range(2):
        run = town.run(cache, 1, show=False)
        assert run.vrps == town.steps[1].vrps() and run.labels() == []
    assert asked == [None, None]


SAME = b"HTTP/1.1 304 Not Modified\r\n"
BESIDE = {
    "another version": (SAME + b'ETag: "y"\r\n\r\n', 2),
    "another weak version": (SAME + b'ETag: W/"y"\r\n\r\n', 2),
    "the condition fails": (answer("no", "412 Precondition Failed"), 2),
    "the same, but weak": (SAME + b'ETag: W/"x"\r\n\r\n', 1),
    "without a version": (SAME + b"\r\n", 1),
}


@pytest.mark.parametrize("name", BESIDE)
def test_answer_beside_the_point(town, bad, tmp_path, name):
    """RFC 9111 4.3.4: a 304 of another version is not about what we hold."""
    said, times = BESIDE[name]
    before = (town.steps[0].folder / "https/bad/notification.xml").read_text()
    cache, text = town.cache(tmp_path / "warm"), [before]
    asked = []

    def script(connection, request):
        asked.append(request.headers.get("if-none-match"))
        if asked[-1] is None:
            return answer(text[0], headers=['ETag: "x"'])
        return said
    bad.put("notification.xml", script)
    assert town.run(cache, 1, show=False).labels() == []
    text[0] = bad.offer()
    bad.put("notification.xml", script)
    run = town.run(cache, 1, show=False)
    assert asked == [None, '"x"', None][:times + 1]
    assert run.labels() == [], run.stderr
    assert (run.vrps == town.steps[1].vrps()) == (times == 2)


@pytest.mark.parametrize("date, kept", [
    ("Sun, 01 Mar 2026 00:00:00 GMT", True), ("Sunday, 01-Mar-26 00:00:00 GMT", True),
    ("Fri, 01 Jan 2100 00:00:00 GMT", False), ("yesterday", False), ("0", False),
    ("Sun, 99 Mar 2026 00:00:00 GMT", False)])
def test_date_that_cannot_be(town, bad, tmp_path, date, kept):
    """RFC 9110 8.8.2.1: who was told of the future would hear of nothing new
    until then."""
    text = bad.offer()
    asked = []

    def script(connection, request):
        asked.append(request.headers.get("if-modified-since"))
        return answer(text, headers=["Last-Modified: " + date])
    bad.put("notification.xml", script)
    cache = town.cache(tmp_path / "warm")
    for _ in range(2):
        run = town.run(cache, 1, show=False)
        assert run.vrps == town.steps[1].vrps() and run.labels() == []
    assert asked == [None, date if kept else None]


def test_etag_of_another_answer(town, bad, tmp_path):
    """T-NET-10: a snapshot's validators are not the notification's."""
    text, snapshot = bad.offer(deltas={}), bad.snapshot()
    asked = []

    def notice(connection, request):
        asked.append(request.headers)
        return answer(text)
    bad.put("notification.xml", notice)
    bad.put("s.xml", lambda c, r: answer(snapshot, headers=[
        'ETag: "of-snapshot"',
        "Last-Modified: Sun, 01 Mar 2026 00:00:00 GMT"]))
    cache = town.cache(tmp_path / "warm")
    for _ in range(2):
        assert town.run(cache, 1, show=False).labels() == []
    assert len(asked) == 2
    assert all("if-none-match" not in h and "if-modified-since" not in h
               for h in asked)


def test_no_cookies(town, bad, tmp_path):
    seen = []
    text = bad.offer()

    def script(connection, request):
        seen.append(request.headers)
        return answer(text, headers=["Set-Cookie: a=b; Path=/",
                                     "Strict-Transport-Security: max-age=9",
                                     'Alt-Svc: h2="evil.example:443"'])
    bad.put("notification.xml", script)
    cache = town.cache(tmp_path / "warm")
    for _ in range(2):
        assert town.run(cache, 1, show=False).labels() == []
    assert len(seen) == 2 and all("cookie" not in h for h in seen)
    assert all(h["user-agent"].startswith("kedge/") for h in seen)


TLS = {
    "expired": ("hostile-expired", "http-tls"),
    "wrong name": ("hostile-name", "http-tls"),
    "self-signed": ("hostile-self", "http-tls"),
}


@pytest.fixture(scope="session")
def bad_leaves(certificates):
    certificates.leaf("hostile-expired", "DNS:bad.localhost", expired=True)
    certificates.leaf("hostile-name", "DNS:good.localhost")
    certificates.self_signed("hostile-self")


def front(town, wrap):
    """Whoever connects for bad.localhost meets `wrap`; others the town."""
    inner = town.server.context

    def choose(connection, name, context):
        if name == "bad.localhost":
            connection.context = wrap
    inner.sni_callback = choose


@pytest.mark.parametrize("name", TLS)
def test_tls(town, bad, certificates, bad_leaves, tmp_path, name):
    """T-NET-11"""
    leaf, wanted = TLS[name]
    bad.offer()
    front(town, certificates.context(leaf))
    try:
        cache = town.cache(tmp_path / "warm")
        judge(town, town.run(cache, 1, show=False), wanted, kept_of(town))
    finally:
        town.server.context.sni_callback = None
    assert town.run(cache, 1).labels() == []


class Proxy:
    """A CONNECT proxy that leads every name to the town."""

    def __init__(self, port):
        self.town = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(4096)
            if not more:
                return
            head += more
        self.asked.append(head.split(b"\r\n")[0].decode())
        server = socket.create_connection(("127.0.0.1", self.town))
        client.sendall(b"HTTP/1.1 200 Go\r\nX-Y: z\r\n\r\n")
        threading.Thread(target=self._pump, args=(server, client),
                         daemon=True).start()
        self._pump(client, server)

    def _pump(self, one, two):
        try:
            while True:
                more = one.recv(65536)
                if not more:
                    break
                two.sendall(more)
        except OSError:
            pass
        for end in (one, two):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


@pytest.mark.parametrize("most", [0, 1, 2])
def test_ceiling_of_redirects(town, bad, tmp_path, most):
    bad.offer(deltas={})
    town.server.routes["bad/there"] = town.server.routes["bad/notification.xml"]
    town.server.routes["bad/on"] = location("/there")
    bad.put("notification.xml", location("/on"))
    run = town.run(tmp_path / "cold", 1, "--max-redirects", most, "--disable-rsync",
                   show=False)
    labels = run.faults.get(town.notify(), [])
    assert labels == ([] if most == 2 else ["http-redirect"]), run.stderr
    assert bool(run.of("10.1.")) == (most == 2)


def test_by_proxy(town, bad, tmp_path):
    """Names are the proxy's to resolve; a dead proxy is passed over."""
    proxy = Proxy(town.server.port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = taken.getsockname()[1]
        try:
            run = town.run(tmp_path / "cold", 1, "--rrdp-proxy",
                           f"http://127.0.0.1:{dead}", "--rrdp-proxy",
                           f"http://127.0.0.1:{proxy.port}")
        finally:
            proxy.close()
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr
    assert any("good.localhost" in line for line in proxy.asked)


def test_environment_is_no_proxy(town, tmp_path, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    run = town.run(tmp_path / "cold", 1)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr


def test_dubious_hosts(town, tmp_path):
    """T-NET-12: without leave, nothing is asked of such hosts."""
    run = town.run(town.cache(tmp_path / "warm"), 1, dubious=False)
    assert town.server.requests == []
    assert run.vrps == town.steps[0].vrps(), run.stderr
    assert "repository-dubious" in run.labels(), run.stderr
