# SPDX-License-Identifier: BSD-2-Clause
"""The ways to the server: TLS, TCP-MD5, SSH, sockets passed or in the file
system, the access list; and `kedge rtr`, which goes all of them.
"""
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import time

import pytest

import routers
from cache import running
from daemon import free_port, until
from papers import Papers
from router import RESPONSE, Local, Router

HOST = "cache.example.net"


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    made = Papers(tmp_path_factory.mktemp("papers") / "tls")
    made.issue("server", f"DNS:{HOST},IP:127.0.0.1")
    made.issue("router", "IP:127.0.0.1")
    made.issue("stray", "IP:192.0.2.1")
    return made


def options(papers, *extra):
    return ["--rtr-tls-cert", papers.folder / "server.pem",
            "--rtr-tls-key", papers.folder / "server.key", *extra]


def asked(cache, *words, check=True):
    """What `kedge rtr` prints as VRPs, and the run."""
    done = cache.kedge.run("rtr", *words, "--format", "csv", check=check)
    rows = [line.split(",") for line in done.stdout.splitlines()[1:]]
    return {(row[0], row[1], row[2]) for row in rows}, done


# --- TLS

@pytest.fixture(scope="module")
def tls(forge, papers, tmp_path_factory):
    port = free_port()
    with running(forge, tmp_path_factory.mktemp("tls"), "--rtr-tls", f"127.0.0.1:{port}",
                 *options(papers)) as one:
        one.tls = port
        yield one


@pytest.fixture(scope="module")
def strict(forge, papers, tmp_path_factory):
    port = free_port()
    with running(forge, tmp_path_factory.mktemp("mtls"), "--rtr-tls", f"127.0.0.1:{port}",
                 *options(papers, "--rtr-client-ca", papers.ca)) as one:
        one.tls = port
        yield one


def test_tls(tls, papers):
    for version in "0", "1", "2":
        table, _ = asked(tls, f"127.0.0.1:{tls.tls}", "--tls", "--tls-ca", papers.ca,
                         "--rtr-version", version)
        assert table == tls.vrps()


def test_tls_names(tls, papers):
    where = f"127.0.0.1:{tls.tls}"
    table, _ = asked(tls, where, "--tls", "--tls-ca", papers.ca, "--tls-name", HOST)
    assert table == tls.vrps()
    _, done = asked(tls, where, "--tls", "--tls-ca", papers.ca, "--tls-name",
                    "other.example.net", check=False)
    assert done.returncode == 1 and "hostname mismatch" in done.stderr
    _, done = asked(tls, where, "--tls", check=False)
    assert done.returncode == 1
    assert "unable to get local issuer certificate" in done.stderr


def test_rtrdump_over_tls(tls, tmp_path):
    if routers.program("rtrdump") is None:
        pytest.skip("no rtrdump")
    table, _ = routers.rtrdump(tmp_path, tls.tls, 1, "-type", "tls", "-tls.validate=false")
    assert table == tls.vrps()


def test_versions_of_tls(tls, papers):
    """1.2 and 1.3, nothing older, nothing without forward secrecy."""
    for words, good in ((["-tls1_3"], True), (["-tls1_2"], True), (["-tls1_1"], False),
                        (["-tls1_2", "-cipher", "AES128-GCM-SHA256"], False),
                        (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], False)):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{tls.tls}", "-CAfile",
             str(papers.ca), "-verify_return_error", *words], input=b"",
            capture_output=True, timeout=60)
        assert (done.returncode == 0) == good, (words, done)


def test_slow_handshake_hurts_nobody(tls):
    hung = [socket.create_connection(("127.0.0.1", tls.tls)) for _ in range(20)]
    hung[0].sendall(b"\x16\x03\x01")
    router = tls.router(2)
    router.reset()
    assert router.vrps == tls.vrps()
    router.close()
    for one in hung:
        one.close()


def test_plain_words_on_the_tls_port(tls):
    router = Router(tls.tls)
    router.ask_reset()
    # An alert of TLS at most, and the end.
    try:
        while router.socket.recv(4096):
            pass
    except ConnectionResetError:
        pass
    router.close()
    tls.wait_for("rtr 127.0.0.1: TLS: ")


