# SPDX-License-Identifier: BSD-2-Clause
"""What HTTP clients can send that means harm, to the installed server.

Each case is one connection: how many answers it may get, and the status of the
first. Whatever came, the next request is answered and no line was forged.
"""
import socket
import time

import pytest

from cache import running
from daemon import until

HOST = b"Host: x\r\n"
CLOSE = HOST + b"Connection: close\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def get(target):
    return b"GET " + target + b" HTTP/1.1\r\n" + CLOSE


def at_host(host, version=b"1.1"):
    return b"GET /healthz HTTP/%s\r\n%sConnection: close\r\n\r\n" % (version, host)


def post(fields, body=b""):
    return b"POST /validity HTTP/1.1\r\n" + HOST + fields + b"\r\n" + body


JSON = b"Content-Type: application/json\r\n"

# Where one server takes a body and another a request: what must never be two.
SMUGGLING = {
    "two lengths": (400, post(b"Content-Length: 0\r\nContent-Length: 35\r\n", SMUGGLED)),
    "the same length twice": (400, post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}")),
    "a list of lengths": (400, post(b"Content-Length: 2, 2\r\n", b"{}")),
    "a length with a sign": (400, post(b"Content-Length: +2\r\n", b"{}")),
    "a negative length": (400, post(b"Content-Length: -1\r\n", SMUGGLED)),
    "a length in hex": (400, post(b"Content-Length: 0x24\r\n", SMUGGLED)),
    "a length past 2^64": (400, post(b"Content-Length: 18446744073709551652\r\n", SMUGGLED)),
    "a length without digits": (400, post(b"Content-Length:\r\n", SMUGGLED)),
    "the largest length": (413, post(JSON + b"Content-Length: 9223372036854775807\r\n")),
    "chunks": (411, post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED)),
    "chunks and a length": (411, post(
        b"Transfer-Encoding: chunked\r\nContent-Length: 41\r\n", b"0\r\n\r\n" + SMUGGLED)),
    "a length and chunks": (411, post(
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED)),
    "chunks after a tab": (411, post(b"Transfer-Encoding:\tchunked\r\n", b"0\r\n\r\n" + SMUGGLED)),
    "chunks, said loudly": (411, post(b"TRANSFER-ENCODING: CHUNKED\r\n", b"0\r\n\r\n" + SMUGGLED)),
    "no chunks but identity": (411, post(
        b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n", b"{}")),
    "a blank before the colon": (400, post(b"Transfer-Encoding : chunked\r\n", SMUGGLED)),
    "a folded field": (400, post(b"X: y\r\n Transfer-Encoding: chunked\r\n", SMUGGLED)),
    "a vertical tab": (400, post(b"Transfer-Encoding: \x0bchunked\r\n", SMUGGLED)),
    "a NUL in a field": (400, post(b"X: a\0b\r\nContent-Length: 0\r\n", SMUGGLED)),
    "carriage returns alone": (400, b"GET /status HTTP/1.1\rHost: x\r\r" + SMUGGLED),
    "line feeds alone": (400, b"GET /status HTTP/1.1\nHost: x\n\n" + SMUGGLED),
    "a body where nothing is": (404, b"POST /nothing HTTP/1.1\r\n" + HOST +
                                b"Content-Length: 35\r\n\r\n" + SMUGGLED),
    "a body of a GET": (200, b"GET /healthz HTTP/1.1\r\n" + HOST +
                        b"Connection: close\r\nContent-Length: 35\r\n\r\n" + SMUGGLED),
}

LINES = {
    "another scheme": (400, get(b"ftp://evil/status")),
    "an absolute URI": (200, get(b"http://evil/healthz")),
    "an absolute URI of TLS": (200, get(b"https://evil:443/healthz")),
    "an absolute URI without a path": (200, get(b"http://evil")),
    "an absolute URI with a query alone": (200, get(b"HTTPS://evil?prefix=10.0.0.0/8&asn=1")),
    "an absolute URI without a host": (400, get(b"http:///healthz")),
    "an absolute URI with only a port": (400, get(b"http://:80/healthz")),
    "an absolute URI with a user": (400, get(b"http://u@evil/healthz")),
    "a query without a path": (400, get(b"?select-asn=1")),
    "a NUL in the path": (404, get(b"/status%00")),
    "a way out": (404, get(b"/../../etc/passwd")),
    "an encoded way out": (404, get(b"/..%2f..%2fetc/passwd")),
    "a way out, encoded twice": (404, get(b"/%252e%252e/etc/passwd")),
    "octets that are no text": (400, get(b"/\xff\xfe")),
    "encoded octets that are no text": (404, get(b"/%ff%fe")),
    "a line into the log": (404, get(b"/%0d%0akedge:%20forged%1b[31m")),
    "a field of the answer": (404, get(b"/%0d%0aX-Forged:%201")),
    "half of an escape": (404, get(b"/status%")),
    "no hex": (404, get(b"/status%zz")),
    "an AS number that is text": (400, get(b"/api/v1/validity/AS%C3%A9/10.0.0.0/8")),
    "no AS number": (400, get(b"/api/v1/validity/AS/10.0.0.0/8")),
    "AS -1": (400, get(b"/api/v1/validity/AS-1/10.0.0.0/8")),
    "AS 2^32": (400, get(b"/api/v1/validity/AS4294967296/10.0.0.0/8")),
    "AS of 60,000 digits": (400, get(b"/api/v1/validity/AS" + b"9" * 60000 + b"/10.0.0.0/8")),
    "prefix of 33 bits": (400, get(b"/api/v1/validity/AS1/10.0.0.0/33")),
    "bits beyond the prefix": (400, get(b"/json?select-prefix=10.0.0.1/8")),
    "prefix of a thousand groups": (400, get(b"/api/v1/validity/AS1/" + b"1:" * 1000 + b"/8")),
    "a query of 60,000 digits": (400, get(b"/json?select-asn=" + b"1" * 60000)),
    "4,000 parameters": (400, get(b"/json?" + b"select-asn=1&" * 4000)),
    "a name of nobody": (400, get(b"/json?what=1")),
    "70,000 octets of a field": (431, b"GET /status HTTP/1.1\r\nX: " + b"y" * 70000),
    "12,000 fields": (200, b"GET /healthz HTTP/1.1\r\n" + b"a:b\r\n" * 12000 + CLOSE),
    "two hosts": (400, b"GET /status HTTP/1.1\r\n" + HOST + CLOSE),
    "two hosts of HTTP/1.0": (400, at_host(HOST * 2, b"1.0")),
    "no host of HTTP/1.0": (200, at_host(b"", b"1.0")),
    "a host that is empty": (200, at_host(b"Host:\r\n")),
    "a host of IPv6 with a port": (200, at_host(b"Host: [2001:db8::1]:8323\r\n")),
    "a host with all there may be": (200, at_host(b"Host: a-._~%41!$&'()*+,;=:1\r\n")),
    "a host with a path": (400, at_host(b"Host: x/healthz\r\n")),
    "a host with a user": (400, at_host(b"Host: u@x\r\n")),
    "a host with a blank": (400, at_host(b"Host: x y\r\n")),
    "a host in markup": (400, at_host(b"Host: x\"><script>\r\n")),
    "a host that is no ASCII": (400, at_host("Host: h\u00f6st\r\n".encode())),
    "a host whose bracket stays open": (400, at_host(b"Host: [::1\r\n")),
    "a port that is text": (400, at_host(b"Host: x:http\r\n")),
    "a port twice": (400, at_host(b"Host: x:1:2\r\n")),
    "no host": (400, b"GET /status HTTP/1.1\r\n\r\n"),
    "a tunnel": (400, b"CONNECT evil:443 HTTP/1.1\r\n" + CLOSE),
    "an echo": (501, b"TRACE /status HTTP/1.1\r\n" + CLOSE),
    "a deletion": (501, b"DELETE /status HTTP/1.1\r\n" + CLOSE),
    "a method of 40 letters": (400, b"G" * 40 + b" /status HTTP/1.1\r\n" + CLOSE),
    "HTTP/0.9": (400, b"GET /status\r\n\r\n"),
    "HTTP/2": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600)),
    "a router": (400, bytes.fromhex("0102000000000008")),
    "an upgrade": (200, b"GET /healthz HTTP/1.1\r\nUpgrade: h2c\r\n" + CLOSE),
    "a thousand ranges": (200, b"GET /csv HTTP/1.1\r\nRange: bytes=" +
                          b",".join(b"%d-%d" % (n, n) for n in range(1000)) + b"\r\n" + CLOSE),
    "another expectation": (417, post(b"Expect: 200-ok\r\n")),
}

