# SPDX-License-Identifier: BSD-2-Clause
"""`kedge server`, started for a test and ended with it."""
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

from kedge import clean
from ports import free_port

PATIENCE = 60  # seconds for a condition to come about on a busy machine


def until(condition, what, patience=PATIENCE):
    """Wait until condition() is true; what it gave."""
    end = time.monotonic() + patience
    while True:
        got = condition()
        if got:
            return got
        assert time.monotonic() < end, f"{what}: it did not come about"
        time.sleep(0.05)


def gated_rsync(folder, asked="*"):
    """An rsync that waits while the gate is there, where its words match."""
    gate, program = folder / "gate", folder / "gated-rsync"
    program.write_text(f"""#!/bin/sh
case "$*" in {asked}) while [ -e {gate} ]; do sleep 0.1; done;; esac
exec rsync "$@"
""")
    program.chmod(0o755)
    return gate, program


class Daemon:
    """One server on a site of a tale (story.py); its state outlives restarts."""

    def __init__(self, kedge, tale, *extra):
        self.kedge = kedge
        self.folder = kedge.cache.parent
        self.state = self.folder / "state"
        self.log = self.folder / "server.log"
        self.rtr = free_port()
        self.http = free_port()
        self.options = [
            "--no-rir-tals", "--extra-tals-dir", str(tale.tals),
            "--repository-dir", str(kedge.cache), "--allow-dubious-hosts",
            "--rrdp-root-cert", str(kedge.site.root_cert),
            "--state-dir", str(self.state),
            "--rtr", f"127.0.0.1:{self.rtr}",
            "--http", f"127.0.0.1:{self.http}", "-v", *map(str, extra)]
        self.process = None

    def start(self, *extra, env=None):
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [self.kedge.program, "server", *self.options, *map(str, extra)],
                stderr=log, stdout=log, env={**os.environ, **(env or {})})
        return self

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def memory(self):
        """KiB that are resident."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0])

    def wait_for(self, text, times=1):
        """Until the log holds a text so many times."""
        def there():
            assert self.process.poll() is None or text in self.said(), self.said()
            return self.said().count(text) >= times
        until(there, f"`{text}` in {self.said()}")

    def ask(self, *words, check=True):
        """A command on the running server."""
        return self.kedge.run(*words, "--state-dir", self.state, check=check)

    def get(self, path, body=None):
        """(status, body) of an HTTP request: a POST where it has a body (JSON)."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}", body,
            {} if body is None else {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def engine(self):
        """The process of the engine at work, or None."""
        found = subprocess.run(
            ["ps", "-e", "-o", "pid=,ppid=,comm="], capture_output=True,
            text=True, check=True).stdout
        rows = [line.split(None, 2) for line in found.splitlines()]
        keepers = {pid for pid, ppid, _ in rows if ppid == str(self.process.pid)}
        for pid, ppid, name in rows:
            if ppid in keepers and name.startswith("kedge-engine"):
                return int(pid)
        return None

    def end(self, how=signal.SIGTERM):
        """The exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=PATIENCE)
        self.process = None
        clean(self.said())
        return code
