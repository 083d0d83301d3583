# SPDX-License-Identifier: BSD-2-Clause
"""One file over HTTPS from servers that misbehave (T-NET)."""
import gzip
import ssl
import socket
import time
import zlib

import pytest

from hostile_https import Server, answer, drip

HEAD = b"HTTP/1.1 200 OK\r\n"


def chunked(*chunks, end=b"0\r\n\r\n"):
    body = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + end


def endless_chunks(connection, request):
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def endless_extension(connection, request):
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;")
    while True:
        connection.sendall(b"x" * 65536)


def endless_trailer(connection, request):
    connection.sendall(chunked(b"hello", end=b"0\r\n"))
    while True:
        connection.sendall(b"X-Y: " + b"z" * 1000 + b"\r\n")


def flood_of_100(connection, request):
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def endless_header(connection, request):
    connection.sendall(HEAD)
    while True:
        connection.sendall(b"X-A: b\r\n" * 1000)


def one_long_line(connection, request):
    connection.sendall(HEAD + b"X-A: ")
    while True:
        connection.sendall(b"b" * 65536)


def silence(connection, request):
    time.sleep(30)


def encoded(body, coding):
    return answer(body, headers=["Content-Encoding: " + coding])


BOMB = gzip.compress(b"\0" * 300_000_000, 9)

CASES = {
    "honest": (answer("hello"), "ok", 5),
    "chunked": (chunked(b"hel", b"lo"), "ok", 5),
    "until close": (HEAD + b"Connection: close\r\n\r\nhello", "ok", 5),
    "gzip": (encoded(gzip.compress(b"hello" * 1000), "gzip"), "ok", 5000),
    "x-gzip": (encoded(gzip.compress(b"hello" * 1000), "X-GZIP"), "ok", 5000),
    "deflate": (encoded(zlib.compress(b"hello"), "deflate"), "ok", 5),
    "gzip in a list": (encoded(gzip.compress(b"hello"), ", gzip,"), "ok", 5),
    "coding of nothing": (encoded(b"hello", ""), "ok", 5),
    "length with zeros": (HEAD + b"Content-Length: 0005\r\n\r\nhello", "ok", 5),
    "length zero": (HEAD + b"Content-Length: 00\r\n\r\n", "ok", 0),
    "100 first": (b"HTTP/1.1 100 Continue\r\n\r\n" + answer("hi"), "ok", 2),
    # T-NET-01, 03
    "silence": (silence, "http-timeout", 0),
    "header drips": (drip(HEAD + b"X-A: "), "http-timeout", 0),
    "body drips": (drip(HEAD + b"\r\n"), "http-timeout", None),
    # T-NET-05
    "length huge": (HEAD + b"Content-Length: 99999999999\r\n\r\nx",
                    "http-size", 0),
    "endless chunks": (endless_chunks, "http-size", None),
    "length too long": (HEAD + b"Content-Length: 10\r\n"
                        b"Connection: close\r\n\r\nhello", "http-protocol",
                        None),
    "length negative": (HEAD + b"Content-Length: -5\r\n\r\nhello",
                        "http-protocol", 0),
    "length twice": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"
                     b"hello!", "http-protocol", 0),
    "chunk overflow": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
                       b"FFFFFFFFFFFFFFFFF\r\nx", "http-protocol", 0),
    "chunk negative": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
                       b"-5\r\nhello\r\n", "http-protocol", 0),
    "chunk extension": (endless_extension, ("http-timeout", "http-size",
                                            "http-protocol"), 0),
    "chunk cut": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
                  b"10\r\nhello", "http-protocol", None),
    "trailers": (endless_trailer, ("http-header", "http-size",
                                   "http-protocol"), None),
    # T-NET-06
    "gzip bomb": (encoded(BOMB, "gzip"), "http-size", None),
    "gzip twice": (encoded(gzip.compress(gzip.compress(b"x")), "gzip, gzip"),
                   "http-encoding", 0),
    "gzip and deflate": (encoded(b"x", "gzip, deflate"), "http-encoding", 0),
    "gzip with more behind": (encoded(gzip.compress(b"hello") + b"junk", "gzip"),
                              "http-encoding", None),
    "gzip in two headers": (answer(gzip.compress(gzip.compress(b"x")),
                                   headers=["Content-Encoding: gzip",
                                            "Content-Encoding: gzip"]),
                            "http-encoding", 0),
    "brotli unasked": (encoded(b"\x0b\x02\x80hello\x03", "br"),
                       "http-encoding", 0),
    "zstd unasked": (encoded(b"(\xb5/\xfd", "zstd"), "http-encoding", 0),
    "transfer gzip": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n"
                      b"0\r\n\r\n", "http-encoding", 0),
    "gzip broken": (encoded(b"hello", "gzip"), "http-encoding", 0),
    # libcurl does not notice; the hash, XML's end or DER's length will.
    "gzip cut": (encoded(gzip.compress(b"hello" * 1000)[:-8], "gzip"), "ok",
                 5000),
    # T-NET-08
    "204": (answer("", "204 No Content"), "http-status", 0),
    "206": (answer("hello", "206 Partial Content"), "http-status", 0),
    "304 unasked": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "http-status", 0),
    "403": (answer("no", "403 Forbidden"), "http-status", 0),
    "404": (answer("no", "404 Not Found"), "http-status", 0),
    "404 packed oddly": (answer("no", "404 Not Found", ["Content-Encoding: br"]),
                         "http-status", 0),
    "404 cut off": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n"
                    b"Connection: close\r\n\r\nno", "http-status", 0),
    "500 of odd length": (b"HTTP/1.1 500 Oops\r\nContent-Length: x\r\n\r\nno",
                          "http-status", 0),
    "429": (answer("no", "429 Too Many"), "http-status", 0),
    "500": (answer("no", "500 Oops"), "http-status", 0),
    "503 with a novel": (answer("x" * 1000000, "503 Busy"), "http-status", 0),
    "300": (answer("no", "300 Choose", ["Location: /honest"]), "http-status",
            0),
    "100 flood": (flood_of_100, "http-header", 0),
    # T-NET-09
    "header endless": (endless_header, "http-header", 0),
    "header line endless": (one_long_line, ("http-header", "http-protocol"),
                            0),
    "header NUL": (HEAD + b"X-A: \0\r\n\r\nhello", "http-protocol", 0),
    "no version": (b"hello world\r\n\r\n", "http-protocol", 0),
    "status huge": (b"HTTP/1.1 99999999999 OK\r\n\r\nhello",
                    ("http-protocol", "http-status"), 0),
    "nothing": (b"", "http-protocol", 0),
}