def test_client_certificates(strict, papers, tmp_path):
    where = [f"127.0.0.1:{strict.tls}", "--tls", "--tls-ca", papers.ca]
    own = ["--tls-cert", papers.folder / "router.pem", "--tls-key", papers.folder / "router.key"]
    table, _ = asked(strict, *where, *own)
    assert table == strict.vrps()
    _, done = asked(strict, *where, check=False)
    assert done.returncode == 1
    strict.wait_for("peer did not return a certificate")
    stray = ["--tls-cert", papers.folder / "stray.pem", "--tls-key", papers.folder / "stray.key"]
    _, done = asked(strict, *where, *stray, check=False)
    assert done.returncode == 1
    strict.wait_for("IP address mismatch")
    papers.issue("old", "IP:127.0.0.1", days=0)
    papers.issue("purpose", "IP:127.0.0.1\nextendedKeyUsage=serverAuth")
    other = Papers(tmp_path / "other")
    other.issue("other", "IP:127.0.0.1")
    time.sleep(1)  # until the first of them has ended
    for folder, name, why in ((papers.folder, "old", "certificate has expired"),
                              (papers.folder, "purpose", "unsuitable certificate purpose"),
                              (other.folder, "other", "unable to get local issuer")):
        _, done = asked(strict, *where, "--tls-cert", folder / f"{name}.pem",
                        "--tls-key", folder / f"{name}.key", check=False)
        assert done.returncode == 1 and done.stdout == "", name
        strict.wait_for(why)


def test_tls_octets(tls, papers):
    """A client that is not ours: the octets within are those of RPKI-to-Router."""
    context = ssl.create_default_context(cafile=papers.ca)
    with socket.create_connection(("127.0.0.1", tls.tls), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=HOST) as s:
            s.sendall(bytes.fromhex("0263000000000008"))
            got = b""
            while part := s.recv(4096):
                got += part
    # The report, and a close_notify behind it: no truncation.
    assert got[:4] == bytes.fromhex("020a0005") and got[12:20].hex() == "0263000000000008"


def test_certificate_replaced(tls, papers):
    def served():
        text = ssl.get_server_certificate(("127.0.0.1", tls.tls))
        return text.strip()
    server = papers.folder / "server.pem"
    router = tls.router(2)
    router.reset()
    old, old_key = server.read_text(), (papers.folder / "server.key").read_text()
    # A broken one is refused, with the reason; the old one serves on.
    server.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n")
    done = tls.ask("reload", check=False)
    assert done.returncode == 1 and "server.pem: no certificate (PEM)" in done.stderr
    assert served() == old[old.index("-----BEGIN"):].strip()
    new, new_key = papers.issue("other", f"DNS:{HOST},IP:127.0.0.1")
    server.write_text(new.read_text())
    done = tls.ask("reload", check=False)
    assert done.returncode == 1 and "not the key of the certificate" in done.stderr
    (papers.folder / "server.key").write_text(new_key.read_text())
    tls.ask("reload")
    until(lambda: served() == new.read_text().strip(), "the new certificate")
    # Whoever was connected stays.
    assert [p.type for p in router.refresh()][0] == RESPONSE
    router.close()
    server.write_text(old)
    (papers.folder / "server.key").write_text(old_key)


# --- keys of TCP

def test_md5(forge, tmp_path):
    keys = tmp_path / "md5"
    keys.write_text("# routers\n127.0.0.0/8 a-secret-of-tests\n")
    keys.chmod(0o600)
    with running(forge, tmp_path, "--rtr-md5-keys", keys) as cache:
        table, _ = asked(cache, f"127.0.0.1:{cache.rtr}", "--rtr-md5-keys", keys)
        assert table == cache.vrps()
        with socket.socket() as bare:
            bare.settimeout(1)
            with pytest.raises(TimeoutError):
                bare.connect(("127.0.0.1", cache.rtr))
        if routers.program("bird") is not None:
            bird = routers.Bird(tmp_path / "bird", cache.rtr, transport=
                                'transport tcp { authentication md5; '
                                'password "a-secret-of-tests"; };')
            try:
                if "syntax error" not in bird.said():
                    until(lambda: bird.table() == cache.vrps() or
                          bird.process.poll() is not None, "BIRD with TCP-MD5")
            finally:
                bird.end()


@pytest.mark.parametrize("key", ["".join(map(chr, range(33, 113))),
                                 "hex:000102030405060708090a0b0c0d0e0f"],
                         ids=["text", "hex"])
