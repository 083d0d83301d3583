# SPDX-License-Identifier: BSD-2-Clause
"""Routers, operators and the machine at their worst, to the installed server.

Whatever happens, a good router beside it holds the whole set and goes on.
"""
import os
import pathlib
import random
import resource
import signal
import socket
import ssl
import struct
import subprocess
import time

import pytest

import hostile_tls as tls
from cache import running
from daemon import until
from router import END, RESPONSE, Router

LONG = os.environ.get("KEDGE_LONG") is not None


@pytest.fixture(scope="module")
def cache(forge, tmp_path_factory):
    with running(forge, tmp_path_factory.mktemp("attack"), "--rtr-write-timeout", "2",
                 "--rtr-max-clients-per-address", "3000") as one:
        yield one


def good(cache):
    """A router beside it all has everything."""
    router = cache.router()
    router.reset()
    assert router.vrps == cache.vrps()
    router.close()


def connect(cache):
    return socket.create_connection(("127.0.0.1", cache.rtr), timeout=30)


def reset(sock):
    """Close it with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


# --- routers

def test_gone_at_once(cache):
    """Connect and reset, many times: nothing of it stops the listener."""
    for n in range(10000 if LONG else 1500):
        sock = connect(cache)
        if n % 3 == 1:
            sock.send(b"\1\2\0")
        if n % 3 == 2:
            sock.send(bytes.fromhex("0102000000000008"))
        reset(sock)
    good(cache)
    until(lambda: "rtr-connections: 0\n" in cache.get("/status")[1], "no client")


def test_half_open(cache):
    """Thousands that say nothing, or half of a word, are no burden to others."""
    socks = [connect(cache) for _ in range(2000 if LONG else 400)]
    for n, sock in enumerate(socks):
        sock.send(bytes.fromhex("01020000000000")[:n % 8])
    good(cache)
    for sock in socks:
        reset(sock)
    good(cache)


@pytest.mark.parametrize("seed", range(3))
def test_any_octets(cache, seed):
    """A megabyte of noise, and noise behind a good beginning."""
    chance = random.Random(seed)
    for start in (b"", bytes.fromhex("0102000000000008"), bytes.fromhex("02020000")):
        sock = connect(cache)
        try:
            sock.sendall(start + chance.randbytes(1 << 20))
            while sock.recv(1 << 16):
                pass
        except OSError:
            pass
        sock.close()
        good(cache)


def test_flood_of_queries(cache):
    """A hundred thousand queries from one who does not read: cut, not answered
    to the end of memory."""
    sock = connect(cache)
    sock.settimeout(10)
    before = cache.memory()
    try:
        for _ in range(100):
            sock.sendall(bytes.fromhex("0102000000000008") * 1000)
            good(cache)
    except OSError:
        pass
    assert cache.memory() - before < 50000
    reset(sock)
    good(cache)


def test_cost_of_a_router(forge, tmp_path):
    """16 KiB at most for one that has everything and waits."""
    count = 400
    with running(forge, tmp_path, "--rtr-max-clients-per-address", str(count)) as cache:
        if "asan" in pathlib.Path(f"/proc/{cache.process.pid}/maps").read_text():
            pytest.skip("a sanitizer's memory is not ours")
        good(cache)
        before = cache.memory()
        crowd = []
        for _ in range(count):
            crowd.append(cache.router(2))
            crowd[-1].reset()
        each = (cache.memory() - before) / count
        print(f"{each:.1f} KiB for each")
        assert each <= 16
        for router in crowd:
            router.close()


# --- descriptors

def test_out_of_descriptors(forge, tmp_path):
    """Those who are in are served, also with news; others get in later."""
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    made = subprocess.Popen
    with running(forge, tmp_path, shown=True) as cache:
        cache.end()
        with cache.log.open("a") as log:
            cache.process = made([cache.kedge.program, "server", *cache.options],
                                 stderr=log, stdout=log, preexec_fn=few)
        until(cache.listens, "the port")
        cache.wait_for("as kept")
        inside = until(lambda: served(cache), "a set")
        crowd = []
        for _ in range(100):
            crowd.append(connect(cache))
        cache.wait_for("cannot accept a connection: Too many open files")
        inside.ask_reset()
        assert inside.answer()[-1].type == END
        for sock in crowd:
            reset(sock)
        until(lambda: served(cache), "room again")
        assert cache.process.poll() is None


def served(cache):
    try:
        router = Router(cache.rtr, timeout=3)
        router.ask_reset()
        pdus = router.answer()
        return router if pdus[0].type == RESPONSE else None
    except (OSError, AssertionError, TimeoutError):
        return None


# --- TLS

@pytest.fixture(scope="module")
def guarded(forge, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], two.getsockname()[1]
    pair = ["cert.pem", "key.pem"]
    with running(forge, folder / "run",
                 "--rtr-tls", f"127.0.0.1:{ports[0]}",
                 "--rtr-tls-cert", folder / pair[0], "--rtr-tls-key", folder / pair[1],
                 "--http-tls", f"127.0.0.1:{ports[1]}",
                 "--http-tls-cert", folder / pair[0],
                 "--http-tls-key", folder / pair[1]) as one:
        one.ports, one.root = ports, folder / "cert.pem"
        yield one


def secure(cache, port, **more):
    context = ssl.create_default_context(cafile=cache.root)
    for name, value in more.items():
        setattr(context, name, value)
    raw = socket.create_connection(("127.0.0.1", port), timeout=30)
    return context.wrap_socket(raw, server_hostname="localhost")


def still_spoken(cache):
    """TLS routers, plain ones and browsers."""
    good(cache)
    with secure(cache, cache.ports[0]) as sock:
        sock.sendall(bytes.fromhex("0102000000000008"))
        assert sock.recv(8)[1] == RESPONSE
    with secure(cache, cache.ports[1]) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert sock.recv(99).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("which", [0, 1])
def test_tls_garbage(guarded, which):
    chance = random.Random(which)
    hello = bytes.fromhex("160301020001 0001fc0303".replace(" ", ""))
    silent = []
    for octets in (b"", b"\x16", hello, hello + chance.randbytes(507),
                   chance.randbytes(70000), b"\x15\x03\x01\x00\x02\x02\x28",
                   b"\x17\x03\x03\xff\xff" + bytes(65535), b"\x80\x2e\x01\0\2" + bytes(46),
                   b"GET / HTTP/1.1\r\n\r\n", bytes.fromhex("0102000000000008")) * 5:
        sock = socket.create_connection(("127.0.0.1", guarded.ports[which]), timeout=30)
        try:
            sock.sendall(octets)
        except OSError:
            pass
        silent.append(sock)
    still_spoken(guarded)
    for n, sock in enumerate(silent):
        reset(sock) if n % 2 else sock.close()
    still_spoken(guarded)


@pytest.mark.parametrize("which", [0, 1])
def test_tls_old_versions_and_renegotiation(guarded, which):
    port = guarded.ports[which]
    for version in ("-tls1", "-tls1_1"):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version,
             "-cipher", "ALL:@SECLEVEL=0"], input=b"", capture_output=True, timeout=60)
        assert b"Cipher is (NONE)" in done.stdout or done.returncode != 0
    # R on a line of its own asks for a renegotiation: refused, and nobody hurt.
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2"],
        input=b"R\nR\nR\n", capture_output=True, timeout=60)
    assert b"RENEGOTIATING" in done.stdout + done.stderr
    assert b"no renegotiation" in done.stdout + done.stderr
    still_spoken(guarded)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_of_handshakes_alone(guarded, tmp_path, which, version):
    """New keys, or wishes for another handshake, and nothing else: it is left."""
    context = ssl.create_default_context(cafile=guarded.root)
    context.check_hostname = False
    context.minimum_version = context.maximum_version = version
    context.set_ciphers(tls.CIPHER_12)
    with socket.create_connection(("127.0.0.1", guarded.ports[which]), timeout=10) as raw:
        client = tls.Connection(raw, context, tmp_path, serves=False)
        try:
            for _ in range(1000):
                if version == ssl.TLSVersion.TLSv1_3:
                    client.update()
                else:
                    client.send(tls.HANDSHAKE, tls.CLIENT_HELLO)
            while raw.recv(65536):
                pass
        except ConnectionError:
            pass
    still_spoken(guarded)


# --- the control socket

def control(cache, octets, wait=True):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(str(cache.state / "control"))
        try:
            sock.sendall(octets)
            if not wait:
                return b""
            sock.shutdown(socket.SHUT_WR)
            return sock.recv(65536)
        except OSError:
            return b""


def test_control(cache):
    chance = random.Random(5)
    for octets in (b"", b"\n", b"\0\n", b"status\0x\n", b"x" * 4095 + b"\n", b"y" * 100000,
                   b"reload \x1b[31m\nkedge: forged\n", b"since -1\n", b"since 1e99\n",
                   b"guard \xff\xfe\n", b"stop --nothing\n", b"stop\0\n", b"run now\n", chance.randbytes(5000),
                   b"status\n" * 1000):
        control(cache, octets)
        control(cache, octets, wait=False)
    waiting = []
    for _ in range(40):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(cache.state / "control"))
        waiting.append(sock)
    good(cache)
    for sock in waiting:
        sock.close()
    until(lambda: "idle" in cache.ask("status", check=False).stdout, "an answer")


def test_asked_too_early(forge, tmp_path):
    """What asks a running server for something does not end one that starts."""
    with running(forge, tmp_path) as cache:
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            cache.end()
            cache.start()
            while not cache.listens():
                assert cache.process.poll() is None
            for _ in range(100):
                cache.process.send_signal(number)
                time.sleep(0.002)
            cache.router().reset()


def test_reload_while_it_reads(forge, tmp_path):
    """A reload that comes while a start reads its files is done after it."""
    with running(forge, tmp_path) as cache:
        cache.end()
        cache.slurm.rename(tmp_path / "old.slurm")
        os.mkfifo(cache.slurm)
        # Open before: a pipe without a writer is at its end.
        with open(os.open(cache.slurm, os.O_RDWR), "w", encoding="ascii") as pipe:
            cache.start()
            fds = pathlib.Path(f"/proc/{cache.process.pid}/fd")
            until(lambda: any(os.path.realpath(fd) == str(cache.slurm)
                              for fd in fds.iterdir()), "the file to be read")
            cache.slurm.unlink()
            cache.own = {("AS64999", "192.0.2.0/24", "24")}
            cache._write()
            cache.process.send_signal(signal.SIGHUP)
            pipe.write((tmp_path / "old.slurm").read_text())
        until(cache.listens, "the port")
        cache.wait_for("serial 2\n")
        good(cache)


def test_nothing_was_forged(cache, guarded):
    for one in (cache, guarded):
        for line in one.said().splitlines():
            assert line.startswith("kedge: "), line
            assert line.isprintable(), repr(line)