BODIES = {
    "nothing": b"",
    "no JSON": b"\x00\xff" * 500,
    "a million brackets": b"[" * 1000000,
    "a hundred thousand lists of routes": b'{"routes":' * 100000,
    "a route that is a thousand lists": b'{"routes":[' + b"[" * 1000 + b"]" * 1000 + b"]}",
    "an AS number of 500,000 digits": b'{"routes":[{"asn":' + b"9" * 500000 + b"}]}",
    "an AS number past all": b'{"routes":[{"asn":1e999,"prefix":"10.0.0.0/8"}]}',
    "an AS number below all": b'{"routes":[{"asn":-1,"prefix":"10.0.0.0/8"}]}',
    "half an AS": b'{"routes":[{"asn":1.5,"prefix":"10.0.0.0/8"}]}',
    "routes twice": b'{"routes":[],"routes":[]}',
    "an AS twice": b'{"routes":[{"asn":1,"asn":2,"prefix":"10.0.0.0/8"}]}',
    "a NUL in a string": b'{"routes":[{"asn":1,"prefix":"10.0.0.0\\u0000/8"}]}',
    "half a surrogate": b'{"routes":[{"asn":1,"prefix":"\\ud800"}]}',
    "octets that are no text": b'{"routes":[{"asn":1,"prefix":"\xff\xfe"}]}',
    "a string that does not end": b'{"routes":[{"asn":1,"prefix":"' + b"1" * 900000,
    "something after the end": b'{"routes":[]} x',
}