def test_long_md5_keys(forge, tmp_path, key):
    """80 printable octets, and 32 hexadecimal digits, must be (8210bis 9.3)."""
    keys = tmp_path / "md5"
    keys.write_text(f"127.0.0.1 {key}\n")
    keys.chmod(0o600)
    other = tmp_path / "other"
    other.write_text(f"127.0.0.1 {key[:-1]}{'0' if key[-1] != '0' else '1'}\n")
    other.chmod(0o600)
    with running(forge, tmp_path, "--rtr-md5-keys", keys) as cache:
        where = f"127.0.0.1:{cache.rtr}"
        table, _ = asked(cache, where, "--rtr-md5-keys", keys)
        assert table == cache.vrps()
        with pytest.raises(subprocess.TimeoutExpired):
            cache.kedge.run("rtr", where, "--rtr-md5-keys", other, timeout=2)


def test_keys_that_cannot_be(kedge, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("127.0.0.0/8 1 1 hmac-sha1 secret\n")
    keys.chmod(0o644)
    words = ["server", "--rtr", f"127.0.0.1:{free_port()}", "--state-dir", tmp_path / "s",
             "--repository-dir", tmp_path / "c"]
    done = kedge.run(*words, "--rtr-md5-keys", keys, check=False)
    assert done.returncode == 1 and "chmod 600" in done.stderr
    keys.chmod(0o600)
    done = kedge.run(*words, "--rtr-md5-keys", keys, check=False)
    assert done.returncode == 1 and f"{keys}:1: more words than expected" in done.stderr
    assert "secret" not in done.stderr


# --- who is let in

def test_access_list(forge, tmp_path):
    config = tmp_path / "kedge.conf"
    config.write_text("[server]\nrtr-allow = 127.0.0.0/8\nrtr-deny = 127.0.0.2\n")
    with running(forge, tmp_path, "--config", config) as cache:
        router = cache.router(2)
        router.reset()
        with socket.socket() as other:
            other.bind(("127.0.0.2", 0))
            other.settimeout(30)
            other.connect(("127.0.0.1", cache.rtr))
            assert other.recv(1) == b""
        cache.wait_for("rtr 127.0.0.2: refused: not on the access list")
        # The list is read again: who is not on it any more is cut.
        config.write_text("[server]\nrtr-allow = 192.0.2.0/24\n")
        cache.ask("reload")
        assert router.read() is None
        config.write_text("[server]\nrtr-allow = everybody\n")
        done = cache.ask("reload", check=False)
        assert done.returncode == 1 and "everybody" in done.stderr
        config.write_text("[server]\n")
        cache.ask("reload")
        again = cache.router(2)
        again.reset()


def test_ceilings(forge, tmp_path):
    with running(forge, tmp_path, "--rtr-max-clients-per-address", "3") as cache:
        held = [cache.router(2) for _ in range(3)]
        for router in held:
            router.reset()
        fourth = cache.router(2)
        assert fourth.read() is None
        held[0].close()
        def again():
            router = cache.router(2)
            try:
                router.ask_reset()
                return router.read() is not None
            except OSError:
                return False
        until(again, "a place for another")


def test_no_ceiling_for_what_has_no_address(forge, tmp_path):
    """All routers that come over SSH are one socket's callers; those in all are
    counted, and the TCP port keeps its own ceiling."""
    local = tmp_path / "rtr.sock"
    with running(forge, tmp_path, "--rtr-socket", local, "--rtr-max-clients-per-address", "1",
                 "--rtr-max-clients", "5") as cache:
        held = [cache.router(2), *(Local(local, 2) for _ in range(4))]
        for router in held:
            router.reset()
        with Local(local, 2).socket as sixth:
            assert sixth.recv(1) == b""
        cache.wait_for("rtr local: refused: too many clients (")
        held.pop().close()
        until(lambda: "rtr-connections: 4\n" in cache.get("/status")[1], "one less")
        with cache.router(2).socket as second:
            assert second.recv(1) == b""
        cache.wait_for("rtr 127.0.0.1: refused: too many clients from this address")
        for router in held:
            router.close()


MANY_ADDRESSES = """
import socket, subprocess, sys, time
SERVER = "2001:db8::1"
ROUTERS = "2001:db8::2", "2001:db8:0:0:a::", "2001:db8::ffff:3", "2001:db8:0:1::2"
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for address in SERVER, *ROUTERS:
    subprocess.run(["ip", "address", "add", address, "dev", "lo", "nodad"], check=True)
server = subprocess.Popen(sys.argv[1:])
held = []

def stays(address):
    end = time.monotonic() + 60
    while True:
        try:
            held.append(socket.create_connection((SERVER, 3323), 60, (address, 0)))
            break
        except OSError:  # it does not listen yet, or the kernel has no route yet
            assert time.monotonic() < end and server.poll() is None
            time.sleep(0.05)
    try:
        held[-1].sendall(bytes.fromhex("0202000000000008"))
        return held[-1].recv(1) != b""
    except ConnectionError:
        return False

try:
    print([stays(address) for address in ROUTERS])
finally:
    server.terminate()
    server.wait()
"""


def test_ceiling_of_a_network(kedge, tmp_path):
    """Who has an IPv6 network of 64 bits has all its addresses, and is one."""
    alone = ["unshare", "-rn"]
    if subprocess.run([*alone, "ip", "link", "set", "lo", "up"],
                      capture_output=True).returncode != 0:
        pytest.skip("no network namespaces")
    done = subprocess.run(
        [*alone, sys.executable, "-c", MANY_ADDRESSES, kedge.program, "server",
         "-v", "--repository-dir", tmp_path / "cache", "--state-dir", tmp_path / "state",
         "--rtr", "[2001:db8::1]:3323", "--rtr-max-clients-per-address", "2"], capture_output=True, text=True)
    assert done.stdout == "[True, True, False, True]\n", done.stderr
    assert "refused: too many clients from this address" in done.stderr


def timers(port, side=1):
    """(which, seconds) of the connections that this port has taken: 2 is keepalive. With
    side 2 those of the others."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [(int(row[5][:2]), int(row[5][3:], 16) / os.sysconf("SC_CLK_TCK"))
            for row in rows if row[side].endswith(f":{port:04X}") and row[3] == "01"]


def test_keepalive(forge, tmp_path):
    """Who is gone without a word is found by TCP, as often as was asked for."""
    config = tmp_path / "kedge.conf"
    config.write_text("[server]\n")
    with running(forge, tmp_path, "--config", config) as cache:
        for words, most in ("", 60), ("rtr-tcp-keepalive = 7\n", 7):
            config.write_text("[server]\n" + words)
            cache.ask("reload")
            router = cache.router(2)
            router.reset()
            (which, seconds), = timers(cache.rtr)
            assert which == 2 and most - 5 < seconds <= most
            router.close()
            until(lambda: not timers(cache.rtr), "its end")
        config.write_text("[server]\nrtr-tcp-keepalive = 0\n")
        cache.ask("reload")
        router = cache.router(2)
        router.reset()
        (which, _), = timers(cache.rtr)
        assert which == 0
        router.close()


# --- sockets

def test_several_listeners(forge, tmp_path):
    ports = [free_port(), free_port()]
    with running(forge, tmp_path, "--rtr", f"127.0.0.2:{ports[0]}",
                 "--rtr", f"[::1]:{ports[1]}") as cache:
        for host, port in (("127.0.0.2", ports[0]), ("::1", ports[1])):
            router = Router(port, version=2, host=host)
            router.reset()
            assert router.vrps == cache.vrps()


HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


def test_sockets_of_the_manager(forge, tmp_path):
    """As systemd passes them: from descriptor 3 on, with their names."""
    passed = socket.socket()
    passed.bind(("127.0.0.1", 0))
    passed.listen()
    port = passed.getsockname()[1]

    with running(forge, tmp_path) as cache:
        if b"libsystemd" not in subprocess.run(["ldd", cache.kedge.program],
                                               capture_output=True).stdout:
            pytest.skip("built without libsystemd")
        cache.end()
        for name, good in (("rtr", True), ("nonsense", False)):
            with cache.log.open("a") as log:
                cache.process = subprocess.Popen(
                    [sys.executable, "-c", HAND_OVER, str(passed.fileno()), name,
                     cache.kedge.program, "server", *cache.options],
                    pass_fds=[passed.fileno()], stderr=log, stdout=log)
            if good:
                router = Router(port, version=2)
                router.ask_reset()
                until(lambda: cache.process.poll() is not None or router.answer(),
                      f"an answer in {cache.said()}")
                router.close()
                assert cache.end() == 0
            else:
                assert cache.process.wait(timeout=60) == 1
                assert "a socket called `nonsense` was passed" in cache.said()


def test_one_socket_for_both_families(forge, tmp_path):
    """As a unit without BindIPv6Only= passes it: who comes over IPv4 is known by
    that address, to the list and to the ceiling."""
    with socket.create_server(("::", 0), family=socket.AF_INET6,
                              dualstack_ipv6=True) as passed, running(forge, tmp_path) as cache:
        if b"libsystemd" not in subprocess.run(["ldd", cache.kedge.program],
                                               capture_output=True).stdout:
            pytest.skip("built without libsystemd")
        cache.end()
        with cache.log.open("a") as log:
            cache.process = subprocess.Popen(
                [sys.executable, "-c", HAND_OVER, str(passed.fileno()), "rtr",
                 cache.kedge.program, "server", *cache.options, "--rtr-allow", "127.0.0.0/8",
                 "--rtr-max-clients-per-address", "2"],
                pass_fds=[passed.fileno()], stderr=log, stdout=log)
        held = [cache.router(2, passed.getsockname()[1]) for _ in range(3)]
        held[0].reset()
        held[1].reset()
        cache.wait_for("rtr 127.0.0.1: refused: too many clients from this address")
        with socket.create_connection(("::1", passed.getsockname()[1]), timeout=30):
            cache.wait_for("rtr ::1: refused: not on the access list")


def test_stdio_bridge(forge, tmp_path):
    local = tmp_path / "rtr.sock"
    with running(forge, tmp_path, "--rtr-socket", local) as cache:
        bridge = subprocess.Popen([cache.kedge.program, "rtr-stdio", "--rtr-socket", local],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        direct = cache.router(2)
        direct.ask_reset()
        expected = b"".join(p.octets for p in direct.answer())
        bridge.stdin.write(bytes.fromhex("0202000000000008"))
        bridge.stdin.flush()
        got = b""
        while len(got) < len(expected):
            got += os.read(bridge.stdout.fileno(), 65536)
        assert got == expected
        bridge.stdin.close()
        assert bridge.wait(timeout=60) == 0
        # And by `kedge rtr` at the path itself.
        table, _ = asked(cache, local)
        assert table == cache.vrps()
    done = subprocess.run([cache.kedge.program, "rtr-stdio", "--rtr-socket", local],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "does the server run?" in done.stderr


def test_ssh(forge, tmp_path):
    """The subsystem of RFC 6810 and its heirs, in an sshd of our own."""
    sshd = routers.program("sshd")
    if sshd is None or routers.program("ssh-keygen") is None:
        pytest.skip("no sshd")
    if os.getuid() != 0:
        pytest.skip("sshd changes users: it wants to be root")
    local = tmp_path / "rtr.sock"
    keys = tmp_path / "ssh"
    keys.mkdir(mode=0o700)
    for name in "host", "user":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / name],
                       check=True)
    port = free_port()
    (keys / "sshd_config").write_text(f"""
Port {port}
ListenAddress 127.0.0.1
HostKey {keys}/host
PidFile {keys}/pid
AuthorizedKeysFile {keys}/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem rpki-rtr {os.environ["KEDGE_PREFIX"]}/bin/kedge rtr-stdio --rtr-socket {local}
""")
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    with running(forge, tmp_path, "--rtr-socket", local) as cache:
        server = routers.Process(tmp_path / "sshd").run(
            sshd, "-D", "-e", "-f", keys / "sshd_config")
        try:
            until(lambda: "Server listening" in server.said(), "sshd")
            done = subprocess.run(
                ["ssh", "-p", str(port), "-i", str(keys / "user"), "-o", "BatchMode=yes",
                 "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                 "-F", "none", "-s", "root@127.0.0.1", "rpki-rtr"],
                input=bytes.fromhex("0202000000000008"), capture_output=True, timeout=60)
            direct = cache.router(2)
            direct.ask_reset()
            assert done.stdout == b"".join(p.octets for p in direct.answer()), done.stderr
            if routers.program("rtrclient") is not None:
                client = routers.RtrClient(
                    tmp_path / "rtrclient", "ssh", "-p", "-k", "127.0.0.1", str(port),
                    "root", keys / "user")
                try:
                    until(lambda: client.table() == cache.vrps(), client.said())
                finally:
                    client.end()
        finally:
            server.end()


# --- kedge rtr

def test_rtr_formats_and_versions(tls):
    where = f"127.0.0.1:{tls.rtr}"
    table, done = asked(tls, where, "-v")
    assert table == tls.vrps()
    assert f"version 2, session" in done.stderr and "serial" in done.stderr
    done = tls.kedge.run("rtr", where, "--format", "json")
    assert '"aspas"' in done.stdout and '"AS64500"' in done.stdout
    done = tls.kedge.run("rtr", where, "--format", "json", "--rtr-version", "1")
    assert '"AS64500"' not in done.stdout
    table, _ = asked(tls, where, "--select-asn", "AS64497")
    assert table == {row for row in tls.vrps() if row[0] == "AS64497"}


def test_rtr_follows(forge, tmp_path):
    with running(forge, tmp_path) as cache:
        out = (tmp_path / "followed").open("wb")
        follower = subprocess.Popen([cache.kedge.program, "rtr", f"127.0.0.1:{cache.rtr}",
                                     "--follow"], stdout=out, stderr=out)

        def said():
            return (tmp_path / "followed").read_text()
        try:
            until(lambda: said().count("\n") == 6, "the first set")
            assert "+ aspa AS64496 AS64497 AS64500\n" in said()
            assert "+ AS64496 10.1.1.0/24-26\n" in said()
            cache.change({("AS64501", "10.3.0.0/16", "24")})
            until(lambda: "+ AS64501 10.3.0.0/16-24\n" in said(), "the change")
            assert [which for which, _ in timers(cache.rtr, 2)] == [2]
        finally:
            follower.terminate()
            follower.wait(timeout=30)


def test_rtr_follows_over_broken_tls(kedge, papers):
    """Whoever follows comes again after the retry time, whatever ended TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.folder / "server.pem", papers.folder / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        follower = subprocess.Popen(
            [kedge.program, "rtr", "127.0.0.1:%d" % listener.getsockname()[1], "--tls",
             "--tls-ca", papers.ca, "--follow"], stderr=subprocess.PIPE, text=True)
        try:
            for query in "0202000000000008", "02010005" "0000000c" "00000001":
                peer, _ = listener.accept()
                with peer.dup() as raw, context.wrap_socket(peer, server_side=True) as inner:
                    assert inner.recv(12).hex() == query
                    inner.sendall(bytes.fromhex(
                        "0203000500000008" "0207000500000018" "00000001"
                        "00000001" "00000001" "00000258"))
                    raw.sendall(b"no record of TLS")
        finally:
            follower.terminate()
            assert "wrong version number" in follower.communicate(timeout=30)[1]


def test_rtr_complaints(kedge, tmp_path):
    done = kedge.run("rtr", check=False)
    assert done.returncode == 1 and "which cache? kedge rtr HOST:PORT" in done.stderr
    port = free_port()
    done = kedge.run("rtr", f"127.0.0.1:{port}", check=False)
    assert done.returncode == 1 and "Connection refused" in done.stderr
    with socket.socket() as quiet:
        quiet.bind(("127.0.0.1", 0))
        quiet.listen()
        done = kedge.run("rtr", f"127.0.0.1:{quiet.getsockname()[1]}", "--timeout", "1",
                         check=False)
    assert done.returncode == 1 and "no answer came in time" in done.stderr


def test_rtr_against_stayrtr(tmp_path, kedge):
    """A cache of another house: versions 0 and 1, so that we step down."""
    if routers.program("stayrtr") is None:
        pytest.skip("no stayrtr")
    roas = tmp_path / "roas.json"
    roas.write_text('{"metadata": {"buildtime": "%s"}, "roas": ['
                    '{"prefix": "10.1.0.0/16", "maxLength": 24, "asn": "AS64496", "ta": "x"},'
                    '{"prefix": "2001:db8::/32", "maxLength": 48, "asn": "AS64497", "ta": "x"}]}'
                    % time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    port = free_port()
    stay = routers.Process(tmp_path / "stayrtr").run(
        routers.program("stayrtr"), "-bind", f"127.0.0.1:{port}", "-cache", roas,
        "-metrics.addr", "", "-checktime=false")
    try:
        def listens():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0
        until(listens, "stayrtr")

        def whole():
            done = kedge.run("rtr", f"127.0.0.1:{port}", "--format", "csv", check=False)
            return done.stdout.count("\n") == 3 and done
        done = until(whole, "a set from stayrtr")
        assert "AS64496,10.1.0.0/16,24" in done.stdout
        assert "AS64497,2001:db8::/32,48" in done.stdout
    finally:
        stay.end()