def check(report, fault, octets):
    faults = (fault,) if isinstance(fault, str) else fault
    assert report["fault"] in faults, report.text
    if octets is not None:
        assert int(report["octets"]) == octets, report.text
    if report["fault"] != "ok":
        assert report["detail"] and report["etag"] == ""


def test_much_takes_turns(server, probe):
    """What is small is fetched while others have all places of the turnstile; of what
    is not, so much, until there is one."""
    for octets, waits in ((1 << 18, 0), (1 << 22, 1)):
        server.routes["/file"] = answer(bytes(octets))
        report = probe("get", server.uri("/file"), "turnstile=1")
        check(report, "ok", octets)
        assert int(report["waits"]) == waits, report.text
        assert int(report["held"]) <= 1 << 21, report.text


@pytest.mark.parametrize("name", CASES)
def test_answer(server, probe, name):
    script, fault, octets = CASES[name]
    server.routes["/x"] = script
    check(probe("get", server.uri("/x"), "stall=2", "total=4",
                "file=10000000"), fault, octets)


REDIRECTS = {
    "no location": (None, "http-redirect"),
    "empty": ("", "http-redirect"),
    "loop": ("/x", "http-redirect"),
    "relative": ("final", "ok"),
    "absolute path": ("/final", "ok"),
    "same origin": ("https://localhost:{port}/final", "ok"),
    "host in another case": ("https://LOCALHOST:{port}/final", "ok"),
    "other port": ("https://localhost:1/final", "http-redirect"),
    "other host": ("https://127.0.0.1:{port}/final", "http-redirect"),
    "other name": ("//example.net/final", "http-redirect"),
    "plain http": ("http://localhost:{port}/final", "http-redirect"),
    "file": ("file:///etc/passwd", "http-redirect"),
    "ftp": ("ftp://localhost/x", "http-redirect"),
    "data": ("data:text/plain,hello", "http-redirect"),
    "user": ("https://u@localhost:{port}/final", "http-redirect"),
    "query": ("/final?a=b", "ok"),
    "fragment": ("/final#a", "http-redirect"),
    "metadata": ("https://169.254.169.254/latest", "http-redirect"),
}


@pytest.mark.parametrize("name", REDIRECTS)
@pytest.mark.parametrize("status", ["301 Moved", "307 Temporary"])
def test_redirect(server, probe, name, status):
    target, fault = REDIRECTS[name]
    headers = [] if target is None else [
        "Location: " + target.format(port=server.port)]
    server.routes["/x"] = answer("body of the redirect", status,
                                 headers + ['ETag: "of-redirect"'])
    server.routes["/final"] = server.routes["/final?a=b"] = answer("hello")
    report = probe("get", server.uri("/x"))
    check(report, fault, 5 if fault == "ok" else 0)
    assert report["etag"] == ""