@pytest.fixture(scope="module")
def cache(forge, tmp_path_factory):
    with running(forge, tmp_path_factory.mktemp("http")) as one:
        yield one


def talk(port, octets):
    """All that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
        parts = []
        try:
            s.sendall(octets)
            s.shutdown(socket.SHUT_WR)
            while parts[-1:] != [b""]:
                parts.append(s.recv(1 << 20))
        except (ConnectionResetError, BrokenPipeError):
            pass
        return b"".join(parts)


def answers(octets):
    return octets.count(b"HTTP/1.1 ")


def check(cache, status, sent):
    got = talk(cache.http, sent)
    assert got.startswith(b"HTTP/1.1 %d " % status), (sent[:80], got[:400])
    head = got.split(b"\r\n\r\n")[0]
    assert b"X-Forged" not in head and b"\x1b" not in got
    assert cache.process.poll() is None
    return got


@pytest.mark.parametrize("what", SMUGGLING)
def test_one_request_is_never_two(cache, what):
    got = check(cache, *SMUGGLING[what])
    said = got.count(b"HTTP/1.1 4") + got.count(b"HTTP/1.1 2")
    assert said == 1, got


@pytest.mark.parametrize("what", LINES)
def test_line(cache, what):
    check(cache, *LINES[what])


@pytest.mark.parametrize("what", BODIES)
def test_body(cache, what):
    body = BODIES[what]
    check(cache, 400, post(JSON + b"Content-Length: %d\r\nConnection: close\r\n" % len(body),
                           body))


def test_five_hundred_in_one(cache):
    one = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    assert answers(talk(cache.http, one * 500 + get(b"/healthz"))) == 501


def test_empty_lines(cache):
    got = talk(cache.http, b"\r\n" * 20000 + get(b"/healthz"))
    assert answers(got) == 1 and got.startswith(b"HTTP/1.1 200 ")


PIECES = [
    (200, get(b"/healthz")),
    (200, b"\r\n\r\n" + get(b"/healthz")),
    (400, b"GET /healthz HTTP/1.1\r\nX: a\x01"),
    (400, b"GET /healthz HTTP/1.1\r\nX: a\rb"),
    (400, b"GET /healthz HTTP/1.1\r\nX: a\r\n\n"),
    (400, b"G\xc3\xa9T / HTTP/1.1\r\n" + CLOSE),
    (431, b"GET /healthz HTTP/1.1\r\nX: " + b"y" * 65600),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("case", range(len(PIECES)))
def test_in_pieces(cache, case, size):
    """What has been looked at is not looked at again, and nothing is missed."""
    status, octets = PIECES[case]
    size *= 1 if len(octets) < 1000 else 999
    with socket.create_connection(("127.0.0.1", cache.http), timeout=60) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(octets), size):
            try:
                s.sendall(octets[at:at + size])
            except (ConnectionResetError, BrokenPipeError):
                break
            time.sleep(0.001)
        got = s.recv(1 << 16)
    assert got.startswith(b"HTTP/1.1 %d " % status), got


def test_sixty_megabytes_of_routes(cache):
    """Answered in pieces, to who reads; memory is bounded, others are served."""
    routes = b",".join([b'{"asn":1,"prefix":"10.0.0.0/8"}'] * 1800000)
    body = b'{"routes":[' + routes + b"]}"
    assert 50_000_000 < len(body) < 64 << 20
    before = cache.memory()
    with socket.create_connection(("127.0.0.1", cache.http), timeout=300) as s:
        s.sendall(b"POST /validity HTTP/1.1\r\n" + HOST + JSON +
                  b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body))
        s.sendall(body)
        assert s.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        # It does not read on.
        assert talk(cache.http, get(b"/healthz")).startswith(b"HTTP/1.1 200 ")
        time.sleep(1)
        assert cache.memory() - before < 400000
    until(lambda: cache.memory() - before < 200000, "its memory back")
    # One octet more than is taken.
    got = check(cache, 413, b"POST /validity HTTP/1.1\r\n" + HOST + JSON +
                b"Content-Length: %d\r\n\r\n" % ((64 << 20) + 1))
    assert b"too large" in got


def test_nothing_was_forged(cache):
    for line in cache.said().splitlines():
        assert line.startswith("kedge: "), line
        assert "\x1b" not in line
    assert talk(cache.http, get(b"/csv")).startswith(b"HTTP/1.1 200 ")
    router = cache.router()
    router.reset()
    assert router.vrps == cache.vrps()
