# SPDX-License-Identifier: BSD-2-Clause
"""Servers that speak rsync's protocol as they please, met by the real rsync
under kedge's leash: the run goes on, one fault names the module and says what
came, and what was held is kept."""
import socket
import struct
import threading

import pytest

from test_hostile_rsync import kept_of, modules, news_of, stand_in, warm  # noqa: F401


def line(c):
    got = b""
    while not got.endswith(b"\n"):
        one = c.recv(1)
        if not one:
            raise OSError("gone")
        got += one
    return got


def greet(c, version=b"31.0"):
    """Up to the name of the module."""
    c.sendall(b"@RSYNCD: " + version + b"\n")
    line(c)
    assert line(c).startswith(b"bad")


def says(*words):
    def script(c):
        greet(c)
        for word in words:
            c.sendall(word)
        c.recv(1 << 16)
    return script


def garbage(c):
    c.sendall(b"\0\xff" * 5000)
    c.recv(1 << 16)


def nothing(c):
    line(c)


def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def endless(what):
    def script(c):
        greet(c)
        while True:
            c.sendall(what)
    return script


def another_version(c):
    c.sendall(b"@RSYNCD: 15.0\n")
    c.recv(1 << 16)


def dismissal(c):
    c.sendall(b"@RSYNCD: 31.0\n@RSYNCD: EXIT\n")
    c.recv(1 << 16)


# What it does -> what the log says of it.
SERVERS = {
    "nothing": (nothing, ""),
    "reset": (reset, "exit code"),
    "garbage": (garbage, "exit code"),
    "another version": (another_version, "exit code"),
    "no such module": (says(b"@ERROR: Unknown module 'bad'\n"), "Unknown module"),
    "too many": (says(b"@ERROR: max connections (2) reached -- try again later\n"),
                 "exit code 5: @ERROR: max connections"),
    "an error with escapes": (says(b"@ERROR: \x1b]0;x\x07 \x1b[31m" + b"A" * 900 + b"\n"),
                              "@ERROR: "),
    "a dismissal": (says(b"@RSYNCD: EXIT\n"), "before anything was compared"),
    "a list of modules": (says(b"bad            \tthis\nother\t\n", b"@RSYNCD: EXIT\n"),
                          "before anything was compared"),
    "a dismissal at once": (dismissal, "before anything was compared"),
    "words without end of line": (says(b"@ERROR: go away"), "timeout"),
    "wants a password": (says(b"@RSYNCD: AUTHREQD c2FsdA\n"), "exit code"),
    "garbage within": (says(b"@RSYNCD: OK\n", b"\x07\xd7" * 100000), "exit code"),
    "end within": (says(b"@RSYNCD: OK\n", b""), ""),
    "a line without end": (endless(b"x" * 65536), "exit code"),
    "greetings without end": (endless(b"welcome \x1b[31m\r\n" * 1000), ""),
}


@pytest.fixture
def server():
    """Serves one script on a port of its own."""
    listening = socket.socket()

    def serve(script):
        def answer(c):
            with c:
                try:
                    script(c)
                except OSError:
                    pass

        def accept():
            while True:
                try:
                    c, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(c,), daemon=True).start()
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=accept, daemon=True).start()
        return listening.getsockname()[1]
    yield serve
    listening.close()


@pytest.mark.parametrize("name", SERVERS)
def test_server(modules, warm, stand_in, server, name):  # noqa: F811
    script, said = SERVERS[name]
    there = f"localhost:{modules.rsync_port}/bad/"
    port = server(script)
    program = stand_in(
        f'set -- $(echo "$@" | sed "s#{there}#localhost:{port}/bad/#")')
    run = modules.by_rsync(warm, 1, "--rsync-command", program,
                           "--rsync-timeout", 6, mount=False)
    labels = run.faults.pop(modules.rsync + "bad/")
    assert run.faults == {} and labels in (["rsync-exit"], ["rsync-timeout"]), run.stderr
    assert said in run.stderr and "\x1b" not in run.stderr and "\x07" not in run.stderr
    assert run.of("10.1.") == kept_of(modules), run.stderr
    assert run.of("10.2.") == news_of(modules), run.stderr
    well = modules.by_rsync(warm, 1)
    assert well.vrps == modules.steps[1].vrps() and well.labels() == []