@pytest.mark.parametrize("hops, fault", [(10, "ok"), (11, "http-redirect")])
def test_chain_of_redirects(server, probe, hops, fault):
    for i in range(hops):
        server.routes["/%d" % i] = answer("", "302 Found",
                                          ["Location: /%d" % (i + 1)])
    server.routes["/%d" % hops] = answer("hello")
    check(probe("get", server.uri("/0")), fault,
          5 if fault == "ok" else 0)
    assert len(server.requests) == 11


def test_condition(server, probe):
    def script(connection, request):
        if request.headers.get("if-none-match") == '"one"':
            return b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n'
        return answer("hello", headers=['ETag: "one"',
                                        "Last-Modified: Sun, 01 Mar 2026 "
                                        "00:00:00 GMT"])
    server.routes["/x"] = script
    report = probe("get", server.uri("/x"))
    assert report["etag"] == '"one"'
    assert report["last_modified"].startswith("Sun, 01 Mar")
    report = probe("get", server.uri("/x"), env={"PROBE_ETAG": '"one"'})
    assert report["fault"] == "ok" and report["status"] == "304"
    assert server.requests[-1].headers["user-agent"] == "kedge/probe"


def test_nothing_leaks_into_the_next(server, probe):
    """T-NET-10, 13: keep-alive, octets after the end, then no ETag."""
    count = [0]

    def script(connection, request):
        count[0] += 1
        if count[0] == 1:
            return answer("hello", headers=['ETag: "one"']) + \
                answer("forged!", headers=['ETag: "forged"'])
        return answer("plain")
    server.routes["/x"] = script
    report = probe("get", server.uri("/x"), "times=2")
    assert report.text.count("fault=ok") == 2
    assert "forged" not in report.text
    assert report.values["etag"] == ""
    assert report.text.count("octets=5\n") == 2


@pytest.mark.parametrize("name, detail", [
    ("expired", "expired"), ("wrong-name", "name"),
    ("self-signed", "self"), ("old-tls", "")])
def test_tls(certificates, probe, name, detail):
    most = None
    if name == "expired":
        leaf = certificates.leaf(name, expired=True)
    elif name == "wrong-name":
        leaf = certificates.leaf(name, san="DNS:other.example")
    elif name == "self-signed":
        leaf = certificates.self_signed(name)
    else:
        leaf, most = "good", ssl.TLSVersion.TLSv1_1
    one = Server(certificates, leaf, most)
    one.routes["/x"] = answer("hello")
    report = probe("get", one.uri("/x"))
    one.close()
    check(report, "http-tls", 0)
    assert detail in report["detail"]
    assert not one.requests


def test_roots_are_ours_to_give(server, probe, tmp_path, certificates):
    server.routes["/x"] = answer("hello")
    folder = tmp_path / "roots"
    folder.mkdir()
    (folder / "README").write_text("no certificate")
    (folder / "ca.pem").write_bytes(certificates.ca.read_bytes())
    check(probe("get", server.uri("/x"), roots=folder), "ok", 5)


def test_handshake_that_never_ends(certificates, probe):
    one = Server(certificates, handshake=False)
    check(probe("get", one.uri("/x"), "connect=1"), "http-timeout", 0)
    one.close()


def test_nobody_answers(probe):
    """A queue that is full: the kernel drops what asks for a connection."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(0)
        port = held.getsockname()[1]
        crowd = [socket.socket() for _ in range(8)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        check(probe("get", f"https://localhost:{port}/x", "connect=1"),
              "http-timeout", 0)
        for one in crowd:
            one.close()


def test_nobody_listens(probe):
    with socket.socket() as held:  # bound, so that no other test can take it
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        check(probe("get", f"https://localhost:{port}/x"), "http-connect", 0)


@pytest.mark.parametrize("uri, fault", [
    ("https://localhost/x", "http-dubious"),
    ("https://127.0.0.1/x", "http-dubious"),
    ("https://[::1]/x", "http-dubious"),
    ("https://169.254.169.254/x", "http-dubious"),
    ("https://example.net:6379/x", "http-dubious"),
    ("http://example.net/x", "uri-scheme"),
    ("rsync://example.net/m/x", "uri-scheme"),
    ("https://u:p@example.net/x", "uri-form"),
    ("https://no-such-host.invalid/x", "http-connect")])
def test_hosts(probe, uri, fault):
    check(probe("get", uri, "dubious=0"), fault, 0)
