# SPDX-License-Identifier: BSD-2-Clause
"""What a server says within TLS itself has an end (T-NET-11)."""
import socket
import ssl
import threading

import pytest

import hostile_tls as tls
from hostile_https import answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"


@pytest.fixture
def serve(certificates, tmp_path):
    """serve(script, version): a server's URI; the script gets the socket, or
    with a version a connection that has come as far as the request."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(script, version):
        def run():
            raw, _ = listener.accept()
            try:
                with raw:
                    if version is None:
                        script(raw)
                        return
                    context = certificates.context("good")
                    context.minimum_version = context.maximum_version = version
                    context.set_ciphers(tls.CIPHER_12)
                    connection = tls.Connection(raw, context, tmp_path)
                    connection.request()
                    script(connection)
            except OSError:
                pass
        threading.Thread(target=run, daemon=True).start()
        return "https://localhost:%d/x" % listener.getsockname()[1]
    yield serve
    listener.close()


def endless(message, begin=HEAD):
    """As many as a record holds, in each record."""
    def script(connection):
        connection.send(tls.APPLICATION, begin)
        while True:
            connection.send(tls.HANDSHAKE, tls.full(message))
    return script


def before_the_handshake(raw):
    while True:
        raw.sendall(tls.record(tls.HANDSHAKE, tls.full(tls.HELLO_REQUEST)))


def new_keys(connection):
    connection.send(tls.APPLICATION, HEAD)
    while True:
        connection.update()


FLOODS = {
    "hello requests at once": (before_the_handshake, None),
    "hello requests": (endless(tls.HELLO_REQUEST), ssl.TLSVersion.TLSv1_2),
    "tickets": (endless(tls.TICKET), ssl.TLSVersion.TLSv1_3),
    "tickets until close": (endless(tls.TICKET, b"HTTP/1.1 200 OK\r\n\r\nhello"),
                            ssl.TLSVersion.TLSv1_3),
    "new keys": (new_keys, ssl.TLSVersion.TLSv1_3),
}


@pytest.mark.parametrize("name", FLOODS)
def test_flood(serve, probe, name):
    report = probe("get", serve(*FLOODS[name]), "connect=5", "stall=5",
                   "total=5")
    assert report["fault"] == "http-tls", report.text
    assert "messages of TLS" in report["detail"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_some_are_no_flood(serve, probe, version):
    def script(connection):
        if version == ssl.TLSVersion.TLSv1_3:
            for _ in range(20):
                connection.send(tls.HANDSHAKE, tls.TICKET * 2)
                connection.update()
        connection.send(tls.APPLICATION, answer("hello"))
    assert probe("get", serve(script, version))["fault"] == "ok"
